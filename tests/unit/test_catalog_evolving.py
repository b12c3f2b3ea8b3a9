"""What changes between two contracts, held to what the compiled checks accept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.catalog.adapters import duck
from headway.catalog.checks import compile_contract
from headway.catalog.errors import InvalidContract
from headway.catalog.evolving import diff
from tests.factories.dose import examples

MISFITS = {"row": pl.Int64, "column": pl.String, "value": pl.String}
SCHEMA = {"n": pl.Int64, "t": pl.String, "k": pl.Int64}


def contract(*properties: dict[str, Any], version: str = "1.0.0", quality: list[Any] | None = None, **more: Any) -> Any:
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": version, "status": "active",
        "schema": [{"name": "t", "properties": list(properties), "quality": quality or []}], **more,
    }  # fmt: skip


def accepts(made: Any, frame: pl.DataFrame) -> bool:
    """The oracle: whether the compiled checks find nothing that the contract does not bear."""
    plan = compile_contract(made)
    with tempfile.TemporaryDirectory() as folder:
        frame.write_parquet(Path(folder) / "rows.parquet")
        found = duck.run(plan, Path(folder) / "rows.parquet", pl.DataFrame(schema=MISFITS), Path(folder))
    return all(rule.tolerance.holds(n, found.rows) for rule, n in zip(plan.rules, found.failures, strict=True))


bears = st.sampled_from(
    [
        {}, {"mustBe": 0}, {"mustBeLessThan": 2}, {"mustBeLessOrEqualTo": 1}, {"mustBeLessThan": 50, "unit": "percent"},
        {"mustBeLessOrEqualTo": 0, "unit": "percent"}, {"mustBeBetween": [-1, 2]}, {"mustBeBetween": [0, 3]}, {"mustNotBe": 1},
        {"mustBeGreaterThan": 0}, {"mustBe": 1}, {"mustBe": 0, "unit": "percent"},
    ]
)  # fmt: skip
bound = st.integers(-1, 3)


@st.composite
def number(draw: st.DrawFn, name: str) -> dict[str, Any]:
    options = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "minimum": bound, "maximum": bound, "exclusiveMinimum": bound, "exclusiveMaximum": bound,
                "multipleOf": st.integers(1, 4), "maxLength": st.integers(1, 2), "pattern": st.sampled_from(["[0-2]", "^[0-9]+$"]),
            },
        )
    )  # fmt: skip
    valid = {
        "metric": "invalidValues",
        "arguments": {"validValues": draw(st.sampled_from([[0, 1], [0, 1, 2.0], [2, None]]))},
    }
    rules = [valid, {"metric": "nullValues"}, {"metric": "duplicateValues"}]
    return {"name": name, "logicalType": "integer", "logicalTypeOptions": options, **draw(common(rules))}


@st.composite
def text(draw: st.DrawFn) -> dict[str, Any]:
    options = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "minLength": st.integers(0, 2), "maxLength": st.integers(0, 2), "format": st.sampled_from(["email", "ipv4"]),
                "pattern": st.sampled_from(["a+", "^a+$", "[ab]*"]),
            },
        )
    )  # fmt: skip
    values = st.sampled_from([["a"], ["a", "b"], ["", "a", "aa"]])
    valid = {"metric": "invalidValues", "arguments": {"validValues": draw(values)}}
    both = {"metric": "invalidValues", "arguments": {"validValues": draw(values), "pattern": "a+"}}
    words = {
        "metric": "missingValues",
        "arguments": {"missingValues": draw(st.sampled_from([[""], ["", "a"], [None]]))},
    }
    return {"name": "t", "logicalType": "string", "logicalTypeOptions": options, **draw(common([valid, both, words]))}


def common(rules: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    ruled = st.tuples(st.sampled_from(rules), bears).map(lambda pair: {**pair[0], **pair[1]})
    flags = {"required": st.booleans(), "unique": st.booleans(), "primaryKey": st.booleans()}
    return st.fixed_dictionaries({}, optional={**flags, "quality": st.lists(ruled, max_size=2)})


@st.composite
def contracts(draw: st.DrawFn) -> Any:
    table = st.sampled_from(
        [
            {"metric": "rowCount", "mustBeGreaterThan": 1}, {"metric": "rowCount", "mustBeBetween": [0, 4]},
            {"metric": "rowCount", "mustBeLessOrEqualTo": 2}, {"metric": "duplicateValues", "arguments": {"properties": ["n", "t"]}},
            {"metric": "duplicateValues", "arguments": {"properties": ["n"]}, "mustBeLessThan": 2},
        ]
    )  # fmt: skip
    columns = (
        draw(number("n")),
        draw(text()),
        {"name": "k", "logicalType": "integer", **draw(common([{"metric": "nullValues"}]))},
    )
    return contract(*columns, quality=draw(st.lists(table, max_size=2)))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two contracts that share most of what they say, as a contract and its successor do."""
    old, other = draw(contracts()), draw(contracts())
    taken = [draw(st.sampled_from([0, 0, 1])) for _ in range(4)]
    tables = old["schema"][0], other["schema"][0]
    mixed = [tables[side]["properties"][at] for at, side in enumerate(taken[:3])]
    return old, contract(*mixed, quality=tables[taken[3]]["quality"])


rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-1, 4)),
        st.one_of(st.none(), st.sampled_from(["", "a", "b", "aa", "a@b.c"])),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=4,
).map(lambda lines: pl.DataFrame(lines, schema=SCHEMA, orient="row"))


@pytest.mark.parametrize("seed", [0])
def test_the_oracle_tells_good_rows_from_bad(seed: int) -> None:
    made = contract(
        {"name": "n", "logicalType": "integer", "required": True},
        {"name": "t"},
        {"name": "k", "logicalType": "integer"},
    )
    assert accepts(made, pl.DataFrame([(seed, None, 1)], schema=SCHEMA, orient="row"))
    assert not accepts(made, pl.DataFrame([(None, None, 1)], schema=SCHEMA, orient="row"))


@settings(max_examples=examples(40))
@given(pairs(), st.lists(rows, min_size=8, max_size=8))
def test_what_lets_in_rows_that_were_refused_is_breaking(pair: tuple[Any, Any], frames: list[pl.DataFrame]) -> None:
    old, new = pair
    if diff(old, new).breaking:
        return
    for frame in frames:
        assert not accepts(new, frame) or accepts(old, frame), diff(old, new)


@given(pairs())
def test_what_one_way_loosens_the_other_way_tightens(pair: tuple[Any, Any]) -> None:
    there, back = diff(*pair).changes, diff(*reversed(pair)).changes
    opposite = {
        "removed": "added",
        "added": "removed",
        "loosened": "tightened",
        "tightened": "loosened",
        "changed": "changed",
    }

    def turned(kind: str) -> str:
        stem, _, verb = kind.rpartition("_")
        return f"{stem}_{opposite[verb]}"

    assert sorted((turned(one.kind), str(one.column), str(one.after), str(one.before)) for one in there) == sorted(
        (one.kind, str(one.column), str(one.before), str(one.after)) for one in back
    )
    for one in there:
        is_breaking = one.kind.endswith(("removed", "loosened", "changed")) and one.kind != "key_changed"
        assert (one.level == "breaking") is is_breaking


@given(contracts())
def test_a_contract_does_not_differ_from_itself(made: Any) -> None:
    found = diff(made, made)
    assert (found.changes, found.breaking, found.bump, found.fault) == ((), False, "none", None)


ID = {"name": "id", "logicalType": "integer", "primaryKey": True}


def changes(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[tuple[str, str]]:
    made = [contract(ID, *([{"name": "x", **one}] if one is not None else [])) for one in (old, new)]
    return [(one.kind, one.level) for one in diff(*made).changes]


ENUM = [{"metric": "invalidValues", "arguments": {"validValues": ["a", "b"]}, "mustBe": 0}]
WIDER = [{"metric": "invalidValues", "arguments": {"validValues": ["a", "b", "c"]}, "mustBe": 0}]
SQL = [{"type": "sql", "query": "SELECT 1", "mustBe": 0}]
ZONED = {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({}, None, [("column_removed", "breaking")]),
        (None, {}, [("column_added", "compatible")]),
        (None, {"required": True}, [("required_column_added", "compatible")]),
        ({"logicalType": "integer"}, {"logicalType": "number"}, [("type_widened", "breaking")]),
        ({"logicalType": "number"}, {"logicalType": "integer"}, [("type_narrowed", "compatible")]),
        ({"logicalType": "date"}, {}, [("type_changed", "breaking")]),
        (ZONED, {"logicalType": "timestamp"}, [("type_changed", "breaking")]),
        ({"required": True}, {}, [("required_removed", "breaking")]),
        ({"required": True}, {"quality": [{"metric": "nullValues", "mustBe": 0}]}, []),
        ({"quality": ENUM}, {"quality": WIDER}, [("values_loosened", "breaking")]),
        ({"quality": WIDER}, {"quality": ENUM}, [("values_tightened", "compatible")]),
        ({"quality": SQL}, {}, [("rule_removed", "breaking")]),
        ({}, {"quality": SQL}, [("rule_added", "compatible")]),
        ({"quality": [{**SQL[0], "description": "x"}]}, {"quality": SQL}, []),
        (
            {"logicalTypeOptions": {"maxLength": 3}},
            {"logicalTypeOptions": {"maxLength": 4}},
            [("max_length_loosened", "breaking")],
        ),
        ({"logicalTypeOptions": {"pattern": "^a$"}}, {"logicalTypeOptions": {"pattern": "a"}}, []),
        (
            {"logicalTypeOptions": {"pattern": "a"}},
            {"logicalTypeOptions": {"pattern": "b"}},
            [("pattern_changed", "breaking")],
        ),
        ({"logicalTypeOptions": {"format": "odd"}}, {}, [("option_removed", "breaking")]),
        ({"relationships": [{"to": "o.k"}]}, {}, [("reference_removed", "breaking")]),
        ({"relationships": [{"to": "o.k"}]}, {"relationships": [{"to": "schema/o/properties/k"}]}, []),
        ({"description": "x"}, {"description": "y"}, [("description_changed", "note")]),
        ({}, {"tags": ["a"]}, [("tags_changed", "note")]),
        ({"classification": "internal"}, {"classification": "restricted"}, [("classification_changed", "breaking")]),
        ({"classification": "restricted"}, {"classification": "internal"}, [("classification_changed", "note")]),
        (
            {"customProperties": [{"property": "unit", "value": "EUR"}]},
            {"customProperties": [{"property": "unit", "value": "USD"}]},
            [("unit_changed", "breaking")],
        ),
        ({"customProperties": [{"property": "observed", "value": 1}]}, {}, []),
    ],
)
def test_changes_of_a_column(
    old: dict[str, Any] | None, new: dict[str, Any] | None, told: list[tuple[str, str]]
) -> None:
    assert changes(old, new) == told


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("date", {"minimum": "2024-01-01"}, {"minimum": "2024-01-01T10:00"}, []),
        ("date", {"minimum": "2024-01-02"}, {"minimum": "2024-01-01"}, ["minimum_loosened"]),
        ("timestamp", {"maximum": "2024-01-01T00:00"}, {"maximum": "2024-01-01T00:00+00:00"}, ["maximum_changed"]),
        ("timestamp", {"maximum": "2024-01-01T01:00+01:00"}, {"maximum": "2024-01-01T00:00+00:00"}, []),
        ("number", {"minimum": 0}, {"exclusiveMinimum": 0}, ["minimum_tightened"]),
        ("number", {"exclusiveMinimum": 0}, {"minimum": 0.5}, ["minimum_tightened"]),
        ("number", {"multipleOf": 2}, {"multipleOf": 4}, ["multiple_of_changed"]),
        ("integer", {"multipleOf": 2}, {"multipleOf": 4}, ["multiple_of_tightened"]),
    ],
)
def test_bounds(kind: str, old: dict[str, Any], new: dict[str, Any], told: list[str]) -> None:
    one, other = ({"logicalType": kind, "logicalTypeOptions": options} for options in (old, new))
    assert [kind for kind, _ in changes(one, other)] == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (("latency", 24, "h"), ("freshness", "P1D", ""), []),
        (("latency", 24, "h"), ("ly", 2, "d"), ["service_level_loosened"]),
        (("latency", 24, "h"), ("latency", 60, "m"), ["service_level_tightened"]),
        (("retention", 2, "y"), ("retention", 300, "d"), ["service_level_loosened"]),
        (("availability", "99.5", "%"), ("availability", 99.9, "%"), ["service_level_tightened"]),
        (("availability", "99.5", "%"), ("availability", 0.999, ""), ["service_level_changed"]),
        (("endOfLife", "2030-01-01", ""), ("el", "2029-01-01", ""), ["service_level_loosened"]),
        (("support", "mail", ""), ("support", "phone", ""), ["service_level_changed"]),
        (("latency", 24, "h"), None, ["service_level_removed"]),
        (None, ("latency", 24, "h"), ["service_level_added"]),
    ],
)
def test_service_levels(old: tuple[Any, ...] | None, new: tuple[Any, ...] | None, told: list[str]) -> None:
    made = [
        contract(ID, slaProperties=[] if one is None else [dict(zip(("property", "value", "unit"), one, strict=True))])
        for one in (old, new)
    ]
    found = diff(*made)
    assert [one.kind for one in found.changes] == told
    assert found.breaking is any(kind.endswith(("loosened", "changed", "removed")) for kind in told)


@pytest.mark.parametrize(
    ("before", "after", "breaks", "fault"),
    [
        ("1.4.2", "2.0.0", True, None),
        ("1.4.2", "1.5.0", True, "need at least 2.0.0"),
        ("1.4.2", "1.5.0", False, None),
        ("1.4.2", "1.4.3", False, "need at least 1.5.0"),
        ("0.3.1", "0.4.0", True, None),
        ("0.3.1", "0.3.2", True, "need at least 0.4.0"),
        ("v1.0.0", "1.1.0", False, None),
        ("1.0.0", "next", False, "no semantic version"),
        ("2024-06", "2.0.0", False, "no semantic version"),
    ],
)
def test_the_version_must_say_so(before: str, after: str, breaks: bool, fault: str | None) -> None:
    old, new = contract(ID, version=before), contract(ID, {"name": "x"}, version=after)
    if breaks:
        old, new = contract(ID, {"name": "x"}, version=before), contract(ID, version=after)
    found = diff(old, new)
    assert found.bump == ("major" if breaks else "minor")
    assert (found.fault is None) if fault is None else fault in (found.fault or "")


def test_a_key_that_stays_unique_and_required_breaks_nothing() -> None:
    found = diff(contract(ID), contract({"name": "id", "logicalType": "integer", "unique": True, "required": True}))
    assert [(one.kind, one.level) for one in found.changes] == [("key_changed", "note")]
    assert (found.bump, found.version_needed) == ("patch", "1.0.1")


def test_words_of_the_whole_contract_and_a_renamed_table() -> None:
    new = contract(ID, status="deprecated", team={"name": "sales"})
    new["schema"][0]["name"] = "u"
    told = [(one.kind, one.before, one.after) for one in diff(contract(ID), new).changes]
    assert told == [
        ("table_renamed", "t", "u"),
        ("status_changed", "active", "deprecated"),
        ("team_changed", None, '[{"name":"sales"}]'),
    ]


def test_a_contract_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidContract, match="no regular expression"):
        diff(contract(ID), contract({"name": "x", "logicalTypeOptions": {"pattern": "("}}))


def test_many_pairs_are_not_breaking_so_that_the_oracle_is_asked() -> None:
    seen: list[bool] = []

    @given(pairs())
    def look(pair: tuple[Any, Any]) -> None:
        seen.append(diff(*pair).breaking)

    look()
    assert examples() / 10 <= seen.count(False) < len(seen)


def test_every_pair_of_bounds_and_tolerances_is_told_as_the_checks_accept() -> None:
    borne = [
        {"quality": [{"metric": "nullValues", **one}]}
        for one in ({}, {"mustBeLessThan": 2}, {"mustBe": 1}, {"mustBeLessThan": 3})
    ]
    options = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    bounds = [{"logicalTypeOptions": {option: value}} for option in options for value in (1, 2)]
    made = [contract({"name": "n", "logicalType": "integer", **one}) for one in ({}, *borne, *bounds)]
    frames = [
        pl.DataFrame({"n": lines}, schema={"n": pl.Int64}) for lines in ([0], [1], [2], [3], [None, 2], [None, None, 2])
    ]
    taken = [[accepts(one, frame) for frame in frames] for one in made]
    for old, before in zip(made, taken, strict=True):
        for new, after in zip(made, taken, strict=True):
            lets_in = any(now and not then for then, now in zip(before, after, strict=True))
            assert not lets_in or diff(old, new).breaking, (old, new)
