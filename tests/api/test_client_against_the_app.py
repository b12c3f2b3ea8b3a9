"""The client's two forms against the real application and database, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from headway.entrypoints.http import create_app
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.web import Parts
from headway_client import AsyncClient, Client, Conflict, Invalid, NotFound, lists
from tests.factories.asgi import AppTransport
from tests.factories.governance import MINIMAL_RISK

ANA = Actor(ref="person:ana", name="Ana", roles=(RoleGrant(role="ai_office"),))
OTHERS = [Actor(ref=f"person:{name}", name=name, roles=(RoleGrant(role="council"),)) for name in ("ben", "cleo")]


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    known = {one.name: one for one in OTHERS}
    return create_app(replace(parts, authenticate=lambda session, token: known.get(token, ANA)))


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    with Client("http://app", "token", transport=AppTransport(app)) as made:
        yield made


def test_a_use_case_is_opened_changed_judged_and_found(client: Client) -> None:
    client.departments.add(slug="sales", region="EU")
    opened = client.usecases.open(slug="leads", title="Leads", department="sales", owner="Olga", risk=MINIMAL_RISK)
    assert (opened.slug, opened.owner, opened.opened_by) == ("leads", "Olga", "person:ana")
    assert opened.opened_at.tzinfo is not None
    changed = client.usecases.change("leads", owner=None, title="Lead scoring")
    assert (changed.owner, changed.title) == (None, "Lead scoring") and "name the accountable owner" in changed.missing
    decided = client.usecases.decide_tier("leads")
    assert decided.method == "rules" and decided.trace[0].rule
    assert [one.id for one in client.usecases.tiers("leads")] == [decided.id]
    assert client.usecases.show("leads").tier == decided.tier
    [pack] = [one for one in client.packs.list() if one.id == decided.pack_id]
    assert pack.digest == decided.pack_digest and {fact.kind for fact in pack.facts} <= {
        "boolean",
        "text",
        "number",
        "list",
    }
    [event] = client.ledger.events(subject="usecase:leads", type="usecase.opened")
    assert client.ledger.event(event.id).actor == "person:ana"


def test_errors_of_the_server_come_as_their_classes(client: Client) -> None:
    with pytest.raises(NotFound) as unknown:
        client.usecases.show("nowhere")
    assert unknown.value.code == "governance.usecase_unknown"
    client.departments.add(slug="sales")
    client.usecases.open(slug="leads", title="Leads", department="sales")
    with pytest.raises(Conflict) as taken:
        client.usecases.open(slug="leads", title="Leads", department="sales")
    assert taken.value.code == "governance.usecase_taken"
    with pytest.raises(Invalid) as wrong:
        client.usecases.open(slug="other", title="O", department="sales", risk={"annex_i": "perhaps", "bogus": 1})
    assert len(wrong.value.faults) == 2, "all faults at once"
    with pytest.raises(Invalid) as malformed:
        client.roles.grant(principal="person:x", role="king")  # type: ignore[arg-type]  # what a type checker would find
    assert malformed.value.faults[0]["column"] == "role"


def test_a_quorum_is_set_and_votes_come_as_values(client: Client, app: FastAPI) -> None:
    client.departments.add(slug="sales")
    client.usecases.open(slug="leads", title="Leads", department="sales", risk=MINIMAL_RISK)
    made = client.quorums.set("pilot", needed=2, reason="customers are affected")
    assert (made.needed, made.changed_by) == (2, ANA.ref) and made.changed_at is not None
    assert {one.environment: one.needed for one in client.quorums.list()} == {"pilot": 2, "production": 1}
    with pytest.raises(Invalid) as wrong:
        client.quorums.set("pilot", needed=10, reason="everybody")
    assert wrong.value.code == "governance.quorum_invalid"
    subject = {"subject": "model:leads@1", "subject_digest": "sha256-" + "0" * 64}
    asked = client.approvals.request(**subject, environment="pilot", usecase="leads")
    assert (asked.needed, asked.votes) == (2, [])

    async def vote() -> list[str]:
        states = []
        for one in OTHERS:
            async with AsyncClient("http://app", one.name, transport=httpx.ASGITransport(app=app)) as other:
                given = await other.approvals.approve(asked.id, reason=f"{one.name} read it")
                states.append(given.state)
                with pytest.raises(Conflict) as twice:
                    await other.approvals.approve(asked.id, reason="again")
                assert twice.value.code in ("governance.already_voted", "governance.approval_decided")
                assert [quorum.needed async for quorum in other.quorums.list()] == [2, 1]
        return states

    assert asyncio.run(vote()) == ["requested", "approved"]
    done = client.approvals.show(asked.id)
    assert [(vote.person, vote.reason) for vote in done.votes] == [
        ("person:ben", "ben read it"),
        ("person:cleo", "cleo read it"),
    ]
    assert done.votes[0].at.tzinfo is not None and done.approved_by == "person:cleo"


def test_pages_of_the_server_fit_together(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 3)
    client.departments.add(slug="sales")
    slugs = [f"u{i:02}" for i in range(10)]
    for slug in slugs:
        client.usecases.open(slug=slug, title=slug, department="sales")
    assert [one.slug for one in client.usecases.list()] == slugs
    assert [len(page) for page in client.usecases.list(department="sales").pages(4)] == [4, 4, 2]
    assert client.usecases.list(department="hr").all() == []
    frame = client.usecases.list().to_polars()
    assert frame["slug"].to_list() == slugs and frame["opened_at"].dtype.is_temporal()
    assert len(client.ledger.events(type="usecase.opened").all()) == 10
    assert [one.slug for one in client.departments.list()] == ["org", "sales"], "a list that comes whole"


def test_a_file_is_registered_and_its_faults_are_listed(client: Client) -> None:
    rows = b"lead_id,age\n" + b"".join(b"%d,%d\n" % (i, 20 + i % 50) for i in range(200)) + b"200,abc\n"
    made = client.products.register(("leads.csv", rows), department="sales", name="leads")
    assert made["created"] is True
    product = client.products.show("sales.leads")
    assert product.rows == 201 and product.columns == ["lead_id", "age"]
    quality = client.products.quality("sales.leads")
    assert [(fault.row, fault.column) for fault in client.products.faults("sales.leads")] == [(201, "age")]
    assert quality.fault_count == client.products.faults("sales.leads").page()["total"] == 1
    assert b"201" in client.products.faults_csv("sales.leads")
    assert client.products.contract("sales.leads")["kind"] == "DataContract"
    assert "kind: DataContract" in client.products.contract_yaml("sales.leads")
    doubted = client.repairs.suggestions("sales.leads", column="age").all()
    assert [(one.row, one.kind, one.old) for one in doubted] == [(201, "type", "abc")]
    assert client.products.sample("sales.leads", limit=2).rows[0]["lead_id"] == 0
    report = client.contracts.check(
        ("new.csv", rows), contract=("contract.yaml", client.products.contract_yaml("sales.leads").encode())
    )
    assert report.failed_rows == 1
    made = client.contracts.infer(("new.csv", rows), department="sales")
    contract = ("contract.yaml", made.yaml.encode())
    assert {one.level for one in client.contracts.lint(contract).findings} == {"warning"}
    told = client.contracts.diff(("old.yaml", made.yaml.replace("integer", "number").encode()), contract)
    assert {one.kind for one in told.changes} == {"type_narrowed"}


def test_the_async_client_works_against_the_application(app: FastAPI) -> None:
    async def go() -> None:
        async with AsyncClient("http://app", "token", transport=httpx.ASGITransport(app=app)) as client:
            await client.departments.add(slug="sales")
            opening = (
                client.usecases.open(slug=f"u{i}", title=f"Case {'abcde'[i] * 9}", department="sales") for i in range(5)
            )
            opened = await asyncio.gather(*opening)
            assert sorted(one.slug for one in opened) == [one.slug async for one in client.usecases.list()]
            assert [len(page) async for page in client.usecases.list().pages(2)] == [2, 2, 1]
            rows = b"a,b\n1,2\n3,4\n"
            made = await client.products.register(("t.csv", rows), department="sales", name="t")
            assert made["snapshot"]["rows"] == 2
            assert (await client.permissions.whoami()).ref == "person:ana"
            assert (await client.get("/usecases/u1"))["slug"] == "u1"
            with pytest.raises(NotFound):
                await client.usecases.show("nowhere")

    asyncio.run(go())
