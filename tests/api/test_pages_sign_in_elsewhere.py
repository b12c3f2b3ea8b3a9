"""Signing in at a real identity provider and with a one-time link, through the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from headway import identity
from headway.entrypoints.pages.signin_elsewhere import BINDING_COOKIE
from headway.identity import GroupRole, ProviderConfig, Role
from headway.identity.adapters import oidc
from headway.kernel.auth import Actor
from headway.kernel.web import Parts
from tests.factories.oidc import Provider, running
from tests.factories.pages import application, signed_in, visitor

# The provider that tests run against uses parts of its libraries that are going away.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
OFFICE = Actor(ref="person:local", name="Local owner")


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider with Ada in it."""
    oidc.forget()
    with running() as server:
        server.put("ada", name="Ada Lovelace", email="ada@example.org", email_verified=True, groups=["scientists"])
        yield server


def prepared(parts: Parts, provider: Provider, secrets: Path) -> Parts:
    (secrets / "mock").write_text("s3cret")
    config = ProviderConfig(
        id="mock",
        label="Work account",
        issuer=provider.issuer,
        client_id="headway",
        secret_name="file:mock",
        group_roles=(GroupRole(group="scientists", role=Role.data_scientist, department="sales"),),
        creates_people=True,
    )
    with parts.database.session() as session:
        identity.setup_home(session)
        identity.ensure_department(session, OFFICE, "sales")
        identity.add_provider(session, OFFICE, config)
    return replace(parts, settings=replace(parts.settings, public_url="http://127.0.0.1:8460", secrets_folder=secrets))


def test_a_person_signs_in_at_their_provider_and_lands_where_they_wanted(
    parts: Parts, provider: Provider, tmp_path: Path
) -> None:
    here = prepared(parts, provider, tmp_path)
    ada = visitor(here)
    shown = ada.get("/sign-in?next=/settings").text
    button = re.search(r'href="(/sign-in/oidc/mock\?[^"]+)"', shown)
    assert button is not None
    ada.http.follow_redirects = False
    begun = ada.get(button.group(1).replace("&amp;", "&"))
    assert begun.status_code == 303
    assert "httponly" in begun.headers["set-cookie"].lower()
    back = provider.sign_in(begun.headers["location"], "ada")

    stranger = visitor(here)  # what comes back counts in the browser alone in which it was begun
    refused = stranger.get("/sign-in/oidc/mock/back?state=x&code=y")
    assert refused.status_code == 401
    assert BINDING_COOKIE not in stranger.http.cookies

    done = ada.http.get("/sign-in/oidc/mock/back", params=back)
    assert (done.status_code, done.headers["location"]) == (303, "/settings")
    ada.http.follow_redirects = True
    told = ada.text("/settings")
    assert "Ada Lovelace" in told
    assert "Data scientist · Sales" in told
    again = visitor(here).http.get("/sign-in/oidc/mock/back", params=back)
    assert again.status_code == 401
    assert "begin again" in again.text


def test_what_comes_back_to_another_browser_is_refused(parts: Parts, provider: Provider, tmp_path: Path) -> None:
    here = prepared(parts, provider, tmp_path)
    ada, mallory = visitor(here), visitor(here)
    ada.http.follow_redirects = False
    back = provider.sign_in(ada.get("/sign-in/oidc/mock").headers["location"], "ada")
    refused = mallory.http.get("/sign-in/oidc/mock/back", params=back)
    assert refused.status_code == 401
    assert "another browser" in refused.text
    assert urlsplit(str(mallory.get("/settings").url)).path == "/sign-in"


def test_a_provider_that_does_not_answer_is_told_on_the_sign_in_page(parts: Parts) -> None:
    with parts.database.session() as session:
        identity.setup_home(session)
        config = ProviderConfig(id="gone", label="Gone", issuer="http://127.0.0.1:9", client_id="headway")
        identity.add_provider(session, OFFICE, config)
    shown = visitor(parts).get("/sign-in/oidc/gone")
    assert shown.status_code == 503
    assert "Sign in with Gone" in shown.text
    assert visitor(parts).get("/sign-in/oidc/nobody").status_code == 404


def test_a_one_time_link_signs_in_once(parts: Parts) -> None:
    app = application(parts)
    sam = signed_in(parts, "Sam", (Role.employee, "sales"), app=app)
    with parts.database.session() as session:
        code = identity.make_link(session, OFFICE, sam.actor.ref.removeprefix("person:")).code  # type: ignore[union-attr]
    first, second = visitor(parts), visitor(parts)
    assert "data-from-hash" in first.get("/sign-in/link").text
    assert first.send("/sign-in/link", code=code).url.path == "/"
    assert first.get("/settings").url.path == "/settings"
    second.get("/sign-in/link")
    refused = second.send("/sign-in/link", code=code)
    assert refused.status_code == 403
    assert "ask for a new one" in refused.text
