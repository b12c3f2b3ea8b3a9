"""Invariants of splits and metrics, with scikit-learn as the oracle."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as oracle

from headway.registry.errors import NothingToLearn
from headway.registry.metrics import Ranked, all_metrics, bootstrap, roc_auc
from headway.registry.split import Shares, split_at_random, split_by_time
from headway.registry.suspects.words import words
from tests.factories.dose import examples

SCORES = st.integers(0, 12).map(lambda n: n / 12)


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of both answers, scores with many ties, whole weights."""
    n = draw(st.integers(4, 60))
    y = draw(hnp.arrays(np.float64, n, elements=st.sampled_from([0.0, 1.0])).filter(lambda a: 0 < a.sum() < len(a)))
    p = draw(hnp.arrays(np.float64, n, elements=SCORES))
    w = draw(hnp.arrays(np.float64, n, elements=st.integers(0, 3).map(float)))
    return y, p, w


@given(scored())
@settings(max_examples=examples(150), deadline=None)
def test_weighted_metrics_equal_those_of_repeated_rows(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    y, p, w = case
    again = np.repeat(np.arange(len(y)), w.astype(int))
    if not 0 < y[again].sum() < len(again):
        return
    ranked = Ranked.of(y, p)
    order = np.argsort(-p, kind="stable")
    found = {name: value[0] for name, value in all_metrics(ranked, w[order][None, :]).items()}
    assert np.isclose(found["roc_auc"], oracle.roc_auc_score(y[again], p[again]))
    assert np.isclose(found["average_precision"], oracle.average_precision_score(y[again], p[again]))
    assert np.isclose(found["brier"], ((p[again] - y[again]) ** 2).mean())
    assert 0 <= found["ece"] <= 1
    assert found["lift_10"] <= 1 / y[again].mean() + 1e-9


@given(scored())
@settings(max_examples=examples(150), deadline=None)
def test_auc_only_depends_on_order_and_turns_around(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    y, p, _ = case
    auc = roc_auc(y, p)
    assert np.isclose(auc, oracle.roc_auc_score(y, p))
    assert np.isclose(roc_auc(y, p**3 * 7 - 1), auc)
    assert np.isclose(roc_auc(y, -p), 1 - auc)


@given(scored(), st.integers(0, 5))
@settings(max_examples=examples(30), deadline=None)
def test_intervals_hold_the_value_and_stay_inside_the_metrics_range(
    case: tuple[np.ndarray, np.ndarray, np.ndarray],
    seed: int,
) -> None:
    y, p, _ = case
    ranked = Ranked.of(y, p)
    point = all_metrics(ranked, np.ones((1, len(y))))
    for name, interval in bootstrap(ranked, 20, seed).items():
        assert interval.low <= point[name][0] <= interval.high
        if name not in ("log_loss", "lift_10"):
            assert interval.low >= 0 and interval.high <= 1


@given(
    st.integers(20, 300),
    st.integers(1, 60),
    st.floats(0.05, 0.3),
    st.floats(0.05, 0.4),
    st.integers(0, 2**31 - 1),
)
@settings(max_examples=examples(100), deadline=None)
def test_a_time_split_is_a_partition_in_order_that_never_parts_equal_times(
    n: int, different: int, calibration: float, test: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    times = rng.integers(0, different, n).astype(np.float64)
    y = (rng.random(n) < 0.5).astype(np.float64)
    try:
        split = split_by_time(y, times, np.arange(n), Shares(calibration=calibration, test=test), by="t")
    except NothingToLearn:
        return
    parts = (split.train, split.calibration, split.test)
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    assert times[split.train].max() < times[split.calibration].min()
    assert times[split.calibration].max() < times[split.test].min()


@given(st.integers(40, 400), st.integers(0, 30), st.integers(0, 2**31 - 1))
@settings(max_examples=examples(100), deadline=None)
def test_a_random_split_is_a_partition_that_keeps_few_repeats_together(n: int, repeats: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = np.arange(n)
    some = min(repeats, n // 10)
    groups[:some] = groups[n - some :]
    y = (rng.random(n) < 0.4).astype(np.float64)
    try:
        split = split_at_random(y, groups, Shares(calibration=0.2, test=0.3), seed=seed)
    except NothingToLearn:
        return
    parts = (split.train, split.calibration, split.test)
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    sides = [set(groups[part]) for part in parts]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])


@given(st.text(max_size=40))
def test_any_name_can_be_cut_into_words(name: str) -> None:
    assert all(word == word.lower() and word for word in words(name))
