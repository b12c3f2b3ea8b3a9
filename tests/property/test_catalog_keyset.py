"""Keys found by bitmaps and a small table against plain counting."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.catalog.keyset import repeated
from tests.factories.dose import examples

# Values that share bits of the bitmaps and slots of the table, and 0, which is no key.
hashes = st.lists(
    st.integers(0, 6).map(lambda n: n << 40) | st.integers(1, 6) | st.integers(2**64 - 3, 2**64 - 1), max_size=30
)


@settings(max_examples=examples(100), deadline=None)
@given(hashes, st.lists(hashes, max_size=3))
def test_all_places_of_repeated_keys_are_found_and_no_others(new: list[int], earlier: list[list[int]]) -> None:
    here, there = repeated(np.array(new, np.uint64), [np.array(old, np.uint64) for old in earlier])
    counts = Counter(new) + Counter(value for old in earlier for value in old)
    wanted = [at for at, value in enumerate(new) if value and counts[value] > 1]
    assert here.tolist() == wanted
    mine = set(new)
    assert [places.tolist() for places in there] == [
        [at for at, value in enumerate(old) if value and value in mine] for old in earlier
    ]


def test_many_keys_are_looked_through() -> None:
    chance = np.random.default_rng(5)
    new = chance.integers(1, 2**63, 300_000).astype(np.uint64)
    new[250_000:250_100] = new[:100]
    old = chance.integers(1, 2**63, 200_000).astype(np.uint64)
    old[7] = new[150_000]
    here, (there,) = repeated(new, [old])
    assert here.tolist() == [*range(100), 150_000, *range(250_000, 250_100)]
    assert there.tolist() == [7]
