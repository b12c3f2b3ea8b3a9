"""Columns that repeat the label, or one another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.registry.entities import Suspect
from headway.registry.suspects.screening import Column, Screening

FEW_VALUES = 20
"""A copy of a two-valued label has few values; a fine-grained column that separates is judged by its signal."""
COPY_ACCURACY = 0.99
"""Share of rows whose label follows from the value, from which a column is a copy of the label."""
COPY_RECALL = 0.95
"""Share of each answer that must follow as well, so that rare answers do not make everything a copy."""


def label_copies(screening: Screening) -> Iterator[Suspect]:
    """Name columns from whose value the label follows in (nearly) every row."""
    for column in screening.columns:
        if not 2 <= column.distinct + bool(column.missing.any()) <= FEW_VALUES:
            continue
        accuracy, recalls = _follows(column.bins, screening.y)
        if accuracy >= COPY_ACCURACY and min(recalls) >= COPY_RECALL:
            exact = accuracy == 1.0
            yield Suspect(
                column=column.name,
                kind="label_copy",
                severity="strong",
                reason="it repeats the label" if exact else f"the label follows from it in {accuracy:.1%} of the rows",
                evidence={"accuracy": accuracy, "recall_positive": recalls[1], "recall_negative": recalls[0]},
            )


def _follows(bins: NDArray[np.intp], y: NDArray[np.float64]) -> tuple[float, tuple[float, float]]:
    total = np.bincount(bins)
    positive = np.bincount(bins, weights=y, minlength=len(total))
    says_yes = positive * 2 > total
    right_yes, right_no = positive[says_yes].sum(), (total - positive)[~says_yes].sum()
    return (
        float((right_yes + right_no) / len(y)),
        (float(right_no / (len(y) - y.sum())), float(right_yes / y.sum())),
    )


def duplicates(screening: Screening) -> Iterator[Suspect]:
    """Name columns that tell the same as an earlier one: equal, renamed value by value, or rising with it."""
    seen: dict[bytes, str] = {}
    for column in screening.columns:
        if column.distinct <= 1:
            continue
        marks = _marks(column)
        first = next((seen[mark] for mark in marks if mark in seen), None)
        if first is not None:
            yield Suspect(
                column=column.name,
                kind="duplicate",
                severity="note",
                reason=f"it tells the same as {first}",
                evidence={"same_as": first},
            )
        for mark in marks:
            seen.setdefault(mark, column.name)


def _marks(column: Column) -> list[bytes]:
    """Byte strings equal for columns that tell the same: by order of numbers (both ways), by first appearance."""
    marks = []
    if not column.is_text:
        ranks = column.series.to_physical() if column.series.dtype.is_temporal() else column.series
        for descending in (False, True):
            marks.append(ranks.rank("dense", descending=descending).fill_null(0).cast(pl.UInt32).to_numpy().tobytes())
    if column.distinct <= len(column.series) / 2:
        codes = np.where(column.missing, -1.0, column.numbers)
        _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        place = np.empty(len(first), np.uint32)
        place[np.argsort(first)] = np.arange(len(first), dtype=np.uint32)
        marks.append(place[inverse].tobytes())
    return marks
