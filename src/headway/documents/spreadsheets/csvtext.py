"""Writes tables as CSV: the names of the columns, then plain values; made for machines, safe for spreadsheet programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

from headway.documents.spreadsheets import guard
from headway.documents.spreadsheets.sheet import Sheet, SheetColumn, Value

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """Write a sheet line by line (RFC 4180), so that rows can be sent as they come."""
    yield BOM + _line([guard.guarded(column.name) for column in sheet.columns])
    for values in sheet.rows:
        yield _line([csv_value(value, column) for column, value in zip(sheet.columns, values, strict=True)])


def write_csv(sheet: Sheet) -> bytes:
    """Write a sheet as one UTF-8 file."""
    return "".join(csv_lines(sheet)).encode()


def csv_value(value: Value, column: SheetColumn) -> str:
    """Write a value as text that reads back as the same; numbers have a point, times are UTC."""
    if isinstance(value, bool):
        words = column.choices if len(column.choices) == 2 else ("true", "false")
        return guard.guarded(words[0 if value else 1])
    if isinstance(value, str):
        return guard.guarded(value)
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _line(values: list[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n").writerow(values)
    return out.getvalue()
