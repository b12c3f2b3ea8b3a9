"""The quarantine by page, API, terminal and client, with the rules in force."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.catalog.cli import product_app
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied
from tests.factories.asgi import AppTransport
from tests.factories.identity import join, local_owner
from tests.factories.pages import Browser, application, signed_in, text_of

LINES = [f"L-{n:03d},p{n}@example.org,{('web', 'fair')[n % 2]},{n % 9}" for n in range(150)]
HEAD = "lead_id,email,channel,visits"
GOOD = "\n".join([HEAD, *LINES]).encode()
BAD = "\n".join([HEAD, *LINES[:-2], "L-148,p148@example.org,radio,many", "L-000,p149@example.org,web,4"]).encode()
FIX = ("quarantine", "fix", "sales.leads")


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    return application(parts)


@pytest.fixture
def owner(parts: Parts, app: FastAPI) -> Iterator[Client]:
    """A data owner of sales, with the product and a port that sets bad rows aside."""
    local_owner(parts.database)
    _, secret = join(parts.database, "Olga", (Role.data_owner, "sales"))
    with Client("http://app", secret, transport=AppTransport(app)) as client:
        client.products.register(("leads.csv", GOOD), department="sales", name="leads")
        client.quarantine.enforce("sales.leads", mode="quarantine", reason="bad rows come back to us")
        yield client


def bring(client: Client, content: bytes = BAD) -> Any:
    return client.products.register(("leads.csv", content), department="sales", name="leads")


def run(client: Client, *words: str, exit_code: int = 0) -> Any:
    @contextmanager
    def connect() -> Iterator[Client]:
        yield client

    terminal.set_connector(connect)
    result = CliRunner().invoke(product_app, [*words, "--output", "json"])
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


def test_the_client_lists_mends_and_replays(owner: Client) -> None:
    made = bring(owner)
    assert made.batch is not None
    assert (made.batch.outcome, made.batch.counts["open"], made.snapshot.rows) == ("quarantined", 2, 148)
    rows = list(owner.quarantine.rows("sales.leads"))
    assert {(row.row, reason.rule, reason.value) for row in rows for reason in row.reasons} == {
        (149, "channel.enum", "radio"), (149, "visits.type", "many"), (150, "lead_id.primary_key", "L-000"),
    }  # fmt: skip
    assert rows[0].values["email"] == "a999@aaaaaaa.aaa"
    edits = [{"batch": made.batch.id, "row": 149, "values": {"channel": "web", "visits": "4"}}]
    assert owner.quarantine.fix("sales.leads", edits=edits, reason="asked").fixed == 1
    assert owner.quarantine.dismiss("sales.leads", batch=made.batch.id, rows=[150], reason="twice").rows == 1
    done = owner.quarantine.replay("sales.leads")
    assert (done.replayed, done.open, done.rows) == (1, 0, 149)
    assert owner.quarantine.replay("sales.leads").snapshot_id is None
    (batch,) = owner.quarantine.batches("sales.leads")
    assert (batch.rows, batch.entered, batch.counts["replayed"], batch.counts["dismissed"]) == (150, 148, 1, 1)


def test_a_corrected_workbook_is_brought_back_at_the_terminal(owner: Client, tmp_path: Path) -> None:
    bring(owner)
    source = tmp_path / "bad.xlsx"
    result = CliRunner()
    run(owner, "quarantine", "list", "sales.leads")
    assert result.invoke(product_app, ["quarantine", "list", "sales.leads", "--to", str(source)]).exit_code == 0
    frame = pl.read_excel(source, infer_schema_length=0)
    assert frame["_row"].to_list() == ["149", "150"]
    mended = frame.with_columns(
        channel=pl.lit("fair"), visits=pl.Series(["7", "4"]), lead_id=pl.Series(["L-148", "L-149"])
    )
    path = tmp_path / "mended.csv"
    mended.write_csv(path)
    made = run(owner, *FIX, "--file", str(path), "--reason", "looked up")
    assert (made["changed"], made["fixed"], made["open"]) == (2, 2, 0)
    assert run(owner, "quarantine", "replay", "sales.leads")["rows"] == 150
    assert run(owner, "quarantine", "list", "sales.leads", "--state", "replayed")["total"] == 2


def test_a_cell_is_mended_at_the_terminal(owner: Client) -> None:
    bring(owner)
    made = run(owner, *FIX, "--row", "149", "--set", "channel=web", "--reason", "asked", exit_code=5)
    assert made["items"][0]["reasons"][0]["rule"] == "visits.type"
    assert run(owner, *FIX, "--row", "149", "--set", "visits=", "--reason", "unknown", exit_code=5)["open"] == 1
    assert run(owner, *FIX, "--row", "149", "--set", "visits=3", "--reason", "asked")["fixed"] == 1
    assert run(owner, "quarantine", "dismiss", "sales.leads", "--row", "150", "--reason", "twice") == {"rows": 1}
    ports = run(owner, "enforcement", "show", "sales.leads")["items"]
    assert [(one["port"], one["mode"]) for one in ports] == [("upload", "quarantine")]


def test_a_blocked_file_is_refused_and_kept(owner: Client) -> None:
    run(owner, "enforcement", "set", "sales.leads", "--mode", "block", "--reason", "whole or not at all")
    with pytest.raises(Conflict) as told:
        bring(owner)
    assert told.value.code == "catalog.batch_refused"
    (batch,) = owner.quarantine.batches("sales.leads")
    assert (batch.outcome, batch.entered, batch.counts["open"]) == ("refused", 0, 2)
    assert owner.products.show("sales.leads").rows == 150


def test_only_the_department_sees_and_mends(parts: Parts, app: FastAPI, owner: Client) -> None:
    bring(owner)
    _, secret = join(parts.database, "Ben", (Role.data_owner, "finance"))
    with Client("http://app", secret, transport=AppTransport(app)) as other:
        with pytest.raises(Denied):
            list(other.quarantine.rows("sales.leads"))
        with pytest.raises(Denied):
            other.quarantine.replay("sales.leads")
    _, secret = join(parts.database, "Sue", (Role.data_scientist, "sales"))
    with Client("http://app", secret, transport=AppTransport(app)) as builder, pytest.raises(Denied):
        builder.quarantine.enforce("sales.leads", mode="warn", reason="faster")


def test_the_page_shows_mends_and_replays(parts: Parts, app: FastAPI, owner: Client) -> None:
    who: Browser = signed_in(parts, "Dana Smith", (Role.data_owner, "sales"), app=app)
    assert "No row waits" in who.text("/products/sales.leads/quarantine")
    made = bring(owner)
    shown = who.text("/products/sales.leads/quarantine")
    for words in ("channel.enum", "radio", "leads.csv", "Good rows enter, bad rows are set aside"):
        assert words in shown
    assert "L-000" not in who.text("/products/sales.leads/quarantine?rule=channel.enum")
    assert who.get("/products/sales.leads/quarantine?format=csv").text.startswith("_batch,_row,_state,_broken,lead_id")
    assert who.get("/products/sales.leads/quarantine?format=xlsx").content.startswith(b"PK")
    who.get(f"/products/sales.leads/quarantine/row?batch={made.batch.id}&row=149")
    worse = who.send("/products/sales.leads/quarantine/fix", **{"cell.channel": "web", "reason": "asked"})
    assert "the row still breaks a rule" in text_of(worse.text)
    better = who.send("/products/sales.leads/quarantine/fix", **{"cell.visits": "2", "reason": "asked"})
    assert "passes now" in text_of(better.text)
    entered = who.send("/products/sales.leads/quarantine/replay")
    assert "Rows that entered: 1; rows that wait: 1" in text_of(entered.text)
    who.get(f"/products/sales.leads/quarantine/row?batch={made.batch.id}&row=150")
    gone = who.send("/products/sales.leads/quarantine/dismiss", reason="a double")
    assert "never enters" in text_of(gone.text)
    who.get("/products/sales.leads/quarantine")
    chosen = who.send("/products/sales.leads/enforcement", port="upload", mode="block", reason="stricter")
    assert "The whole batch is refused" in text_of(chosen.text)
