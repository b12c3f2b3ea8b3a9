"""Columns of a table as distributions, and how regions and drift change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.demo import timing
from headway.demo.frames import Array, Floats, Values
from headway.demo.spec import Event, Region, Shares, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A closed set of values with their shares; a flag has the values ``true`` and ``false``."""

    name: str
    shares: Shares
    is_flag: bool = False

    @property
    def levels(self) -> tuple[str, ...]:
        """The values, in the order of the shares."""
        return tuple(self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number: exponential of mean ``scale``, or log-normal of median ``scale`` if it has a ``spread``."""

    name: str
    scale: float
    spread: float | None = None
    least: float = 0
    most: float = float("inf")
    decimals: int = 0
    missing: float = 0.0
    """Share of rows in which nobody asked for it; missing is a fact here and no fault."""


Column = Category | Number


def draw(
    column: Column,
    *,
    spec: Spec,
    region: Region,
    key: str,
    events: Sequence[Event],
    at: Floats,
    chance: np.random.Generator,
) -> Values:
    """Draw a column for rows at given times; the stream gives the same number of draws whatever is planted.

    Args: key: ``table.column``, as the region names its differences. events: the drifts of this column.
    """
    if isinstance(column, Category):
        return _category(column, region.mix.get(key, column.shares), events, at, chance.random(len(at)))
    return _number(column, _factor(spec, region, key, events, at), at, chance)


def _category(column: Category, shares: Shares, events: Sequence[Event], at: Floats, chance: Floats) -> Values:
    parts = [event.mix for event in events]
    strengths = [timing.strength(event, at) for event in events]
    codes: Array = np.zeros(len(at), dtype=np.int64)
    for upto in range(1, len(column.levels)):
        bound: Floats | float = _below(column, shares, upto)
        for part, strength in zip(parts, strengths, strict=True):
            bound = bound + strength * (_below(column, part, upto) - bound)
        codes += chance >= bound
    if column.is_flag:
        return Values(kind="flag", array=codes == column.levels.index("true"))
    return Values(kind="category", array=codes, levels=column.levels)


def _below(column: Category, shares: Shares, upto: int) -> float:
    """The share of the first ``upto`` values."""
    return sum(shares.get(level, 0.0) for level in column.levels[:upto]) / sum(shares.values())


def _factor(spec: Spec, region: Region, key: str, events: Sequence[Event], at: Floats) -> Floats:
    factor = np.full(len(at), region.factor.get(key, 1.0))
    factor *= region.trend.get(key, 1.0) ** timing.years(spec, at)
    for event in events:
        factor *= (event.factor or 1.0) ** timing.strength(event, at)
    return factor


def _number(column: Number, factor: Floats, at: Floats, chance: np.random.Generator) -> Values:
    if column.spread is None:
        raw = column.scale * chance.standard_exponential(len(at))
    else:
        raw = column.scale * np.exp(column.spread * chance.standard_normal(len(at)))
    missing = chance.random(len(at)) < column.missing if column.missing else None
    value = np.clip(raw * factor, column.least, column.most)
    if column.decimals:
        return Values(kind="number", array=np.round(value, column.decimals), missing=missing)
    return Values(kind="integer", array=np.floor(value).astype(np.int64), missing=missing)
