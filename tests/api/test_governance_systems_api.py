"""Vendors and systems over HTTP and at the terminal: shapes, refusals, who may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import governance, identity
from headway.governance import cli
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client as Headway
from headway_client import Conflict, Invalid
from tests.factories.asgi import AppTransport
from tests.factories.governance import ANA, open_usecase
from tests.factories.pages import Browser, application, signed_in

VENDOR = {"slug": "acme", "name": "Acme AG", "supplies": "scores", "contract_ends": "2027-12-31"}
SYSTEM = {"slug": "scorer", "title": "Scorer", "kind": "vendor_supplied", "vendor": "acme"}


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        identity.ensure_department(session, ANA, "sales")
        open_usecase(session)
        governance.classify(session, ANA, "lead-scoring")
    return application(parts)


def api(app: FastAPI, browser: Browser) -> Headway:
    """The API with the rights of somebody who is signed in."""
    secret = next(iter(browser.http.cookies.values()))
    return Headway("http://headway.test", secret, transport=AppTransport(app))


@pytest.fixture
def office(app: FastAPI, parts: Parts) -> Headway:
    return api(app, signed_in(parts, "Ada", (Role.ai_office, None), app=app))


def test_a_vendor_and_their_system_are_kept_and_settle_a_fact(office: Headway) -> None:
    made = office.vendors.open(**VENDOR)
    assert (made.status, str(made.contract_ends), made.systems) == ("active", "2027-12-31", [])
    assert "write the exit plan" in made.missing
    assert office.vendors.change("acme", exit_plan="move to Bolt").exit_plan == "move to Bolt"
    system = office.systems.open(**SYSTEM, usecases=["lead-scoring"])
    assert (system.kind, system.vendor, system.usecases) == ("vendor_supplied", "acme", ["lead-scoring"])
    case = office.usecases.show("lead-scoring")
    assert [(one.slug, one.vendor) for one in case.systems] == [("scorer", "acme")]
    known = {fact.name: (fact.value, fact.sources) for fact in case.derived}
    assert known["vendor_supplied"] == (True, ["system:scorer", "vendor:acme"])
    with pytest.raises(Invalid) as refused:
        office.usecases.change("lead-scoring", risk={"vendor_supplied": False})
    assert [fault["column"] for fault in refused.value.faults] == ["vendor_supplied"]
    with pytest.raises(Conflict):
        office.vendors.retire("acme", reason="the contract ended")
    assert office.systems.unlink("scorer", "lead-scoring").usecases == []
    assert office.systems.link("scorer", usecase="lead-scoring").usecases == ["lead-scoring"]
    with pytest.raises(Conflict, match="generates_content is yes, from system:scorer, and not no"):
        office.systems.change("scorer", kind="generative")
    office.usecases.change("lead-scoring", risk={"generates_content": None})
    assert office.systems.change("scorer", kind="generative").kind == "generative"
    assert office.usecases.show("lead-scoring").tier == "transparency"
    office.systems.unlink("scorer", "lead-scoring")
    assert office.systems.retire("scorer", reason="replaced").status == "retired"
    assert office.vendors.retire("acme", reason="the contract ended").status == "retired"
    assert office.vendors.reopen("acme", reason="they are back").status == "active"
    assert office.systems.reopen("scorer", reason="they are back").status == "active"
    assert [one.slug for one in office.vendors.list()] == ["acme"]
    assert [one.slug for one in office.systems.list(vendor="acme")] == ["scorer"]
    assert list(office.systems.list(vendor="bolt")) == []
    assert office.vendors.show("acme").systems == ["scorer"]
    assert office.systems.show("scorer").title == "Scorer"


def test_whoever_works_anywhere_reads_the_registers_and_few_change_them(
    app: FastAPI, parts: Parts, office: Headway
) -> None:
    office.vendors.open(**VENDOR)
    office.systems.open(**SYSTEM)
    employee = api(app, signed_in(parts, "Emil", (Role.employee, "sales"), app=app))
    assert [one.slug for one in employee.vendors.list()] == ["acme"]
    assert employee.systems.show("scorer").vendor == "acme"
    stranger = api(app, signed_in(parts, "Nina", app=app))
    here = api(app, signed_in(parts, "Dora", (Role.data_scientist, "sales"), app=app))
    elsewhere = api(app, signed_in(parts, "Hugo", (Role.data_scientist, "hr"), app=app))
    everywhere = api(app, signed_in(parts, "Eva", (Role.data_scientist, None), app=app))

    def status(client: Headway, method: str, path: str, body: object = None) -> int:
        try:
            getattr(client, method)(path, *([body] if body is not None else []))
        except Exception as error:  # noqa: BLE001  the status is what is asked
            return int(getattr(error, "status", 0))
        return 200

    assert status(stranger, "get", "/vendors") == status(stranger, "get", "/systems/scorer") == 403
    for client in (employee, here):
        assert status(client, "post", "/vendors", {"slug": "x", "name": "X"}) == 403
        assert status(client, "patch", "/systems/scorer", {"title": "X"}) == 403
        assert status(client, "post", "/vendors/acme/retire", {"reason": "x"}) == 403
    link = {"usecase": "lead-scoring"}
    assert status(elsewhere, "post", "/systems/scorer/usecases", link) == 403
    assert status(here, "post", "/systems/scorer/usecases", link) == 200  # it is about their use case
    assert status(elsewhere, "delete", "/systems/scorer/usecases/lead-scoring") == 403
    assert status(everywhere, "patch", "/systems/scorer", {"title": "Better"}) == 200
    assert status(everywhere, "post", "/vendors", {"slug": "x", "name": "X"}) == 403


def test_malformed_input_is_told_apart(office: Headway) -> None:
    for method, path, body, status in (
        ("post", "/systems", {**SYSTEM, "kind": "magic"}, 422),
        ("post", "/systems", SYSTEM, 404),
        ("post", "/vendors", {**VENDOR, "contract_ends": "soon"}, 422),
        ("post", "/vendors", {**VENDOR, "colour": "red"}, 422),
        ("post", "/vendors", {**VENDOR, "slug": "Not Good"}, 422),
        ("get", "/vendors/nobody", None, 404),
        ("get", "/systems/nothing", None, 404),
    ):
        with pytest.raises(Exception) as caught:
            getattr(office, method)(path, *([body] if body is not None else []))
        assert getattr(caught.value, "status", None) == status, path


# --- at the terminal ---------------------------------------------------------------------------------------------


@pytest.fixture
def run(office: Headway) -> Iterator[CliRunner]:
    @contextmanager
    def connect() -> Iterator[Headway]:
        yield office

    terminal.set_connector(connect)
    yield CliRunner()


def done(run: CliRunner, app: object, *words: str) -> dict[str, object]:
    result = run.invoke(app, [*words, "--output", "json"])  # type: ignore[arg-type]  # one of our typer apps
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_the_commands_keep_vendors_and_systems(run: CliRunner, tmp_path: object) -> None:
    vendor, system = cli.vendor_app, cli.system_app
    made = done(run, vendor, "open", "acme", "--name", "Acme", "--contract-ends", "2027-12-31", "--contact", "Kim")
    assert made["contract_ends"] == "2027-12-31"
    changed = done(run, vendor, "set", "acme", "--contact", "", "--exit-plan", "by hand")
    assert (changed["contact"], changed["exit_plan"]) == (None, "by hand")
    assert done(run, vendor, "assess", "acme")["subject"] == "vendor:acme"
    assert done(run, vendor, "show", "acme")["assessed_at"] is not None
    words = ("--title", "Scorer", "--kind", "vendor_supplied", "--vendor", "acme", "--usecase", "lead-scoring")
    assert done(run, system, "open", "scorer", *words)["usecases"] == ["lead-scoring"]
    assert done(run, system, "unlink", "scorer", "--usecase", "lead-scoring")["usecases"] == []
    assert done(run, system, "link", "scorer", "--usecase", "lead-scoring")["usecases"] == ["lead-scoring"]
    shown = run.invoke(cli.usecase_app, ["show", "lead-scoring"])
    assert "scorer (vendor_supplied)" in shown.output and "vendor_supplied = yes, from system:scorer" in shown.output
    assert done(run, system, "set", "scorer", "--title", "Better")["title"] == "Better"
    assert done(run, system, "show", "scorer")["vendor"] == "acme"
    assert "Better" in run.invoke(system, ["list", "--vendor", "acme"]).output
    assert "Acme" in run.invoke(vendor, ["list"]).output
    done(run, system, "unlink", "scorer", "--usecase", "lead-scoring")
    assert done(run, system, "retire", "scorer", "--reason", "replaced")["status"] == "retired"
    assert done(run, vendor, "retire", "acme", "--reason", "ended")["status"] == "retired"
    assert done(run, vendor, "reopen", "acme", "--reason", "back")["status"] == "active"
    assert done(run, system, "reopen", "scorer", "--reason", "back")["status"] == "active"
    assert "retired_because" not in run.invoke(vendor, ["show", "acme"]).output
