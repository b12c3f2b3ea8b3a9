"""Every pair of rules of a kind, held to an oracle that counts: what may be said to be kept, and what must be called breaking."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from headway.catalog.evolving import diff
from headway.catalog.promises import implied, promises_of

MOST = 12
"""Rows of the tables that are counted through: enough for every tolerance below to bite at both ends."""
ROWS = [{"mustBe": n} for n in (0, 1)]
ROWS += [{"mustBeLessThan": n} for n in (1, 2, 4)] + [{"mustBeLessOrEqualTo": n} for n in (0, 1, 3)]
ROWS += [
    {"mustBeGreaterThan": 0},
    {"mustBeGreaterOrEqualTo": 1},
    {"mustNotBe": 1},
    {"mustBeBetween": [-1, 2]},
    {"mustBeBetween": [0, 3]},
]
PERCENT = [
    {"mustBe": 0},
    {"mustBeLessThan": 10},
    {"mustBeLessThan": 50},
    {"mustBeLessOrEqualTo": 25},
    {"mustBeGreaterThan": 20},
]
BEARS: list[dict[str, Any]] = [{}, *ROWS, *({**one, "unit": "percent"} for one in PERCENT)]


def contract(*properties: dict[str, Any], **table: Any) -> Any:
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "t", "version": "1.0.0", "status": "active",
        "schema": [{"name": "t", "properties": list(properties), **table}],
    }  # fmt: skip


def text(**said: Any) -> dict[str, Any]:
    return {"name": "x", "logicalType": "string", **said}


def rule(metric: str, bears: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return {"metric": metric, **({"arguments": arguments} if arguments else {}), **bears}


def keeps(old: Any, new: Any) -> bool:
    """Whether each promise of the old contract is said to be kept by the new one."""
    return all(implied(one, promises_of(new)) for one in promises_of(old))


def bears_it(bears: dict[str, Any], failed: int, rows: int) -> bool:
    """The oracle: an operator of the standard, read from its text, applied to a count of failures."""
    value = 100 * failed / rows if bears.get("unit") == "percent" else failed
    if not set(bears) - {"unit"}:
        return failed == 0
    [(operator, bound)] = [(key, one) for key, one in bears.items() if key != "unit"]
    return {
        "mustBe": lambda: value == bound,
        "mustNotBe": lambda: value != bound,
        "mustBeLessThan": lambda: value < bound,
        "mustBeLessOrEqualTo": lambda: value <= bound,
        "mustBeGreaterThan": lambda: value > bound,
        "mustBeGreaterOrEqualTo": lambda: value >= bound,
        "mustBeBetween": lambda: bound[0] < value < bound[1],
    }[operator]()


def is_kept(old: dict[str, Any], new: dict[str, Any], *, is_stricter: bool) -> bool:
    """Whether no table keeps the new tolerance and not the old one; a stricter condition fails as many rows or more."""
    return all(
        bears_it(old, fewer, rows)
        for rows in range(1, MOST + 1)
        for more in range(rows + 1)
        if bears_it(new, more, rows)
        for fewer in (range(more + 1) if is_stricter else (more,))
    )


# A rule, and one of the same kind that fails at least the same rows.
STRICTER = {
    "fewer values": (("invalidValues", {"validValues": ["a", "b"]}), ("invalidValues", {"validValues": ["a"]})),
    "a pattern beside values": (
        ("invalidValues", {"validValues": ["a", "b"]}),
        ("invalidValues", {"validValues": ["a", "b"], "pattern": "a+"}),
    ),
    "values beside a pattern": (
        ("invalidValues", {"pattern": "a+"}),
        ("invalidValues", {"validValues": ["a"], "pattern": "a+"}),
    ),
    "more words for missing": (
        ("missingValues", {"missingValues": [""]}),
        ("missingValues", {"missingValues": ["", "?"]}),
    ),
}
COUNTED = [(old, new) for old, new in product(BEARS, BEARS) if old != new]


@pytest.mark.parametrize("name", STRICTER)
def test_a_stricter_rule_keeps_a_looser_one_only_where_its_failures_are_borne_too(name: str) -> None:
    (metric, loose), (_, strict) = STRICTER[name]
    for old, new in product(BEARS, BEARS):
        pair = (
            contract(text(quality=[rule(metric, old, **loose)])),
            contract(text(quality=[rule(metric, new, **strict)])),
        )
        if keeps(*pair):
            assert is_kept(old, new, is_stricter=True), f"{name}: {old} is not kept by {new}"
            assert not diff(*pair).breaking, (old, new)


def test_what_is_plainly_kept_is_not_called_breaking() -> None:
    """The oracle alone would be content with an engine that calls everything breaking."""
    upper = [one for one in BEARS if not set(one) - {"mustBeLessThan", "mustBeLessOrEqualTo"} and one]
    for (metric, loose), (_, strict) in STRICTER.values():
        for old, new in product(upper, upper):
            pair = (
                contract(text(quality=[rule(metric, old, **loose)])),
                contract(text(quality=[rule(metric, new, **strict)])),
            )
            assert keeps(*pair) == (_bound(new) <= _bound(old)), (metric, old, new)
            assert diff(*pair).breaking == (_bound(new) > _bound(old)), (metric, old, new)


def _bound(bears: dict[str, Any]) -> tuple[int, bool]:
    """An upper bound that can be compared: the number, and whether it is within."""
    return (bears["mustBeLessThan"], False) if "mustBeLessThan" in bears else (bears["mustBeLessOrEqualTo"], True)


@pytest.mark.parametrize("metric", ["nullValues", "duplicateValues", "invalidValues"])
def test_the_same_rule_keeps_another_tolerance_only_where_it_bears_no_more(metric: str) -> None:
    arguments = {"validValues": ["a"]} if metric == "invalidValues" else {}
    for old, new in COUNTED:
        pair = tuple(contract(text(quality=[rule(metric, bears, **arguments)])) for bears in (old, new))
        if keeps(*pair):
            assert is_kept(old, new, is_stricter=False), f"{metric}: {old} is not kept by {new}"


@pytest.mark.parametrize(
    ("metric", "loose", "strict"),
    [
        ("invalidValues", {"validValues": ["a", "b"]}, {"validValues": ["a"]}),
        ("invalidValues", {"pattern": "a+"}, {"validValues": ["a"], "pattern": "a+"}),
        ("missingValues", {"missingValues": [""]}, {"missingValues": ["", "?"]}),
    ],
)
def test_a_looser_rule_never_keeps_a_stricter_one(metric: str, loose: dict[str, Any], strict: dict[str, Any]) -> None:
    for old, new in product(BEARS, BEARS):
        pair = (
            contract(text(quality=[rule(metric, old, **strict)])),
            contract(text(quality=[rule(metric, new, **loose)])),
        )
        assert diff(*pair).breaking or _bears_anything(old), (old, new)


def _bears_anything(bears: dict[str, Any]) -> bool:
    return all(bears_it(bears, failed, rows) for rows in range(1, MOST + 1) for failed in range(rows + 1))


COLUMNS = ("a", "b", "c")
GROUPS = [group for size in (1, 2, 3) for group in combinations(COLUMNS, size)]


NEIGHBOURS = [
    (("a", "b"), ("a",)),
    (("a",), ("a", "b")),
    (("a",), ("a",)),
    (("a", "b", "c"), ("b", "c")),
    (("a",), ("b",)),
]
SOME = [
    {},
    {"mustBe": 1},
    {"mustBeLessThan": 2},
    {"mustBeLessThan": 4},
    {"mustBeGreaterThan": 0},
    {"mustBeLessThan": 50, "unit": "percent"},
]


def keyed(group: tuple[str, ...], how: str, bears: dict[str, Any] | None = None) -> Any:
    plain = [{"name": name, "logicalType": "integer", "required": True} for name in COLUMNS]
    if how == "primaryKey":
        return contract(*({**one, "primaryKey": True} if one["name"] in group else one for one in plain))
    return contract(*plain, quality=[rule("duplicateValues", bears or {}, properties=list(group))])


@pytest.mark.parametrize(("old_how", "new_how"), list(product(("primaryKey", "rule"), repeat=2)))
def test_a_key_is_kept_by_a_key_of_some_of_its_columns_and_by_no_other(old_how: str, new_how: str) -> None:
    for old, new in product(GROUPS, GROUPS):
        found = diff(keyed(old, old_how), keyed(new, new_how))
        assert found.breaking == (not set(new) <= set(old)), (old, new)
        if old != new and not found.breaking:
            assert any(one.level == "compatible" for one in found.changes), (old, new)


def test_surplus_rows_of_a_key_are_borne_only_as_far_as_before() -> None:
    for (old, new), (before, after) in product(NEIGHBOURS, product(SOME, SOME)):
        pair = keyed(old, "rule", before), keyed(new, "rule", after)
        if keeps(*pair):
            assert set(new) <= set(old), (old, new)
            assert is_kept(before, after, is_stricter=old != new), (old, new, before, after)


LENGTHS = [(low, high) for low in (None, 0, 1, 2) for high in (None, 1, 2, 3)]


def sized(low: int | None, high: int | None) -> Any:
    options = {key: value for key, value in (("minLength", low), ("maxLength", high)) if value is not None}
    return contract(text(logicalTypeOptions=options))


def test_lengths_are_kept_exactly_where_each_bound_is_as_tight_or_tighter() -> None:
    for old, new in product(LENGTHS, LENGTHS):
        low = old[0] is None or (new[0] is not None and new[0] >= old[0])
        high = old[1] is None or (new[1] is not None and new[1] <= old[1])
        found = diff(sized(*old), sized(*new))
        assert found.breaking == (not (low and high)), (old, new)
        assert (found.bump == "none") == (old == new), (old, new)


PATTERNS = ("a+", "^a+$", "a*", "[ab]+", None)


def test_a_pattern_is_kept_by_itself_however_it_is_anchored_and_by_no_other() -> None:
    for old, new in product(PATTERNS, PATTERNS):
        said = [text(logicalTypeOptions={"pattern": one} if one else {}) for one in (old, new)]
        bare = [one.strip("^$") if one else None for one in (old, new)]
        found = diff(contract(said[0]), contract(said[1]))
        assert found.breaking == (bare[0] is not None and bare[0] != bare[1]), (old, new)
        other = contract({**said[1], "logicalType": "integer"}) if old else None
        if other is not None:
            assert not keeps(contract(said[0]), other), "the same pattern over another reading is another one"


LINKS = [(own, table, other) for own in ("a", "b") for table in ("shops", "people") for other in ("id", "key")]


def linked(*links: tuple[str, str, str]) -> Any:
    plain = [{"name": name, "logicalType": "integer"} for name in ("a", "b")]
    told = [{"type": "foreignKey", "from": [f"t.{own}"], "to": [f"{table}.{other}"]} for own, table, other in links]
    return contract(*plain, relationships=told)


def test_a_relationship_is_kept_by_the_same_one_alone() -> None:
    for old, new in product(LINKS, LINKS):
        assert diff(linked(old), linked(new)).breaking == (old != new), (old, new)
    for one, other in combinations(LINKS, 2):
        assert not diff(linked(one, other), linked(other, one)).breaking
        assert not diff(linked(one), linked(one, other)).breaking
        assert diff(linked(one, other), linked(one)).breaking


def test_columns_of_a_relationship_may_be_told_in_any_order_but_not_paired_otherwise() -> None:
    def pair(own: list[str], other: list[str]) -> Any:
        link = {"type": "foreignKey", "from": [f"t.{one}" for one in own], "to": [f"shops.{one}" for one in other]}
        plain = [{"name": name, "logicalType": "integer"} for name in ("a", "b")]
        return contract(*plain, relationships=[link])

    assert not diff(pair(["a", "b"], ["x", "y"]), pair(["b", "a"], ["y", "x"])).breaking
    assert diff(pair(["a", "b"], ["x", "y"]), pair(["a", "b"], ["y", "x"])).breaking
