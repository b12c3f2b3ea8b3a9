"""One column that knows too much: alone it ranks nearly as well as the whole model, or the model lives on it.

A leak such as the length of the sales call differs from an honest strong column in two ways at once: it carries most
of the signal alone, and *without it the signal falls*, because nothing known beforehand tells the same. Economic
indicators of the bank-marketing data carry 0.9 of the signal alone too, but each can be left out at no loss.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from headway.registry.entities import Suspect
from headway.registry.metrics import roc_auc
from headway.registry.quick import cross_fit, halves_of
from headway.registry.suspects.screening import Column, Screening

SEPARATES_ALONE = 0.95
"""AUC of one column from which it is hardly something known beforehand."""
ALONE_AUC = 0.75
"""Below this AUC a column is not worth a suspicion, whatever its share."""
ALONE_SHARE = 0.60
"""Share of the model's AUC above one half that a column reaches alone."""
LOST_SHARE = 0.20
"""Share of the model's AUC above one half that is lost without the column (and its near copies)."""
GAIN_SHARE = 0.50
"""Share of the trees' gain that one column has."""
NEAR_COPY = 0.98
"""Rank correlation from which two columns are left out together."""
SCREENED_ROWS = 20_000
"""More rows than this are sampled: screening looks for large effects."""
_PRIOR_ROWS = 10.0


def find(screening: Screening) -> Iterator[Suspect]:
    """Name columns that separate alone, carry the signal, or dominate the gain."""
    rows = _sample(screening)
    y = screening.y[rows]
    halves = halves_of(y, screening.seed)
    alone = {column.name: alone_auc(column.bins[rows], y, halves) for column in screening.columns}
    for column in screening.columns:
        if alone[column.name] >= SEPARATES_ALONE:
            reason = f"alone it separates the answers with AUC {alone[column.name]:.3f}: likely known only afterwards"
            yield _strong(column, "separates_alone", reason, auc_alone=alone[column.name])
    rest = [column for column in screening.columns if alone[column.name] < SEPARATES_ALONE]
    if rest:
        yield from _against_model(rest, alone, rows=rows, y=y, halves=halves, seed=screening.seed)


def alone_auc(bins: NDArray[np.intp], y: NDArray[np.float64], halves: NDArray[np.bool_]) -> float:
    """Judge one column by itself: each half is ranked by the other half's mean label per bin (shrunk by 10 rows)."""
    size = int(bins.max()) + 1
    found = []
    for half in (halves, ~halves):
        total = np.bincount(bins[half], minlength=size)
        positive = np.bincount(bins[half], weights=y[half], minlength=size)
        mean = (positive + _PRIOR_ROWS * y[half].mean()) / (total + _PRIOR_ROWS)
        found.append(roc_auc(y[~half], mean[bins[~half]]))
    return float(np.mean(found))


def _against_model(
    columns: list[Column],
    alone: dict[str, float],
    *,
    rows: NDArray[np.intp],
    y: NDArray[np.float64],
    halves: NDArray[np.bool_],
    seed: int,
) -> Iterator[Suspect]:
    matrix = np.column_stack([column.numbers[rows] for column in columns])
    full, gains = _judge(matrix, y, halves, seed)
    if full < ALONE_AUC:
        return
    for at, column in enumerate(columns):
        share = (alone[column.name] - 0.5) / (full - 0.5)
        gain = float(gains[at])
        evidence = {"auc_alone": alone[column.name], "auc_model": full, "share_alone": share, "gain_share": gain}
        if alone[column.name] >= ALONE_AUC and share >= ALONE_SHARE:
            lost = (full - _without(matrix, at, y, halves, seed)) / (full - 0.5)
            if lost >= LOST_SHARE:
                reason = (
                    f"alone it carries {share:.0%} of the model's signal, and without it {lost:.0%} is lost: "
                    "was it known before the outcome?"
                )
                yield _strong(column, "carries_signal", reason, **evidence, share_lost=lost)
                continue
        if gain >= GAIN_SHARE and len(columns) > 2:
            reason = f"it has {gain:.0%} of the model's gain: was it known before the outcome?"
            yield Suspect(
                column=column.name, kind="dominates_gain", severity="warning", reason=reason, evidence=evidence
            )


def _sample(screening: Screening) -> NDArray[np.intp]:
    rows = np.arange(screening.rows)
    if screening.rows <= SCREENED_ROWS:
        return rows
    return np.sort(np.random.default_rng(screening.seed).choice(rows, SCREENED_ROWS, replace=False))


def _judge(
    matrix: NDArray[np.float64], y: NDArray[np.float64], halves: NDArray[np.bool_], seed: int
) -> tuple[float, NDArray[np.float64]]:
    """AUC of the quick model, and each column's share of its gain."""
    quick = cross_fit(matrix, y, halves, seed)
    return float(np.mean([roc_auc(y[half], quick.scores[half]) for half in (halves, ~halves)])), quick.gains


def _without(
    matrix: NDArray[np.float64], at: int, y: NDArray[np.float64], halves: NDArray[np.bool_], seed: int
) -> float:
    """AUC of the quick model without a column and its near copies."""
    ranks = np.apply_along_axis(_ranks, 0, matrix)
    target = ranks[:, at]
    with np.errstate(invalid="ignore", divide="ignore"):
        tied = np.abs((ranks * target[:, None]).mean(0) / (ranks.std(0) * target.std()))
    keep = np.nan_to_num(tied) < NEAR_COPY
    keep[at] = False
    return _judge(matrix[:, keep], y, halves, seed)[0] if keep.any() else 0.5


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centred dense ranks, missing lowest."""
    _, inverse = np.unique(np.nan_to_num(values, nan=-np.inf), return_inverse=True)
    ranks = inverse.astype(np.float64)
    centred: NDArray[np.float64] = ranks - ranks.mean()
    return centred


def _strong(column: Column, kind: str, reason: str, **evidence: float) -> Suspect:
    figures = {name: float(value) for name, value in evidence.items()}
    return Suspect(column=column.name, kind=kind, severity="strong", reason=reason, evidence=figures)  # type: ignore[arg-type]
