"""Which column of another department's file is which of ours: names, types and distributions, assigned at their best. Pure.

What is not certain enough stays unmapped and is asked of a person: a wrong column is worse than a missing one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from headway.scaling import naming
from headway.scaling.coding import Coding, code
from headway.scaling.sketch import Sketch

Role = Literal["feature", "label", "time", "subject"]
THRESHOLD: Final = 0.5
_NAME: Final = 0.92  # what the best name is worth by itself
_RIVAL: Final = 0.15  # a rival this close takes away half of the confidence
_UNITS: Final = (1000.0, 100.0, 12.0, 0.001, 0.01, 1 / 12)
_ODD_RATIO: Final = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A column of the contract, what it plays, and how it looks where the model learnt."""

    sketch: Sketch
    role: Role
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person said of one of our columns: which of theirs it is, and the factor that makes theirs ours."""

    theirs: str | None
    factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One of our columns and what was found for it."""

    ours: str
    role: Role
    is_required: bool
    theirs: str | None
    candidate: str | None
    """The likeliest column where none is certain enough."""
    confidence: float
    by: Literal["person", "match", "none"]
    reason: str
    factor: float
    coding: Coding | None
    difference: float
    """Largest distance of the two distributions, from 0 to 1, after codes and factor."""


def match(
    wanted: Sequence[Wanted],
    found: Sequence[Sketch],
    given: Mapping[str, Given] | None = None,
    codes: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Pair, ...]:
    """Assign columns one to one so that the sum of their likeness is largest (Kuhn 1955), and say how certain each is.

    Args: given: our column, then what a person said; codes: our column, then their values and ours.
    """
    from scipy.optimize import linear_sum_assignment

    said, written = dict(given or {}), dict(codes or {})
    taken = {one.theirs for one in said.values() if one.theirs is not None}
    free = [one for one in found if one.name not in taken]
    asked = [one for one in wanted if one.sketch.name not in said]
    table = [[_compare(one, other, written.get(one.sketch.name)) for other in free] for one in asked]
    scores = np.array([[cell.score for cell in row] for row in table]).reshape(len(asked), len(free))
    chosen = dict(zip(*map(list, linear_sum_assignment(-scores)), strict=True)) if scores.size else {}
    made = {}
    for at, one in enumerate(asked):
        to = chosen.get(at)
        made[one.sketch.name] = (
            _nobody(one) if to is None else _pair(one, free[to], table[at][to], _sure(scores, at, to))
        )
    by_name = {one.name: one for one in found}
    for one in wanted:
        if one.sketch.name in said:
            made[one.sketch.name] = _told(one, said[one.sketch.name], by_name, written.get(one.sketch.name))
    return tuple(made[one.sketch.name] for one in wanted)


@dataclass(frozen=True, slots=True)
class _Cell:
    score: float
    reason: str
    coding: Coding | None
    difference: float
    unit: float | None


def _compare(one: Wanted, other: Sketch, codes: Mapping[str, str] | None) -> _Cell:
    """How likely another column holds the same as ours."""
    mine = one.sketch
    name, why = naming.alike(mine.name, other.name)
    fits = _types_fit(one, other)
    if fits == 0.0:
        return _Cell(0.0, "", None, 1.0, None)
    coding = _coding(mine, other, codes)
    difference = distance(mine, other, coding)
    unit = _unit(mine, other) if mine.shape == other.shape == "number" else None
    held, told = _held(one, other, coding, difference)
    score = fits * (1.0 - (1.0 - _NAME * name) * (1.0 - held))
    if unit is not None:
        score *= 0.55  # never taken silently
        told = f"but its numbers are about {1 / unit:g} times ours: another unit?"
    elif coding is not None and coding.known_share < 0.5 and len(mine.shares) > 1:
        score *= 0.6
        told = "but few of its values are known"
    return _Cell(score, "; ".join(text for text in (why, told) if text), coding, difference, unit)


def _types_fit(one: Wanted, other: Sketch) -> float:
    mine = one.sketch
    if one.role == "subject":
        return 1.0 if other.shape in ("text", "number", "category") and (other.is_key or not mine.is_key) else 0.0
    if one.role == "time":
        return 1.0 if other.shape == mine.shape else 0.0
    if other.shape == mine.shape:
        return 1.0
    if {mine.shape, other.shape} <= {"boolean", "category"} and max(mine.distinct, other.distinct) <= 3:
        return 1.0
    if other.shape == "number" and mine.shape in ("boolean", "category") and 0 < other.distinct <= len(mine.shares) + 2:
        return 0.8 if other.shares else 0.0
    return 0.5 if {mine.shape, other.shape} == {"category", "text"} and one.role == "feature" else 0.0


def _coding(mine: Sketch, other: Sketch, codes: Mapping[str, str] | None) -> Coding | None:
    if mine.shape not in ("category", "boolean") or not mine.shares or not other.shares:
        return None
    return code(mine.shares, other.shares, codes)


def _held(one: Wanted, other: Sketch, coding: Coding | None, difference: float) -> tuple[float, str]:
    """What the values say, from 0 to 1, and in words."""
    mine = one.sketch
    if one.role in ("time", "subject"):
        return 0.35, ""
    if coding is not None and (mine.shape == "boolean" or len(mine.shares) <= 2):
        return 0.35 * coding.known_share * (1.0 - difference), ""
    if coding is not None:
        many = min(1.0, (len(mine.shares) - 1) / 3.0)  # more values that agree are less likely to agree by chance
        return 0.9 * coding.known_share * many, f"{coding.known_share:.0%} of its rows hold values of ours"
    if mine.shape == "number":
        alike = max(0.0, 1.0 - 2.0 * difference) * (1.0 if mine.is_whole == other.is_whole else 0.6)
        alike *= 1.0 - min(1.0, 4.0 * abs(mine.missing - other.missing))
        return 0.6 * alike, "the numbers are spread alike" if alike > 0.5 else ""
    return 0.2, ""


def distance(mine: Sketch, other: Sketch, coding: Coding | None = None, factor: float = 1.0) -> float:
    """The largest gap between two distributions, from 0 to 1: of Kolmogorov and Smirnov, or total variation of shares."""
    if len(mine.quantiles) and len(other.quantiles) and coding is None:
        return _gap(mine.quantiles, other.quantiles * factor)
    if mine.shares and other.shares:
        names = coding.values if coding is not None else {}
        theirs: dict[str, float] = {}
        for value, share in other.shares.items():
            name = names.get(value, value)
            theirs[name] = theirs.get(name, 0.0) + share
        keys = set(mine.shares) | set(theirs)
        return min(1.0, sum(abs(mine.shares.get(key, 0.0) - theirs.get(key, 0.0)) for key in keys) / 2.0)
    return 0.5


def _gap(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Largest gap of two distribution functions known by their quantiles."""
    points = np.concatenate([one, two])
    levels = np.linspace(0.0, 1.0, len(one))

    def below(quantiles: NDArray[np.float64], side: Literal["left", "right"]) -> NDArray[np.float64]:
        at = np.searchsorted(quantiles, points, side)
        exact = np.interp(points, quantiles, levels)
        ends = np.where(at == 0, 0.0, np.where(at == len(levels), 1.0, exact))
        return np.asarray(ends, dtype=np.float64)

    gaps = [np.abs(below(one, side) - below(two, side)) for side in ("left", "right")]
    return float(np.minimum(*gaps).max())


def _unit(mine: Sketch, other: Sketch) -> float | None:
    """The factor of a usual unit that brings their numbers to ours, where they are far apart without it."""
    ours, theirs = _usual_size(mine), _usual_size(other)
    if ours <= 0 or theirs <= 0 or 1 / _ODD_RATIO < ours / theirs < _ODD_RATIO:
        return None
    best = min(_UNITS, key=lambda factor: abs(np.log(ours / theirs / factor)))
    return best if abs(np.log(ours / theirs / best)) < np.log(2.0) else None


def _usual_size(one: Sketch) -> float:
    sizes = np.abs(one.quantiles[one.quantiles != 0])
    return float(np.median(sizes)) if len(sizes) else 0.0


def _sure(scores: NDArray[np.float64], at: int, to: int) -> float:
    """The score, less where another column would do nearly as well."""
    score = float(scores[at, to])
    rivals = [*np.delete(scores[at], to), *np.delete(scores[:, to], at)]
    lead = score - max(rivals, default=0.0)
    return score * (0.5 + 0.5 * float(np.clip(lead / _RIVAL, 0.0, 1.0)))


def _pair(one: Wanted, other: Sketch, cell: _Cell, confidence: float) -> Pair:
    sure = confidence >= THRESHOLD
    return Pair(
        ours=one.sketch.name,
        role=one.role,
        is_required=one.is_required,
        theirs=other.name if sure else None,
        candidate=None if sure or cell.score < 0.15 else other.name,
        confidence=round(confidence, 4),
        by="match" if sure else "none",
        reason=cell.reason or ("nothing speaks for it but its type" if cell.score > 0 else "no column fits its type"),
        factor=1.0,
        coding=cell.coding if sure else None,
        difference=cell.difference if sure else 1.0,
    )


def _nobody(one: Wanted) -> Pair:
    return Pair(
        ours=one.sketch.name,
        role=one.role,
        is_required=one.is_required,
        theirs=None,
        candidate=None,
        confidence=0.0,
        by="none",
        reason="no column is left",
        factor=1.0,
        coding=None,
        difference=1.0,
    )


def _told(one: Wanted, said: Given, found: Mapping[str, Sketch], codes: Mapping[str, str] | None) -> Pair:
    other = found[said.theirs] if said.theirs is not None else None
    coding = _coding(one.sketch, other, codes) if other is not None else None
    return Pair(
        ours=one.sketch.name,
        role=one.role,
        is_required=one.is_required,
        theirs=said.theirs,
        candidate=None,
        confidence=1.0,
        by="person",
        reason="a person said so" if said.theirs is not None else "a person said that there is none",
        factor=said.factor,
        coding=coding,
        difference=distance(one.sketch, other, coding, said.factor) if other is not None else 1.0,
    )
