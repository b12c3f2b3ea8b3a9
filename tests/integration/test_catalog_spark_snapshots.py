"""Spark reads the snapshots of the lake by the list of their files: the rows that pyiceberg reads, after every kind of change."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import repairs
from headway.catalog.adapters import spark as on_spark
from headway.catalog.adapters.files import ROW
from headway.catalog.repairs import Choice, Data, Label
from headway.kernel.auth import Actor
from headway.kernel.database import Database
from headway.kernel.errors import Invalid
from headway.kernel.storage import Storage

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed (the extra spark)")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, and there is no java on the path", allow_module_level=True)

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]
ANN = Actor(ref="person:ann", name="Ann")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.memory", "600m")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
            .getOrCreate()
        )
        yield made
        made.stop()


def orders(numbers: range, size: str = "small", **more: list[object]) -> pl.DataFrame:
    columns: dict[str, list[object]] = {
        "id": [f"O-{n:04d}" for n in numbers],
        "size": [size for _ in numbers],
        "weight": [n / 4 for n in numbers],
        "day": [f"2026-01-{1 + n % 28:02d}" for n in numbers],
    }
    return pl.DataFrame(columns | more, strict=False)


def same(engine: Any, lake: catalog.Lake, snapshot: catalog.ProductSnapshot) -> pl.DataFrame:
    """The rows by Spark, held to those by pyiceberg."""
    files = lake.files(snapshot.table, snapshot.iceberg_snapshot_id)
    columns = lake.columns(snapshot.table, snapshot.iceberg_snapshot_id)
    found = on_spark.read_files(engine, files, columns)
    assert found.count() == snapshot.rows
    by_spark = [tuple(row) for row in found.orderBy(f"`{ROW}`").collect()]
    expected = pl.DataFrame(lake.scan(snapshot.table, snapshot.iceberg_snapshot_id)).sort(ROW).select(columns)
    assert by_spark == expected.rows()
    return expected


def test_spark_reads_what_pyiceberg_reads(
    engine: Any, session: Session, database: Database, storage: Storage, tmp_path: Path
) -> None:
    lake = catalog.Lake(database, storage.url)

    def add(frame: pl.DataFrame, mode: str = "replace", contract: str | None = None) -> catalog.Registration:
        source = tmp_path / "orders.csv"
        frame.write_csv(source)
        return catalog.register_product(
            session, ANN, storage, lake, source=source, filename="orders.csv", department="Sales", name="orders",
            contract_text=contract, mode=mode,  # type: ignore[arg-type]
        )  # fmt: skip

    first = add(orders(range(40)))
    keyed = catalog.to_yaml(first.product.contract).replace("version: 1.0.0", "version: 2.0.0")
    keyed = keyed.replace("  - name: id", "  - name: id\n    primaryKey: true")
    keyed = keyed.replace("  - name: day", "  - name: note\n    logicalType: string\n  - name: day")
    made = [first, add(orders(range(40, 50)), "append")]
    made.append(add(orders(range(45, 60), "large"), "upsert", keyed))  # the file lacks the new column
    made.append(add(orders(range(58, 62), "huge", note=["a", None, "ü", "d"]), "upsert"))
    data = Data(session, storage, lake)
    repairs.label(data, ANN, "sales.orders", [Label(row=3, wrong={"size": "medium"})])
    act = repairs.accept(data, ANN, "sales.orders", Choice(cells=((3, "size"),)), reason="seen on the shelf")
    snapshots = [*(one.snapshot for one in made), catalog.get_snapshot(session, act.snapshot or "")]
    rows = [same(engine, lake, one) for one in snapshots]
    assert [one.height for one in rows] == [40, 50, 60, 62, 62]
    assert rows[-1]["size"].to_list() == ["small"] * 2 + ["medium"] + ["small"] * 42 + ["large"] * 13 + ["huge"] * 4
    files = lake.files(snapshots[-1].table, snapshots[-1].iceberg_snapshot_id)
    with pytest.raises(Invalid, match="files of deletes"):
        on_spark.read_files(engine, replace(files, has_deletes=True), ["id"])
