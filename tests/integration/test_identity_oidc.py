"""Signing in with a real OpenID Connect provider: the way through, and each way in which it must fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from headway import identity, ledger
from headway.identity import GroupRole, ProviderConfig, Role, SignedIn
from headway.identity.adapters import oidc
from headway.kernel import clock
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.database import Database
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.settings import Settings
from tests.factories.oidc import REDIRECT, Claims, Provider, running

# The provider that tests run against uses parts of its libraries that are going away.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

OFFICE = Actor(ref="person:local", name="Local owner")
ADA = {"name": "Ada Lovelace", "email": "ada@example.org", "email_verified": True, "groups": ["scientists"]}
GROUPS = (
    GroupRole(group="scientists", role=Role.data_scientist, department="sales"),
    GroupRole(group="auditors", role=Role.auditor),
)


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    """A provider that runs for all tests of this file."""
    with running() as made:
        yield made


@pytest.fixture
def provider(server: Provider) -> Provider:
    """The provider, behaving well, with Ada in it; nothing of it is remembered."""
    oidc.forget()
    server.change, server.signs_with = lambda claims: claims, None
    server.put("ada", **ADA)
    return server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a client secret in a file."""
    (tmp_path / "mock").write_text("s3cret/with:signs\n")
    return Settings(home=tmp_path, secrets_folder=tmp_path)


@pytest.fixture
def config(provider: Provider, database: Database) -> ProviderConfig:
    """The provider as it is set here, added already."""
    made = ProviderConfig(
        id="mock",
        label="Mock",
        issuer=provider.issuer,
        client_id="headway",
        secret_name="file:mock",
        group_roles=GROUPS,
        creates_people=True,
    )
    with database.session() as session:
        identity.setup_home(session)
        identity.add_department(session, OFFICE, slug="sales")
        identity.add_provider(session, OFFICE, made)
    return made


class Browser:
    """One browser that signs in: it keeps the binding, as a cookie would."""

    def __init__(self, database: Database, provider: Provider, settings: Settings) -> None:
        self.database, self.provider, self.settings = database, provider, settings
        self.binding = ""

    def begin(self, next: str = "/usecases?mine=1") -> str:
        begun = identity.begin_oidc(self.database, "mock", redirect_uri=REDIRECT, next=next)
        self.binding = begun.binding
        return begun.url

    def finish(self, query: dict[str, str], binding: str | None = None) -> SignedIn:
        return identity.finish_oidc(
            self.database,
            "mock",
            query=query,
            binding=self.binding if binding is None else binding,
            source="203.0.113.7",
            settings=self.settings,
        )

    def sign_in(self, subject: str = "ada") -> SignedIn:
        return self.finish(self.provider.sign_in(self.begin(), subject))

    def refused(self, subject: str = "ada") -> str:
        """The rule that refuses a sign-in, which is recorded."""
        with pytest.raises(identity.OidcRefused) as told:
            self.sign_in(subject)
        with self.database.session() as session:
            last = ledger.find(session, type="access.denied", limit=1).items[0]
        assert last.subject == "provider:mock"
        assert last.payload is not None
        assert last.payload["rule"] == told.value.values["rule"]
        return str(told.value.values["rule"])


@pytest.fixture
def browser(database: Database, provider: Provider, settings: Settings, config: ProviderConfig) -> Browser:
    """A browser at a platform that knows the provider."""
    return Browser(database, provider, settings)


def actor_of(database: Database, signed_in: SignedIn) -> Actor:
    with database.session() as session:
        return identity.resume(session, signed_in.token.secret).actor


def set_config(database: Database, config: ProviderConfig) -> None:
    with database.session() as session:
        identity.replace_provider(session, OFFICE, config)


class TestTheWayThrough:
    """What a sign-in brings."""

    def test_a_person_is_made_with_roles_and_recognised_again(self, browser: Browser, database: Database) -> None:
        first = browser.sign_in()
        ada = actor_of(database, first)
        assert (ada.name, ada.roles) == ("Ada Lovelace", (RoleGrant(role="data_scientist", department="sales"),))
        assert first.next == "/usecases?mine=1"
        assert actor_of(database, browser.sign_in()).ref == ada.ref
        with database.session() as session:
            [held] = identity.list_roles(session, principal=ada.ref).items
            assert held.source == "provider:mock"
            assert identity.get_session(session, first.token.id).how == "provider:mock"
            assert ledger.find(session, type="person.linked").items[0].subject == ada.ref

    def test_one_goes_on_to_a_page_of_ours_only(self, browser: Browser) -> None:
        query = browser.provider.sign_in(browser.begin(next="//evil.example.org"), "ada")
        assert browser.finish(query).next == "/"

    def test_pkce_state_and_the_secret_are_sent(self, browser: Browser, provider: Provider) -> None:
        browser.sign_in()
        assert provider.verified[-1]
        assert provider.credentials[-1] == "s3cret%2Fwith%3Asigns"
        asked = parse_qs(urlsplit(browser.begin()).query)
        assert (asked["response_type"], asked["scope"]) == (["code"], ["openid profile email"])
        assert len(asked["state"][0]) == len(asked["nonce"][0]) == 43

    def test_what_a_provider_publishes_is_read_once_an_hour(self, browser: Browser, provider: Provider) -> None:
        before = provider.discovered
        for _ in range(3):
            browser.sign_in()
        assert provider.discovered == before + 1
        with clock.fixed(clock.now() + timedelta(hours=1, minutes=1)):
            browser.begin()
        assert provider.discovered == before + 2

    def test_new_keys_are_looked_for_at_most_once_a_minute(self, browser: Browser, provider: Provider) -> None:
        browser.sign_in()
        provider.rotate()
        url = browser.begin()
        with pytest.raises(identity.OidcRefused):
            browser.finish(provider.sign_in(url, "ada"))
        with clock.fixed(clock.now() + timedelta(minutes=1)):
            browser.sign_in()

    def test_groups_are_read_anew_at_each_sign_in_and_hand_given_roles_stay(
        self, browser: Browser, provider: Provider, database: Database
    ) -> None:
        ada = actor_of(database, browser.sign_in())
        with database.session() as session:
            for role, department in ((Role.employee, None), (Role.data_scientist, "sales")):
                identity.grant_role(session, OFFICE, principal=Ref.parse(ada.ref), role=role, department=department)
        provider.put("ada", **ADA | {"groups": ["auditors"]})
        roles = set(actor_of(database, browser.sign_in()).roles)
        by_hand = {RoleGrant(role="employee"), RoleGrant(role="data_scientist", department="sales")}
        assert roles == by_hand | {RoleGrant(role="auditor")}
        provider.put("ada", **{name: value for name, value in ADA.items() if name != "groups"})
        assert set(actor_of(database, browser.sign_in()).roles) == by_hand

    def test_the_last_of_the_ai_office_keeps_the_office(
        self, browser: Browser, provider: Provider, database: Database, config: ProviderConfig
    ) -> None:
        set_config(database, replace(config, group_roles=(GroupRole(group="chiefs", role=Role.ai_office),)))
        provider.put("ada", **ADA | {"groups": "chiefs"})
        ada = actor_of(database, browser.sign_in())
        with database.session() as session:
            identity.deactivate_person(session, OFFICE, "local")
        provider.put("ada", **ADA)
        assert actor_of(database, browser.sign_in()).roles == (RoleGrant(role="ai_office"),)
        with database.session() as session:
            assert ledger.find(session, type="role.kept").items[0].subject == ada.ref

    def test_groups_that_only_the_userinfo_endpoint_tells_are_read(
        self, browser: Browser, provider: Provider, database: Database
    ) -> None:
        provider.change = lambda claims: {k: v for k, v in claims.items() if k not in ("groups", "email", "name")}
        ada = actor_of(database, browser.sign_in())
        assert (ada.name, len(ada.roles)) == ("Ada Lovelace", 1)

    def test_a_local_person_is_linked_where_the_provider_is_trusted_for_mail(
        self, browser: Browser, database: Database, config: ProviderConfig
    ) -> None:
        with database.session() as session:
            local = identity.add_person(session, OFFICE, name="Ada", email="ada@example.org").person
        assert browser.refused() == "mail-not-trusted"
        set_config(database, replace(config, trusts_mail=True))
        assert actor_of(database, browser.sign_in()).ref == local.ref

    def test_an_address_given_to_somebody_else_there_opens_no_account(
        self, browser: Browser, provider: Provider, database: Database, config: ProviderConfig
    ) -> None:
        set_config(database, replace(config, trusts_mail=True))
        browser.sign_in()
        provider.put("eve", **ADA)
        assert browser.refused("eve") == "already-linked"

    def test_signing_in_anew_ends_the_session_of_before(self, browser: Browser, database: Database) -> None:
        first = browser.sign_in()
        query = browser.provider.sign_in(browser.begin(), "ada")
        identity.finish_oidc(
            database,
            "mock",
            query=query,
            binding=browser.binding,
            source="s",
            settings=browser.settings,
            replaces=first.token.secret,
        )
        with database.session() as session, pytest.raises(identity.SessionEnded):
            identity.resume(session, first.token.secret)

    def test_one_signs_out_at_the_provider_too(self, browser: Browser, provider: Provider, database: Database) -> None:
        signed_in = browser.sign_in()
        url = identity.oidc_logout_url(database, signed_in.token.id, return_to="https://headway.example.org/")
        assert url is not None
        assert url.startswith(f"{provider.issuer}/oauth2/end_session?client_id=headway&post_logout_redirect_uri=https")
        with database.session() as session:
            person = identity.add_person(session, OFFICE, name="Bo", email="bo@example.org").person
            local = identity.open_session(session, person)
        assert identity.oidc_logout_url(database, local.id, return_to="/") is None


class TestRefusals:
    """What is not accepted, each told by its rule and recorded."""

    def test_an_id_token_that_is_not_for_this_sign_in(self, browser: Browser, provider: Provider) -> None:
        def without(name: str) -> Callable[[Claims], Claims]:
            return lambda claims: {key: value for key, value in claims.items() if key != name}

        cases: list[tuple[str, Callable[[Claims], Claims]]] = [
            ("nonce", lambda claims: claims | {"nonce": "another"}),
            ("nonce", without("nonce")),
            ("aud", lambda claims: claims | {"aud": "another-client"}),
            ("azp", lambda claims: claims | {"aud": ["headway", "another"], "azp": "another"}),
            ("iss", lambda claims: claims | {"iss": "https://evil.example.org"}),
            ("expired", lambda claims: claims | {"exp": claims["iat"] - 61}),
            ("exp", without("exp")),
            ("future", lambda claims: claims | {"iat": claims["iat"] + 3600}),
            ("sub", without("sub")),
        ]
        for told, change in cases:
            provider.change = change
            with pytest.raises(identity.OidcRefused, match=rf"not accepted: .*{told}") as refused:
                browser.sign_in()
            assert refused.value.values["rule"] == "id-token"
        provider.change = lambda claims: claims
        browser.sign_in()

    def test_a_small_difference_between_clocks_is_borne(self, browser: Browser, provider: Provider) -> None:
        provider.change = lambda claims: claims | {"exp": claims["iat"] - 30}
        assert browser.sign_in().token

    @pytest.mark.parametrize("kind", ["other key", "shared secret", "unsigned"])
    def test_an_id_token_that_the_provider_did_not_sign(self, browser: Browser, provider: Provider, kind: str) -> None:
        import base64
        import json

        from joserfc import jwt
        from joserfc.jwk import OctKey, RSAKey

        browser.sign_in()
        if kind == "other key":
            provider.signs_with = RSAKey.generate_key(2048)
            assert browser.refused() == "id-token"
            return
        claims: dict[str, Any] = {}
        provider.change = lambda told: claims.update(told) or told
        browser.sign_in()
        if kind == "shared secret":
            forged = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("s3cret/with:signs" * 3))
        else:
            parts = ({"alg": "none"}, claims)
            forged = (
                ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
            )
        with browser.database.session() as session:
            known = identity.get_provider(session, "mock")
        tokens = oidc.Tokens(id_token=forged, access_token="")
        with pytest.raises(identity.OidcRefused):
            oidc.read_id_token(known, oidc.discover(provider.issuer), tokens, nonce=claims["nonce"])

    def test_a_state_serves_once_ten_minutes_and_this_browser(self, browser: Browser, provider: Provider) -> None:
        query = provider.sign_in(browser.begin(), "ada")
        browser.finish(query)
        rules = []
        for wrong in (query, {"code": "x"}, {"state": "x", "code": "x"}):
            with pytest.raises(identity.OidcRefused) as told:
                browser.finish(wrong)
            rules.append(told.value.values["rule"])
        query = provider.sign_in(browser.begin(), "ada")
        with pytest.raises(identity.OidcRefused) as told:
            browser.finish(query, "another browser")
        assert [*rules, told.value.values["rule"]] == ["state", "state", "state", "binding"]
        with pytest.raises(identity.OidcRefused):
            browser.finish(query)
        query = provider.sign_in(browser.begin(), "ada")
        with clock.fixed(clock.now() + timedelta(minutes=10, seconds=1)), pytest.raises(identity.OidcRefused):
            browser.finish(query)

    def test_a_code_of_another_sign_in_is_worth_nothing(self, browser: Browser, provider: Provider) -> None:
        stolen = provider.sign_in(browser.begin(), "ada")["code"]
        query = provider.sign_in(browser.begin(), "ada")
        with pytest.raises(identity.OidcRefused) as told:
            browser.finish({**query, "code": stolen})
        assert told.value.values["rule"] == "id-token"
        assert not provider.verified[-1]

    def test_who_says_no_at_the_provider_is_told_so(self, browser: Browser, provider: Provider) -> None:
        query = provider.sign_in(browser.begin(), "ada", deny=True)
        if "state" not in query:  # this provider leaves it out of a refusal
            query = {**query, "state": parse_qs(urlsplit(browser.begin()).query)["state"][0]}
        with pytest.raises(identity.OidcRefused, match="Mock refused: access_denied"):
            browser.finish(query)

    def test_an_answer_of_another_issuer(self, browser: Browser, provider: Provider) -> None:
        query = provider.sign_in(browser.begin(), "ada")
        with pytest.raises(identity.OidcRefused) as told:
            browser.finish({**query, "iss": "https://evil.example.org"})
        assert told.value.values["rule"] == "issuer"

    def test_an_address_that_is_not_verified(self, browser: Browser, provider: Provider, database: Database) -> None:
        provider.put("ada", **ADA | {"email_verified": False})
        assert browser.refused() == "mail-not-verified"
        with database.session() as session:
            identity.add_person(session, OFFICE, name="Ada", email="ada@example.org")
        assert browser.refused() == "mail-not-trusted"

    def test_an_unverified_address_takes_over_no_account_even_where_mail_is_trusted(
        self, browser: Browser, provider: Provider, database: Database, config: ProviderConfig
    ) -> None:
        set_config(database, replace(config, trusts_mail=True))
        with database.session() as session:
            identity.add_person(session, OFFICE, name="Ada", email="ada@example.org")
        provider.put("ada", **ADA | {"email_verified": False})
        assert browser.refused() == "mail-not-trusted"

    def test_a_stranger_where_accounts_are_not_made_at_first_sign_in(
        self, browser: Browser, database: Database, config: ProviderConfig
    ) -> None:
        set_config(database, replace(config, creates_people=False))
        assert browser.refused() == "no-account"

    def test_an_address_of_another_domain(
        self, browser: Browser, provider: Provider, database: Database, config: ProviderConfig
    ) -> None:
        set_config(database, replace(config, mail_domains=("example.org",)))
        provider.put("eve", **ADA | {"email": "eve@evil-example.org"})
        assert browser.refused("eve") == "mail-domain"
        provider.put("bo", **ADA | {"email": "bo@example.org", "email_verified": False})
        assert browser.refused("bo") == "mail-domain"
        browser.sign_in("ada")

    def test_who_left_here(self, browser: Browser, database: Database) -> None:
        ada = actor_of(database, browser.sign_in())
        with database.session() as session:
            identity.deactivate_person(session, OFFICE, ada.ref.removeprefix("person:"))
        assert browser.refused() == "account-closed"

    def test_more_groups_than_are_told(self, browser: Browser, provider: Provider) -> None:
        provider.put("ada", **{k: v for k, v in ADA.items() if k != "groups"} | {"_claim_names": {"groups": "src1"}})
        assert browser.refused() == "groups-unknown"

    def test_refused_sign_ins_are_counted_against_the_source(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("headway.identity.service.throttle.SOURCE_LIMIT", 2)
        for _ in range(2):
            with pytest.raises(identity.OidcRefused):
                browser.finish({"state": "x"})
        with pytest.raises(identity.TooManyAttempts):
            browser.sign_in()


class TestProviders:
    """Keeping providers."""

    def test_a_provider_that_is_tested_tells_what_it_lacks(
        self, provider: Provider, database: Database, config: ProviderConfig, settings: Settings
    ) -> None:
        with database.session() as session:
            known = identity.get_provider(session, "mock")
        good = identity.try_provider(known, settings)
        assert [(check.name, check.is_good) for check in good] == [
            ("discovery", True), ("keys", True), ("pkce", True), ("sign-out", True), ("secret", True),
        ]  # fmt: skip
        wrong = identity.try_provider(replace(known, issuer=known.issuer + "/", secret_name="file:lost"), settings)
        assert [(check.name, check.is_good) for check in wrong] == [("discovery", False), ("secret", False)]
        gone = identity.try_provider(replace(known, issuer="http://localhost:9"), settings)
        assert not gone[0].is_good

    def test_one_that_does_not_answer_is_told(self, database: Database, config: ProviderConfig) -> None:
        set_config(database, replace(config, issuer="http://localhost:9"))
        with pytest.raises(identity.ProviderUnavailable):
            identity.begin_oidc(database, "mock", redirect_uri=REDIRECT)
        with pytest.raises(identity.ProviderNotFound):
            identity.begin_oidc(database, "nobody", redirect_uri=REDIRECT)

    def test_removing_one_takes_back_its_roles_and_sessions_and_nothing_else(
        self, browser: Browser, database: Database
    ) -> None:
        signed_in = browser.sign_in()
        ada = actor_of(database, signed_in)
        with database.session() as session:
            identity.grant_role(session, OFFICE, principal=Ref.parse(ada.ref), role=Role.employee)
            person = identity.get_person(session, ada.ref.removeprefix("person:"))
            other = identity.open_session(session, person)
            identity.remove_provider(session, OFFICE, "mock")
        with database.session() as session:
            assert identity.resume(session, other.secret).actor.roles == (RoleGrant(role="employee"),)
            with pytest.raises(identity.SessionEnded):
                identity.resume(session, signed_in.token.secret)
            assert identity.list_providers(session) == ()

    def test_everything_wrong_with_one_is_told_at_once(self, database: Database, config: ProviderConfig) -> None:
        wrong = ProviderConfig(
            id="No Good",
            label=" ",
            issuer="http://id.example.org?x=1",
            client_id="",
            secret_name="hunter2",
            scopes=("profile",),
            group_roles=(GroupRole(group="g", role=Role.employee, department="nowhere"),),
            mail_domains=("Example.org", "@x"),
        )
        with database.session() as session, pytest.raises(Invalid) as told:
            identity.add_provider(session, OFFICE, wrong)
        columns = [fault.column for fault in told.value.faults]
        assert columns == [
            "id", "label", "issuer", "client_id", "secret_name", "scopes", "group_roles", "mail_domains", "mail_domains",
        ]  # fmt: skip
        with database.session() as session, pytest.raises(identity.ProviderExists):
            identity.add_provider(session, OFFICE, config)

    def test_a_file_adds_changes_and_removes_its_own(
        self, database: Database, config: ProviderConfig, tmp_path: Path
    ) -> None:
        path = tmp_path / "oidc.yaml"
        entry = "  - {id: work, label: Work, issuer: 'https://id.example.org', client_id: h, group_roles: [%s]}\n"
        path.write_text("providers:\n" + entry % "{group: g, role: employee, department: sales}")

        def apply() -> list[str]:
            with database.session() as session:
                return [p.id for p in identity.apply_provider_file(session, path)]

        assert apply() == ["mock", "work"]
        apply()
        with database.session() as session:
            assert identity.get_provider(session, "work").group_roles[0].department == "sales"
            assert [e.subject for e in ledger.find(session, type="provider.changed").items] == []
            with pytest.raises(identity.ProviderExists, match="HEADWAY_OIDC_FILE"):
                identity.remove_provider(session, OFFICE, "work")
        path.write_text("providers: []\n")
        assert apply() == ["mock"]
        for wrong in ("", "providers: 3", "providers: [{id: x}]", "providers: [3]", "{", "providers: [{id: a, colour: red}]",
                      "providers:\n" + entry % "{group: g, role: king}", "providers:\n" + entry % "" + entry % ""):  # fmt: skip
            path.write_text(wrong)
            with pytest.raises(Invalid):
                apply()
