"""Reads the label column: which rows have an answer, and which answer counts as success."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.kernel.errors import Fault
from headway.registry.errors import BadLabel

MIN_ROWS = 100
"""Fewer rows than this cannot be split into three parts that say anything."""
MIN_CLASS = 20
"""Fewer rows of one answer than this give metrics whose intervals cover nearly everything."""

_YES = frozenset(
    {"1", "true", "yes", "y", "t", "ja", "wahr", "j", "positive", "won", "converted", "success", "churned"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The label of the rows that have one.

    ``kept``: bool[n_frame], rows with an answer; ``values``: float64[kept], 1 for the positive answer.
    """

    kept: NDArray[np.bool_]
    values: NDArray[np.float64]
    positive: str
    negative: str
    missing: int

    @property
    def rate(self) -> float:
        """Share of positives."""
        return float(self.values.mean())


def read_label(frame: pl.DataFrame, column: str, positive: str | None = None) -> Label:
    """Read a two-valued label.

    Args: positive: the value that counts as success; needed when neither value is a plain yes (1, true, yes, won...).
    Raises: BadLabel: no such column, not two values, an unknown positive value, or too few rows of either.
    """
    if column not in frame.columns:
        near = ", ".join(frame.columns[:12])
        raise BadLabel(f"the data has no column {column!r} to use as label", hint=f"the columns are: {near}")
    texts = texts_of(frame[column])
    kept = texts.is_not_null().to_numpy()
    counts = texts.drop_nulls().value_counts().sort([column, "count"])
    values: dict[str, int] = dict(zip(counts[column].to_list(), counts["count"].to_list(), strict=True))
    _two(column, values, rows=frame.height)
    chosen = _positive(column, values, positive)
    other = next(value for value in values if value != chosen)
    _enough(column, values)
    answers = (texts.filter(pl.Series(kept)) == chosen).cast(pl.Float64).to_numpy()
    return Label(kept=kept, values=answers, positive=chosen, negative=other, missing=int((~kept).sum()))


def texts_of(series: pl.Series) -> pl.Series:
    """One spelling a value: 1, 1.0 and true numbers alike, text stripped, empty text as missing."""
    if series.dtype == pl.Boolean:
        return series.cast(pl.String)
    if series.dtype.is_numeric():
        number = series.cast(pl.Float64).fill_nan(None)
        whole = number.drop_nulls()
        if whole.len() and bool((whole == whole.round()).all()):
            return number.cast(pl.Int64).cast(pl.String)
        return number.cast(pl.String)
    text = series.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


def _two(column: str, values: dict[str, int], *, rows: int) -> None:
    if not values:
        raise BadLabel(f"the label {column!r} is empty in all {rows} rows", faults=[_fault(column, "no value")])
    if len(values) == 1:
        only = next(iter(values))
        raise BadLabel(
            f"the label {column!r} has the single value {only!r}; there is nothing to tell apart",
            hint="bring rows of both answers, also those where nothing came of it",
            faults=[_fault(column, "one value only")],
        )
    if len(values) > 2:
        shown = ", ".join(repr(value) for value in list(values)[:6]) + (", ..." if len(values) > 6 else "")
        raise BadLabel(
            f"the label {column!r} has {len(values)} values ({shown}); two are needed",
            hint="choose a column of two answers, or add one that says which rows were a success",
            faults=[_fault(column, "more than two values")],
        )


def _positive(column: str, values: dict[str, int], wanted: str | None) -> str:
    names = list(values)
    if wanted is not None:
        for name in names:
            if name == wanted.strip() or name.lower() == wanted.strip().lower() or _same_number(name, wanted):
                return name
        raise BadLabel(
            f"the label {column!r} never is {wanted!r}; it is {names[0]!r} or {names[1]!r}",
            hint=f"give --positive {names[0]} or --positive {names[1]}",
        )
    plain = [name for name in names if name.lower() in _YES]
    if len(plain) == 1:
        return plain[0]
    raise BadLabel(
        f"the label {column!r} is {names[0]!r} or {names[1]!r}, and neither is a plain yes",
        hint=f"say which one is the success: --positive {names[0]} or --positive {names[1]}",
    )


def _same_number(left: str, right: str) -> bool:
    try:
        return float(left) == float(right)
    except ValueError:
        return {left.lower(), right.strip().lower()} <= {"1", "true"} or {left.lower(), right.strip().lower()} <= {
            "0",
            "false",
        }


def _enough(column: str, values: dict[str, int]) -> None:
    rows = sum(values.values())
    if rows < MIN_ROWS:
        raise BadLabel(
            f"{rows} rows have a label; at least {MIN_ROWS} are needed to train and test",
            hint="bring more rows: a few thousand make the figures worth reading",
            faults=[_fault(column, "too few rows")],
        )
    rarest = min(values, key=lambda value: values[value])
    if values[rarest] < MIN_CLASS:
        raise BadLabel(
            f"only {values[rarest]} rows have the label {rarest!r}; at least {MIN_CLASS} of each answer are needed",
            hint=f"bring more rows in which {column!r} is {rarest!r}",
            faults=[_fault(column, "too few rows of one answer")],
        )


def _fault(column: str, message: str) -> Fault:
    return Fault(rule="label", column=column, message=message)
