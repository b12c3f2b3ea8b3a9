"""Data products read with the Python client and at the terminal; a repeated request is asked anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import polars as pl
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.catalog.cli import product_app
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import AsyncClient, Client, Invalid, NotFound
from tests.factories.asgi import AppTransport, client_of
from tests.factories.identity import join, local_owner
from tests.factories.pages import application

LATER = datetime.now(UTC).date() + timedelta(days=60)
ROWS = "\n".join(
    ["lead_id,email,channel", *(f"L-{n:03d},p{n}@example.org,{('web', 'fair')[n % 2]}" for n in range(40))]
)


class Two(NamedTuple):
    """The application, and the tokens of who owns and who asks."""

    app: FastAPI
    owner: str
    asker: str


@pytest.fixture
def two(parts: Parts) -> Two:
    app = application(parts)
    local_owner(parts.database)
    _, owner = join(parts.database, "Olga", (Role.data_owner, "sales"))
    _, asker = join(parts.database, "Ben", (Role.employee, "finance"))
    with Client("http://app", owner, transport=AppTransport(app)) as client:
        client.post(
            "/products", files={"file": ("leads.csv", ROWS.encode())}, data={"department": "sales", "name": "leads"}
        )
    return Two(app, owner, asker)


@pytest.fixture
def asking(two: Two) -> Iterator[Client]:
    with Client("http://app", two.asker, transport=AppTransport(two.app)) as made:
        yield made


@pytest.fixture
def owning(two: Two) -> Iterator[Client]:
    with Client("http://app", two.owner, transport=AppTransport(two.app)) as made:
        yield made


def test_a_grant_is_asked_for_given_and_read_as_frames(asking: Client, owning: Client, two: Two) -> None:
    with pytest.raises(NotFound):
        asking.product("sales.leads").to_polars()
    asked = asking.data_access.request("sales.leads", purpose="See which channels bring customers", until=LATER)
    assert [one.id for one in owning.data_access.waiting().items] == [asked.id]
    owning.data_access.approve(asked.id, row_filter="channel = 'web'")
    frame = asking.product("sales.leads").to_polars()
    assert (frame.height, frame["email"].unique().to_list()) == (20, ["***"])
    assert asking.sql("SELECT lead_id FROM sales.leads ORDER BY 1", limit=2).is_cut
    counted = asking.sql("SELECT channel, count(*) AS n FROM sales.leads GROUP BY channel")
    assert counted.to_polars().rows() == [("web", 20)]
    assert counted.to_arrow().num_rows == 1
    assert asking.data_access.query("SELECT count(*) AS n FROM sales.leads").rows == [[20]]
    with pytest.raises(Invalid) as wrong:
        asking.sql("SELECT * FROM read_csv('x')")
    assert wrong.value.code == "catalog.statement_refused"

    async def elsewhere() -> pl.DataFrame:
        async with AsyncClient("http://app", two.asker, transport=httpx.ASGITransport(two.app)) as client:
            assert (await client.sql("SELECT 1 AS one")).to_polars().rows() == [(1,)]
            return await client.product("sales.leads").to_polars(limit=5)

    assert asyncio.run(elsewhere()).height == 5
    assert {one.way for one in owning.data_access.uses("sales.leads")} == {"sql", "download"}


def test_a_repeated_request_is_asked_anew_so_that_an_ended_grant_gives_nothing(
    asking: Client, owning: Client, two: Two
) -> None:
    asked = asking.data_access.request("sales.leads", purpose="See which channels bring customers", until=LATER)
    owning.data_access.approve(asked.id)
    with client_of(two.app, two.asker, "/api/v1") as http:
        sent = {"json": {"sql": "SELECT * FROM sales.leads"}, "headers": {"idempotency-key": "again"}}
        assert http.post("/sql", **sent).status_code == 200
        owning.data_access.withdraw(asked.id, reason="The study is over")
        assert http.post("/sql", **sent).status_code == 404


def test_the_same_at_the_terminal(two: Two, tmp_path: Path) -> None:
    def run(token: str, *words: str, exit_code: int = 0) -> Any:
        @contextmanager
        def connect() -> Iterator[Client]:
            with Client("http://app", token, transport=AppTransport(two.app)) as client:
                yield client

        terminal.set_connector(connect)
        result = CliRunner().invoke(product_app, list(words))
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout) if "json" in words else result.stdout

    json_out = ("--output", "json")
    wanted = ("--purpose", "See which channels bring customers", "--until", LATER.isoformat())
    asked = run(two.asker, "access", "request", "sales.leads", *wanted, *json_out)
    assert asked["id"] in run(two.owner, "access", "list", "--waiting", "--output", "json")["items"][0]["id"]
    given = ("--rows", "channel = 'web'", "--hide", "lead_id", "--show", "email")
    assert run(two.owner, "access", "approve", asked["id"], *given, *json_out)["state"] == "granted"
    found = run(two.asker, "query", "SELECT * FROM sales.leads ORDER BY email", *json_out)
    assert (found["row_count"], [one["name"] for one in found["columns"]]) == (20, ["email", "channel"])
    assert "p0@example.org" in run(two.asker, "query", "SELECT email, email FROM sales.leads ORDER BY 1 LIMIT 1")
    run(two.asker, "download", "sales.leads", "--to", str(tmp_path / "leads.parquet"))
    assert pl.read_parquet(tmp_path / "leads.parquet").height == 20
    assert len(run(two.owner, "access", "use", "sales.leads", *json_out)["items"]) == 3
    assert run(two.asker, "access", "show", asked["id"], *json_out)["until"] == LATER.isoformat()
    reason = ("--reason", "The study is over")
    assert run(two.owner, "access", "withdraw", asked["id"], *reason, *json_out)["state"] == "withdrawn"
    again = run(two.asker, "access", "request", "sales.leads", *wanted, *json_out)
    assert run(two.owner, "access", "reject", again["id"], *reason, *json_out)["state"] == "rejected"
    assert "refused" not in run(two.asker, "access", "offers")
    assert [one["state"] for one in run(two.asker, "access", "list", *json_out)["items"]] == ["rejected", "withdrawn"]
