"""The directions in which a concept may move: encoded columns brought to one scale, categories as one direction a value. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headway.runtime import Feature

Floats = NDArray[np.float64]
_RAREST: Final = 0.03
_MOST: Final = 40


def directions(rows: Floats, reference: Floats, features: Sequence[Feature]) -> Floats:
    """Turn encoded rows into directions of mean about zero on the reference rows; float64[n, k], no missing values.

    A number becomes its rank among the reference rows, scaled to a standard deviation of one, so that no outlier counts for
    more; a category becomes one indicator for each value that at least 3 in 100 reference rows have, at most 40 in all.
    """
    made: list[Floats] = []
    for at, feature in enumerate(features):
        known = reference[:, at]
        values = rows[:, at]
        if feature.kind == "category":
            for code in range(len(feature.categories)):
                share = float((known == code).mean()) if len(known) else 0.0
                if _RAREST <= share <= 1.0 - _RAREST:
                    made.append((values == code) - share)
        elif feature.kind == "boolean":
            mean = float(np.nanmean(known)) if (~np.isnan(known)).any() else 0.0
            made.append(np.where(np.isnan(values), 0.0, values - mean))
        else:
            made.append(_ranked(values, np.sort(known[~np.isnan(known)])))
    return np.column_stack(made[:_MOST]) if made else np.zeros((len(rows), 0))


def _ranked(values: Floats, known: Floats) -> Floats:
    if not len(known):
        return np.zeros(len(values))
    place = (np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")) / (2.0 * len(known))
    return np.where(np.isnan(values), 0.0, (place - 0.5) * np.sqrt(12.0))
