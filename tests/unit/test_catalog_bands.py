"""Bands from history: what they hold, what moves them, and an independent robust deviation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from headway.catalog.bands import FEWEST, band, distance, distances, width

values = st.lists(st.floats(0, 1e6), min_size=FEWEST, max_size=30)


@given(values)
def test_the_reach_is_that_of_scipys_robust_deviation(earlier: list[float]) -> None:
    made = band(earlier, "count")
    assert made is not None
    spread = stats.median_abs_deviation(earlier, scale="normal")
    if spread > 0.01 * np.median(earlier):
        assert made.high - made.middle == pytest.approx(width(len(earlier)) * spread, rel=1e-3)
    assert made.low <= made.middle <= made.high
    assert made.holds(float(np.median(earlier)))


@pytest.mark.parametrize("earlier", range(FEWEST))
def test_before_eight_reports_nothing_is_expected(earlier: int) -> None:
    assert band([1.0] * earlier, "count") is None


@pytest.mark.parametrize("reports", [8, 10, 15, 30])
def test_a_stationary_series_leaves_its_band_once_in_hundreds(reports: int) -> None:
    series = np.random.default_rng(7).normal(1000, 30, (4_000, reports + 1))
    left = sum(
        not made.holds(float(one[-1]))
        for one in series
        if (made := band(list(map(float, one[:-1])), "count")) is not None
    )
    print(f"{reports} earlier reports: {left} of 4000 stationary values outside their band")
    assert left <= 16


def test_one_report_gone_wrong_does_not_widen_the_band() -> None:
    usual, spoilt = [100.0, 102, 98, 101, 99, 103, 97, 100], [100.0, 102, 98, 101, 99, 103, 97, 1e9]
    first, second = band(usual, "count"), band(spoilt, "count")
    assert first is not None
    assert second is not None
    assert second.high < 140
    assert first.holds(104)
    assert not first.holds(140)
    assert not first.holds(60)


def test_equal_values_leave_room_for_chance_only() -> None:
    same = band([1000.0] * 8, "count")
    assert same is not None
    assert (same.low, same.high) == (pytest.approx(990), pytest.approx(1010))
    none_missing = band([0.0] * 8, "share", rows=1000)
    assert none_missing is not None
    assert none_missing.holds(0.003)
    assert not none_missing.holds(0.02)


def test_mostly_equal_values_use_the_mean_deviation() -> None:
    made = band([10.0] * 8 + [20], "count")
    assert made is not None
    assert made.high == pytest.approx(10 + width(9) * 1.2533 * 10 / 9)


def test_a_share_stays_between_0_and_1() -> None:
    made = band([0.0, 0.5, 1.0, 0.2, 0.9, 0.4, 0.6, 0.1], "share", rows=10)
    assert made is not None
    assert (made.low, made.high) == (0.0, 1.0)


def test_the_distance_is_half_of_what_moved() -> None:
    assert distance([{"a": 50, "b": 50}], {"a": 5, "b": 5}) == 0
    assert distance([{"a": 1}], {"b": 1}) == 1
    assert distance([{"a": 50, "b": 50}, {"a": 100}], {"a": 1, "b": 1}) == pytest.approx(0.25)
    assert distance([{}], {}) == 0
    assert distance([{"a": 1}], {}) == 1


def test_a_spread_that_drifts_leaves_the_band() -> None:
    chance = np.random.default_rng(1)
    earlier = [dict(zip("abc", map(int, chance.multinomial(1000, [0.5, 0.3, 0.2])), strict=True)) for _ in range(12)]
    made = band(distances(earlier), "distance")
    assert made is not None
    assert made.holds(distance(earlier, {"a": 505, "b": 300, "c": 195}))
    assert not made.holds(distance(earlier, {"a": 200, "b": 300, "c": 500}))
    assert distances(earlier[:1]) == []
