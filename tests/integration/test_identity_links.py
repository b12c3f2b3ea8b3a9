"""One-time links, changing one's password, and what slows down whoever tries codes, on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.identity import Person
from headway.kernel.auth import Actor
from headway.kernel.clock import FixedClock
from headway.kernel.database import Database
from headway.kernel.errors import Conflict, Invalid

OFFICE = Actor(ref="person:local", name="Local owner")
PASSWORD, OTHER = "correct horse battery", "four odd green ladders"


@pytest.fixture
def ada(session: Session) -> Person:
    """A person who has not joined."""
    identity.setup_home(session)
    return identity.add_person(session, OFFICE, name="Ada", email="ada@example.org").person


class TestLinks:
    """A link signs a person in once."""

    def test_a_link_signs_in_once_and_says_who_made_it(self, session: Session, ada: Person) -> None:
        link = identity.make_link(session, OFFICE, "Ada@example.org", outside_url="https://headway.example.org")
        assert link.url == f"https://headway.example.org/sign-in/link#{link.code}"
        made = identity.use_link(session, code=link.code.upper(), source="s", agent="curl/8")
        assert identity.resume(session, made.secret).actor.ref == ada.ref
        [event] = ledger.find(session, type="session.opened").items
        assert event.payload is not None
        assert (event.payload["how"], event.payload["made_by"]) == ("link", OFFICE.ref)
        with pytest.raises(identity.CodeRefused):
            identity.use_link(session, code=link.code)

    def test_a_link_lives_fifteen_minutes(self, session: Session, ada: Person, fixed_clock: FixedClock) -> None:
        link = identity.make_link(session, OFFICE, ada.id)
        fixed_clock.advance(timedelta(minutes=15))
        with pytest.raises(identity.CodeRefused):
            identity.use_link(session, code=link.code)

    def test_a_new_link_ends_the_old_one_and_leaves_the_invitation(self, session: Session, ada: Person) -> None:
        invitation = identity.invite_person(session, OFFICE, ada.id)
        first, second = (identity.make_link(session, OFFICE, ada.id) for _ in range(2))
        with pytest.raises(identity.CodeRefused):
            identity.use_link(session, code=first.code)
        identity.use_link(session, code=second.code)
        identity.join(session, code=invitation.code, password=PASSWORD)

    def test_a_link_sets_no_password_and_an_invitation_is_no_link(self, session: Session, ada: Person) -> None:
        link, invitation = identity.make_link(session, OFFICE, ada.id), identity.invite_person(session, OFFICE, ada.id)
        with pytest.raises(identity.CodeRefused):
            identity.join(session, code=link.code, password=PASSWORD)
        with pytest.raises(identity.CodeRefused):
            identity.use_link(session, code=invitation.code)

    def test_who_left_gets_and_uses_no_link(self, session: Session, ada: Person) -> None:
        link = identity.make_link(session, OFFICE, ada.id)
        identity.deactivate_person(session, OFFICE, ada.id)
        with pytest.raises(identity.CodeRefused):
            identity.use_link(session, code=link.code)
        with pytest.raises(Conflict):
            identity.make_link(session, OFFICE, ada.id)
        assert identity.request_link(session, email="ada@example.org", source="s") is None

    def test_nobody_else_gets_one(self, session: Session, ada: Person) -> None:
        for who in ("nobody", "nobody@example.org"):
            with pytest.raises(identity.PersonNotFound):
                identity.make_link(session, OFFICE, who)

    def test_the_code_is_stored_and_told_nowhere(self, session: Session, ada: Person) -> None:
        code = identity.make_link(session, OFFICE, ada.id).code
        for table in ("identity.codes", "ledger.events", "ledger.payloads"):
            dump = str(session.execute(text(f"select * from {table}")).all())  # noqa: S608
            assert code not in dump
            assert code.replace("-", "") not in dump

    def test_asking_is_limited_alike_for_known_and_unknown_addresses(
        self, session: Session, ada: Person, fixed_clock: FixedClock
    ) -> None:
        for email in ("ada@example.org", "nobody@example.org"):
            got = [identity.request_link(session, email=email, source="s") for _ in range(3)]
            assert [link is not None for link in got] == [email.startswith("ada")] * 3
            with pytest.raises(identity.TooManyAttempts):
                identity.request_link(session, email=email, source="t")
        fixed_clock.advance(timedelta(minutes=15, seconds=1))
        assert identity.request_link(session, email="ADA@example.org", source="s") is not None

    def test_one_source_cannot_ask_for_everybody(self, session: Session, ada: Person) -> None:
        for n in range(20):
            identity.request_link(session, email=f"p{n}@example.org", source="s")
        with pytest.raises(identity.TooManyAttempts):
            identity.request_link(session, email="ada@example.org", source="s")
        assert identity.request_link(session, email="ada@example.org", source="t") is not None


class TestPasswords:
    """Changing one's own."""

    @pytest.fixture
    def joined(self, session: Session, ada: Person) -> tuple[Actor, identity.NewToken]:
        """Ada, with a password and a session."""
        code = identity.invite_person(session, OFFICE, ada.id).code
        token = identity.join(session, code=code, password=PASSWORD)
        return identity.resume(session, token.secret).actor, token

    def test_the_new_one_counts_and_other_sessions_end(
        self, session: Session, joined: tuple[Actor, identity.NewToken]
    ) -> None:
        actor, here = joined
        other = identity.sign_in(session, email="ada@example.org", password=PASSWORD, source="s")
        assert other is not None
        identity.change_password(session, actor, old=PASSWORD, new=OTHER, keep=here.id)
        assert identity.resume(session, here.secret).session_id == here.id
        with pytest.raises(identity.SessionEnded):
            identity.resume(session, other.secret)
        assert identity.sign_in(session, email="ada@example.org", password=PASSWORD, source="s") is None
        assert identity.sign_in(session, email="ada@example.org", password=OTHER, source="s") is not None
        assert len(ledger.find(session, type="password.changed").items) == 1

    def test_it_takes_the_old_one_and_a_good_and_different_new_one(
        self, session: Session, joined: tuple[Actor, identity.NewToken]
    ) -> None:
        actor, _ = joined
        with pytest.raises(identity.WrongPassword):
            identity.change_password(session, actor, old=OTHER, new=OTHER)
        with pytest.raises(identity.WeakPassword):
            identity.change_password(session, actor, old=PASSWORD, new="password1234")
        with pytest.raises(Invalid):
            identity.change_password(session, actor, old=PASSWORD, new=PASSWORD)
        with pytest.raises(identity.NotYours):
            identity.change_password(session, Actor(ref="service:crm", name="crm"), old=PASSWORD, new=OTHER)

    def test_who_has_none_is_told_how_to_get_one(self, session: Session, ada: Person) -> None:
        with pytest.raises(Conflict, match="without a password"):
            identity.change_password(session, Actor(ref=ada.ref, name="Ada"), old="", new=OTHER)

    def test_a_forgotten_one_is_replaced_by_invitation_and_ends_every_session(
        self, session: Session, joined: tuple[Actor, identity.NewToken]
    ) -> None:
        actor, here = joined
        code = identity.invite_person(session, OFFICE, actor.ref.removeprefix("person:")).code
        identity.join(session, code=code, password=OTHER)
        with pytest.raises(identity.SessionEnded):
            identity.resume(session, here.secret)


class TestAttempts:
    """Refused codes and passwords are counted although their transaction is rolled back."""

    def test_codes_of_every_kind_are_counted_against_the_source(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("headway.identity.service.throttle.SOURCE_LIMIT", 3)
        with database.session() as session:
            code = identity.setup_home(session).setup_code
        who = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}

        def wrong(kind: str) -> None:
            with identity.attempt(database, source="s") as session:
                if kind == "link":
                    identity.use_link(session, code="wrong")
                elif kind == "join":
                    identity.join(session, code="wrong", password=PASSWORD)
                else:
                    identity.set_up(session, code="wrong", **who)

        for kind in ("link", "join", "set-up"):
            with pytest.raises(identity.CodeRefused):
                wrong(kind)
        for kind in ("link", "join", "set-up"):
            with pytest.raises(identity.TooManyAttempts):
                wrong(kind)
        assert code is not None
        with identity.attempt(database, source="elsewhere") as session:
            identity.set_up(session, code=code, **who)

    def test_five_wrong_passwords_close_the_change_and_a_right_one_clears_the_count(self, database: Database) -> None:
        with database.session() as session:
            identity.setup_home(session)
            code = identity.add_person(session, OFFICE, name="Ada", email="ada@example.org").code
            actor = identity.authenticate(session, identity.join(session, code=code, password=PASSWORD).secret)

        def change(old: str, new: str) -> None:
            with identity.attempt(database, source="s", account=actor.ref) as session:
                identity.change_password(session, actor, old=old, new=new)

        for _ in range(4):
            with pytest.raises(identity.WrongPassword):
                change("wrong", OTHER)
        change(PASSWORD, OTHER)
        for _ in range(5):
            with pytest.raises(identity.WrongPassword):
                change("wrong", PASSWORD)
        with pytest.raises(identity.TooManyAttempts):
            change(OTHER, PASSWORD)
