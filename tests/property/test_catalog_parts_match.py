"""Checks of a growing table, part by part, against one check of all its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.catalog.adapters import duck, parts
from headway.catalog.checks import compile_contract
from tests.factories.dose import examples

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SCHEMA = {"id": pl.String, "shop": pl.Int64, "size": pl.Float64, "at": pl.Datetime}
MISFITS = {"row": pl.Int64, "column": pl.String, "value": pl.String}
CONTRACT: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "t",
    "version": "1.0.0",
    "status": "active",
    "slaProperties": [{"property": "freshness", "value": 2, "unit": "d", "element": "t.at"}],
    "schema": [
        {
            "name": "t",
            "quality": [
                {"metric": "duplicateValues", "arguments": {"properties": ["id", "shop"]}, "mustBe": 0},
                {"metric": "rowCount", "mustBeGreaterThan": 1},
            ],
            "properties": [
                {
                    "name": "id",
                    "logicalType": "string",
                    "unique": True,
                    "required": True,
                    "logicalTypeOptions": {"pattern": "^[a-d]+$"},
                },
                {"name": "shop", "logicalType": "integer", "relationships": [{"to": "shops.id"}], "required": True},
                {"name": "size", "logicalType": "number", "unique": True, "logicalTypeOptions": {"maximum": 3}},
                {"name": "at", "logicalType": "timestamp"},
            ],
        }
    ],
}
row = st.fixed_dictionaries(
    {
        "id": st.none() | st.sampled_from(["a", "b", "ab", "abc", "x", "", "d", "dd", "ddd"]),
        "shop": st.none() | st.integers(0, 4),
        "size": st.none() | st.sampled_from([0.0, -0.0, 1.5, 3.0, 3.5, float("nan")]),
        "at": st.none() | st.integers(0, 5).map(lambda n: (NOW - timedelta(days=n)).replace(tzinfo=None)),
    }
)
histories = st.lists(st.lists(row, min_size=0, max_size=9), min_size=1, max_size=4)


class Table:
    """Files of a table that grows, in a folder."""

    def __init__(self, folder: Path, files: Sequence[list[dict[str, Any]]]) -> None:
        self.folder = folder
        self.plan = compile_contract(CONTRACT, tables={"shops": ["id"]}, now=NOW)
        self.frames = [pl.DataFrame(rows, schema=SCHEMA) for rows in files]
        self.parts = []
        for at, frame in enumerate(self.frames):
            frame.write_parquet(folder / f"{at}.parquet", row_group_size=3)
            self.parts.append(parts.Part(name=f"part {at}", path=folder / f"{at}.parquet", digest=repr(files[at])))
        pl.DataFrame({"id": [1, 2, None]}).write_parquet(folder / "shops.parquet")
        self.shops = {"shops": parts.Part(name="shops", path=folder / "shops.parquet", digest="1")}

    def checked(self, count: int) -> parts.TableResult:
        return parts.check_parts(self.plan, self.parts[:count], self.folder / "states", tables=self.shops)

    def whole(self, count: int) -> duck.Found:
        work = self.folder / f"work-{count}"
        work.mkdir()
        pl.concat(self.frames[:count]).write_parquet(work / "all.parquet")
        others = {"shops": self.folder / "shops.parquet"}
        return duck.run(self.plan, work / "all.parquet", pl.DataFrame(schema=MISFITS), work, tables=others)


@settings(max_examples=examples(10), deadline=None)
@given(histories)
def test_parts_that_are_appended_give_the_counts_of_all_rows(files: list[list[dict[str, Any]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Table(Path(folder), files)
        for count in range(1, len(files) + 1):
            made, whole = table.checked(count), table.whole(count)
            assert made.rows == whole.rows
            assert made.failures == whole.failures
            assert made.failed_rows == whole.failed_rows
            assert [part.is_known for part in made.parts] == [True] * (count - 1) + [False]
            begins, bad = 0, list[tuple[int, int]]()
            for part in made.parts:
                if part.quarantine:
                    bad += [(begins + row, mask) for row, mask in pl.read_parquet(part.quarantine).iter_rows()]
                begins += part.rows
            assert bad == (pl.read_parquet(whole.quarantine).rows() if whole.quarantine else [])


@settings(max_examples=examples(4), deadline=None)
@given(histories.filter(lambda files: len(files) > 1), st.data())
def test_a_part_that_changes_is_checked_anew_with_those_after_it(
    files: list[list[dict[str, Any]]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(files) - 1))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        Table(Path(folder), files).checked(len(files))
        changed = [*files]
        changed[place] = [*changed[place], {"id": "d", "shop": 9, "size": 9.0, "at": None}]
        table = Table(Path(folder), changed)
        made = table.checked(len(files))
        assert [part.is_known for part in made.parts] == [at < place for at in range(len(files))]
        assert made.failures == Table(Path(other), changed).whole(len(files)).failures
