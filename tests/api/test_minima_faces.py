"""The organisation's minima by page, API, terminal and client, with the rules in force."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway import catalog, ledger
from headway.catalog.cli import product_app
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway_client import Client, Denied, Invalid
from tests.factories.asgi import AppTransport
from tests.factories.identity import join, local_owner
from tests.factories.pages import application, signed_in, text_of

TODAY = datetime.now(UTC).date()
ROWS = "\n".join(["lead_id,channel", *(f"L-{n:03d},{'' if n % 10 == 0 else 'web'}" for n in range(50))]).encode()
ASKED = {"standard": {"completeness": 0.8}, "high": {"completeness": 0.95}, "critical": {"completeness": 0.99}}


class Two(NamedTuple):
    """The application, the AI office and the owner of a product."""

    app: FastAPI
    office: Client
    owner: Client


def contract(most: float, version: str) -> bytes:
    rule = {"type": "library", "metric": "nullValues", "mustBeLessOrEqualTo": most, "unit": "percent"}
    columns = [
        {"name": "lead_id", "logicalType": "string"},
        {"name": "channel", "logicalType": "string", "quality": [rule]},
    ]
    made = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "leads", "version": version, "status": "active"}
    return json.dumps(made | {"schema": [{"name": "leads", "properties": columns}]}).encode()


@pytest.fixture
def two(parts: Parts) -> Iterator[Two]:
    app = application(parts)
    local_owner(parts.database)
    _, office = join(parts.database, "Ada", (Role.ai_office, None))
    _, owner = join(parts.database, "Olga", (Role.data_owner, "sales"))
    with (
        Client("http://app", office, transport=AppTransport(app)) as first,
        Client("http://app", owner, transport=AppTransport(app)) as second,
    ):
        yield Two(app, first, second)


def bring(client: Client, most: float, version: str = "1.0.0") -> Any:
    return client.products.register(
        ("leads.csv", ROWS), department="sales", name="leads", contract=("c.json", contract(most, version))
    )


def run(client: Client, *words: str, exit_code: int = 0) -> Any:
    @contextmanager
    def connect() -> Iterator[Client]:
        yield client

    terminal.set_connector(connect)
    result = CliRunner().invoke(product_app, [*words, "--output", "json"])
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def test_a_contract_may_only_tighten_what_is_asked(parts: Parts, two: Two) -> None:
    two.office.quality_minima.set(minima=ASKED, valid_from=TODAY, reason="agreed in the council")
    with pytest.raises(Invalid) as told:
        bring(two.owner, 40)
    assert told.value.code == "catalog.invalid_contract"
    assert [(one["rule"], one["column"]) for one in told.value.faults] == [("minima.completeness", "channel")]
    made = bring(two.owner, 15)
    assert made.lacks == []
    rated = two.owner.quality_minima.rate("sales.leads", level="high", reason="the forecast rests on it")
    assert [(one.of, one.dimension, one.column) for one in rated.shortfalls] == [
        ("contract", "completeness", "channel"), ("snapshot", "completeness", "channel"),
    ]  # fmt: skip
    with pytest.raises(Denied):
        two.owner.quality_minima.rate("sales.leads", level="low", reason="easier")
    with parts.database.session() as session:
        types = [one.type for one in ledger.find(session, subject=Ref("product", "sales.leads")).items]
        assert "product.rated" in types
        assert [one.reason for one in catalog.minima.list_minima(session)] == ["agreed in the council"]


def test_owners_do_not_set_minima_and_faults_are_told_at_once(two: Two) -> None:
    with pytest.raises(Denied):
        two.owner.quality_minima.set(minima=ASKED, valid_from=TODAY, reason="ours")
    with pytest.raises(Invalid) as told:
        two.office.quality_minima.set(
            minima={"high": {"completeness": 2}}, valid_from=TODAY - timedelta(days=1), reason=" "
        )
    assert [one["column"] for one in told.value.faults] == ["high.completeness", "reason", "valid_from"]


def test_minima_at_the_terminal(two: Two) -> None:
    words = ("--ask", "standard.completeness=0.8", "--ask", "standard.freshness_hours=48")
    made = run(two.office, "minima", "set", *words, "--valid-from", TODAY.isoformat(), "--reason", "agreed")
    assert made["minima"]["standard"] == {
        "completeness": 0.8, "validity": None, "uniqueness": None, "freshness_hours": 48,
    }  # fmt: skip
    two.owner.products.register(("leads.csv", ROWS), department="sales", name="leads")
    found = run(two.owner, "minima", "show", "sales.leads", exit_code=5)
    assert [one["dimension"] for one in found["shortfalls"]] == ["freshness"]
    assert run(two.owner, "criticality", "sales.leads", "critical", "--reason", "much rests on it")["minimum"] is None
    assert len(run(two.office, "minima", "list")["items"]) == 1


def test_minima_on_pages(parts: Parts, two: Two) -> None:
    office = signed_in(parts, "Ina Office", (Role.ai_office, None), app=two.app)
    assert "Nothing is asked so far" in office.text("/quality-minima")
    office.get("/quality-minima")
    bad = office.send("/quality-minima", **{"high.completeness": "many", "reason": "agreed"})
    assert bad.status_code == 422
    done = office.send(
        "/quality-minima", **{"high.completeness": "95", "standard.completeness": "80", "reason": "agreed"}
    )
    assert "high 95" in text_of(done.text)
    bring(two.owner, 15)
    owner = signed_in(parts, "Dana Smith", (Role.data_owner, "sales"), app=two.app)
    assert "reach it" in owner.text("/products/sales.leads?show=quality")
    owner.get("/products/sales.leads?show=quality")
    rated = owner.send("/products/sales.leads/criticality", level="high", reason="much rests on it")
    assert "at most 5.00% are borne" in text_of(rated.text)
