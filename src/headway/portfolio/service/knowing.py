"""What the platform knows of a proposal before anybody types it, each with its source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from headway.governance import FactValue
from headway.kernel.auth import Actor
from headway.portfolio.adapters import Shelf
from headway.portfolio.entities import Known


def known_at_intake(actor: Actor, shelf: Shelf, *, solution: str | None = None) -> tuple[Known, ...]:
    """Tell what follows from who proposes and from the solution chosen; ``risk.NAME`` are risk facts.

    A solution that is not there says nothing: the entry's own checks refuse what they must.
    """
    found = list(_of_person(actor))
    chosen = shelf.solutions.get(solution) if solution else None
    if chosen is None:
        return tuple(found)
    if chosen.purpose:
        found.append(Known(field="purpose", value=chosen.purpose, source="solution"))
    if chosen.indicators:
        found.append(Known(field="success_measure", value=chosen.indicators[0].title, source="solution"))
    for name, value in sorted(chosen.risk.items()):
        if value is not None:
            found.append(Known(field=f"risk.{name}", value=_plain(value), source="solution"))
    return tuple(found)


def _of_person(actor: Actor) -> Sequence[Known]:
    if not actor.is_person:
        return ()
    places = {grant.department for grant in actor.roles}
    owner = Known(field="owner", value=actor.ref, source="proposer")
    if len(places) != 1 or None in places:
        return (owner,)
    return (owner, Known(field="department", value=cast("str", places.pop()), source="role"))


def _plain(value: object) -> FactValue:
    return list(value) if isinstance(value, tuple) else cast("FactValue", value)
