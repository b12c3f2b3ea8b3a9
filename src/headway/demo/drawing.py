"""What tables of drawn columns share: their inputs, sums of weights, and the way from true rows to those that arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from headway.demo import spoiling, timing
from headway.demo.columns import Category, Column, Number, draw
from headway.demo.frames import Array, Floats, Frame, Values, take
from headway.demo.place import Made, Place

NOT_ASKED: Final = {"days_since_contact": 18.0}
"""The value that counts for a model where nobody asked."""


def weight_names(columns: Sequence[Column], slope: str = "") -> frozenset[str]:
    """All names that a weight may have; ``slope`` adds itself and ``slope:COLUMN=VALUE``."""
    numbers = {column.name for column in columns if isinstance(column, Number)}
    levels = {f"{column.name}={level}" for column in columns if isinstance(column, Category) for level in column.levels}
    slopes = {slope, *(f"{slope}:{level}" for level in levels)} if slope else set()
    return frozenset({"intercept"} | numbers | levels | slopes)


def inputs(place: Place, columns: Iterable[Column], at: Floats, chance: np.random.Generator) -> dict[str, Values]:
    """Draw all columns in their order, as the region and the planted drifts have them."""
    return {
        column.name: draw(
            column,
            spec=place.spec,
            region=place.region,
            key=f"{place.table}.{column.name}",
            events=place.events("drift", column.name),
            at=at,
            chance=chance,
        )
        for column in columns
    }


def total(
    place: Place, base: Mapping[str, float], drawn: Frame, at: Floats, slope: str = "", *, of: str = ""
) -> Floats:
    """Add up weights; each concept change adds what it changes, as far as it is there.

    Args: slope: the name of weights that belong to another sum than the rest. of: empty for the rest, else that name.
    """
    summed = linear(base, drawn, len(at), slope, of=of)
    for event in place.events("concept_change"):
        change = {name: weight - base.get(name, 0.0) for name, weight in event.weights.items()}
        summed = summed + timing.strength(event, at) * linear(change, drawn, len(at), slope, of=of)
    return summed


def linear(weights: Mapping[str, float], drawn: Frame, rows: int, slope: str = "", *, of: str = "") -> Floats:
    """Add up the weights of one sum."""
    summed = np.zeros(rows)
    for name, weight in weights.items():
        is_slope = bool(slope) and (name == slope or name.startswith(slope + ":"))
        if is_slope == bool(of):
            feature = name.removeprefix(slope).removeprefix(":") if is_slope else name
            summed += weight * _feature(feature, drawn)
    return summed


def _feature(name: str, drawn: Frame) -> Array | float:
    if name in ("intercept", ""):
        return 1.0
    column, mark, level = name.partition("=")
    values = drawn[column]
    if values.kind == "flag":
        return np.asarray(values.array == (level == "true"))
    if mark:
        return np.asarray(values.array == values.levels.index(level))
    if values.missing is None:
        return values.array
    return np.where(values.missing, NOT_ASKED[column], values.array)


def share(log_odds: Floats) -> Floats:
    """The probability of given log-odds."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def made(place: Place, block: int, data: Frame, truth: Frame, at: Floats) -> Made:
    """Leave out what an outage lost and spoil what a quality fault spoils; first column is the key, second the time."""
    key, time = list(data)[:2]
    arrived = timing.arrives(place.events("outage"), at)
    spoiled, faults = spoiling.spoil(place, block, data, key=key, time=time, among=arrived)
    known = {key: data[key], "delivered": Values(kind="flag", array=arrived), **truth}
    return Made(data={place.table: take(spoiled, arrived)}, truth={place.table: known, f"{place.table}-faults": faults})


def begin(place: Place, block: int, first: int, count: int, letter: str) -> tuple[np.random.Generator, Floats, Values]:
    """The block's stream, the times of its rows, and their keys."""
    chance = place.stream(block)
    at = timing.times(place.spec, place.region, first, place.rows, chance.random(count))
    prefix = f"{letter}-{place.department.name}-{place.region.name}-"
    return chance, at, Values(kind="id", array=first + 1 + np.arange(count), prefix=prefix)


def when(at: Floats) -> Values:
    """Times as a column."""
    return Values(kind="time", array=at.astype(np.int64))
