"""What would change: the page for a pack that is sent and for a day of the law."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from headway import governance, identity
from headway.governance.adapters import built_in_packs
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.web import Parts
from tests.factories.governance import ANA, MINIMAL_RISK
from tests.factories.pages import application, signed_in, text_of


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.fixed(datetime(2026, 11, 27, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        governance.open_usecase(session, ANA, slug="leads", title="Leads", department="sales", risk=MINIMAL_RISK)
        governance.classify(session, ANA, "leads")
    return application(parts)


def law(**changes: object) -> bytes:
    made = json.loads(json.dumps(next(one.body for one in built_in_packs() if one.pack.id == "eu-ai-act-core")))
    made["tier_rules"].insert(0, {**made["tier_rules"][0], "id": "NEW", "tier": "high", "when": "sys.profiling"})
    return json.dumps(made | {"version": "9.0.0", "golden": []} | changes).encode()


def test_a_pack_is_held_against_the_inventory_before_it_is_switched_on(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    assert "What would change?" in office.text("/policies")
    page = office.text("/policies/impact")
    assert "2 Dec 2027" in page and "controls of EU AI Act" in page and "Nothing changes" not in page
    shown = text_of(office.send("/policies/impact", files={"pack": ("law.yaml", law())}).text)
    assert "1 use case changes, none would be stopped" in shown and "Leads" in shown and "high risk" in shown
    assert "eu-ai-act-core@9.0.0" in shown and "rule for the tier" in shown
    office.get("/policies/impact")
    wrong = office.send("/policies/impact", files={"pack": ("law.yaml", law(tier_rules=[], controls="none"))})
    assert wrong.status_code == 422 and "must be a list" in text_of(wrong.text)
    office.get("/policies/impact")
    odd = office.send("/policies/impact", files={"pack": ("law.yaml", b"\xff\xfe\x00")})
    assert odd.status_code == 422 and "UTF-8" in text_of(odd.text)
    office.get("/policies/impact")
    empty = office.send("/policies/impact")
    assert empty.status_code == 422 and "Choose a file, name a day, or both" in text_of(empty.text)


def test_a_day_has_an_address_and_one_that_passed_is_refused(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    assert "Looked at for 2 Dec 2027: use cases 1, releases 0." in office.text("/policies/impact?on=2027-12-02")
    past = office.get("/policies/impact?on=2020-01-01")
    assert past.status_code == 422 and "has passed" in text_of(past.text)
    assert "a day is written as" in text_of(office.get("/policies/impact?on=soon").text)


def test_who_sees_one_department_alone_is_not_told_of_all(parts: Parts, app: FastAPI) -> None:
    head = signed_in(parts, "Hedy Head", (Role.department_head, "sales"), app=app)
    assert head.get("/policies/impact").status_code == 403
    assert "What would change?" not in head.text("/policies")
