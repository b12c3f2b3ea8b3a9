"""Rows of a new file put to the rows that a product has: at their end, or over those with the same key.

Rows keep their numbers, so that what was said of a row (a fault, a label, a repair) stays true of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from headway.catalog import contract as odcs
from headway.catalog.errors import KeyUnusable
from headway.kernel.errors import Fault

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A table of rows numbered from 1 without gaps, and how it differs from the one before."""

    rows: pl.DataFrame  # with the column of numbers, in their order
    fresh: pl.DataFrame  # of them, those that are new or changed
    replaced: tuple[int, ...]  # numbers of the rows before that changed
    places: pl.Series  # for each row of the file, its number in ``rows``


def append(base: pl.DataFrame, file: pl.DataFrame, number: str) -> Joined:
    """Put the rows of a file at the end.

    Args: number: the column of numbers, from 1 without gaps in both.
    """
    moved = _like(base, file).with_columns(pl.col(number) + base.height)
    return Joined(rows=pl.concat([base, moved], how="diagonal"), fresh=moved, replaced=(), places=moved[number])


def upsert(base: pl.DataFrame, file: pl.DataFrame, number: str, key: Sequence[str]) -> Joined:
    """Put each row of a file over the row with the same key, whole, and those with a new key at the end in their order.

    Rows that say what the product says already are not changed.

    Raises: KeyUnusable: the key is missing or stands twice, in the file or in the rows before; all such rows are named.
    """
    new = _like(base, file)
    faults = [*_unusable(new, number, key, "the file"), *_unusable(base, number, key, "the rows before")]
    if faults:
        words = f"rows cannot be told apart by {', '.join(key)}: {faults[0].message}"
        raise KeyUnusable(words, hint="mend the file, or name another key in the contract", faults=faults)
    known = base.select(*key, pl.col(number).alias("*at"))
    placed = new.join(known, on=list(key), how="left", maintain_order="left")
    fresh = placed["*at"].is_null()
    ends = (fresh.cast(pl.Int64).cum_sum() + base.height).filter(fresh)
    places = placed["*at"].cast(pl.Int64).fill_null(0).scatter(fresh.arg_true(), ends)
    moved = new.with_columns(places.alias(number))
    old = base.filter(pl.col(number).is_in(places.implode()))
    both = pl.concat([old, moved], how="diagonal")
    same = both.filter(both.is_duplicated())
    changed = moved.filter(~pl.col(number).is_in(same[number].implode()))
    replaced = tuple(sorted(set(changed[number].to_list()) & set(old[number].to_list())))
    kept = base.filter(~pl.col(number).is_in(list(replaced)))
    rows = pl.concat([kept, changed], how="diagonal").sort(number)
    return Joined(rows=rows, fresh=changed, replaced=replaced, places=places)


def key_of(contract: odcs.Contract) -> tuple[str, ...]:
    """The columns that tell rows of a contract apart: its primary key, else its only required unique column.

    Raises: KeyUnusable: there is no such column, or more than one.
    """
    properties = odcs.table_of(contract).properties or []
    primary = sorted((one for one in properties if one.primaryKey), key=lambda one: one.primaryKeyPosition or 0)
    if primary:
        return tuple(one.name or "" for one in primary)
    unique = [one.name or "" for one in properties if one.unique and one.required]
    if len(unique) == 1:
        return (unique[0],)
    found = f"{len(unique)} columns are ({', '.join(unique)})" if unique else "no column is"
    words = f"{found} required and unique"
    raise KeyUnusable(
        f"the contract does not say what tells rows apart: {words}",
        hint="set primaryKey: true at the columns of the key, in a new version of the contract",
    )


def carried(base: pl.DataFrame, file: pl.DataFrame, joined: Joined, mode: Literal["append", "upsert"]) -> pl.DataFrame:
    """Misfits (row, column, value) of the joined rows: those of rows that stayed, and the file's by their new numbers."""
    numbers = pl.DataFrame({"from": pl.int_range(1, len(joined.places) + 1, eager=True), "to": joined.places})
    moved = file.join(numbers, left_on="row", right_on="from", how="inner").select(
        pl.col("to").cast(pl.Int64).alias("row"), "column", "value"
    )
    stayed = base if mode == "append" else base.filter(~pl.col("row").is_in(joined.places.implode()))
    return pl.concat([stayed, moved]).sort("row", "column")


def _like(base: pl.DataFrame, file: pl.DataFrame) -> pl.DataFrame:
    """The rows of a file with the types that the product's have."""
    return file.with_columns(pl.col(name).cast(kind) for name, kind in base.schema.items() if name in file.columns)


def _unusable(rows: pl.DataFrame, number: str, key: Sequence[str], where: str) -> list[Fault]:
    named = ", ".join(key)
    missing = rows.filter(pl.any_horizontal(pl.col(name).is_null() for name in key))
    whole = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in key))
    twice = whole.filter(whole.select(key).is_duplicated())
    faults = []
    for found, what in ((missing, "is missing"), (twice, "stands more than once")):
        for at in found[number].head(_SHOWN).to_list():
            words = f"row {at} of {where}: the key {named} {what}"
            faults.append(Fault(rule="key", row=at, column=named, message=words))
    return faults
