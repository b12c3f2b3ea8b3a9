"""A past time replayed, with what was planted in it: drift found and dated, outcomes that come late, a second version."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from headway import catalog
from headway.kernel.errors import HeadwayError, Invalid
from headway.monitoring import AlertKind
from headway.portfolio.replay.entities import ReplayReport, ReplayRequest
from headway.portfolio.replay.replaying import held_out, replay
from headway.portfolio.replay.service import check_request

FIRST, DAYS, A_DAY = date(2025, 1, 1), 210, 30
SHIFT, CONCEPT = FIRST + timedelta(days=120), FIRST + timedelta(days=150)
REQUEST = ReplayRequest(
    usecase="leads",
    department="sales",
    time="created",
    outcome="won",
    told="known",
    learn_share=0.4,
    value_per_success="100 EUR",
    cost_per_action="5 EUR",
    filename="leads.csv",
    file_key="uploads/x",
    file_digest="sha256-x",
)


def past(folder: Path, *, drifts: bool = False, turns: bool = False, bad_days: int = 0) -> Path:
    """Seven months of leads. Drift moves a column's distribution, a turn makes the other column count the other way round."""
    draw = np.random.default_rng(11)
    n = DAYS * A_DAY
    day = np.repeat(np.arange(DAYS), A_DAY)
    moved = drifts & (day >= (SHIFT - FIRST).days)
    visits = draw.normal(0, 1, n) + 1.5 * moved
    size = draw.normal(0, 1, n)
    sign = np.where(turns & (day >= (CONCEPT - FIRST).days), -1.0, 1.0)
    chance = 1 / (1 + np.exp(1.2 - 1.4 * sign * size))
    won = draw.uniform(size=n) < chance
    delay = np.where(won, 3, 10)
    created = [FIRST + timedelta(days=int(one)) for one in day]
    known = [one + timedelta(days=int(wait)) for one, wait in zip(created, delay, strict=True)]
    industry = np.where(draw.uniform(size=n) < 0.5, "trade", "craft").astype(object)
    if bad_days:
        industry[day >= DAYS - bad_days] = "??"
    frame = pl.DataFrame(
        {
            "created": created,
            "visits": visits.round(4),
            "size": size.round(4),
            "industry": list(industry),
            "won": np.where(won, "yes", "no"),
            "known": known,
        }
    )
    end = FIRST + timedelta(days=DAYS)
    told = pl.when(pl.col("known") < end)
    frame.with_columns(told.then("won").alias("won"), told.then("known").alias("known")).write_csv(folder / "leads.csv")
    return folder / "leads.csv"


def replayed(source: Path, request: ReplayRequest = REQUEST) -> ReplayReport:
    history = catalog.read_history(
        source,
        request.filename,
        label=request.outcome,
        time=request.time,
        share=request.learn_share,
        places=(request.told,) if request.told else (),
    )
    return replay(history, request)


def test_a_planted_drift_is_noticed_dated_and_nothing_else_is_told(tmp_path: Path) -> None:
    made = replayed(past(tmp_path, drifts=True))
    inputs = [one for one in made.alerts if one.kind is AlertKind.inputs]
    assert [one.columns for one in inputs] == [("visits",)]
    assert abs((inputs[0].since - SHIFT).days) <= 1 and SHIFT <= inputs[0].noticed_on <= SHIFT + timedelta(days=7)
    assert {one.kind for one in made.alerts} <= {AlertKind.inputs, AlertKind.scores}
    assert made.breaches == ()
    assert made.learned.first == FIRST and made.first == made.learned.last + timedelta(days=1)
    assert made.last == FIRST + timedelta(days=DAYS - 1)


def test_a_turned_concept_is_noticed_and_a_second_version_wins_back_what_it_lost(tmp_path: Path) -> None:
    made = replayed(past(tmp_path, turns=True))
    kinds = {one.kind for one in made.alerts}
    assert AlertKind.concept in kinds and AlertKind.inputs not in kinds
    noticed = min(one.noticed_on for one in made.alerts)
    assert CONCEPT <= noticed <= CONCEPT + timedelta(days=35)
    assert made.renewal is not None and noticed <= made.renewal.on <= noticed + timedelta(days=30)
    before, after = made.renewal.before.auc, made.renewal.after.auc
    assert before is not None and after is not None and before < 0.35
    assert made.renewal.gain is not None
    assert made.renewal.learnt_from >= CONCEPT - timedelta(days=7), "it learns from what came since the change"
    assert after > 0.7


def test_a_quiet_time_tells_nothing_and_its_last_days_do_not_flatter(tmp_path: Path) -> None:
    made = replayed(past(tmp_path), replace(REQUEST, hold_out_share=0.5))
    assert made.alerts == () and made.renewal is None and made.no_renewal == "no alert called for a new version"
    assert made.whole.auc is not None and made.learned.auc_low <= made.whole.auc <= made.learned.auc_high
    # Successes are told after 3 days, failures after 10: of the last days only successes are known, and they do not count.
    assert made.known == sum(month.known for month in made.months) < made.rows
    rates = [month.observed for month in made.months if month.observed is not None]
    assert max(rates) - min(rates) < 0.06
    assert made.worth is not None and made.worth.success_rate_ranked > 2 * made.worth.success_rate_random
    assert made.held_out is not None and made.held_out.enough_on is not None
    assert made.first < made.held_out.enough_on <= made.last


def test_what_the_contract_would_have_refused_has_its_days(tmp_path: Path) -> None:
    made = replayed(past(tmp_path, bad_days=5))
    [broken] = [one for one in made.breaches if one.column == "industry"]
    assert (broken.days, broken.rows) == (5, 5 * A_DAY)
    assert broken.first == FIRST + timedelta(days=DAYS - 5) and broken.last == made.last


def test_outcomes_count_from_the_day_they_were_told() -> None:
    y = np.tile([1.0, 0.0, 0.0, 0.0], 2500)
    scores = np.where(y == 1, 0.9, 0.1)
    told = np.arange(len(y)) // 100 + 1
    soon, late = held_out(y, scores, told, 0.1), held_out(y, scores, told + 40, 0.1)
    assert soon is not None and late is not None and soon.enough_on is not None and late.enough_on is not None
    assert (late.enough_on - soon.enough_on).days == 40
    assert soon.effect == pytest.approx(0.75 * 0.1) and soon.hold_out < soon.champion
    assert held_out(y, 1 - scores, told, 0.1) is None, "a ranking that promises nothing has nothing to measure"
    assert held_out(np.full(100, np.nan), np.ones(100), told[:100], 0.1) is None


def test_what_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    wrong = replace(REQUEST, learn_share=0.95, hold_out_share=0.0, told="won", cost_per_action=None, delay_days=-1)
    with pytest.raises(Invalid) as caught:
        check_request(wrong)
    columns = {fault.column for fault in caught.value.faults}
    assert columns == {"learn_share", "hold_out_share", "delay_days", "outcome", "cost_per_action"}
    source = past(tmp_path)
    for change in ({"time": "industry"}, {"time": "nowhere"}, {"told": "nowhere"}, {"outcome": "industry2"}):
        with pytest.raises(HeadwayError):
            replayed(source, replace(REQUEST, **change))
