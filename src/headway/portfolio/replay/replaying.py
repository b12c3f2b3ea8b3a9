"""The replay itself: learn from the first part, then go through the later days as they came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway import catalog, monitoring, numerics, registry, value
from headway.kernel.errors import HeadwayError
from headway.kernel.money import Money
from headway.monitoring import AlertKind, Performance, Rehearsed, Severity
from headway.portfolio.projection import ACTIONS, CASES, Projection, project
from headway.portfolio.replay.entities import Breach, HeldOut, Learned, Renewal, ReplayReport, ReplayRequest

Floats = NDArray[np.float64]
BEST = 0.1
"""The share of the ranking that is acted on, as in a pilot's projection."""
FEWEST_AFTER = 200
"""Rows with an outcome after a renewal below which two versions are not compared."""
FEWEST_NEW, FEWEST_OF_EACH = 500, 60
"""Rows since a change, and successes and failures among them, from which a second version learns alone."""
TURNED = (AlertKind.performance, AlertKind.concept)
ASSUMPTIONS = (
    "the rows are those that would have been decided about, and what became of them does not depend on the ranking",
    "every row is scored, also those that the contract would have refused",
    "outcomes are looked at once a week, where monitoring at work looks each day",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    """Later rows in the order of their days, as a version sees them."""

    days: tuple[date, ...]
    known_days: NDArray[np.int64]
    outcomes: Floats
    scores: Floats
    inputs: Mapping[str, Floats]

    def as_of(self, day: date) -> tuple[Sequence[date], Floats, Floats]:
        """The rows decided by a day, with what was known of them on its evening."""
        until = np.searchsorted(np.array([one.toordinal() for one in self.days]), day.toordinal(), side="right")
        told = np.where(self.known_days[:until] <= day.toordinal(), self.outcomes[:until], np.nan)
        return self.days[:until], self.scores[:until], told


def replay(history: catalog.History, request: ReplayRequest) -> ReplayReport:
    """Replay the later part of a history.

    Raises: what is wrong with the rows of the first part, as training does; Invalid: only one amount of money.
    """
    trained = registry.train_rows(history.first, history.contract, spec_of(history.contract, request))
    scored = _scored(trained, history, request)
    watched = monitoring.Watched(reference=registry.reference_of(trained), calendar=_calendar(trained))
    alerts = monitoring.rehearse(
        watched,
        _profiles(watched.reference, scored),
        lambda day: monitoring.scored_days("first", *scored.as_of(day)),
        _expected(trained),
    )
    last = scored.days[-1]
    settled = _settled(scored)
    renewal, why_none = _renewed(history, request, settled, alerts)
    worth = _worth(settled, request)
    return ReplayReport(
        learned=_learned(history, trained),
        first=scored.days[0],
        last=last,
        rows=len(scored.days),
        known=int((~np.isnan(settled.outcomes)).sum()),
        without_time=history.without_time,
        breaches=breaches_of(history, request),
        alerts=alerts,
        months=_months(settled, last),
        whole=_performance(settled, last),
        renewal=renewal,
        no_renewal=why_none,
        held_out=held_out(settled.outcomes, settled.scores, settled.known_days, request.hold_out_share),
        worth=worth,
        assumptions=ASSUMPTIONS,
    )


def spec_of(contract: Mapping[str, object], request: ReplayRequest) -> registry.TrainingSpec:
    """What the versions of a replay are trained by."""
    told = (request.told,) if request.told else ()
    return registry.TrainingSpec(
        name=request.usecase,
        label=request.outcome,
        positive=request.positive or catalog.roles_of(contract).positive,
        time=request.time,
        subject=request.subject,
        exclude=(*request.exclude, *told),
        policy=registry.PolicySpec(),
    )


def breaches_of(history: catalog.History, request: ReplayRequest) -> tuple[Breach, ...]:
    """The broken rules, the one broken first first; what is wrong with outcomes is no fault of a record."""
    made = [
        Breach(
            rule=one.rule,
            column=one.column,
            first=min(one.days),
            last=max(one.days),
            days=len(one.days),
            rows=sum(one.days.values()),
        )
        for one in history.broken
        if one.column not in (request.outcome, request.told)
    ]
    return tuple(sorted(made, key=lambda one: (one.first, -one.rows)))


def held_out(outcomes: Floats, scores: Floats, known_days: NDArray[np.int64], share: float) -> HeldOut | None:
    """Say when a hold-out would have shown what the ranking promises; None where it promises nothing."""
    is_known = ~np.isnan(outcomes)
    y, p = outcomes[is_known], scores[is_known]
    effect = _more_in_the_best(y, p) * ACTIONS / CASES
    rate = float(y.mean()) if len(y) else 0.0
    if effect <= 0 or not 0 < rate < 1 or not 0 < share < 1:
        return None
    seen = value.Group(n=0, mean=rate, variance=rate * (1 - rate))
    asked = value.needed(seen, seen, held_out_share=share, detectable=effect)
    total = max(asked.champion / (1 - share), asked.hold_out / share)
    told = np.sort(known_days[is_known])
    reached = int(np.ceil(total))
    return HeldOut(
        share=share,
        effect=effect,
        champion=asked.champion,
        hold_out=asked.hold_out,
        enough_on=date.fromordinal(int(told[reached - 1])) if reached <= len(told) else None,
    )


def _more_in_the_best(y: Floats, p: Floats) -> float:
    best = _best(p)
    return float(y[best].mean() - y.mean()) if len(best) else 0.0


def _best(p: Floats) -> NDArray[np.intp]:
    """The rows of the best tenth, ties in the order they came."""
    return np.argsort(-p, kind="stable")[: int(len(p) * BEST)]


# --- scoring -----------------------------------------------------------------------------------------------------


def _scored(trained: registry.TrainedModel, history: catalog.History, request: ReplayRequest) -> _Scored:
    rows = registry.score_rows(trained, history.later)
    days = tuple(history.days.to_list())
    outcomes = registry.outcomes_of(trained, history.later)
    at = np.array([day.toordinal() for day in days], dtype=np.int64)
    known = at + request.delay_days
    if request.told is not None:
        told = history.later[request.told].cast(pl.Date, strict=False).to_list()
        never = date.max.toordinal()
        known = np.array([one.toordinal() if one is not None else never for one in told], dtype=np.int64)
        known = np.maximum(known, at)
    return _Scored(days=days, known_days=known, outcomes=outcomes, scores=rows.scores, inputs=rows.inputs)


def _settled(scored: _Scored) -> _Scored:
    """Take out what is known of days that are not settled in the end: what comes early would stand for all."""
    told = monitoring.scored_days("first", scored.days, scored.scores, scored.outcomes)
    young = {one.day for one in told if not monitoring.is_settled(one, scored.days[-1])}
    is_young = np.array([day in young for day in scored.days])
    return replace(scored, outcomes=np.where(is_young, np.nan, scored.outcomes))


def _profiles(reference: numerics.Reference, scored: _Scored) -> dict[date, numerics.Profile]:
    at = np.array([day.toordinal() for day in scored.days])
    made = {}
    for day in np.unique(at):
        rows = slice(int(np.searchsorted(at, day)), int(np.searchsorted(at, day, side="right")))
        inputs = {name: scored.inputs[name][rows] for name in reference.rulers}
        made[date.fromordinal(int(day))] = numerics.profile_rows(reference, inputs, scored.scores[rows])
    return made


def _calendar(trained: registry.TrainedModel) -> frozenset[str]:
    return frozenset(feature.name for feature in trained.release.features if feature.kind == "date_part")


def _expected(trained: registry.TrainedModel) -> monitoring.Expected:
    found, interval = trained.metrics, trained.metrics.intervals["roc_auc"]
    return monitoring.Expected(
        auc=found.roc_auc,
        auc_low=interval.low,
        auc_high=interval.high,
        brier=found.brier,
        rows=found.n_test,
        positives=found.positives,
    )


def _performance(scored: _Scored, on: date) -> Performance:
    """How right the scores were, by all that became known in the end."""
    made = monitoring.perform(monitoring.scored_days("first", scored.days, scored.scores, scored.outcomes), on)
    assert made is not None  # noqa: S101  the later part has rows
    return made


def _months(scored: _Scored, on: date) -> tuple[Performance, ...]:
    by_month: dict[tuple[int, int], list[int]] = {}
    for at, day in enumerate(scored.days):
        by_month.setdefault((day.year, day.month), []).append(at)
    return tuple(_performance(_rows(scored, np.array(found)), on) for _, found in sorted(by_month.items()))


def _rows(scored: _Scored, at: NDArray[np.intp]) -> _Scored:
    return replace(
        scored,
        days=tuple(scored.days[int(one)] for one in at),
        known_days=scored.known_days[at],
        outcomes=scored.outcomes[at],
        scores=scored.scores[at],
        inputs={name: column[at] for name, column in scored.inputs.items()},
    )


def _learned(history: catalog.History, trained: registry.TrainedModel) -> Learned:
    interval = trained.metrics.intervals["roc_auc"]
    return Learned(
        first=history.first_days[0],
        last=history.first_days[1] - timedelta(days=1),
        rows=trained.rows,
        positive=trained.positive,
        rate=trained.rate,
        learner=trained.learner,
        features=len(trained.features),
        left_out=tuple(one.column for one in trained.excluded if one.by == "rule"),
        auc=trained.metrics.roc_auc,
        auc_low=interval.low,
        auc_high=interval.high,
        is_believable=trained.believable,
        warnings=trained.warnings,
    )


# --- a second version --------------------------------------------------------------------------------------------


def _renewed(
    history: catalog.History,
    request: ReplayRequest,
    scored: _Scored,
    alerts: Sequence[Rehearsed],
) -> tuple[Renewal | None, str | None]:
    """Learn again when the first alert calls for it, and compare both versions on what came after.

    Where ranking or concept turned, the second version learns from what came since, as soon as that is enough.
    """
    call = next((one for one in alerts if _calls(one)), None)
    if call is None:
        return None, "no alert called for a new version"
    on = call.noticed_on if call.kind not in TURNED else _enough_on(scored, call)
    if on is None:
        return None, f"too few outcomes since {call.since} became known to learn from what came after the change"
    at = np.array([day.toordinal() for day in scored.days])
    is_after = at > on.toordinal()
    comparable = np.flatnonzero(is_after & ~np.isnan(scored.outcomes))
    if len(comparable) < FEWEST_AFTER or len(set(scored.outcomes[comparable])) < 2:
        return None, f"after {on} too few outcomes are known to compare two versions"
    is_told = ~is_after & (scored.known_days <= on.toordinal())
    learnt_from, rows = history.first_days[0], pl.concat([history.first, history.later.filter(pl.Series(is_told))])
    if call.kind in TURNED:  # what was before the change tells what is not so any more
        learnt_from, rows = call.since, history.later.filter(pl.Series(is_told & (at >= call.since.toordinal())))
    try:
        again = registry.train_rows(rows, history.contract, spec_of(history.contract, request))
    except HeadwayError as error:
        return None, f"a second version could not be trained on {on}: {error.message}"
    after = _scored(again, history, request)
    before = _rows(scored, comparable)
    now = replace(_rows(after, comparable), outcomes=before.outcomes)
    money = [_worth(one, request) for one in (before, now)]
    gain = None
    if money[0] is not None and money[1] is not None:
        gain = str(Money.parse(money[1].net_ranked.expected) - Money.parse(money[0].net_ranked.expected))
    last = scored.days[-1]
    return (
        Renewal(
            on=on,
            because=monitoring.title_of(call.kind),
            learnt_from=learnt_from,
            rows=again.rows,
            first=now.days[0],
            last=now.days[-1],
            cases=len(comparable),
            before=_performance(before, last),
            after=_performance(now, last),
            gain=gain,
        ),
        None,
    )


def _calls(alert: Rehearsed) -> bool:
    return alert.severity is Severity.serious or alert.kind in TURNED


def _enough_on(scored: _Scored, call: Rehearsed) -> date | None:
    """The day on which enough was known of what came after a change to learn from it alone."""
    at = np.array([day.toordinal() for day in scored.days])
    is_new = (at >= call.since.toordinal()) & ~np.isnan(scored.outcomes)
    order = np.argsort(scored.known_days[is_new], kind="stable")
    told, won = scored.known_days[is_new][order], scored.outcomes[is_new][order]
    wins, losses = np.cumsum(won), np.cumsum(1 - won)
    enough = np.flatnonzero((wins + losses >= FEWEST_NEW) & (np.minimum(wins, losses) >= FEWEST_OF_EACH))
    return max(call.noticed_on, date.fromordinal(int(told[enough[0]]))) if len(enough) else None


def _worth(scored: _Scored, request: ReplayRequest) -> Projection | None:
    """What acting on the best tenth of the later rows would have been worth, by the two amounts."""
    is_known = ~np.isnan(scored.outcomes)
    y, p = scored.outcomes[is_known], scored.scores[is_known]
    value_text, cost_text = request.value_per_success, request.cost_per_action
    best = _best(p)
    base = float(y.mean()) if len(y) else 0.0
    if not len(best) or not base:
        return None
    found = int(y[best].sum())
    low, high = monitoring.wilson(found, len(best))
    return project(
        base_rate=base,
        lift=found / len(best) / base,
        lift_interval=(low / base, high / base),
        value_per_success=Money.parse(value_text) if value_text else None,
        cost_per_action=Money.parse(cost_text) if cost_text else None,
    )
