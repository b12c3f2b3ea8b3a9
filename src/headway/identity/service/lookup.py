"""Who is meant: people by reference, id, mail address or name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from headway.identity import store
from headway.identity.entities import Person
from headway.kernel.paging import MAX_LIMIT

_PERSON = "person:"
_REF: Final = re.compile(r"person:[A-Za-z0-9_-]+")


def find_person(session: Session, text: str) -> Person | None:
    """Find the active person that a text means: ``person:ID``, a mail address, or a name that only one has."""
    meant = text.strip()
    if meant.startswith(_PERSON):
        found = store.get_person(session, meant.removeprefix(_PERSON))
        return found if found and found.is_active else None
    if "@" in meant:
        account = store.account(session, meant.lower())
        return account[0] if account and account[0].is_active else None
    named = [one for one in store.people(session, after=None, limit=MAX_LIMIT) if one.is_active and one.name == meant]
    return named[0] if len(named) == 1 else None


def people_of(session: Session, refs: Iterable[str]) -> Mapping[str, Person]:
    """Read people by their references; what names no person is left out."""
    wanted = {ref for ref in refs if ref.startswith(_PERSON)}
    found = {ref: store.get_person(session, ref.removeprefix(_PERSON)) for ref in sorted(wanted)}
    return {ref: person for ref, person in found.items() if person is not None}


def closed_among(session: Session, refs: Iterable[str]) -> frozenset[str]:
    """Choose the people whose account is closed; they are kept in records, and can do nothing any more."""
    ids = {ref.removeprefix(_PERSON) for ref in refs if ref.startswith(_PERSON)}
    return frozenset(f"{_PERSON}{one}" for one in store.closed(session, ids))


def names_of(session: Session, refs: Iterable[str]) -> Mapping[str, str]:
    """Name people and services for readers; what has no name keeps the part after the colon."""
    wanted = set(refs)
    people = people_of(session, wanted)
    return {ref: people[ref].name if ref in people else ref.partition(":")[2] or ref for ref in wanted}


def by_name(session: Session, text: str) -> str:
    """Tell a text with the names of the people whom it names by reference, for readers; it must not be kept like that."""
    refs = set(_REF.findall(text))
    known = names_of(session, refs) if refs else {}
    return _REF.sub(lambda found: known[found.group()], text)
