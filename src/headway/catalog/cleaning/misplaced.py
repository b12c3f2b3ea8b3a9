"""A value that slipped into its neighbour: ``Portland OR`` in one column, and nothing in the next.

For two columns, of which the second has blank cells: does the first one's last (or first) word stand among the second's
values far more often where the second is blank than where it is filled? Then both cells are wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.catalog.cleaning.coding import Column, Table
from headway.catalog.cleaning.odds import PRIOR, Floats, probability
from headway.catalog.cleaning.votes import Repair, Votes

_OFTEN = 3
_ENDS = {"last": r"^(.*\S)[\s,;/|-]+(\S+)$", "first": r"^(\S+?)[\s,;/|-]+(\S.*)$"}


def misplaced(table: Table) -> dict[str, list[Votes]]:
    """Cells that hold two columns' values and the blank cells beside them, by the names of their columns."""
    found: dict[str, list[Votes]] = {}
    gaps = [one for one in table.columns if 0 < one.blanks < one.rows]
    for full in table.columns if gaps else ():
        for end, pattern in _ENDS.items():
            kept, moved = (1, 2) if end == "last" else (2, 1)
            parts = full.table.select(
                "v", rest=pl.col("v").str.extract(pattern, kept), word=pl.col("v").str.extract(pattern, moved)
            )
            for empty in gaps:
                if empty.name != full.name:
                    for name, votes in _between(full, empty, parts):
                        found.setdefault(name, []).append(votes)
    return found


def _between(full: Column, empty: Column, parts: pl.DataFrame) -> Iterator[tuple[str, Votes]]:
    known = empty.table.filter(pl.col("n") >= _OFTEN)["v"]
    holds = np.append(parts["word"].is_in(known.implode()).fill_null(False).to_numpy(), False)
    if not holds.any():
        return
    wrong = _chance(holds, full, empty)
    if wrong > 0.5:
        suspect = holds[full.codes] & (empty.codes < 0)
        yield full.name, _votes(full, suspect, wrong, parts, empty.name, is_blank=False)
        yield empty.name, _votes(full, suspect, wrong, parts, full.name, is_blank=True)


def _chance(holds: NDArray[np.bool_], full: Column, empty: Column) -> float:
    """Probability that a word beside a blank cell belongs into it."""
    at_blank, at_filled = empty.codes < 0, (empty.codes >= 0) & (full.codes >= 0)
    inside = holds[full.codes]
    beside = (float((inside & at_blank).sum()) + 0.5) / (float(at_blank.sum()) + 1.0)
    elsewhere = (float((inside & at_filled).sum()) + 0.5) / (float(at_filled.sum()) + 1.0)
    return float(probability(beside / elsewhere * PRIOR / (1 - PRIOR)))


def _votes(
    full: Column,
    suspect: NDArray[np.bool_],
    chance: float,
    parts: pl.DataFrame,
    other: str,
    *,
    is_blank: bool,
) -> Votes:
    item = np.where(suspect, full.codes, full.size)
    wrong: Floats = np.full(full.size + 1, PRIOR)
    wrong[np.unique(item[suspect])] = chance
    return Votes(
        kind="misplaced",
        item=item,
        wrong=wrong,
        reason=_told(full, parts, other, is_blank=is_blank),
        repair=_put(parts["word" if is_blank else "rest"]),
    )


def _told(full: Column, parts: pl.DataFrame, other: str, *, is_blank: bool) -> Callable[[int], str]:
    def reason(item: int) -> str:
        word = parts["word"][item]
        if is_blank:
            return f"blank, and {word!r}, a value of this column, stands in {other}: {full.values[item]!r}"
        return f"{word!r} is a value of {other}, which is blank here"

    return reason


def _put(texts: pl.Series) -> Callable[[int], Repair | None]:
    def repair(item: int) -> Repair | None:
        text = texts[item] if item < len(texts) else None
        return None if text is None else (text, 0.95)

    return repair
