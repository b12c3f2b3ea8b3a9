"""Departments, people, roles, tokens, sign-in and set-up on a real database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.identity import Role
from headway.kernel.auth import SYSTEM, Actor, Resource, RoleGrant
from headway.kernel.clock import FixedClock
from headway.kernel.database import Database
from headway.kernel.errors import Conflict, Denied, Invalid
from headway.kernel.ids import Ref

OFFICE = Actor(ref="person:local", name="Local owner")
PASSWORD = "correct horse battery"


@pytest.fixture
def owner(session: Session) -> Actor:
    """The local owner."""
    token = identity.setup_home(session).token
    assert token is not None
    return identity.authenticate(session, token)


def add(session: Session, owner: Actor, name: str = "ada") -> tuple[Actor, str]:
    """Add a person who joins; their actor and the secret of their session."""
    invitation = identity.add_person(session, owner, name=name.capitalize(), email=f"{name}@example.org")
    secret = identity.join(session, code=invitation.code, password=PASSWORD).secret
    return identity.authenticate(session, secret), secret


def types(session: Session) -> list[str]:
    return [event.type for event in ledger.find(session, limit=200).items][::-1]


class TestDepartments:
    """The tree."""

    def test_it_begins_with_the_root(self, session: Session) -> None:
        [root] = identity.list_departments(session)
        assert (root.slug, root.parent) == (identity.ROOT, None)

    def test_a_region_is_inherited_from_the_nearest_above(self, session: Session, owner: Actor) -> None:
        identity.add_department(session, owner, slug="sales", region="EU")
        identity.add_department(session, owner, slug="sales-emea", parent="sales")
        identity.add_department(session, owner, slug="sales-us", parent="sales", region="US")
        regions = {d.slug: d.region for d in identity.list_departments(session)}
        assert regions == {"org": None, "sales": "EU", "sales-emea": "EU", "sales-us": "US"}
        identity.update_department(session, owner, "sales", region="EMEA")
        assert identity.get_department(session, "sales-emea").region == "EMEA"

    def test_parents_come_before_children(self, session: Session, owner: Actor) -> None:
        for slug, parent in (("zoo", "org"), ("apes", "zoo"), ("aaa", "apes")):
            identity.add_department(session, owner, slug=slug, parent=parent)
        assert [d.slug for d in identity.list_departments(session)] == ["org", "zoo", "apes", "aaa"]

    def test_a_name_is_taken_once(self, session: Session, owner: Actor) -> None:
        identity.add_department(session, owner, slug="sales")
        with pytest.raises(identity.DepartmentExists):
            identity.add_department(session, owner, slug="sales")

    @pytest.mark.parametrize("slug", ["Sales", "sales team", "-", "sales_eu"])
    def test_a_name_that_is_no_slug_is_refused(self, session: Session, owner: Actor, slug: str) -> None:
        with pytest.raises(Invalid):
            identity.add_department(session, owner, slug=slug)

    def test_a_parent_must_exist(self, session: Session, owner: Actor) -> None:
        with pytest.raises(identity.DepartmentNotFound):
            identity.add_department(session, owner, slug="sales", parent="nowhere")

    def test_ensuring_adds_once_and_records_once(self, session: Session, owner: Actor) -> None:
        first = identity.ensure_department(session, owner, "sales")
        assert identity.ensure_department(session, owner, "sales") == first
        assert types(session).count("department.added") == 1


class TestSetup:
    """First start."""

    def test_the_first_start_makes_the_owner_and_later_ones_do_not(self, session: Session) -> None:
        first, second = identity.setup_home(session), identity.setup_home(session)
        assert first.token is not None
        assert second.token is None
        actor = identity.authenticate(session, first.token)
        assert actor.ref == "person:local"
        assert RoleGrant(role="ai_office") in actor.roles
        assert identity.setup_home(session, renew_token=True).token not in (None, first.token)

    def test_two_first_starts_at_once_make_one_owner(self, database: Database) -> None:
        made: list[identity.HomeSetup] = []

        def start() -> None:
            with database.session() as session:
                made.append(identity.setup_home(session))

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(home.token is not None for home in made) == 1

    def test_the_code_of_the_last_start_makes_the_ai_office_once(self, session: Session) -> None:
        old, code = identity.setup_home(session).setup_code, identity.setup_home(session).setup_code
        assert old
        assert code
        who = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}
        with pytest.raises(identity.CodeRefused):
            identity.set_up(session, code=old, **who)
        token = identity.set_up(session, code=code.upper(), **who)
        assert identity.authenticate(session, token.secret).roles == (RoleGrant(role="ai_office"),)
        assert identity.setup_home(session).setup_code is None
        with pytest.raises(identity.AlreadySetUp):
            identity.set_up(session, code=code, **who)
        assert identity.sign_in(session, email="ada@example.org", password=PASSWORD, source="test") is not None

    def test_no_code_password_or_token_is_stored_in_clear(self, session: Session) -> None:
        home = identity.setup_home(session)
        assert home.setup_code
        token = identity.set_up(session, code=home.setup_code, name="Ada", email="ada@example.org", password=PASSWORD)
        tables = ("identity.codes", "identity.people", "identity.tokens", "ledger.payloads")
        dump = "".join(str(session.execute(text(f"select * from {table}")).all()) for table in tables)  # noqa: S608
        for secret in (home.setup_code, home.setup_code.replace("-", ""), PASSWORD, token.secret, home.token):
            assert str(secret) not in dump


class TestTokens:
    """API tokens."""

    def test_a_token_acts_as_its_owner_with_its_scopes(self, session: Session, owner: Actor) -> None:
        ada, _ = add(session, owner)
        made = identity.create_token(session, ada, name="laptop", scopes=["run:train"])
        assert made.hash == identity.token_hash(made.secret)
        actor = identity.authenticate(session, made.secret)
        assert (actor.ref, actor.name, actor.scopes) == (ada.ref, "Ada", frozenset({"run:train"}))

    @pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s.upper(), lambda s: "", lambda s: s + " "])
    def test_a_token_not_exactly_right_is_refused(
        self, session: Session, owner: Actor, change: Callable[[str], str]
    ) -> None:
        made = identity.create_token(session, owner, name="x")
        with pytest.raises(identity.TokenRefused):
            identity.authenticate(session, change(made.secret))

    def test_a_token_ends_at_its_time(self, session: Session, fixed_clock: FixedClock) -> None:
        identity.setup_home(session)
        made = identity.create_token(session, OFFICE, name="x", expires_at=fixed_clock.at + timedelta(hours=1))
        identity.authenticate(session, made.secret)
        fixed_clock.advance(timedelta(hours=1))
        with pytest.raises(identity.TokenRefused, match="expired"):
            identity.authenticate(session, made.secret)
        with pytest.raises(Invalid):
            identity.create_token(session, OFFICE, name="x", expires_at=fixed_clock.at)

    def test_a_revoked_token_is_refused_and_recorded_once(self, session: Session, owner: Actor) -> None:
        made = identity.create_token(session, owner, name="x")
        for _ in range(2):
            assert identity.revoke_token(session, owner, made.id).revoked_at is not None
        with pytest.raises(identity.TokenRefused, match="revoked"):
            identity.authenticate(session, made.secret)
        assert types(session).count("token.revoked") == 1

    def test_last_use_is_noted_at_most_once_a_minute(self, session: Session, fixed_clock: FixedClock) -> None:
        identity.setup_home(session)
        made = identity.create_token(session, OFFICE, name="x")

        def used() -> object:
            identity.authenticate(session, made.secret)
            return identity.get_token(session, made.id).last_used_at

        start = fixed_clock.at
        assert used() == start
        fixed_clock.advance(timedelta(seconds=59))
        assert used() == start
        fixed_clock.advance(timedelta(seconds=1))
        assert used() == fixed_clock.at

    def test_nobody_makes_a_token_that_acts_as_another_person(self, session: Session, owner: Actor) -> None:
        ada, _ = add(session, owner)
        with pytest.raises(identity.NotYours):
            identity.create_token(session, owner, owner=Ref.parse(ada.ref), name="x")
        with pytest.raises(identity.NotYours):
            identity.create_token(session, owner, owner=Ref.parse(SYSTEM.ref), name="x")

    def test_a_service_has_a_token_of_its_own(self, session: Session, owner: Actor) -> None:
        made = identity.create_token(session, owner, owner=Ref("service", "crm"), name="crm", scopes=["decide"])
        actor = identity.authenticate(session, made.secret)
        assert (actor.ref, actor.is_person, actor.roles) == ("service:crm", False, ())

    @pytest.mark.parametrize("wanted", [None, ["run:train", "role:grant"], ["run:*"], ["product:*x"]])
    def test_a_narrow_token_makes_no_wider_one(self, session: Session, wanted: list[str] | None) -> None:
        identity.setup_home(session)
        narrow = Actor(ref="person:local", name="x", scopes=frozenset({"run:train", "token:create"}))
        with pytest.raises(Denied, match="does not have"):
            identity.create_token(session, narrow, name="x", scopes=wanted)
        identity.create_token(session, narrow, name="x", scopes=["run:train"])

    def test_a_noun_scope_covers_its_actions(self, session: Session) -> None:
        identity.setup_home(session)
        wide = Actor(ref="person:local", name="x", scopes=frozenset({"run:*"}))
        made = identity.create_token(session, wide, name="x", scopes=["run:train", "run:*"])
        assert set(made.scopes or ()) == {"run:train", "run:*"}

    def test_tokens_are_listed_without_secrets_newest_first(self, session: Session, owner: Actor) -> None:
        made = [identity.create_token(session, owner, name=f"t{n}") for n in range(3)]
        page = identity.list_tokens(session, owner=owner.ref, limit=2)
        assert [token.id for token in page.items] == [made[2].id, made[1].id]
        assert page.next == made[1].id
        assert "secret" not in type(page.items[0]).__slots__


class TestPeople:
    """People and sign-in."""

    def test_a_person_joins_with_a_code_that_works_once(self, session: Session, owner: Actor) -> None:
        invitation = identity.add_person(session, owner, name="Ada", email="Ada@Example.org")
        assert not invitation.person.has_account
        token = identity.join(session, code=invitation.code, password=PASSWORD)
        assert identity.authenticate(session, token.secret).ref == invitation.person.ref
        assert identity.get_person(session, invitation.person.id).has_account
        with pytest.raises(identity.CodeRefused):
            identity.join(session, code=invitation.code, password=PASSWORD)

    def test_a_new_invitation_ends_the_old_one(self, session: Session, owner: Actor, fixed_clock: FixedClock) -> None:
        first = identity.add_person(session, owner, name="Ada", email="ada@example.org")
        second = identity.invite_person(session, owner, first.person.id)
        with pytest.raises(identity.CodeRefused):
            identity.join(session, code=first.code, password=PASSWORD)
        fixed_clock.advance(timedelta(days=7))
        with pytest.raises(identity.CodeRefused):
            identity.join(session, code=second.code, password=PASSWORD)

    def test_the_set_up_code_is_no_invitation(self, session: Session) -> None:
        code = identity.setup_home(session).setup_code
        assert code
        with session.begin_nested() as inner:
            with pytest.raises(identity.CodeRefused):
                identity.join(session, code=code, password=PASSWORD)
            inner.rollback()

    def test_a_mail_address_belongs_to_one_person(self, session: Session, owner: Actor) -> None:
        identity.add_person(session, owner, name="Ada", email="ada@example.org")
        with pytest.raises(identity.PersonExists):
            identity.add_person(session, owner, name="Eve", email=" ADA@example.org ")

    def test_names_are_personal_and_erasable_and_records_name_ids(self, session: Session, owner: Actor) -> None:
        identity.add_person(session, owner, name="Ada", email="ada@example.org")
        [event] = ledger.find(session, type="person.added").items
        assert event.is_personal
        assert event.payload == {"name": "Ada", "email": "ada@example.org"}
        assert "ada" not in event.subject
        assert ledger.erase(session, owner, event.id, "left").payload is None

    def test_only_the_right_password_signs_in(self, session: Session, owner: Actor) -> None:
        ada, _ = add(session, owner)
        assert identity.sign_in(session, email="ada@example.org", password="wrong", source="s") is None
        assert identity.sign_in(session, email="eve@example.org", password=PASSWORD, source="s") is None
        token = identity.sign_in(session, email="ADA@example.org", password=PASSWORD, source="s")
        assert token is not None
        assert identity.authenticate(session, token.secret).ref == ada.ref

    def test_five_failures_close_the_account_for_a_while(
        self, session: Session, owner: Actor, fixed_clock: FixedClock
    ) -> None:
        add(session, owner)
        for _ in range(5):
            assert identity.sign_in(session, email="ada@example.org", password="wrong", source="s") is None
        with pytest.raises(identity.TooManyAttempts):
            identity.sign_in(session, email="ada@example.org", password=PASSWORD, source="other")
        assert types(session).count("account.locked") == 1
        fixed_clock.advance(timedelta(minutes=15, seconds=1))
        assert identity.sign_in(session, email="ada@example.org", password=PASSWORD, source="s") is not None

    def test_a_good_sign_in_clears_the_count(self, session: Session, owner: Actor) -> None:
        add(session, owner)
        for _ in range(3):
            for _ in range(4):
                identity.sign_in(session, email="ada@example.org", password="wrong", source="s")
            assert identity.sign_in(session, email="ada@example.org", password=PASSWORD, source="s") is not None

    def test_one_source_cannot_try_every_account(
        self, session: Session, owner: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("headway.identity.service.throttle.SOURCE_LIMIT", 3)
        for n in range(3):
            identity.sign_in(session, email=f"p{n}@example.org", password="wrong", source="s")
        with pytest.raises(identity.TooManyAttempts):
            identity.sign_in(session, email="p9@example.org", password="wrong", source="s")
        assert identity.sign_in(session, email="p9@example.org", password="wrong", source="t") is None

    def test_who_leaves_loses_every_way_in(self, session: Session, owner: Actor) -> None:
        ada, secret = add(session, owner)
        api = identity.create_token(session, ada, name="x").secret
        person_id = ada.ref.removeprefix("person:")
        identity.deactivate_person(session, owner, person_id)
        with pytest.raises(identity.TokenRefused):
            identity.authenticate(session, api)
        with pytest.raises(identity.SessionEnded):
            identity.authenticate(session, secret)
        assert identity.list_sessions(session, person_id) == ()
        assert identity.sign_in(session, email="ada@example.org", password=PASSWORD, source="s") is None
        with pytest.raises(Conflict):
            identity.invite_person(session, owner, person_id)
        with pytest.raises(Conflict):
            identity.grant_role(session, owner, principal=Ref.parse(ada.ref), role=Role.employee)


class TestRoles:
    """Roles and the permissions that follow."""

    def test_a_role_is_held_once_and_taken_back(self, session: Session, owner: Actor) -> None:
        ada, secret = add(session, owner)
        identity.add_department(session, owner, slug="sales")
        principal = Ref.parse(ada.ref)
        held = identity.grant_role(session, owner, principal=principal, role=Role.council, department="sales")
        again = identity.grant_role(session, owner, principal=principal, role=Role.council, department="sales")
        assert held.id == again.id
        assert identity.authenticate(session, secret).roles == (RoleGrant(role="council", department="sales"),)
        identity.revoke_role(session, owner, held.id)
        assert identity.authenticate(session, secret).roles == ()
        with pytest.raises(identity.RoleNotFound):
            identity.revoke_role(session, owner, held.id)
        assert identity.grant_role(
            session, owner, principal=principal, role=Role.council, department="sales"
        ).id not in (held.id,)
        assert [t for t in types(session) if t.startswith("role.")][-3:] == [
            "role.granted",
            "role.revoked",
            "role.granted",
        ]

    def test_a_role_in_the_root_is_a_role_everywhere(self, session: Session, owner: Actor) -> None:
        ada, _ = add(session, owner)
        held = identity.grant_role(session, owner, principal=Ref.parse(ada.ref), role=Role.auditor, department="org")
        assert held.department is None

    @pytest.mark.parametrize("principal", ["model:x", "person:x@3", "service:headway"])
    def test_only_people_and_services_hold_roles(self, session: Session, owner: Actor, principal: str) -> None:
        with pytest.raises(Invalid):
            identity.grant_role(session, owner, principal=Ref.parse(principal), role=Role.council)

    def test_somebody_always_holds_the_ai_office(self, session: Session, owner: Actor) -> None:
        [office] = identity.list_roles(session, role=Role.ai_office).items
        with pytest.raises(identity.LastAiOffice):
            identity.revoke_role(session, owner, office.id)
        with pytest.raises(identity.LastAiOffice):
            identity.deactivate_person(session, owner, "local")
        ada, _ = add(session, owner)
        identity.grant_role(session, owner, principal=Ref.parse(ada.ref), role=Role.ai_office)
        identity.revoke_role(session, owner, office.id)
        assert [held.principal for held in identity.list_roles(session, role=Role.ai_office).items] == [ada.ref]

    def test_a_role_reaches_every_department_below(self, database: Database) -> None:
        with database.session() as session:
            identity.setup_home(session)
            for slug, parent in (
                ("sales", "org"),
                ("sales-emea", "sales"),
                ("sales-dach", "sales-emea"),
                ("hr", "org"),
            ):
                identity.add_department(session, OFFICE, slug=slug, parent=parent)
        asked = identity.CedarAuthorizer(database)
        ada = Actor(ref="person:ada", name="Ada", roles=(RoleGrant(role="data_scientist", department="sales-emea"),))

        def may(department: str | None) -> bool:
            resource = Resource(kind="run", id="x", department=department)
            return asked.explain(ada, "run:train", resource).allowed

        assert [d for d in ("org", "sales", "sales-emea", "sales-dach", "hr", "unknown") if may(d)] == [
            "sales-emea",
            "sales-dach",
        ]
        with database.session() as session:
            identity.add_department(session, OFFICE, slug="sales-ch", parent="sales-dach")
        assert may("sales-ch")
        assert not may(None)


def test_every_change_leaves_an_event(session: Session, owner: Actor) -> None:
    ada, _ = add(session, owner)
    identity.create_token(session, ada, name="x")
    identity.deactivate_person(session, owner, ada.ref.removeprefix("person:"))
    assert types(session) == [
        "home.prepared",
        *["role.granted"] * 4,
        "token.created",
        "person.added",
        "person.invited",
        "person.joined",
        "session.opened",
        "token.created",
        "person.deactivated",
    ]
