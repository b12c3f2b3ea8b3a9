"""Dating a change: on which day did a column begin to move? Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from headway.numerics import FloatArray

RAMPS = (0, 7, 14, 28)
"""Days from nothing to the full change that are tried; 0 is a step."""
LONGEST = 120
"""Days looked back at most."""


def first_day(
    reference: Sequence[int], days: Mapping[date, Sequence[int]], changed: Sequence[int], found: date
) -> date:
    """Find the day on which counts began to leave the reference.

    Each day is one number, the mean log-ratio of changed to reference shares: the best single measure of how far a day
    has gone towards the change. A step or a ramp is laid through these numbers by weighted least squares, for each first
    day and each length, and weighed by how well it fits and how simple it is (Schwarz, 1978). The day in the middle of
    that weight is the answer: it misses less than the best fit alone.

    Args: reference: counts. days: counts over the same bins by day, up to the day it was found on. changed: counts of the
        days in which the change was found.
    """
    order = sorted(day for day in days if day <= found and any(days[day]))[-LONGEST:]
    if not order:
        return found
    towards = np.log(_shares(changed)) - np.log(_shares(reference))
    counts = np.array([days[day] for day in order], dtype=np.float64)
    weights = counts.sum(1)
    values = counts @ towards / weights
    at = np.array([(day - order[0]).days for day in order], dtype=np.float64)
    origin = float(_shares(reference) @ towards)
    costs = np.array([[_cost(values, weights, _rise(at, start, ramp), origin) for ramp in RAMPS] for start in at])
    costs[1:] += 2.0 * math.log(
        costs.size
    )  # changed from the start, or on any of the days: both are as likely at first
    likely = np.exp((costs.min() - costs) / 2.0).sum(1)
    return order[int(np.searchsorted(np.cumsum(likely), likely.sum() / 2.0))]


def _shares(counts: Sequence[int]) -> FloatArray:
    array = np.maximum(np.asarray(counts, dtype=np.float64), 0.5)
    return np.asarray(array / array.sum())


def _rise(at: FloatArray, start: float, ramp: int) -> FloatArray:
    """How far the change has gone on each day, from 0 to 1."""
    if not ramp:
        return np.asarray(at >= start, dtype=np.float64)
    return np.clip((at - start + 1.0) / ramp, 0.0, 1.0)


def _cost(values: FloatArray, weights: FloatArray, rise: FloatArray, origin: float) -> float:
    """Misfit of the best line from the level before to the level after, with a price for each number it takes.

    The level before is that of the days before, or where there are none, of the reference.
    """
    flat = rise.min() >= 1.0
    before = np.average(values[rise <= 0.0], weights=weights[rise <= 0.0]) if (rise <= 0.0).any() else origin
    moved = values - before
    size = float((weights * rise * moved).sum() / max(float((weights * rise * rise).sum()), 1e-300))
    rest = float((weights * (moved - size * rise) ** 2).sum())
    numbers = 1.0 if flat else 3.0  # two levels, and the day between them
    n = len(values)
    return n * math.log(max(rest, 1e-12) / n) + numbers * math.log(n)
