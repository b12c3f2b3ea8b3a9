"""Profiles: what a column of many rows looks like, in a few numbers that can be added up without loss.

A *ruler* says what is counted: fixed bins, cut once at the quantiles of a reference sample, or the values of a category.
A *tally* holds the counts. Tallies of one ruler merge by adding whole numbers, so the order and the grouping of merges
never change a digit, and a profile of a year is as large as one of an hour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from headway.numerics.entities import FloatArray
from headway.numerics.errors import ShapeMismatch

BINS = 10
TOP = 50
STEPS = 1 << 16
"""Moments are summed in whole steps: so many of them are one spread of the reference."""
NINE_TENTHS = 3.2897
"""Standard deviations between the 5th and the 95th percentile of a normal distribution."""
_MOST_STEPS = (1 << 31) - 1
UNSEEN = -math.inf
"""How a category that the reference does not list is written in an array."""

RulerKind = Literal["number", "category"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """What a column is counted by.

    number: bin i holds what lies above ``edges[i-1]`` and not above ``edges[i]``; the outer bins are open. category: a
    bin for each of ``labels`` (codes 0, 1, ...), then one for all other codes, then one for values never seen.
    """

    kind: RulerKind
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    center: float = 0.0
    spread: float = 1.0

    @property
    def bins(self) -> int:
        """How many counts a tally holds."""
        return len(self.edges) + 1 if self.kind == "number" else len(self.labels) + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The counts of one column; ``total`` and ``squares`` sum the steps from the ruler's center, and their squares."""

    counts: tuple[int, ...]
    nulls: int = 0
    low: float | None = None
    high: float | None = None
    total: int = 0
    squares: int = 0

    @property
    def known(self) -> int:
        """Rows that have a value."""
        return sum(self.counts)

    @property
    def rows(self) -> int:
        """Rows counted, with those that have no value."""
        return self.known + self.nulls


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The tallies of rows: their inputs by name, and the scores they were given."""

    rows: int
    inputs: Mapping[str, Tally]
    scores: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What later profiles are compared with: the rulers, and the profile of the rows that they were cut from."""

    rulers: Mapping[str, Ruler]
    score_ruler: Ruler
    profile: Profile


# --- rulers ------------------------------------------------------------------------------------------------------


def number_ruler(values: FloatArray, bins: int = BINS) -> Ruler:
    """Cut a ruler at the quantiles of a sample, so that about as many of its values fall into each bin.

    Edges are values that occur, and equal ones are kept once: a value held by many rows has a bin of its own.

    Args: values: float64, NaN for missing. bins: how many to cut at most.
    """
    known = np.sort(values[np.isfinite(values)])
    if not len(known):
        return Ruler(kind="number")
    at = [math.ceil(len(known) * i / bins) - 1 for i in range(1, bins)]
    edges = sorted({float(known[max(i, 0)]) for i in at} - {float(known[-1])})
    if known[0] == known[-1]:  # what is always the same has a bin of its own, so that anything else shows
        edges = [float(np.nextafter(known[0], -np.inf)), float(known[0])]
    return Ruler(kind="number", edges=tuple(edges), center=float(known[(len(known) - 1) // 2]), spread=_spread(known))


def _spread(known: FloatArray) -> float:
    """The width of the middle nine tenths of a sorted sample, in standard deviations of a normal one; never zero."""
    outer = len(known) // 20
    for low, high in ((known[outer], known[-1 - outer]), (known[0], known[-1])):
        width = float(high / NINE_TENTHS - low / NINE_TENTHS)
        if 0 < width < math.inf:
            return width
    return 1.0


def category_ruler(labels: Sequence[str], top: int = TOP) -> Ruler:
    """Make a ruler of categories given in the order of their codes; those beyond ``top`` share a bin."""
    return Ruler(kind="category", labels=tuple(labels[:top]))


# --- tallies -----------------------------------------------------------------------------------------------------


def empty_tally(ruler: Ruler) -> Tally:
    """The tally of no rows: merging it changes nothing."""
    return Tally(counts=(0,) * ruler.bins)


def tally(ruler: Ruler, values: FloatArray) -> Tally:
    """Count a column.

    Args: values: float64 of shape (n,), NaN for missing. A category is its code, or UNSEEN.
    """
    known = values[~np.isnan(values)]
    nulls = len(values) - len(known)
    if not len(known):
        return Tally(counts=(0,) * ruler.bins, nulls=nulls)
    if ruler.kind == "category":
        last = len(ruler.labels)
        places = np.where(known < 0, last + 1, np.minimum(known, last)).astype(np.int64)
        return Tally(counts=_counted(places, ruler.bins), nulls=nulls)
    places = np.searchsorted(np.array(ruler.edges), known, side="left")
    with np.errstate(over="ignore"):  # what is too far for whole steps counts as the farthest
        scaled = np.rint((known - ruler.center) / ruler.spread * STEPS)
    steps = np.clip(scaled, -_MOST_STEPS, _MOST_STEPS).astype(np.int64)
    return Tally(
        counts=_counted(places, ruler.bins),
        nulls=nulls,
        low=float(known.min()),
        high=float(known.max()),
        total=int(steps.sum()),
        squares=_whole_sum(steps * steps),
    )


def _counted(places: np.ndarray, bins: int) -> tuple[int, ...]:
    return tuple(np.bincount(places, minlength=bins).tolist())


def _whole_sum(values: np.ndarray) -> int:
    """Sum whole numbers below 2^62 without running over."""
    return (int((values >> 31).sum()) << 31) + int((values & ((1 << 31) - 1)).sum())


def merge_tallies(one: Tally, other: Tally) -> Tally:
    """Add two tallies of the same ruler; raises ShapeMismatch when they cannot be of the same."""
    if len(one.counts) != len(other.counts):
        raise ShapeMismatch(f"tallies of {len(one.counts)} and {len(other.counts)} bins cannot be merged")
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    return Tally(
        counts=tuple(a + b for a, b in zip(one.counts, other.counts, strict=True)),
        nulls=one.nulls + other.nulls,
        low=min(lows, default=None),
        high=max(highs, default=None),
        total=one.total + other.total,
        squares=one.squares + other.squares,
    )


def moments(ruler: Ruler, counted: Tally) -> tuple[float, float] | None:
    """Mean and standard deviation of a column of numbers, to a step; None without values and for categories."""
    n = counted.known
    if ruler.kind != "number" or not n:
        return None
    mean = counted.total / n
    variance = max(0.0, counted.squares / n - mean * mean)
    return ruler.center + ruler.spread * mean / STEPS, ruler.spread * math.sqrt(variance) / STEPS


# --- profiles ----------------------------------------------------------------------------------------------------


def merge_profiles(one: Profile, other: Profile) -> Profile:
    """Add two profiles of the same reference; raises ShapeMismatch when they cannot be of the same."""
    if one.inputs.keys() != other.inputs.keys():
        raise ShapeMismatch("profiles of different columns cannot be merged")
    return Profile(
        rows=one.rows + other.rows,
        inputs={name: merge_tallies(counted, other.inputs[name]) for name, counted in one.inputs.items()},
        scores=merge_tallies(one.scores, other.scores),
    )


def empty_profile(reference: Reference) -> Profile:
    """The profile of no rows."""
    return Profile(
        rows=0,
        inputs={name: empty_tally(ruler) for name, ruler in reference.rulers.items()},
        scores=empty_tally(reference.score_ruler),
    )


def profile_rows(reference: Reference, inputs: Mapping[str, FloatArray], scores: FloatArray) -> Profile:
    """Count rows by the rulers of a reference.

    Args: inputs: by name, those that have a ruler, as ``tally`` takes them. scores: shape (n,).
    """
    return Profile(
        rows=len(scores),
        inputs={name: tally(ruler, inputs[name]) for name, ruler in reference.rulers.items()},
        scores=tally(reference.score_ruler, scores),
    )
