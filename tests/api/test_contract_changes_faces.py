"""Changes of contracts and descriptors with the client, at the terminal and over HTTP, with the rules in force."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import collaboration, ledger
from headway.catalog.cli import contract_app, product_app
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied, Invalid, NotFound
from tests.factories.asgi import AppTransport, client_of
from tests.factories.collaboration import ruled
from tests.factories.identity import join, local_owner
from tests.factories.pages import application
from tests.factories.papers import linted_by_dataproduct

TODAY = datetime.now(UTC).date()
LATER = TODAY + timedelta(days=60)
WHY = "The sales system writes it otherwise from May on"
ROWS = "\n".join(["lead_id,channel,visits", *(f"L-{n:03d},{('web', 'fair')[n % 2]},{n % 9}" for n in range(40))])
JSON = ("--output", "json")


class Company(NamedTuple):
    """The application, and who is there by name: an owner, an asker with a grant, a steward, a stranger."""

    app: FastAPI
    parts: Parts
    clients: dict[str, Client]
    secrets: dict[str, str]
    people: dict[str, Actor]


@pytest.fixture
def company(parts: Parts) -> Iterator[Company]:
    app = application(parts)
    local_owner(parts.database)
    people, secrets, clients = {}, {}, {}
    for name, role, place in (
        ("Olga", Role.data_owner, "sales"),
        ("Ben", Role.employee, "finance"),
        ("Stella", Role.employee, "finance"),
        ("Mia", Role.data_owner, "finance"),
    ):
        people[name], secrets[name] = join(parts.database, name, (role, place))
        clients[name] = Client("http://app", secrets[name], transport=AppTransport(app))
    clients["Olga"].products.register(("leads.csv", ROWS.encode()), department="sales", name="leads")
    asked = clients["Ben"].data_access.request("sales.leads", purpose="See which channels bring customers", until=LATER)
    clients["Olga"].data_access.approve(asked.id)
    yield Company(app, parts, clients, secrets, people)
    for one in clients.values():
        one.close()


def looser(client: Client, version: str = "2.0.0") -> str:
    body = client.products.contract("sales.leads")
    body["schema"][0]["properties"] = [one for one in body["schema"][0]["properties"] if one["name"] != "visits"]
    return yaml.safe_dump(body | {"version": version}, sort_keys=False)


def told(company: Company) -> dict[str, list[tuple[str, str]]]:
    here = ruled(company.parts)
    ledger.sequence(here.database, here.storage, here.signer, trusted={here.signer.key_id: here.signer.public})
    for _ in range(10):
        with here.database.session() as session:
            if not collaboration.tell(session, here.subjects, has_mail=False):
                break
    with here.database.session() as session:
        return {
            name: [(one.topic.value, one.type) for one in collaboration.list_inbox(session, who).items]
            for name, who in company.people.items()
        }


def test_a_breaking_change_is_answered_by_its_consumer_alone_who_is_told(company: Company) -> None:
    olga, ben, mia = (company.clients[name] for name in ("Olga", "Ben", "Mia"))
    draft = looser(olga)
    check = olga.contract_changes.check("sales.leads", contract=draft)
    assert (check.difference.breaking, check.consumers, check.may_be_proposed) == (True, 1, True)
    for other in (ben, mia):
        with pytest.raises(Denied):
            other.contract_changes.propose("sales.leads", contract=draft, reason=WHY)
    made = olga.contract_changes.propose("sales.leads", contract=draft, reason=WHY, keep_days=5)
    assert [one.id for one in ben.contract_changes.asked().items] == [made.id]
    assert ben.contract_changes.show(made.id).level == "breaking"
    for other, act in ((mia, mia.contract_changes.accept), (olga, olga.contract_changes.accept)):
        assert other.contract_changes.asked().items == []
        with pytest.raises(Denied):
            act(made.id)
    with pytest.raises(Denied):
        mia.contract_changes.show(made.id)
    done = ben.contract_changes.accept(made.id, reason="We do not use it")
    assert (done.state, done.effective_because) == ("effective", "accepted")
    with pytest.raises(Conflict):
        olga.contract_changes.withdraw(made.id, reason="It came too late for us")
    seen = told(company)
    assert ("approval", "contract.proposed") in seen["Ben"]
    assert {"contract.accepted", "contract.changed"} <= {type_ for _, type_ in seen["Olga"]}
    assert ("change", "contract.changed") in seen["Ben"]
    assert not any(type_.startswith("contract.") for _, type_ in seen["Mia"])
    assert [one.kind for one in olga.contract_changes.consumers("sales.leads").items] == ["grant"]
    with pytest.raises(Denied):
        ben.contract_changes.consumers("sales.leads")


def test_the_headers_warn_of_an_end_and_reads_are_refused_afterwards(company: Company) -> None:
    olga, ben = company.clients["Olga"], company.clients["Ben"]
    reason = "The system is switched off"
    made = olga.contract_changes.deprecate("sales.leads", ends_on=TODAY, reason=reason)
    with client_of(company.app, company.secrets["Ben"], "/api/v1") as http:
        for answer in (
            http.post("/sql", json={"sql": "SELECT * FROM sales.leads"}),
            http.post("/sql", json={"sql": "SELECT * FROM sales.leads", "format": "arrow"}),
            http.get("/products/sales.leads/rows"),
            http.get("/products/sales.leads/rows?version=1.0.0"),
        ):
            assert answer.status_code == 200, answer.text
            assert answer.headers["deprecation"] == f"@{int(made.at.timestamp())}"
            assert answer.headers["sunset"].endswith("00:00:00 GMT")
    assert [one.state for one in olga.contract_changes.versions("sales.leads").items] == ["deprecated"]
    assert ("answer", "data.version_ending") in told(company)["Ben"]
    olga.contract_changes.reinstate("sales.leads", reason="It goes on for a year")
    with client_of(company.app, company.secrets["Ben"], "/api/v1") as http:
        assert "sunset" not in http.get("/products/sales.leads/rows").headers
        assert http.get("/products/sales.leads/rows?version=8").status_code == 404
    assert ben.product("sales.leads", "1.0.0").to_polars().height == 40


def test_a_steward_looks_after_the_product_beside_its_owner(company: Company) -> None:
    olga, stella, mia = (company.clients[name] for name in ("Olga", "Stella", "Mia"))
    with pytest.raises(Denied):
        stella.products.show("sales.leads")
    said = {
        "purpose": "Find leads worth a call",
        "steward": "stella@example.org",
        "freshness_hours": 24,
        "tags": ["crm", " crm"],
    }
    found = olga.descriptors.edit("sales.leads", **said)
    assert (found.said.steward, found.said.tags) == (company.people["Stella"].ref, ["crm"])
    assert [(one.name, one.state) for one in found.service_levels] == [
        ("freshness", "kept"),
        ("completeness", "unknown"),
        ("latency", "unknown"),
    ]
    assert stella.descriptors.show("sales.leads").owner == company.people["Olga"].ref
    asked = mia.data_access.request("sales.leads", purpose="Count what comes in", until=LATER)
    assert [one.id for one in stella.data_access.waiting().items] == [asked.id]
    assert stella.data_access.approve(asked.id).state == "granted"
    own = stella.data_access.request("sales.leads", purpose="Count what comes in", until=LATER)
    with pytest.raises(Denied):
        stella.data_access.approve(own.id)
    made = stella.contract_changes.propose("sales.leads", contract=looser(stella), reason=WHY)
    assert {one.consumer for one in made.answers} == {company.people[name].ref for name in ("Ben", "Mia")}
    seen = told(company)
    assert ("approval", "product.described") in seen["Stella"]
    assert ("approval", "data.requested") in seen["Stella"]
    with pytest.raises(Denied):
        mia.descriptors.edit("sales.leads", purpose="Something else")
    with pytest.raises(Invalid) as refused:
        olga.descriptors.edit("sales.leads", owner="Nobody", classification="secret", completeness=7, latency_hours=0)
    assert {one["column"] for one in refused.value.faults} == {
        "owner",
        "classification",
        "completeness",
        "latency_hours",
    }


def test_a_descriptor_goes_out_as_odps_and_comes_back(company: Company, tmp_path: Path) -> None:
    olga = company.clients["Olga"]
    before = olga.descriptors.edit(
        "sales.leads", purpose="Find leads", steward="Stella", completeness=0.9, type="sourceAligned"
    )
    text = olga.descriptors.odps("sales.leads")
    assert yaml.safe_load(text)["apiVersion"] == "v1.1.0"
    after = olga.descriptors.import_odps("sales.leads", ("leads.odps.yaml", text.encode()))
    assert after.said == before.said
    changed = text.replace("purpose: Find leads", "purpose: Call leads")
    assert olga.descriptors.import_odps("sales.leads", ("x.yaml", changed.encode())).said.purpose == "Call leads"
    with pytest.raises(Invalid) as refused:
        olga.descriptors.import_odps("sales.leads", ("x.yaml", b"kind: Product\nid: x\n"))
    assert {one["column"] for one in refused.value.faults} == {"apiVersion", "kind", "id"}
    assert olga.descriptors.show("sales.leads").said.purpose == "Call leads"
    assert linted_by_dataproduct(tmp_path, text) == ""


def test_the_same_at_the_terminal(company: Company, tmp_path: Path) -> None:
    def run(who: str, app: Any, *words: str, exit_code: int = 0) -> Any:
        @contextmanager
        def connect() -> Iterator[Client]:
            yield company.clients[who]

        terminal.set_connector(connect)
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout) if "json" in words else result.output

    draft, of_product = tmp_path / "leads.yaml", ("--product", "sales.leads")
    draft.write_text("kind: [", encoding="utf-8")
    assert "not YAML" in run("Olga", contract_app, "preview", str(draft), *of_product, exit_code=1)
    draft.write_text(looser(company.clients["Olga"]), encoding="utf-8")
    assert "1 people would be asked" in run("Olga", contract_app, "preview", str(draft), *of_product)
    made = run("Olga", contract_app, "propose", str(draft), *of_product, "--reason", WHY, *JSON)
    assert made["id"] in run("Ben", contract_app, "asked")
    run("Ben", contract_app, "hand-on", made["id"], "--to", "Stella")
    answered = run("Stella", contract_app, "object", made["id"], "--reason", "Our forecast cannot bear it", *JSON)
    assert (answered["state"], answered["answers"][0]["answered_by"]) == ("open", company.people["Stella"].ref)
    assert "Our forecast cannot bear it" in run("Olga", contract_app, "change", made["id"])
    assert (
        run("Olga", contract_app, "withdraw", made["id"], "--reason", "We mend the source", *JSON)["state"]
        == "withdrawn"
    )
    again = run("Olga", contract_app, "propose", str(draft), *of_product, "--reason", WHY, *JSON)
    assert run("Ben", contract_app, "accept", again["id"], *JSON)["state"] == "effective"
    assert [one["state"] for one in run("Olga", contract_app, "changes", "sales.leads", *JSON)["items"]] == [
        "effective",
        "withdrawn",
    ]
    ended = ("--ends-on", LATER.isoformat(), "--reason", "The system is switched off")
    assert run("Olga", product_app, "deprecate", "sales.leads", *ended, *JSON)["ends_on"] == LATER.isoformat()
    assert LATER.isoformat() in run("Olga", product_app, "versions", "sales.leads")
    run("Olga", product_app, "reinstate", "sales.leads", "--reason", "It goes on for a year")
    assert "grant" in run("Olga", product_app, "consumers", "sales.leads")
    odps = tmp_path / "leads.odps.yaml"
    run("Olga", product_app, "export", "sales.leads", "--odps", "--to", str(odps))
    odps.write_text(odps.read_text(encoding="utf-8") + "description: {purpose: Find leads}\n", encoding="utf-8")
    run("Olga", product_app, "edit", str(odps), *of_product)
    assert "Find leads" in run("Olga", product_app, "describe", "sales.leads")
    with pytest.raises(NotFound):
        company.clients["Olga"].contract_changes.show("chg_none")
