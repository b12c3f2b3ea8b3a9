"""Whom the organisation's decision rights have told of an event, by what it is about and the departments that it concerns."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import governance, incidents, portfolio, scaling
from headway.governance import mandates
from headway.identity import ROOT
from headway.kernel.errors import NotFound


def told(session: Session, ref: str, event: str, environment: str | None) -> tuple[str, ...]:
    """The people who are told of an event about a use case, a plan to scale one, an incident, a round of means or the appetite.

    Args: environment: of the release that the event is about, if it is about one. Things of other kinds are told nobody.
    """
    kind, _, name = ref.partition(":")
    try:
        if kind == "usecase":
            return mandates.told_of(session, governance.get_usecase(session, name), event, environment)
        return mandates.told_in(session, _departments(session, kind, name), event)
    except NotFound:
        return ()


def _departments(session: Session, kind: str, name: str) -> set[str]:
    """The departments that a thing without a lane concerns."""
    match kind:
        case "scaleplan":
            plan = scaling.get_plan(session, name)
            return {plan.department, governance.get_usecase(session, plan.usecase).department}
        case "incident":
            found = incidents.get_incident(session, name)
            return {found.department, *(governance.get_usecase(session, one).department for one in found.usecases)}
        case "allocation":
            return {ROOT, *(one.department for one in portfolio.get_allocation(session, name).needs)}
        case "appetite":
            return {ROOT}
        case _:
            return set()
