"""The inventory as a spreadsheet over HTTP and at the terminal: who may, what is told, what is done."""

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
from httpx import Client
from typer.testing import CliRunner

from headway import governance
from headway.governance import cli
from headway.governance.routes import routers
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.identity import api, client, join, local_owner


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    with parts.database.session() as session:
        open_usecase(session, slug="leads")
    return api(parts, routers)


@pytest.fixture
def owner(app: FastAPI, parts: Parts) -> Iterator[Client]:
    _, token = local_owner(parts.database)
    with client(app, token) as made:
        yield made


def send(who: Client, text: str | bytes, name: str = "cases.csv") -> Any:
    return who.post("/usecases/imports", files={"file": (name, text.encode() if isinstance(text, str) else text)})


def test_export_change_send_look_apply(owner: Client) -> None:
    got = owner.get("/usecases/export.xlsx", params={"search": "lead"})
    assert got.headers["content-disposition"] == 'attachment; filename="usecases.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(got.content))
    assert [row[1].value for row in book["About"].iter_rows()][-1:] == ["lead"]
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    sheet.cell(2, headers.index("Owner") + 1, "Ben Brown")
    sheet.append(["", "Churn forecast", "sales"])
    out = io.BytesIO()
    book.save(out)
    sent = send(owner, out.getvalue(), "cases.xlsx")
    assert sent.status_code == 201
    preview = sent.json()
    assert [(one["change"], one["key"]) for one in preview["changes"]] == [
        ("changed", "leads"),
        ("added", "churn-forecast"),
    ]
    again = owner.get(f"/usecases/imports/{preview['id']}").json()
    assert again == preview
    wrong = owner.post(f"/usecases/imports/{preview['id']}/apply", json={"digest": "sha256-" + "0" * 64})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "governance.import_changed")
    done = owner.post(f"/usecases/imports/{preview['id']}/apply", json={"digest": preview["digest"]}).json()
    assert done["applied"] == {"added": 1, "changed": 1, "unchanged": 0}
    assert owner.get("/usecases/leads").json()["owner"] == "Ben Brown"
    assert owner.post(f"/usecases/imports/{preview['id']}/apply", json={"digest": preview["digest"]}).status_code == 409
    assert owner.get("/usecases/export.csv").content.startswith(b"\xef\xbb\xbfslug,title")
    assert openpyxl.load_workbook(io.BytesIO(owner.get("/usecases/template.xlsx?language=de").content)).worksheets


def test_a_table_that_is_none_and_a_filter_that_is_none_are_refused(owner: Client) -> None:
    assert send(owner, b"%PDF-1.7").json()["code"] == "documents.sheet_unreadable"
    assert owner.get("/usecases/export.xlsx", params={"colour": "red"}).status_code == 422
    assert owner.get("/usecases/imports/imp_none").status_code == 404


def test_nobody_changes_or_sees_another_departments_use_cases_by_a_file(app: FastAPI, parts: Parts) -> None:
    _, secret = join(parts.database, "Hedda", (Role.department_head, "hr"))
    _, idle = join(parts.database, "Ida")
    with client(app, idle) as ida:
        assert send(ida, "slug,title,department\nx,X,hr\n").status_code == 403
        assert ida.get("/usecases/template.xlsx").status_code == 403
    with client(app, secret) as hedda:
        assert send(hedda, "slug,owner\nleads,Hedda\n").status_code == 403
        assert send(hedda, "slug,title,department\nx,X,sales\n").status_code == 403
        assert hedda.get("/usecases/export.csv").status_code == 403
        assert hedda.get("/usecases/export.csv", params={"department": "hr"}).status_code == 200
        mine = send(hedda, "slug,title,department\nx,X,hr\n").json()
        assert hedda.post(f"/usecases/imports/{mine['id']}/apply", json={"digest": mine["digest"]}).status_code == 200
    with parts.database.session() as session:
        assert governance.get_usecase(session, "x").department == "hr"
        assert governance.get_usecase(session, "leads").owner == "Olga Owner"


def test_the_terminal_shows_differences_and_applies_them(
    app: FastAPI, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = local_owner(parts.database)
    whole = FastAPI()
    whole.state.parts = app.state.parts
    whole.exception_handlers.update(app.exception_handlers)
    for router in routers:
        whole.include_router(router, prefix="/api/v1")

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with HeadwayClient("http://headway", token, transport=AppTransport(whole)) as made:
            yield made

    monkeypatch.setattr(terminal, "connect", connect)
    run, file = CliRunner(), tmp_path / "cases.csv"
    assert run.invoke(cli.usecase_app, ["export", "--to", str(file)]).exit_code == 0
    file.write_text(file.read_text().replace("Olga Owner", "Ben Brown"))
    told = run.invoke(cli.usecase_app, ["import", str(file)])
    assert told.exit_code == 0
    assert "Ben Brown" in told.stdout and "nothing was changed yet" in told.stderr
    done = run.invoke(cli.usecase_app, ["import", str(file), "--apply", "--output", "json"])
    assert json.loads(done.stdout)["applied"] == {"added": 0, "changed": 1, "unchanged": 0}
    file.write_text("slug,title,department\nleads,,mars\n")
    wrong = run.invoke(cli.usecase_app, ["import", str(file), "--apply"])
    assert wrong.exit_code == 2
    assert "B2" in wrong.stdout and "C2" in wrong.stdout
    assert run.invoke(cli.usecase_app, ["export", "--to", str(tmp_path / "cases.pdf")]).exit_code == 2
