"""Sessions on a real database: limits, rotation, ending, and what an ended one still tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.identity import Person, SessionLimits
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.clock import FixedClock
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.settings import Settings

OFFICE = Actor(ref="person:local", name="Local owner")
LIMITS = SessionLimits(idle=timedelta(hours=1), longest=timedelta(hours=3))


@pytest.fixture
def ada(session: Session) -> Person:
    """A person."""
    identity.setup_home(session)
    return identity.add_person(session, OFFICE, name="Ada", email="ada@example.org").person


def opened(session: Session, person: Person, replaces: str | None = None) -> identity.NewToken:
    return identity.open_session(
        session, person, source="203.0.113.7", agent="curl/8", limits=LIMITS, replaces=replaces
    )


def test_a_session_is_resumed_as_its_person_with_the_roles_of_now(session: Session, ada: Person) -> None:
    made = opened(session, ada)
    assert identity.resume(session, made.secret).actor.roles == ()
    identity.grant_role(session, OFFICE, principal=Ref.parse(ada.ref), role=identity.Role.auditor)
    resumed = identity.resume(session, made.secret)
    assert (resumed.actor.ref, resumed.session_id) == (ada.ref, made.id)
    assert resumed.actor.roles == (RoleGrant(role="auditor"),)
    [held] = identity.list_sessions(session, ada.id)
    assert (held.person, held.source, held.agent) == (ada.ref, "203.0.113.7", "curl")


def test_a_session_ends_when_it_is_not_used(session: Session, ada: Person, fixed_clock: FixedClock) -> None:
    made = opened(session, ada)
    fixed_clock.advance(timedelta(minutes=59))
    until = identity.resume(session, made.secret).expires_at
    assert until == fixed_clock.at + LIMITS.idle
    fixed_clock.advance(timedelta(minutes=59))
    identity.resume(session, made.secret)
    fixed_clock.advance(LIMITS.idle)
    with pytest.raises(identity.SessionExpired) as told:
        identity.resume(session, made.secret)
    assert told.value.values == {"person": ada.ref, "session": made.id}
    assert identity.list_sessions(session, ada.id) == ()


def test_a_session_ends_at_its_time_however_busy(session: Session, ada: Person, fixed_clock: FixedClock) -> None:
    made = opened(session, ada)
    began = fixed_clock.at
    for _ in range(5):
        fixed_clock.advance(timedelta(minutes=30))
        until = identity.resume(session, made.secret).expires_at
    assert until == began + LIMITS.longest
    fixed_clock.advance(timedelta(minutes=30))
    with pytest.raises(identity.SessionExpired):
        identity.resume(session, made.secret)


def test_last_use_is_written_at_most_once_a_minute(session: Session, ada: Person, fixed_clock: FixedClock) -> None:
    made = opened(session, ada)
    began = fixed_clock.at
    fixed_clock.advance(timedelta(seconds=59))
    assert identity.resume(session, made.secret).expires_at == began + LIMITS.idle
    assert identity.get_session(session, made.id).last_used_at == began
    fixed_clock.advance(timedelta(seconds=1))
    identity.resume(session, made.secret)
    assert identity.get_session(session, made.id).last_used_at == fixed_clock.at


@pytest.mark.parametrize("secret", ["", "hws_", "hws_00000000_" + "0" * 40, "hwy_00000000_" + "0" * 40])
def test_a_secret_that_nobody_was_given_is_unknown(session: Session, secret: str) -> None:
    with pytest.raises(identity.SessionUnknown):
        identity.resume(session, secret)


def test_an_api_token_is_no_session(session: Session, ada: Person) -> None:
    token = identity.create_token(session, Actor(ref=ada.ref, name="Ada"), name="laptop")
    with pytest.raises(identity.SessionUnknown):
        identity.resume(session, token.secret)


def test_signing_in_again_ends_the_session_of_before_on_this_device_only(session: Session, ada: Person) -> None:
    first, elsewhere = opened(session, ada), opened(session, ada)
    second = opened(session, ada, replaces=first.secret)
    assert second.secret != first.secret
    with pytest.raises(identity.SessionEnded):
        identity.resume(session, first.secret)
    assert {held.id for held in identity.list_sessions(session, ada.id)} == {second.id, elsewhere.id}
    opened(session, ada, replaces="hws_of_nobody")


def test_one_or_all_others_are_ended_and_each_end_is_recorded_once(session: Session, ada: Person) -> None:
    here, *others = [opened(session, ada) for _ in range(4)]
    actor = Actor(ref=ada.ref, name="Ada")
    assert identity.close_session(session, actor, others[0].id).ended_at is not None
    identity.close_session(session, actor, others[0].id)
    ended = identity.close_sessions(session, actor, ada.id, keep=here.id)
    assert {held.id for held in ended} == {others[1].id, others[2].id}
    assert identity.resume(session, here.secret).session_id == here.id
    with pytest.raises(identity.SessionEnded) as told:
        identity.resume(session, others[1].secret)
    assert told.value.values["person"] == ada.ref
    closed = ledger.find(session, type="session.closed").items
    assert {event.subject for event in closed} == {f"session:{held.id}" for held in others}
    assert len(closed) == 3
    with pytest.raises(identity.SessionNotFound):
        identity.close_session(session, actor, "ses_none")


def test_who_leaves_is_out_at_once(session: Session, ada: Person) -> None:
    made = opened(session, ada)
    identity.deactivate_person(session, OFFICE, ada.id)
    with pytest.raises(identity.SessionEnded):
        identity.resume(session, made.secret)
    assert identity.dead_tokens(session, {made.hash}) == {made.hash}


def test_no_secret_is_stored_and_no_address_reaches_the_ledger(session: Session, ada: Person) -> None:
    made = opened(session, ada)
    rows = str(session.execute(text("select * from identity.sessions")).all())
    assert made.secret not in rows
    assert made.hash in rows
    events = str(session.execute(text("select * from ledger.events")).all())
    assert "203.0.113.7" not in events
    assert identity.owner_of(session, made.hash) == ada.ref


def test_sessions_long_ended_are_forgotten(session: Session, ada: Person, fixed_clock: FixedClock) -> None:
    old = opened(session, ada)
    fixed_clock.advance(timedelta(days=31, hours=4))
    opened(session, ada)
    with pytest.raises(identity.SessionNotFound):
        identity.get_session(session, old.id)


def test_limits_come_from_the_settings_and_must_be_positive() -> None:
    assert identity.session_limits(Settings()) == SessionLimits()
    with pytest.raises(Invalid) as told:
        identity.session_limits(Settings(session_idle_minutes=0, session_days=-1))
    assert len(told.value.faults) == 2
