"""The inbox and the wishes about it, on pages."""

from __future__ import annotations

import re

from headway import collaboration, governance, ledger
from headway.identity import Role
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.pages import Browser, application, signed_in, text_of


def told(parts: Parts) -> Browser:
    """Dora, who was mentioned by Ada on a use case, once notifications were made."""
    app = application(parts)
    ada = signed_in(parts, "Ada", (Role.ai_office, None), app=app)
    dora = signed_in(parts, "Dora", (Role.data_scientist, "sales"), app=app)
    assert ada.actor is not None
    with parts.database.session() as session:
        governance.open_usecase(session, ada.actor, slug="churn", title="Churn", department="sales")
        collaboration.add_comment(session, ada.actor, subject=Ref("usecase", "churn"), text="@dora@example.org, look")
    ledger.sequence(parts.database, parts.storage, parts.signer)
    with parts.database.session() as session:
        collaboration.tell(session, app.state.parts.subjects, has_mail=False)
    return dora


def test_who_is_mentioned_finds_it_opens_it_and_it_is_read(parts: Parts) -> None:
    dora = told(parts)
    before = unread(dora)
    assert before >= 1
    page = dora.get("/inbox")
    assert "Ada" in text_of(page.text) and "look" in page.text
    found = re.search(r"/inbox/(\w+)/open(?:(?!/open).)*Churn", page.text, re.DOTALL)
    assert found is not None
    one = found[1]
    assert dora.send(f"/inbox/{one}/open").url.path == "/usecases/churn"
    assert unread(dora) == before - 1
    assert one in dora.get("/inbox?box=all").text


def test_what_is_put_away_is_found_among_what_was_put_away(parts: Parts) -> None:
    dora = told(parts)
    one = re.findall(r"/inbox/(\w+)/archive", dora.get("/inbox").text)[0]
    dora.send(f"/inbox/{one}/archive")
    assert one not in dora.get("/inbox?box=all").text
    assert one in dora.get("/inbox?box=archived").text


def test_wishes_are_kept_and_wrong_ones_told_at_their_field(parts: Parts) -> None:
    dora = told(parts)
    dora.get("/settings/notifications")
    page = dora.send("/settings/notifications", quiet_from="22:00", quiet_until="", time_zone="Europe/Berlin")
    assert page.status_code == 422 and "Europe/Berlin" in page.text
    dora.get("/settings/notifications")
    wish = {"quiet_from": "22:00", "quiet_until": "07:00", "comment_email": "digest", "mention_inbox": "true"}
    dora.send("/settings/notifications", **wish)
    with parts.database.session() as session:
        assert dora.actor is not None
        kept = collaboration.get_preferences(session, dora.actor)
    assert (kept.quiet_from, kept.quiet_until) == ("22:00", "07:00")
    assert kept.channels[collaboration.Topic.comment].email is collaboration.Pace.digest


def test_a_webhook_shows_its_secret_once_and_a_private_address_is_refused(parts: Parts) -> None:
    dora = told(parts)
    dora.get("/settings/notifications")
    page = dora.send("/settings/notifications/webhooks", url="http://169.254.169.254/latest")
    assert page.status_code == 422 and "169.254.169.254" in page.text
    dora.get("/settings/notifications")
    page = dora.send("/settings/notifications/webhooks", url="https://hooks.example.org/headway")
    assert page.status_code == 200 and "It is shown this once" in text_of(page.text)
    assert "It is shown this once" not in dora.text("/settings/notifications")


def unread(browser: Browser) -> int:
    """The number beside the inbox."""
    return int(re.match(r"\d*", browser.get("/inbox/count").text)[0] or 0)  # type: ignore[index]  # it always matches
