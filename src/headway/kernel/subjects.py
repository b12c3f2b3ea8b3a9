"""What a reference names, in the words that people and rules need: a title, an address, a department, who may read it.

Lower packages know higher things by plain references. ``entrypoints.subjects`` knows every domain and answers for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session

from headway.kernel.auth import Resource
from headway.kernel.errors import NotFound
from headway.kernel.ids import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something that is named by a reference; who may do ``action`` to ``resource`` may read it."""

    ref: str
    kind: str
    title: str
    href: str
    department: str | None
    action: str
    resource: Resource


class UnknownSubject(NotFound):
    """No such thing is there, or it is of a kind that nobody can speak about here."""

    code = "subject.unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Something that was made from another thing and depends on it, as a model on the data it learned from."""

    ref: str
    title: str
    usecase: str | None
    people: tuple[str, ...]  # who answer for it


class Subjects(Protocol):
    """Answers what references name and who has to do with them."""

    def describe(self, session: Session, ref: Ref | str) -> Subject:
        """Describe a thing; raises UnknownSubject, also for kinds that nobody knows."""

    def titles(self, session: Session, refs: Collection[str]) -> Mapping[str, str]:
        """How people call things, by reference; those that nobody knows are left out."""

    def responsible(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who answers for a thing: references of the people who own it, stand behind it or began it."""

    def approvers(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who may approve what was asked for: a release, an approval or a waiver. Never who asked."""

    def operators(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who holds the role to run what belongs to a thing's department."""

    def overseers(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Who is alarmed about a thing: the AI office and the operators of its department."""

    def told(self, session: Session, ref: Ref | str, event: str, environment: str | None) -> tuple[str, ...]:
        """Who is told of an event about a thing because the organisation's decision rights say so."""

    def may_read(self, session: Session, person: str, ref: Ref | str) -> bool:
        """Whether a person may read a thing, with the roles they hold now."""

    def readers(self, session: Session, ref: Ref | str) -> tuple[Reader, ...]:
        """What depends on a thing: models that learned from a data product, and where they are deployed."""


class NoSubjects:
    """Knows nothing, so that nothing can be spoken about."""

    def describe(self, session: Session, ref: Ref | str) -> Subject:
        """Refuse."""
        raise UnknownSubject(f"nothing is known about {ref}")

    def titles(self, session: Session, refs: Collection[str]) -> Mapping[str, str]:
        """Name nothing."""
        return {}

    def responsible(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Name nobody."""
        return ()

    def approvers(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Name nobody."""
        return ()

    def operators(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Name nobody."""
        return ()

    def overseers(self, session: Session, ref: Ref | str) -> tuple[str, ...]:
        """Name nobody."""
        return ()

    def told(self, session: Session, ref: Ref | str, event: str, environment: str | None) -> tuple[str, ...]:
        """Name nobody."""
        return ()

    def may_read(self, session: Session, person: str, ref: Ref | str) -> bool:
        """Let nobody read."""
        return False

    def readers(self, session: Session, ref: Ref | str) -> tuple[Reader, ...]:
        """Name nothing."""
        return ()


def readable(subjects: Subjects, permit: Callable[[str, Resource], None], session: Session, ref: str) -> Subject:
    """Describe a thing to somebody who may read it; raises UnknownSubject, Denied."""
    found = subjects.describe(session, ref)
    permit(found.action, found.resource)
    return found
