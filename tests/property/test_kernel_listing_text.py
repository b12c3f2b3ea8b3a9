"""A list's question survives the way through an address."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.kernel import listing_text
from headway.kernel.listing import BadListing, ListQuery

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12).filter(
    lambda name: name not in listing_text.OWN
)
VALUES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@given(
    st.builds(
        ListQuery,
        search=st.text(st.characters(codec="utf-8"), max_size=12),
        filters=st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3).map(tuple), max_size=3),
        sort=st.sampled_from(["title", "tier"]),
        descending=st.booleans(),
        offset=st.integers(0, 10_000),
        limit=st.integers(1, 1000),
    )
)
def test_a_question_written_is_read_the_same(asked: ListQuery) -> None:
    address = urlencode(listing_text.write(asked))
    assert listing_text.read(parse_qsl(address, keep_blank_values=True)) == asked


def test_an_empty_address_asks_for_the_start_of_everything() -> None:
    assert listing_text.read([]) == ListQuery()
    assert listing_text.write(ListQuery()) == []


def test_what_is_no_number_is_told_and_other_names_are_left_to_others() -> None:
    with pytest.raises(BadListing) as caught:
        listing_text.read([("offset", "-1"), ("limit", "²")])
    assert [fault.column for fault in caught.value.faults] == ["offset", "limit"]
    assert listing_text.read([("view", "board"), ("tier", ""), ("tier", "high")], besides=("view",)) == ListQuery(
        filters={"tier": ("high",)}
    )
