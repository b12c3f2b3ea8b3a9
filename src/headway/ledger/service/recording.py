"""Recording what happened, in the transaction that made it happen; reading it; erasing personal payloads."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from headway.kernel import clock
from headway.kernel.auth import Actor, Resource
from headway.kernel.canonical import canonical_json
from headway.kernel.crypto import SALT_BYTES, commitment
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page
from headway.ledger import store
from headway.ledger.entities import Event
from headway.ledger.errors import EventNotFound, NotErasable
from headway.ledger.leaf import check_type, plain

_NOT_IN_REF = re.compile(r"[^A-Za-z0-9._/-]+")
_company: str | None = None


def belong_to(company: str | None) -> None:
    """Let every entry that this process records say that it belongs to a simulated company; None in real life."""
    global _company  # noqa: PLW0603  a process serves one home, and no caller may forget to say it
    _company = company


def belongs_to() -> str | None:
    """The simulated company whose entries this process records; None in real life."""
    return _company


def record(
    session: Session,
    *,
    actor: Actor | str,
    type: str,
    subject: Ref,
    payload: Mapping[str, object] | None = None,
    personal: bool = False,
) -> str:
    """Record a fact; it stands or falls with the caller's transaction.

    Args: type: past tense, ``usecase.opened``; payload: values that JSON can hold, also references, times, decimals,
    enums and dataclasses; personal: the payload names a person's data and may be erased later.
    Returns: the event's id.
    Raises: Invalid: the type, the subject or the payload cannot be written.
    """
    check_type(type)
    told = plain(payload or {})
    if _company is not None and isinstance(told, dict):
        told = {**told, "simulated_company": _company}
    salt, body = os.urandom(SALT_BYTES), canonical_json(told)
    event = store.StoredEvent(
        id=new_id("evt"),
        type=type,
        actor=actor if isinstance(actor, str) else actor.ref,
        subject=str(Ref.parse(str(subject))),
        at=clock.now(),
        commitment=commitment(salt, body),
        salt=salt,
        payload=body.decode(),
        has_payload_row=True,
        leaf_index=None,
        leaf_hash=None,
    )
    store.add_event(session, event, is_personal=personal)
    return event.id


def record_refusal(
    session: Session, *, actor: Actor | str, error: HeadwayError, action: str, resource: Resource | str
) -> str:
    """Record that a rule or a gate refused somebody; in a transaction of its own, after the first was rolled back."""
    name = resource if isinstance(resource, str) else f"{resource.kind}:{resource.id}"
    return record(
        session,
        actor=actor,
        type="access.denied",
        subject=_as_ref(name),
        payload={
            "action": action,
            "resource": name,
            "department": None if isinstance(resource, str) else resource.department,
            "reason": error.message,
            "rule": error.values.get("rule") or error.code,
        },
    )


def _as_ref(name: str) -> Ref:
    """Name anything: what is no reference becomes one of the kind ``resource``."""
    try:
        return Ref.parse(name)
    except Invalid:
        kind, colon, rest = name.partition(":")
        kind, rest = (kind, rest) if colon and kind.isalpha() and kind.islower() else ("resource", name)
        return Ref(kind, _NOT_IN_REF.sub("-", rest).strip("-./_") or "unnamed")


def get_event(session: Session, event_id: str) -> Event:
    """Read one event; raises EventNotFound."""
    found = store.get_event(session, event_id)
    if found is None:
        raise EventNotFound(f"the ledger has no event {event_id}")
    return found


def find(
    session: Session,
    *,
    subject: Ref | str | None = None,
    type: str | Collection[str] | None = None,
    actor: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Event]:
    """Read events, newest first; ``cursor`` is the id that the page before ended with. ``type``: one or several."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.find_events(
        session,
        subject=str(subject) if subject is not None else None,
        types=[type] if isinstance(type, str) else type,
        actor=actor,
        before=cursor,
        limit=limit + 1,
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def find_events(session: Session, asked: ListQuery) -> Found[Event]:
    """Search, filter, sort and leaf through events; raises BadListing.

    A filter of types or subjects takes what they begin with: ``usecase.`` or ``model:churn``.
    """
    return store.list_events(session, asked)


def follow(session: Session, start: int, limit: int = 200) -> tuple[Event, ...]:
    """Read events in the order of the tree, from the leaf ``start`` on.

    Leaves are given by one sequencer after events were committed. So who goes on behind the last leaf it saw misses no
    event and sees none twice; ids, which are made before the commit, do not give that.
    """
    return tuple(store.events_from(session, start, max(1, min(limit, MAX_LIMIT))))


def erase(session: Session, actor: Actor, event_id: str, reason: str) -> Event:
    """Forget an event's personal payload; the event, its place in the tree and all proofs stay.

    Erasing twice changes nothing. Raises EventNotFound, NotErasable.
    """
    event = get_event(session, event_id)
    if not event.is_personal:
        raise NotErasable(
            f"the payload of {event_id} was not recorded as personal data, so it stays",
            hint="only payloads recorded as personal can be erased",
            values={"event": event_id},
        )
    if not event.is_erased:
        store.erase_payload(session, event_id)
        record(session, actor=actor, type="ledger.erased", subject=Ref("event", event_id), payload={"reason": reason})
    return get_event(session, event_id)
