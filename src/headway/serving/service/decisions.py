"""Looking decisions up in the tables that intake fills."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from headway import catalog
from headway.kernel import clock, ids
from headway.serving import columns
from headway.serving.entities import DecisionView
from headway.serving.errors import UnknownDecision

RECENT = timedelta(minutes=10)
"""How long after a decision nobody wonders that it has not been taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The erasable half of a decision: what was asked about whom, and the reasons given."""

    subject: str | None
    salt: str
    input: str
    reasons: str


def get_decision(lake: catalog.Lake, decision_id: str) -> tuple[DecisionView, str | None]:
    """A decision that was taken in, and the commitment to its payload; raises UnknownDecision."""
    rows = _rows(lake, columns.DECISIONS, f"id == '{_checked(decision_id)}'")
    if not rows:
        raise _unknown(decision_id)
    return view_of(rows[0]), rows[0]["payload_commitment"]


def get_payload(lake: catalog.Lake, decision_id: str) -> Payload | None:
    """The payload of a decision, None when it was erased."""
    rows = _rows(lake, columns.INPUTS, f"id == '{_checked(decision_id)}'")
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
        terms.append(f"id < '{_checked(cursor)}'")
    if not lake.exists(columns.DECISIONS):
        return [], None
    found = lake.scan(columns.DECISIONS, filter=" and ".join(terms) or None)
    rows = found.sort_by([("id", "descending")]).slice(0, limit + 1).to_pylist()
    return [view_of(row) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else None


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
    if not lake.exists(table):
        return []
    found: list[dict[str, Any]] = lake.scan(table, filter=condition).to_pylist()
    return found


def _checked(decision_id: str) -> str:
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
