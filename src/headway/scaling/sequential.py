"""Whether a forecast stands as outcomes become known: a test that may be looked at after every label. Pure.

The forecast says of each row how likely a success is. Two bets are kept, both by *universal inference* (Wasserman, Ramdas &
Balakrishnan 2020, Universal inference, PNAS 117(29), section 8): a likelihood that was fixed, or made before the label came,
divided by the largest likelihood within the hypothesis it bets against. Each is an e-process: whatever the moment of looking,
it exceeds 1 / alpha with a chance of at most alpha where that hypothesis holds (Ville's inequality).

- *against the forecast*: many ways in which the concept may have moved, against the forecast and all small deviations from
  it (``Tolerance``), so that a calibration that is a little off is not taken for a moved concept;
- *for the forecast*: the forecast and small deviations, against every move of the whole score that would matter: odds of a
  success half or twice what was forecast, or a score that separates half as well.

Both hold for whichever rows were labelled, as long as they were chosen by what was known before the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from math import ceil, exp, log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headway import numerics
from headway.scaling.forecasting import centre_of

Floats = NDArray[np.float64]
ALPHA: Final = 0.05
MATTERING_SHIFT: Final = log(2.0)
MATTERING_SLOPE: Final = 0.5
_SHIFTS: Final = (-2.4, -1.8, -1.2, -0.7, 0.0, 0.7, 1.2, 1.8, 2.4)
_SLOPES: Final = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
_STEPS: Final = (-1.4, -0.7, 0.7, 1.4)
_PRECISIONS: Final = (4.0, 16.0)
"""Of the coefficient of each direction, for the two learners that look at all of them."""
_REFIT: Final = 5
_LEAST_SHIFT: Final = 0.15
_LEAST_SLOPE: Final = 0.14
_MARGIN: Final = 1e-6
_NEAR: Final = 3
_KINDS: Final = _NEAR * _NEAR


class State(StrEnum):
    """What the labels say of the forecast by now."""

    waiting = "waiting"  # no label yet
    open = "open"  # neither way; more labels are needed
    stands = "stands"
    falls = "falls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Deviations that still count as the forecast: of the log-odds, and of the logarithm of their slope."""

    shift: float
    slope: float

    @staticmethod
    def of(shift_error: float, slope_error: float) -> Tolerance:
        """Two standard errors of the calibration that the forecast rests on, and never less than 0.15 and 0.14."""
        return Tolerance(shift=max(_LEAST_SHIFT, 2.0 * shift_error), slope=max(_LEAST_SLOPE, 2.0 * slope_error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The state after some labels. ``against`` and ``for_it`` are logarithms of the two bets after each label."""

    state: State
    labels: int
    positives: int
    expected_positives: float
    against: Floats
    for_it: Floats
    decided_at: int | None
    """The label after which it stands or falls."""
    more: int | None
    """About how many more labels it needs while it is open, if the forecast is right."""


def check(probability: Floats, y: Floats, sides: Floats, everywhere: Floats, tolerance: Tolerance) -> Check:
    """Hold labels against a forecast.

    Args:
        probability: forecast of each labelled row, in the order in which labels came; y: its outcome, 0 or 1.
        sides: float64[n, k], the directions of the same rows (``directions``).
        everywhere: forecasts of all rows of the target: they fix the centre of the score and what a label may tell.
    """
    limit = log(1.0 / ALPHA)
    raw, centre = _logit(probability), centre_of(everywhere)
    against = _against(raw, y, sides, centre, tolerance)
    for_it = _for(raw, y, centre, tolerance)
    fallen, stood = np.flatnonzero(against >= limit), np.flatnonzero(for_it >= limit)
    state, decided, more = State.open, None, None
    if len(fallen):
        state, decided = State.falls, int(fallen[0]) + 1
    elif len(stood):
        state, decided = State.stands, int(stood[0]) + 1
    else:
        state = State.open if len(y) else State.waiting
        missing = limit - (float(for_it[-1]) if len(y) else -log(_KINDS))
        more = max(10, ceil(missing / _told_by_a_label(everywhere, centre)))
    return Check(
        state=state,
        labels=len(y),
        positives=int(y.sum()),
        expected_positives=float(probability.sum()),
        against=against,
        for_it=for_it,
        decided_at=decided,
        more=more,
    )


def order_to_label(probability: Floats, most: int, *, seed: int) -> NDArray[np.intp]:
    """Choose rows to find the outcome of first: at random, the likelier a success is forecast the more often.

    A rare success that was forecast tells more than one more failure; choosing by the forecast leaves the check valid.
    """
    share = probability + _MARGIN
    draw = np.random.default_rng(seed)
    keys = (
        draw.exponential(size=len(share)) / share
    )  # Efraimidis & Spirakis (2006): weighted sampling without replacement
    return np.argsort(keys, kind="stable")[:most]


def _against(raw: Floats, y: Floats, sides: Floats, centre: float, tolerance: Tolerance) -> Floats:
    kept = [(-tolerance.shift, tolerance.shift), (exp(-tolerance.slope), exp(tolerance.slope))]
    near = list(product(np.linspace(*kept[0], 7), np.linspace(*kept[1], 7)))
    far = [
        (shift, slope)
        for shift, slope in product(_SHIFTS, _SLOPES)
        if not (abs(shift) <= tolerance.shift and kept[1][0] <= slope <= kept[1][1])
    ]
    bets = [_mixed(_told(_lines(raw, centre, far), y))]
    if sides.shape[1]:
        moved = np.concatenate([raw[:, None] + step * sides for step in _STEPS], axis=1)
        bets.append(_mixed(_told(moved, y)))
    design = np.column_stack([np.ones(len(y)), raw - centre, sides])
    for precision in _PRECISIONS:
        prior = np.full(design.shape[1], precision)
        prior[:2] = 1.0, 4.0
        bets.append(_learnt(raw, design, y, prior))
    return _mixed(np.column_stack(bets)) - _best(_told(_lines(raw, centre, near), y))


def _for(raw: Floats, y: Floats, centre: float, tolerance: Tolerance) -> Floats:
    near = list(
        product(
            np.linspace(-tolerance.shift, tolerance.shift, _NEAR),
            np.exp(np.linspace(-tolerance.slope, tolerance.slope, _NEAR)),
        )
    )
    return _mixed(_told(_lines(raw, centre, near), y)) - _best(_told(_lines(raw, centre, _mattering()), y))


def _mattering() -> list[tuple[float, float]]:
    """Moves of the whole score that would matter: a grid over all of them, their edge included."""
    shifts = np.concatenate([-np.geomspace(MATTERING_SHIFT, 3.5, 9), np.geomspace(MATTERING_SHIFT, 3.5, 9)])
    slopes = np.linspace(-1.0, 2.0, 31)
    inside = np.linspace(-MATTERING_SHIFT, MATTERING_SHIFT, 15)
    return [*product(shifts, slopes), *product(inside, slopes[slopes <= MATTERING_SLOPE + 1e-9])]


def _told_by_a_label(everywhere: Floats, centre: float) -> float:
    """What a label of a row chosen by ``order_to_label`` is expected to add to the bet for a right forecast, in nats."""
    p = np.clip(everywhere, _MARGIN, 1.0 - _MARGIN)
    raw, share = _logit(p), p / p.sum()
    edge = [(MATTERING_SHIFT, 1.0), (-MATTERING_SHIFT, 1.0), (0.0, MATTERING_SLOPE)]
    lines = _lines(raw, centre, edge)
    apart = p[:, None] * (raw[:, None] - lines) - np.logaddexp(0.0, raw)[:, None] + np.logaddexp(0.0, lines)
    return max(1e-4, float((share[:, None] * apart).sum(axis=0).min()))


def _lines(raw: Floats, centre: float, moves: list[tuple[float, float]]) -> Floats:
    shift, slope = np.array(moves).T
    made: Floats = centre + shift + slope * (raw[:, None] - centre)
    return made


def _told(lines: Floats, y: Floats) -> Floats:
    """Log-likelihood of the labels so far, for each column of log-odds."""
    made: Floats = np.cumsum(y[:, None] * lines - np.logaddexp(0.0, lines), axis=0)
    return made


def _mixed(told: Floats) -> Floats:
    """Log of the mean likelihood of several bets."""
    return np.asarray(np.logaddexp.reduce(told, axis=1) - log(told.shape[1]), dtype=np.float64)


def _best(told: Floats) -> Floats:
    """Log of the largest likelihood within a hypothesis."""
    return np.asarray(told.max(axis=1, initial=-np.inf), dtype=np.float64)


def _learnt(raw: Floats, design: Floats, y: Floats, prior: Floats) -> Floats:
    """Likelihood of a learner that bets on each label by the labels before it: Bayesian logistic regression beside the score.

    Source: predictive by MacKay (1992), The evidence framework applied to classification networks, equation 11.
    """
    beta, curvature = np.zeros(design.shape[1]), np.diag(prior)
    bets = np.empty(len(y))
    for start in range(0, len(y), _REFIT):
        rows = slice(start, start + _REFIT)
        spread = np.einsum("ij,ji->i", design[rows], np.linalg.solve(curvature, design[rows].T))
        bets[rows] = (raw[rows] + design[rows] @ beta) / np.sqrt(1.0 + np.pi * spread / 8.0)
        seen = slice(0, start + _REFIT)
        beta, curvature = _fitted(raw[seen], design[seen], y[seen], prior, beta)
    return _told(bets[:, None], y)[:, 0]


def _fitted(raw: Floats, design: Floats, y: Floats, prior: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """The most likely coefficients and the curvature there, by Newton's method with backtracking."""

    def loss(at: Floats) -> float:
        lines: Floats = raw + design @ at
        return float((np.logaddexp(0.0, lines) - y * lines).sum() + 0.5 * (prior * at * at).sum())

    best = loss(beta)
    for _ in range(25):
        p = numerics.sigmoid(raw + design @ beta)
        gradient = design.T @ (p - y) + prior * beta
        curvature = (design.T * (p * (1.0 - p))) @ design + np.diag(prior)
        step, share = np.linalg.solve(curvature, gradient), 1.0
        while (found := loss(beta - share * step)) > best + 1e-12 and share > 1e-4:
            share /= 2.0
        if best - found < 1e-7:
            break
        beta, best = beta - share * step, found
    return beta, curvature


def _logit(probability: Floats) -> Floats:
    return numerics.logit(probability, _MARGIN)
