"""Results in the forms people and programs take: JSON, an Arrow stream, CSV, Parquet."""

from __future__ import annotations

import base64
import io
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pyarrow as pa
from pyarrow import ipc, parquet

from headway.catalog.access.entities import Cell, Result, ResultColumn, ResultTable

ARROW, CSV, PARQUET = "application/vnd.apache.arrow.stream", "text/csv; charset=utf-8", "application/vnd.apache.parquet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_table(result: Result) -> ResultTable:
    """Give rows of plain values: times as ISO text, bytes as base64, lists and structs as text, what is no number missing."""
    columns = [[_cell(value) for value in column.to_pylist()] for column in result.table.columns]
    rows = tuple(zip(*columns, strict=True)) if columns else ()
    return ResultTable(
        columns=tuple(ResultColumn(name=field.name, type=str(field.type)) for field in result.table.schema),
        rows=rows,
        row_count=result.table.num_rows,
        is_cut=result.is_cut,
        products=result.products,
        masked=result.masked,
    )


def as_arrow(result: Result) -> bytes:
    """Give an Arrow IPC stream."""
    sink = io.BytesIO()
    with ipc.new_stream(sink, result.table.schema) as writer:
        writer.write_table(result.table)
    return sink.getvalue()


def as_parquet(result: Result) -> bytes:
    """Give a Parquet file."""
    sink = io.BytesIO()
    parquet.write_table(result.table, sink, compression="zstd")
    return sink.getvalue()


def as_csv(result: Result) -> bytes:
    """Give CSV with a header; a text that a spreadsheet would take for a formula gets a quotation mark before it."""
    arrays = [
        pa.chunked_array([[_safe(value) for value in column.to_pylist()]], pa.string())
        for column in result.table.columns
    ]
    names = [f"c{at}" for at in range(len(arrays))]
    frame = pl.from_arrow(pa.table(arrays, names=names))
    if not isinstance(frame, pl.DataFrame):
        raise AssertionError("a table of Arrow is a frame of Polars")
    head = pl.DataFrame(
        [pl.Series(at, [_safe(name)]) for at, name in zip(names, result.table.column_names, strict=True)]
    )
    return (head.write_csv(include_header=False) + frame.write_csv(include_header=False)).encode()


def _safe(value: object) -> str | None:
    cell = _cell(value)
    if cell is None:
        return None
    if isinstance(value, str):
        return "'" + value if value[:1] in _FORMULA and not value[1:].replace(".", "").isdigit() else value
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        is_whole = isinstance(value, Decimal) and value == value.to_integral_value()
        return int(value) if is_whole else float(value) if math.isfinite(value) else None
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)
