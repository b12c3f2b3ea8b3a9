"""Patterns: the shapes a column's texts have, and the few that have another one.

A shape writes a run of digits as 9 and a run of letters as a, and keeps all other signs; numbers have one shape (Raman and
Hellerstein, Potter's Wheel, VLDB 2001). Between spaces, what looks alike counts once, because texts are longer and shorter.
Where texts are words, signs that belong to names say nothing; a digit or another sign inside them does.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from headway.catalog.cleaning.coding import Column
from headway.catalog.cleaning.formats import PLAIN, is_marker
from headway.catalog.cleaning.odds import PRIOR, SOUND, error_odds, probability
from headway.catalog.cleaning.votes import Votes

_ODD = r"[^\p{L}\s.,;:'’`\-–/&()!+\"]"
_INSIDE = r"\p{L}\d+\p{L}|\p{L}[\x{FFFD}?*#@^~<>|\\]\p{L}|[\x{FFFD}\x00-\x08]"
"""A digit or sign between letters, signs that stand for lost ones."""
_LENGTHS = 3
_MANY = 20
_EACH = 5


def shape(text: pl.Expr) -> pl.Expr:
    """The shape of a text."""
    short = text.str.replace_all(r"\d+", "9").str.replace_all(r"\p{L}+", "a")
    several = short.str.split(" ").list.unique(maintain_order=True).list.join(" ")
    return pl.when(text.str.contains(PLAIN)).then(pl.lit("9")).otherwise(several)


def patterns(column: Column) -> list[Votes]:
    """Rare shapes of a column that else keeps to a few, and lengths that codes do not have."""
    frame = column.table.with_columns(
        shape=shape(pl.col("v")),
        digits=pl.col("v").str.contains(r"\d"),
        long=pl.col("v").str.len_chars(),
        skip=is_marker(column, more=True),
    )
    held = int(frame.filter(~pl.col("skip"))["n"].sum())
    if held == 0 or column.size < _MANY:
        return []
    with_digits = int(frame.filter(~pl.col("skip") & pl.col("digits"))["n"].sum())
    if with_digits >= held / 2:
        return [one for one in (_shapes(column, frame, held), _lengths(column, frame, held)) if one is not None]
    odd = _odd(column, held)
    return [odd] if odd is not None else []


def _shapes(column: Column, frame: pl.DataFrame, held: int) -> Votes | None:
    """Shapes below 1 in 20 rows, where together they are so few that errors explain them better than variety."""
    each = frame.filter(~pl.col("skip")).group_by("shape").agg(rows=pl.col("n").sum(), texts=pl.len())
    usual = each.filter(pl.col("rows") >= PRIOR * held)
    rare = held - int(usual["rows"].sum())
    if not rare or int(usual["texts"].sum()) < _EACH * max(usual.height, 1):
        return None
    odds = float(error_odds(rare, held))
    if odds <= 1.0:
        return None
    unusual = (~frame["shape"].is_in(usual["shape"].to_list()) & ~frame["skip"]).to_numpy()
    wrong = np.full(column.size + 1, PRIOR)
    wrong[:-1][unusual] = probability(odds)
    known = usual.sort("rows", "shape", descending=[True, False])["shape"].to_list()
    shapes = frame["shape"]

    def reason(item: int) -> str:
        others = ", ".join(repr(shape) for shape in known[:3])
        return f"its pattern {shapes[item]!r} is rare: {held - rare:,} of {held:,} values look like {others}"

    return Votes(kind="pattern", item=column.codes, wrong=wrong, reason=reason)


def _lengths(column: Column, frame: pl.DataFrame, held: int) -> Votes | None:
    """Lengths of codes: runs of at least 3 signs of one shape whose length all but a few share."""
    top = frame.filter(~pl.col("skip")).group_by("shape").agg(pl.col("n").sum()).sort("n", "shape").tail(1)
    if top.is_empty() or int(top["n"][0]) < (1 - PRIOR) * held:
        return None
    same = frame.filter(~pl.col("skip") & (pl.col("shape") == top["shape"][0]))
    each = same.group_by("long").agg(pl.col("n").sum()).sort("n", "long")
    rows, usual, common = int(each["n"].sum()), int(each["long"][-1]), int(each["n"][-1])
    # a length that nearly all share is a rule; one that most share is what counting numbers have as well
    if usual <= _LENGTHS or common == rows or rows - common > PRIOR / 2 * rows or "." in str(top["shape"][0]):
        return None
    unusual = ((frame["shape"] == top["shape"][0]) & (frame["long"] != usual) & ~frame["skip"]).to_numpy()
    wrong = np.full(column.size + 1, PRIOR)
    wrong[:-1][unusual] = probability(2.0)

    def reason(item: int) -> str:
        return f"it has not {usual} signs as {common:,} of {rows:,} values of this pattern have"

    return Votes(kind="pattern", item=column.codes, wrong=wrong, reason=reason)


def _odd(column: Column, held: int) -> Votes | None:
    """Digits and unusual signs in a column of words, where few have any."""
    other = ~is_marker(column, more=True)
    inside = (column.values.str.contains(_INSIDE) & other).to_numpy()
    odd = (column.values.str.contains(_ODD) & other).to_numpy() | inside
    rows = int(column.counts[:-1][odd].sum())
    if not rows or float(error_odds(rows, held)) <= 1.0:
        return None
    wrong = np.full(column.size + 1, PRIOR)
    wrong[:-1][odd] = 2 * PRIOR  # names have numbers and signs now and then
    rows_inside = int(column.counts[:-1][inside].sum())
    wrong[:-1][inside] = max(float(probability(SOUND / 3 * error_odds(rows_inside, held))), 2 * PRIOR)

    def reason(item: int) -> str:
        return f"a digit or sign that {held - rows:,} of {held:,} values of words do not have"

    return Votes(kind="pattern", item=column.codes, wrong=wrong, reason=reason)
