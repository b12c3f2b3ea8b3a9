"""Figures of snapshots against their bands: stationary series raise few alarms, planted changes are found."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.catalog import bands
from headway.catalog.entities import Kind
from headway.catalog.trends.entities import Figures
from headway.catalog.trends.figures import figures_of, judge

KINDS: Mapping[str, Kind] = {"channel": "string", "visits": "integer", "price": "number", "email": "string"}
SERIES, LENGTH = 60, 14


def snapshot(chance: np.random.Generator, rows: int, *, missing: float = 0.05, shift: float = 0.0) -> pl.LazyFrame:
    price = chance.normal(100 + shift, 20, rows)
    return pl.LazyFrame(
        {
            "channel": chance.choice(["web", "fair", "phone"], rows, p=[0.5, 0.3, 0.2]),
            "visits": chance.poisson(6, rows),
            "price": [
                None if gone else value for gone, value in zip(chance.random(rows) < missing, price, strict=True)
            ],
            "email": [f"p{n}@example.org" for n in range(rows)],
        }
    )


def series(chance: np.random.Generator, length: int) -> list[Figures]:
    made: list[Figures] = []
    for _ in range(length):
        rows = max(int(chance.normal(400, 15)), 1)
        made.append(figures_of(snapshot(chance, rows), KINDS, {"email"}, made[-1] if made else None))
    return made


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(0, bands.FEWEST - 1))
def test_nothing_is_found_while_the_history_is_short(seed: int, length: int) -> None:
    chance = np.random.default_rng(seed)
    past = series(chance, length)
    worst = figures_of(snapshot(chance, 3, missing=1.0, shift=900), KINDS, {"email"}, past[-1] if past else None)
    assert judge(past, worst) == ()


def test_stationary_series_raise_few_alarms_and_planted_changes_are_found() -> None:
    chance = np.random.default_rng(11)
    judged = false = found = 0
    for _ in range(SERIES):
        past = series(chance, LENGTH)
        judged += 1
        false += len(judge(past[:-1], past[-1])) > 0
        bad = figures_of(snapshot(chance, 150, missing=0.6, shift=60), KINDS, {"email"}, past[-1])
        told = {(one.figure, one.column) for one in judge(past, bad)}
        found += told >= {("rows", None), ("missing", "price"), ("spread", "price")}
    print(f"{false} of {judged} stationary snapshots told as unusual, {found} of {judged} planted changes found whole")
    assert false <= 0.05 * judged + 2
    assert found >= 0.95 * judged


def test_values_of_restricted_columns_and_of_names_are_not_counted() -> None:
    made = figures_of(snapshot(np.random.default_rng(1), 400), KINDS | {"visits": "integer"}, {"channel"}, None)
    assert made.columns["channel"].counts is None
    assert made.columns["email"].counts is None
    assert made.columns["price"].counts is not None


@pytest.mark.parametrize("kind", ["visits", "price"])
def test_bins_hold_every_value(kind: str) -> None:
    frame = snapshot(np.random.default_rng(2), 400)
    made = figures_of(frame, KINDS, set(), None).columns[kind]
    assert made.counts is not None
    assert sum(made.counts.values()) + made.missing == 400
    edges, values = [-np.inf, *made.edges, np.inf], frame.collect()[kind].drop_nulls().to_numpy()
    for at, count in made.counts.items():
        low, high = edges[int(at)], edges[int(at) + 1]
        assert count == int(((values > low) & (values <= high)).sum())
