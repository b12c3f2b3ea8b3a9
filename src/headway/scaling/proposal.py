"""What a plan proposes: which way to take the model over, why, and in which stages to put it to work. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from headway.scaling.forecasting import Forecasts
from headway.scaling.readiness import Item
from headway.scaling.sequential import State, Tolerance
from headway.scaling.ways import Comparison, Way

_LOST_SKILL: Final = 0.6
_OPEN_CASES: Final = {0.1: "a tenth", 0.5: "half"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The way proposed; ``is_measured`` says whether labels of the new department chose it."""

    way: Way
    reason: str
    is_measured: bool
    blockers: tuple[str, ...]
    """Names of readiness items that stand in the way of any stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a roll-out: where, which share of cases, how long, and what has to hold before the next."""

    name: str
    environment: str
    share: float
    holdout: float
    weeks: int | None
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a proposal rests on."""

    forecasts: Forecasts | None
    source_auc: float
    tolerance: Tolerance | None
    comparison: Comparison | None
    state: State


def propose(grounds: Grounds, items: Sequence[Item]) -> Proposal:
    """Choose the way by measurement where labels allow it, else by the forecast."""
    if grounds.comparison is not None:
        way, reason = _measured(grounds.comparison)
    else:
        way, reason = _foreseen(grounds)
    return Proposal(
        way=way,
        reason=reason,
        is_measured=grounds.comparison is not None,
        blockers=tuple(item.name for item in items if item.state == "bad"),
    )


def _measured(comparison: Comparison) -> tuple[Way, str]:
    best = min(comparison.tried, key=lambda one: one.log_loss).way
    if best == comparison.chosen:
        return best, f"the best of four ways on {comparison.rows:,} labelled rows of this department"
    words = f"the simplest of four ways that is within one standard error of the best, {best.replace('_', '-')}"
    return comparison.chosen, f"{words}, on {comparison.rows:,} labelled rows of this department"


def _foreseen(grounds: Grounds) -> tuple[Way, str]:
    forecasts, tolerance = grounds.forecasts, grounds.tolerance
    if grounds.state is State.falls:
        return (
            "retrain",
            "the labels contradict the forecast: the concept is another here, so let it learn from this department",
        )
    if forecasts is None or tolerance is None:
        return "retrain", "nothing could be forecast with the columns that were found"
    kept = (forecasts.adapted.auc - 0.5) / max(grounds.source_auc - 0.5, 1e-9)
    if kept < _LOST_SKILL:
        return "retrain", f"the forecast keeps only {kept:.0%} of the model's skill here: collect labels and retrain"
    if abs(forecasts.slope - 1.0) > tolerance.slope or abs(forecasts.intercept) > tolerance.shift:
        return (
            "recalibrate",
            "by the forecast it ranks well here, but its probabilities are off: two numbers put that right",
        )
    return "reuse", "by the forecast it ranks and is calibrated here as at home; labels have to confirm it"


def stages(*, labels_needed: int | None, rows_a_week: float | None) -> tuple[Stage, ...]:
    """Propose stages from the sandbox to all cases; the gate of each is what labels have to show by then.

    Args: rows_a_week: cases that come in a week, where times are known.
    """
    needed = labels_needed or 300
    made = [
        Stage(
            name="in the sandbox",
            environment="sandbox",
            share=0.0,
            holdout=0.0,
            weeks=2,
            until="it scores beside people's own decisions, nobody acts on it, and no input breaks the contract",
        )
    ]
    for share, words in _OPEN_CASES.items():
        weeks = (
            None if rows_a_week is None or rows_a_week <= 0 else max(2, -(-needed // max(1, int(rows_a_week * share))))
        )
        until = (
            f"the forecast stands by about {needed:,} labels"
            if share < 0.5
            else "the hold-out shows an effect above nothing"
        )
        made.append(
            Stage(
                name=f"for {words} of the cases",
                environment="pilot",
                share=share,
                holdout=0.2,
                weeks=weeks,
                until=until,
            )
        )
    return (
        *made,
        Stage(
            name="for all cases",
            environment="production",
            share=1.0,
            holdout=0.05,
            weeks=None,
            until="the next review; a small hold-out stays, so that value stays measured",
        ),
    )
