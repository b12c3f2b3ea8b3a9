"""Mandates for real: who drafts and signs, what a lapse closes on every road, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.governance import mandates
from headway.governance.mandates import (
    IntakeClosed,
    MandateClosed,
    MandateInvalid,
    MandateState,
    NotTheSponsor,
    ProgrammeTaken,
)
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import dsse_open
from headway.kernel.errors import Denied
from headway.kernel.storage import Storage
from tests.factories.governance import ANA, BEN, NOW, open_usecase
from tests.factories.mandates import SAID, SIGNER, drafted, person, programme, signed

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def today() -> Iterator[FixedClock]:
    with clock.fixed(NOW) as held:
        yield held


@pytest.fixture
def cleo(session: Session) -> Actor:
    """The sponsor."""
    return person(session, "Cleo Sponsor")


@pytest.fixture
def growth(session: Session, cleo: Actor) -> Session:
    """A programme of the department sales, without a mandate."""
    programme(session, cleo, "sales")
    return session


def state(session: Session, slug: str = "growth") -> MandateState:
    return mandates.get_programme(session, slug).state


# --- signing -----------------------------------------------------------------------------------------------------


def test_a_mandate_is_drafted_signed_and_can_be_checked_without_this_system(growth: Session, cleo: Actor) -> None:
    assert state(growth) is MandateState.none
    draft = drafted(growth)
    assert (draft.state, state(growth)) == (MandateState.drafted, MandateState.drafted)
    made = mandates.sign_mandate(growth, SIGNER, cleo, draft.id, digest=draft.digest)
    assert (made.state, made.signed_by, made.key_id) == (MandateState.in_force, cleo.ref, SIGNER.key_id)
    envelope = mandates.mandate_envelope(growth, made.id)
    body = dsse_open({SIGNER.key_id: SIGNER.public}, mandates.MANDATE_TYPE, envelope)
    assert made.digest.encode() in body and cleo.ref.encode() in body and SAID["purpose"].encode() in body
    about = mandates.get_programme(growth, "growth")
    assert (about.closed, about.ends_on, about.draft) == (None, made.valid_until, None)


def test_nobody_but_the_sponsor_signs(growth: Session, cleo: Actor) -> None:
    draft = drafted(growth)
    for other in (ANA, BEN):
        with pytest.raises(NotTheSponsor, match="signed by"):
            mandates.sign_mandate(growth, SIGNER, other, draft.id, digest=draft.digest)
    with pytest.raises(Denied):
        mandates.sign_mandate(growth, SIGNER, SYSTEM, draft.id, digest=draft.digest)


def test_who_signs_does_not_draft(growth: Session, cleo: Actor) -> None:
    with pytest.raises(NotTheSponsor, match="somebody else drafts"):
        mandates.draft_mandate(growth, cleo, "growth", **SAID, valid_from=TODAY, valid_until=TODAY)


def test_a_sponsor_signs_exactly_what_was_read(growth: Session, cleo: Actor) -> None:
    draft = drafted(growth)
    with pytest.raises(MandateInvalid, match="not what was drafted"):
        mandates.sign_mandate(growth, SIGNER, cleo, draft.id, digest="sha256-" + "0" * 64)
    identity.ensure_department(growth, ANA, "hr")
    mandates.change_programme(growth, ANA, "growth", departments=["sales", "hr"])
    with pytest.raises(MandateClosed, match="other departments"):
        mandates.sign_mandate(growth, SIGNER, cleo, draft.id, digest=draft.digest)


def test_one_draft_waits_at_a_time_and_can_be_taken_back(growth: Session, cleo: Actor) -> None:
    first = drafted(growth)
    with pytest.raises(MandateClosed, match="waits for the sponsor"):
        drafted(growth)
    mandates.withdraw_mandate(growth, ANA, first.id, "the budget was a typing error")
    assert drafted(growth).id != first.id
    with pytest.raises(MandateClosed, match="withdrawn"):
        mandates.sign_mandate(growth, SIGNER, cleo, first.id, digest=first.digest)


def test_all_that_is_wrong_with_a_draft_is_said_at_once(growth: Session) -> None:
    with pytest.raises(MandateInvalid) as caught:
        drafted(growth, purpose="short", budget_minor=-1, currency="euro", people=-2.0, days=-1)
    assert {one.column for one in caught.value.faults} == {
        "purpose", "budget_minor", "currency", "people", "valid_until",
    }  # fmt: skip


# --- states ------------------------------------------------------------------------------------------------------


def test_it_ends_soon_then_lapses_and_a_new_one_renews_it(growth: Session, cleo: Actor, today: FixedClock) -> None:
    first = signed(growth, cleo, days=60)
    today.advance(timedelta(days=30))
    assert state(growth) is MandateState.ending
    today.advance(timedelta(days=30))
    assert (state(growth), first.valid_until) == (MandateState.ending, clock.now().date())
    today.advance(timedelta(days=1))
    assert state(growth) is MandateState.lapsed
    signed(growth, cleo)
    assert state(growth) is MandateState.in_force


def test_a_mandate_that_follows_without_a_gap_makes_the_end_of_the_first_no_news(
    growth: Session, cleo: Actor, today: FixedClock
) -> None:
    first = signed(growth, cleo, days=20)
    assert state(growth) is MandateState.ending
    signed(growth, cleo, valid_from=first.valid_until + timedelta(days=1), days=400)
    about = mandates.get_programme(growth, "growth")
    assert (about.state, about.ends_on) == (MandateState.in_force, TODAY + timedelta(days=400))
    assert mandates.tell_due(growth, SYSTEM) == 0


def test_a_gap_between_two_mandates_counts(growth: Session, cleo: Actor, today: FixedClock) -> None:
    first = signed(growth, cleo, days=20)
    signed(growth, cleo, valid_from=first.valid_until + timedelta(days=2), days=400)
    assert mandates.get_programme(growth, "growth").ends_on == first.valid_until
    today.advance(timedelta(days=21))
    assert state(growth) is MandateState.to_come


def test_its_end_is_told_once_before_and_once_after(growth: Session, cleo: Actor, today: FixedClock) -> None:
    signed(growth, cleo, days=40)
    assert mandates.tell_due(growth, SYSTEM) == 0
    today.advance(timedelta(days=10))
    assert (mandates.tell_due(growth, SYSTEM), mandates.tell_due(growth, SYSTEM)) == (1, 0)
    today.advance(timedelta(days=31))
    assert (mandates.tell_due(growth, SYSTEM), mandates.tell_due(growth, SYSTEM)) == (1, 0)
    told = [one.type for one in ledger.find(growth, subject="programme:growth").items]
    assert (told.count("mandate.ending"), told.count("mandate.lapsed")) == (1, 1)


# --- what a lapse closes -----------------------------------------------------------------------------------------


def _propose(session: Session, storage: Storage) -> None:
    governance.propose_usecase(session, ANA, slug="calls", title="Ordering of calls", department="sales")


def _open(session: Session, storage: Storage) -> None:
    governance.open_usecase(session, ANA, slug="calls", title="Ordering of calls", department="sales")


def _import(session: Session, storage: Storage) -> None:
    data = b"slug,title,department\ncalls,Ordering of calls,sales\n"
    staged = governance.stage_import(session, storage, ANA, filename="inventory.csv", data=data)
    for fault in staged.faults:
        assert (fault.column, fault.value) == ("department", "sales")
        assert "intake is closed in sales" in fault.message and "mends it by signing a mandate" in fault.message
    governance.apply_import(session, storage, ANA, staged.id, preview_digest=staged.digest)


def _move(session: Session, storage: Storage) -> None:
    governance.update_usecase(session, ANA, "away", changes={"department": "sales"})


def _reopen(session: Session, storage: Storage) -> None:
    governance.reopen_usecase(session, ANA, "there", "we need it again")


def _register(session: Session, storage: Storage) -> None:
    [umbrella] = governance.list_umbrellas(session)
    governance.register_use(session, ANA, umbrella.id, department="sales", what_for="letters to customers")


ROADS = (_propose, _open, _import, _move, _reopen, _register)


@pytest.fixture
def furnished(session: Session) -> Session:
    """What the roads need, from before there was a programme."""
    identity.ensure_department(session, ANA, "hr")
    open_usecase(session, slug="there")
    governance.retire_usecase(session, ANA, "there", "nobody used it")
    open_usecase(session, slug="away", department="hr", title="Sorting of letters")
    governance.classify(session, ANA, "away")
    asked = governance.ask_umbrella(
        session, ANA, "away", conditions="no names", tier="minimal", valid_until=TODAY + timedelta(days=200)
    )
    governance.approve_umbrella(session, BEN, asked.id)
    return session


@pytest.mark.parametrize("road", ROADS, ids=lambda one: one.__name__.strip("_"))
def test_every_road_into_a_department_is_closed_without_a_mandate_and_open_with_one(
    furnished: Session, cleo: Actor, storage: Storage, road: Callable[[Session, Storage], None]
) -> None:
    programme(furnished, cleo, "sales")
    with pytest.raises(IntakeClosed) as caught, furnished.begin_nested():
        road(furnished, storage)
    assert "intake is closed in sales: the programme Growth has no mandate" in caught.value.message
    assert "Cleo Sponsor" in str(caught.value.hint) and caught.value.values["sponsor"] == cleo.ref
    signed(furnished, cleo)
    road(furnished, storage)


def test_training_waits_at_the_intake_gate_and_the_reason_names_who_mends_it(growth: Session, cleo: Actor) -> None:
    signed(growth, cleo, days=5)
    open_usecase(growth)
    governance.classify(growth, ANA, "lead-scoring")
    assert governance.ask_usecase(growth, gate="intake", usecase="lead-scoring").result == "pass"
    with clock.fixed(NOW + timedelta(days=6)):
        found = governance.ask_usecase(growth, gate="intake", usecase="lead-scoring")
        [control] = [one for one in found.controls if one.id == "HW-MANDATE"]
        assert (found.result, control.status.value) == ("block", "failed")
        assert f"lapsed on {TODAY + timedelta(days=6)}; {cleo.ref} mends it" in control.reason


def test_a_department_below_belongs_to_the_nearest_programme(session: Session, cleo: Actor) -> None:
    identity.add_department(session, ANA, slug="sales", name="Sales")
    identity.add_department(session, ANA, slug="sales-north", name="North", parent="sales")
    identity.add_department(session, ANA, slug="sales-south", name="South", parent="sales")
    programme(session, cleo, "sales", slug="growth")
    programme(session, cleo, "sales-south", slug="south")
    signed(session, cleo, "growth")
    told = {place: mandates.intake_of(session, place) for place in ("sales", "sales-north", "sales-south")}
    assert {place: (one.programme, one.is_open) for place, one in told.items()} == {
        "sales": ("growth", True),
        "sales-north": ("growth", True),
        "sales-south": ("south", False),
    }
    assert mandates.departments_under(session, mandates.get_programme(session, "growth")) == ("sales", "sales-north")


def test_a_department_that_joins_later_waits_for_a_mandate_that_names_it(growth: Session, cleo: Actor) -> None:
    signed(growth, cleo)
    identity.ensure_department(growth, ANA, "hr")
    mandates.change_programme(growth, ANA, "growth", departments=["sales", "hr"])
    assert mandates.intake_of(growth, "sales").is_open
    found = mandates.intake_of(growth, "hr")
    assert (found.is_open, found.mender) == (False, cleo.ref)
    assert "does not name hr" in str(found.reason)


def test_two_programmes_do_not_name_one_department_and_a_home_without_programmes_is_open(
    session: Session, cleo: Actor
) -> None:
    identity.ensure_department(session, ANA, "sales")
    assert mandates.intake_of(session, "sales").is_open
    open_usecase(session)
    programme(session, cleo, "sales")
    with pytest.raises(ProgrammeTaken, match="another programme names sales"):
        programme(session, cleo, "sales", slug="other")


def test_a_withdrawn_mandate_closes_intake_at_once(growth: Session, cleo: Actor) -> None:
    made = signed(growth, cleo)
    mandates.withdraw_mandate(growth, cleo, made.id, "the money is needed elsewhere")
    found = mandates.intake_of(growth, "sales")
    assert not found.is_open and "withdrawn: the money is needed elsewhere" in str(found.reason)


# --- what the database holds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("budget_minor = 1", "only a signature"),
        ("purpose = 'something else altogether'", "only a signature"),
        ("valid_until = valid_until + 1", "only a signature"),
        ("signed_by = null, signed_at = null, key_id = null, envelope = null", "only a signature"),
        ("signed_by = 'person:ben'", "only a signature"),
        ("withdrawn_by = 'person:ana'", "withdrawn_whole"),
    ],
)
def test_a_signed_mandate_cannot_be_changed(growth: Session, cleo: Actor, change: str, why: str) -> None:
    signed(growth, cleo)
    with pytest.raises(IntegrityError, match=why), growth.begin_nested():
        growth.execute(text(f"update governance.mandates set {change}"))  # noqa: S608  words of this test
    with pytest.raises(IntegrityError, match="only a signature"), growth.begin_nested():
        growth.execute(text("delete from governance.mandates"))


def test_the_database_lets_nobody_else_sign(growth: Session) -> None:
    drafted(growth)
    forged = "signed_by = 'person:ben', signed_at = now(), key_id = 'k', envelope = 'x'"
    with pytest.raises(IntegrityError, match="signed_by_the_sponsor"), growth.begin_nested():
        growth.execute(text(f"update governance.mandates set {forged}"))  # noqa: S608  words of this test


def test_days_are_days(growth: Session, cleo: Actor) -> None:
    made = signed(growth, cleo, days=0)
    assert (made.valid_from, made.valid_until, made.state) == (TODAY, TODAY, MandateState.ending)
    assert isinstance(made.valid_until, date)
