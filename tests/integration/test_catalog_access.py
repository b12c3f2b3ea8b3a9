"""Access to data products on a real database and a real lake: asked, granted, read, ended, withdrawn, kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import catalog, ledger
from headway.catalog import access
from headway.catalog.access import AccessState, Policy
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.database import Database
from headway.kernel.errors import Denied, HeadwayError
from headway.kernel.storage import Storage

ANN, BOB, CARA = (Actor(ref=f"person:{name}", name=name.title()) for name in ("ann", "bob", "cara"))
ROBOT = Actor(ref="service:robot", name="robot")
OPEN = Policy(hidden=(), masked=(), unmasked=(), row_filter=None)
UNTIL = date(2026, 6, 30)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    return catalog.Lake(database, storage.url)


@pytest.fixture
def product(session: Session, storage: Storage, lake: catalog.Lake, tmp_path: Path) -> catalog.DataProduct:
    source = tmp_path / "leads.csv"
    frame = pl.DataFrame(
        {
            "lead_id": [f"L-{n:04d}" for n in range(60)],
            "email": [f"p{n}@example.org" for n in range(60)],
            "region": [("north", "south")[n % 2] for n in range(60)],
            "visits": [n % 9 for n in range(60)],
        }
    )
    frame.write_csv(source)
    made = catalog.register_product(
        session, ANN, storage, lake, source=source, filename="leads.csv", department="Sales", name="leads"
    )
    return made.product


def by_grant(product: catalog.DataProduct, held: access.DataAccess | None) -> bool:
    """Who holds a grant reads, and nobody else."""
    return held is not None


def ask(session: Session, actor: Actor = BOB, **more: object) -> access.DataAccess:
    options = {"purpose": "See which regions buy", "until": UNTIL} | more
    return access.request_access(session, actor, "sales.leads", **options)  # type: ignore[arg-type]


def granted(session: Session, given: Policy = OPEN, actor: Actor = BOB, **more: object) -> access.DataAccess:
    asked = ask(session, actor, **more)
    return access.approve(session, ANN, asked.id, given=given)


def rows(session: Session, lake: catalog.Lake, sql: str, actor: Actor = BOB) -> list[dict[str, object]]:
    found: list[dict[str, object]] = access.read(session, actor, lake, sql, limit=1000, may=by_grant).table.to_pylist()
    return found


@pytest.mark.usefixtures("product")
def test_what_was_asked_is_granted_by_another_and_read(session: Session, lake: catalog.Lake) -> None:
    with clock.fixed(NOW):
        asked = ask(session)
        assert (asked.state, asked.grantee) == (AccessState.asked, "person:bob")
        given = Policy(hidden=("visits",), masked=(), unmasked=(), row_filter="region = 'north'")
        made = access.approve(session, ANN, asked.id, given=given, until=date(2026, 5, 31), reason="For the study")
        assert (made.state, made.until, made.answered_by) == (AccessState.granted, date(2026, 5, 31), "person:ann")
        found = rows(session, lake, "SELECT * FROM sales.leads")
        assert len(found) == 30
        assert {(*one, one["region"], one["email"]) for one in found} == {
            ("lead_id", "email", "region", "north", "***")
        }
        (use,) = access.list_uses(session, "sales.leads").items
        assert (use.reader, use.access, use.rows, use.way) == ("person:bob", made.id, 30, "sql")
        assert use.columns == ("lead_id", "email", "region")
    events = [one.type for one in ledger.find(session, subject=f"data-access:{made.id}").items]
    assert sorted(events) == ["data.granted", "data.requested"]


@pytest.mark.usefixtures("product")
def test_a_grant_that_ends_stops_the_next_query(session: Session, lake: catalog.Lake) -> None:
    with clock.fixed(NOW):
        made = granted(session)
    with clock.fixed(datetime(2026, 6, 30, 23, 59, tzinfo=UTC)):
        assert rows(session, lake, "SELECT count(*) AS n FROM sales.leads") == [{"n": 60}]
    with clock.fixed(datetime(2026, 7, 1, tzinfo=UTC)):
        assert access.get_access(session, made.id).state is AccessState.ended
        with pytest.raises(access.NotReadable):
            rows(session, lake, "SELECT count(*) AS n FROM sales.leads")


@pytest.mark.usefixtures("product")
def test_a_withdrawn_grant_stops_the_next_query_and_says_why(session: Session, lake: catalog.Lake) -> None:
    with clock.fixed(NOW):
        made = granted(session)
        assert rows(session, lake, "SELECT lead_id FROM sales.leads LIMIT 1") == [{"lead_id": "L-0000"}]
        gone = access.withdraw(session, ANN, made.id, "The study was stopped")
        assert (gone.state, gone.withdrawn_because) == (AccessState.withdrawn, "The study was stopped")
        with pytest.raises(access.NotReadable):
            rows(session, lake, "SELECT lead_id FROM sales.leads LIMIT 1")
        with pytest.raises(access.AccessClosed):
            access.withdraw(session, ANN, made.id, "The study was stopped")


@pytest.mark.usefixtures("product")
def test_a_product_that_one_may_not_read_and_one_that_is_not_there_are_told_alike(
    session: Session, lake: catalog.Lake
) -> None:
    told = []
    for name in ("sales.leads", "sales.nothing"):
        with pytest.raises(access.NotReadable) as caught:
            rows(session, lake, f"FROM {name} SELECT *")
        told.append((caught.value.message.replace(name, "X"), caught.value.hint, caught.value.code))
    assert told[0] == told[1]
    assert told[0][0] == "'X' is no product that you may read, line 1, column 6"
    assert access.list_uses(session, "sales.leads").items == ()


@pytest.mark.usefixtures("product")
def test_restricted_columns_are_masked_unless_the_grant_names_them(session: Session, lake: catalog.Lake) -> None:
    with clock.fixed(NOW):
        granted(session)
        sql = "SELECT DISTINCT email FROM sales.leads"
        assert rows(session, lake, sql) == [{"email": "***"}]
        granted(session, Policy(hidden=(), masked=(), unmasked=("email",), row_filter=None))
        assert len(rows(session, lake, sql)) == 60  # the newest answer counts


@pytest.mark.usefixtures("product")
def test_a_service_account_reads_with_the_grant_that_a_person_asked_for(session: Session, lake: catalog.Lake) -> None:
    with clock.fixed(NOW):
        made = granted(session, service="robot")
        assert (made.grantee, made.requested_by) == ("service:robot", "person:bob")
        assert rows(session, lake, "SELECT count(*) AS n FROM sales.leads", ROBOT) == [{"n": 60}]
        with pytest.raises(access.NotReadable):
            rows(session, lake, "SELECT count(*) AS n FROM sales.leads", BOB)


@pytest.mark.usefixtures("product")
def test_nobody_answers_what_they_asked_for_and_services_answer_nothing(session: Session) -> None:
    with clock.fixed(NOW):
        asked = ask(session)
        for who in (BOB, ROBOT):
            with pytest.raises(Denied):
                access.approve(session, who, asked.id, given=OPEN)
            with pytest.raises(Denied):
                access.reject(session, who, asked.id, "It is not needed")
        with pytest.raises(Denied):
            ask(session, ROBOT)
        assert access.get_access(session, asked.id).state is AccessState.asked


@pytest.mark.usefixtures("product")
def test_every_fault_of_a_request_and_an_answer_is_told_at_once(session: Session) -> None:
    with clock.fixed(NOW):
        with pytest.raises(access.AccessInvalid) as caught:
            ask(session, purpose="why", until=date(2026, 3, 1))
        assert {fault.rule for fault in caught.value.faults} == {"access.purpose", "access.until"}
        asked = ask(session)
        wrong = Policy(hidden=("none",), masked=("visits",), unmasked=("visits",), row_filter="nope = 1 OR sales.x = 2")
        with pytest.raises(access.AccessInvalid) as caught:
            access.approve(session, ANN, asked.id, given=wrong, until=date(2027, 1, 1))
        assert [fault.rule for fault in caught.value.faults] == [
            "access.unknown_column", "access.column_twice", "access.until", "access.row_filter", "access.row_filter",
        ]  # fmt: skip
        assert access.get_access(session, asked.id).state is AccessState.asked


@pytest.mark.usefixtures("product")
@pytest.mark.parametrize("row_filter", ["visits = 'many'", "region + 1 > 2", "visits", "lead_id"])
def test_a_row_filter_that_does_not_fit_the_types_is_refused(session: Session, row_filter: str) -> None:
    with clock.fixed(NOW):
        asked = ask(session)
        with pytest.raises(access.AccessInvalid):
            access.approve(
                session, ANN, asked.id, given=Policy(hidden=(), masked=(), unmasked=(), row_filter=row_filter)
            )


@pytest.mark.usefixtures("product")
def test_the_same_is_not_asked_twice_and_an_answer_is_given_once(session: Session) -> None:
    with clock.fixed(NOW):
        asked = ask(session)
        with pytest.raises(access.AccessClosed):
            ask(session)
        assert access.reject(session, ANN, asked.id, "Ask for the totals instead").state is AccessState.rejected
        with pytest.raises(access.AccessClosed):
            access.approve(session, ANN, asked.id, given=OPEN)
        assert ask(session).state is AccessState.asked


@pytest.mark.usefixtures("product")
def test_who_holds_a_grant_is_told_once_a_week_before_and_once_after_its_end(session: Session) -> None:
    with clock.fixed(NOW):
        made = granted(session)
        assert access.tell_due(session, SYSTEM) == 0
    for at, told in ((datetime(2026, 6, 22, tzinfo=UTC), 0), (datetime(2026, 6, 23, tzinfo=UTC), 1)):
        with clock.fixed(at):
            assert access.tell_due(session, SYSTEM) == told
            assert access.tell_due(session, SYSTEM) == 0
    with clock.fixed(datetime(2026, 7, 1, tzinfo=UTC)):
        assert access.tell_due(session, SYSTEM) == 1
        assert access.tell_due(session, SYSTEM) == 0
    events = ledger.find(session, subject=f"data-access:{made.id}").items
    assert {"data.ending", "data.ended"} <= {one.type for one in events}


@pytest.mark.usefixtures("product")
@pytest.mark.parametrize(
    "change",
    [
        "update catalog.accesses set until = until + 1",
        "update catalog.accesses set policy = '{}'",
        "update catalog.accesses set answered_by = 'person:bob'",
        "delete from catalog.accesses",
        "update catalog.data_uses set rows = 0",
        "delete from catalog.data_uses",
    ],
)
def test_the_database_keeps_answers_and_uses(session: Session, lake: catalog.Lake, change: str) -> None:
    with clock.fixed(NOW):
        granted(session)
        rows(session, lake, "SELECT * FROM sales.leads")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(change))


@pytest.mark.usefixtures("product")
def test_the_most_rows_are_given_and_that_there_are_more_is_told(session: Session, lake: catalog.Lake) -> None:
    with clock.fixed(NOW):
        granted(session)
        for limit, is_cut in ((59, True), (60, False), (61, False)):
            found = access.read(session, BOB, lake, "SELECT visits FROM sales.leads", limit=limit, may=by_grant)
            assert (found.table.num_rows, found.is_cut) == (min(limit, 60), is_cut)


@pytest.mark.usefixtures("product")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT lead_id FROM sales.leads; SELECT 1",
        "DELETE FROM sales.leads",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT getenv('HOME') FROM sales.leads",
        "SELECT hidden FROM sales.leads",
        "SELECT CAST(lead_id AS INTEGER) FROM sales.leads",
        "SELECT * FROM _p0",
        "SELECT * FROM duckdb_tables()",
        "SELECT * FROM information_schema.columns",
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b",
    ],
)
def test_what_is_refused_tells_no_path_no_engine_and_no_private_name(
    session: Session, lake: catalog.Lake, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headway.catalog.access.adapters.SECONDS", 1.0)
    with clock.fixed(NOW):
        granted(session)
        with pytest.raises(HeadwayError) as caught:
            rows(session, lake, sql)
    said = f"{caught.value.message} {caught.value.hint} {caught.value.faults}"
    assert not any(word in said for word in ("/tmp/headway", "duckdb.", "DuckDB", "given", "Candidate", "LINE 1"))
    assert "_p0" not in said or "_p0" in sql
    assert access.list_uses(session, "sales.leads").items == ()
