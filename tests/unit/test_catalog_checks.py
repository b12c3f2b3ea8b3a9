"""Compiling contracts: what counts, what is borne, what is refused."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from headway.catalog.adapters import duck, files
from headway.catalog.checks import Tolerance, compile_contract
from headway.catalog.errors import InvalidContract


def contract(*properties: dict[str, Any], **table: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "t",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "t", "properties": list(properties), **table}],
    }


def faults(
    frame: pl.DataFrame, made: dict[str, Any], misfits: list[tuple[int, str, str]] | None = None
) -> list[tuple[Any, ...]]:
    plan = compile_contract(made)
    given = pl.DataFrame(misfits or [], schema={"row": pl.Int64, "column": pl.String, "value": pl.String}, orient="row")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        frame.with_row_index(files.ROW, offset=1).write_parquet(work / "staged.parquet")
        found = duck.run(plan, work / "staged.parquet", given, work)
        lines = pl.read_parquet(found.faults).rows() if found.faults else []
    return [(row, plan.rules[at].id, value) for row, at, value in lines]


def test_uniqueness_fails_every_row_but_the_first_and_never_missing_values() -> None:
    frame = pl.DataFrame({"a": ["x", None, "x", None, "y", "x"]})
    assert faults(frame, contract({"name": "a", "unique": True})) == [(3, "a.unique", "x"), (6, "a.unique", "x")]


def test_a_key_of_two_columns_is_required_and_unique_together() -> None:
    frame = pl.DataFrame({"a": [1, 1, 1, None], "b": ["x", "y", "x", "x"]})
    key = {"primaryKey": True}
    made = contract(
        {"name": "a", "logicalType": "integer", "primaryKeyPosition": 1, **key},
        {"name": "b", "primaryKeyPosition": 2, **key},
    )
    assert faults(frame, made) == [(3, "a.primary_key", "1 | x"), (4, "a.required", None)]


def test_a_misfit_is_told_as_a_fault_of_type_and_not_as_missing() -> None:
    frame = pl.DataFrame({"n": [1, None, None]})
    made = contract({"name": "n", "logicalType": "integer", "required": True})
    assert faults(frame, made, [(2, "n", "many")]) == [(2, "n.type", "many"), (3, "n.required", None)]


def test_words_for_missing_of_a_contract_fail_missing_values() -> None:
    quality = {"metric": "missingValues", "arguments": {"missingValues": ["", None, "n/a"]}, "mustBe": 0}
    frame = pl.DataFrame({"a": ["x", "n/a", None]})
    assert faults(frame, contract({"name": "a", "quality": [quality]})) == [
        (2, "a.missing_values", "n/a"),
        (3, "a.missing_values", None),
    ]


def test_names_and_values_of_any_signs_are_bound_not_pasted() -> None:
    name = "a\"; DROP TABLE rows_of_file; --'$p0"
    quality = {"metric": "invalidValues", "arguments": {"validValues": ["it's", '"$p1"']}, "mustBe": 0}
    frame = pl.DataFrame({name: ["it's", '"$p1"', "'); DROP"]})
    assert faults(frame, contract({"name": name, "quality": [quality]})) == [(3, f"{name}.enum", "'); DROP")]


def test_dates_and_times_have_bounds() -> None:
    frame = pl.DataFrame(
        {"d": ["2024-01-01", "2023-12-31"], "t": ["2024-01-01T10:00", "2024-01-01T12:00"]}
    ).with_columns(pl.col("d").str.to_date(), pl.col("t").str.to_datetime())
    made = contract(
        {"name": "d", "logicalType": "date", "logicalTypeOptions": {"minimum": "2024-01-01"}},
        {"name": "t", "logicalType": "timestamp", "logicalTypeOptions": {"maximum": "2024-01-01T11:00:00"}},
    )
    assert faults(frame, made) == [(2, "d.minimum", "2023-12-31"), (2, "t.maximum", "2024-01-01 12:00:00")]


def test_formats_and_multiples_are_checked() -> None:
    frame = pl.DataFrame({"u": ["f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "x"], "n": [0.3, 0.35]})
    made = contract(
        {"name": "u", "logicalTypeOptions": {"format": "uuid"}},
        {"name": "n", "logicalType": "number", "logicalTypeOptions": {"multipleOf": 0.1}},
    )
    assert faults(frame, made) == [(2, "u.format", "x"), (2, "n.multiple_of", "0.35")]


@pytest.mark.parametrize(
    ("operator", "failures", "holds"),
    [
        ({}, 0, True),
        ({}, 1, False),
        ({"mustBe": 0}, 1, False),
        ({"mustBeLessThan": 3}, 2, True),
        ({"mustBeLessThan": 3}, 3, False),
        ({"mustBeLessOrEqualTo": 3}, 3, True),
        ({"mustBeLessThan": 5, "unit": "percent"}, 49, True),
        ({"mustBeLessThan": 5, "unit": "percent"}, 50, False),
        ({"mustBeBetween": [1, 4]}, 0, False),
        ({"mustNotBeBetween": [1, 4]}, 0, True),
        ({"mustBeGreaterThan": 2, "mustBeLessThan": 9}, 2, False),
    ],
)
def test_a_rule_bears_what_the_contract_says(operator: dict[str, Any], failures: int, holds: bool) -> None:
    made = contract({"name": "a", "quality": [{"metric": "nullValues", **operator}]})
    rule = next(rule for rule in compile_contract(made).rules if rule.rule == "null_values")
    assert rule.tolerance.holds(failures, 1000) is holds


def test_the_number_of_rows_is_a_rule_of_the_table() -> None:
    made = contract({"name": "a"}, quality=[{"metric": "rowCount", "mustBeBetween": [2, 5]}])
    rule = compile_contract(made).rules[-1]
    assert (rule.id, rule.tolerance) == (
        "table.rows",
        Tolerance(low=2, high=5, open_low=True, open_high=True),
    )


def test_what_needs_more_than_the_rows_is_skipped_and_named() -> None:
    made = contract(
        {
            "name": "a",
            "relationships": [{"to": "b.id"}],
            "quality": [{"type": "sql", "query": "SELECT 1", "mustBe": 0}],
        },
    ) | {"slaProperties": [{"property": "freshness", "value": 24, "unit": "h"}]}
    assert compile_contract(made).skipped == (
        "service level freshness: needs more than the rows of one file",
        "a: rules of type sql are not run",
        "a: relationships need the other table",
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({"logicalTypeOptions": {"pattern": "("}}, "regular expression"),
        ({"logicalTypeOptions": {"minimum": 3}}, "no meaning"),
        ({"logicalType": "integer", "logicalTypeOptions": {"minimum": "three"}}, "no number"),
        ({"logicalType": "date", "logicalTypeOptions": {"minimum": "soon"}}, "no date"),
        ({"quality": [{"metric": "beauty"}]}, "no metric"),
        ({"quality": [{"metric": "invalidValues"}]}, "needs validValues"),
        ({"quality": [{"metric": "invalidValues", "arguments": {"validValues": []}}]}, "empty"),
        ({"quality": [{"metric": "rowCount", "mustBe": 1}]}, "rule of a table"),
        ({"quality": [{"metric": "nullValues", "mustBe": "few"}]}, "no number"),
    ],
)
def test_rules_without_sense_are_refused(one: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidContract, match=words):
        compile_contract(contract({"name": "a", **one}))


def test_two_rules_of_one_name_have_two_ids() -> None:
    quality = [{"metric": "nullValues", "mustBe": 0}, {"metric": "nullValues", "mustBeLessThan": 5}]
    made = compile_contract(contract({"name": "a", "quality": quality}))
    assert [rule.id for rule in made.rules] == ["a.type", "a.null_values", "a.null_values.2"]
