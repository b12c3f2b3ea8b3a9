"""What is sent: a mail in plain text and HTML, or a signed JSON body. Nothing here is sent, only written."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from headway.collaboration.entities import Notification
from headway.collaboration.words import DIGEST_SUBJECT, FOOT, OPEN_IT, SEVERAL, fill
from headway.kernel.canonical import canonical_json
from headway.kernel.clock import iso

Translate = Callable[[str], str]
PREFERENCES_PAGE = "/settings/notifications"
_LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Item:
    """A notification with the title and address of what it is about."""

    notification: Notification
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail is from, and the address people reach this system at; empty when nobody set one."""

    address: str
    public_url: str

    @property
    def host(self) -> str:
        """The name that message ids and the list's id end in."""
        return urlsplit(self.public_url).hostname or self.address.rpartition("@")[2] or "headway"


def one_line(text: str, most: int = 500) -> str:
    """Make a text fit for a header: no control signs, no line breaks, not too long."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    line = " ".join(plain.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def link(sender: Sender, href: str) -> str:
    """The whole address of a page; the path alone when nobody said how this system is reached."""
    return sender.public_url.rstrip("/") + href


def mail(
    items: Sequence[Item], *, to: tuple[str, str], sender: Sender, batch: str, at: datetime, translate: Translate
) -> EmailMessage:
    """Write a mail about one or several notifications, in plain text with an HTML alternative.

    Args: to: name and mail address; batch: names the message, so that a repeated one can be told.
    """
    said = [fill(item.notification.message, item.notification.values, translate) for item in items]
    subject = said[0] if len(said) == 1 else fill(DIGEST_SUBJECT, {"count": str(len(said))}, translate)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(subject, _LONGEST_SUBJECT)
    message["From"] = Address("Headway", addr_spec=sender.address)
    message["To"] = Address(one_line(to[0], 100), addr_spec=to[1])
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{batch}@{sender.host}>"
    message["List-Id"] = f"Headway <notifications.{sender.host}>"
    message["Auto-Submitted"] = "auto-generated"
    if sender.public_url:
        message["List-Unsubscribe"] = f"<{link(sender, PREFERENCES_PAGE)}>"
    message.set_content(_plain(items, said, sender, translate), charset="utf-8")
    message.add_alternative(_html(items, said, sender, translate), subtype="html", charset="utf-8")
    return message


def _plain(items: Sequence[Item], said: Sequence[str], sender: Sender, translate: Translate) -> str:
    lines = [translate(SEVERAL), ""] if len(items) > 1 else []
    for item, sentence in zip(items, said, strict=True):
        lines.append(sentence)
        if item.notification.excerpt:
            lines.append(f"> {one_line(item.notification.excerpt)}")
        lines += [link(sender, item.href), ""]
    return "\n".join([*lines, "-- ", f"{translate(FOOT)} {link(sender, PREFERENCES_PAGE)}", ""])


def _html(items: Sequence[Item], said: Sequence[str], sender: Sender, translate: Translate) -> str:
    parts = []
    for item, sentence in zip(items, said, strict=True):
        quote = f"<blockquote>{escape(one_line(item.notification.excerpt))}</blockquote>"
        address = escape(link(sender, item.href))
        parts.append(
            f"<p>{escape(sentence)}</p>{quote if item.notification.excerpt else ''}"
            f'<p><a href="{address}">{escape(translate(OPEN_IT))}: {escape(item.title)}</a></p>'
        )
    head = f"<p>{escape(translate(SEVERAL))}</p>" if len(items) > 1 else ""
    foot = f'<p><a href="{escape(link(sender, PREFERENCES_PAGE))}">{escape(translate(FOOT))}</a></p>'
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{head}{"<hr>".join(parts)}<hr>{foot}</body></html>'


def webhook_body(items: Sequence[Item], *, batch: str, webhook: str, sender: Sender, at: datetime) -> bytes:
    """Write the JSON that is posted to a webhook: RFC 8785, so that equal content has equal bytes."""
    told = [
        {
            "id": item.notification.id,
            "topic": item.notification.topic.value,
            "type": item.notification.type,
            "subject": item.notification.subject,
            "title": item.title,
            "url": link(sender, item.href),
            "actor": item.notification.actor,
            "actor_name": item.notification.actor_name,
            "message": item.notification.message,
            "values": dict(item.notification.values),
            "text": item.notification.sentence,
            "excerpt": item.notification.excerpt,
            "at": iso(item.notification.at),
        }
        for item in items
    ]
    return canonical_json({"id": batch, "webhook": webhook, "sent_at": iso(at), "notifications": told})


def webhook_headers(body: bytes, *, secret: str, batch: str, at: datetime) -> Mapping[str, str]:
    """The headers of a webhook: HMAC-SHA256 over ``{id}.{timestamp}.{body}``, as Standard Webhooks 1.0.0 has it."""
    stamp = str(int(at.timestamp()))
    return {
        "content-type": "application/json",
        "user-agent": "Headway",
        "webhook-id": batch,
        "webhook-timestamp": stamp,
        "webhook-signature": sign(secret, batch, stamp, body),
    }


def sign(secret: str, batch: str, stamp: str, body: bytes) -> str:
    """Sign a webhook's body; the receiver computes the same and compares."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, f"{batch}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()
