"""Pages of break-glass: one asks, another lets it in at once, a third reviews it; everybody who looks sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI

from headway import governance, registry
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.listing import ListQuery
from headway.kernel.web import Parts
from tests.factories import inventory
from tests.factories.governance import ANA, BEN, SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.pages import Browser, application, signed_in

NEW = "/break-glass/new?usecase=lead-scoring&environment=production"
WHY = "the model in place refuses every lead"
CLEO = Actor(ref="person:cleo", name="Cleo")


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The application, with a use case whose version lacks its parity report."""
    with parts.database.session() as session:
        open_usecase(session)
        bring_evidence(session, without=("parity_report",))
        inventory.add_version(session, "lead-scoring", SUBJECT_DIGEST)
        governance.classify(session, BEN, "lead-scoring")
    return application(parts)


@pytest.fixture
def olga(parts: Parts, app: FastAPI) -> Browser:
    """An operator, who may ask and not confirm."""
    return signed_in(parts, "Olga", (Role.operator, None), app=app)


@pytest.fixture
def cora(parts: Parts, app: FastAPI) -> Browser:
    """A member of the council for sales."""
    return signed_in(parts, "Cora", (Role.council, "sales"), app=app)


@pytest.fixture
def ada(parts: Parts, app: FastAPI) -> Browser:
    """Somebody of the AI office."""
    return signed_in(parts, "Ada", (Role.ai_office, None), app=app)


def asked(browser: Browser) -> str:
    """Ask; gives the address."""
    browser.get(NEW)
    page = browser.send("/break-glass/new", reason=WHY)
    assert page.url.path.startswith("/break-glass/bgl_"), page.text
    return page.url.path


def test_one_asks_another_lets_it_in_and_a_third_reviews(
    olga: Browser, cora: Browser, ada: Browser, parts: Parts
) -> None:
    assert "Break the glass…" in olga.text("/usecases/lead-scoring")
    assert "This sets off an alarm" in olga.text(NEW)
    address = asked(olga)
    assert "You asked for it yourself" in olga.text(address)
    assert f'action="{address}/confirm"' not in olga.get(address).text
    assert "Somebody asks to break the glass" in olga.text("/usecases/lead-scoring")
    cora.get(address)
    short = cora.send(f"{address}/confirm", reason="yes")
    assert short.status_code == 422
    done = cora.send(f"{address}/confirm", reason="it is as bad as she says")
    assert "Let in for three days" in done.text
    with parts.database.session() as session:
        [release] = registry.find_releases(session, ListQuery(filters={"usecase": ("lead-scoring",)})).items
        verdict = governance.find_verdict(session, subject_digest=SUBJECT_DIGEST, environment="production")
    assert verdict is not None and verdict.exceptions == (address.rpartition("/")[2],)
    assert (release.status, release.approval, release.break_glass) == ("released", None, verdict.exceptions[0])
    assert "Break-glass" in cora.text(f"/releases/{release.id}")
    shown = cora.text(f"/verdicts/{verdict.id}")
    assert "It rests on 1 exception" in shown and "signature holds" in shown and "let in in an emergency" in shown
    assert "The glass is broken here" in cora.text("/usecases/lead-scoring")
    assert "1 waits for somebody" in cora.text("/break-glass")
    assert f'action="{address}/review"' not in cora.get(address).text
    assert f'action="{address}/review"' not in olga.get(address).text
    ada.get(address)
    assert ada.send(f"{address}/review", review="no finding was chosen").status_code == 422
    ada.get(address)
    seen = ada.send(f"{address}/review", finding="justified", review="nothing else would have helped")
    assert "Reviewed; what you found is kept for good" in seen.text and "nothing else would have helped" in seen.text


def test_what_is_overdue_is_told_everywhere_and_blocks_another(olga: Browser, cora: Browser, parts: Parts) -> None:
    with parts.database.session() as session, clock.fixed(clock.now() - timedelta(days=4)):
        wanted = governance.request_break_glass(
            session, ANA, usecase="lead-scoring", environment="production", subject=SUBJECT,
            subject_digest=SUBJECT_DIGEST, reason=WHY,
        )  # fmt: skip
        governance.confirm_break_glass(session, BEN, wanted.id, "it is as bad as she says")
    assert "The review is overdue" in cora.text(f"/break-glass/{wanted.id}")
    assert "A break-glass was not reviewed in time" in cora.text("/usecases/lead-scoring")
    assert "1 break-glass was not reviewed in time" in cora.text("/waivers")
    olga.get(NEW)
    again = olga.send("/break-glass/new", reason=WHY)
    assert again.status_code == 409 and "was not reviewed within three days" in again.text


def test_who_may_not_see_gates_sees_nothing_and_who_may_not_ask_is_refused(
    parts: Parts, app: FastAPI, olga: Browser
) -> None:
    address = asked(olga)
    stranger = signed_in(parts, "Emil", (Role.employee, "sales"), app=app)
    for path in ("/break-glass", address, NEW):
        assert stranger.get(path).status_code == 403, path
    scientist = signed_in(parts, "Dana", (Role.data_scientist, "sales"), app=app)
    assert scientist.get(NEW).status_code == 403 and scientist.get(address).status_code == 200
    assert "Break the glass…" not in scientist.text("/usecases/lead-scoring")
