"""``headway department | person | role | token`` against the real API and rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import typer
from fastapi import FastAPI
from httpx import Request, Response
from typer.testing import CliRunner

from headway.identity.cli import department_app, person_app, provider_app, role_app, session_app, token_app
from headway.identity.routes import routers
from headway.kernel import terminal
from headway.kernel.database import Database
from headway.kernel.errors import Invalid
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied, NotFound, Unauthenticated
from tests.factories.asgi import AppTransport
from tests.factories.identity import PASSWORD, api, join, local_owner


class Inside(AppTransport):
    """Reaches an application that has no prefix."""

    def handle_request(self, request: Request) -> Response:
        """Answer one request."""
        request.url = request.url.copy_with(path=request.url.path.removeprefix("/api/v1"))
        return super().handle_request(request)


class Caller:
    """Runs commands with a token."""

    def __init__(self, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.monkeypatch = app, monkeypatch

    def __call__(self, noun: typer.Typer, *arguments: str, token: str, text: str = "") -> dict[str, object]:
        """Run a command that must succeed; returns its JSON."""

        @contextmanager
        def connect() -> Iterator[Client]:
            with Client("http://app", token, transport=Inside(self.app)) as made:
                yield made

        self.monkeypatch.setattr(terminal, "_connector", connect)
        result = CliRunner().invoke(noun, [*arguments, "--output", "json"], input=text or None)
        if result.exception is not None:
            raise result.exception
        lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
        found = json.loads(lines[-1])
        assert isinstance(found, dict)
        return found


@pytest.fixture
def call(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """Runs commands."""
    return Caller(api(parts, routers), monkeypatch)


def test_a_colleague_is_added_joins_and_gets_a_role(call: Caller, database: Database) -> None:
    _, owner = local_owner(database)
    call(department_app, "add", "sales", "--region", "EU", token=owner)
    call(department_app, "update", "sales", "--name", "Sales Europe", token=owner)
    assert call(department_app, "show", "sales", token=owner) == {
        "slug": "sales",
        "name": "Sales Europe",
        "parent": "org",
        "region": "EU",
    }
    invited = call(person_app, "add", "--name", "Bo", "--email", "bo@example.org", token=owner)
    person = invited["person"]
    assert isinstance(person, dict)
    joined = call(person_app, "join", str(invited["code"]), token="", text=f"{PASSWORD}\n{PASSWORD}\n")
    bo = str(joined["secret"])
    call(role_app, "grant", person["ref"], "data_scientist", "--department", "sales", token=owner)
    assert call(person_app, "whoami", token=bo)["roles"] == [{"role": "data_scientist", "department": "sales"}]
    assert call(role_app, "explain", "run:train", "--department", "sales", token=bo)["allowed"] is True
    access = call(person_app, "access", person["id"], "--department", "sales", token=bo)["departments"]
    assert isinstance(access, list)
    assert [place["department"] for place in access] == ["sales"]
    assert "run:train" in {action["action"] for action in access[0]["actions"]}
    held = call(role_app, "list", "--principal", person["ref"], token=owner)["items"]
    assert isinstance(held, list)
    call(role_app, "revoke", held[0]["id"], token=owner)
    assert call(role_app, "explain", "run:train", "--department", "sales", token=bo)["rule"] == "data-scientists-build"
    call(person_app, "deactivate", person["id"], token=owner)
    names = call(person_app, "list", token=owner)["items"]
    assert isinstance(names, list)
    assert {entry["name"]: entry["is_active"] for entry in names} == {"Local owner": True, "Bo": False}


def test_tokens_are_made_listed_and_revoked(call: Caller, database: Database) -> None:
    local_owner(database)
    _, secret = join(database, "Ada")
    made = call(token_app, "create", "ci", "--scope", "run:read", "--expires", "2999-01-01", token=secret)
    assert (made["scopes"], made["expires_at"]) == (["run:read"], "2999-01-01T00:00:00Z")
    assert call(person_app, "whoami", token=str(made["secret"]))["scopes"] == ["run:read"]
    listed = call(token_app, "list", token=secret)["items"]
    assert isinstance(listed, list)
    assert {token["name"] for token in listed} == {"ci"}
    assert call(token_app, "revoke", str(made["id"]), token=secret)["revoked_at"]
    signed_in = call(token_app, "sign-in", "--email", "ada@example.org", token="", text=f"{PASSWORD}\n")
    assert str(signed_in["secret"]).startswith("hws_")


def test_identity_providers_are_added_replaced_listed_and_removed(call: Caller, database: Database) -> None:
    _, owner = local_owner(database)
    call(department_app, "add", "sales", token=owner)
    what = ("--label", "Work", "--issuer", "https://id.example.org/", "--client-id", "headway")
    call(
        provider_app,
        "add",
        "work",
        *what,
        "--group",
        "CN=ds,OU=x=data_scientist@sales",
        "--domain",
        "example.org",
        token=owner,
    )
    shown = call(provider_app, "show", "work", token=owner)
    assert shown["group_roles"] == [{"group": "CN=ds,OU=x", "role": "data_scientist", "department": "sales"}]
    assert shown["mail_domains"] == ["example.org"]
    with pytest.raises(Conflict):
        call(provider_app, "add", "work", *what, token=owner)
    changed = call(provider_app, "add", "work", *what, "--creates-people", "--replace", token=owner)
    assert (changed["creates_people"], changed["group_roles"]) == (True, [])
    listed = call(provider_app, "list", token=owner)["items"]
    assert isinstance(listed, list)
    assert [entry["id"] for entry in listed] == ["work"]
    with pytest.raises(Invalid):
        call(provider_app, "add", "x", *what, "--group", "no role", token=owner)
    call(provider_app, "remove", "work", token=owner)
    with pytest.raises(NotFound):
        call(provider_app, "test", "work", token=owner)


def test_a_link_is_made_and_a_password_changed(call: Caller, database: Database) -> None:
    _, owner = local_owner(database)
    _, secret = join(database, "Ada")
    made = call(person_app, "link", "ada@example.org", token=owner)
    assert str(made["url"]).endswith(f"/sign-in/link#{made['code']}")
    typed = f"{PASSWORD}\nfour odd green ladders\nfour odd green ladders\n"
    assert call(person_app, "password", token=secret, text=typed)["name"] == "Ada"
    signed_in = call(token_app, "sign-in", "--email", "ada@example.org", token="", text="four odd green ladders\n")
    assert signed_in["secret"]


def test_where_one_is_signed_in_is_listed_and_ended(call: Caller, database: Database) -> None:
    _, owner = local_owner(database)
    ada, secret = join(database, "Ada")
    for _ in range(2):
        call(token_app, "sign-in", "--email", "ada@example.org", token="", text=f"{PASSWORD}\n")
    listed = call(session_app, "list", token=secret)["items"]
    assert isinstance(listed, list)
    assert [held["how"] for held in listed].count("password") == 2
    assert call(session_app, "list", "--person", ada.ref, token=owner)["items"] == listed
    newest = next(held["id"] for held in listed if held["how"] == "password")
    assert call(session_app, "revoke", newest, token=secret)["ended_at"]
    others = call(session_app, "revoke-others", token=secret)["items"]
    assert isinstance(others, list)
    assert len(others) == 1
    assert call(session_app, "end", token=secret)["ended_at"]
    with pytest.raises(Unauthenticated):
        call(person_app, "whoami", token=secret)


def test_a_refusal_reaches_the_command_with_rule_and_way(call: Caller, database: Database) -> None:
    local_owner(database)
    _, secret = join(database, "Ada")
    with pytest.raises(Denied) as refused:
        call(department_app, "add", "mine", token=secret)
    values = refused.value.problem["values"]
    assert isinstance(values, dict)
    assert values["rule"] == "ai-office-governs"
    assert refused.value.problem["hint"]
