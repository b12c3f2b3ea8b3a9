"""From a file to a governed, served, logged decision: the whole spine through the program, the API and the node."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from headway_client import Conflict, Denied, HeadwayError, Invalid, NotFound, Unauthenticated
from tests.factories.running import PROGRAM, Home, eventually

pytestmark = pytest.mark.e2e

RESULT = {
    "pilot", "usecase", "tier", "product", "rows", "quality", "suspects", "excluded", "split", "metrics", "model", "verdict",
    "deployment", "report", "seconds",
}  # fmt: skip
METRICS = {"roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_10", "n_test", "intervals"}


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from headway.solutions.sales import lead_scoring

    path = tmp_path_factory.mktemp("files") / "leads.csv"
    lead_scoring.write_example(path, rows=3000, seed=11)
    return path


@pytest.fixture(scope="module")
def pilot(home: Home, leads: Path) -> dict[str, Any]:
    """A pilot started with nothing running."""
    result: dict[str, Any] = home.json(
        "pilot", str(leads), "--solution", "sales.lead-scoring", "--department", "sales", "--label", "converted",
        "--time", "created_at", "--subject", "lead_id", "--value-per-success", "120 EUR", "--cost-per-action", "4 EUR",
    )  # fmt: skip
    return result


@pytest.fixture(scope="module")
def live(home: Home, pilot: dict[str, Any]) -> Home:
    """The platform running on the home that holds the pilot."""
    if home.process is None:
        home.up()
    node_ready(home, pilot)
    return home


@pytest.fixture(scope="module")
def records(leads: Path) -> list[dict[str, Any]]:
    from headway.solutions.sales import lead_scoring

    return [dict(r) for r in lead_scoring.example_records(20, seed=3, with_leak=True)]


def node_ready(home: Home, pilot: dict[str, Any]) -> None:
    name = pilot["deployment"]["name"]

    def ready() -> bool:
        with urllib.request.urlopen(home.node_url + "/readyz", timeout=5) as response:
            return name in response.read().decode()

    def quiet() -> bool:
        try:
            return ready()
        except (urllib.error.URLError, OSError):
            return False

    eventually(quiet, 30)


def post(url: str, body: bytes, token: str | None) -> tuple[int, dict[str, Any]]:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_pilot_prints_one_object_with_everything(pilot: dict[str, Any]) -> None:
    assert set(pilot) >= RESULT
    assert set(pilot["metrics"]) >= METRICS
    assert pilot["verdict"]["environment"] == "sandbox"
    assert pilot["verdict"]["result"] == "warn"
    assert any("sponsor" in m for m in pilot["verdict"]["missing"])
    assert pilot["tier"] == "minimal"
    low, high = pilot["metrics"]["intervals"]["roc_auc"]
    assert 0.5 < low <= pilot["metrics"]["roc_auc"] <= high < 1


def test_planted_leak_is_among_the_suspects(pilot: dict[str, Any]) -> None:
    from headway.solutions.sales import lead_scoring

    assert lead_scoring.PLANTED_LEAK in {s["column"] for s in pilot["suspects"]}


def test_home_is_readable_by_its_owner_alone(home: Home, pilot: dict[str, Any]) -> None:
    for path in [home.path, *home.path.rglob("*")]:
        if path.is_symlink() or path.is_socket():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        top = path.relative_to(home.path).parts[:1]
        if path == home.path or top in {("keys",), ("run",), ("storage",), ("node",), ("logs",)}:
            inherited = any(not p.stat().st_mode & 0o077 for p in [path, *path.parents])
            assert inherited, f"{path} is open: {mode:o}"
    assert not home.path.stat().st_mode & 0o077


def test_node_decides_with_reasons(live: Home, pilot: dict[str, Any], records: list[dict[str, Any]]) -> None:
    with live.node(pilot["deployment"]["token"]) as node:
        answers = node.decide(pilot["deployment"]["name"], records)
    assert len({a["decision"] for a in answers}) == len(records)
    scored = [a for a in answers if a["arm"] == "champion"]
    assert scored, "the champion arm takes most subjects"
    for answer in scored:
        assert 0 <= answer["score"] <= 1
        assert answer["environment"] == "sandbox"
        assert answer["reasons"], answer
    with live.node(pilot["deployment"]["token"]) as node:
        second = node.decide(pilot["deployment"]["name"], records)
    assert [a["arm"] for a in second] == [a["arm"] for a in answers], "a subject stays in its arm"


def test_three_faults_are_answered_with_all_three(
    live: Home, pilot: dict[str, Any], records: list[dict[str, Any]]
) -> None:
    from headway.solutions.sales import lead_scoring

    broken = lead_scoring.break_record(records[0])
    url = f"{live.node_url}/v1/decisions/{pilot['deployment']['name']}"
    status, body = post(url, json.dumps(broken).encode(), pilot["deployment"]["token"])
    assert status == 422
    assert len(body["faults"]) == 3, body


def test_refusals_have_their_status(live: Home, pilot: dict[str, Any], records: list[dict[str, Any]]) -> None:
    url = f"{live.node_url}/v1/decisions/"
    name, token, body = pilot["deployment"]["name"], pilot["deployment"]["token"], json.dumps(records[0]).encode()
    assert post(url + name, body, "hwy_wrong_token")[0] == 401
    assert post(url + name, body, None)[0] == 401
    assert post(url + "nowhere", body, token)[0] == 404
    assert post(url + name, b'{"x":"' + b"a" * 10_000_000 + b'"}', token)[0] == 413
    with live.client() as client:
        fresh = client.post("/tokens", {"name": "no grant", "owner": "service:tester"})
    assert eventually(lambda: post(url + name, body, fresh["secret"])[0] in (401, 403))


def test_decision_chain_reaches_the_ledger(live: Home, pilot: dict[str, Any], records: list[dict[str, Any]]) -> None:
    with live.node(pilot["deployment"]["token"]) as node:
        decision = node.decide(pilot["deployment"]["name"], records[0])["decision"]

    def chain() -> Any:
        try:
            found = live.json("decision", "show", decision)
        except (AssertionError, NotFound):
            return None
        return found if found["complete"] else None

    found = eventually(chain, 60, every=1.0)
    kinds = {link["kind"] for link in found["links"]}
    assert kinds >= {"principal", "segment", "release", "verdict", "model", "product", "usecase", "ledger"}, kinds
    assert all(link["verified"] for link in found["links"]), [link for link in found["links"] if not link["verified"]]


def test_outcomes_come_in_by_file(
    live: Home, pilot: dict[str, Any], records: list[dict[str, Any]], tmp_path: Path
) -> None:
    with live.node(pilot["deployment"]["token"]) as node:
        answers = node.decide(pilot["deployment"]["name"], records)
    path = tmp_path / "outcomes.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["decision", "outcome", "at"])
        writer.writerows([[a["decision"], i % 2, "2026-11-20T10:00:00Z"] for i, a in enumerate(answers)])
    result = live.json("outcomes", "import", str(path))
    assert result["rows"] == len(records)


def test_ledger_verifies_online_and_offline(live: Home, tmp_path: Path) -> None:
    online = live.json("ledger", "verify")
    assert online["ok"] is True
    bundle = tmp_path / "ledger.zip"
    live.run("ledger", "export", "--to", str(bundle))
    offline = json.loads(live.run("ledger", "verify", str(bundle), "--output", "json").stdout)
    assert offline["ok"] is True
    assert offline["size"] >= 10


def test_production_needs_two_people_and_everything_missing(live: Home, pilot: dict[str, Any]) -> None:
    with live.client() as client, pytest.raises((Conflict, Denied)) as caught:
        release = client.post(
            "/releases",
            {"version": f"model:{pilot['model']['name']}@{pilot['model']['version']}", "environment": "production"},
        )
        client.post(f"/releases/{release['id']}/approvals", {"reason": "mine"})
    assert "approve" in str(caught.value) or caught.value.faults


def test_revocation_reaches_the_node_within_five_seconds(
    live: Home, pilot: dict[str, Any], records: list[dict[str, Any]]
) -> None:
    name, token = pilot["deployment"]["name"], pilot["deployment"]["token"]
    url, body = f"{live.node_url}/v1/decisions/{name}", json.dumps(records[0]).encode()
    assert post(url, body, token)[0] == 200
    with live.client() as client:
        client.post(f"/deployments/{name}/suspend", {"environment": "sandbox", "reason": "a test of the reach"})
    start = time.monotonic()
    eventually(lambda: post(url, body, token)[0] == 503, 5)
    assert time.monotonic() - start < 5
    with live.client() as client:
        client.post(f"/deployments/{name}/resume", {"environment": "sandbox", "reason": "the test is over"})
    eventually(lambda: post(url, body, token)[0] == 200, 5)


def test_node_decides_while_the_control_plane_is_down(
    live: Home, pilot: dict[str, Any], records: list[dict[str, Any]]
) -> None:
    """Stop everything but a node of its own; its log arrives when the control plane is back."""
    name, token = pilot["deployment"]["name"], pilot["deployment"]["token"]
    live.down()
    command = [*PROGRAM, "node", "--environment", "sandbox"]
    alone = subprocess.Popen(command, env=live.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, body = f"{live.node_url}/v1/decisions/{name}", json.dumps(records[1]).encode()

    def answer() -> Any:
        try:
            status, found = post(url, body, token)
        except (urllib.error.URLError, OSError):
            return None
        return found["decision"] if status == 200 else None

    try:
        decision = eventually(answer, 30)
    finally:
        alone.terminate()
        alone.wait(30)
    live.up()

    def arrived() -> Any:
        try:
            return live.json("decision", "show", decision)["complete"]
        except AssertionError:
            return None

    assert eventually(arrived, 60, every=1.0)


def test_broken_files_get_a_message_and_leave_nothing(live: Home, tmp_path: Path) -> None:
    before = {p["slug"] for p in live.json("product", "list")["items"]}
    cases = {
        "empty.csv": b"",
        "no_label.csv": b"a,b\n1,2\n3,4\n" * 100,
        "ragged.csv": b"converted,b\n1,2\n3,4,5\n" + b"0,1\n" * 100,
        "encoding.csv": b"converted,name\n1,ok\n0,\xff\xfe\x00bad\n",
    }
    for filename, content in cases.items():
        path = tmp_path / filename
        path.write_bytes(content)
        done = live.run(
            "pilot",
            str(path),
            "--solution",
            "sales.lead-scoring",
            "--department",
            "sales",
            "--label",
            "converted",
            check=False,
        )
        assert done.returncode == Invalid.exit_code, (filename, done.returncode, done.stderr)
        assert done.stderr.strip(), filename
        assert "Traceback" not in done.stderr
    assert {p["slug"] for p in live.json("product", "list")["items"]} == before


def test_two_commands_at_once_on_a_home_with_nothing_running(home: Home, pilot: dict[str, Any]) -> None:
    home.down()
    both = [
        subprocess.Popen(
            [*PROGRAM, "usecase", "list", "--output", "json"], env=home.environ, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outputs = [json.loads(p.communicate(timeout=120)[0]) for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert outputs[0] == outputs[1]


def test_setup_makes_the_first_person_once(home: Home, pilot: dict[str, Any]) -> None:
    fresh = Home(home.path.parent / "second")
    log = home.path.parent / "up.log"
    log.write_bytes(b"")
    fresh.up("--no-node")
    try:
        text = log.read_text()
        code = text.split("/setup#")[1].split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{fresh.environ['HEADWAY_PORT']}/setup", timeout=10) as page:
            assert 'action="/setup"' in page.read().decode()
        with fresh.client() as client:
            person = {"name": "Ada Example", "email": "ada@example.org", "password": "correct horse battery staple"}
            made = client.post("/setup", {"code": code, **person})
            assert made
            with pytest.raises(HeadwayError):
                client.post("/setup", {"code": code, **person})
            with pytest.raises(Unauthenticated):
                client.post("/sessions", {"email": "ada@example.org", "password": "wrong"})
            assert client.post("/sessions", {"email": "ada@example.org", "password": person["password"]})
    finally:
        fresh.remove()
