"""Sending: what is due is put into messages, each a durable job; what fails waits longer each time.

A message that was handed over just before a crash is handed over again, under the same id, so that receivers can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from headway import identity
from headway.collaboration.adapters import post_webhook, read_server, send_mail
from headway.collaboration.addresses import allowed_of
from headway.collaboration.entities import Notification
from headway.collaboration.errors import AddressRefused, DeliveryFailed, DeliveryRefused
from headway.collaboration.letters import Item, Sender, Translate, mail, webhook_body, webhook_headers
from headway.collaboration.service.inbox import notifications_of
from headway.collaboration.service.wishes import ORGANISATION, secret_of
from headway.collaboration.store import notices, wishes
from headway.collaboration.tables import DeliveryRow, NotificationRow
from headway.collaboration.timing import RETRIES, after_quiet
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.ids import new_id
from headway.kernel.jobs import Jobs
from headway.kernel.logs import logger
from headway.kernel.settings import Settings
from headway.kernel.subjects import Subjects, UnknownSubject
from headway.kernel.web import Parts

JOB = "notification.delivery"
MOST_AT_ONCE = 500
MOST_IN_ONE = 50


def has_mail(settings: Settings) -> bool:
    """Whether mails can be sent."""
    return bool(settings.smtp_url and settings.mail_from)


def check_mail(settings: Settings) -> None:
    """Refuse settings by which no mail could be sent; raises Invalid naming what is wrong."""
    if settings.smtp_url:
        read_server(settings.smtp_url)
        if not settings.mail_from or "@" not in settings.mail_from:
            told = "HEADWAY_MAIL_FROM must be the mail address that notifications come from"
            raise Invalid(told, faults=[Fault(rule="setting", column="HEADWAY_MAIL_FROM", message=told)])


def queue_due(session: Session, jobs: Jobs) -> int:
    """Put what is due into messages and enqueue a job for each; returns how many.

    Mails due to one person make one mail. A webhook gets each notification by itself, a digest in one. What was tried
    before keeps its message.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for row, recipient in notices.take_due(session, clock.now(), MOST_AT_ONCE):
        groups.setdefault(_message_of(row, recipient), []).append(row.id)
    count = 0
    for key, found in groups.items():
        for start in range(0, len(found), MOST_IN_ONE):
            batch = key[1] if key[0] == "again" else new_id("msg")
            notices.queue_batch(session, found[start : start + MOST_IN_ONE], batch)
            jobs.enqueue(session, JOB, {"batch": batch}, actor=SYSTEM)
            count += 1
    return count


def _message_of(row: DeliveryRow, recipient: str) -> tuple[str, ...]:
    if row.batch is not None:
        return ("again", row.batch)
    if row.channel == "email":
        return ("email", recipient)
    return ("webhook", str(row.webhook_id), "digest" if row.is_digest else row.id)


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be handed over."""

    deliveries: tuple[str, ...]
    webhook: str | None
    hand_over: Callable[[], None]


def deliver(parts: Parts, batch: str, translator: Callable[[str], Translate]) -> dict[str, object]:
    """Hand one message over and note how it went; returns its state."""
    with parts.database.session() as session:
        rows = notices.batch(session, batch)
        if not rows:
            return {"state": "nothing"}
        message = _prepare(session, parts, batch, rows, translator)
    attempts = max(row.attempts for row, _ in rows)
    try:
        if message is not None:
            message.hand_over()
    except (DeliveryRefused, AddressRefused) as error:
        return _failed(parts, rows, error, None)
    except DeliveryFailed as error:
        wait = RETRIES[attempts] if attempts < len(RETRIES) else None
        return _failed(parts, rows, error, clock.now() + wait if wait is not None else None)
    with parts.database.session() as session:
        sent = set(message.deliveries) if message else set()
        dropped = {row.id for row, _ in rows} - sent
        notices.settle(session, sent, state="sent", error=None, at=clock.now())
        notices.settle(session, dropped, state="dropped", error="may no longer be told", at=clock.now())
        if message is not None and message.webhook is not None:
            wishes.note_sent(session, message.webhook, clock.now())
    return {"state": "sent" if sent else "dropped", "notifications": len(sent)}


def _failed(
    parts: Parts, rows: Sequence[tuple[DeliveryRow, NotificationRow]], error: HeadwayError, again_at: datetime | None
) -> dict[str, object]:
    logger("notifications").warning(
        "delivery.failed", batch=rows[0][0].batch, why=error.message, again_at=str(again_at)
    )
    with parts.database.session() as session:
        due = again_at
        if due is not None and rows[0][0].channel == "email":
            due = after_quiet(due, wishes.preferences(session, rows[0][1].recipient))
        state = "failed" if due is None else "waiting"
        ids = [row.id for row, _ in rows]
        notices.settle(session, ids, state=state, error=error.message, at=clock.now(), due_at=due)
        if (hook := rows[0][0].webhook_id) is not None:
            wishes.note_failed(session, hook, error.message, is_gone=isinstance(error, DeliveryRefused))
    return {"state": state, "error": error.message}


def _prepare(
    session: Session,
    parts: Parts,
    batch: str,
    rows: Sequence[tuple[DeliveryRow, NotificationRow]],
    translator: Callable[[str], Translate],
) -> Message | None:
    """Write the message; None when nobody may be told of any of it any more."""
    recipient, first = rows[0][1].recipient, rows[0][0]
    told = notifications_of(session, [notification for _, notification in rows])
    pairs = [
        (row.id, item)
        for (row, _), one in zip(rows, told, strict=True)
        if (item := _item(session, parts.subjects, recipient, one)) is not None
    ]
    if not pairs:
        return None
    ids, items = tuple(row_id for row_id, _ in pairs), [item for _, item in pairs]
    if first.channel == "email":
        hand_over = _mail(session, parts, recipient, items, batch=batch, translator=translator)
    else:
        hand_over = _webhook(session, parts, str(first.webhook_id), items, batch=batch)
    return None if hand_over is None else Message(ids, first.webhook_id, hand_over)


def _mail(
    session: Session,
    parts: Parts,
    recipient: str,
    items: Sequence[Item],
    *,
    batch: str,
    translator: Callable[[str], Translate],
) -> Callable[[], None] | None:
    settings = parts.settings
    person = identity.people_of(session, [recipient]).get(recipient)
    if person is None or not person.is_active or not person.email or not settings.smtp_url or not settings.mail_from:
        return None
    server, to = read_server(settings.smtp_url), (person.name, person.email)
    translate = translator(wishes.preferences(session, recipient).language)
    letter = mail(items, to=to, sender=sender_of(settings), batch=batch, at=clock.now(), translate=translate)
    return lambda: send_mail(server, letter)


def _webhook(
    session: Session, parts: Parts, webhook: str, items: Sequence[Item], *, batch: str
) -> Callable[[], None] | None:
    row = wishes.get_webhook(session, webhook)
    if row is None or not row.is_active:
        return None
    now = clock.now()
    body = webhook_body(items, batch=batch, webhook=webhook, sender=sender_of(parts.settings), at=now)
    headers = webhook_headers(body, secret=secret_of(parts.signer, row), batch=batch, at=now)
    url, allowed = row.url, allowed_of(parts.settings.webhook_hosts)
    return lambda: post_webhook(url, body, headers, allowed)


def _item(session: Session, subjects: Subjects, recipient: str, one: Notification) -> Item | None:
    """A notification with where it leads; None when the person may not read that any more."""
    if recipient not in (ORGANISATION, one.subject) and not subjects.may_read(session, recipient, one.subject):
        return None
    try:
        found = subjects.describe(session, one.subject)
    except UnknownSubject:
        return Item(one, one.subject, "/")
    return Item(one, found.title, found.href)


def sender_of(settings: Settings) -> Sender:
    """Who notifications are from."""
    return Sender(settings.mail_from or "", settings.outside_url)
