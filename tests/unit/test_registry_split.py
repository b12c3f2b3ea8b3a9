"""Splits: by time, at random, and the folds that learners are compared on."""

from __future__ import annotations

import numpy as np
import pytest

from headway.registry.errors import NothingToLearn
from headway.registry.split import Shares, folds, split_at_random, split_by_time

SHARES = Shares(calibration=0.15, test=0.25)


def answers(n: int, rate: float = 0.3, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return (np.random.default_rng(seed).random(n) < rate).astype(np.float64)


def test_time_split_tests_on_what_came_last() -> None:
    y = answers(1000)
    times = np.random.default_rng(1).permutation(1000).astype(float)
    split = split_by_time(y, times, np.arange(1000), SHARES, by="day")
    assert times[split.train].max() < times[split.calibration].min() < times[split.test].min()
    assert (len(split.train), len(split.calibration), len(split.test)) == (600, 150, 250)
    assert split.report.kind == "time" and split.report.by == "day"
    assert split.report.test_rate == pytest.approx(y[split.test].mean())


def test_rows_of_one_time_stay_on_one_side() -> None:
    times = np.repeat(np.arange(10.0), 100)
    split = split_by_time(answers(1000), times, np.arange(1000), SHARES, by="week")
    sides = [set(times[part]) for part in (split.train, split.calibration, split.test)]
    assert not (sides[0] & sides[1] or sides[1] & sides[2])
    assert sides[2] >= {8.0, 9.0}


def test_rows_without_a_time_are_left_out_and_counted() -> None:
    times = np.arange(1000.0)
    times[::10] = np.nan
    split = split_by_time(answers(1000), times, np.arange(1000), SHARES, by="day")
    assert split.report.unplaced_rows == 100
    assert len(split.train) + len(split.calibration) + len(split.test) == 900
    assert not np.isnan(times[split.learning]).any()


def test_a_time_of_few_values_is_refused() -> None:
    with pytest.raises(NothingToLearn, match="too few different times"):
        split_by_time(answers(1000), np.zeros(1000), np.arange(1000), SHARES, by="year")


def test_a_latest_part_without_successes_is_refused() -> None:
    y = answers(1000)
    y[700:] = 0
    with pytest.raises(NothingToLearn, match=r"latest part .* no positive row"):
        split_by_time(y, np.arange(1000.0), np.arange(1000), SHARES, by="row order")


def test_earlier_repeats_of_test_rows_are_counted() -> None:
    repeats = np.arange(1000)
    repeats[990:] = repeats[:10]
    split = split_by_time(answers(1000), np.arange(1000.0), repeats, SHARES, by="row order")
    assert (split.report.repeated_rows, split.report.repeats_across) == (10, 10)


def test_random_split_keeps_rates_and_repeated_rows_together() -> None:
    y = answers(2000, rate=0.1)
    repeats = np.arange(2000)
    repeats[1900:] = repeats[:100]
    split = split_at_random(y, repeats, SHARES, seed=3)
    sides = [set(repeats[part]) for part in (split.train, split.calibration, split.test)]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert split.report.test_rate == pytest.approx(y.mean(), abs=0.02)
    assert len(split.test) == pytest.approx(500, abs=15)
    assert split.report.repeats_across == 0


def test_natural_repeats_of_few_coarse_columns_are_not_kept_together_but_counted() -> None:
    y = answers(2000)
    repeats = np.arange(2000) % 12
    split = split_at_random(y, repeats, SHARES, seed=3)
    assert len(split.test) == pytest.approx(500, abs=2)
    assert split.report.repeats_across == len(split.test)


def test_the_seed_decides_the_random_split() -> None:
    y = answers(500)
    first, again, other = (split_at_random(y, np.arange(500), SHARES, seed=s).test for s in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_ordered_folds_are_judged_by_what_came_before() -> None:
    for a, b in folds(answers(600), ordered=True, seed=0):
        assert a.max() < b.min()
    assert len(folds(answers(600), ordered=True, seed=0)) == 5


def test_random_folds_judge_every_row_once_with_equal_rates() -> None:
    y = answers(600, rate=0.2)
    parts = folds(y, ordered=False, seed=0)
    assert sorted(np.concatenate([b for _, b in parts]).tolist()) == list(range(600))
    assert all(abs(y[b].mean() - y.mean()) < 0.01 for _, b in parts)


def test_folds_without_both_answers_are_left_out() -> None:
    y = np.r_[answers(500), np.zeros(100)]
    assert len(folds(y, ordered=True, seed=0)) == 4


def test_parts_are_alike_by_score_and_no_row_is_likelier_to_be_tested() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=3000)
    y = (rng.random(3000) < 1 / (1 + np.exp(-scores))).astype(np.float64)
    tested, spread, plain = np.zeros(3000), [], []
    for seed in range(40):
        split = split_at_random(y, np.arange(3000), SHARES, seed=seed, scores=scores)
        tested[split.test] += 1
        spread.append(scores[split.test].mean())
        plain.append(scores[split_at_random(y, np.arange(3000), SHARES, seed=seed).test].mean())
    assert np.std(spread) < np.std(plain) / 3
    assert tested.mean() == pytest.approx(40 * SHARES.test, rel=0.02)
    assert tested.std() == pytest.approx(np.sqrt(40 * SHARES.test * (1 - SHARES.test)), rel=0.1)
    assert abs(np.corrcoef(tested, scores)[0, 1]) < 0.05
