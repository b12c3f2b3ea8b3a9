"""Shadow AI: reports without blame, logs without names, and what becomes of each tool."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.governance import SightingState
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from tests.factories.governance import ANA, BEN, JOB, open_usecase

LOG = "time,host,user,count\n2026-03-02,chatgpt.com,secret.name@example.org,3\n2026-03-04,chatgpt.com,other.name@example.org,1\n"

KEPT = """
select t::text from governance.sightings t union all select t::text from governance.gateway_logs t
union all select t::text from governance.sighting_reports t
"""


@pytest.fixture(autouse=True)
def places(session: Session) -> None:
    for slug in ("hr", "sales"):
        identity.ensure_department(session, ANA, slug)


def said(session: Session, **told: object) -> governance.Sighting:
    values = {"tool": "ChatGPT", "what_for": "Letters", "department": "hr", **told}
    return governance.report_sighting(session, BEN, **values)  # type: ignore[arg-type]


def test_the_same_tool_in_a_department_is_one_item(session: Session) -> None:
    first = said(session)
    again = said(session, tool="https://chatgpt.com/", what_for="Offers")
    elsewhere = said(session, department=None)
    assert again.id == first.id != elsewhere.id
    assert [one.what_for for one in again.reports] == ["Letters", "Offers"] and again.host == "chatgpt.com"
    with pytest.raises(governance.IntakeInvalid):
        said(session, tool=" ")
    with pytest.raises(governance.IntakeInvalid):
        said(session, what_for=" ")
    with pytest.raises(identity.DepartmentNotFound):
        said(session, department="nowhere")
    with pytest.raises(Denied):
        governance.report_sighting(session, JOB, tool="x", what_for="y", department=None)


def test_who_stays_unnamed_is_known_to_the_ai_office_alone(session: Session) -> None:
    made = said(session, unnamed=True)
    assert governance.get_sighting(session, made.id).reports[0].reporter is None
    assert governance.get_sighting(session, made.id, names_for=ANA.ref).reports[0].reporter is None
    assert governance.get_sighting(session, made.id, names_for="*").reports[0].reporter == BEN.ref
    [event] = ledger.find(session, subject=Ref("sighting", made.id)).items
    assert event.actor == SYSTEM.ref and BEN.ref not in json.dumps(dict(event.payload or {}))
    named = said(session, tool="DeepL")
    assert governance.get_sighting(session, named.id).reports[0].reporter == BEN.ref


def test_a_log_is_counted_once_and_holds_no_names(session: Session) -> None:
    invited = identity.add_person(session, ANA, name="Sec", email="secret.name@example.org")
    identity.grant_role(session, ANA, principal=Ref.parse(invited.person.ref), role=Role.employee, department="sales")
    done = governance.import_gateway_log(session, ANA, filename="march.csv", data=LOG.encode())
    assert (done.lines, done.added, done.updated, done.unknown_hosts) == (2, 2, 0, ())
    found = {one.department: (one.uses, one.users) for one in governance.list_sightings(session)}
    assert found == {"sales": (3, 1), None: (1, 1)}
    with pytest.raises(governance.GatewayLogRead):
        governance.import_gateway_log(session, ANA, filename="again.csv", data=LOG.encode())
    later = governance.import_gateway_log(session, ANA, filename="april.csv", data=LOG.replace("-03-", "-04-").encode())
    assert (later.added, later.updated) == (0, 2)
    assert {one.uses for one in governance.list_sightings(session)} == {6, 2}
    rows = session.execute(text(KEPT)).scalars().all()
    assert len(rows) == 4 and not any("name@" in row or invited.person.id in row for row in rows)
    told = session.execute(text("select payload::text from ledger.payloads")).scalars().all()
    assert not any("other.name@" in one for one in told)


def test_a_log_with_a_wrong_line_changes_nothing(session: Session) -> None:
    with pytest.raises(governance.IntakeInvalid) as refused:
        governance.import_gateway_log(session, ANA, filename="x.csv", data=(LOG + "nonsense,,\n").encode())
    assert {fault.column for fault in refused.value.faults} == {"line 4"}
    assert list(governance.list_sightings(session)) == []


def test_each_tool_is_settled_once_and_a_dismissed_one_comes_back_when_it_is_seen_again(session: Session) -> None:
    made = said(session)
    with pytest.raises(governance.IntakeInvalid, match="dismissed"):
        governance.settle_sighting(session, ANA, made.id, outcome="dismissed", reason=" ")
    done = governance.settle_sighting(session, ANA, made.id, outcome="dismissed", reason="blocked at the gateway")
    assert (done.state, done.reason, done.settled_by) == (SightingState.dismissed, "blocked at the gateway", ANA.ref)
    with pytest.raises(governance.SightingSettled):
        governance.settle_sighting(session, ANA, made.id, outcome="dismissed", reason="again")
    old = "time,host,department\n2020-01-01,chatgpt.com,hr\n"
    assert governance.import_gateway_log(session, ANA, filename="old.csv", data=old.encode()).known == 1
    assert governance.get_sighting(session, made.id).state is SightingState.dismissed, "seen before it was dismissed"
    new = f"time,host,department\n{(clock.now() + timedelta(minutes=1)).isoformat()},chatgpt.com,hr\n"
    assert governance.import_gateway_log(session, ANA, filename="new.csv", data=new.encode()).reopened == 1
    back = governance.get_sighting(session, made.id)
    assert (back.state, back.reason, back.age_days) == (SightingState.open, None, 0)


def test_a_tool_becomes_an_entry_joins_one_or_goes_under_an_umbrella(session: Session) -> None:
    open_usecase(session, purpose="Draft letters with ChatGPT")
    governance.classify(session, ANA, "lead-scoring")
    made = said(session)
    assert made.entries == ("lead-scoring",), "the entry that names the tool"
    done = governance.settle_sighting(session, ANA, made.id, outcome="joined", usecase="lead-scoring")
    assert (done.state, done.usecase) == (SightingState.joined, "lead-scoring")
    [joined] = governance.relations_of(session, "lead-scoring").joins
    assert (joined.department, joined.what_for) == ("hr", "ChatGPT: Letters")

    until = clock.now().date() + timedelta(days=30)
    asked = governance.ask_umbrella(
        session, ANA, "lead-scoring", conditions="no names", tier="minimal", valid_until=until
    )
    governance.approve_umbrella(session, BEN, asked.id)
    other = said(session, tool="DeepL")
    assert other.entries == ()
    under = governance.settle_sighting(session, ANA, other.id, outcome="umbrella", umbrella=asked.id)
    assert under.usecase == "lead-scoring" and governance.get_umbrella(session, asked.id).registrations == 1

    third = said(session, tool="Otter", department=None)
    with pytest.raises(governance.IntakeInvalid, match="which department"):
        governance.settle_sighting(session, ANA, third.id, outcome="joined", usecase="lead-scoring")
    with pytest.raises(governance.UseCaseUnknown):
        governance.settle_sighting(session, ANA, third.id, outcome="entry", usecase="nothing")
    governance.settle_sighting(session, ANA, third.id, outcome="entry", usecase="lead-scoring")
    assert list(governance.list_sightings(session, state=SightingState.open)) == []


def test_the_queue_shows_the_longest_waiting_first_and_only_ones_own_departments(session: Session) -> None:
    start = clock.now()
    with clock.fixed(start - timedelta(days=9)):
        said(session, tool="Otter")
    said(session, tool="DeepL", department="sales")
    found = governance.list_sightings(session)
    assert [(one.tool, one.age_days) for one in found] == [("Otter", 9), ("DeepL", 0)]
    assert [one.tool for one in governance.list_sightings(session, within=frozenset(["hr"]))] == ["Otter"]
    assert [one.tool for one in governance.list_sightings(session, reporter=BEN.ref)] == ["Otter", "DeepL"]
    assert list(governance.list_sightings(session, reporter=ANA.ref)) == []
