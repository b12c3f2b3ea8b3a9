"""Counting a deployment's decisions by day, arm, action and score. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from headway.serving.entities import ActionFigures, ArmFigures, DecisionFigures

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

BINS = 20
UNNAMED = "-"


def figures_of(table: pa.Table, last: date, days: int) -> DecisionFigures:
    """Count decisions.

    Args: table: columns at, arm, score, band, action; one row a decision. last: the last day; days: how many up to it.
    """
    import polars as pl

    shown = tuple(last - timedelta(days=back) for back in reversed(range(days)))
    named = pl.DataFrame(table).with_columns(pl.col("at").dt.date().alias("day"), pl.col("arm").fill_null(UNNAMED))
    dated = named.filter(pl.col("day").is_between(shown[0], last))
    edges, scores = _histogram(dated["score"].drop_nulls())
    return DecisionFigures(
        days=shown,
        decisions=dated.height,
        arms=_arms(dated, shown),
        actions=_actions(dated),
        edges=edges,
        scores=scores,
    )


def _arms(frame: pl.DataFrame, days: tuple[date, ...]) -> tuple[ArmFigures, ...]:
    import polars as pl

    whole = frame.group_by("arm").agg(pl.len(), pl.col("score").mean()).sort("len", "arm", descending=[True, False])
    by_day = {(arm, day): count for arm, day, count in frame.group_by("arm", "day").len().iter_rows()}
    return tuple(
        ArmFigures(arm=arm, by_day=tuple(by_day.get((arm, day), 0) for day in days), decisions=count, mean_score=mean)
        for arm, count, mean in whole.iter_rows()
    )


def _actions(frame: pl.DataFrame) -> tuple[ActionFigures, ...]:
    import polars as pl

    counted = frame.group_by("band", pl.col("action").fill_null(UNNAMED)).len()
    ordered = counted.sort("len", "action", descending=[True, False])
    return tuple(
        ActionFigures(band=band, action=action, decisions=count) for band, action, count in ordered.iter_rows()
    )


def _histogram(scores: pl.Series) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Equal ranges over [0, 1], or over what there is where scores are no probabilities."""
    import numpy as np

    values = scores.to_numpy()
    values = values[np.isfinite(values)]
    if not len(values):
        return (), ()
    low, high = float(values.min()), float(values.max())
    ends = (0.0, 1.0) if low >= 0 and high <= 1 else (low, high if high > low else low + 1.0)
    counts, edges = np.histogram(values, bins=BINS, range=ends)
    return tuple(round(float(edge), 12) for edge in edges), tuple(int(count) for count in counts)
