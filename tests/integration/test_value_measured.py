"""What a deployment was worth, from real decisions of a small node with a hold-out and outcomes told by file."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from headway import catalog, ledger, serving, value
from headway.kernel import clock
from headway.kernel.web import Parts
from headway.serving import columns
from tests.factories.measured import PROMISE, Experiment, bring, decide, measured, prepared
from tests.factories.serving import deployed, released


@pytest.fixture
def experiment(parts: Parts, tmp_path: Path) -> Experiment:
    return prepared(parts, tmp_path)


def gain(arm: str) -> float:
    return 0.5 if arm == "champion" else 0.2


def test_the_effect_is_that_of_the_rows_by_an_independent_way(experiment: Experiment) -> None:
    arms = decide(experiment, 600)
    told = bring(experiment, arms, gain, seed=3)
    found = measured(experiment, PROMISE)
    groups = {
        name: np.array([told[subject] for subject, arm in arms.items() if arm == name], float)
        for name in ("champion", "hold_out")
    }
    test = stats.ttest_ind(groups["champion"], groups["hold_out"], equal_var=False)
    interval = test.confidence_interval(0.95)
    assert found.effect is not None and found.hold_out is not None and found.ratio is not None
    assert found.effect.difference == pytest.approx(groups["champion"].mean() - groups["hold_out"].mean())
    assert (found.effect.low, found.effect.high) == pytest.approx((interval.low, interval.high))
    assert found.effect.degrees == pytest.approx(test.df)
    counts = [len(groups["champion"]), len(groups["hold_out"])]
    assert [found.champion.subjects, found.hold_out.subjects] == counts
    assert found.ratio.p == pytest.approx(stats.chisquare(counts, [450, 150]).pvalue)
    assert found.champion.successes == groups["champion"].sum()
    assert found.level is value.EvidenceLevel.measured and found.why[0].startswith("the hold-out shows a gain")


def test_money_follows_from_rows_and_the_two_amounts(experiment: Experiment) -> None:
    arms = decide(experiment, 400)
    bring(experiment, arms, gain, seed=4)
    found = measured(experiment, PROMISE)
    assert found.worth is not None and found.effect is not None and found.hold_out is not None
    cases, worth = found.champion.known, found.worth
    expected = (Decimal(120) * Decimal(str(found.effect.difference)) * cases).quantize(Decimal("0.01"))
    assert Decimal(worth.gain.expected.split()[0]) == expected
    # No band is known, so every decision is an action, in both arms: none was saved and none was spent.
    assert (worth.cases, worth.actions, worth.actions_without, worth.cost) == (cases, cases, cases, "0.00 EUR")
    amounts = [Decimal(step.amount.split()[0]) for step in worth.steps]
    assert [step.name for step in worth.steps] == ["projected", "cases", "rates", "costs", "measured"]
    assert amounts[0] + amounts[1] + amounts[2] + amounts[3] == amounts[4] == Decimal(worth.net.expected.split()[0])


def test_a_subject_counts_once_and_what_is_told_last_counts(experiment: Experiment) -> None:
    arms = decide(experiment, 60)
    decide(experiment, 30)  # the first thirty again: they stay in their arms
    soon, later = (clock.iso(clock.now() + timedelta(hours=hours)) for hours in (1, 2))
    bring(experiment, arms, lambda arm: 0.0, at=soon)
    bring(experiment, dict(list(arms.items())[:10]), lambda arm: 1.0, at=later)
    found = measured(experiment)
    assert found.hold_out is not None
    assert found.champion.subjects + found.hold_out.subjects == 60
    assert found.champion.decisions + found.hold_out.decisions == 90
    assert (found.champion.successes or 0) + (found.hold_out.successes or 0) == 10
    assert found.champion.known_share == found.hold_out.known_share == 1.0
    assert found.switched == 0 and found.unread == 0


def test_few_outcomes_stay_a_projection_and_say_how_many_are_missing(experiment: Experiment) -> None:
    arms = decide(experiment, 40)
    bring(experiment, dict(list(arms.items())[:12]), gain, seed=2)
    found = measured(experiment, PROMISE)
    assert found.level is value.EvidenceLevel.projected and found.worth is None
    assert "too few outcomes" in found.why[0] and "more outcomes" in found.why[1]
    assert found.need is not None and found.need.detectable == PROMISE.effect
    assert found.need.hold_out_more > 100
    assert measured(experiment).level is value.EvidenceLevel.none


def test_a_broken_split_refutes_whatever_the_effect_says(experiment: Experiment) -> None:
    arms = decide(experiment, 400)
    bring(experiment, arms, gain, seed=5)
    lost = [name for name, arm in arms.items() if arm == "hold_out"][10:]
    _forget(experiment, set(lost))
    found = measured(experiment, PROMISE)
    assert found.ratio is not None and not found.ratio.holds
    assert found.level is value.EvidenceLevel.refuted
    assert "did not fall into the arms as planned" in found.why[0]


def test_outcomes_that_are_missing_in_one_arm_are_not_called_measured(experiment: Experiment) -> None:
    arms = decide(experiment, 600)
    told = {name: arm for at, (name, arm) in enumerate(arms.items()) if arm == "hold_out" or at % 2}
    bring(experiment, told, gain, seed=6)
    found = measured(experiment, PROMISE)
    assert found.known_ratio is not None and not found.known_ratio.holds
    assert found.level is value.EvidenceLevel.projected and "not known equally often" in found.why[0]


def test_a_model_that_does_harm_is_refuted(experiment: Experiment) -> None:
    arms = decide(experiment, 600)
    bring(experiment, arms, lambda arm: 0.1 if arm == "champion" else 0.5, seed=7)
    found = measured(experiment, PROMISE)
    assert found.level is value.EvidenceLevel.refuted and "worse than the hold-out" in found.why[0]
    assert found.worth is not None and found.worth.net.high.startswith("-")


def test_a_window_waits_for_subjects_and_leaves_late_outcomes_out(experiment: Experiment) -> None:
    arms = decide(experiment, 80)
    late = clock.iso(clock.now() + timedelta(days=9))
    bring(experiment, dict(list(arms.items())[:40]), lambda arm: 1.0, at=late, seed=1)
    with clock.fixed(clock.now() + timedelta(days=3)):
        assert measured(experiment, window_days=7).champion.due == 0
    with clock.fixed(clock.now() + timedelta(days=8)):
        early = measured(experiment, window_days=7)
        assert early.champion.due == early.champion.subjects and early.champion.known == 0
    with clock.fixed(clock.now() + timedelta(days=20)):
        assert measured(experiment, window_days=14).champion.known > 0


def test_amounts_are_compared_where_outcomes_are_numbers(experiment: Experiment) -> None:
    arms = decide(experiment, 400)
    draw = np.random.default_rng(9)
    amounts = {name: float(np.round(draw.gamma(2.0, 60 if arm == "champion" else 40), 2)) for name, arm in arms.items()}
    bring(experiment, arms, lambda arm: 0.0, told=amounts)
    found = measured(experiment, PROMISE)
    groups = [[amounts[n] for n, arm in arms.items() if arm == name] for name in ("champion", "hold_out")]
    interval = stats.ttest_ind(*groups, equal_var=False).confidence_interval(0.95)
    assert found.measure == "mean_amount" and found.effect is not None
    assert (found.effect.low, found.effect.high) == pytest.approx((interval.low, interval.high))
    assert found.worth is None and found.champion.successes is None


@pytest.mark.parametrize(
    ("positive", "words", "successes"),
    [("Won", ("won", "lost"), 20), (None, ("won", "lost"), 0), ("no", ("no", "yes"), 20)],
    ids=["named", "unnamed", "turned"],
)
def test_success_is_what_the_label_means_by_it(
    experiment: Experiment, positive: str | None, words: tuple[str, str], successes: int
) -> None:
    arms = decide(experiment, 40)
    bring(experiment, arms, lambda arm: 0.0, told={name: words[at % 2] for at, name in enumerate(arms)})
    with experiment.parts.database.session() as session:
        found = serving.outcomes_by_arm(
            session, catalog.lake_of(experiment.parts), name="leads", environment="sandbox", positive=positive
        )
    assert sum(arm.successes for arm in found.arms) == successes
    assert sum(arm.unread for arm in found.arms) == (0 if positive else 40)


def test_only_what_was_decided_under_the_same_shares_is_compared(experiment: Experiment) -> None:
    decide(experiment, 40)
    deployed(experiment.parts, released(experiment.parts), holdout_share=0.5)
    later = decide(experiment, 30)
    found = measured(experiment)
    assert found.hold_out is not None
    assert found.champion.subjects + found.hold_out.subjects == len(later) == 30
    deployed(experiment.parts, released(experiment.parts), holdout_share=0.5)  # a new release, the same plan
    assert measured(experiment).since == found.since


def test_without_a_hold_out_nothing_is_measured(experiment: Experiment) -> None:
    deployed(experiment.parts, released(experiment.parts), holdout_share=0.0)
    bring(experiment, decide(experiment, 50), gain, seed=1)
    found = measured(experiment, PROMISE)
    assert found.hold_out is None and found.effect is None
    assert found.level is value.EvidenceLevel.projected and "there is no hold-out" in found.why[0]


def test_reading_leaves_no_entry_and_unknown_names_are_told(experiment: Experiment) -> None:
    with experiment.parts.database.session() as session:
        before = len(ledger.find(session, limit=200).items)
    measured(experiment)
    with experiment.parts.database.session() as session:
        assert len(ledger.find(session, limit=200).items) == before
        with pytest.raises(serving.UnknownDeployment):
            value.measure(session, catalog.lake_of(experiment.parts), name="nobody", environment="sandbox")


def _forget(experiment: Experiment, subjects: set[str]) -> None:
    """Take decisions out of the table, as a broken pipeline would lose them."""
    lake = catalog.lake_of(experiment.parts)
    gone = {row["id"] for row in lake.scan(columns.INPUTS).to_pylist() if row["subject"] in subjects}
    kept = [row for row in lake.scan(columns.DECISIONS).to_pylist() if row["id"] not in gone]
    lake.replace(columns.DECISIONS, columns.table_of(columns.DECISIONS, kept), {})
