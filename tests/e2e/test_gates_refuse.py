"""Nothing unapproved gets in by any door, and the ledger knows of each that was tried."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from headway import runtime
from headway.entrypoints.pages.viewer import SESSION_COOKIE
from headway.kernel.canonical import canonical_json
from headway_client import Conflict, HeadwayError
from tests.factories.pages import form_of
from tests.factories.running import Home, eventually
from tests.factories.two_people import PASSWORD, released

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "examples" / "gate"
NAME = "gated-leads"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A platform whose node serves production."""
    made = Home(tmp_path_factory.mktemp("gates") / "home", {"HEADWAY_ENVIRONMENT": "production"})
    made.up()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def pilot(home: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A version in the sandbox that nobody approved for more."""
    from headway.solutions.sales import lead_scoring

    path = tmp_path_factory.mktemp("files") / "leads.csv"
    lead_scoring.write_example(path, rows=3000, seed=23)
    found: dict[str, Any] = home.json(
        "pilot", str(path), "--solution", "sales.lead-scoring", "--department", "sales", "--label", "converted",
        "--time", "created_at", "--subject", "lead_id", "--exclude", lead_scoring.PLANTED_LEAK,
    )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def version(pilot: dict[str, Any]) -> str:
    return f"model:{pilot['model']['name']}@{pilot['model']['version']}"


@pytest.fixture(scope="module")
def digest(pilot: dict[str, Any]) -> str:
    """The digest of the bundle."""
    return str(pilot["model"]["digest"])


@pytest.fixture(scope="module")
def pipeline(home: Home) -> str:
    """The token of a pipeline's service, which may ask the gate and no more."""
    with home.client() as client:
        client.post("/roles", {"principal": "service:ci", "role": "operator", "department": "sales"})
        made = client.post("/tokens", {"owner": "service:ci", "name": "ci", "scopes": ["gate:evaluate"]})
    return str(made["secret"])


def refusals(home: Home, **wanted: str) -> list[dict[str, Any]]:
    """What the ledger tells of refusals, those that hold all the values wanted."""
    with home.client() as client:
        found = [
            one["payload"] | {"subject": one["subject"]} for one in client.items("/ledger/events", type="gate.refused")
        ]
    return [one for one in found if all(one.get(name) == value for name, value in wanted.items())]


def record() -> dict[str, Any]:
    from headway.solutions.sales import lead_scoring

    return dict(lead_scoring.example_records(1, seed=2)[0])


def ask(home: Home, token: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Ask the gate as a pipeline on another machine does: with an address and a token alone."""
    return subprocess.run(
        [sys.executable, "-m", "headway.entrypoints.cli", "gate", "check", *words],
        env=elsewhere(home, token), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def elsewhere(home: Home, token: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEADWAY_")}
    return {**kept, "HEADWAY_URL": f"http://127.0.0.1:{home.environ['HEADWAY_PORT']}", "HEADWAY_TOKEN": token}


# --- an unapproved version ---------------------------------------------------------------------------------------


def test_by_the_api(home: Home, pilot: dict[str, Any], version: str, digest: str) -> None:
    body = {"name": NAME, "usecase": pilot["usecase"], "version": version, "environment": "production"}
    with home.client() as client, pytest.raises(Conflict) as caught:
        client.post("/deployments", body)
    assert caught.value.problem["code"] == "serving.no_verdict"
    [kept] = refusals(home, subject_digest=digest, via="api", code="serving.no_verdict")
    assert (kept["environment"], kept["subject"]) == ("production", f"bundle:{digest}")


def test_by_a_command(home: Home, pilot: dict[str, Any], version: str) -> None:
    words = ["--usecase", pilot["usecase"], "--version", version, "--environment", "production"]
    done = home.run("deployment", "create", NAME, *words, check=False)
    assert done.returncode == 5 and "has no verdict for production" in done.stderr


def test_on_a_page(home: Home, version: str) -> None:
    with home.client() as client:
        invited = client.post("/people", {"name": "Pia Page", "email": "pia@example.org"})
        client.post("/roles", {"principal": f"person:{invited['person']['id']}", "role": "ai_office"})
        client.post("/sessions/join", {"code": invited["code"], "password": PASSWORD})
        secret = client.post("/sessions", {"email": "pia@example.org", "password": PASSWORD})["secret"]
    address = f"http://127.0.0.1:{home.environ['HEADWAY_PORT']}"
    with httpx.Client(base_url=address, cookies={SESSION_COOKIE: secret}, headers={"accept": "text/html"}) as browser:
        fields = form_of(browser.get("/deployments/new").text, "/deployments/new")
        fields |= {"release": f"production {version}", "name": NAME, "holdout_percent": "10"}
        refused = browser.post("/deployments/new", data=fields, headers={"origin": address})
    assert refused.status_code == 409 and "has no verdict for production" in refused.text


def test_by_a_call_to_the_node(home: Home, pilot: dict[str, Any]) -> None:
    with home.client() as client:
        token = str(
            client.post("/grants", {"deployment": pilot["deployment"]["name"], "environment": "sandbox"})["token"]
        )
    for name in (pilot["deployment"]["name"], NAME):
        with home.node(token) as node, pytest.raises(HeadwayError) as caught:
            node.decide(name, record())
        assert caught.value.status in (401, 404)
    [kept] = eventually(lambda: refusals(home, via="node")[:1], 60, every=1)
    assert kept["environment"] == "production" and kept["code"].startswith("node.")


def test_in_a_pipeline(home: Home, pipeline: str, digest: str, version: str, tmp_path: Path) -> None:
    for name in (digest, version, f"registry.example/leads@{digest.replace('-', ':')}", "sha256-" + "0" * 64):
        done = ask(home, pipeline, name, "--environment", "production")
        assert done.returncode == 5 and "no gate has let" in done.stderr, done
    done = run_example("gate.sh", home, pipeline, digest, tmp_path)
    assert done.returncode == 5 and "may not go to production" in done.stderr
    assert run_example("gate-curl.sh", home, pipeline, digest, tmp_path).returncode == 5
    assert refusals(home, subject_digest=digest, via="gate check", environment="production")
    assert refusals(home, subject_digest="sha256-" + "0" * 64, via="gate check")


def run_example(name: str, home: Home, token: str, subject: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of the how-to as it stands there."""
    command = folder / "bin" / "headway"
    command.parent.mkdir(exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m headway.entrypoints.cli "$@"\n')
    command.chmod(0o755)
    environ = elsewhere(home, token)
    environ["PATH"] = f"{command.parent}:{environ['PATH']}"
    return subprocess.run(
        ["sh", str(EXAMPLES / name), subject, "production"],
        env=environ, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_evidence_typed_by_hand_never_stands_in_for_a_job(home: Home, version: str, digest: str) -> None:
    with home.client() as client:
        types = {
            t["name"]
            for pack in client.get("/packs")["items"]
            for t in pack["evidence_types"]
            if t["producer"] == "auto"
        }
        assert "parity_report" in types
        for kind in sorted(types):
            about = {"subject": version, "subject_digest": digest, "facts": {}}
            with pytest.raises(HeadwayError) as caught:
                client.post("/evidence", {"type": kind, **about})
            assert caught.value.problem["code"] == "governance.evidence_refused", kind
        denied = [one["payload"]["rule"] for one in client.items("/ledger/events", type="access.denied")]
    assert denied.count("governance.producer") == len(types)


# --- approved, and changed afterwards ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def serving(home: Home, pilot: dict[str, Any]) -> str:
    """The version approved by two people and at work in production; the token that may ask it."""
    token = released(home, pilot, "production")
    with home.node(token) as node:
        eventually(lambda: node.decide(pilot["deployment"]["name"], record()), 30)
    return token


def test_an_approved_version_is_let_in_everywhere(
    home: Home, serving: str, pipeline: str, digest: str, tmp_path: Path
) -> None:
    bundle = shutil.copytree(home.path / "storage" / "bundles" / digest, tmp_path / "bundle")
    for name in (digest, str(bundle)):
        assert ask(home, pipeline, name, "--environment", "production").returncode == 0
    assert run_example("gate.sh", home, pipeline, digest, tmp_path).returncode == 0
    assert run_example("gate-curl.sh", home, pipeline, digest, tmp_path).returncode == 0
    signed, trust = tmp_path / "admission.json", home.path / "keys" / "trusted.json"
    verified = home.run("gate", "verify", str(signed), "--trust", str(trust), "--subject", digest, "--output", "json")
    assert json.loads(verified.stdout)["allowed"] is True


def test_one_changed_byte_is_refused_by_the_node_and_in_a_pipeline(
    *, home: Home, serving: str, pilot: dict[str, Any], pipeline: str, digest: str, tmp_path: Path
) -> None:
    folder = home.path / "storage" / "bundles" / digest
    path = folder / json.loads((folder / "release.json").read_text())["model"]["path"]
    genuine = path.read_bytes()
    broken = bytearray(genuine)
    broken[len(broken) // 2] ^= 1
    copy = shutil.copytree(folder, tmp_path / "bundle")
    (copy / path.relative_to(folder)).write_bytes(broken)
    done = ask(home, pipeline, str(copy), "--environment", "production")
    assert done.returncode == 5 and f"{path.name} was changed" in done.stderr
    assert refusals(home, via="gate check", code="gate.changed", subject_digest=digest)
    try:
        path.write_bytes(broken)
        kept_out(home, serving, pilot, digest, "file_changed")
    finally:
        path.write_bytes(genuine)


def test_another_bundle_copied_over_an_approved_one_is_refused_by_the_node(
    home: Home, serving: str, pilot: dict[str, Any], digest: str
) -> None:
    """An unapproved bundle in the folder of the approved one, with the verdict that belongs to the other beside it."""
    folder = home.path / "storage" / "bundles" / digest
    genuine = (folder / "release.json").read_bytes()
    made = json.loads(genuine)
    made["model"]["version"] = str(int(made["model"]["version"]) + 1)
    other = runtime.encode_release(runtime.read_release(canonical_json(made)))
    try:
        (folder / "release.json").write_bytes(other)
        kept_out(home, serving, pilot, digest, "subject_mismatch")
    finally:
        (folder / "release.json").write_bytes(genuine)


def test_each_of_these_is_in_the_ledger(home: Home, digest: str) -> None:
    """The same of one minute is an entry and, when the minute is over, one with the count of those that followed."""

    def count() -> int:
        return sum(one["count"] for one in refusals(home, subject_digest=digest, code="serving.no_verdict"))

    assert eventually(lambda: count() == 3, 150, every=2), "by the API, by a command, on a page"


def kept_out(home: Home, token: str, pilot: dict[str, Any], digest: str, reason: str) -> None:
    """A node that starts on what lies in storage now serves nothing of it, and the ledger is told by the node."""
    home.down()
    home.up()
    with home.node(token) as node:
        refused = eventually(lambda: answer_of(node, pilot["deployment"]["name"]), 60)
    assert (refused.status, refused.problem["values"]["reason"]) == (503, reason)
    code = f"node.release_refused.{reason}"
    assert eventually(lambda: refusals(home, via="node", code=code, subject_digest=digest), 60, every=1)


def answer_of(node: Any, name: str) -> HeadwayError | None:
    try:
        node.decide(name, record())
    except HeadwayError as error:
        return error if error.problem.get("code") == "node.release_refused" else None
    return None
