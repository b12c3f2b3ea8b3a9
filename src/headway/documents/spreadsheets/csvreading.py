"""Reads the cells of a CSV file; the separator is found, what ``guard`` added is taken off."""

from __future__ import annotations

import csv
import io

from headway.documents.spreadsheets import guard
from headway.documents.spreadsheets.grid import CellValue, Grid, Limits, refuse

SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 20


def read_csv(data: bytes, limits: Limits) -> Grid:
    """Read a CSV file in UTF-8, UTF-16 with a mark, or Windows-1252. Raises SheetUnreadable."""
    text, notes = _decoded(data)
    if "\0" in text:
        refuse("not_text", "this is no CSV file: it holds bytes that no text has", "save the table as .xlsx or .csv")
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
        cells = 0
        found: dict[int, dict[int, CellValue]] = {}
        for number, values in enumerate(rows, start=1):
            kept: dict[int, CellValue] = {at: guard.unguarded(v) for at, v in enumerate(values, start=1) if v}
            cells += len(kept)
            if number > limits.rows or len(values) > limits.columns or cells > limits.cells:
                told = f"{limits.rows:,} rows and {limits.columns} columns"
                refuse("too_large", f"the file is larger than {told}", "send it in parts")
            if kept:
                found[number] = kept
    except csv.Error as error:
        refuse("damaged", f"the file is no CSV that can be read: {error}", "save the table as .xlsx or .csv anew")
    return Grid(name="CSV", rows=found, notes=notes)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), ()
        except UnicodeDecodeError:
            refuse("not_text", "the file begins like UTF-16 and is not", "save the table as .xlsx or .csv")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), ("read as Windows-1252, since it is not UTF-8",)


def _separator(text: str) -> str:
    """The separator that cuts the first lines into the most equal parts."""
    lines = text.splitlines()[:_SAMPLE_LINES]

    def score(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        widest = max(counts, default=1)
        return (sum(count == widest for count in counts) if widest > 1 else 0), widest

    return max(SEPARATORS, key=score)
