"""Packs on pages: published, switched, and which proof closes which control."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import fastexcel
import pytest
import yaml
from fastapi import FastAPI

from headway import governance, identity
from headway.governance.service.switching import PACK_TYPE
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.canonical import digest
from headway.kernel.crypto import dsse_open
from headway.kernel.web import Parts
from tests.factories.governance import ANA, MINIMAL_RISK, SUBJECT_DIGEST, bring_evidence
from tests.factories.pages import application, signed_in, text_of
from tests.integration.test_governance_switching import HOUSE, house


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


def test_an_own_pack_goes_from_a_file_to_the_gates_by_pages(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    office.get("/policies/new")
    none = office.send("/policies/new")
    assert none.status_code == 422 and "Choose a file" in text_of(none.text)
    office.get("/policies/new")
    taken = office.send("/policies/new", files={"pack": ("p.yaml", house(id="headway-core").encode())})
    assert taken.status_code == 409 and "comes with Headway" in text_of(taken.text)
    office.get("/policies/new")
    wrong = office.send("/policies/new", files={"pack": ("p.yaml", house(title="").encode())})
    assert wrong.status_code == 422 and "pack.title: must be a text" in text_of(wrong.text)
    office.get("/policies/new")
    made = office.send("/policies/new", files={"pack": ("p.yaml", house().encode())})
    assert made.url.path == "/policies/house/switch" and "off until you switch it on" in text_of(made.text)
    page = office.text("/policies/house/switch")
    assert "on with version 1.0.0" in page and "published=house" in office.get("/policies/house/switch").text
    assert "House rules" in office.text("/policies") and "Packs that are off" in office.text("/policies")
    office.get("/policies/house/switch")
    silent = office.send("/policies/house/switch", version="1.0.0", reason=" ")
    assert silent.status_code == 422
    office.get("/policies/house/switch")
    assert "The pack is on" in office.send("/policies/house/switch", version="1.0.0", reason="asked for").text
    assert "switched on by Olga Office" in office.text("/policies/house/switch")
    office.get("/policies/house/switch")
    assert "The pack is off" in office.send("/policies/house/switch", version="off", reason="too early").text
    assert "switched off by Olga Office" in office.text("/policies/house/switch")
    office.get("/policies/headway-core/switch")
    kept = office.send("/policies/headway-core/switch", version="off", reason="in the way")
    assert kept.status_code == 409 and "cannot be switched off" in text_of(kept.text)


def test_the_envelope_of_a_pack_is_given_as_a_file_that_verifies(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    given = office.get("/policies/headway-core/envelope")
    trusted = {parts.signer.key_id: parts.signer.public}
    body = json.loads(dsse_open(trusted, PACK_TYPE, given.content))
    with parts.database.session() as session:
        assert digest(body) == governance.get_pack(session, "headway-core").digest


def test_whoever_reads_policies_sees_the_crosswalk_and_switches_nothing(parts: Parts, app: FastAPI) -> None:
    reader = signed_in(parts, "Aud Itor", (Role.auditor, None), app=app)
    page = reader.text("/policies/crosswalk")
    assert "eval_report" in page and "HW-EVALUATED" in page and "AIA-9" in page
    assert "Publish a pack" not in reader.text("/policies")
    assert reader.get("/policies/new").status_code == 403
    assert reader.get("/policies/headway-core/switch").status_code == 403
    sheet = reader.get("/policies/crosswalk?format=xlsx")
    frame = fastexcel.read_excel(sheet.content).load_sheet(0, header_row=None).to_polars()
    assert any("HW-EVALUATED" in str(row) for row in frame.rows())


def test_the_coverage_of_a_use_case_shows_what_is_closed_and_what_would_close_most(parts: Parts, app: FastAPI) -> None:
    with parts.database.session() as session:
        governance.publish_pack(session, parts.signer, ANA, yaml.safe_dump({**HOUSE, "mode": "mapping"}))
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    page = office.text("/usecases/leads/coverage")
    assert "There is no model version yet" in page and "Proofs that would close most" in page and "HOUSE-1" not in page
    assert "HOUSE-1" in office.text("/usecases/leads/coverage?pack=house")
    sheet = office.get("/usecases/leads/coverage?format=xlsx&pack=house")
    frame = fastexcel.read_excel(sheet.content).load_sheet(0, header_row=None).to_polars()
    assert any("HOUSE-1" in str(row) and "policy_document" in str(row) for row in frame.rows())
    nobody = signed_in(parts, "Eva Else", (Role.employee, "sales"), app=app)
    assert nobody.get("/usecases/leads/coverage").status_code == 403
    assert "/usecases/leads/coverage" not in nobody.get("/usecases/leads").text


def test_what_jobs_proved_is_counted_in_the_coverage(parts: Parts, app: FastAPI) -> None:
    with parts.database.session() as session:
        governance.open_usecase(session, ANA, slug="lead-scoring", title="L", department="sales", risk=MINIMAL_RISK)
        governance.classify(session, ANA, "lead-scoring")
        before = governance.cover_usecase(session, "lead-scoring", subject_digest="sha256-" + 64 * "1")
        bring_evidence(session)
        after = governance.cover_usecase(session, "lead-scoring", subject_digest=SUBJECT_DIGEST)
    core = [next(one for one in found.packs if one.pack == "headway-core") for found in (before, after)]
    assert "HW-RETIRE-STOPPED" not in {one.id for one in core[1].controls}  # what is at work need not have stopped
    assert core[0].passed < core[1].passed and core[0].applies >= core[1].applies
