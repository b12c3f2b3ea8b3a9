"""Realised performance: how right scores were, once outcomes are known, and whether that changed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from headway import numerics
from headway.monitoring.entities import AlertKind, Expected, Finding, Performance, Severity
from headway.serving import ScoredDay

FEWEST_KNOWN, FEWEST_OF_EACH = 200, 20
"""Known outcomes, and successes and failures among them, below which nothing is compared."""
SETTLED_SHARE, SETTLED_DAYS = 0.8, 90
"""Decisions of a day are settled when this share has an outcome, or after these days with what is known then: before,
what comes early (often the successes) would stand for all."""
SPAN = timedelta(days=28)
AUC_FALL, AUC_FALL_SERIOUS = 0.05, 0.1
RATE_CHANGE, RATE_CHANGE_SERIOUS = 0.2, 0.5
"""Changes of the rate of success against what scores foresaw that count, as a share of that rate."""
_Z = numerics.normal_quantile(0.975)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Area under the ROC curve with its variance."""

    auc: float
    variance: float


def is_settled(day: ScoredDay, today: date) -> bool:
    """Whether the figures of a day will hardly move any more."""
    return day.known >= SETTLED_SHARE * day.decided or today - day.day >= timedelta(days=SETTLED_DAYS)


def ranked(days: Iterable[ScoredDay]) -> Ranked | None:
    """The area under the ROC curve over the ranges of scores, ties counted as half; None without both outcomes.

    Source: DeLong, DeLong and Clarke-Pearson (1988) for the variance, by placements within ranges.
    """
    counts: dict[int, tuple[int, int]] = {}
    for day in days:
        for one in day.ranges:
            failures, successes = counts.get(one.range, (0, 0))
            counts[one.range] = failures + one.failures, successes + one.successes
    table = np.array([counts[key] for key in sorted(counts)], dtype=np.float64).reshape(-1, 2)
    negatives, positives = table[:, 0], table[:, 1]
    n, p = negatives.sum(), positives.sum()
    if not n or not p:
        return None
    below = (np.cumsum(negatives) - negatives / 2) / n  # share of failures that a success here beats
    above = (p - np.cumsum(positives) + positives / 2) / p  # share of successes that beat a failure here
    auc = float((positives * below).sum() / p)
    variance = 0.0
    for weight, placed, count in ((positives, below, p), (negatives, above, n)):
        if count > 1:
            variance += float((weight * (placed - auc) ** 2).sum() / (count - 1) / count)
    return Ranked(auc, variance)


def perform(days: Sequence[ScoredDay], today: date) -> Performance | None:
    """Sum up some days; None where there are none."""
    if not days:
        return None
    decided, known = sum(day.decided for day in days), sum(day.known for day in days)
    successes = sum(day.successes for day in days)
    auc = ranked(days) if min(successes, known - successes) > 0 else None
    auc_low, auc_high = _within(auc.auc, auc.variance) if auc else (None, None)
    observed_low, observed_high = wilson(successes, known) if known else (None, None)
    brier = sum(day.squared_error_sum for day in days) / known if known else None
    brier_low = brier_high = None
    if brier is not None and known > 1:
        squares = sum(day.squared_error_squares for day in days) / known
        brier_low, brier_high = _within(brier, max(0.0, squares - brier**2) / (known - 1))
    return Performance(
        first=days[0].day,
        last=days[-1].day,
        decided=decided,
        known=known,
        successes=successes,
        is_settled=all(is_settled(day, today) for day in days),
        expected=sum(day.score_sum for day in days) / known if known else None,
        observed=successes / known if known else None,
        observed_low=observed_low,
        observed_high=observed_high,
        auc=auc.auc if auc else None,
        auc_low=auc_low,
        auc_high=auc_high,
        brier=brier,
        brier_low=brier_low,
        brier_high=brier_high,
    )


def _within(value: float, variance: float) -> tuple[float, float]:
    reach = _Z * math.sqrt(variance)
    return max(0.0, value - reach), min(1.0, value + reach)


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a rate. Source: Wilson (1927).

    >>> [round(end, 4) for end in wilson(10, 100)]
    [0.0552, 0.1744]
    """
    rate, share = successes / n, _Z**2 / n
    middle = (rate + share / 2) / (1 + share)
    reach = _Z / (1 + share) * math.sqrt(rate * (1 - rate) / n + share / (4 * n))
    return middle - reach, middle + reach


def by_week(days: Sequence[ScoredDay], today: date) -> tuple[Performance, ...]:
    """Sum up calendar weeks, the first first."""
    weeks: dict[date, list[ScoredDay]] = {}
    for day in days:
        weeks.setdefault(day.day - timedelta(days=day.day.weekday()), []).append(day)
    made = (perform(found, today) for _, found in sorted(weeks.items()))
    return tuple(one for one in made if one is not None)


def recent_days(days: Sequence[ScoredDay], today: date) -> list[ScoredDay]:
    """The settled days of the last four weeks that have some."""
    settled = [day for day in days if is_settled(day, today) and day.known]
    return [day for day in settled if day.day > settled[-1].day - SPAN] if settled else []


# --- alarms ------------------------------------------------------------------------------------------------------


def performance_finding(
    days: Sequence[ScoredDay], expected: Expected | None, today: date, level: float
) -> Finding | None:
    """Compare the ranking of the last settled four weeks with the test at training; None while it holds."""
    recent = recent_days(days, today)
    auc = ranked(recent) if is_enough(recent) else None
    if auc is None or expected is None or expected.auc is None:
        return None
    before = _variance(expected)
    fall = expected.auc - auc.auc
    p = _upper_tail(fall / math.sqrt(auc.variance + before)) if auc.variance + before > 0 else 1.0
    if p >= level or fall < AUC_FALL:
        return None
    return Finding(
        kind=AlertKind.performance,
        severity=Severity.serious if fall >= AUC_FALL_SERIOUS else Severity.warning,
        since=recent[0].day,
        columns=(),
        evidence={
            **_facts(recent, today),
            "expected_auc": expected.auc,
            "expected_rows": expected.rows,
            "fall": fall,
            "p": p,
        },
    )


def concept_finding(days: Sequence[ScoredDay], today: date, level: float) -> Finding | None:
    """Compare the last settled four weeks with the first ones of the release; None while they tell the same.

    Compared with its own beginning, what the actions of the release do to outcomes cancels out.
    """
    settled = [day for day in days if is_settled(day, today) and day.known]
    first = [day for day in settled if day.day < settled[0].day + SPAN] if settled else []
    recent = [day for day in recent_days(days, today) if day.day > first[-1].day] if first else []
    if not is_enough(first) or not is_enough(recent):
        return None
    change, p_rate = _rate_change(first, recent)
    fall, p_auc = _auc_fall(first, recent)
    rate = sum(day.successes for day in first) / sum(day.known for day in first)
    by_rate = p_rate < level and abs(change) >= RATE_CHANGE * rate
    by_auc = p_auc < level and fall >= AUC_FALL
    if not by_rate and not by_auc:
        return None
    is_large = (by_rate and abs(change) >= RATE_CHANGE_SERIOUS * rate) or (by_auc and fall >= AUC_FALL_SERIOUS)
    return Finding(
        kind=AlertKind.concept,
        severity=Severity.serious if is_large else Severity.warning,
        since=recent[0].day,
        columns=(),
        evidence={
            **_facts(recent, today),
            "first_from": first[0].day.isoformat(),
            "first_to": first[-1].day.isoformat(),
            "first_known": sum(day.known for day in first),
            "rate_change": change,
            "rate_p": p_rate,
            "auc_fall": fall,
            "auc_p": p_auc,
        },
    )


def is_enough(days: Sequence[ScoredDay]) -> bool:
    """Whether so many outcomes are known that days can be compared."""
    known, successes = sum(day.known for day in days), sum(day.successes for day in days)
    return known >= FEWEST_KNOWN and min(successes, known - successes) >= FEWEST_OF_EACH


def _rate_change(first: Sequence[ScoredDay], recent: Sequence[ScoredDay]) -> tuple[float, float]:
    """How much more success there is than scores foresaw, beside the beginning; and its two-sided p value."""
    gaps, errors = [], []
    for days in (first, recent):
        known = sum(day.known for day in days)
        gap = sum(day.successes - day.score_sum for day in days) / known
        spread = sum(day.squared_error_sum for day in days) / known - gap**2
        gaps.append(gap)
        errors.append(spread / known)
    change = gaps[1] - gaps[0]
    return change, 2.0 * _upper_tail(abs(change) / math.sqrt(sum(errors))) if sum(errors) > 0 else 1.0


def _auc_fall(first: Sequence[ScoredDay], recent: Sequence[ScoredDay]) -> tuple[float, float]:
    before, now = ranked(first), ranked(recent)
    if before is None or now is None or before.variance + now.variance <= 0:
        return 0.0, 1.0
    fall = before.auc - now.auc
    return fall, _upper_tail(fall / math.sqrt(before.variance + now.variance))


def _variance(expected: Expected) -> float:
    """Of the test's area, from its interval; else after Hanley and McNeil (1982)."""
    if expected.auc is None:
        return 0.0
    if expected.auc_low is not None and expected.auc_high is not None:
        return ((expected.auc_high - expected.auc_low) / (2 * _Z)) ** 2
    a, positives, negatives = expected.auc, expected.positives, expected.rows - expected.positives
    if not positives or not negatives:
        return 0.0
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    spread = a * (1 - a) + (positives - 1) * (q1 - a * a) + (negatives - 1) * (q2 - a * a)
    return spread / (positives * negatives)


def _upper_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2.0)) / 2.0


def _facts(days: Sequence[ScoredDay], today: date) -> dict[str, object]:
    made = perform(days, today)
    assert made is not None  # noqa: S101  there are days
    return {
        "from": made.first.isoformat(),
        "to": made.last.isoformat(),
        "decided": made.decided,
        "known": made.known,
        "auc": made.auc,
        "auc_low": made.auc_low,
        "auc_high": made.auc_high,
        "observed": made.observed,
        "expected": made.expected,
    }
