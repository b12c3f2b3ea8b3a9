"""Cells as text: how a row that was set aside is kept, edited, and made a typed row again.

A value that could be read is kept as canonical text (``5``, ``0.25``, ``true``, ``2026-03-31``, ``2026-03-31 14:05:00`` in UTC),
which reads back as the same value. A value that fits no type is kept as it came; its column is *unread* in that row, and it is
read as the contract reads files: day first where the contract says so, with its decimal sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

import polars as pl

from headway.catalog import parsing
from headway.catalog.adapters.source import ROW
from headway.catalog.entities import Kind
from headway.catalog.parsing import TextType

Cells = Mapping[str, str | None]
_MOMENT: Final = "%Y-%m-%d %H:%M:%S%.f"
_ISO: Final[Mapping[Kind, tuple[str, ...]]] = {
    "date": ("%Y-%m-%d",),
    "timestamp": ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row as text; ``unread`` names the columns whose text fits no type so far."""

    number: int
    values: Cells
    unread: Set[str]


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Typed columns as canonical text; the column ROW stays a number."""
    return frame.select(_canonical(name, kind) for name, kind in frame.schema.items())


def rows_of(frame: pl.DataFrame, misfits: pl.DataFrame) -> list[Row]:
    """Take typed rows apart.

    Args: frame: ROW and typed columns. misfits: row, column, value of what could not be read in these rows.
    """
    raw: dict[int, dict[str, str]] = {}
    for row, column, value in misfits.iter_rows():
        raw.setdefault(int(row), {})[str(column)] = str(value)
    made = []
    for record in as_text(frame).iter_rows(named=True):
        number = int(record.pop(ROW))
        own = {name: text for name, text in raw.get(number, {}).items() if name in record}
        made.append(Row(number=number, values=record | own, unread=frozenset(own)))
    return made


def typed_rows(
    rows: Sequence[Row], types: Mapping[str, TextType], schema: Mapping[str, pl.DataType]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make rows of text typed again: the frame with ROW, and the misfits (row, column, value) of what still fits no type.

    Args: types: how the contract reads each column. schema: the types that the columns of the table have.
    """
    numbers = pl.Series(ROW, [row.number for row in rows], pl.Int64)
    columns, misfits = [numbers], [pl.DataFrame(schema={"row": pl.Int64, "column": pl.String, "value": pl.String})]
    for name, text_type in types.items():
        told = [(row.values.get(name), name in row.unread) for row in rows]
        text = pl.DataFrame(
            {
                "read": pl.Series([None if is_raw else value for value, is_raw in told], dtype=pl.String),
                "raw": pl.Series([value if is_raw else None for value, is_raw in told], dtype=pl.String),
            }
        )
        read = text.select(_as(_kept(text_type.kind), "read", schema[name])).to_series()
        new = text.select(_as(with_iso(text_type), "raw", schema[name])).to_series()
        is_misfit = text.select(parsing.is_present("raw").fill_null(value=False)).to_series() & new.is_null()
        found = pl.DataFrame({"row": numbers, "column": pl.repeat(name, len(rows), eager=True), "value": text["raw"]})
        misfits.append(found.filter(is_misfit))
        columns.append(read.zip_with(read.is_not_null(), new).alias(name))
    return pl.DataFrame(columns), pl.concat(misfits).sort("row", "column")


def with_iso(text_type: TextType) -> TextType:
    """How an edited cell is read: as the contract reads files, and dates of ISO 8601 in any case."""
    more = tuple(form for form in _ISO.get(text_type.kind, ()) if form not in text_type.formats)
    return TextType(
        kind=text_type.kind,
        formats=(*text_type.formats, *more),
        decimal_comma=text_type.decimal_comma,
        grouped=text_type.grouped,
    )


def _kept(kind: Kind) -> TextType:
    return TextType(kind=kind, formats={"date": ("%Y-%m-%d",), "timestamp": ("%Y-%m-%dT%H:%M:%S%.f",)}.get(kind, ()))


def _as(text_type: TextType, column: str, wanted: pl.DataType) -> pl.Expr:
    read = parsing.typed(column, text_type)
    if isinstance(wanted, pl.Datetime):
        is_zoned = any(form.endswith("%#z") for form in text_type.formats)
        read = read if is_zoned else read.dt.replace_time_zone("UTC")
        read = read if wanted.time_zone else read.dt.replace_time_zone(None)
    return read.cast(wanted)


def _canonical(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if name == ROW:
        return column.cast(pl.Int64)
    if isinstance(kind, pl.Datetime):
        zoned = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if kind.time_zone else column
        return zoned.dt.to_string(_MOMENT).alias(name)
    return column.cast(pl.String)
