"""SQL on comments and their wordings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from headway.collaboration.entities import CommentVersion
from headway.collaboration.tables import CommentRow, CommentVersionRow


def add_comment(session: Session, row: CommentRow) -> None:
    """Write a comment."""
    session.add(row)
    session.flush()


def get_comment(session: Session, comment_id: str, *, lock: bool = False) -> CommentRow | None:
    """Read one comment; ``lock`` holds it until the transaction ends."""
    return session.get(CommentRow, comment_id, with_for_update=lock, populate_existing=True)


def add_version(session: Session, comment_id: str, version: CommentVersion, event: str) -> None:
    """Write a wording."""
    values = {"comment_id": comment_id, "number": version.number, "text": version.text, "at": version.at}
    session.execute(insert(CommentVersionRow).values(event=event, **values))


def versions(session: Session, comment_id: str) -> list[CommentVersion]:
    """Read the wordings of a comment, first to last."""
    query = select(CommentVersionRow).where(CommentVersionRow.comment_id == comment_id)
    rows = session.scalars(query.order_by(CommentVersionRow.number))
    return [CommentVersion(number=row.number, text=row.text, at=row.at) for row in rows]


def events_of(session: Session, comment_id: str) -> list[str]:
    """Name the ledger events that hold wordings of a comment."""
    query = select(CommentVersionRow.event).where(CommentVersionRow.comment_id == comment_id)
    return list(session.scalars(query.order_by(CommentVersionRow.number)))


def forget_words(session: Session, comment_id: str) -> None:
    """Empty all wordings of a comment."""
    session.execute(update(CommentVersionRow).where(CommentVersionRow.comment_id == comment_id).values(text=""))


def threads(
    session: Session, *, subject: str, after: str | None, limit: int, resolved: bool | None
) -> list[CommentRow]:
    """Read the comments that begin a thread, oldest first."""
    query = _of_subject(subject).where(CommentRow.parent.is_(None)).limit(limit)
    if after is not None:
        query = query.where(CommentRow.id > after)
    if resolved is not None:
        query = query.where(CommentRow.resolved_at.is_not(None) if resolved else CommentRow.resolved_at.is_(None))
    return list(session.scalars(query))


def replies(session: Session, parents: Collection[str]) -> list[CommentRow]:
    """Read the answers to some comments, oldest first."""
    return list(session.scalars(select(CommentRow).where(CommentRow.parent.in_(parents)).order_by(CommentRow.id)))


def all_of(session: Session, subject: str) -> list[CommentRow]:
    """Read every comment on a thing, oldest first."""
    return list(session.scalars(_of_subject(subject)))


def texts(session: Session, comment_ids: Collection[str]) -> Mapping[str, str]:
    """Read what some comments say now; nothing for those that were deleted."""
    query = select(CommentRow.id, CommentRow.text).where(CommentRow.id.in_(comment_ids))
    return {row.id: row.text for row in session.execute(query)}


def counts(session: Session, subjects: Sequence[str]) -> Mapping[str, int]:
    """Count the comments on some things, deleted ones not counted."""
    query = select(CommentRow.subject, func.count()).where(
        CommentRow.subject.in_(subjects), CommentRow.deleted_at.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(CommentRow.subject))}


def _of_subject(subject: str) -> Select[CommentRow]:
    return select(CommentRow).where(CommentRow.subject == subject).order_by(CommentRow.id)
