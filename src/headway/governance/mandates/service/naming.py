"""People by name where a reason is told; what is kept names them by reference."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from headway import identity

AI_OFFICE = "the AI office"
MOST_NAMED = 3


def office_of(session: Session) -> str:
    """Who of the AI office can mend something, as references that pages and answers tell by name."""
    held = identity.list_roles(session, role=identity.Role.ai_office, limit=50).items
    refs = dict.fromkeys(one.principal for one in held if one.principal.startswith("person:"))
    return named(AI_OFFICE, (ref for ref, one in identity.people_of(session, refs).items() if one.is_active))


def named(what: str, refs: Iterable[str]) -> str:
    """Name a group with some of its people behind it."""
    listed = list(refs)[:MOST_NAMED]
    return f"{what} ({', '.join(listed)})" if listed else what
