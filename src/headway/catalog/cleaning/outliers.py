"""Numbers far from all others, by robust distance.

A column's middle and spread are its median and the spread of each side (double MAD, Rosenmai 2013), in the scale, plain or
logarithmic, in which the middle half is less skew. Far means beyond ten spreads *and* across a gap as wide as everything
within; columns with heavy tails reach far without a gap, and are left alone.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.catalog.cleaning.coding import Column
from headway.catalog.cleaning.odds import PRIOR, Floats, Ints, error_odds, probability
from headway.catalog.cleaning.votes import Votes

_FAR = 10.0
_FEW = 20
_SCALE = 5
_NORMAL = 0.6745


def outliers(column: Column) -> Votes | None:
    """Numbers that lie apart from the others."""
    number = column.values.str.strip_chars().cast(pl.Float64, strict=False).to_numpy()
    read = np.isfinite(number)
    counts = column.counts[:-1]
    rows = int(counts[read].sum())
    if int(read.sum()) < _SCALE or rows < _FEW or rows < (1 - PRIOR) * column.present:
        return None
    if _are_codes(column, read):
        return None
    values = number[read]
    order = np.argsort(values, kind="stable")
    values, held = values[order], counts[read][order]
    scale = _scaled(values, held)
    apart = _apart(scale, held)
    k = int(held[apart].sum())
    if not k:
        return None
    wrong = np.full(column.size + 1, PRIOR)
    places = np.flatnonzero(read)[order][apart]
    wrong[places] = np.maximum(probability(error_odds(k, rows)), PRIOR)
    low, high = values[~apart].min(), values[~apart].max()

    def reason(item: int) -> str:
        return f"{column.values[item]} lies far outside {low:g} to {high:g}, where {rows - k:,} of {rows:,} values lie"

    return Votes(kind="outlier", item=column.codes, wrong=wrong, reason=reason)


def _are_codes(column: Column, read: NDArray[np.bool_]) -> bool:
    """Whether the numbers are codes rather than quantities: whole, and of one length of at least four digits."""
    texts = column.values.filter(pl.Series(read))
    if not texts.str.contains(r"^\d{4,}$").all():
        return False
    return texts.str.len_bytes().n_unique() == 1


def _scaled(values: Floats, counts: Ints) -> Floats:
    """The values in the scale in which they are less skew."""
    has_zero = values[0] <= 0 <= values[-1]
    logged = np.sign(values) * (np.log1p(np.abs(values)) if has_zero else np.log(np.abs(values)))
    return logged if abs(_skew(logged, counts)) < abs(_skew(values, counts)) else values


def _skew(values: Floats, counts: Ints) -> float:
    """Bowley's skewness, of the quartiles."""
    low, middle, high = (_quantile(values, counts, share) for share in (0.25, 0.5, 0.75))
    return (high + low - 2 * middle) / (high - low) if high > low else 0.0


def _quantile(values: Floats, counts: Ints, share: float) -> float:
    """A quantile of sorted values with counts."""
    reach = np.cumsum(counts)
    return float(values[min(int(np.searchsorted(reach, share * reach[-1])), len(values) - 1)])


def _apart(values: Floats, counts: Ints) -> NDArray[np.bool_]:
    middle = _quantile(values, counts, 0.5)
    apart = np.zeros(len(values), dtype=bool)
    for side in (values > middle, values < middle):
        distance = np.abs(values[side] - middle)
        if not len(distance):
            continue
        order = np.argsort(distance, kind="stable")
        sorted_ = distance[order]
        spread = _quantile(sorted_, counts[side][order], 0.5) / _NORMAL
        reach = np.concatenate([[0.0], sorted_[:-1]])
        gap = (sorted_ - reach > np.maximum(reach, 3 * spread)) & (sorted_ > _FAR * spread) & (spread > 0)
        if gap.any():
            first = int(np.argmax(gap))
            far = np.zeros(len(sorted_), dtype=bool)
            far[first:] = True
            apart[np.flatnonzero(side)[order[far]]] = True
    return apart
