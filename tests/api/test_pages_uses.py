"""Where people fill in a form, a line beside each field says who asks for it; what nobody asks for is not there."""

from __future__ import annotations

import fastexcel
import pytest
from fastapi import FastAPI

from headway import governance, identity
from headway.identity import Role
from headway.kernel.web import Parts
from tests.factories.governance import ANA, MINIMAL_RISK
from tests.factories.pages import application, form_of, signed_in, text_of


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        governance.open_usecase(session, ANA, slug="leads", title="Leads", department="sales", risk=MINIMAL_RISK)
    return application(parts)


def test_a_form_says_beside_each_field_what_it_is_for(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    new, edit = office.text("/usecases/new"), office.text("/usecases/leads/edit")
    assert "used for: finding twins, search" in new and "asked by: HW-OWNER" in edit
    risk = office.text("/usecases/leads/risk")
    answered = {"art6_3_accepted"}  # by what was assessed and accepted, not by people
    assert risk.count("asked by: ") == len(governance_facts(parts) - answered) > 10
    told = {"csrf": form_of(office.get("/usecases/leads/edit").text, "/usecases/leads/edit")["csrf"], "title": "Leads"}
    headers = {"hx-request": "true", "hx-trigger-name": "owner"}
    checked = office.http.post("/usecases/check", data=told, headers=headers)
    assert text_of(checked.text).count("asked by: HW-OWNER") == 1
    attest = office.text("/usecases/leads/attest?type=change_assessment")
    assert "asked by: " in attest or "used for: pages that show it" in attest


def test_what_no_rule_in_force_reads_is_neither_asked_nor_lost(parts: Parts, app: FastAPI) -> None:
    office = signed_in(parts, "Olga Office", (Role.ai_office, None), app=app)
    with parts.database.session() as session:
        governance.update_usecase(session, ANA, "leads", changes={}, risk={"materiality": "low"})
    assert 'name="materiality"' not in office.get("/usecases/leads/risk").text
    office.get("/usecases/leads/risk")
    office.send("/usecases/leads/risk", then="keep", profiling="no")
    sheet = fastexcel.read_excel(office.get("/usecases/import/template.xlsx").content).load_sheet(0).to_arrow()
    with parts.database.session() as session:
        assert governance.get_usecase(session, "leads").risk["materiality"] == "low"
        facts = {one.name for one in governance.asked_facts(session)}
    assert facts and "materiality" not in facts
    assert not {name for name in sheet.schema.names if "materiality" in name.casefold()}


def governance_facts(parts: Parts) -> set[str]:
    with parts.database.session() as session:
        return {one.name for one in governance.asked_facts(session)}
