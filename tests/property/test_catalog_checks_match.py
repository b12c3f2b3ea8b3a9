"""Compiled checks against an independent implementation in Polars and plain Python."""

from __future__ import annotations

import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.catalog.adapters import duck, files
from headway.catalog.checks import compile_contract
from tests.factories.dose import examples

KINDS = {"code": "string", "amount": "number", "size": "integer", "day": "date"}
MISFITS = {"row": pl.Int64, "column": pl.String, "value": pl.String}


@st.composite
def contracts(draw: st.DrawFn) -> dict[str, Any]:
    """A contract with any of the rules over four columns."""
    chance = st.booleans()
    properties: list[dict[str, Any]] = []
    for name, kind in KINDS.items():
        one: dict[str, Any] = {"name": name, "logicalType": kind}
        if draw(chance):
            one["required"] = True
        if draw(chance):
            one["unique"] = True
        options: dict[str, Any] = {}
        if kind in ("number", "integer") and draw(chance):
            options |= {"minimum": draw(st.integers(-5, 3)), "exclusiveMaximum": draw(st.integers(3, 9))}
        if kind == "date" and draw(chance):
            options |= {"minimum": "2024-01-05"}
        if kind == "string" and draw(chance):
            options |= {"pattern": draw(st.sampled_from(["^[a-c]+$", "[0-9]{2}", "a|bb", "^x$|^y"]))}
        if kind == "string" and draw(chance):
            options |= {"minLength": 1, "maxLength": draw(st.integers(1, 3))}
        if options:
            one["logicalTypeOptions"] = options
        if kind in ("string", "integer") and draw(chance):
            values = ["a", "bb", "12"] if kind == "string" else [0, 1, 5]
            one["quality"] = [{"metric": "invalidValues", "arguments": {"validValues": values}, "mustBe": 0}]
        properties.append(one)
    table: dict[str, Any] = {"name": "t", "properties": properties}
    if draw(chance):
        table["quality"] = [{"metric": "duplicateValues", "arguments": {"properties": ["code", "size"]}, "mustBe": 0}]
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "t",
        "version": "1.0.0",
        "status": "active",
        "schema": [table],
    }


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.none() | st.sampled_from(["a", "b", "bb", "abc", "12", "x", "y z", "", "ä'\"\n"]),
            "amount": st.none() | st.sampled_from([-6.0, -1.5, 0.0, 2.5, 3.0, 8.999, 9.0]),
            "size": st.none() | st.integers(-6, 9),
            "day": st.none() | st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 1, 9)),
        }
    ),
    min_size=1,
    max_size=25,
)


def expected(frame: pl.DataFrame, contract: dict[str, Any]) -> set[tuple[int, str, str]]:
    """All failures as (row, column, rule), found without SQL."""
    found: set[tuple[int, str, str]] = set()
    table = contract["schema"][0]

    def add(column: str, rule: str, failing: pl.Series) -> None:
        found.update((row + 1, column, rule) for row in failing.fill_null(False).arg_true().to_list())

    def surplus(names: list[str]) -> pl.Series:
        there = frame.select(pl.all_horizontal(pl.col(names).is_not_null())).to_series()
        return there & ~frame.select(pl.struct(names).is_first_distinct()).to_series()

    for one in table["properties"]:
        name, options = one["name"], one.get("logicalTypeOptions", {})
        values = frame[name]
        if one.get("required"):
            add(name, "required", values.is_null())
        if one.get("unique"):
            add(name, "unique", surplus([name]))
        if "minimum" in options:
            bound = options["minimum"]
            add(name, "minimum", values < (pl.Series([bound]).str.to_date()[0] if name == "day" else bound))
        if "exclusiveMaximum" in options:
            add(name, "exclusive_maximum", values >= options["exclusiveMaximum"])
        if "minLength" in options:
            add(name, "min_length", values.str.len_chars() < options["minLength"])
            add(name, "max_length", values.str.len_chars() > options["maxLength"])
        if "pattern" in options:
            pattern = re.compile(options["pattern"])
            failing = [v is not None and not pattern.fullmatch(v) for v in values]
            add(name, "pattern", pl.Series(failing))
        for quality in one.get("quality", []):
            closed = quality["arguments"]["validValues"]
            add(name, "enum", values.is_not_null() & ~values.is_in(closed))
    for quality in table.get("quality", []):
        names = quality["arguments"]["properties"]
        add(names[0], "unique", surplus(names))
    return found


def checked(frame: pl.DataFrame, contract: dict[str, Any]) -> tuple[set[tuple[int, str, str]], duck.Found, list[int]]:
    plan = compile_contract(contract)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        frame.with_row_index(files.ROW, offset=1).write_parquet(work / "staged.parquet")
        found = duck.run(plan, work / "staged.parquet", pl.DataFrame(schema=MISFITS), work)
        lines = (
            pl.read_parquet(found.faults)
            if found.faults
            else pl.DataFrame(schema={"row": pl.Int64, "rule": pl.Int32, "value": pl.String})
        )
    failures = {(row, plan.rules[at].column or "", plan.rules[at].rule) for row, at, _ in lines.iter_rows()}
    return failures, found, lines["row"].unique().to_list()


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, contracts())
def test_duckdb_finds_what_polars_finds(rows: list[dict[str, Any]], contract: dict[str, Any]) -> None:
    schema = {"code": pl.String, "amount": pl.Float64, "size": pl.Int64, "day": pl.Date}
    frame = pl.DataFrame(rows, schema=schema)
    failures, found, bad = checked(frame, contract)
    wanted = expected(frame, contract)
    assert failures == wanted
    assert found.rows == frame.height
    assert found.failed_rows == len({row for row, _, _ in wanted}) == len(bad)


@settings(max_examples=examples(12), deadline=None)
@given(st.integers(1, 90), st.integers(1, 40))
def test_more_rules_than_one_mask_holds_are_all_found(columns: int, rows: int) -> None:
    names = [f"n{at}" for at in range(columns)]
    contract = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": "1", "status": "active",
        "schema": [{"name": "t", "properties": [
            {"name": name, "logicalType": "integer", "required": True, "logicalTypeOptions": {"maximum": at % 3}}
            for at, name in enumerate(names)
        ]}],
    }  # fmt: skip
    frame = pl.DataFrame(
        {
            name: [None if (row + at) % 5 == 0 else (row * at) % 4 for row in range(rows)]
            for at, name in enumerate(names)
        }
    )
    failures, found, _ = checked(frame.cast(pl.Int64), contract)
    wanted = {
        (row + 1, name, rule)
        for at, name in enumerate(names)
        for row in range(rows)
        for rule, fails in (
            ("required", (row + at) % 5 == 0),
            ("maximum", (row + at) % 5 != 0 and (row * at) % 4 > at % 3),
        )
        if fails
    }
    assert failures == wanted
    assert found.fault_count == len(wanted)
