"""Dossiers over HTTP, at the terminal, through the client and on pages; who may make and read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.dossiers.cli import app as dossier_app
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.crypto import Signer
from headway.kernel.web import Parts
from headway_client import Client, Denied, Invalid, NotFound
from tests.factories.asgi import AppTransport
from tests.factories.identity import join, local_owner
from tests.factories.pages import application, signed_in, text_of
from tests.factories.planned import piloted, platform
from tests.factories.regions import regions

CASE = "lead-scoring"


@pytest.fixture(scope="module")
def ready(
    postgres_url: str, migrated_template: str, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("dossiers")
    with platform(postgres_url, migrated_template, signer, folder) as parts:
        yield piloted(parts, regions(5, rows=5_000), folder)


@pytest.fixture
def app(ready: Parts) -> FastAPI:
    return application(ready)


@pytest.fixture
def owner(app: FastAPI, ready: Parts) -> Iterator[Client]:
    _, token = local_owner(ready.database)
    with Client("http://app", token, transport=AppTransport(app)) as client:
        yield client


@pytest.fixture
def run(owner: Client) -> CliRunner:
    @contextmanager
    def connect() -> Iterator[Client]:
        yield owner

    terminal.set_connector(connect)
    return CliRunner()


def say(run: CliRunner, *words: str) -> Any:
    made = run.invoke(dossier_app, [*words, "--output", "json"])
    assert made.exit_code == 0, made.output
    return json.loads(made.stdout)


def test_a_document_is_made_listed_compared_and_downloaded_at_the_terminal(
    run: CliRunner, owner: Client, tmp_path: Path
) -> None:
    standing = next(one for one in say(run, "status", CASE) if one["kind"] == "annex_iv")
    gaps = say(run, "status", CASE, "--gaps", "annex_iv")
    assert standing["newest"] is None and len(gaps) == len(standing["gaps"]) > 10
    pdf = tmp_path / "made.pdf"
    made = say(run, "make", CASE, "--kind", "annex_iv", "--to", str(pdf))
    assert pdf.read_bytes().startswith(b"%PDF-") and made["gaps"] == len(gaps)
    assert made["id"] in [one["id"] for one in say(run, "list", "--usecase", CASE)["items"]]
    text = tmp_path / "made.md"
    say(run, "download", made["id"], "--to", str(text))
    assert made["digest"] in text.read_text()
    assert say(run, "compare", made["id"])["is_outdated"] is False
    owner.usecases.change(CASE, sponsor="Somebody", success_measure="won deals a hundred calls")
    told = run.invoke(dossier_app, ["compare", made["id"]]).stdout
    assert told.startswith("outdated: ") and "1.a" in told
    assert "annex_iv" in run.invoke(dossier_app, ["status", CASE]).stdout
    assert owner.dossiers.show(made["id"]).digest == say(run, "show", made["id"])["digest"]


def test_wrong_wishes_are_refused_with_what_is_wrong(owner: Client) -> None:
    with pytest.raises(Invalid):
        owner.dossiers.make(CASE, kind="novel")  # type: ignore[arg-type]  # what is wrong on purpose
    with pytest.raises(NotFound):
        owner.dossiers.make("nowhere", kind="annex_iv")
    made = owner.dossiers.make(CASE, kind="model_risk")
    with pytest.raises(NotFound, match="has no file"):
        owner.dossiers.download(made.id, "secrets.txt")


def test_who_may_read_and_who_may_make(app: FastAPI, ready: Parts, owner: Client) -> None:
    made = owner.dossiers.make(CASE, kind="model_risk")
    expected = {
        (Role.auditor, None): (True, False),
        (Role.department_head, "sales-north"): (True, True),
        (Role.department_head, "finance"): (False, False),
        (Role.employee, "sales-north"): (False, False),
    }
    for (role, place), (may_read, may_make) in expected.items():
        _, secret = join(ready.database, f"{role.value}-{place}", (role, place))
        with Client("http://app", secret, transport=AppTransport(app)) as client:
            for may, act in (
                (may_read, lambda: client.dossiers.show(made.id)),
                (may_read, lambda: client.dossiers.download(made.id, "document.md")),
                (may_read, lambda: list(client.dossiers.standings(CASE))),
                (may_make, lambda: client.dossiers.make(CASE, kind="model_risk")),
            ):
                if may:
                    assert act()
                else:
                    with pytest.raises(Denied):
                        act()


def test_the_pages_tell_make_show_and_hand_out(ready: Parts, app: FastAPI) -> None:
    head = signed_in(ready, "Hedy Head", (Role.department_head, "sales-north"), app=app)
    told = head.text(f"/usecases/{CASE}/documents")
    assert "Technical documentation (EU AI Act, Annex IV)" in told and "not owed" in told
    shown = head.send(f"/usecases/{CASE}/documents")
    assert "/dossiers/dsr_" in str(shown.url) and "document.pdf" in text_of(shown.text)
    taken = head.get(f"{shown.url.path}/files/document.pdf")
    assert taken.content.startswith(b"%PDF-") and CASE in taken.headers["content-disposition"]
    assert "as the records are" in head.text(f"/usecases/{CASE}/documents")
    assert CASE in head.text("/dossiers")
    sheet = head.get("/dossiers?format=xlsx")
    assert sheet.content.startswith(b"PK")
    emil = signed_in(ready, "Emil Employee", (Role.employee, "sales-north"), app=app)
    assert emil.get(f"/usecases/{CASE}/documents").status_code == 403
    assert "/documents" not in emil.get(f"/usecases/{CASE}").text
