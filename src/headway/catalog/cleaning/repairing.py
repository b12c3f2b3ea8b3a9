"""Repairs: what to put where, and putting it there once a steward has accepted it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from headway.catalog.cleaning.coding import Column
from headway.catalog.cleaning.entities import Change, Suggestion
from headway.catalog.cleaning.odds import PRIOR, Ints
from headway.catalog.cleaning.votes import Votes
from headway.catalog.errors import StaleSuggestion
from headway.kernel.errors import Fault

_LIKELY = 0.5


def propose(column: Column, rows: Ints, votes: list[Votes]) -> pl.DataFrame:
    """The surest repair of each of some cells: ``action``, ``proposed``, ``sure`` (0 to 1), in the order of ``rows``.

    A value that is more likely right than not goes before emptying the cell.
    """
    best = np.zeros(len(rows))
    text = np.full(len(rows), None, dtype=object)
    for one in votes:
        items = np.where(one.item[rows] < 0, len(one.wrong) - 1, one.item[rows])
        distinct, back = np.unique(items, return_inverse=True)
        made = [one.repair(int(item)) if one.wrong[item] > PRIOR else None for item in distinct]
        wanted = np.array([0.0 if repair is None else repair[1] for repair in made])[back] * one.wrong[items]
        fills = np.array([repair is not None and repair[0] is not None for repair in made])[back]
        wanted = wanted + np.where(fills & (wanted > _LIKELY), 1.0, 0.0)
        better = wanted > best
        best[better] = wanted[better]
        texts = np.array([None if repair is None else repair[0] for repair in made], dtype=object)[back]
        text[better] = texts[better]
    sure = np.where(best > 1.0, best - 1.0, best)
    frame = pl.DataFrame(
        {
            "old": column.values.gather(np.maximum(column.codes[rows], 0)) if column.size else [None] * len(rows),
            "proposed": pl.Series(text.tolist(), dtype=pl.String),
            "sure": sure,
            "blank": column.codes[rows] < 0,
        }
    )
    told = pl.col("sure") > 0
    same = pl.when("blank").then(pl.col("proposed").is_null()).otherwise(pl.col("proposed").eq_missing(pl.col("old")))
    action = pl.when(told & ~same).then(
        pl.when(pl.col("proposed").is_null()).then(pl.lit("empty")).otherwise(pl.lit("replace"))
    )
    return frame.select(action=action, proposed="proposed", sure="sure").select(
        "action",
        proposed=pl.when(pl.col("action") == "replace").then("proposed"),
        sure=pl.when(pl.col("action").is_not_null()).then("sure"),
    )


def apply(frame: pl.DataFrame, accepted: Iterable[Suggestion]) -> tuple[pl.DataFrame, list[Change]]:
    """Change the cells that accepted suggestions name, and nothing else.

    Args:
        frame: the table the suggestions were made for, values as text or typed; typed columns are read as their type.
        accepted: at most one suggestion a cell.
    Returns: the changed frame, and each change in order of column and row.
    Raises: StaleSuggestion: a suggestion names a cell that is not there, holds something else by now, is named twice, or
        its column's type cannot hold what is proposed; all such are listed.
    """
    named: dict[str, dict[int, Suggestion]] = {}
    faults: list[Fault] = []
    for one in accepted:
        column = named.setdefault(one.column, {})
        if one.row in column:
            faults.append(_fault(one, "is named by more than one suggestion"))
        column[one.row] = one
    changed: list[pl.Series] = []
    for name, by_row in named.items():
        series, found = _changed(frame, name, by_row)
        faults += found
        if series is not None:
            changed.append(series)
    if faults:
        raise StaleSuggestion("suggestions do not fit the table", faults=tuple(faults))
    log = [
        Change(row=one.row, column=one.column, old=one.old, new=one.new, reason=one.reason)
        for name in frame.columns
        for _, one in sorted(named.get(name, {}).items())
    ]
    return frame.with_columns(changed), log


def _changed(frame: pl.DataFrame, name: str, by_row: dict[int, Suggestion]) -> tuple[pl.Series | None, list[Fault]]:
    """A column with its cells changed, and what is wrong with the suggestions."""
    if name not in frame.columns:
        return None, [_fault(one, "has no such column") for one in by_row.values()]
    outside = [one for one in by_row.values() if not 1 <= one.row <= frame.height]
    if outside:
        return None, [_fault(one, f"lies outside the {frame.height:,} rows") for one in outside]
    ordered = sorted(by_row.items())
    at = [row - 1 for row, _ in ordered]
    held = frame[name].gather(at).cast(pl.String, strict=False)
    bare = held.to_frame("v").select(pl.when(pl.col("v").str.strip_chars().str.len_bytes() > 0).then("v")).to_series()
    faults = [
        _fault(one, f"holds {old!r} and not {one.old!r}")
        for (_, one), old in zip(ordered, bare.to_list(), strict=True)
        if old != one.old
    ]
    wanted = pl.Series(name, [one.new for _, one in ordered], dtype=pl.String)
    new = read_as(wanted, frame[name].dtype)
    lost = (new.is_null() & wanted.is_not_null()).to_list()
    faults += [
        _fault(one, f"cannot hold {one.new!r} as {frame[name].dtype}")
        for (_, one), is_lost in zip(ordered, lost, strict=True)
        if is_lost
    ]
    return (None, faults) if faults else (frame[name].scatter(at, new.alias(name)), [])


def read_as(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Read texts as another type: the way back from how Polars writes that type; what does not fit is missing.

    Args: dtype: text, a number, Boolean, Date, or Datetime without a zone or in UTC.
    """
    if dtype == pl.Boolean:
        return (
            values.to_frame("v")
            .select(pl.when(pl.col("v").is_in(["true", "false"])).then(pl.col("v") == "true"))
            .to_series()
        )
    if dtype == pl.Date:
        return values.str.to_date("%Y-%m-%d", strict=False)
    if isinstance(dtype, pl.Datetime):
        plain = values.str.replace(r"(Z|\+00:00| UTC)$", "").str.replace("T", " ", literal=True)
        read = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
        return read if dtype.time_zone is None else read.dt.replace_time_zone("UTC")
    return values.cast(dtype, strict=False)


def _fault(one: Suggestion, what: str) -> Fault:
    message = f"row {one.row}, column {one.column!r} {what}"
    return Fault(row=one.row, column=one.column, rule=one.kind, value=one.old, message=message)
