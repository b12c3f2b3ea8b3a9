"""What the inventory knows of a use case, as clocks ask for it: what people said and what is derived, unknown where neither is. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from headway.governance import UseCase
from headway.incidents.entities import CaseFacts, Fact

NOBODY = CaseFacts(usecase=None, facts=(), jurisdictions=None)
"""The case of an incident of which no use case is known."""
UNDECIDED = "undecided"


def facts_of(case: UseCase) -> CaseFacts:
    """Put together what is known; a tier that nobody decided is unknown, and so is a list that nobody filled."""
    known: dict[str, Fact] = {name: _fact(value) for name, value in case.risk.items()}
    for one in case.derived:
        known[one.name] = _together(_fact(one.value), known.get(one.name))
    where = known.pop("jurisdictions", None)
    known["tier"] = None if case.tier.value == UNDECIDED else case.tier.value
    return CaseFacts(
        usecase=case.slug,
        facts=tuple(sorted(known.items())),
        jurisdictions=where if isinstance(where, tuple) else None,
    )


def of_all(cases: Iterable[UseCase]) -> tuple[CaseFacts, ...]:
    """The facts of all use cases concerned; where there is none, the case of which nothing is known."""
    return tuple(facts_of(case) for case in cases) or (NOBODY,)


def _fact(value: object) -> Fact:
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    if isinstance(value, bool | str) or value is None:
        return value
    return str(value)


def _together(known: Fact, said: Fact) -> Fact:
    if isinstance(known, tuple) and isinstance(said, tuple):
        return (*known, *(one for one in said if one not in known))
    return known
