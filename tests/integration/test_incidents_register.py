"""The register: opened by a person, told more of, its clocks following what is known, closed by another person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, incidents, ledger
from headway.incidents import Answer, ClockState, Harm, IncidentState, RiskToPersons, Severity, Wanted
from headway.incidents.errors import (
    ClocksInvalid,
    ClocksPublished,
    IncidentInvalid,
    SamePerson,
    UnknownClock,
    UnknownIncident,
    WrongState,
)
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import Denied
from headway.kernel.listing import ListQuery
from tests.factories.governance import ANA, BEN, MINIMAL_RISK, open_usecase

NOW = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
HIGH = {**MINIMAL_RISK, "annex_iii": ["4a"], "vendor_supplied": False}
TOLD = Wanted(title="Wrong salaries", what="A batch of salaries was off by a factor of ten")
KNOWN = {"severity": Severity.low, "harm": (), "widespread": False, "personal_data_breach": False}
EXTRA = """
id: own-incidents
version: "2.0.0"
title: Ours
as_of: "2026-11-01"
time_zone: Europe/Berlin
clocks:
  - {id: OWN-BOARD, title: Tell the board, source: policy 7, confidence: verified, jurisdiction: own, starts: aware,
     within: {amount: 4, unit: hours}, met_by: internal, to: the board, when: []}
"""


def running(session: Session, incident: str) -> set[str]:
    return {one.id for one in incidents.view_incident(session, incident).clocks if one.state is ClockState.running}


def opened(session: Session, wanted: Wanted = TOLD, actor: Actor = ANA) -> incidents.Incident:
    return incidents.open_incident(session, actor, wanted)


def high_risk(session: Session, *jurisdictions: str) -> None:
    where = {"jurisdictions": list(jurisdictions)} if jurisdictions else {}
    open_usecase(session, slug="screening", title="Screening", risk={**HIGH, **where})
    governance.classify(session, BEN, "screening")


def test_an_incident_of_which_nothing_is_known_starts_every_clock(session: Session) -> None:
    with clock.fixed(NOW):
        made = opened(session)
        view = incidents.view_incident(session, made.id)
    assert (made.state, made.running, made.late, made.severity) == (IncidentState.open, 9, 0, None)
    assert {one.jurisdiction: one.answer for one in view.places} == dict.fromkeys(
        ("EU", "US-CO", "US-NYC"), Answer.unknown
    )
    assert made.next_due == min(one.until for one in view.clocks)
    assert [event.type for event in ledger.find(session, subject=f"incident:{made.id}").items].count(
        "incident.clock_started"
    ) == 9
    assert any("write down the cause" in line for line in view.before_closing)


def test_what_is_known_starts_and_stops_clocks_in_the_right_places(session: Session) -> None:
    with clock.fixed(NOW):
        high_risk(session, "EU", "US-NYC")
        made = opened(session, Wanted(title="T", what=TOLD.what, concerns=("usecase:screening",)))
        assert (made.department, made.usecases) == ("sales", ("screening",))
        places = {one.jurisdiction: one for one in incidents.view_incident(session, made.id).places}
        assert (places["EU"].answer, places["EU"].sources) == (Answer.yes, ("usecase:screening",))
        assert (places["US-NYC"].answer, places["US-CO"].answer) == (Answer.yes, Answer.no)
        told = {**KNOWN, "harm": (Harm.death,), "personal_data_breach": True, "risk_to_persons": RiskToPersons.likely}
        incidents.update_incident(session, ANA, made.id, told)
        assert running(session, made.id) == {"AIA-73-4", "GDPR-33", "OWN-CAUSE"}
        kept = {one.id: one for one in incidents.view_incident(session, made.id).clocks}
        assert kept["AIA-73-4"].until == NOW + timedelta(days=10)
        assert kept["AIA-73-2"].state is ClockState.stopped and "harm is death" in kept["AIA-73-2"].why
        # it turns out that a system of critical infrastructure failed too: the clock that was ruled out runs again
        incidents.update_incident(session, ANA, made.id, {"harm": (Harm.death, Harm.critical_infrastructure)})
        assert "AIA-73-3" in running(session, made.id)
        # a person says with a reason that it is not in the European Union
        incidents.place_incident(session, BEN, made.id, jurisdiction="EU", is_in=False, reason="the branch in New York")
        assert running(session, made.id) == {"OWN-CAUSE"}
        with pytest.raises(IncidentInvalid, match="reason"):
            incidents.place_incident(session, BEN, made.id, jurisdiction="EU", is_in=True, reason=" ")


def test_clocks_follow_the_moment_of_becoming_aware(session: Session) -> None:
    with clock.fixed(NOW):
        made = opened(session, Wanted(title="T", what=TOLD.what, aware_at=NOW - timedelta(days=1)))
        before = {one.id: one.until for one in incidents.view_incident(session, made.id).clocks}
        incidents.update_incident(session, ANA, made.id, {"aware_at": NOW - timedelta(days=2)})
        after = {one.id: one.until for one in incidents.view_incident(session, made.id).clocks}
    assert after["GDPR-33"] == before["GDPR-33"] - timedelta(days=1) == NOW + timedelta(days=1)


def test_a_person_judges_a_clock_not_due_and_it_stays_so(session: Session) -> None:
    with clock.fixed(NOW):
        made = opened(session)
        with pytest.raises(IncidentInvalid):
            incidents.judge_clock(session, BEN, made.id, "GDPR-33", "")
        judged = incidents.judge_clock(session, BEN, made.id, "GDPR-33", "no personal data is in it")
        assert (judged.state, judged.settled_by, judged.reason) == (
            ClockState.judged, BEN.ref, "no personal data is in it",
        )  # fmt: skip
        incidents.update_incident(session, ANA, made.id, {"personal_data_breach": True})
        assert "GDPR-33" not in running(session, made.id)
        with pytest.raises(WrongState):
            incidents.judge_clock(session, BEN, made.id, "GDPR-33", "again")
        with pytest.raises(UnknownClock):
            incidents.judge_clock(session, BEN, made.id, "GDPR-99", "what")
    with pytest.raises(IntegrityError, match="stays so"):
        session.execute(text("update incidents.clocks set state = 'running' where state = 'judged'"))


def test_own_clocks_are_met_by_what_they_ask_for(session: Session) -> None:
    with clock.fixed(NOW):
        made = opened(session, Wanted(title="T", what=TOLD.what, severity=Severity.critical))
        incidents.mark_contained(session, ANA, made.id, "switched off by hand")
        incidents.update_incident(session, ANA, made.id, {"cause": "a unit was changed in the source"})
        kept = {one.id: one for one in incidents.view_incident(session, made.id).clocks}
    assert (kept["OWN-CONTAIN"].state, kept["OWN-CAUSE"].state) == (ClockState.met, ClockState.met)
    assert kept["OWN-TELL"].state is ClockState.running


def test_who_opened_it_does_not_close_it_and_nothing_due_may_be_left(session: Session) -> None:
    with clock.fixed(NOW):
        made = opened(session)
        with pytest.raises(SamePerson):
            incidents.close_incident(session, ANA, made.id, "it is over")
        with pytest.raises(WrongState, match="write down the cause"):
            incidents.close_incident(session, BEN, made.id, "it is over")
        with pytest.raises(WrongState, match="cause"):
            incidents.mark_corrected(session, BEN, made.id, "mended")
        incidents.update_incident(session, ANA, made.id, {**KNOWN, "cause": "a unit was changed"})
        assert running(session, made.id) == set()
        incidents.mark_corrected(session, ANA, made.id, "the unit is checked by the contract")
        with pytest.raises(Denied):
            incidents.close_incident(session, SYSTEM, made.id, "it is over")
        closed = incidents.close_incident(session, BEN, made.id, "checked with Ana")
        assert (closed.state, closed.closed_by, closed.running) == (IncidentState.closed, BEN.ref, 0)
        with pytest.raises(WrongState, match="closed"):
            incidents.update_incident(session, ANA, made.id, {"title": "Other"})
        again = incidents.reopen_incident(session, ANA, made.id, "it happened again")
        assert (again.state, again.closed_by) == (IncidentState.open, None)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("delete from incidents.incidents", "stays"),
        ("update incidents.incidents set opened_by = 'person:zoe'", "stays"),
        (
            "update incidents.incidents set state = 'closed', closed_by = opened_by, closed_at = now(), "
            "closed_because = 'x', cause = 'y'",
            "closed_by_another",
        ),
        ("delete from incidents.clocks", "stays so"),
    ],
)
def test_tables_hold_the_rules_whatever_the_code_says(session: Session, statement: str, message: str) -> None:
    with clock.fixed(NOW):
        opened(session)
    with pytest.raises(IntegrityError, match=message):
        session.execute(text(statement))


def test_every_fault_of_a_report_is_told(session: Session) -> None:
    with clock.fixed(NOW), pytest.raises(IncidentInvalid) as refused:
        opened(session, Wanted(title=" ", what="short", started_at=NOW, ended_at=NOW - timedelta(days=1), alert="x"))
    assert {fault.column for fault in refused.value.faults} == {"title", "what", "ended_at", "alert"}
    with clock.fixed(NOW), pytest.raises(IncidentInvalid) as unknown:
        opened(session, Wanted(title="T", what=TOLD.what, concerns=("usecase:none", "cat:tom", "nothing")))
    assert len(unknown.value.faults) == 3
    with pytest.raises(Denied):
        opened(session, actor=SYSTEM)
    with pytest.raises(UnknownIncident):
        incidents.get_incident(session, "inc_none")


def test_people_are_reminded_before_the_end_and_alarmed_after_it_once_each(session: Session) -> None:
    with clock.fixed(NOW) as held:
        made = opened(session)
        incidents.update_incident(
            session, ANA, made.id, {**KNOWN, "personal_data_breach": True}
        )  # 72 hours, and the cause
        assert incidents.remind_due(session) == 0
        held.advance(timedelta(hours=55))
        assert (incidents.remind_due(session), incidents.remind_due(session)) == (2, 0)  # both clocks of the breach
        held.advance(timedelta(hours=18))
        assert (incidents.remind_due(session), incidents.remind_due(session)) == (2, 0)
        assert incidents.get_incident(session, made.id).late == 2
        due = incidents.deadlines(session)
        assert [one.name for one in due] == ["GDPR-33", "GDPR-34", "OWN-CAUSE"] and due[0].is_late
        assert incidents.deadlines(session, within=frozenset(["hr"])) == ()
        found = incidents.find_incidents(session, ListQuery(filters={"late": ("yes",)}))
        assert [one.id for one in found.items] == [made.id]
    kinds = [event.type for event in ledger.find(session, subject=f"incident:{made.id}", limit=100).items]
    assert (kinds.count("incident.clock_ending"), kinds.count("incident.clock_passed")) == (2, 2)


def test_the_register_is_searched_and_filtered(session: Session) -> None:
    with clock.fixed(NOW):
        high_risk(session, "EU")
        one = opened(session, Wanted(title="Wrong salaries", what=TOLD.what, concerns=("usecase:screening",)))
        other = opened(session, Wanted(title="Two letters", what=TOLD.what, harm=(Harm.death,), severity=Severity.high))

        def ask(**filters: str) -> list[str]:
            query = ListQuery(filters={name: (value,) for name, value in filters.items()})
            return [found.id for found in incidents.find_incidents(session, query).items]

        assert ask() == [other.id, one.id]
        assert ask(usecase="screening") == ask(department="sales") == [one.id]
        assert ask(harm="death") == ask(severity="high") == [other.id]
        assert [found.id for found in incidents.find_incidents(session, ListQuery(search="wrong sal")).items] == [
            one.id
        ]
        assert [found.id for found in incidents.incidents_about(session, ["screening"])] == [one.id]
        assert incidents.incidents_about(session, []) == ()


def test_clocks_of_ones_own_count_at_once_and_a_version_is_never_changed(session: Session) -> None:
    with clock.fixed(NOW):
        made = opened(session)
        published = incidents.publish_clocks(session, BEN, EXTRA)
        assert published.published_by == BEN.ref
        kept = {one.id: one for one in incidents.view_incident(session, made.id).clocks}
        assert kept["OWN-BOARD"].until == NOW + timedelta(hours=4)
        assert kept["OWN-CAUSE"].state is ClockState.running, "what runs already is not forgotten with its rule"
        assert incidents.publish_clocks(session, ANA, EXTRA) == published
        with pytest.raises(ClocksPublished):
            incidents.publish_clocks(session, ANA, EXTRA.replace("Tell the board", "Tell nobody"))
        with pytest.raises(ClocksInvalid):
            incidents.publish_clocks(session, ANA, "id: x")
    assert [one.version for one in incidents.sets_in_force(session) if one.id == "own-incidents"] == ["2.0.0"]
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("delete from incidents.clock_sets"))
