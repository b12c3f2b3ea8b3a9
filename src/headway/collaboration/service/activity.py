"""The activity feed: what happened to a thing, or to everything one may see, in words with the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.collaboration.entities import Activity
from headway.collaboration.store import comments
from headway.collaboration.story import Payload, tell, telling_of
from headway.collaboration.words import TELLINGS
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.subjects import Subjects

OPEN_TYPES = tuple(sorted(type_ for type_, telling in TELLINGS.items() if not telling.for_audit))
LOOKED_BACK = 100
MOST_SCANNED = 1000  # events that one page of the feed looks at; it may hold fewer and still name the next page


def list_activity(
    session: Session,
    subjects: Subjects,
    subject: Ref | str,
    *,
    with_audit: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Activity]:
    """Tell what happened to one thing, newest first.

    Args: with_audit: also what only those see who may read the ledger, such as refusals.
    """
    types = None if with_audit else OPEN_TYPES
    found = ledger.find(session, subject=subject, type=types, limit=limit, cursor=cursor)
    return Page(items=tell_events(session, subjects, found.items), next=found.next)


def list_feed(
    session: Session, subjects: Subjects, *, may_read: Callable[[str], bool], limit: int = 50, cursor: str | None = None
) -> Page[Activity]:
    """Tell what happened to everything that ``may_read`` lets through, newest first.

    A page may hold fewer than ``limit`` and still name the next one: each looks at a bounded number of events.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    kept: list[ledger.Event] = []
    answers: dict[str, bool] = {}
    for _ in range(MOST_SCANNED // 200):
        page = ledger.find(session, type=OPEN_TYPES, limit=200, cursor=cursor)
        for event in page.items:
            if event.subject not in answers:
                answers[event.subject] = may_read(event.subject)
            cursor = event.id
            if answers[event.subject]:
                kept.append(event)
                if len(kept) == limit:
                    return Page(items=tell_events(session, subjects, kept), next=cursor)
        cursor = page.next
        if cursor is None:
            break
    return Page(items=tell_events(session, subjects, kept), next=cursor)


def tell_events(session: Session, subjects: Subjects, events: Sequence[ledger.Event]) -> tuple[Activity, ...]:
    """Put events into words, with the names that people and things have now."""
    payloads = _with_current_words(session, events)
    names = identity.names_of(session, _people_in(events, payloads))
    titles = subjects.titles(session, {event.subject for event in events})
    told = []
    for event, payload in zip(events, payloads, strict=True):
        named = {
            name: names[value] for name, value in (payload or {}).items() if isinstance(value, str) and value in names
        }
        words = tell(
            event.type,
            payload,
            actor=names[event.actor],
            subject=titles.get(event.subject, event.subject),
            earlier=_earlier(session, event),
            extra=named,
        )
        told.append(
            Activity(
                id=event.id,
                type=event.type,
                at=event.at,
                actor=event.actor,
                actor_name=names[event.actor],
                subject=event.subject,
                message=words.message,
                values=words.values,
                sentence=words.sentence,
                why=words.why,
                changes=words.changes,
                comment=_comment_of(event, payload),
                is_erased=event.is_erased,
            )
        )
    return tuple(told)


def _people_in(events: Sequence[ledger.Event], payloads: Sequence[Payload | None]) -> set[str]:
    held = {value for one in payloads if one for value in one.values() if isinstance(value, str)}
    return {event.actor for event in events} | {ref for ref in held if ref.startswith("person:")}


def _with_current_words(session: Session, events: Sequence[ledger.Event]) -> list[Payload | None]:
    """Take the words of comments that were deleted since out of the payloads: what is out of sight stays so."""
    named = {_comment_of(event, event.payload) for event in events} - {None}
    texts = comments.texts(session, {comment for comment in named if comment is not None})
    payloads: list[Payload | None] = []
    for event in events:
        payload: Mapping[str, object] | None = event.payload
        comment = _comment_of(event, payload)
        if payload is not None and comment is not None and "text" in payload and not texts.get(comment):
            payload = {name: value for name, value in payload.items() if name not in ("text", "mentions")}
        payloads.append(payload)
    return payloads


def _comment_of(event: ledger.Event, payload: Payload | None) -> str | None:
    found = (payload or {}).get("comment") if event.type.startswith("comment.") else None
    return found if isinstance(found, str) else None


def _earlier(session: Session, event: ledger.Event) -> list[Payload | None]:
    """The payloads of the family before an event, newest first; of a comment only those of the same one."""
    family = telling_of(event.type).family
    if not family or event.payload is None:
        return []
    found = ledger.find(session, subject=event.subject, type=family, limit=LOOKED_BACK, cursor=event.id)
    payloads = [one.payload for one in found.items]
    for key in ("comment", "task", "view"):
        if key in event.payload and event.type.startswith(f"{key}."):
            payloads = [p for p in payloads if p is not None and p.get(key) == event.payload[key]]
    return list(payloads)
