"""The ledger over HTTP and by the command line: read, prove, verify, export, erase."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Request, Response
from typer.testing import CliRunner

from headway import ledger
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.crypto import Signer
from headway.kernel.database import Database
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from headway.ledger import offline
from headway.ledger.cli import app as ledger_cli
from headway.ledger.routes import router
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.identity import api, client, join, local_owner


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The ledger's API."""
    return api(parts, [router])


@pytest.fixture
def filled(database: Database, storage: Storage, signer: Signer) -> list[str]:
    """A log with the owner's events and three of its own, the last personal."""
    owner, _ = local_owner(database)
    with database.session() as session:
        made = [
            ledger.record(
                session,
                actor=owner,
                type="thing.made",
                subject=Ref("thing", f"t{n}"),
                payload={"n": n},
                personal=n == 2,
            )
            for n in range(3)
        ]
    ledger.sequence(database, storage, signer)
    return made


def test_events_are_listed_shown_and_proved(
    app: FastAPI, database: Database, signer: Signer, filled: list[str]
) -> None:
    auditor = client(app, join(database, "Ada", (Role.auditor, None))[1])
    page = auditor.get("/ledger/events", params={"type": "thing.made", "limit": 2}).json()
    assert [event["id"] for event in page["items"]] == filled[:0:-1]
    rest = auditor.get("/ledger/events", params={"type": "thing.made", "limit": 2, "cursor": page["next"]}).json()
    assert ([event["id"] for event in rest["items"]], rest["next"]) == (filled[:1], None)
    assert auditor.get(f"/ledger/events/{filled[1]}").json()["payload"] == {"n": 1}
    assert auditor.get("/ledger/events/evt_none").status_code == 404
    proof = auditor.get(f"/ledger/events/{filled[1]}/proof").json()
    _, size, root, _ = offline.read_note(proof["checkpoint"], {signer.key_id: signer.public})
    path = [bytes.fromhex(step) for step in proof["path"]]
    assert offline.includes(bytes.fromhex(proof["leaf_hash"]), proof["leaf_index"], size, path, root)
    waiting = auditor.get("/ledger/events", params={"type": "person.joined"}).json()["items"][0]
    assert auditor.get(f"/ledger/events/{waiting['id']}/proof").json()["code"] == "ledger.not_yet_sequenced"
    checkpoint = auditor.get("/ledger/checkpoint").json()
    assert checkpoint["size"] == size
    same = auditor.get("/ledger/consistency", params={"old": size}).json()
    assert (same["old_root"], same["path"]) == (checkpoint["root"], [])


def test_only_those_who_may_read_the_ledger_do(app: FastAPI, database: Database, filled: list[str]) -> None:
    caller = client(app, join(database, "Bo", (Role.data_scientist, None), (Role.employee, None))[1])
    answers = [
        caller.get("/ledger/events"),
        caller.get(f"/ledger/events/{filled[0]}"),
        caller.get(f"/ledger/events/{filled[0]}/proof"),
        caller.get("/ledger/checkpoint"),
        caller.post("/ledger/verify"),
        caller.get("/ledger/export"),
        caller.post(f"/ledger/events/{filled[2]}/erase", json={"reason": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert all(answer.json()["values"]["rule"] and answer.json()["hint"] for answer in answers)


def test_erasure_is_for_the_ai_office_and_leaves_the_log_whole(
    app: FastAPI, database: Database, filled: list[str]
) -> None:
    auditor = client(app, join(database, "Ada", (Role.auditor, None))[1])
    office = client(app, local_owner(database)[1])
    body = {"reason": "asked by the person"}
    assert auditor.post(f"/ledger/events/{filled[2]}/erase", json=body).status_code == 403
    assert office.post(f"/ledger/events/{filled[0]}/erase", json=body).json()["code"] == "ledger.not_erasable"
    assert office.post(f"/ledger/events/{filled[2]}/erase", json={"reason": ""}).status_code == 422
    assert office.post(f"/ledger/events/{filled[2]}/erase", json=body).json()["is_erased"]
    report = auditor.post("/ledger/verify").json()
    assert (report["ok"], report["erased"]) == (True, 1)


def test_an_export_verifies_offline(app: FastAPI, database: Database, tmp_path: Path, filled: list[str]) -> None:
    auditor = client(app, join(database, "Ada", (Role.auditor, None))[1])
    answer = auditor.get("/ledger/export")
    assert answer.headers["content-type"] == "application/zip"
    assert sorted(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == [
        "bundle.json",
        "checkpoints.jsonl",
        "leaves.jsonl",
        "payloads.jsonl",
    ]
    (tmp_path / "b.zip").write_bytes(answer.content)
    assert offline.verify_bundle(tmp_path / "b.zip")["ok"]


class TestCommandLine:
    """``headway ledger``."""

    @pytest.fixture
    def run(self, app: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
        """A runner whose commands reach the application."""
        secret = local_owner(database)[1]

        class Inside(AppTransport):
            def handle_request(self, request: Request) -> Response:
                """Answer one request; the application here has no prefix."""
                request.url = request.url.copy_with(path=request.url.path.removeprefix("/api/v1"))
                return super().handle_request(request)

        @contextmanager
        def connect() -> Iterator[HeadwayClient]:
            with HeadwayClient("http://app", secret, transport=Inside(app)) as made:
                yield made

        monkeypatch.setattr(terminal, "_connector", connect)
        return CliRunner()

    def test_events_proof_verify_export_and_erase(self, run: CliRunner, filled: list[str], tmp_path: Path) -> None:
        def call(*arguments: str) -> dict[str, object]:
            result = run.invoke(ledger_cli, [*arguments, "--output", "json"])
            assert result.exit_code == 0, result.output
            found = json.loads(result.stdout)
            assert isinstance(found, dict)
            return found

        events = call("events", "--type", "thing.made")["items"]
        assert isinstance(events, list)
        assert [event["id"] for event in events] == filled[::-1]
        assert call("show", filled[0])["payload"] == {"n": 0}
        assert call("proof", filled[0])["event_id"] == filled[0]
        assert call("verify")["ok"] is True
        assert call("erase", filled[2], "--reason", "asked")["is_erased"] is True
        bundle = tmp_path / "b.zip"
        call("export", "--to", str(bundle))
        terminal.set_connector(lambda: pytest.fail("an offline check reached for a server"))
        assert call("verify", str(bundle))["ok"] is True

    def test_a_changed_bundle_or_a_stranger_s_key_ends_with_one(
        self, run: CliRunner, filled: list[str], tmp_path: Path, signer: Signer
    ) -> None:
        bundle, folder, trust = tmp_path / "b.zip", tmp_path / "b", tmp_path / "trust.json"
        assert run.invoke(ledger_cli, ["export", "--to", str(bundle)]).exit_code == 0
        trust.write_text(json.dumps({signer.key_id: base64.b64encode(signer.public).decode()}))
        assert run.invoke(ledger_cli, ["verify", str(bundle), "--trust", str(trust)]).exit_code == 0
        trust.write_text(json.dumps({signer.key_id: base64.b64encode(bytes(32)).decode()}))
        assert run.invoke(ledger_cli, ["verify", str(bundle), "--trust", str(trust)]).exit_code == 1
        zipfile.ZipFile(bundle).extractall(folder)
        leaves = (folder / "leaves.jsonl").read_bytes()
        (folder / "leaves.jsonl").write_bytes(leaves.replace(b"thing:t0", b"thing:t9"))
        result = run.invoke(ledger_cli, ["verify", str(folder), "--output", "json"])
        assert result.exit_code == 1
        assert json.loads(result.stdout)["first_bad_checkpoint"] == len(leaves.splitlines())
