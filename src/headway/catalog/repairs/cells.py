"""Cells of a table as suggestions see them: texts, digests of rows, and what a suggestion says in one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from headway.catalog import cleaning
from headway.catalog.personal import mask
from headway.catalog.repairs.entities import Choice, Suggestion

KEY: Final = "key"
COLUMNS: Final[Mapping[str, pl.DataType]] = {**cleaning.FINDINGS, KEY: pl.String()}
"""Columns of kept findings: those of cleaning, and the digest of what each says."""
_BY_ROW: Final = frozenset({"dependency", "sources", "misplaced", "missing", "labels"})
"""Kinds that doubt a cell because of the rest of its row: refusing one says nothing of other rows."""
_WORDS: Final[Mapping[str, str]] = {
    "missing": "the contract requires a value",
    "marker": "a word for “missing” stands between other values",
    "format": "a number with a unit, or written unlike the others",
    "type": "a text where other values are numbers",
    "pattern": "an unusual shape",
    "spelling": "a more frequent value is the same but for case, spaces and signs",
    "dictionary": "a more frequent value is almost the same",
    "dependency": "rows that agree elsewhere have another value here",
    "sources": "other sources tell something else",
    "outlier": "far from all other values",
    "misplaced": "the value belongs into a neighbouring column",
    "labels": "marked as wrong, or like cells that are",
}


def with_misfits(rows: pl.DataFrame, misfits: pl.DataFrame) -> pl.DataFrame:
    """Put values that fit no type back where they stood, as text; the columns they stand in become text.

    Args: rows: in the order of their numbers, from 1. misfits: row, column, value.
    """
    changed = []
    for name, found in misfits.group_by("column"):
        column = str(name[0])
        if column in rows.columns:
            text = rows[column].cast(pl.String)
            changed.append(text.scatter((found["row"] - 1).to_list(), found["value"]).alias(column))
    return rows.with_columns(changed)


def typed_again(rows: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Give columns of text their types again; what does not fit is missing."""
    odd = [name for name, kind in schema.items() if rows.schema[name] != kind]
    return rows.with_columns(cleaning.read_as(rows[name], schema[name]).alias(name) for name in odd)


def row_digests(rows: pl.DataFrame, numbers: Iterable[int]) -> dict[int, str]:
    """The digest of the values of some rows, by their numbers from 1."""
    wanted = sorted(set(numbers))
    texts = rows[[number - 1 for number in wanted]].cast(pl.String) if wanted else rows.head(0)
    return {number: _digest(list(values)) for number, values in zip(wanted, texts.iter_rows(), strict=True)}


def keyed(findings: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the digest of what each finding says: column, value, repair, and the row where the kind looks at it."""
    by_row = findings.filter(pl.col("kind").is_in(sorted(_BY_ROW)))["row"].to_list()
    digests = row_digests(rows, by_row)
    keys = [
        _digest([column, value, action, new, digests[row] if kind in _BY_ROW else ""])
        for row, column, kind, value, action, new in findings.select(
            "row", "column", "kind", "value", "action", "proposed"
        ).iter_rows()
    ]
    return findings.with_columns(pl.Series(KEY, keys, dtype=pl.String))


def chosen(findings: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """The findings that a choice means."""
    wanted = pl.col("confidence") >= choice.least
    if choice.sure > 0:
        wanted &= pl.col("repair_confidence").fill_null(0.0) >= choice.sure
    if choice.column is not None:
        wanted &= pl.col("column") == choice.column
    if choice.kind is not None:
        wanted &= pl.col("kind") == choice.kind
    found = findings.filter(wanted)
    if choice.cells:
        named = pl.DataFrame(list(choice.cells), schema={"row": pl.Int64, "column": pl.String}, orient="row")
        found = found.join(named.unique(), on=["row", "column"], how="semi", maintain_order="left")
    return found


def suggestions(findings: pl.DataFrame, masked: frozenset[str]) -> tuple[Suggestion, ...]:
    """Findings as suggestions; values of masked columns keep their shape alone, and the reason quotes none."""
    made = (
        Suggestion(
            row=one["row"],
            column=one["column"],
            kind=one["kind"],
            old=one["value"],
            confidence=one["confidence"],
            evidence=one["evidence"],
            action=one["action"],
            new=one["proposed"],
            repair_confidence=one["repair_confidence"],
            is_masked=False,
        )
        for one in findings.iter_rows(named=True)
    )
    return tuple(_masked(one) if one.column in masked else one for one in made)


def _masked(one: Suggestion) -> Suggestion:
    old = None if one.old is None else mask(one.old)
    new = None if one.new is None else mask(one.new)
    return replace(one, old=old, new=new, evidence=_WORDS.get(one.kind, one.kind), is_masked=True)


def _digest(parts: Sequence[str | None]) -> str:
    """SHA-256 over texts, each with its length before it, missing ones told from empty ones."""
    told = "".join("-" if part is None else f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
