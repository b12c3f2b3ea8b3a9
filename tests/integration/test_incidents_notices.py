"""Drafts of notifications hold what records hold and nothing else; a person sends them, which meets the clock."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import collaboration, governance, identity, incidents, ledger
from headway.incidents import ClockState, Harm, Notice, RiskToPersons, Severity, Wanted, adapters, drafting
from headway.incidents.errors import IncidentInvalid, NothingToTell, NoticeSent, UnknownClock, UnknownNotice, WrongState
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from tests.factories.governance import ANA, BEN, MINIMAL_RISK, open_usecase

NOW = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
WHAT = "A batch of salaries was off by a factor of ten"
ATTACK = (
    "GAPS\n- Cause: none\r## DUTY [x](http://evil) `code` <script>\u202edlrow #let x = 1 $x$ \\ *bold* \x00\u2028end"
)


def opened(session: Session, **told: Any) -> str:
    if "screening" not in {one.slug for one in governance.list_usecases(session).items}:
        risk = {**MINIMAL_RISK, "annex_iii": ["4a"], "jurisdictions": ["EU"]}
        open_usecase(session, slug="screening", title="Screening", risk=risk)
        governance.classify(session, BEN, "screening")
    values = {"title": "Wrong salaries", "what": WHAT, "concerns": ("usecase:screening",), **told}
    return incidents.open_incident(session, ANA, Wanted(**values)).id


def draft(session: Session, incident: str, clock_id: str) -> Notice:
    return incidents.draft_notices(session, ANA, incident, clock_id=clock_id)[0]


def facts(notice: Notice) -> dict[str, str]:
    return {one.says: one.value for line in notice.draft.lines for one in line.facts}


def held(session: Session, notice: Notice, record: str, field: str) -> object:
    """What a record holds, read past the drafts: from the entity that its reference names."""
    kind, _, name = record.partition(":")
    incident = incidents.get_incident(session, notice.incident)
    if kind == "incident":
        return getattr(incident, field)
    if kind == "clock":
        view = incidents.view_incident(session, notice.incident)
        return getattr(next(one for one in view.clocks if one.id == name), field)
    if kind == "usecase":
        case = governance.get_usecase(session, name)
        if field in ("roles", "annex_iii"):
            said = case.risk[field]
            assert isinstance(said, list | tuple)
            return tuple(map(str, said))
        return getattr(case, field)
    if kind == "task":
        return getattr(collaboration.get_task(session, name), field)
    if kind == "department":
        return identity.get_department(session, name).name
    if kind == "notice":
        sending = incidents.get_notice(session, notice.incident, name).sending
        assert sending is not None
        return (
            incidents.get_notice(session, notice.incident, name).draft.kind
            if field == "kind"
            else getattr(sending, field)
        )
    raise AssertionError(f"no such record: {record}")


def need_only_what_is_held(session: Session, notice: Notice) -> None:
    """Every fact is what its record holds, and beside facts a draft says only what its form says."""
    form = drafting.form_for(adapters.forms(), notice.clock)
    says = {ask.says for line in form.lines for ask in line.facts}
    for line in notice.draft.lines:
        for fact in line.facts:
            value = held(session, notice, fact.record, fact.field)
            assert fact.value == drafting.told(tuple(map(str, value)) if isinstance(value, tuple) else value), fact  # type: ignore[arg-type]
            assert fact.says in says
    words = {(ask.says, ask.mend) for line in form.lines for ask in line.facts}
    words |= {(blank.what, blank.mend) for line in form.lines for blank in line.gaps}
    assert {(gap.what, gap.mend) for gap in notice.draft.gaps} <= words
    assert (notice.draft.title, notice.draft.note) == (form.title, form.note)
    assert [one.id for one in notice.draft.lines] == [one.id for one in form.lines]


@pytest.mark.parametrize("clock_id", ["AIA-73-2", "AIA-73-3", "AIA-73-4", "AIA-26-5", "GDPR-33", "GDPR-34", "OWN-TELL"])
def test_a_draft_for_each_clock_says_what_records_hold_and_lists_the_rest(session: Session, clock_id: str) -> None:
    with clock.fixed(NOW):
        incident = opened(session)
        made = draft(session, incident, clock_id)
        need_only_what_is_held(session, made)
        told = facts(made)
        assert (told["In short"], told["As it was reported"]) == ("Wrong salaries", WHAT)
        assert made.draft.gaps, "nothing was counted, judged or planned yet"
        assert not any("cause" in one.lower() for one in told)
        assert made.draft.clock == clock_id and made.draft.kind == "initial" and made.number == 1


@given(
    title=st.text(min_size=1, max_size=60).filter(lambda one: one.strip()),
    what=st.text(min_size=10, max_size=200).filter(lambda one: len(one.strip()) >= 10) | st.just(ATTACK),
    severity=st.none() | st.sampled_from(Severity),
    harm=st.none() | st.lists(st.sampled_from(Harm), unique=True).map(tuple),
    widespread=st.none() | st.booleans(),
    breach=st.none() | st.booleans(),
    risk=st.none() | st.sampled_from(RiskToPersons),
    days=st.none() | st.integers(0, 30),
    clock_id=st.sampled_from(["AIA-73-4", "GDPR-33", "OWN-TELL"]),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_told_a_draft_holds_only_that(  # noqa: PLR0917  what may be told
    session: Session, title: str, what: str, severity: Severity | None, harm: tuple[Harm, ...] | None, widespread: bool | None,
    breach: bool | None, risk: RiskToPersons | None, days: int | None, clock_id: str,
) -> None:  # fmt: skip
    title, what = (
        title.replace("\x00", "?"),
        what.replace("\x00", "?"),
    )  # what the database cannot hold is refused before
    started = None if days is None else NOW - timedelta(days=days)
    with clock.fixed(NOW), session.begin_nested() as undone:
        incident = opened(
            session, title=title, what=what, severity=severity, harm=harm, widespread=widespread,
            personal_data_breach=breach, risk_to_persons=risk, started_at=started,
        )  # fmt: skip
        kept = {one.id for one in incidents.view_incident(session, incident).clocks}
        if clock_id in kept:
            made = draft(session, incident, clock_id)
            need_only_what_is_held(session, made)
            known = {"Harm": harm, "Severity": severity, "Began": started}
            for line in drafting.form_for(adapters.forms(), clock_id).lines:
                for ask in line.facts:
                    if ask.says in known and ask.mend:
                        is_gap = any(gap.what == ask.says for gap in made.draft.gaps)
                        assert is_gap == (known[ask.says] is None)
            lines = drafting.text_of(made, "Ana").split("\n")
            own = [line for line in lines if line and not line.startswith(("- ", "    "))]
            form = drafting.form_for(adapters.forms(), clock_id)
            heads = {form.title.upper(), drafting.DRAFT, "GAPS", drafting.NO_GAP, "NOTE", form.note}
            heads |= {line.title.upper() for line in form.lines}
            assert all(line in heads or line.startswith("(") for line in own), own
        undone.rollback()


def test_text_of_an_attacker_stays_text_on_paper_too(session: Session) -> None:
    with clock.fixed(NOW):
        incident = opened(session, title="#let x = [GAPS]", what=ATTACK.replace("\x00", ""))
        made = draft(session, incident, "OWN-TELL")
        paper = incidents.write_notice(session, incident, made.id, "pdf")
        plain = incidents.write_notice(session, incident, made.id, "txt").decode()
    whole = pypdf.PdfReader(io.BytesIO(paper))
    read = "".join(page.extract_text() for page in whole.pages).replace("\u200b", "")
    assert "#let x = [GAPS]" in read and "<script>" in read and "\u202e" not in read
    assert whole.trailer["/Root"]["/MarkInfo"]["/Marked"], "it is tagged"  # type: ignore[index]
    assert "\u202e" not in plain and "\u2028" not in plain and "\r" not in plain
    assert "    | - Cause: none" in plain and plain.split("\n").count("GAPS") == 1


def test_the_same_facts_give_the_same_draft_and_others_a_new_one(session: Session) -> None:
    with clock.fixed(NOW):
        incident = opened(session)
        first = draft(session, incident, "AIA-73-2")
        assert draft(session, incident, "AIA-73-2") == first
        incidents.update_incident(
            session, ANA, incident, {"harm": (Harm.health,), "cause": "a unit was changed in the source"}
        )
        assert not incidents.get_notice(session, incident, first.id).is_current
        second = draft(session, incident, "AIA-73-2")
        assert (second.number, second.is_current, facts(second)["Cause"]) == (
            2,
            True,
            "a unit was changed in the source",
        )
        assert second.digest != first.digest == drafting.digest_of(first.draft)
        assert incidents.get_notice(session, incident, first.id).draft == first.draft, "what was drafted stays"
        told = [
            one for one in ledger.find(session, subject=f"incident:{incident}").items if one.type == "incident.drafted"
        ]
        assert {(one.payload or {})["digest"] for one in told} == {first.digest, second.digest}
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("update incidents.notices set digest = 'x'"))


def test_all_running_clocks_are_drafted_at_once_and_those_that_tell_nobody_are_not(session: Session) -> None:
    with clock.fixed(NOW):
        incident = opened(
            session, severity=Severity.high, harm=(Harm.health,), widespread=False, personal_data_breach=False
        )
        made = incidents.draft_notices(session, ANA, incident)
        assert {one.clock for one in made} == {"AIA-73-2", "AIA-26-5", "OWN-TELL"}, "who supplies it nobody has told"
        with pytest.raises(NothingToTell):
            draft(session, incident, "OWN-CAUSE")
        with pytest.raises(UnknownClock):
            draft(session, incident, "NONE")
        with pytest.raises(Denied):
            incidents.draft_notices(session, SYSTEM, incident)


def test_a_person_notes_it_as_sent_and_the_clock_is_met(session: Session, storage: Storage) -> None:
    with clock.fixed(NOW):
        incident = opened(session, severity=Severity.high)
        made = draft(session, incident, "AIA-73-2")
        sent = incidents.mark_sent(
            session, BEN, incident, made.id, sent_at=NOW, to="  Market  surveillance, Vienna ", reference="MS-77",
            file=("receipt.pdf", b"%PDF"), storage=storage,
        )  # fmt: skip
        assert sent.sending is not None
        assert (sent.sending.to, sent.sending.noted_by) == ("Market surveillance, Vienna", BEN.ref)
        kept = {one.id: one for one in incidents.view_incident(session, incident).clocks}["AIA-73-2"]
        assert (kept.state, kept.settled_by) == (ClockState.met, BEN.ref)
        assert kept.reason == "sent to Market surveillance, Vienna at 2026-11-26 16:30 UTC, reference MS-77"
        assert incidents.read_proof(session, incident, made.id, storage) == ("receipt.pdf", b"%PDF")
        with pytest.raises(NoticeSent):
            incidents.mark_sent(session, BEN, incident, made.id, sent_at=NOW, to="x", storage=storage)
        # what is found out later is told in a follow-up, which names the report before it
        incidents.update_incident(session, ANA, incident, {"cause": "a unit was changed in the source"})
        follow = draft(session, incident, "AIA-73-2")
        need_only_what_is_held(session, follow)
        assert (follow.draft.kind, facts(follow)["Its reference number"]) == ("follow_up", "MS-77")
        paper = incidents.write_notice(session, incident, made.id, "txt").decode()
        assert "- Sent: 2026-11-26 16:30 UTC to Market surveillance, Vienna, reference MS-77" in paper
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("delete from incidents.sendings"))


def test_what_cannot_be_is_refused_with_every_fault(session: Session, storage: Storage) -> None:
    with clock.fixed(NOW):
        incident, other = opened(session), opened(session)
        made = draft(session, incident, "GDPR-33")
        for at in (NOW + timedelta(hours=1), NOW - timedelta(hours=1), datetime(2026, 11, 26)):  # noqa: DTZ001
            with pytest.raises(IncidentInvalid) as refused:
                incidents.mark_sent(
                    session, BEN, incident, made.id, sent_at=at, to=" ", file=("\n", b""), storage=storage
                )
            assert [fault.column for fault in refused.value.faults] == ["sent_at", "to", "file", "file"]
        with pytest.raises(UnknownNotice):
            incidents.mark_sent(session, BEN, other, made.id, sent_at=NOW, to="x", storage=storage)
        with pytest.raises(Denied):
            incidents.mark_sent(session, SYSTEM, incident, made.id, sent_at=NOW, to="x", storage=storage)
        with pytest.raises(WrongState):
            incidents.read_proof(session, incident, made.id, storage)


def test_corrective_actions_and_counted_facts_get_into_a_draft(session: Session) -> None:
    with clock.fixed(NOW):
        incident = opened(session)
        who = identity.add_person(session, ANA, name="Otto", email="otto@example.org").person
        about = Ref("incident", incident)
        task = collaboration.create_task(
            session, ANA, title="Check the unit", subject=about, assignee=who.ref, due_on=NOW.date()
        )
        made = draft(session, incident, "AIA-73-2")
        need_only_what_is_held(session, made)
        assert (facts(made)["Action"], facts(made)["Stands"], facts(made)["Due on"]) == (
            "Check the unit",
            "open",
            "2026-11-26",
        )
        collaboration.end_task(session, ANA, task.id, state=collaboration.TaskState.done)
        assert facts(draft(session, incident, "AIA-73-2"))["Stands"] == "done"


def test_forms_name_their_sources_and_ask_only_for_what_records_have() -> None:
    known: Mapping[str, str] = {}
    for form in adapters.forms():
        known = {**known, **dict.fromkeys(form.clocks, form.id)}
        assert form.note and all(line.source and line.confidence for line in form.lines)
        for line in form.lines:
            assert line.facts or line.gaps
            assert len({ask.says for ask in line.facts}) == len(line.facts)
    rules = {
        rule.id
        for kept in adapters.shipped()
        for rule in kept.clocks
        if rule.met_by in ("authority", "persons", "provider")
    }
    assert rules <= set(known), "each clock by law has a form of its own"
    assert sum(not form.clocks for form in adapters.forms()) == 1
    assert msgspec.to_builtins(adapters.forms()[0])["digest"].startswith("sha256")
