"""Input ports over HTTP, at the terminal, with the client and in a browser, with the rules in force."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from headway.catalog import connectors
from headway.catalog.cli import product_app
from headway.catalog.connectors.service.reading import read_source
from headway.catalog.connectors.service.running import take_in
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.web import Parts
from headway_client import Client, Conflict, Denied, Invalid
from tests.factories.asgi import AppTransport
from tests.factories.identity import join, local_owner
from tests.factories.pages import Browser, application, signed_in, text_of

SETTINGS = {"url": "sqlite:///shop.db", "table": "customers"}


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    folder = parts.settings.home / "sources" / "sales"
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / "shop.db") as shop:
        shop.execute("create table customers (id integer primary key, email text, region text)")
        rows = [(n, f"person{n}@example.org", ("north", "south")[n % 2]) for n in range(40)]
        shop.executemany("insert into customers values (?, ?, ?)", rows)
    shop.close()
    parts.jobs.define(connectors.READ, connectors.port_job)
    return application(parts)


@pytest.fixture
def dana(parts: Parts, app: FastAPI) -> Iterator[Browser]:
    """A data owner of sales."""
    yield signed_in(parts, "Dana Smith", (Role.data_owner, "sales"), app=app)


def do_run(parts: Parts, product: str, port: str) -> None:
    """What the job does."""
    with parts.database.session() as session:
        found = connectors.get_port(session, product, port)
    assert found.last_run is not None
    read = read_source(parts, found.id, found.last_run)
    take_in(parts, Actor(ref="service:catalog", name="Data catalog"), found.id, found.last_run, read)


def test_a_product_is_made_of_a_table_in_a_browser(parts: Parts, dana: Browser) -> None:
    assert "What kind of source is it?" in dana.text("/inputs/new")
    dana.get("/inputs/new?kind=sql")
    typed = {"product_name": "customers", "department": "sales", "name": "crm", "url": "sqlite:///shop.db"}
    seen = dana.send("/inputs/new", do="look", table="customers", **typed)
    assert seen.status_code == 200, text_of(seen.text)
    assert "40 rows were looked at; nothing was kept" in text_of(seen.text)
    assert "person1@example.org" not in seen.text
    wrong = dana.send("/inputs/new", do="add", **typed | {"url": "postgresql://me:hunter2@db/x"}, table="")
    assert wrong.status_code == 422
    assert "a password stands in the address" in text_of(wrong.text)
    dana.get("/inputs/new?kind=sql")
    made = dana.send("/inputs/new", do="add", table="customers", every_minutes="60", **typed)
    assert made.url.path == "/products/sales.customers/inputs/crm", text_of(made.text)
    assert "every 60 minutes" in text_of(made.text)
    do_run(parts, "sales.customers", "crm")
    shown = dana.text("/products/sales.customers?show=inputs")
    assert "crm" in shown
    assert "Register the next file" not in shown
    assert "done" in shown
    place = "/products/sales.customers/inputs/crm"
    dana.get(place)
    assert "by hand" in text_of(dana.send(f"{place}/schedule", every_minutes="").text)
    dana.get(place)
    assert dana.send(f"{place}/run").status_code == 200
    dana.get(place)
    assert "is being read" in text_of(dana.send(f"{place}/run").text)
    gone = dana.send(f"{place}/remove")
    assert "The product lives on uploaded files" in text_of(gone.text)


def test_others_see_no_source_and_start_no_run(parts: Parts, app: FastAPI, dana: Browser) -> None:
    ben = signed_in(parts, "Ben Miller", (Role.employee, "finance"), app=app)
    for path in ("/inputs/new", "/products/sales.customers/inputs/crm"):
        assert ben.get(path).status_code in (403, 404)
    mia = signed_in(parts, "Mia Jones", (Role.data_owner, "finance"), app=app)
    mia.get("/inputs/new?kind=sql&product=sales.customers")
    refused = mia.send("/inputs/new", do="look", name="spy", url="sqlite:///shop.db", table="customers")
    assert refused.status_code == 403
    assert "person1" not in refused.text


@pytest.fixture
def owning(parts: Parts, app: FastAPI) -> Iterator[Client]:
    local_owner(parts.database)
    _, secret = join(parts.database, "Olga", (Role.data_owner, "sales"))
    with Client("http://app", secret, transport=AppTransport(app)) as made:
        yield made


def test_the_client_tests_adds_runs_and_removes(parts: Parts, app: FastAPI, owning: Client) -> None:
    seen = owning.ports.test("sales.customers", kind="sql", settings=SETTINGS)
    assert [one.name for one in seen.columns] == ["id", "email", "region"]
    made = owning.ports.add("sales.customers", "crm", kind="sql", settings=SETTINGS, every_minutes=30)
    assert (made.name, made.settings, made.every_minutes) == ("crm", SETTINGS, 30)
    with pytest.raises(Conflict):
        owning.ports.add("sales.customers", "crm", kind="sql", settings=SETTINGS)
    started = owning.ports.run("sales.customers", "crm")
    do_run(parts, "sales.customers", "crm")
    last = owning.ports.runs("sales.customers", "crm").first()
    assert last is not None
    assert (last.id, last.state, last.rows) == (started.run, "done", 40)
    assert owning.products.show("sales.customers").rows == 40
    with pytest.raises(Conflict) as refused:
        owning.products.register(("more.csv", b"id,email,region\n1,a,b\n"), department="sales", name="customers")
    assert refused.value.code == "catalog.ports_feed"
    assert owning.ports.schedule("sales.customers", "crm", every_minutes=None).every_minutes is None
    with pytest.raises(Invalid) as wrong:
        bad = {"url": "postgresql://me:hunter2@db/x", "lag": "5", "tabel": "x"}
        owning.ports.add("sales.customers", "bad", kind="sql", settings=bad)
    assert {fault["column"] for fault in wrong.value.faults} == {"url", "table", "tabel", "lag"}
    assert "hunter2" not in str(wrong.value.faults)
    _, other = join(parts.database, "Mia", (Role.data_owner, "finance"))
    with Client("http://app", other, transport=AppTransport(app)) as mia, pytest.raises(Denied):
        mia.ports.test("sales.customers", kind="sql", settings=SETTINGS)
    owning.ports.remove("sales.customers", "crm")
    assert owning.ports.list("sales.customers").items == []


def test_the_terminal_says_the_same(parts: Parts, owning: Client) -> None:
    @contextmanager
    def connected() -> Iterator[Client]:
        yield owning

    terminal.set_connector(connected)

    def said(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(product_app, ["port", *words])
        assert done.exit_code == code, done.output
        return done.output

    given = ("--kind", "sql", *(part for pair in SETTINGS.items() for part in ("--set", "=".join(pair))))
    assert "nothing was kept" in said("add", "sales.customers", "crm", *given, "--test")
    assert json.loads(said("add", "sales.customers", "crm", *given, "--output", "json"))["kind"] == "sql"
    assert json.loads(said("run", "sales.customers", "crm", "--no-wait", "--output", "json"))["job"].startswith("job_")
    do_run(parts, "sales.customers", "crm")
    assert json.loads(said("show", "sales.customers", "crm", "--output", "json"))["runs"][0]["rows"] == 40
    assert json.loads(said("list", "sales.customers", "--output", "json"))["items"][0]["part"]["rows"] == 40
    assert "every_minutes" in said("schedule", "sales.customers", "crm", "--every", "15")
    assert "sqlite:///shop.db" in said("show", "sales.customers", "crm")
    assert "removed" in said("remove", "sales.customers", "crm")
