"""Forecasts, differences, ways, readiness, proposals and labels: their arithmetic and their words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from headway import numerics
from headway.runtime import Feature
from headway.scaling import forecasting, labels, proposal, readiness, shift, ways
from headway.scaling.directions import directions
from headway.scaling.sequential import State, Tolerance, check, order_to_label

DRAW = np.random.default_rng(11)
WORDS = labels.Words(
    outcome=("outcome", "abschluss", "converted"),
    subject=("subject", "lead_nr", "lead_id"),
    positive="yes",
    negative="no",
    codes={"ja": "yes", "nein": "no"},
)
CASES = pl.DataFrame({"row": [1, 2, 3], "subject": ["L-1", "L-2", "L-3"]})
KNOWN = readiness.Known(
    pairs=(),
    rows=5_000,
    usable=0.99,
    broken=(),
    labelled=0,
    labels_needed=180,
    overlap=0.6,
    from_department="sales-north",
    to_department="sales-south",
    tier="minimal",
    approved_in=("production",),
    is_believable=True,
    missing_weight=0.0,
)


def rows(count: int, shifted: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    x = DRAW.normal(shifted, 1.0, (count, 3))
    return x, (DRAW.random(count) < numerics.sigmoid(x @ [1.0, -0.5, 0.0] - 1.0)).astype(np.float64)


def test_auc_is_scikit_learns_with_ties_and_weights() -> None:
    score, y, weight = DRAW.integers(0, 9, 500).astype(float), DRAW.integers(0, 2, 500).astype(float), DRAW.random(500)
    assert forecasting.auc(score, y) == pytest.approx(roc_auc_score(y, score))
    assert forecasting.auc(score, weight * y, weight * (1 - y)) == pytest.approx(
        roc_auc_score(y, score, sample_weight=weight)
    )


def test_the_expected_auc_is_what_outcomes_drawn_from_the_probabilities_give() -> None:
    raw = DRAW.normal(-1.5, 1.2, 4_000)
    p = numerics.sigmoid(raw)
    drawn = [roc_auc_score(DRAW.random(4_000) < p, raw) for _ in range(60)]
    assert forecasting.expected_auc(raw, p) == pytest.approx(np.mean(drawn), abs=0.004)


def test_the_calibration_line_is_scikit_learns() -> None:
    x, y = rows(3_000)
    raw, weight = x[:, 0], DRAW.random(3_000)
    slope, intercept = forecasting.fit_line(raw, y, weight)
    model = LogisticRegression(C=1e9, tol=1e-10).fit(raw[:, None], y, sample_weight=weight)
    assert slope == pytest.approx(float(model.coef_[0, 0]), abs=0.01)
    assert intercept == pytest.approx(float(model.intercept_[0]), abs=0.01)


def test_two_samples_of_one_population_are_not_told_apart() -> None:
    told = shift.tell_apart(rows(1_500)[0], rows(1_500)[0], seed=1)
    assert told.low == 0.5 <= told.auc <= told.high < 0.55
    assert told.effective_rows > 0.9 * 1_500
    assert told.weights.mean() == pytest.approx(1.0)


def test_the_column_that_moved_is_named_and_weights_bring_the_mean_over() -> None:
    here, there = rows(3_000)[0], rows(3_000)[0]
    there[:, 1] += 1.0
    told = shift.tell_apart(here, there, seed=1)
    assert told.low > 0.7 and int(np.argmax(told.gains)) == 1
    moved = (told.weights * here[:, 1]).mean()
    assert moved == pytest.approx(there[:, 1].mean(), abs=0.25)


def test_departments_that_do_not_meet_have_no_overlap() -> None:
    here, there = rows(1_500)[0], rows(1_500)[0]
    there[:, 1] += 100.0
    told = shift.tell_apart(here, there, seed=1)
    assert told.auc > 0.999 and told.effective_rows < 0.05 * 1_500


def test_delongs_error_is_that_of_repeated_samples() -> None:
    found = []
    for _ in range(300):
        y = DRAW.random(400) < 0.3
        score = DRAW.normal(size=400) + y
        found.append(shift.auc_with_error(score[y], score[~y]))
    values, errors = np.array(found).T
    assert errors.mean() == pytest.approx(values.std(), rel=0.15)


def test_ways_are_compared_only_with_enough_labels_and_the_simplest_wins() -> None:
    x, y = rows(2_000)
    raw = x @ [1.0, -0.5, 0.0] - 1.0
    assert ways.compare(raw[:100], numerics.sigmoid(raw[:100]), x[:100], y[:100], seed=1) is None
    found = ways.compare(raw, numerics.sigmoid(raw), x, y, seed=1)
    assert found is not None and found.chosen == "reuse"
    off = ways.compare(raw + 1.5, numerics.sigmoid(raw + 1.5), x, y, seed=1)
    assert off is not None and off.chosen == "recalibrate"
    other = ways.compare(-x[:, 2], numerics.sigmoid(-x[:, 2]), x, y, seed=1)
    assert other is not None and other.chosen in ("fine_tune", "retrain")


def test_readiness_says_what_to_do_about_each_thing() -> None:
    found = {item.name: item for item in readiness.judge(KNOWN)}
    assert {name for name, item in found.items() if item.state != "ok"} == {"labels"}
    assert "180 outcomes" in found["labels"].todo
    poor = replace(
        KNOWN, rows=100, usable=0.5, overlap=0.02, tier="undecided", approved_in=(), is_believable=False, labelled=40
    )
    states = {item.name: item.state for item in readiness.judge(poor)}
    assert [states[name] for name in ("volume", "quality", "overlap", "tier", "believable")] == ["bad"] * 5
    assert states["approved"] == "doubt" and states["labels"] == "ok"
    assert all(item.todo for item in readiness.judge(poor) if item.state != "ok")
    high = {item.name: item for item in readiness.judge(replace(KNOWN, tier="high", to_department="sales-north"))}
    assert high["tier"].state == high["department"].state == "doubt"


def expected(auc: float) -> forecasting.Expected:
    return forecasting.Expected(auc=auc, low=auc - 0.02, high=auc + 0.02)


def grounds(auc: float, slope: float = 1.0, state: State = State.waiting) -> proposal.Grounds:
    made = forecasting.Forecasts(
        calibrated=expected(auc),
        weighted=expected(auc),
        adapted=expected(auc),
        slope=slope,
        intercept=0.0,
        slope_error=0.05,
        shift_error=0.05,
        base_rate=0.1,
    )
    return proposal.Grounds(
        forecasts=made, source_auc=0.8, tolerance=Tolerance.of(0.05, 0.05), comparison=None, state=state
    )


def test_the_way_follows_the_forecast_until_labels_speak() -> None:
    assert proposal.propose(grounds(0.79), ()).way == "reuse"
    assert proposal.propose(grounds(0.79, slope=0.7), ()).way == "recalibrate"
    assert proposal.propose(grounds(0.6), ()).way == "retrain"
    fallen = proposal.propose(grounds(0.79, state=State.falls), readiness.judge(replace(KNOWN, tier="prohibited")))
    assert fallen.way == "retrain" and fallen.blockers == ("tier",) and not fallen.is_measured


def test_stages_last_as_long_as_labels_need() -> None:
    first, second, third, last = proposal.stages(labels_needed=200, rows_a_week=100.0)
    assert (first.environment, last.share) == ("sandbox", 1.0)
    assert (second.share, second.weeks, third.weeks) == (0.1, 20, 4)
    assert proposal.stages(labels_needed=None, rows_a_week=None)[1].weeks is None


def test_labels_are_matched_by_row_or_subject_and_every_fault_is_told() -> None:
    by_row = labels.read(pl.DataFrame({"row": [2, 9, 1, 2], "outcome": ["yes", "no", "nein", "no"]}), CASES, WORDS)
    assert (by_row.told, by_row.unknown, by_row.repeated, by_row.faults) == (((2, 1.0), (1, 0.0)), 1, 1, ())
    theirs = labels.read(pl.DataFrame({"Lead_Nr": ["L-3", "L-1"], "Abschluss": ["ja", None]}), CASES, WORDS)
    assert theirs.told == ((3, 1.0),)
    for value, y in (("1", 1.0), ("false", 0.0), ("wahr", 1.0)):
        assert labels.read(pl.DataFrame({"row": [1], "outcome": [value]}), CASES, WORDS).told == ((1, y),)
    wrong = labels.read(pl.DataFrame({"row": [1, 2], "outcome": ["perhaps", "yes"]}), CASES, WORDS)
    assert wrong.faults[0].row == 1 and "perhaps" in wrong.faults[0].message
    assert labels.read(pl.DataFrame({"who": ["L-1"], "outcome": ["yes"]}), CASES, WORDS).faults
    assert labels.read(pl.DataFrame({"row": [1], "what": ["yes"]}), CASES, WORDS).faults
    assert labels.read(pl.DataFrame({"row": [7], "outcome": ["yes"]}), CASES, WORDS).faults[0].rule == "no_case"


def test_directions_have_no_gaps_and_no_outliers() -> None:
    features = (
        Feature(name="a", column="a", kind="number", label="a"),
        Feature(name="b", column="b", kind="category", label="b", categories=("x", "y", "z")),
        Feature(name="c", column="c", kind="boolean", label="c"),
    )
    known = np.column_stack([DRAW.lognormal(3, 2, 500), DRAW.integers(0, 2, 500), DRAW.integers(0, 2, 500)]).astype(
        float
    )
    made = directions(np.array([[1e9, 0.0, 1.0], [np.nan, np.nan, np.nan]]), known, features)
    assert made.shape == (2, 4)
    assert np.isfinite(made).all() and np.abs(made).max() < 2.0


def test_the_check_waits_without_labels_and_says_how_many_it_needs() -> None:
    p = numerics.sigmoid(DRAW.normal(-2, 1.2, 3_000))
    empty = check(p[:0], np.zeros(0), np.zeros((0, 2)), p, Tolerance.of(0.05, 0.05))
    assert empty.state is State.waiting and empty.more is not None and 50 < empty.more < 600
    few = check(p[:5], np.zeros(5), np.zeros((5, 0)), p, Tolerance.of(0.05, 0.05))
    assert few.state is State.open and few.labels == 5


def test_rows_to_label_are_chosen_once_and_the_likely_ones_more_often() -> None:
    p = np.concatenate([np.full(1_000, 0.02), np.full(1_000, 0.4)])
    chosen = order_to_label(p, 400, seed=3)
    assert len(set(chosen)) == 400
    assert 0.85 < (chosen >= 1_000).mean() < 1.0
    assert (order_to_label(p, 400, seed=3) == chosen).all()
