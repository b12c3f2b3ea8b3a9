"""Contracts inferred from data: they catch what is wrong and let tomorrow's data pass."""

from __future__ import annotations

from typing import Any, cast

import polars as pl
import pytest
from open_data_contract_standard.model import OpenDataContractStandard

from headway.catalog import contract as odcs
from headway.catalog.entities import Kind, Roles
from headway.catalog.inference import Origin, infer, positive_of, with_roles
from headway.catalog.profile import profile

NO_ROLES = Roles(label=None, positive=None, time=None, subject=None, exclude=())
ORIGIN = Origin(
    slug="sales.leads", name="leads", department="sales", filename="leads.csv", location="products.sales.leads"
)


def kind_of(values: pl.Series) -> Kind:
    if values.dtype == pl.Boolean:
        return "boolean"
    return "integer" if values.dtype.is_integer() else "number" if values.dtype.is_float() else "string"


def inferred(frame: pl.DataFrame, roles: Roles = NO_ROLES) -> dict[str, object]:
    profiles = profile(frame.lazy(), {name: kind_of(frame[name]) for name in frame.columns}, frame.height)
    return infer(profiles, roles, ORIGIN)


def column(values: list[Any], name: str = "v", roles: Roles = NO_ROLES) -> dict[str, Any]:
    contract = inferred(pl.DataFrame({name: values}, strict=False), roles)
    table: Any = contract["schema"]
    return cast("dict[str, Any]", table[0]["properties"][0])


def closed(one: dict[str, Any]) -> list[Any] | None:
    return one["quality"][0]["arguments"]["validValues"] if "quality" in one else None


def test_no_missing_value_in_a_hundred_rows_makes_a_column_required() -> None:
    assert column(["a", "b"] * 50)["required"] is True
    assert "required" not in column(["a", "b"] * 49)
    assert "required" not in column([*["a", "b"] * 500, None])


def test_frequent_values_are_a_closed_set() -> None:
    assert closed(column(["web", "fair", "phone"] * 40)) == ["fair", "phone", "web"]


@pytest.mark.parametrize(
    "values",
    [
        ["web", "fair"] * 15 + ["once"],
        [f"v{n}" for n in range(60)] * 100,
        ["web"] * 1000 + ["fair"] * 100,
        ["web"] * 100,
        list(range(3)) * 100,
    ],
    ids=["a value seen once", "many values", "a value that came late", "one value", "whole numbers"],
)
def test_sets_that_may_still_grow_stay_open(values: list[Any]) -> None:
    assert closed(column(values)) is None


def test_months_and_weekdays_are_closed_to_all_of_them() -> None:
    assert len(closed(column(["may", "jun", "nov"] * 40)) or []) == 12
    assert len(closed(column(["Monday", "Friday"] * 40)) or []) == 7


def test_a_label_is_always_closed_and_required() -> None:
    roles = Roles(label="won", positive="yes", time=None, subject=None, exclude=())
    one = column(["yes", "no", "no"], "won", roles)
    assert (closed(one), one["required"]) == (["no", "yes"], True)
    assert one["customProperties"][:2] == [
        {"property": "role", "value": "label"},
        {"property": "positive", "value": "yes"},
    ]


@pytest.mark.parametrize(
    ("name", "values", "options"),
    [
        ("age", list(range(18, 98)), {"minimum": 0, "maximum": 130}),
        ("customer_age", list(range(18, 98)), {"minimum": 0, "maximum": 130}),
        ("visits", list(range(5)) * 300, {"minimum": 0}),
        ("clicks", [3, 4] * 10, {"minimum": 0}),
        ("zero_or_more", [0, 1, 2, 30] * 300, {"minimum": 0}),
        ("discount_pct", [0.0, 12.5, 80.0] * 40, {"minimum": 0, "maximum": 100}),
        ("rate", [0.634, 5.045] * 600, None),
        ("balance", [-5, 10] * 600, None),
        ("score", [40, 97] * 600, None),
        ("temperature", [1.5, 30.0] * 600, None),
        ("pct", [-3.0, 120.0] * 60, None),
    ],
)
def test_ranges_are_those_the_meaning_gives(name: str, values: list[float], options: dict[str, float] | None) -> None:
    assert column(values, name).get("logicalTypeOptions") == options


def test_what_was_observed_is_kept_but_is_no_rule() -> None:
    observed = column([0.634, 5.045] * 100, "rate")["customProperties"][-1]
    assert observed["property"] == "observed"
    assert (observed["value"]["minimum"], observed["value"]["maximum"]) == (0.634, 5.045)


def test_extremes_of_restricted_columns_are_not_told() -> None:
    one = column(list(range(19_000_101, 19_000_301)), "date_of_birth")
    assert one["classification"] == "restricted"
    assert "minimum" not in one["customProperties"][-1]["value"]


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        ([f"L-{n:05d}" for n in range(200)], "^L\\-[0-9]{5}$"),
        ([f"INV{n}" for n in range(900, 1100)], "^INV[0-9]+$"),
        ([f"{'AB'[n % 2]}{n}/x" for n in range(100, 200)], "^[A-Z]+[0-9]+/x$"),
        ([f"name{'abcdefghij'[n % 10]}" for n in range(200)], None),
        ([f"{n} Main Street" for n in range(200)], None),
        ([f"A{n}" for n in range(99)] + ["B-1"], None),
        ([f"A{n}" for n in range(30)], None),
    ],
)
def test_codes_of_one_shape_have_a_pattern(values: list[str], pattern: str | None) -> None:
    assert column(values).get("logicalTypeOptions", {}).get("pattern") == pattern


def test_identifiers_are_unique_and_the_subject_is_the_key() -> None:
    frame = pl.DataFrame(
        {"lead_id": range(200), "customer_id": [f"c{n}" for n in range(200)], "salary": range(1000, 1200)}
    )
    roles = Roles(label=None, positive=None, time=None, subject="customer_id", exclude=())
    properties = odcs.table_of(inferred(frame, roles)).properties or []
    assert [(one.name, one.unique, one.primaryKey) for one in properties] == [
        ("lead_id", True, None),
        ("customer_id", True, True),
        ("salary", None, None),
    ]


def test_personal_data_is_tagged() -> None:
    one = column([f"p{n}@example.org" for n in range(200)], "contact")
    assert one["tags"] == ["personal-data", "personal-data:email"]
    assert one["classification"] == "restricted"
    assert "@" in one["logicalTypeOptions"]["pattern"]


def test_the_same_data_give_the_same_contract_and_it_is_odcs() -> None:
    frame = pl.DataFrame({"a": ["x", "y"] * 100, "n": range(200), "f": [0.5, None] * 100, "b": [True, False] * 100})
    first, second = inferred(frame), inferred(frame)
    assert odcs.contract_digest(first) == odcs.contract_digest(second)
    assert odcs.checked(first) == first
    assert OpenDataContractStandard.from_string(odcs.to_yaml(first)).id == "sales.leads"


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["yes", "no"], "yes"),
        ([1, 0], "1"),
        ([True, False], "true"),
        (["good", "bad"], None),
        (["yes", "no", "maybe"], None),
    ],
)
def test_success_is_told_where_it_is_plain(values: list[Any], positive: str | None) -> None:
    series = pl.Series("y", values)
    (one,) = profile(series.to_frame().lazy(), {"y": kind_of(series)}, len(values))
    assert positive_of(one) == positive


def test_other_roles_raise_the_version_and_the_same_do_not() -> None:
    contract = inferred(pl.DataFrame({"a": [1, 2], "y": ["n", "y"]}))
    roles = Roles(label="y", positive="y", time=None, subject=None, exclude=("a",))
    made = with_roles(contract, roles)
    assert made["version"] == "1.1.0"
    assert odcs.roles_of(made) == roles
    assert with_roles(made, roles) == made
