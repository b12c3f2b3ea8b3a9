"""Metrics against scikit-learn, and intervals against known ones."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from headway.registry.metrics import calibration_curve, lift_table, log_loss, measure, roc_auc, score_histogram


@pytest.fixture(scope="module")
def scored() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    p = np.round(rng.beta(1.5, 6, 4000), 3)  # with ties
    return (rng.random(4000) < p).astype(np.float64), p


def test_metrics_equal_scikit_learn(scored: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    y, p = scored
    found = measure(y, p, resamples=0)
    assert found.roc_auc == pytest.approx(oracle.roc_auc_score(y, p), abs=1e-12)
    assert roc_auc(y, p) == pytest.approx(found.roc_auc, abs=1e-12)
    assert found.average_precision == pytest.approx(oracle.average_precision_score(y, p), abs=1e-12)
    assert found.log_loss == pytest.approx(oracle.log_loss(y, p), rel=1e-9)
    assert log_loss(y, p) == pytest.approx(found.log_loss, rel=1e-12)
    assert found.brier == pytest.approx(oracle.brier_score_loss(y, p), abs=1e-12)
    assert (found.n_test, found.positives, found.intervals) == (4000, int(y.sum()), {})


def test_ece_equals_its_definition(scored: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    y, p = scored
    place = np.searchsorted(np.quantile(p, np.linspace(0, 1, 16)[1:-1]), p)
    expected = sum(abs(y[place == b].mean() - p[place == b].mean()) * (place == b).mean() for b in range(15))
    assert measure(y, p, resamples=0).ece == pytest.approx(expected, abs=1e-12)


def test_lift_counts_ties_at_the_edge_in_proportion() -> None:
    y = np.array([1.0, 0.0] * 50)
    assert measure(y, np.full(100, 0.3), resamples=0).lift_10 == pytest.approx(1.0)
    best_first = np.r_[np.ones(10), np.zeros(90)]
    assert measure(best_first, np.linspace(1, 0, 100), resamples=0).lift_10 == pytest.approx(10.0)


def test_a_perfect_and_a_reversed_ranking() -> None:
    y = np.r_[np.zeros(50), np.ones(50)]
    assert measure(y, np.linspace(0, 1, 100), resamples=0).roc_auc == 1.0
    assert measure(y, np.linspace(1, 0, 100), resamples=0).roc_auc == 0.0


def test_one_class_has_no_auc() -> None:
    assert np.isnan(roc_auc(np.zeros(5), np.arange(5.0)))


def test_intervals_hold_the_value_and_have_the_width_theory_says(
    scored: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    y, p = scored
    found = measure(y, p, resamples=400, seed=1)
    assert set(found.intervals) == {"roc_auc", "average_precision", "log_loss", "brier", "ece", "lift_10"}
    for name in ("roc_auc", "average_precision", "log_loss", "brier", "lift_10"):
        assert found.intervals[name].low < getattr(found, name) < found.intervals[name].high
    losses = -(y * np.log(np.clip(p, 1e-15, 1)) + (1 - y) * np.log1p(-p))
    width = 2 * 1.96 * losses.std() / np.sqrt(len(y))
    assert found.intervals["log_loss"].high - found.intervals["log_loss"].low == pytest.approx(width, rel=0.15)
    auc, pos = found.roc_auc, found.positives
    q1, q2, neg = auc / (2 - auc), 2 * auc**2 / (1 + auc), len(y) - pos  # Hanley & McNeil 1982
    error = np.sqrt((auc * (1 - auc) + (pos - 1) * (q1 - auc**2) + (neg - 1) * (q2 - auc**2)) / (pos * neg))
    assert found.intervals["roc_auc"].high - found.intervals["roc_auc"].low == pytest.approx(2 * 1.96 * error, rel=0.2)


def test_intervals_depend_on_the_seed_alone(scored: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    y, p = scored
    assert measure(y, p, resamples=50, seed=1) == measure(y, p, resamples=50, seed=1)
    assert measure(y, p, resamples=50, seed=1).intervals != measure(y, p, resamples=50, seed=2).intervals


def test_curve_and_lift_table_add_up(scored: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    y, p = scored
    curve = calibration_curve(y, p)
    assert sum(point.rows for point in curve) == 4000
    assert sum(point.rows * point.observed for point in curve) == pytest.approx(y.sum())
    assert [point.predicted for point in curve] == sorted(point.predicted for point in curve)
    table = lift_table(y, p)
    assert [row.tenth for row in table] == list(range(1, 11))
    assert sum(row.rows for row in table) == 4000
    assert table[-1].captured == pytest.approx(1.0)
    assert table[0].lift == pytest.approx(measure(y, p, resamples=0).lift_10, rel=0.05)


@pytest.mark.parametrize("gap", [0.03, 0.08])
def test_the_interval_of_the_calibration_error_covers_a_known_error(gap: float) -> None:
    """Probabilities too high by ``gap`` everywhere; percentile intervals lie above the small gap, all 60."""
    covered = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = rng.uniform(0.1, 0.9, 600)
        y = (rng.random(600) < p - gap).astype(float)
        found = measure(y, p, resamples=150, seed=seed)
        interval = found.intervals["ece"]
        assert interval.low <= found.ece <= interval.high
        covered += interval.low <= gap <= interval.high
    assert covered >= 47, "at least 78 % of 60; 95 % is what a large sample reaches"


def test_histogram_counts_every_row_once_from_zero_to_a_round_score(
    scored: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    y, p = scored
    made = score_histogram(y, p)
    assert len(made.edges) == len(made.positives) + 1 == len(made.negatives) + 1
    assert made.edges[0] == 0
    assert made.edges[-1] >= p.max()
    assert round(made.edges[-1] * 20, 6) == round(made.edges[-1] * 20)
    assert (sum(made.positives), sum(made.negatives)) == (int(y.sum()), int((1 - y).sum()))
    inside = (p >= made.edges[3]) & (p < made.edges[4])
    assert made.positives[3] == int(y[inside].sum())


def test_histogram_of_small_scores_does_not_waste_its_ranges() -> None:
    assert score_histogram(np.array([0.0, 1.0]), np.array([0.01, 0.04])).edges[-1] == 0.05
    assert score_histogram(np.array([0.0, 1.0]), np.array([0.0, 1.0])).edges[-1] == 1.0
