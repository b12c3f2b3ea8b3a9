"""Looking decisions up in the tables that intake fills."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import Session

from headway import catalog, governance
from headway.kernel import clock, ids, listing
from headway.kernel.listing import NOTHING, Column, Found, Listing, ListQuery
from headway.kernel.settings import ENVIRONMENTS
from headway.serving import columns, store
from headway.serving.entities import DecisionView
from headway.serving.errors import UnknownDecision

RECENT = timedelta(minutes=10)
"""How long after a decision nobody wonders that it has not been taken in."""


_ANY: ColumnElement[str] = literal_column("''")
OFFERED = Listing(
    columns={
        "id": Column(of=_ANY, is_searched=True, is_sorted=False),
        "deployment": Column(of=_ANY, filter="exact", is_sorted=False),
        "environment": Column(of=_ANY, filter="exact", choices=ENVIRONMENTS, is_sorted=False),
        "release": Column(of=_ANY, filter="exact", is_sorted=False),
        "arm": Column(of=_ANY, filter="exact", is_sorted=False),
        "band": Column(of=_ANY, filter="exact", is_sorted=False),
        "action": Column(of=_ANY, filter="exact", is_sorted=False),
        "principal": Column(of=_ANY, filter="exact", is_sorted=False),
        "node": Column(of=_ANY, filter="exact", is_sorted=False),
        "score": Column(of=_ANY, filter="numbers", is_sorted=False),
        "at": Column(of=_ANY, filter="dates", is_sorted=False),
    },
    key=(_ANY,),
    sort="at",
    descending=True,
)
"""What can be asked of decisions. They lie in Iceberg, so the columns have no SQL; newest first is the only order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The erasable half of a decision: what was asked about whom, and the reasons given."""

    subject: str | None
    salt: str
    input: str
    reasons: str


def get_decision(lake: catalog.Lake, decision_id: str) -> tuple[DecisionView, str | None]:
    """A decision that was taken in, and the commitment to its payload; raises UnknownDecision."""
    rows = _rows(lake, columns.DECISIONS, f"id == '{checked_id(decision_id)}'")
    if not rows:
        raise _unknown(decision_id)
    return view_of(rows[0]), rows[0]["payload_commitment"]


def get_payload(lake: catalog.Lake, decision_id: str) -> Payload | None:
    """The payload of a decision, None when it was erased."""
    rows = _rows(lake, columns.INPUTS, f"id == '{checked_id(decision_id)}'")
    if not rows:
        return None
    row = rows[0]
    return Payload(subject=row["subject"], salt=row["salt"], input=row["input"], reasons=row["reasons"])


def list_decisions(
    lake: catalog.Lake,
    *,
    deployment: str | None = None,
    environment: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[DecisionView], str | None]:
    """Decisions taken in, newest first, and the cursor of those after them."""
    terms = [
        f"{name} == '{value}'" for name, value in (("deployment", deployment), ("environment", environment)) if value
    ]
    if cursor:
        terms.append(f"id < '{checked_id(cursor)}'")
    if not lake.exists(columns.DECISIONS):
        return [], None
    found = lake.scan(columns.DECISIONS, filter=" and ".join(terms) or None)
    rows = found.sort_by([("id", "descending")]).slice(0, limit + 1).to_pylist()
    return [view_of(row) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else None


def find_decisions(session: Session, lake: catalog.Lake, asked: ListQuery) -> Found[DecisionView]:
    """Search, filter and leaf through decisions, newest first; a search is the start of an id. Raises BadListing.

    There may be millions: they are counted to ``listing.COUNTED``, and files that are too old are not opened.
    """
    listing.check(OFFERED, asked)
    groups = _groups(asked)
    if asked.within is not None:
        groups.append(_within(session, asked.within))
    last = asked.offset + asked.limit
    try:
        found = lake.newest(columns.DECISIONS, by=("at", "id"), groups=groups, last=last, counted=listing.COUNTED)
    except catalog.UnknownTable:
        return Found(items=(), total=0, is_more=False, query=asked)
    rows = found.rows.slice(asked.offset, asked.limit).to_pylist()
    return Found(items=tuple(map(view_of, rows)), total=found.total, is_more=found.is_more, query=asked)


def _groups(asked: ListQuery) -> list[list[catalog.Term]]:
    groups = [[catalog.Term(column="id", operator="starts", value=asked.search)]] if asked.search else []
    for name, values in asked.filters.items():
        if values:
            groups += _alternatives(name, values)
    return groups


def _alternatives(name: str, values: tuple[str, ...]) -> list[list[catalog.Term]]:
    """What a filter asks for. Ranges are joined by *and*, so that of several only what lies in all is found."""
    kind = OFFERED.columns[name].filter
    if kind == "exact":
        told = [value for value in values if value != NOTHING]
        terms = [catalog.Term(column=name, operator="in", value=told)] if told else []
        return [[*terms, *([catalog.Term(column=name, operator="empty")] if NOTHING in values else [])]]
    groups = []
    for value in values:
        low, high, is_open = (listing.date_range if kind == "dates" else listing.number_range)(value) or (None,) * 3
        if low is not None:
            groups.append([catalog.Term(column=name, operator=">=", value=_plain(low))])
        if high is not None:
            groups.append([catalog.Term(column=name, operator="<" if is_open else "<=", value=_plain(high))])
    return groups


def _plain(end: datetime | Decimal) -> str | float:
    return end.isoformat() if isinstance(end, datetime) else float(end)


def _within(session: Session, departments: frozenset[str]) -> list[catalog.Term]:
    """The decisions of deployments that belong to use cases of these departments."""
    owners = governance.usecase_departments(session)
    names = sorted({name for name, usecase in store.deployment_names(session) if owners.get(usecase) in departments})
    return [catalog.Term(column="deployment", operator="in", value=names)] if names else []


def view_of(row: dict[str, Any]) -> DecisionView:
    """Make the entity of a row."""
    names = DecisionView.__dataclass_fields__
    return DecisionView(
        **{name: row[name] for name in names if name != "flags"}, flags=tuple(json.loads(row["flags"] or "[]"))
    )


def is_recent(decision_id: str) -> bool:
    """Tell from its id whether a decision is so young that it may not have been taken in yet."""
    made = ids.made_at(decision_id)
    return made is not None and clock.now() - made < RECENT


def _rows(lake: catalog.Lake, table: str, condition: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = lake.scan(table, filter=condition).to_pylist()
    except catalog.UnknownTable:
        return []
    return found


def checked_id(decision_id: str) -> str:
    """Refuse what can be no id; raises UnknownDecision."""
    if not decision_id.replace("_", "").isalnum() or not decision_id.isascii():
        raise _unknown(decision_id)
    return decision_id


def _unknown(decision_id: str) -> UnknownDecision:
    if is_recent(decision_id):
        return UnknownDecision(
            f"decision {decision_id!r} is not yet taken in",
            hint="its node seals a segment of the log after a few seconds and ships it; try again then",
        )
    return UnknownDecision(f"no decision {decision_id!r}", hint="see 'headway decision list'")
