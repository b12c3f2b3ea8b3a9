"""What somebody may name: an incident is not a way to learn of things that one may not read."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from headway.kernel.auth import Resource
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.subjects import Subjects, readable

ASKED_OTHERWISE = ("snapshot", "contract", "decision")
"""Kinds that are named by what nobody guesses: an id or a digest."""


def need_readable(
    session: Session, subjects: Subjects, permit: Callable[[str, Resource], None], concerns: Iterable[str]
) -> None:
    """Raise Denied, or UnknownSubject, where somebody may not read what they name."""
    for text in concerns:
        try:
            ref = Ref.parse(text)
        except Invalid:
            continue  # told with all other faults
        if ref.kind in ASKED_OTHERWISE:
            continue
        asked = Ref("product", ref.slug.partition("/")[0]) if ref.kind == "column" else Ref(ref.kind, ref.slug)
        readable(subjects, permit, session, str(asked))
