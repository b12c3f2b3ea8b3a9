"""People by name: pages say who did something, where services know a reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from headway import identity
from headway.governance import ControlResult
from headway.kernel.auth import SYSTEM
from headway.kernel.listing import LARGEST_PAGE, ListQuery

PERSON, SERVICE = "person:", "service:"


class Names(Mapping[str, str]):
    """The names of references; one that is nobody's stands for itself, so that a template can always look it up."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def __getitem__(self, reference: str | None) -> str:
        if not reference:
            return "–"
        known = SYSTEM.name if reference == SYSTEM.ref else self._known.get(reference)
        return known or reference.removeprefix(SERVICE)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def names(session: Session, references: Iterable[str | None]) -> Names:
    """The names of whoever references such as ``person:ID`` stand for, read in one go."""
    people = sorted({one.removeprefix(PERSON) for one in references if one and one.startswith(PERSON)})
    found: dict[str, str] = {}
    for start in range(0, len(people), LARGEST_PAGE):
        asked = ListQuery(filters={"id": tuple(people[start : start + LARGEST_PAGE])}, limit=LARGEST_PAGE)
        found |= {person.ref: person.name for person in identity.find_people(session, asked).items}
    return Names(found)


def named_controls(session: Session, controls: Iterable[ControlResult]) -> tuple[ControlResult, ...]:
    """What controls said, with people by name in their reasons; they are kept with references."""
    return tuple(replace(one, reason=identity.by_name(session, one.reason)) for one in controls)
