"""Words for "missing", units between numbers, values of another type: what one text of a column tells alone.

Markers follow FAHES (Qahtan et al., KDD 2018) as far as words go; the words are those that reading files knows. A blank
cell is no fault by itself, as in the quality engine, unless the contract requires a value: other detectors say where the
table itself knows what belongs there.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from headway.catalog.cleaning.coding import Column
from headway.catalog.cleaning.odds import PRIOR, SOUND, Floats, error_odds, probability
from headway.catalog.cleaning.votes import Repair, Votes
from headway.catalog.parsing import MISSING_WORDS, is_code

CERTAIN = 0.99
_NUMBER = r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?|[+-]?\.\d+"
_DECORATED = rf"^\s*([$€£¥~]?\s?)({_NUMBER})(\s*[^\d]*)$"
PLAIN = rf"^\s*(?:{_NUMBER})\s*$"
_GLUED = r"^\p{L}"
_VARIED = 20
_MORE_MARKERS = ("not available", "not applicable", "unknown", "missing", "tbd", "no data")
"""Words that mean missing between numbers or clock times; in a column of words they may be values."""


def is_marker(column: Column, *, more: bool = False) -> pl.Series:
    """For each text, whether it is a word for missing."""
    words = MISSING_WORDS + _MORE_MARKERS if more else MISSING_WORDS
    return column.values.str.strip_chars().str.to_lowercase().is_in(words)


def blanks(column: Column, *, required: bool) -> Votes | None:
    """Blank cells where the contract requires a value."""
    if not required or not column.blanks:
        return None
    wrong = np.full(column.size + 1, PRIOR)
    wrong[-1] = CERTAIN
    return Votes(
        kind="missing", item=column.codes, wrong=wrong, reason=lambda _: "blank, and the contract requires a value"
    )


def markers(column: Column) -> Votes | None:
    """Words for missing: between numbers and times always, between words where they are few."""
    structured = _is_structured(column)
    found = is_marker(column, more=structured).to_numpy()
    rows = int(column.counts[:-1][found].sum())
    if not rows or rows == column.present:
        return None
    wrong = np.full(column.size + 1, PRIOR)
    odds = SOUND**2 if structured else SOUND * float(error_odds(rows, column.rows))
    wrong[:-1][found] = max(float(probability(odds)), PRIOR)

    def reason(item: int) -> str:
        return f"{column.values[item]!r} is a word for a missing value, not a value"

    return Votes(kind="marker", item=column.codes, wrong=wrong, reason=reason, repair=lambda _: (None, 0.95))


def _is_structured(column: Column) -> bool:
    """Whether all but few texts are numbers, or many different texts with digits in them, as times and codes are."""
    frame = column.table.filter(~is_marker(column, more=True))
    held = int(frame["n"].sum())
    looks = PLAIN if frame.height < _VARIED else r"\d"
    return held > 0 and int(frame.filter(pl.col("v").str.contains(looks))["n"].sum()) >= (1 - PRIOR) * held


def units(column: Column) -> Votes | None:
    """Numbers written in several ways: ``12.0 oz``, ``12 ounce``, ``5%`` beside ``0.05``.

    One unit that all numbers of a column carry is a format and no fault; several writings are, and where some numbers are
    bare, all that are not. A writing counts from 1 in 20 rows on; rarer ones may be typing errors and go with the rest.
    """
    parts = _parts(column)
    held = parts.filter(pl.col("number").is_not_null())
    rows = int(held["n"].sum())
    if not column.present or rows < (1 - PRIOR) * _without_markers(column):
        return None
    forms = held.group_by("form").agg(pl.col("n").sum()).sort("n", "form", descending=[True, False])
    usual = set(forms.filter(pl.col("n") >= PRIOR * rows)["form"])
    if len(usual) < 2:
        return None
    bare = "" in usual
    decorated = (parts["number"].is_not_null() & (parts["form"] != "")).to_numpy()
    wrong = np.full(column.size + 1, PRIOR)
    wrong[:-1][decorated] = probability(SOUND * (SOUND if bare else 2.0))
    shown = ", ".join(repr(form.strip()) for form in forms["form"].head(4) if form)
    numbers, whole = parts["number"], _all_whole(held)

    def reason(item: int) -> str:
        return f"a number mixed with words, which this column writes in several ways ({shown})"

    def repair(item: int) -> Repair | None:
        number = numbers[item]
        return None if number is None else (_plain(number, whole=whole), 0.9)

    return Votes(kind="format", item=column.codes, wrong=wrong, reason=reason, repair=repair)


def _parts(column: Column) -> pl.DataFrame:
    """Each text as ``number`` and ``form``: what stands around the number."""
    text = pl.col("v")
    parts = column.table.select(
        "n",
        number=text.str.extract(_DECORATED, 2).str.replace_all(",", ""),
        form=text.str.extract(_DECORATED, 1).str.strip_chars() + text.str.extract(_DECORATED, 3),
    )
    if parts["number"].str.contains(".", literal=True).any():
        return parts
    # letters right behind whole numbers make codes: 79323P
    code = pl.col("form").str.contains(_GLUED)
    return parts.with_columns(pl.when(~code).then("number"), pl.when(~code).then("form"))


def _without_markers(column: Column) -> int:
    return int(column.table.filter(~is_marker(column, more=True))["n"].sum())


def _all_whole(parts: pl.DataFrame) -> bool:
    whole = (parts["number"].cast(pl.Float64) % 1 == 0).cast(pl.Int64)
    return int((whole * parts["n"]).sum()) > (1 - PRIOR) * int(parts["n"].sum())


def _plain(number: str, *, whole: bool) -> str:
    """A number without signs of thousands; without decimals where the column has none that matter."""
    value = float(number)
    return str(int(value)) if value == int(value) and (whole or "." in number) else number


def types(column: Column) -> Votes | None:
    """Texts between numbers, where all but a few texts are numbers."""
    number = column.values.str.contains(PLAIN)
    others = (~number & ~is_marker(column, more=True)).to_numpy()
    rows = int(column.counts[:-1][others].sum())
    held = _without_markers(column)
    if not rows or held == 0:
        return None
    odds = float(error_odds(rows, held))
    if odds <= 1.0 or is_code(column.values.filter(pl.Series(others))):
        return None
    wrong: Floats = np.full(column.size + 1, PRIOR)
    wrong[:-1][others] = probability(odds)

    def reason(item: int) -> str:
        return f"{column.values[item]!r} is no number, and {held - rows:,} of {held:,} values are"

    def repair(item: int) -> Repair | None:
        bare = str(column.values[item]).strip(" \t$€£%")
        return (bare, 0.5) if bare.replace(".", "", 1).isdigit() and bare != column.values[item] else None

    return Votes(kind="type", item=column.codes, wrong=wrong, reason=reason, repair=repair)
