"""Decision rights through the API, at the terminal, in the client and on pages."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.governance.mandates import cli
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied, Invalid, NotFound
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.pages import Browser, application, signed_in

WHY = "what the council and the office agreed on"
ROW = {"stage": "waiver", "decides": ["ai_office"], "told": ["sponsor"]}


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        open_usecase(session)
    return application(parts)


@pytest.fixture
def ada(app: FastAPI, parts: Parts) -> Browser:
    return signed_in(parts, "Ada", (Role.ai_office, None), app=app)


@pytest.fixture
def cleo(app: FastAPI, parts: Parts) -> Browser:
    return signed_in(parts, "Cleo", (Role.sponsor, "sales"), app=app)


def client_of(app: FastAPI, browser: Browser) -> Client:
    secret = next(iter(browser.http.cookies.values()))
    return Client("http://headway.test", secret, transport=AppTransport(app))


def test_one_drafts_and_adopts_in_the_browser_a_sponsor_confirms_and_it_narrows_at_once(
    app: FastAPI, ada: Browser, cleo: Browser
) -> None:
    assert "No decision rights in force" in ada.text("/decision-rights")
    page = ada.get("/decision-rights/draft/row?stage=retirement&lane=every").text.split("Is told")[0]
    assert 'value="department_head"' in page and 'value="council"' not in page
    kept = ada.send("/decision-rights/draft/row", stage="retirement", lane="every", decides="department_head")
    assert "Kept in the draft" in kept.text and "Retirement" in kept.text and "nobody" in kept.text
    assert "principal.held.department_head" in kept.text
    short = ada.send("/decision-rights/draft/adopt", reason="short")
    assert short.status_code == 422
    done = ada.send("/decision-rights/draft/adopt", reason=WHY)
    assert "Version 1 waits for a sponsor" in done.text and "/decision-rights/1/confirm" not in done.text
    assert "Retire" in ada.text("/usecases/lead-scoring/retire")
    cleo.get("/decision-rights")
    page = cleo.send("/decision-rights/1/confirm")
    assert "the permission rules narrow by it at once" in page.text
    refused = ada.get("/usecases/lead-scoring/retire")
    assert refused.status_code == 403 and "to the role department_head" in refused.text
    sheet = openpyxl.load_workbook(io.BytesIO(cleo.get("/decision-rights?format=xlsx").content)).active
    assert sheet is not None
    told = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert ["sales", "Retirement, one other person decides", "Decides", "Department head", None, "nobody"] in told
    assert "forbid (principal" in cleo.text("/decision-rights/1")
    assert cleo.get("/decision-rights/1/envelope").json()["payloadType"].endswith("decision-rights+json")


def test_a_file_becomes_the_draft_and_a_wrong_one_is_told(ada: Browser) -> None:
    ada.get("/decision-rights/draft")
    wrong = ada.send("/decision-rights/draft/file", files={"file": ("rights.yaml", b"- no", "application/yaml")})
    assert wrong.status_code == 422 and "write one list under" in wrong.text
    text = b"decision_rights:\n- stage: waiver\n  decides: [ai_office]\n- stage: lunch\n"
    kept = ada.send("/decision-rights/draft/file", files={"file": ("rights.yaml", text, "application/yaml")})
    assert "Kept in the draft" in kept.text and "is no stage" in kept.text
    book = openpyxl.load_workbook(io.BytesIO(ada.get("/decision-rights/draft/export").content))
    assert [cell.value for cell in book.worksheets[0][2]][:2] == ["waiver", "every"]
    assert b"stage: waiver" in ada.get("/decision-rights/draft/export?format=yaml").content


def test_the_terminal_and_the_client_do_the_same(app: FastAPI, ada: Browser, cleo: Browser, tmp_path: Path) -> None:
    speaking = [client_of(app, ada)]

    @contextmanager
    def connect() -> Iterator[Client]:
        yield speaking[0]

    terminal.set_connector(connect)
    run = CliRunner()

    def told(*arguments: str) -> Any:
        found = run.invoke(cli.rights_app, [*arguments, "--output", "json"])
        assert found.exit_code == 0, (found.output, found.exception)
        return json.loads(found.stdout)

    assert told("set", "waiver", "--decides", "ai_office", "--told", "sponsor")["rows"][0]["told"] == ["sponsor"]
    book, text = tmp_path / "rights.xlsx", tmp_path / "rights.yaml"
    for path in (book, text):
        assert run.invoke(cli.rights_app, ["export", "--to", str(path)]).exit_code == 0
    assert not told("set", "waiver", "--decides", "", "--told", "")["rows"]
    assert told("import", str(book))["rows"] == told("import", str(text))["rows"]
    made = told("adopt", "--reason", WHY)
    with pytest.raises(Denied):
        client_of(app, ada).rights.confirm(1, digest=made["digest"])
    speaking[0] = client_of(app, cleo)
    with pytest.raises(Denied):
        speaking[0].rights.save_draft(rows=[ROW])
    with pytest.raises(Conflict):
        speaking[0].rights.envelope(1)
    assert told("confirm", "1", "--digest", made["digest"])["state"] == "in_force"
    assert told("list")["items"][0]["state"] == told("show", "1")["state"] == "in_force"
    assert "rights-waiver-every-decides" in run.invoke(cli.rights_app, ["show", "1", "--cedar"]).output
    assert run.invoke(cli.rights_app, ["envelope", "1", "--to", str(tmp_path / "e.json")]).exit_code == 0
    weak = told("holders", "--department", "sales", "--weak")["items"]
    assert [(one["stage"], one["step"], one["weaknesses"]) for one in weak] == [("appetite", "decides", ["one_person"])]
    found = [one for one in client_of(app, ada).rights.holders(department="sales") if one.stage == "waiver"]
    assert {one.is_named for one in found if one.step == "decides"} == {True}
    with pytest.raises(NotFound):
        client_of(app, ada).rights.show(7)
    with pytest.raises(Invalid):
        client_of(app, ada).rights.import_draft(("a.csv", b"a,b\n1,2\n"))
