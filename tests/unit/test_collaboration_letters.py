"""Mails and webhook bodies: complete, translated, and nothing that people wrote gets out of its place."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.collaboration import Notification, Topic
from headway.collaboration.letters import Item, Sender, mail, one_line, webhook_body, webhook_headers
from headway.collaboration.words import MENTIONED
from tests.factories.dose import examples

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SENDER = Sender("headway@example.org", "https://headway.example.org")


def item(actor: str = "Ada", subject: str = "Lead scoring", excerpt: str = "Please *look*") -> Item:
    notification = Notification(
        id="ntf_1",
        topic=Topic.mention,
        type="comment.added",
        subject="usecase:leads",
        actor="person:ada",
        actor_name=actor,
        message=MENTIONED,
        values={"actor": actor, "subject": subject},
        sentence=f"{actor} mentioned you in a comment on {subject}",
        excerpt=excerpt,
        at=AT,
        read_at=None,
        archived_at=None,
    )
    return Item(notification, subject, "/usecases/leads")


def written(*items: Item, name: str = "Bo Berg", translate: object = None) -> EmailMessage:
    made = mail(
        items,
        to=(name, "bo@example.org"),
        sender=SENDER,
        batch="msg_1",
        at=AT,
        translate=translate or (lambda m: m),  # type: ignore[arg-type]
    )
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def text(read: EmailMessage, kind: str) -> str:
    part = read.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content())


def test_a_mail_has_plain_text_html_and_a_way_back() -> None:
    read = written(item())
    assert read["Subject"] == "Ada mentioned you in a comment on Lead scoring"
    assert (read["To"], read["From"]) == ("Bo Berg <bo@example.org>", "Headway <headway@example.org>")
    assert read["List-Id"] == "Headway <notifications.headway.example.org>"
    assert read["Message-ID"] == "<msg_1@headway.example.org>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["List-Unsubscribe"] == "<https://headway.example.org/settings/notifications>"
    for kind in ("plain", "html"):
        assert "https://headway.example.org/usecases/leads" in text(read, kind)
        assert "Please *look*" in text(read, kind)


def test_several_make_one_mail() -> None:
    read = written(item(), item("Cy"))
    assert read["Subject"] == "2 things in Headway concern you"
    assert "Cy mentioned you" in text(read, "plain")


def test_a_mail_speaks_the_language_of_its_reader() -> None:
    german = {MENTIONED: "%(actor)s hat Sie in einem Kommentar zu %(subject)s erwähnt", "Open it": "Öffnen"}
    read = written(item(), translate=lambda message: german.get(message, message))
    assert read["Subject"] == "Ada hat Sie in einem Kommentar zu Lead scoring erwähnt"
    assert "Öffnen: Lead scoring" in text(read, "html")


NASTY = st.text(alphabet=st.sampled_from("a\r\n\0:<>@,;\"'&%\u2028\x1b ü"), max_size=60)


@settings(max_examples=examples(150), deadline=None)
@given(NASTY, NASTY, NASTY, NASTY)
def test_no_name_or_title_adds_a_header_or_markup(actor: str, subject: str, excerpt: str, name: str) -> None:
    read = written(item(actor, subject + "\r\nBcc: eve@evil.example", excerpt), name=name)
    assert read["Bcc"] is None
    assert read["To"].addresses[0].addr_spec == "bo@example.org" and len(read["To"].addresses) == 1
    html = text(read, "html")
    for sign in ("<script", "<a>", "<ü"):
        assert sign not in html.lower()
    assert html.count("<blockquote>") <= 1


def test_markup_in_what_people_wrote_is_shown_as_text() -> None:
    html = text(written(item(excerpt="<img src=x onerror=alert(1)>", subject='"><script>')), "html")
    assert "<img" not in html and "<script" not in html
    assert "&lt;img src=x" in html


def test_a_line_for_a_header_is_one_line() -> None:
    assert one_line("a\r\nb\u2028c\x00d") == "a b c d"
    assert len(one_line("x" * 600)) == 500


def test_a_webhook_is_signed_over_id_time_and_body() -> None:
    body = webhook_body([item()], batch="msg_1", webhook="whk_1", sender=SENDER, at=AT)
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    headers = webhook_headers(body, secret=secret, batch="msg_1", at=AT)
    signed = f"msg_1.{int(AT.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    told = json.loads(body)
    assert (told["id"], told["webhook"]) == ("msg_1", "whk_1")
    [one] = told["notifications"]
    assert one["url"] == "https://headway.example.org/usecases/leads"
    assert one["text"] == "Ada mentioned you in a comment on Lead scoring"


def test_the_example_of_standard_webhooks_verifies() -> None:
    """The published example of Standard Webhooks 1.0.0, whose secret, id, time and payload give this signature."""
    body = b'{"test": 2432232314}'
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = webhook_headers(
        body, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", batch="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("public", ["", "https://headway.example.org/base"])
def test_links_follow_the_public_address(public: str) -> None:
    made = mail(
        [item()], to=("Bo", "bo@example.org"), sender=Sender("h@example.org", public), batch="m", at=AT, translate=str
    )
    assert f"{public}/usecases/leads" in made.as_string()
