"""People and departments as a spreadsheet over HTTP and at the terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi import FastAPI
from httpx import Client
from typer.testing import CliRunner

from headway.identity import Role
from headway.identity.cli import person_app
from headway.identity.routes import routers
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.identity import api, client, join, local_owner


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    return api(parts, routers)


@pytest.fixture
def owner(app: FastAPI, parts: Parts) -> Iterator[Client]:
    _, token = local_owner(parts.database)
    with client(app, token) as made:
        yield made


def send(who: Client, text: str) -> Any:
    return who.post("/people/imports", files={"file": ("people.csv", text.encode())})


def test_people_are_sent_looked_at_and_added(owner: Client) -> None:
    preview = send(owner, "name,email,roles\nAna,ana@example.org,employee\n").json()
    assert owner.get(f"/people/imports/{preview['id']}").json() == preview
    done = owner.post(f"/people/imports/{preview['id']}/apply", json={"digest": preview["digest"]})
    assert done.json()["applied"] == {"added": 1, "changed": 0, "unchanged": 0}
    book = openpyxl.load_workbook(io.BytesIO(owner.get("/people/export.xlsx").content))
    assert book.sheetnames[:2] == ["People", "Departments"]
    assert "ana@example.org" in owner.get("/people/export.csv").text
    assert owner.get("/people/template.xlsx?language=de").status_code == 200


def test_a_file_gives_nobody_more_than_its_sender_may_give(app: FastAPI, parts: Parts) -> None:
    _, secret = join(parts.database, "Aida", (Role.ai_office, "hr"))
    _, idle = join(parts.database, "Ida", (Role.employee, None))
    with client(app, idle) as ida:
        assert send(ida, "name,email\nX,x@example.org\n").status_code == 403
        assert ida.get("/people/template.xlsx").status_code == 403
    with client(app, secret) as aida:
        assert send(aida, "name,email\nX,x@example.org\n").status_code == 403
        assert send(aida, "email,roles\naida@example.org,ai_office\n").status_code == 403
        assert send(aida, "slug,name,parent\nhr-north,HR North,org\n").status_code == 403
        mine = send(aida, "slug,name,parent\nhr-north,HR North,hr\n").json()
        assert aida.post(f"/people/imports/{mine['id']}/apply", json={"digest": mine["digest"]}).status_code == 200
        assert aida.get("/people/export.csv").status_code == 403


def test_the_terminal_imports_and_exports_people(
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
    run, file = CliRunner(), tmp_path / "people.csv"
    file.write_text("name,email\nAna,ana@example.org\n")
    done = run.invoke(person_app, ["import", str(file), "--apply"])
    assert done.exit_code == 0 and "1 added" in done.stderr
    assert run.invoke(person_app, ["export", "--to", str(tmp_path / "out.xlsx")]).exit_code == 0
    assert run.invoke(person_app, ["import", str(tmp_path / "out.xlsx")]).exit_code == 0
