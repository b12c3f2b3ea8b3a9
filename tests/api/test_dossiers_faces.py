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

from headway import dossiers, governance
from headway.dossiers.cli import app as dossier_app
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.crypto import Signer
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied, Invalid, NotFound
from tests.factories.asgi import AppTransport
from tests.factories.identity import join, local_owner
from tests.factories.pages import application, signed_in, text_of
from tests.factories.planned import ACTOR, piloted, platform
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


def test_a_board_pack_is_asked_for_made_read_and_compared(
    owner: Client, ready: Parts, app: FastAPI, run: CliRunner
) -> None:
    ready.jobs.define(dossiers.JOB, dossiers.dossier_job)
    quarter = dossiers.quarters()[0]
    started = owner.dossiers.board_pack(quarter=quarter)
    with pytest.raises(Conflict, match="is running"):
        owner.dossiers.download(started.dossier, "document.pdf")
    ready.jobs.run_now(dossiers.JOB, {"dossier": started.dossier}, ACTOR)
    pack = owner.dossiers.show(started.dossier)
    assert (pack.kind, pack.quarter, pack.usecase, pack.state) == ("board_pack", quarter, None, "made")
    assert owner.dossiers.download(pack.id, "document.pdf").startswith(b"%PDF-")
    assert not owner.dossiers.compare(pack.id).is_outdated
    assert pack.id in [one["id"] for one in say(run, "list", "--kind", "board_pack")["items"]]
    with pytest.raises(Invalid, match="write a quarter as 2026-Q3"):
        owner.dossiers.board_pack(quarter="soon")
    head = signed_in(ready, "Hugo Head", (Role.department_head, "sales-north"), app=app)
    assert head.get(f"/dossiers/{pack.id}").status_code == 403, "it tells of other departments"
    assert "/board-packs" not in head.get("/dossiers").text
    sponsor = signed_in(ready, "Susan Sponsor", (Role.sponsor, None), app=app)
    page = sponsor.get(f"/dossiers/{pack.id}/text")
    assert page.status_code == 200 and f'href="/usecases/{CASE}"' in page.text and "Measured" not in page.text
    assert quarter in sponsor.text("/dossiers") and 'action="/board-packs"' in sponsor.get("/dossiers").text
    refused = sponsor.send("/board-packs", quarter="2099-Q1")
    assert refused.status_code == 422 and "has not begun" in refused.text
    begun = sponsor.send("/board-packs", quarter=quarter)
    assert "/dossiers/dsr_" in str(begun.url)


def test_oscal_is_the_same_by_api_client_terminal_and_page(
    owner: Client, ready: Parts, app: FastAPI, run: CliRunner, tmp_path: Path
) -> None:
    head = signed_in(ready, "Olga Head", (Role.department_head, "sales-north"), app=app)
    page = head.get(f"/usecases/{CASE}/documents").text
    pack = next(iter(owner.packs.list())).id
    wanted = {
        "component-definition": (f"/usecases/{CASE}/oscal/component-definition", CASE, owner.dossiers.oscal),
        "assessment-results": (f"/usecases/{CASE}/oscal/assessment-results", CASE, owner.dossiers.oscal),
        "catalog": (f"/policies/{pack}/oscal", pack, lambda name, kind: owner.dossiers.catalog(name)),
    }
    for kind, (address, name, ask) in wanted.items():
        assert f'href="{address}"' in page, kind
        shown = head.get(address)
        assert f"{kind}-{name}.json" in shown.headers["content-disposition"]
        to = tmp_path / f"{kind}.json"
        written = say(run, "oscal", name, "--kind", kind, "--to", str(to))
        assert written["bytes"] == len(to.read_bytes())
        told = [shown.json(), json.loads(to.read_text()), ask(name, kind)]
        assert list(told[0]) == [kind] and told[0][kind]["metadata"]["oscal-version"] == "1.1.2"
        for one in told:
            one[kind]["metadata"].pop("last-modified")  # of results: when they were written
        assert told[0] == told[1] == told[2], kind
    outside = signed_in(ready, "Otis Employee", (Role.employee, "finance"), app=app)
    assert outside.get(f"/usecases/{CASE}/oscal/component-definition").status_code == 403
    with ready.database.session() as session:
        governance.open_usecase(session, ACTOR, slug="bare", title="Bare", department="sales-north")
    with pytest.raises(Conflict, match="no gate has given a verdict"):
        owner.dossiers.oscal("bare", "assessment-results")
    assert head.get("/usecases/bare/oscal/assessment-results").status_code == 409
    assert "no gate has given a verdict yet" in head.text("/usecases/bare/documents")


def test_a_bias_audit_is_counted_from_a_file_by_client_terminal_and_page(
    owner: Client, ready: Parts, app: FastAPI, run: CliRunner, tmp_path: Path
) -> None:
    people = [("female", "Asian", "yes", 30), ("female", "White", "no", 70), ("male", "White", "yes", 60)]
    people += [("male", "Asian", "no", 40), ("", "White", "no", 5)]
    rows = [f"{sex},{race},{said}" for sex, race, said, times in people for _ in range(times)]
    file = tmp_path / "people.csv"
    file.write_text("\n".join(["sex,race,invited", *rows]) + "\n")
    columns: dict[str, Any] = {"sex": "sex", "race": "race", "chosen": "invited", "positive": "yes"}
    told = owner.dossiers.audit_bias(CASE, file, **columns)
    assert (told.audit.people, told.audit.unknown, told.audit.min_cell) == (205, 5, 30)
    words = [word for name, value in columns.items() for word in (f"--{name}", value)]
    said = say(run, "bias-audit", CASE, str(file), *words)
    assert said["audit"]["groups"]["sex"][0] == {"group": "female", "people": 100, "chosen": 30}
    proof = next(one for one in owner.evidence.list(subject=f"usecase:{CASE}", type="bias_audit"))
    assert proof.producer == "service:dossiers" and proof.payload_digest == told.file_digest
    ada = signed_in(ready, "Ada Office", (Role.ai_office, None), app=app)
    ada.get(f"/usecases/{CASE}/documents")
    wrong = ada.send(
        f"/usecases/{CASE}/bias-audits",
        files={"file": ("people.csv", file.read_bytes())},
        **{**columns, "sex": "gender"},
    )
    assert wrong.status_code == 422 and "no column &#39;gender&#39;" in wrong.text
    sent = ada.send(f"/usecases/{CASE}/bias-audits", files={"file": ("people.csv", file.read_bytes())}, **columns)
    assert "Counted: 205 people" in text_of(sent.text)
    made = owner.dossiers.make(CASE, kind="ll144_summary")
    text = owner.dossiers.download(made.id, "document.md").decode()
    assert "| female | 100 | 30 | 30.0% | 0.500 |" in text and "| male | 100 | 60 | 60.0% | 1.000 |" in text
    assert "who are in none of the ratios: 5." in text and str(file) not in text
    emil = signed_in(ready, "Erik Employee", (Role.employee, "sales-north"), app=app)
    assert "/bias-audits" not in emil.get(f"/usecases/{CASE}").text


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
