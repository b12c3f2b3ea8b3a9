"""Above the sandbox two people are needed, and the gate must have nothing left to miss."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headway_client import Conflict, Denied, HeadwayError, Node
from tests.factories.running import Home, eventually
from tests.factories.two_people import ask_release, released

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A platform whose node serves production."""
    made = Home(tmp_path_factory.mktemp("production") / "home", {"HEADWAY_ENVIRONMENT": "production"})
    made.up()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def pilot(production: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from headway.solutions.sales import lead_scoring

    path = tmp_path_factory.mktemp("files") / "leads.csv"
    lead_scoring.write_example(path, rows=4000, seed=21)
    found: dict[str, Any] = production.json(
        "pilot", str(path), "--solution", "sales.lead-scoring", "--department", "sales", "--label", "converted",
        "--time", "created_at", "--subject", "lead_id", "--exclude", lead_scoring.PLANTED_LEAK,
    )  # fmt: skip
    return found


def test_the_one_who_asks_may_not_approve(production: Home, pilot: dict[str, Any]) -> None:
    asked = ask_release(production, pilot, "pilot")
    assert asked["status"] == "requested"
    with production.client() as client, pytest.raises(Denied) as caught:
        client.post(f"/releases/{asked['id']}/approvals", {"reason": "I trust myself"})
    assert caught.value.problem["values"]["rule"] == "two-people"
    assert caught.value.hint


def test_nothing_is_deployed_without_a_verdict(production: Home, pilot: dict[str, Any]) -> None:
    body = {
        "name": "too-early",
        "usecase": pilot["usecase"],
        "version": f"model:{pilot['model']['name']}@{pilot['model']['version']}",
        "environment": "production",
    }
    with production.client() as client, pytest.raises(Conflict):
        client.post("/deployments", body)


def test_two_people_release_to_production_and_the_node_serves(production: Home, pilot: dict[str, Any]) -> None:
    from headway.solutions.sales import lead_scoring

    token = released(production, pilot, "production")
    record = dict(lead_scoring.example_records(1, seed=2)[0])
    with production.node(token) as node:
        answer = eventually(lambda: node.decide(pilot["deployment"]["name"], record), 20)
    assert answer["environment"] == "production"
    found = eventually(lambda: chain(production, answer["decision"]), 60, every=1.0)
    approvals = [link for link in found["links"] if link["kind"] == "approval"]
    assert approvals, [link["kind"] for link in found["links"]]
    assert all(link["verified"] for link in found["links"])


def chain(home: Home, decision: str) -> dict[str, Any] | None:
    done = home.run("decision", "show", decision, "--output", "json", check=False)
    if done.returncode != 0:
        return None
    found: dict[str, Any] = json.loads(done.stdout)
    return found if found["complete"] else None


def test_a_sandbox_verdict_under_another_name_is_refused(production: Home, pilot: dict[str, Any]) -> None:
    """The subject has a production verdict now; put the sandbox verdict in its place, as a copy of files would."""
    subject = pilot["model"]["digest"]
    folders = list((production.path / "storage" / "bundles").glob("sha256-*"))
    served = [f for f in folders if (f / "verdict.production.dsse").exists()]
    assert served, (subject, folders)
    genuine = (served[0] / "verdict.production.dsse").read_bytes()
    Path(served[0] / "verdict.production.dsse").write_bytes((served[0] / "verdict.sandbox.dsse").read_bytes())
    try:
        production.down()
        production.up()
        ready = eventually(lambda: refusal(production, pilot["deployment"]["name"]), 20)
        assert "sandbox" in json.dumps(ready)
    finally:
        Path(served[0] / "verdict.production.dsse").write_bytes(genuine)


def refusal(home: Home, name: str) -> Any:
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(home.node_url + "/readyz", timeout=5) as response:
            body = json.loads(response.read())
    except urllib.error.HTTPError as error:
        body = json.loads(error.read())
    except (urllib.error.URLError, OSError):
        return None
    return body["deployments"].get(name, {}).get("refusal")


def test_the_kill_switch_reaches_the_node_within_five_seconds(production: Home, pilot: dict[str, Any]) -> None:
    from headway.solutions.sales import lead_scoring

    name, record = pilot["deployment"]["name"], dict(lead_scoring.example_records(1, seed=4)[0])
    with production.client() as client:
        token = str(client.post("/grants", {"deployment": name, "environment": "production"})["token"])
    rest_on_a_vendor(production, pilot["usecase"])
    with production.node(token) as node:
        assert eventually(lambda: node.decide(name, record), 30)["environment"] == "production"
        for scope in (("--usecase", pilot["usecase"]), ("--vendor", "acme")):
            made = production.json("deployment", "kill", *scope, "--reason", "it harms those called")
            assert "production" in {one["environment"] for one in made["deployments"]}
            refused = eventually(lambda: refused_answer(node, name, record), 5, every=0.05)
            assert (refused.status, refused.problem["code"]) == (503, "node.deployment_suspended")
            production.run("deployment", "resume", name, "--environment", "production", "--reason", "it was a drill")
            assert eventually(lambda: node.decide(name, record), 30)["environment"] == "production"


def rest_on_a_vendor(production: Home, usecase: str) -> None:
    production.run("usecase", "set", usecase, "--fact", "vendor_supplied=unknown")
    production.run("vendor", "open", "acme", "--name", "Acme AG")
    system = ("--title", "Company data", "--kind", "vendor_supplied", "--vendor", "acme")
    production.run("system", "open", "company-data", *system, "--usecase", usecase)


def test_a_revoked_release_is_refused_by_the_node_within_five_seconds(production: Home, pilot: dict[str, Any]) -> None:
    from headway.solutions.sales import lead_scoring

    name, record = pilot["deployment"]["name"], dict(lead_scoring.example_records(1, seed=3)[0])
    with production.client() as client:
        token = str(client.post("/grants", {"deployment": name, "environment": "production"})["token"])
        [release] = client.get("/releases", environment="production", status="released")["items"]
    with production.node(token) as node:
        assert eventually(lambda: node.decide(name, record), 30)["environment"] == "production"
        revoked = production.json("model", "revoke", release["id"], "--reason", "it harms those who are called")
        assert revoked["revoked_because"] == "it harms those who are called"
        refused = eventually(lambda: refused_answer(node, name, record), 5, every=0.05)
    # Whichever comes first: the revocation itself, or the operate gate that suspends what was revoked.
    told = refused.problem.get("values", {}).get("reason") or refused.problem["code"]
    assert refused.status == 503 and told in {"revoked", "node.deployment_suspended"}, refused.problem
    with production.client() as client, pytest.raises(Conflict, match="revoked"):
        client.post("/releases", {"version": release["version"], "environment": "production"})


def refused_answer(node: Node, name: str, record: dict[str, Any]) -> HeadwayError | None:
    try:
        node.decide(name, record)
    except HeadwayError as error:
        return error
    return None
