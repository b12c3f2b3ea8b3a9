"""The operators of ODCS 3.1, each with the number on, below and above its bound (data quality, "Valid Properties for Operator")."""

from __future__ import annotations

from typing import Any

import pytest
from open_data_contract_standard.model import DataQuality

from headway.catalog.errors import InvalidContract
from headway.catalog.tolerance import NONE_AT_ALL, tolerance_of

ROWS = 200


def bears(failures: int, rows: int = ROWS, **operators: Any) -> bool:
    return tolerance_of(DataQuality(metric="nullValues", **operators), "a").holds(failures, rows)


@pytest.mark.parametrize(
    ("operators", "borne"),
    [
        ({"mustBe": 5}, {4: False, 5: True, 6: False}),
        ({"mustNotBe": 5}, {4: True, 5: False, 6: True}),
        ({"mustBeGreaterThan": 5}, {5: False, 6: True}),
        ({"mustBeGreaterOrEqualTo": 5}, {4: False, 5: True}),
        ({"mustBeLessThan": 5}, {4: True, 5: False}),
        ({"mustBeLessOrEqualTo": 5}, {5: True, 6: False}),
        ({"mustBeBetween": [2, 5]}, {2: False, 3: True, 4: True, 5: False}),
        ({"mustNotBeBetween": [2, 5]}, {2: True, 3: False, 4: False, 5: True}),
        ({"mustBeGreaterThan": 2, "mustBeLessThan": 5}, {2: False, 3: True, 4: True, 5: False}),
        ({"mustBeGreaterOrEqualTo": 2, "mustNotBe": 4}, {1: False, 2: True, 4: False, 5: True}),
        ({"mustBe": 2, "unit": "percent"}, {3: False, 4: True, 5: False}),
        ({"mustBe": 2, "unit": "rows"}, {2: True, 4: False}),
        ({"mustBeLessThan": 1, "unit": "percent"}, {1: True, 2: False}),
        ({"mustBeLessOrEqualTo": 0.5, "unit": "percent"}, {1: True, 2: False}),
        ({"mustBeBetween": [1, 2], "unit": "percent"}, {2: False, 3: True, 4: False}),
        ({}, {0: True, 1: False}),
    ],
)
def test_an_operator_bears_what_its_sign_says(operators: dict[str, Any], borne: dict[int, bool]) -> None:
    assert {failures: bears(failures, **operators) for failures in borne} == borne


def test_between_is_greater_than_and_less_than_as_the_standard_writes() -> None:
    both = {"mustBeGreaterThan": 0, "mustBeLessThan": 100}
    for failures in (0, 1, 99, 100):
        assert bears(failures, mustBeBetween=[0, 100]) is bears(failures, **both)


def test_of_no_rows_no_per_cent_fail() -> None:
    assert bears(0, rows=0, mustBeLessThan=1, unit="percent")


def test_a_share_that_a_float_cannot_hold_is_compared_as_written() -> None:
    assert bears(1, rows=1000, mustBe=0.1, unit="percent")
    assert bears(7, rows=1000, mustBeLessOrEqualTo=0.7, unit="percent")


def test_a_rule_without_an_operator_bears_nothing() -> None:
    assert tolerance_of(DataQuality(metric="nullValues"), "a") == NONE_AT_ALL


@pytest.mark.parametrize(
    ("operators", "words"),
    [
        ({"mustBe": "few"}, "no number"),
        ({"mustBe": True}, "no number"),
        ({"mustBeLessThan": float("inf")}, "no number"),
        ({"mustBeBetween": [5, 2]}, "wrong order"),
        ({"mustNotBeBetween": [2, 2]}, "wrong order"),
        ({"mustBe": 1, "unit": "furlongs"}, "not known"),
    ],
)
def test_what_makes_no_sense_is_refused(operators: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidContract, match=words):
        tolerance_of(DataQuality(metric="nullValues", **operators), "a")
