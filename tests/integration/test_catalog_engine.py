"""The quality engine on files: other tables, freshness, every way to compare keys, quarantine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headway.catalog.adapters import duck, parts, streams
from headway.catalog.checks import compile_contract
from headway.catalog.errors import InvalidContract

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MISFITS = {"row": pl.Int64, "column": pl.String, "value": pl.String}


def contract(*properties: dict[str, Any], levels: list[dict[str, Any]] | None = None, **table: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": "1.0.0", "status": "active",
        "slaProperties": levels or [], "schema": [{"name": "t", "properties": list(properties), **table}],
    }  # fmt: skip


def check(
    frame: pl.DataFrame,
    made: dict[str, Any],
    work: Path,
    others: dict[str, pl.DataFrame] | None = None,
    now: datetime | None = None,
) -> tuple[dict[str, int], list[tuple[Any, ...]], duck.Found]:
    work.mkdir(exist_ok=True)
    frame.write_parquet(work / "rows.parquet", row_group_size=4)
    tables = {}
    for name, other in (others or {}).items():
        tables[name] = work / f"{name}.parquet"
        other.write_parquet(tables[name])
    plan = compile_contract(made, tables={name: one.columns for name, one in (others or {}).items()}, now=now)
    found = duck.run(plan, work / "rows.parquet", pl.DataFrame(schema=MISFITS), work, tables=tables)
    lines = pl.read_parquet(found.faults).rows() if found.faults else []
    counts = {rule.id: failures for rule, failures in zip(plan.rules, found.failures, strict=True) if failures}
    return counts, [(row, plan.rules[at].id, value) for row, at, value in lines], found


@pytest.mark.parametrize("held", [streams.HELD, 0])
def test_a_key_that_the_other_table_lacks_fails_and_a_missing_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(streams, "HELD", held)  # 0: the other table is too large to be held, and joined by SQL
    frame = pl.DataFrame({"shop": [1, None, 3, 2, 9]})
    one = {"name": "shop", "logicalType": "integer", "relationships": [{"to": "shops.id"}]}
    shops = {"shops": pl.DataFrame({"id": [1, 2, None]})}
    assert check(frame, contract(one), tmp_path, shops)[1] == [
        (3, "shop.foreign_key", "3"),
        (5, "shop.foreign_key", "9"),
    ]


def test_keys_of_two_columns_and_of_another_type_are_looked_up(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 1, 2, None], "b": ["x", "y", "x", "z"]})
    columns = ({"name": "a", "logicalType": "integer"}, {"name": "b"})
    made = contract(*columns, relationships=[{"from": ["t.a", "t.b"], "to": ["other.k", "other.l"]}])
    others = {"other": pl.DataFrame({"l": ["x", "x"], "k": [1, 2]}, schema_overrides={"k": pl.Int32})}
    assert check(frame, made, tmp_path, others)[1] == [(2, "a.foreign_key", "1 | y")]


def test_a_relationship_to_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    one = {"name": "shop", "logicalType": "integer", "relationships": [{"to": "shops.number"}]}
    with pytest.raises(InvalidContract, match="no column number"):
        check(pl.DataFrame({"shop": [1]}), contract(one), tmp_path, {"shops": pl.DataFrame({"id": [1]})})


@pytest.mark.parametrize(("age", "stale"), [(timedelta(hours=24), 0), (timedelta(hours=24, seconds=1), 1), (None, 1)])
def test_freshness_is_the_age_of_the_newest_time(tmp_path: Path, age: timedelta | None, stale: int) -> None:
    newest = None if age is None else (NOW - age).replace(tzinfo=None)
    frame = pl.DataFrame({"at": [newest, None]}, schema={"at": pl.Datetime})
    levels = [{"property": "latency", "value": 24, "unit": "h", "element": "t.at"}]
    counts, lines, found = check(
        frame, contract({"name": "at", "logicalType": "timestamp"}, levels=levels), tmp_path, now=NOW
    )
    assert counts.get("at.freshness", 0) == stale
    assert (lines, found.failed_rows) == ([], 0)


def test_a_day_is_as_old_as_its_beginning(tmp_path: Path) -> None:
    levels = [{"property": "freshness", "value": 12, "unit": "h", "element": "at"}]
    made = contract({"name": "at", "logicalType": "date"}, levels=levels)
    assert check(pl.DataFrame({"at": [date(2026, 3, 1)]}), made, tmp_path, now=NOW)[0] == {}
    assert check(pl.DataFrame({"at": [date(2026, 2, 28)]}), made, tmp_path, now=NOW)[0] == {"at.freshness": 1}


@pytest.mark.parametrize("many", [duck.MANY, 0])
def test_surplus_rows_are_the_same_by_hashes_and_by_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(duck, "MANY", many)
    frame = pl.DataFrame({"a": ["x", "y", "x", None, "x", None, "z", "y"], "b": [1, 1, 1, 1, 2, 1, 1, 1]})
    table = {"quality": [{"metric": "duplicateValues", "arguments": {"properties": ["b", "a"]}}]}
    made = contract({"name": "a", "unique": True}, {"name": "b", "logicalType": "integer"}, **table)
    lines = check(frame, made, tmp_path)[1]
    assert lines == [
        (3, "a.unique", "x"), (3, "b.unique", "1 | x"), (5, "a.unique", "x"), (8, "a.unique", "y"), (8, "b.unique", "1 | y"),
    ]  # fmt: skip


def test_keys_with_equal_hashes_are_told_apart_by_their_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "write_hashes", _all_alike)
    frame = pl.DataFrame({"a": ["x", "y", "z", "y"]})
    assert check(frame, contract({"name": "a", "unique": True}), tmp_path)[1] == [(4, "a.unique", "y")]


def _all_alike(plan: Any, rows: streams.Rows, rules: Any, folder: Path) -> dict[int, Path]:
    import numpy as np

    for at in rules:
        np.save(folder / f"keys-{at}.npy", np.full(rows.count, 7, np.uint64))
    return {at: folder / f"keys-{at}.npy" for at in rules}


def test_a_bound_is_held_by_what_is_no_number_too(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1.0, float("nan"), 3.0]})
    made = contract({"name": "n", "logicalType": "number", "logicalTypeOptions": {"maximum": 5}})
    assert check(frame, made, tmp_path)[1] == [(2, "n.maximum", "nan")]


def test_one_metric_with_a_set_and_a_pattern_counts_a_value_once(tmp_path: Path) -> None:
    quality = {"metric": "invalidValues", "arguments": {"validValues": ["a", "b", "c1"], "pattern": "[a-z]"}}
    frame = pl.DataFrame({"a": ["a", "b", "c1", "d", "d1", None]})
    counts, lines, _ = check(frame, contract({"name": "a", "quality": [quality]}), tmp_path)
    assert counts == {"a.invalid_values": 3}
    assert [row for row, _, _ in lines] == [3, 4, 5]


def test_the_quarantine_holds_every_bad_row_once_with_all_its_reasons(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": ["x", "x", None, "toolong"], "n": [1, -1, -1, 1]})
    made = contract(
        {"name": "a", "unique": True, "required": True, "logicalTypeOptions": {"maxLength": 3}},
        {"name": "n", "logicalType": "integer", "logicalTypeOptions": {"minimum": 0}},
    )
    _, lines, found = check(frame, made, tmp_path)
    plan = compile_contract(made)
    assert found.quarantine is not None
    told = {
        row: {rule.id for at, rule in enumerate(plan.rules) if mask >> at & 1}
        for row, mask in pl.read_parquet(found.quarantine).iter_rows()
    }
    assert told == {2: {"a.unique", "n.minimum"}, 3: {"a.required", "n.minimum"}, 4: {"a.max_length"}}
    assert {row: {rule for at, rule, _ in lines if at == row} for row in told} == told


def test_a_table_of_parts_forgets_nothing_that_a_change_of_contract_needs(tmp_path: Path) -> None:
    pl.DataFrame({"n": [1, 5]}).write_parquet(tmp_path / "a.parquet")
    part = parts.Part(name="a", path=tmp_path / "a.parquet", digest="1")

    def known(maximum: int) -> tuple[bool, tuple[int, ...]]:
        one = {"name": "n", "logicalType": "integer", "logicalTypeOptions": {"maximum": maximum}}
        found = parts.check_parts(compile_contract(contract(one)), [part], tmp_path / "states")
        return found.parts[0].is_known, found.failures

    assert [known(4), known(4), known(6)] == [(False, (0, 1)), (True, (0, 1)), (False, (0, 0))]
