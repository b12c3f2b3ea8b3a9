"""Whom the decision rights have told finds it in the inbox: plans, incidents, rounds of means, the risk appetite."""

from __future__ import annotations

from datetime import date

import pytest

from headway import collaboration, identity, incidents, ledger, portfolio
from headway.governance import mandates
from headway.governance.mandates import Limit, LimitKind, RightsRow
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.web import Parts
from headway.scaling.service.plans import fail_plan
from headway.scaling.tables import PlanRow
from tests.factories.collaboration import colleague, open_leads, ruled
from tests.factories.governance import ANA, BEN
from tests.factories.mandates import SIGNER

WHY = "what the council and the office agreed on"
STAGES = ("scaling", "incident", "allocation", "appetite")


@pytest.fixture
def here(parts: Parts) -> Parts:
    """The rules in force, and a matrix that has department heads told of what the permission rules alone would not."""
    made = ruled(parts)
    open_leads(parts.database)
    with parts.database.session() as session:
        identity.ensure_department(session, SYSTEM, "hr")
        rows = [RightsRow(lane="every", stage=one, told=("department_head", "sponsor")) for one in STAGES]
        mandates.save_draft(session, ANA, rows)
        found = mandates.adopt_rights(session, ANA, WHY)
        mandates.confirm_rights(session, SIGNER, BEN, found.version, digest=found.digest)
    return made


def happen(here: Parts) -> None:
    """A plan to take leads to hr fails, an incident is opened, a round is drafted, an appetite is confirmed."""
    with here.database.session() as session:
        values = {"version": "model:leads@1", "job": "job_1", "filename": "leads.csv", "request": {}, "steps": {}}
        row = PlanRow(
            id="scp_1", usecase="leads", department="hr", state="running", started_by=ANA.ref, started_at=clock.now(), **values
        )  # fmt: skip
        session.add(row)
        session.flush()
        fail_plan(session, ANA, "scp_1", {"code": "file.empty", "detail": "the file holds no row"})
        incidents.open_incident(
            session, ANA, incidents.Wanted(title="Wrong leads", what="Leads came twice", concerns=("usecase:leads",))
        )
        asked = portfolio.Asked(budget="1 EUR", value="2 EUR", reason="two engineers")
        portfolio.request_resources(session, ANA, "leads", asked)
        draft = portfolio.Draft(
            title="Winter", starts=date(2027, 1, 1), ends=date(2027, 7, 1), limits=portfolio.Limits()
        )
        portfolio.draft_allocation(session, ANA, draft)
        limit = Limit(kind=LimitKind.people, scope="", most=9, currency="")
        found = mandates.adopt_appetite(session, ANA, [limit], WHY)
        mandates.confirm_appetite(session, BEN, found.version, digest=found.digest)
    trusted = {here.signer.key_id: here.signer.public}
    ledger.sequence(here.database, here.storage, here.signer, trusted=trusted)
    with here.database.session() as session:
        collaboration.tell(session, here.subjects, has_mail=False)


def told(here: Parts, actor: Actor) -> set[str]:
    with here.database.session() as session:
        found = collaboration.list_inbox(session, actor).items
    return {one.type for one in found} - {"role.granted"}


def test_who_is_named_is_told_where_it_concerns_them_and_they_may_read_it(here: Parts) -> None:
    database = here.database
    sales = colleague(database, "Hedy", Role.department_head)
    hr = colleague(database, "Hugo", Role.department_head, "hr")
    law = colleague(database, "Lea", Role.department_head, "law")
    sponsor = colleague(database, "Sue", Role.sponsor, None)
    employee = colleague(database, "Eve", Role.employee)
    happen(here)
    appetite = {"appetite.adopted", "appetite.confirmed"}
    assert told(here, sponsor) == {"scaleplan.failed", "incident.opened", "allocation.drafted"} | appetite
    assert told(here, sales) == {"incident.opened"} | appetite, "the plan is in hr, and rounds are the organisation's"
    assert told(here, hr) == {"scaleplan.failed"} | appetite
    assert told(here, law) == appetite
    assert told(here, employee) == set()
