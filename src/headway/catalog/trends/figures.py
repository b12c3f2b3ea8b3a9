"""Figures of a snapshot, and which of them earlier snapshots did not let expect.

Values of restricted columns are never counted, nor are those of columns with more than fifty categories or of unique numbers:
they tell people apart, and a band of them tells nothing. Dates move on by themselves and are left out too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Final

import polars as pl

from headway.catalog import bands
from headway.catalog.entities import Kind
from headway.catalog.trends.entities import ColumnFigures, Deviation, Figure, Figures

MOST_CATEGORIES: Final = 50
LOOKED_AT: Final = 20_000
OTHER: Final = "*other"
_QUANTILES: Final = 10


def figures_of(rows: pl.LazyFrame, kinds: Mapping[str, Kind], hidden: Set[str], before: Figures | None) -> Figures:
    """Count a snapshot; one column is held in memory at a time.

    Args: hidden: columns whose values are not counted. before: the figures of an earlier snapshot, whose categories and bins
        are kept, so that counts can be compared.
    """
    columns: dict[str, ColumnFigures] = {}
    count = 0
    for name, kind in kinds.items():
        values = rows.select(name).collect().to_series()
        count = len(values)
        known = before.columns.get(name) if before else None
        columns[name] = _column(values, kind, known, is_hidden=name in hidden)
    return Figures(rows=count, columns=columns)


def judge(earlier: Sequence[Figures], now: Figures) -> tuple[Deviation, ...]:
    """Every figure outside its band; none before ``bands.FEWEST`` earlier snapshots are there."""
    found = [_judged("rows", None, [float(one.rows) for one in earlier], float(now.rows), now.rows)]
    for name, column in now.columns.items():
        past = [(one.columns[name], one.rows) for one in earlier if name in one.columns]
        shares = [one.missing / max(rows, 1) for one, rows in past]
        found.append(_judged("missing", name, shares, column.missing / max(now.rows, 1), now.rows))
        spreads = [one.counts for one, _ in past if one.counts and one.edges == column.edges]
        if column.counts and len(spreads) >= bands.FEWEST:
            usual = bands.distances(spreads)
            found.append(_judged("spread", name, usual, bands.distance(spreads, column.counts), now.rows))
    return tuple(one for one in found if one is not None)


def _judged(figure: Figure, column: str | None, earlier: Sequence[float], value: float, rows: int) -> Deviation | None:
    kind: bands.Figure = "count" if figure == "rows" else "share" if figure == "missing" else "distance"
    band = bands.band(earlier, kind, rows)
    if band is None or band.holds(value) or (figure == "spread" and value < band.low):
        return None
    return Deviation(
        figure=figure,
        column=column,
        value=value,
        low=band.low,
        middle=band.middle,
        high=band.high,
        reports=band.reports,
    )


def _column(values: pl.Series, kind: Kind, known: ColumnFigures | None, *, is_hidden: bool) -> ColumnFigures:
    missing, present = values.null_count(), values.drop_nulls()
    if is_hidden or kind in ("date", "timestamp") or present.is_empty():
        return ColumnFigures(missing=missing, counts=None)
    if kind in ("integer", "number"):
        edges = known.edges if known and known.edges else _edges(present, kind)
        return ColumnFigures(missing=missing, counts=_binned(present, edges), edges=edges)
    counts = _categories(present.cast(pl.String), known)
    return ColumnFigures(missing=missing, counts=counts)


def _some(values: pl.Series) -> pl.Series:
    return values.gather_every(max(len(values) // LOOKED_AT, 1))


def _edges(values: pl.Series, kind: Kind) -> tuple[float, ...]:
    """Deciles, each once; none where numbers seem to name things."""
    some = _some(values)
    if kind == "integer" and len(some) > MOST_CATEGORIES and some.n_unique() == len(some):
        return ()
    found = {some.quantile(at / _QUANTILES, "lower") for at in range(1, _QUANTILES)}
    return tuple(sorted(float(edge) for edge in found if edge is not None))


def _binned(values: pl.Series, edges: tuple[float, ...]) -> dict[str, int] | None:
    """How many values lie up to each edge, and above the last one."""
    if not edges:
        return None
    place = pl.Series(edges).search_sorted(values.cast(pl.Float64), "left")
    counted = place.value_counts().rows() if isinstance(place, pl.Series) else []
    found = {int(at): int(count) for at, count in counted}
    return {str(at): found.get(at, 0) for at in range(len(edges) + 1)}


def _categories(values: pl.Series, known: ColumnFigures | None) -> dict[str, int] | None:
    if known is not None and known.counts is None:
        return None
    if known is None and _some(values).n_unique() > MOST_CATEGORIES:
        return None
    counted = dict(values.value_counts(sort=True).head(MOST_CATEGORIES).rows())
    made = {str(value): int(count) for value, count in counted.items()}
    rest = len(values) - sum(made.values())
    return made | ({OTHER: rest} if rest else {})
