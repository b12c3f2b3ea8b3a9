"""Comments on anything: who may read a thing may comment on it. Edges ask who may read before they call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.collaboration.entities import Comment, CommentVersion, Mention
from headway.collaboration.errors import CommentDeleted, CommentNotFound, NotYourComment, WordsRefused
from headway.collaboration.mentions import named_in
from headway.collaboration.prose import MAX_COMMENT, check
from headway.collaboration.store import comments as rows
from headway.collaboration.store import watches
from headway.collaboration.tables import CommentRow
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page


def add_comment(session: Session, actor: Actor, *, subject: Ref, text: str, parent: str | None = None) -> Comment:
    """Say something about a thing, or answer a comment on it; who comments watches the thing from then on.

    An answer to an answer joins the same thread. Raises: WordsRefused, CommentNotFound, CommentDeleted.
    """
    check({"text": (text, MAX_COMMENT)})
    thread = _thread(session, subject, parent)
    now = clock.now()
    row = CommentRow(
        id=new_id("cmt"),
        subject=str(subject),
        parent=thread,
        author=actor.ref,
        text=text,
        mentions=_mentioned(session, text),
        created_at=now,
        edits=0,
    )
    rows.add_comment(session, row)
    _record_wording(session, actor, "comment.added", row, number=1)
    if actor.is_person:
        watches.watch(session, actor.ref, row.subject, now)
    return _told(session, [row])[0]


def edit_comment(session: Session, actor: Actor, comment_id: str, text: str) -> Comment:
    """Reword an own comment; earlier wordings are kept. Raises: NotYourComment, CommentDeleted, WordsRefused."""
    row = _need(session, comment_id, lock=True)
    if row.author != actor.ref:
        raise NotYourComment(
            "only who wrote a comment may reword it", values={"rule": "collaboration.own_words", "comment": comment_id}
        )
    check({"text": (text, MAX_COMMENT)})
    if text != row.text:
        row.text, row.mentions = text, _mentioned(session, text)
        row.edited_at, row.edits = clock.now(), row.edits + 1
        session.flush()
        _record_wording(session, actor, "comment.edited", row, number=row.edits + 1)
    return _told(session, [row])[0]


def resolve_comment(session: Session, actor: Actor, comment_id: str) -> Comment:
    """Mark a thread as settled; doing it twice changes nothing."""
    row = _need_thread(session, comment_id)
    if row.resolved_at is None:
        row.resolved_at, row.resolved_by = clock.now(), actor.ref
        session.flush()
        _record(session, actor, "comment.resolved", row)
    return _told(session, [row])[0]


def reopen_comment(session: Session, actor: Actor, comment_id: str) -> Comment:
    """Take a thread up again."""
    row = _need_thread(session, comment_id)
    if row.resolved_at is not None:
        row.resolved_at = row.resolved_by = None
        session.flush()
        _record(session, actor, "comment.reopened", row)
    return _told(session, [row])[0]


def delete_comment(session: Session, actor: Actor, comment_id: str, *, reason: str = "") -> Comment:
    """Take the words of a comment away; a tombstone keeps its place, its author and its answers.

    Who deletes own words takes them out of sight; the ledger keeps them for auditors until its personal payloads are
    erased. Deleted by somebody else, who must be allowed to moderate, they are erased from the ledger as well.
    """
    row = _need(session, comment_id, lock=True)
    is_own = row.author == actor.ref
    if not is_own and not reason.strip():
        raise WordsRefused(
            "say why somebody else's comment is deleted",
            faults=[Fault(rule="words.empty", column="reason", message="reason is empty")],
        )
    row.text, row.mentions = "", []
    row.deleted_at, row.deleted_by = clock.now(), actor.ref
    session.flush()
    rows.forget_words(session, comment_id)
    if not is_own:
        for event in rows.events_of(session, comment_id):
            ledger.erase(session, actor, event, f"comment deleted: {reason.strip()}")
    _record(session, actor, "comment.deleted", row, reason=reason.strip() or None)
    return _told(session, [row])[0]


def get_comment(session: Session, comment_id: str) -> Comment:
    """Read one comment; raises CommentNotFound."""
    row = rows.get_comment(session, comment_id)
    if row is None:
        raise CommentNotFound(f"there is no comment {comment_id}")
    return _told(session, [row])[0]


def list_comments(
    session: Session, subject: Ref | str, *, resolved: bool | None = None, limit: int = 50, cursor: str | None = None
) -> Page[Comment]:
    """Read the comments on a thing: each thread, oldest first, followed by its answers; ``limit`` counts threads."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = rows.threads(session, subject=str(subject), after=cursor, limit=limit + 1, resolved=resolved)
    threads = found[:limit]
    answers: dict[str, list[CommentRow]] = {}
    for row in rows.replies(session, [thread.id for thread in threads]):
        answers.setdefault(str(row.parent), []).append(row)
    ordered = [row for thread in threads for row in (thread, *answers.get(thread.id, ()))]
    return Page(items=tuple(_told(session, ordered)), next=threads[-1].id if len(found) > limit else None)


def list_versions(session: Session, comment_id: str) -> tuple[CommentVersion, ...]:
    """Read every wording of a comment, first to last; those of a deleted one are empty."""
    get_comment(session, comment_id)
    return tuple(rows.versions(session, comment_id))


def all_comments(session: Session, subject: Ref | str) -> tuple[Comment, ...]:
    """Read every comment on a thing, oldest first, to export them."""
    return tuple(_told(session, rows.all_of(session, str(subject))))


def count_comments(session: Session, subjects: Sequence[str]) -> Mapping[str, int]:
    """Count the comments on some things; those without any are left out."""
    return rows.counts(session, subjects)


def _thread(session: Session, subject: Ref, parent: str | None) -> str | None:
    if parent is None:
        return None
    answered = _need(session, parent)
    if answered.subject != str(subject):
        raise CommentNotFound(f"{parent} is a comment on {answered.subject}, not on {subject}")
    return answered.parent or answered.id


def _need(session: Session, comment_id: str, *, lock: bool = False) -> CommentRow:
    row = rows.get_comment(session, comment_id, lock=lock)
    if row is None:
        raise CommentNotFound(f"there is no comment {comment_id}")
    if row.deleted_at is not None:
        raise CommentDeleted(f"{comment_id} was deleted", values={"comment": comment_id})
    return row


def _need_thread(session: Session, comment_id: str) -> CommentRow:
    """A thread is settled as a whole, from whichever of its comments it is asked; its first may have been deleted."""
    row = _need(session, comment_id)
    first = rows.get_comment(session, row.parent or row.id, lock=True)
    assert first is not None  # noqa: S101  a foreign key holds it
    return first


def _mentioned(session: Session, text: str) -> list[str]:
    found = []
    for named in named_in(text):
        meant = f"person:{named.person_id}" if named.person_id else str(named.email)
        person = identity.find_person(session, meant)
        if person is not None and person.ref not in found:
            found.append(person.ref)
    return found


def _record_wording(session: Session, actor: Actor, type_: str, row: CommentRow, *, number: int) -> None:
    event = _record(session, actor, type_, row, text=row.text, mentions=row.mentions)
    version = CommentVersion(number=number, text=row.text, at=row.edited_at or row.created_at)
    rows.add_version(session, row.id, version, event)


def _record(session: Session, actor: Actor, type_: str, row: CommentRow, **more: object) -> str:
    payload = {"comment": row.id, "parent": row.parent, **more}
    about = Ref.parse(row.subject)
    return ledger.record(session, actor=actor, type=type_, subject=about, payload=payload, personal=True)


def _told(session: Session, found: Iterable[CommentRow]) -> list[Comment]:
    listed = list(found)
    names = identity.names_of(session, {ref for row in listed for ref in (row.author, *row.mentions)})
    return [
        Comment(
            id=row.id,
            subject=row.subject,
            parent=row.parent,
            author=row.author,
            author_name=names[row.author],
            text=row.text,
            mentions=tuple(Mention(person=ref, name=names[ref]) for ref in row.mentions),
            created_at=row.created_at,
            edited_at=row.edited_at,
            edits=row.edits,
            resolved_at=row.resolved_at,
            resolved_by=row.resolved_by,
            deleted_at=row.deleted_at,
            deleted_by=row.deleted_by,
        )
        for row in listed
    ]
