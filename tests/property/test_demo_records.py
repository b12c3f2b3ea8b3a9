"""Invariants of mistakes and of the order in which records lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.demo import lookup, mistakes

TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), min_size=1, max_size=20)


@given(texts=TEXTS, chance=st.floats(0, 1, exclude_max=True))
def test_swapped_keeps_the_letters_and_lost_loses_one(texts: list[str], chance: float) -> None:
    given_texts, where = np.array(texts, dtype=np.str_), np.full(len(texts), chance)
    for before, after in zip(texts, mistakes.make("swapped", given_texts, where), strict=True):
        assert sorted(before) == sorted(after)
        assert sum(a != b for a, b in zip(before, after, strict=True)) in (0, 2)
    for before, after in zip(texts, mistakes.make("lost", given_texts, where), strict=True):
        assert len(after) == len(before) - (len(before) >= 2)
        assert any(before[:at] + before[at + 1 :] == after for at in range(len(before))) or before == after


@pytest.mark.parametrize(
    ("mistake", "before", "after"),
    [
        ("capitals", "Groß GmbH", "GROSS GMBH"),
        ("shortened", "Mühlstraße 3", "Mühlstr. 3"),
        ("shortened", "12 Mill Road", "12 Mill Rd"),
        ("shortened", "Roth Druck GmbH", "Roth Druck"),
        ("missing", "anything", ""),
    ],
)
def test_mistakes_that_are_always_the_same(mistake: mistakes.Mistake, before: str, after: str) -> None:
    assert mistakes.make(mistake, np.array([before]), np.zeros(1)).tolist() == [after]


@given(key=st.integers(0, 2**64 - 1), total=st.integers(1, 3000))
def test_every_place_is_taken_once(key: int, total: int) -> None:
    places = lookup.scattered(key, np.arange(total), total)
    assert sorted(places) == list(range(total))
    assert lookup.gathered(key, places, total).tolist() == list(range(total))


@given(key=st.integers(0, 2**64 - 1))
def test_chances_are_spread_evenly(key: int) -> None:
    found = lookup.chances(key, np.arange(20_000))
    counts = np.histogram(found, bins=20, range=(0, 1))[0]
    assert ((counts - 1000) ** 2 / 1000).sum() < 75  # chi-square of 19 degrees: beyond in one of ten million
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.04
