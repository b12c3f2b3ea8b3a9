"""Profiles merge without loss in any order and grouping, and measures of distance are SciPy's and NumPy's."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from headway import numerics
from headway.kernel.canonical import canonical_json
from headway.numerics import Reference, Ruler, Tally
from headway.numerics.divergence import FEWEST_EXPECTED
from tests.factories.dose import IS_FULL, examples

numbers = st.one_of(st.floats(-1e12, 1e12), st.just(math.nan), st.sampled_from([0.0, 1.0, -0.0, 1e300]))
columns = st.lists(numbers, max_size=60).map(lambda values: np.array(values, dtype=np.float64))
codes = st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, 7.0, math.nan, numerics.UNSEEN]), max_size=60).map(np.array)
counts = st.lists(st.integers(0, 1000), min_size=2, max_size=12)


def reference_of(numbers: np.ndarray, labels: tuple[str, ...] = ("a", "b", "c")) -> Reference:
    rulers = {"amount": numerics.number_ruler(numbers), "kind": numerics.category_ruler(labels)}
    score_ruler = Ruler(kind="number", edges=(0.25, 0.5, 0.75))
    empty = Reference(
        rulers=rulers,
        score_ruler=score_ruler,
        profile=numerics.Profile(
            rows=0,
            inputs={name: numerics.empty_tally(ruler) for name, ruler in rulers.items()},
            scores=numerics.empty_tally(score_ruler),
        ),
    )
    known = np.zeros(len(numbers))
    made = numerics.profile_rows(empty, {"amount": numbers, "kind": known}, known)
    return Reference(rulers=rulers, score_ruler=score_ruler, profile=made)


@settings(max_examples=examples())
@given(columns, columns, columns, columns)
def test_numbers_merge_exactly_in_any_order_and_grouping(
    sample: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray
) -> None:
    ruler = numerics.number_ruler(sample)
    one, two, three = (numerics.tally(ruler, part) for part in (a, b, c))
    merge = numerics.merge_tallies
    whole = numerics.tally(ruler, np.concatenate([a, b, c]))
    assert merge(merge(one, two), three) == merge(one, merge(two, three)) == merge(three, merge(two, one)) == whole
    assert merge(whole, numerics.empty_tally(ruler)) == whole
    assert whole.rows == len(a) + len(b) + len(c)


@settings(max_examples=examples())
@given(codes, codes)
def test_categories_merge_exactly_and_unseen_ones_have_their_place(a: np.ndarray, b: np.ndarray) -> None:
    ruler = numerics.category_ruler(("x", "y", "z", "w"), top=3)
    merged = numerics.merge_tallies(numerics.tally(ruler, a), numerics.tally(ruler, b))
    both = np.concatenate([a, b])
    assert merged == numerics.tally(ruler, both)
    assert merged.counts[:3] == tuple(int((both == code).sum()) for code in (0, 1, 2))
    assert merged.counts[3] == int((both >= 3).sum()), "what is listed beyond the top is laid together"
    assert merged.counts[4] == int(np.isneginf(both).sum())
    assert merged.nulls == int(np.isnan(both).sum())


@settings(max_examples=examples())
@given(columns, columns)
def test_a_tally_is_what_numpy_counts(sample: np.ndarray, values: np.ndarray) -> None:
    ruler = numerics.number_ruler(sample)
    made = numerics.tally(ruler, values)
    known = values[~np.isnan(values)]
    bounds = [-math.inf, *ruler.edges, math.inf]
    wanted = [int(((known > low) & (known <= high)).sum()) for low, high in pairwise(bounds)]
    assert list(made.counts) == wanted
    assert made.nulls == len(values) - len(known)


@settings(max_examples=examples())
@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=2, max_size=50))
def test_moments_are_numpys_to_a_step(values: list[float]) -> None:
    array = np.array(values)
    ruler = numerics.number_ruler(array)
    found = numerics.moments(ruler, numerics.tally(ruler, array))
    assert found is not None
    step = ruler.spread / 2**16
    assert found[0] == pytest.approx(array.mean(), abs=2 * step)
    assert found[1] == pytest.approx(array.std(), abs=3 * step + 1e-3 * ruler.spread)


def test_sums_of_squares_do_not_run_over() -> None:
    ruler = Ruler(kind="number", edges=(0.0,), spread=1.0)
    made = numerics.tally(ruler, np.full(40_000, 1e9))
    assert made.squares == 40_000 * ((1 << 31) - 1) ** 2


def test_a_column_that_never_changed_shows_any_change() -> None:
    ruler = numerics.number_ruler(np.full(100, 7.0))
    assert numerics.tally(ruler, np.array([6.0, 7.0, 8.0])).counts == (1, 1, 1)


@settings(max_examples=examples())
@given(columns)
def test_a_reference_is_the_same_after_a_way_through_text(sample: np.ndarray) -> None:
    made = reference_of(sample)
    raw = canonical_json(numerics.plain_reference(made))
    again = numerics.read_reference(raw)
    assert canonical_json(numerics.plain_reference(again)) == raw
    assert again.profile == made.profile
    assert numerics.read_profile(json.loads(canonical_json(numerics.plain_profile(made.profile)))) == made.profile


@pytest.mark.parametrize(
    "change",
    [
        {"format": "headway-reference/9"},
        {"profile": {"rows": 1, "inputs": {}, "scores": {}}},
        {"score_ruler": {"kind": "number", "edges": [2.0, 1.0], "labels": [], "center": 0.0, "spread": 1.0}},
        {"more": 1},
    ],
)
def test_a_reference_that_does_not_hold_together_is_refused(change: dict[str, object]) -> None:
    told = numerics.plain_reference(reference_of(np.arange(100.0)))
    with pytest.raises(numerics.ShapeMismatch):
        numerics.read_reference(json.dumps({**told, **change}).encode())


def test_profiles_of_other_columns_are_not_merged() -> None:
    one = reference_of(np.arange(100.0)).profile
    other = numerics.Profile(rows=0, inputs={}, scores=one.scores)
    with pytest.raises(numerics.ShapeMismatch):
        numerics.merge_profiles(one, other)
    with pytest.raises(numerics.ShapeMismatch):
        numerics.merge_tallies(Tally(counts=(1,)), Tally(counts=(1, 2)))


# --- distances ---------------------------------------------------------------------------------------------------


@settings(max_examples=examples())
@given(counts, st.data())
def test_psi_is_the_sum_of_both_relative_entropies(reference: list[int], data: st.DataObject) -> None:
    current = data.draw(st.lists(st.integers(0, 1000), min_size=len(reference), max_size=len(reference)))
    if not sum(reference) or not sum(current):
        with pytest.raises(numerics.ShapeMismatch):
            numerics.psi(reference, current)
        return
    p, q = np.maximum(reference, 0.5), np.maximum(current, 0.5)
    wanted = stats.entropy(p, q) + stats.entropy(q, p)  # entropy() makes shares of them
    assert numerics.psi(reference, current) == pytest.approx(wanted, abs=1e-9)
    assert numerics.psi(reference, current) == pytest.approx(numerics.psi(current, reference))
    assert numerics.jensen_shannon(reference, current) == pytest.approx(
        distance.jensenshannon(np.array(reference, float), np.array(current, float), base=2), abs=1e-7
    )


@settings(max_examples=examples())
@given(st.lists(st.integers(20, 1000), min_size=2, max_size=12), st.data())
def test_homogeneity_is_scipys_where_no_bin_is_thin(reference: list[int], data: st.DataObject) -> None:
    current = data.draw(st.lists(st.integers(20, 1000), min_size=len(reference), max_size=len(reference)))
    wanted = stats.chi2_contingency([reference, current], correction=False)
    if wanted.expected_freq.min() < FEWEST_EXPECTED:
        return
    statistic, degrees, p = numerics.homogeneity(reference, current)
    assert (statistic, degrees) == (pytest.approx(wanted.statistic), wanted.dof)
    assert p == pytest.approx(wanted.pvalue, abs=1e-12)


def test_thin_bins_are_laid_together() -> None:
    reference, current = [500, 400, 60, 30, 10, 0], [50, 40, 6, 3, 1, 0]
    _, degrees, p = numerics.homogeneity(reference, current)
    assert degrees == 2
    assert p > 0.9
    assert numerics.homogeneity([1, 1], [1, 1]) == (0.0, 0, 1.0)


@pytest.mark.parametrize(("n", "m", "bins"), [(200, 5_000, 10), (1_000, 1_000, 10), (400, 3_000, 5)])
def test_chance_gives_the_index_that_the_noise_says(n: int, m: int, bins: int) -> None:
    draw = np.random.default_rng(7)
    shares = np.full(bins, 1 / bins)
    found = [numerics.psi(draw.multinomial(m, shares), draw.multinomial(n, shares)) for _ in range(1_000)]
    assert np.mean(found) == pytest.approx(numerics.psi_noise(bins, n, m), rel=0.1)


def test_false_alarms_at_the_far_tail_are_about_as_rare_as_they_should_be() -> None:
    """With equal bins and with rare ones, in samples as small as a week of few decisions."""
    draw, (rounds, level) = np.random.default_rng(11), (200_000, 1e-4) if IS_FULL else (4_000, 5e-3)
    for shares in (np.full(10, 0.1), np.array([0.7, 0.2, 0.05, 0.03, 0.02])):
        a, b = draw.multinomial(2_000, shares, rounds), draw.multinomial(70, shares, rounds)
        alarms = sum(numerics.homogeneity(x, y)[2] < level for x, y in zip(a, b, strict=True))
        assert alarms <= rounds * level * 2 + 4


@settings(max_examples=examples())
@given(st.floats(1e-12, 0.999), st.integers(1, 60))
def test_quantiles_of_chi_square_are_scipys(tail: float, degrees: int) -> None:
    assert numerics.chi_square_quantile(tail, degrees) == pytest.approx(stats.chi2.isf(tail, degrees), rel=1e-6)


@settings(max_examples=examples())
@given(st.integers(1, 400), st.data())
def test_the_hypergeometric_tail_is_scipys(size: int, data: st.DataObject) -> None:
    drawn, marked = data.draw(st.integers(0, size)), data.draw(st.integers(0, size))
    found = data.draw(st.integers(0, size))
    wanted = stats.hypergeom.sf(found - 1, size, marked, drawn)
    assert numerics.hypergeometric_tail(found, drawn, marked, size) == pytest.approx(wanted, rel=1e-6, abs=1e-300)
