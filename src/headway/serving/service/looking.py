"""What a deployment decided, counted; and of one decision the input and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from headway import catalog
from headway.kernel import clock
from headway.kernel.settings import Environment
from headway.serving import columns, store
from headway.serving.entities import DecisionFigures, DecisionInput, OutcomeView, ReasonView
from headway.serving.errors import UnknownDeployment
from headway.serving.figures import figures_of
from headway.serving.service.decisions import checked_id, get_payload

FIGURES = ["at", "arm", "score", "band", "action"]


def decision_figures(
    session: Session, lake: catalog.Lake, *, deployment: str, environment: Environment, days: int = 30
) -> DecisionFigures:
    """Count what a deployment decided over the last days, today included; retired ones too.

    Raises: UnknownDeployment: there never was one of this name.
    """
    if store.usecase_of(session, deployment, environment) is None:
        raise UnknownDeployment(f"there never was a deployment {deployment!r} in {environment}")
    today = clock.now().date()
    first = datetime.combine(today - timedelta(days=days - 1), time(), UTC)
    frame = columns.table_of(columns.DECISIONS, []).select(FIGURES)
    if lake.exists(columns.DECISIONS):  # the name is one that a deployment has, so it holds no quote
        asked = f"environment == '{environment}' and deployment == '{deployment}' and at >= '{first.isoformat()}'"
        frame = lake.scan(columns.DECISIONS, filter=asked, columns=FIGURES)
    return figures_of(frame, today, days)


def decisions_by_day(session: Session, *, name: str, environment: Environment, first_day: date) -> Mapping[date, int]:
    """How many decisions nodes logged of a deployment's name on each day that had any; both arms are counted."""
    return store.decisions_by_day(session, name, environment, first_day)


def get_input(lake: catalog.Lake, decision_id: str) -> DecisionInput | None:
    """What was asked about whom, and the reasons given; None when it was erased or has not been taken in."""
    found = get_payload(lake, decision_id)
    if found is None:
        return None
    told: Mapping[str, Any] = json.loads(found.input or "{}")
    reasons = tuple(_reasons(found.reasons))
    return DecisionInput(decision=decision_id, subject=found.subject, input=dict(told), reasons=reasons)


def _reasons(text: str) -> Iterator[ReasonView]:
    for one in json.loads(text or "[]"):
        yield ReasonView(
            feature=one["feature"], label=one["label"], value=one["value"], contribution=one["contribution"]
        )


def list_outcomes(lake: catalog.Lake, decision_id: str) -> tuple[OutcomeView, ...]:
    """What came of a decision, the first told first; none while nobody told."""
    asked = f"decision == '{checked_id(decision_id)}'"
    try:
        found = lake.scan(columns.OUTCOMES, filter=asked).to_pylist()
    except catalog.UnknownTable:
        return ()
    names = OutcomeView.__dataclass_fields__
    rows = sorted(found, key=lambda row: (row["recorded_at"], row["id"]))
    return tuple(OutcomeView(**{name: row[name] for name in names}) for row in rows)
