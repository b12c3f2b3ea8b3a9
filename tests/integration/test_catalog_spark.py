"""One contract, two engines: DuckDB and Spark count the same failures and find the same bad rows."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headway.catalog.adapters import duck
from headway.catalog.adapters import spark as spark_checks
from headway.catalog.checks import compile_contract
from headway.catalog.dialects import SPARK

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed (the extra spark)")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, and there is no java on the path", allow_module_level=True)

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROWS = 2_000


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from pyspark.sql import SparkSession

    home = tmp_path_factory.mktemp("spark")
    zone, os.environ["TZ"] = os.environ.get("TZ"), "UTC"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.memory", "600m")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.warehouse.dir", str(home))
            .getOrCreate()
        )
        yield made
        made.stop()
    if zone is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = zone


CONTRACT: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "orders",
    "version": "1.0.0",
    "status": "active",
    "slaProperties": [{"property": "freshness", "value": 24, "unit": "h", "element": "orders.at"}],
    "schema": [
        {
            "name": "orders",
            "quality": [
                {"metric": "rowCount", "mustBeGreaterThan": 10},
                {"metric": "duplicateValues", "arguments": {"properties": ["shop", "day"]}, "mustBeLessThan": 5},
            ],
            "relationships": [{"from": ["orders.shop", "orders.word"], "to": ["shops.id", "shops.word"]}],
            "properties": [
                {"name": "id", "logicalType": "string", "required": True, "unique": True},
                {"name": "shop", "logicalType": "integer", "relationships": [{"to": "shops.id"}]},
                {
                    "name": 'word`s"',
                    "logicalType": "string",
                    "logicalTypeOptions": {"pattern": r"^\w+(\.\d{2,3})?$|^x$", "minLength": 2, "maxLength": 6},
                    "quality": [
                        {"metric": "missingValues", "arguments": {"missingValues": ["n/a", ""]}, "mustBe": 0},
                        {"metric": "nullValues", "mustBeLessThan": 10, "unit": "percent"},
                    ],
                },
                {
                    "name": "word",
                    "logicalType": "string",
                    "quality": [
                        {
                            "metric": "invalidValues",
                            "arguments": {"validValues": ["it's", "a\\b", "red"], "pattern": "[a-z]+"},
                        }
                    ],
                },
                {
                    "name": "size",
                    "logicalType": "number",
                    "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": 9, "multipleOf": 0.5},
                },
                {
                    "name": "count",
                    "logicalType": "integer",
                    "quality": [{"metric": "invalidValues", "arguments": {"validValues": [1, 2, 5]}}],
                },
                {"name": "day", "logicalType": "date", "logicalTypeOptions": {"minimum": "2024-01-05"}},
                {"name": "at", "logicalType": "timestamp", "logicalTypeOptions": {"maximum": "2026-02-27T12:00:00"}},
            ],
        }
    ],
}


def orders() -> pl.DataFrame:
    def turn(values: list[Any], step: int) -> list[Any]:
        return [values[(row * step + row // 7) % len(values)] for row in range(ROWS)]

    return pl.DataFrame(
        {
            "number": pl.Series(range(1, ROWS + 1), dtype=pl.Int64),
            "id": [None if row % 97 == 5 else f"o{row if row % 50 else row // 100}" for row in range(ROWS)],
            "shop": pl.Series(turn([1, 2, 3, None, 9], 3), dtype=pl.Int64),
            'word`s"': turn(["ab", "ab.12", "x", "x\n", "n/a", "", None, "é1", "toolong", "a\u0661", "a\r"], 5),
            "word": turn(["it's", "a\\b", "red", "blue", None, "RED"], 1),
            "size": pl.Series(turn([0.0, 0.5, 8.5, 9.0, -0.5, 0.3, None, float("nan")], 3), dtype=pl.Float64),
            "count": pl.Series(turn([1, 2, 3, 5, None], 2), dtype=pl.Int64),
            "day": turn([date(2024, 1, 4), date(2024, 1, 5), None, date(2025, 6, 1)], 1),
            "at": turn([moment(11), moment(12), moment(13), None], 3),
        }
    )


def moment(hour: int) -> datetime:
    return datetime(2026, 2, 27, hour, tzinfo=UTC).replace(tzinfo=None)


SHOPS = {"id": [1, 2, 4], "word": ["red", "it's", "red"]}


@pytest.mark.parametrize("now", [NOW, datetime(2026, 2, 28, 10, tzinfo=UTC)])
def test_the_same_contract_gives_the_same_counts_and_rows(session: Any, tmp_path: Path, now: datetime) -> None:
    frame, shops = orders(), pl.DataFrame(SHOPS)
    frame.drop("number").write_parquet(tmp_path / "orders.parquet")
    frame.write_parquet(tmp_path / "numbered.parquet")
    shops.write_parquet(tmp_path / "shops.parquet")
    tables = {"shops": ["id", "word"]}
    plan = compile_contract(CONTRACT, tables=tables, now=now)
    misfits = pl.DataFrame(schema={"row": pl.Int64, "column": pl.String, "value": pl.String})
    here = duck.run(plan, tmp_path / "orders.parquet", misfits, tmp_path, tables={"shops": tmp_path / "shops.parquet"})
    there_plan = compile_contract(CONTRACT, tables=tables, now=now, dialect=SPARK)
    table = session.read.parquet(str(tmp_path / "numbered.parquet"))
    other = session.read.parquet(str(tmp_path / "shops.parquet"))
    there = spark_checks.run(session, there_plan, table, "number", others={"shops": other})
    names = [rule.id for rule in plan.rules]
    assert dict(zip(names, there.failures, strict=True)) == dict(zip(names, here.failures, strict=True))
    assert here.rows == there.rows == ROWS
    told = {rule.rule for rule, failures in zip(plan.rules, here.failures, strict=True) if failures}
    assert told >= {"required", "unique", "foreign_key", "pattern", "invalid_values", "multiple_of", "missing_values"}
    assert ("freshness" in told) is (now == NOW)
    assert here.quarantine is not None
    assert there.quarantine is not None
    wanted = pl.read_parquet(here.quarantine).sort("row").rows()
    assert sorted(tuple(row) for row in there.quarantine.collect()) == wanted
