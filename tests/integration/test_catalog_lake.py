"""The lake: Iceberg tables in object storage, their catalog in PostgreSQL."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalogBaseTable
from sqlalchemy import inspect, text

from headway import catalog
from headway.kernel.database import Database
from headway.kernel.errors import Invalid
from headway.kernel.storage import Storage
from headway.kernel.web import Parts


@pytest.fixture
def lake(database: Database, storage: Storage) -> catalog.Lake:
    return catalog.Lake(database, storage.url)


def rows(*numbers: int) -> pa.Table:
    return pa.table({"n": pa.array(numbers, pa.int64()), "a.b c": [f"v{n}" for n in numbers]})


def test_the_tables_are_the_ones_that_pyiceberg_would_make(database: Database) -> None:
    seen = inspect(database.engine)
    for table in SqlCatalogBaseTable.metadata.sorted_tables:
        found = {column["name"]: column for column in seen.get_columns(table.name, schema="lake")}
        assert list(found) == [column.name for column in table.columns]
        for column in table.columns:
            assert str(found[column.name]["type"]) == str(column.type.compile(database.engine.dialect))
            assert found[column.name]["nullable"] == column.nullable
        key = seen.get_pk_constraint(table.name, schema="lake")["constrained_columns"]
        assert key == [column.name for column in table.primary_key.columns]
    assert len(seen.get_table_names(schema="lake")) == len(SqlCatalogBaseTable.metadata.sorted_tables)


def test_nothing_is_made_in_other_schemas(database: Database, lake: catalog.Lake) -> None:
    lake.append("some.table", rows(1), {})
    asked = text("select schemaname from pg_tables where tablename like 'iceberg%' group by 1")
    with database.session() as session:
        assert session.scalars(asked).all() == ["lake"]


def test_rows_come_back_as_of_each_snapshot(lake: catalog.Lake) -> None:
    first = lake.append("serving.decisions", rows(1, 2), {"batch": "one"})
    second = lake.append("serving.decisions", rows(3), {"batch": "two"})
    assert lake.scan("serving.decisions", first)["n"].to_pylist() == [1, 2]
    assert sorted(lake.scan("serving.decisions")["n"].to_pylist()) == [1, 2, 3]
    assert lake.scan("serving.decisions", second, filter="n > 2", columns=["a.b c"]).to_pylist() == [{"a.b c": "v3"}]
    assert lake.find("serving.decisions", "batch", "one") == first
    assert lake.find("serving.decisions", "batch", "three") is None
    assert [one.properties["batch"] for one in lake.snapshots("serving.decisions")] == ["one", "two"]


def test_every_write_changes_the_version_and_reading_does_not(lake: catalog.Lake) -> None:
    assert lake.version("sales.leads") == ""
    seen = []
    for more in (rows(1, 2), rows(3)):
        lake.append("sales.leads", more, {})
        lake.scan("sales.leads")
        seen += [lake.version("sales.leads"), lake.version("sales.leads")]
    lake.replace("sales.leads", rows(9), {})
    seen.append(lake.version("sales.leads"))
    assert "" not in seen and seen[0] == seen[1] and seen[2] == seen[3] and len(set(seen)) == 3


def test_replacing_keeps_the_old_rows_readable(lake: catalog.Lake) -> None:
    first = lake.replace("products.sales.leads", rows(1, 2), {"k": "1"})
    second = lake.replace("products.sales.leads", rows(9).to_reader(), {"k": "2"})
    assert lake.scan("products.sales.leads", first)["n"].to_pylist() == [1, 2]
    assert lake.scan("products.sales.leads", second)["n"].to_pylist() == [9]
    assert lake.scan("products.sales.leads")["n"].to_pylist() == [9]


def test_a_tag_names_one_snapshot_for_good(lake: catalog.Lake) -> None:
    first = lake.append("some.table", rows(1), {})
    second = lake.append("some.table", rows(2), {})
    lake.tag("some.table", "run-1", first)
    lake.tag("some.table", "run-1", str(first))
    assert {one.id: one.tags for one in lake.snapshots("some.table")} == {first: ("run-1",), second: ()}
    with pytest.raises(Invalid, match="another snapshot"):
        lake.tag("some.table", "run-1", second)


def test_new_columns_are_added_and_other_types_refused(lake: catalog.Lake) -> None:
    first = lake.append("some.table", rows(1), {})
    lake.append("some.table", rows(2).append_column("new", pa.array([True])), {})
    assert lake.scan("some.table", first).column_names == ["n", "a.b c"]
    with pytest.raises(Invalid, match=r"do not fit table some\.table"):
        lake.append("some.table", pa.table({"n": ["text"], "a.b c": ["x"]}), {})


def test_what_is_not_there_is_told(lake: catalog.Lake) -> None:
    assert lake.snapshots("no.table") == ()
    assert not lake.exists("no.table")
    with pytest.raises(catalog.UnknownTable, match=r"no table no\.table"):
        lake.scan("no.table")
    lake.append("some.table", rows(1), {})
    with pytest.raises(catalog.UnknownTable, match="no snapshot 5"):
        lake.scan("some.table", 5)
    with pytest.raises(Invalid):
        lake.scan("some.table", filter="nothing > 3")


def test_writers_at_once_lose_nothing(database: Database, storage: Storage) -> None:
    failures: list[Exception] = []

    def write(number: int) -> None:
        own = catalog.Lake(database, storage.url)
        try:
            for step in range(3):
                own.append("busy.table", rows(number * 10 + step), {})
        except Exception as error:  # noqa: BLE001  told by the assertion
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    written = catalog.Lake(database, storage.url).scan("busy.table")["n"].to_pylist()
    assert sorted(written) == [0, 1, 2, 10, 11, 12, 20, 21, 22]


def test_a_storage_that_iceberg_cannot_use_is_refused(database: Database) -> None:
    with pytest.raises(Invalid, match="az://"):
        catalog.Lake(database, "az://container")


def test_one_lake_serves_all_that_share_the_addresses(parts: Parts) -> None:
    assert catalog.lake_of(parts) is catalog.lake_of(parts)


def test_files_lie_under_the_storage(lake: catalog.Lake, storage: Storage, tmp_path: Path) -> None:
    lake.append("some.table", rows(1), {})
    assert all(key.startswith("lake/some/table/") for key in storage.list(""))
    assert list(tmp_path.joinpath("storage/lake").rglob("*.parquet"))
