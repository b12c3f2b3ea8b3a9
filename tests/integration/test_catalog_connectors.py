"""Input ports on real databases and folders: what is read, what is new, what is kept, and what is refused."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from headway import catalog, ledger
from headway.catalog import connectors, quarantine
from headway.catalog.adapters.lake import lake_of
from headway.catalog.connectors import InputPort, PortRun
from headway.catalog.connectors.service.reading import read_source
from headway.catalog.connectors.service.running import note_failure, run_due, take_in
from headway.catalog.quarantine import Mode, RowState
from headway.kernel.auth import Actor
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.web import Parts

ANN = Actor(ref="person:ann", name="Ann")
LEADS = [(n, f"L-{n:04d}", ("web", "fair")[n % 2], n % 7) for n in range(1, 101)]


@pytest.fixture
def here(parts: Parts) -> Parts:
    """Parts with a folder of sources for sales, and the job of ports."""
    parts.jobs.define(connectors.READ, connectors.port_job)
    folder = parts.settings.home / "sources" / "sales"
    folder.mkdir(parents=True)
    return parts


@pytest.fixture
def shop(here: Parts) -> Iterator[sqlite3.Connection]:
    """A SQLite database among the sources of sales."""
    with sqlite3.connect(sources(here) / "shop.db") as made:
        made.execute("create table leads (id integer primary key, lead_id text, channel text, visits integer)")
        made.executemany("insert into leads values (?, ?, ?, ?)", LEADS)
        made.commit()
        yield made
    made.close()


def sources(here: Parts) -> Path:
    return here.settings.home / "sources" / "sales"


def add(here: Parts, name: str = "crm", kind: str = "sql", product: str = "sales.leads", **more: Any) -> InputPort:
    every, keep = more.pop("every_minutes", None), more.pop("keep_upload", True)
    with here.database.session() as session:
        return connectors.add_port(
            session,
            ANN,
            product,
            name=name,
            kind=kind,  # type: ignore[arg-type]
            settings=more,
            every_minutes=every,
            keep_upload=keep,
        )


def run(here: Parts, name: str = "crm", product: str = "sales.leads") -> PortRun:
    """Do what the job does, in this thread."""
    with here.database.session() as session:
        started = connectors.start_run(session, here.jobs, ANN, product, name)
        port = connectors.get_port(session, product, name)
    try:
        take_in(here, ANN, port.id, started.run, read_source(here, port.id, started.run))
    except HeadwayError as error:
        note_failure(here, ANN, port.id, started.run, error.message)
    with here.database.session() as session:
        return next(one for one in connectors.list_runs(session, product).items if one.id == started.run)


def rows(here: Parts, product: str = "sales.leads") -> pl.DataFrame:
    with here.database.session() as session:
        found = catalog.get_product(session, product)
        assert found.snapshot_id is not None
        snapshot = catalog.get_snapshot(session, found.snapshot_id)
    return catalog.read_snapshot(lake_of(here), snapshot)


def snapshots(here: Parts, product: str = "sales.leads") -> int:
    with here.database.session() as session:
        return len(catalog.list_snapshots(session, product, limit=100).items)


def test_a_table_becomes_a_product_and_nothing_new_changes_nothing(here: Parts, shop: sqlite3.Connection) -> None:
    add(here, url="sqlite:///shop.db", table="leads")
    first = run(here)
    assert (first.state, first.rows_read, first.rows, first.failed_rows, first.error) == ("done", 100, 100, 0, None)
    assert rows(here).select("id", "lead_id", "channel", "visits").rows() == LEADS
    again = run(here)
    assert (again.state, again.snapshot) == ("unchanged", None)
    assert snapshots(here) == 1
    shop.execute("update leads set channel = 'phone' where id = 1")
    shop.commit()
    assert run(here).state == "done"
    assert rows(here)["channel"][0] == "phone"
    with here.database.session() as session:
        told = [one.type for one in ledger.find(session, subject=Ref("product", "sales.leads"), limit=20).items]
    assert told.count("port.read") == 2
    assert "port.added" not in told  # it stands on the department: there was no product yet


def test_only_what_is_new_is_read_and_rows_that_came_late_are_not_lost(here: Parts, shop: sqlite3.Connection) -> None:
    add(here, url="sqlite:///shop.db", table="leads", cursor="id")
    assert run(here).rows_read == 100
    shop.execute("insert into leads values (101, 'L-0101', 'web', 1)")
    shop.commit()
    more = run(here)
    assert (more.state, more.rows_read, more.rows) == ("done", 2, 101)  # the last value is looked at again
    assert run(here).state == "unchanged"
    assert rows(here)["id"].to_list() == list(range(1, 102))
    with here.database.session() as session:
        assert connectors.get_port(session, "sales.leads", "crm").cursor == "101"


def test_equal_cursors_and_a_lag_bring_late_rows_once(here: Parts, database_url: str) -> None:
    engine = sa.create_engine(database_url)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with engine.begin() as connection:
        connection.execute(
            sa.text("create table calls (at timestamptz, agent text, price numeric(10,2), exact numeric, ok boolean)")
        )
        put = sa.text("insert into calls values (:at, :agent, :price, :exact, true)")
        for n in range(20):
            at = noon + timedelta(minutes=n)
            connection.execute(put, {"at": at, "agent": f"a{n}", "price": Decimal("1.10") * n, "exact": Decimal(n)})
        url = plain(database_url)
        add(here, url=url, table="calls", cursor="at", lag="300", product="sales.calls")
        connection.commit()
    first = run(here, product="sales.calls")
    assert (first.state, first.error) == ("done", None)
    with engine.begin() as connection:  # one equal to the last, one equal to a known row, one that came late
        for n, agent in ((19, "b19"), (19, "a19"), (16, "late"), (2, "too-late")):
            at = noon + timedelta(minutes=n)
            connection.execute(put, {"at": at, "agent": agent, "price": Decimal("1.10") * n, "exact": Decimal(n)})
    assert run(here, product="sales.calls").rows == 23
    found = rows(here, "sales.calls")
    assert found["agent"].to_list()[20:] == ["late", "b19", "a19"] or set(found["agent"][20:]) == {"late", "b19", "a19"}
    assert found["at"].dtype == pl.Datetime("us", "UTC")
    assert found["at"][0] == noon
    assert found["price"].dtype == pl.Float64
    assert run(here, product="sales.calls").state == "unchanged"
    engine.dispose()


def test_exact_numbers_are_not_rounded_in_silence(here: Parts, database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("create table sums (id int primary key, small numeric, large numeric(30,10))"))
        connection.execute(
            sa.text(
                "insert into sums select n, n * 1.25, 12345678901234567.0000000001 + n from generate_series(1, 9) n"
            )
        )
    add(here, url=plain(database_url), table="sums", product="sales.sums")
    assert run(here, product="sales.sums").state == "done"
    found = rows(here, "sales.sums")
    assert found["small"].to_list() == [n * 1.25 for n in range(1, 10)]
    assert found["large"][0] == "12345678901234568.0000000001"
    with engine.begin() as connection:  # a contract of a number: what does not fit is told, not cast
        connection.execute(sa.text("insert into sums values (10, 1234567890.1234567890123, 1)"))
    last = run(here, product="sales.sums")
    assert (last.state, last.failed_rows) == ("done", 1)
    assert rows(here, "sales.sums")["small"][9] is None
    with here.database.session() as session:
        fault = catalog.quality_of(session, "sales.sums").faults[0]
    assert (fault.rule.rpartition(".")[2], fault.row, fault.value) == ("type", 10, "1234567890.1234567890123")
    engine.dispose()


def test_values_of_another_type_are_quarantined(here: Parts, shop: sqlite3.Connection) -> None:
    add(here, url="sqlite:///shop.db", table="leads")
    run(here)
    shop.execute("update leads set visits = 'many' where id = 7")
    shop.commit()
    second = run(here)
    assert (second.state, second.failed_rows) == ("done", 1)
    assert rows(here)["visits"].null_count() == 1


def test_rows_of_several_ports_and_of_the_uploaded_file_stand_together(
    here: Parts, shop: sqlite3.Connection, tmp_path: Path
) -> None:
    head = "id,lead_id,channel,visits\n"
    first = tmp_path / "leads.csv"
    first.write_text(head + "".join(f"{n},U-{n},web,{n}\n" for n in range(1001, 1011)))
    with here.database.session() as session:
        catalog.register_product(
            session,
            ANN,
            here.storage,
            lake_of(here),
            source=first,
            filename="leads.csv",
            department="sales",
            name="leads",
        )
    add(here, url="sqlite:///shop.db", table="leads")
    add(here, "fairs", "folder", path="fairs", settle="0")
    (sources(here) / "fairs").mkdir()
    lay(sources(here) / "fairs" / "one.csv", head + "5001,F-1,fair,3\n")
    assert run(here).rows == 110
    assert run(here, "fairs").rows == 111
    assert rows(here)["lead_id"].to_list() == [
        *(f"U-{n}" for n in range(1001, 1011)), *(one[1] for one in LEADS), "F-1"
    ]  # fmt: skip
    shop.execute("delete from leads where id > 50")
    shop.commit()
    assert run(here).rows == 61
    with here.database.session() as session:
        connectors.remove_port(session, ANN, "sales.leads", "upload")
        with pytest.raises(connectors.PortsFeed):
            connectors.refuse_upload(session, "sales.leads")
    shop.execute("delete from leads where id = 50")
    shop.commit()
    assert run(here).rows == 50


def test_a_watched_folder_takes_each_file_once_and_loses_none(here: Parts) -> None:
    inbox = sources(here) / "inbox"
    inbox.mkdir()
    add(here, "inbox", "folder", path="inbox", settle="60")
    good = "id,city\n" + "".join(f"{n},Ulm\n" for n in range(5))
    lay(inbox / "a.csv", good, age=100)
    lay(inbox / "b.csv", "id,city\n9,Bonn\n", age=1)  # still warm
    lay(inbox / "c.csv.part", good, age=100)
    lay(inbox / "d.csv", "id,town\n1,Ulm\n", age=90)
    lay(inbox / "e.csv", good, age=80)  # the same again
    lay(inbox / "f.parquet", "PAR1 broken", age=70)
    first = run(here, "inbox")
    assert (first.state, first.rows) == ("done", 5)
    assert {one.name: one.reason.partition(":")[0] for one in first.refused} == {
        "inbox/d.csv": "the columns are not those of the first file",
        "inbox/f.parquet": "f.parquet",
    }
    assert any("2 files are still being written" in note for note in first.notes)
    assert any("e.csv holds what another file held" in note for note in first.notes)
    assert sorted(one.name for one in inbox.iterdir()) == [
        "a.csv", "b.csv", "c.csv.part", "d.csv", "e.csv", "f.parquet"
    ]  # fmt: skip
    assert run(here, "inbox").state == "unchanged"
    lay(inbox / "b.csv", "id,city\n9,Bonn\n", age=100)
    lay(inbox / "d.csv", "id,city\n10,Kiel\n", age=100)  # mended
    second = run(here, "inbox")
    assert (second.state, second.rows, second.refused) == ("done", 7, ())
    with here.database.session() as session:
        assert connectors.get_port(session, "sales.leads", "inbox").taken == 4


def test_what_fails_leaves_nothing_and_is_told_once(here: Parts, shop: sqlite3.Connection) -> None:
    add(here, url="sqlite:///shop.db", table="leads")
    run(here)
    kept = set(here.storage.list(""))
    shop.execute("alter table leads add column extra text")
    shop.commit()
    for _ in range(2):
        failed = run(here)
        assert failed.state == "failed"
        assert failed.error is not None
        assert "extra" in failed.error
    assert {key for key in set(here.storage.list("")) - kept if not key.startswith("ports/")} == set()
    with here.database.session() as session:
        told = [one.type for one in ledger.find(session, subject=Ref("product", "sales.leads"), limit=20).items]
    assert told.count("port.failed") == 1


def test_the_job_reads_and_clears_up(here: Parts, shop: sqlite3.Connection) -> None:
    port = add(here, url="sqlite:///shop.db", table="leads", every_minutes=5)
    with here.database.session() as session:
        assert run_due(session, here.jobs) == 1
        assert run_due(session, here.jobs) == 0
        with pytest.raises(connectors.PortBusy):
            connectors.start_run(session, here.jobs, ANN, "sales.leads", "crm")
        waiting = connectors.list_runs(session, "sales.leads").items[0]
    done = here.jobs.run_now(connectors.READ, {"port": port.id, "run": waiting.id}, ANN)
    assert done == {"state": "done", "rows_read": 100, "refused": 0}
    assert len(list(here.storage.list("ports"))) == 1  # the rows it holds; what waited for the run is gone
    with here.database.session() as session:
        assert connectors.list_runs(session, "sales.leads").items[0].state == "done"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": "sqlite:///../finance/pay.db", "table": "t"}, "below the folder"),
        ({"url": "sqlite:////etc/passwd", "table": "t"}, "below the folder"),
        ({"url": "postgresql://u:pw@db/x", "table": "t"}, "a password stands in the address"),
        ({"url": "postgresql://u@db/x?password=pw", "table": "t"}, "may not stand in the address"),
        ({"url": "duckdb:///x", "table": "t"}, "a port reads one of"),
        ({"url": "sqlite:///shop.db", "query": "select 1; drop table leads"}, "2 statements"),
        ({"url": "sqlite:///shop.db", "query": "delete from leads"}, "only reads"),
        ({"url": "sqlite:///shop.db", "table": "t", "secret": "hunter2"}, "names no secret"),
        ({"url": "sqlite:///shop.db", "table": "t", "secret": "env:HEADWAY_SECRET_HR_DB"}, "another department"),
    ],
)
def test_settings_that_reach_too_far_are_refused(here: Parts, settings: dict[str, str], words: str) -> None:
    with pytest.raises(connectors.PortInvalid) as refused:
        add(here, **settings)
    told = f"{refused.value.message} {[one.message for one in refused.value.faults]}"
    assert words in told
    assert "pw" not in told
    assert "hunter2" not in told


def test_a_query_reads_and_can_do_no_more(here: Parts, shop: sqlite3.Connection) -> None:
    outside = here.settings.home / "outside.db"
    sqlite3.connect(outside).close()
    query = "select id, lead_id as lead, '12:30 :x 5%' as note from leads where visits > 3 -- all"
    add(here, url="sqlite:///shop.db", query=query)
    assert run(here).rows == sum(one[3] > 3 for one in LEADS)
    assert rows(here)["note"][0] == "12:30 :x 5%"
    for at, bad in enumerate(("select load_extension('x') as a", "select readfile('/etc/passwd') as a")):
        add(here, f"bad-{at}", url="sqlite:///shop.db", query=bad)
        failed = run(here, f"bad-{at}")
        assert failed.state == "failed"


def test_links_that_lead_out_and_hosts_not_listed_are_refused(here: Parts, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    (sources(here) / "link.csv").symlink_to(tmp_path / "secret.csv")
    for name, more in {
        "link": {"kind": "files", "location": "link.csv"},
        "glob": {"kind": "files", "location": "*.csv"},
        "host": {"url": "postgresql://u@db.internal/x", "table": "t"},
        "cloud": {"kind": "files", "location": "s3://b/x.csv", "endpoint": "http://169.254.169.254"},
    }.items():
        add(here, name, **more)
        failed = run(here, name)
        assert failed.state == "failed"
        assert failed.error is not None
        assert "may not reach" in failed.error or "out of" in failed.error or "outside" in failed.error


def test_a_wrong_password_is_told_without_the_password(here: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWAY_SECRET_SALES_DB", "s3cr3t-word")
    changed = replace(here, settings=replace(here.settings, source_hosts="127.0.0.1"))
    with pytest.raises(Invalid) as refused:
        connectors.peek(
            changed.settings, "sales", "sql",
            {"url": "postgresql://u@127.0.0.1:9/x", "table": "t", "secret": "env:HEADWAY_SECRET_SALES_DB"},
        )  # fmt: skip
    assert "s3cr3t-word" not in f"{refused.value.message} {refused.value.hint} {refused.value.__cause__}"


def test_a_look_shows_columns_and_masks_people(here: Parts, shop: sqlite3.Connection) -> None:
    shop.execute("create table people (email text, visits int)")
    shop.executemany("insert into people values (?, ?)", [(f"ann{n}@example.org", n) for n in range(30)])
    shop.commit()
    seen = connectors.peek(here.settings, "sales", "sql", {"url": "sqlite:///shop.db", "table": "people"})
    assert [one.name for one in seen.columns] == ["email", "visits"]
    assert not any("example.org" in text for text in seen.columns[0].examples)


@pytest.fixture
def database_url(here: Parts, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database of the test, whose host is listed."""
    url = sa.make_url(here.database.url)
    hosts = ",".join(one for one in (url.host, *_query_hosts(url)) if one)
    object.__setattr__(here.settings, "source_hosts", hosts)
    return here.database.url


def _query_hosts(url: sa.URL) -> list[str]:
    found = url.query.get("host", ())
    return [found] if isinstance(found, str) else list(found)


def plain(url: str) -> str:
    """The address without what a port may not name."""
    made = sa.make_url(url)
    return made.set(query={key: value for key, value in made.query.items() if key == "host"}).render_as_string(False)


def lay(path: Path, text: str, age: float = 0.0) -> None:
    path.write_text(text)
    then = time.time() - age
    os.utime(path, (then, then))


def test_what_the_owner_chose_for_a_port_decides_what_its_bad_rows_do(here: Parts, shop: sqlite3.Connection) -> None:
    add(here, url="sqlite:///shop.db", table="leads", cursor="id")
    assert run(here).state == "done"
    shop.execute("insert into leads values (101, null, 'web', 1)")
    shop.commit()
    with here.database.session() as session:
        quarantine.set_enforcement(session, ANN, "sales.leads", port="crm", mode=Mode.block, reason="leads need an id")
    refused = run(here)
    assert refused.state == "failed"
    assert refused.error is not None and "1 of 101 rows break the contract" in refused.error
    assert (snapshots(here), rows(here).height) == (1, 100)
    with here.database.session() as session:
        assert connectors.get_port(session, "sales.leads", "crm").cursor == "100"  # the row is read again
        quarantine.set_enforcement(
            session, ANN, "sales.leads", port="crm", mode=Mode.quarantine, reason="the rest may enter"
        )
    shop.execute("insert into leads values (102, 'L-0102', 'web', 1)")
    shop.commit()
    done = run(here)
    assert (done.state, done.rows, done.failed_rows) == ("done", 101, 1)
    assert "1 bad rows were set aside" in done.notes[-1]
    assert rows(here)["id"].to_list() == [*range(1, 101), 102]
    with here.database.session() as session:
        kept = quarantine.list_rows(session, "sales.leads", limit=10).items
        bad = next(
            one for one in kept if one.values["id"] == "101" and one.state is RowState.open and one.snapshot_id is None
        )
        edit = quarantine.Edit(batch=bad.batch, row=bad.row, values={"lead_id": "L-0101"})
        places = quarantine.Places(storage=here.storage, lake=lake_of(here))
        assert quarantine.fix(session, ANN, places, "sales.leads", edits=[edit], reason="asked the shop").fixed == 1
        assert quarantine.replay(session, ANN, places, "sales.leads", batch=bad.batch).replayed == 1
    assert rows(here)["id"].to_list() == list(range(1, 103))


def test_a_row_that_comes_again_is_mended_as_it_was_before_and_told(here: Parts, shop: sqlite3.Connection) -> None:
    add(here, url="sqlite:///shop.db", table="leads", cursor="id")
    assert run(here).state == "done"
    shop.executemany("insert into leads values (?, null, 'web', 1)", [(101,), (102,), (103,)])
    shop.commit()
    places = quarantine.Places(storage=here.storage, lake=lake_of(here))
    with here.database.session() as session:
        quarantine.set_enforcement(
            session, ANN, "sales.leads", port="crm", mode=Mode.quarantine, reason="the rest enters"
        )
    assert run(here).state == "done"
    with here.database.session() as session:
        known = {one.values["id"]: one for one in quarantine.list_rows(session, "sales.leads", limit=10).items}
        edit = quarantine.Edit(batch=known["101"].batch, row=known["101"].row, values={"lead_id": "L-0101"})
        quarantine.fix(session, ANN, places, "sales.leads", edits=[edit], reason="asked the shop")
        quarantine.replay(session, ANN, places, "sales.leads")
        quarantine.dismiss(session, ANN, "sales.leads", {known["102"].batch: [known["102"].row]}, "a test of the shop")
    for more in (104, 105):  # the second time the word is carried through a batch in which nobody spoke
        shop.execute("insert into leads values (?, ?, 'web', 1)", (more, f"L-0{more}"))
        shop.commit()
        assert run(here).state == "done"
    table = rows(here)
    assert table["id"].to_list() == [*range(1, 102), 104, 105]
    assert table.filter(pl.col("id") == 101)["lead_id"].to_list() == ["L-0101"]
    with here.database.session() as session:
        newest = quarantine.list_batches(session, "sales.leads").items[0]
        states = {
            one.values["id"]: one
            for state in RowState
            for one in quarantine.list_rows(session, "sales.leads", state=state, batch=newest.id, limit=10).items
        }
        told = ledger.find(session, subject=Ref("product", "sales.leads"), limit=50).items
    assert {number: one.state.value for number, one in states.items()} == {
        "101": "replayed",
        "102": "dismissed",
        "103": "open",
    }
    assert (states["101"].mended_because or "").endswith(": asked the shop")
    assert (states["102"].settled_because or "").count("as in bat_") == 1
    assert [one.type for one in told].count("batch.replayed") == 3
