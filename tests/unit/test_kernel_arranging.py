"""Lists that are worked out: narrowed, ordered, leafed through, and what they do not know."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.kernel.arranging import Offer, arrange
from headway.kernel.listing import BadListing, ListQuery


@dataclass(frozen=True)
class Row:
    name: str
    place: str
    size: int | None


OFFER: Offer[Row] = Offer(
    filters={"size": lambda one: () if one.size is None else (str(one.size),)},
    sorts={"size": lambda one: one.size, "name": lambda one: one.name},
    searched=lambda one: one.name,
    department=lambda one: one.place,
    key=lambda one: one.name,
    sort="name",
)
ROWS = st.lists(
    st.builds(Row, st.text("aBc", min_size=1, max_size=4), st.sampled_from(["sales", "hr"]), st.none() | st.integers(0, 3)),
    unique_by=lambda one: one.name,
    max_size=8,
)  # fmt: skip


@given(ROWS, st.booleans(), st.integers(1, 4), st.sampled_from(["", "b"]), st.sampled_from([None, frozenset(["hr"])]))
def test_pages_one_after_another_are_the_whole_list_in_order(
    rows: list[Row], descending: bool, size: int, search: str, within: frozenset[str] | None
) -> None:
    seen: list[Row] = []
    while True:
        asked = ListQuery(
            sort="size", descending=descending, limit=size, offset=len(seen), search=search, within=within
        )
        page = arrange(rows, OFFER, asked)
        seen += page.items
        if not page.items:
            break
    kept = [one for one in rows if search in one.name.lower() and (within is None or one.place in within)]
    assert sorted(seen, key=lambda one: one.name) == sorted(kept, key=lambda one: one.name)
    assert page.total == len(kept) and not page.is_more
    sizes = [one.size for one in seen if one.size is not None]
    assert sizes == sorted(sizes, reverse=descending)
    assert all(one.size is None for one in seen[len(sizes) :]), "what has none stands last"


def test_any_value_of_a_filter_is_enough_and_every_filter_counts() -> None:
    rows = [Row("a", "hr", 1), Row("b", "hr", 2), Row("c", "hr", None)]
    assert [one.name for one in arrange(rows, OFFER, ListQuery(filters={"size": ("1", "2")})).items] == ["a", "b"]
    assert arrange(rows, OFFER, ListQuery(filters={"size": ("1",)}, search="b")).items == ()


def test_everything_that_a_list_does_not_know_is_told_at_once() -> None:
    with pytest.raises(BadListing) as caught:
        arrange([], OFFER, ListQuery(sort="colour", filters={"shape": ("x",)}, limit=0, search="\0"))
    assert [one.column for one in caught.value.faults] == ["limit", "sort", "shape", "search"]
