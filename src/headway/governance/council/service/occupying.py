"""Who speaks for the seats of a department's council, without any item in mind."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway.governance.council.service.bodies import body_for
from headway.governance.council.voting import chain, deputies_of, holder_of
from headway.kernel import clock


def occupants(session: Session, department: str) -> Mapping[str, tuple[str, ...]]:
    """Name by seat who speaks for it in the council of a department: holder, those it was delegated to, deputies.

    Seats that nobody is in are not named; nothing is where there is no council.
    """
    body, at = body_for(session, department), clock.now()
    if body is None:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for seat in body.seats:
        holder = holder_of(body.members, seat, at)
        line = () if holder is None else (holder, *chain(body.delegations, seat, holder, at))
        if people := tuple(dict.fromkeys((*line, *deputies_of(body.members, seat, at)))):
            found[seat] = people
    return found
