"""Rows that were set aside as a table that people correct elsewhere, and the corrected table taken back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from headway import documents
from headway.catalog.adapters.source import ROW
from headway.catalog.batches.entities import QuarantinedRow
from headway.catalog.quarantine.entities import Edit
from headway.catalog.quarantine.errors import MendInvalid
from headway.documents import About, Sheet, SheetColumn
from headway.kernel.errors import Fault

BATCH, NUMBER, STATE, BROKEN = "_batch", "_row", "_state", "_broken"
"""Columns before those of the product: which row it is, how far it is, and which rules it breaks."""
LEADING: Final = (BATCH, NUMBER, STATE, BROKEN)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_FAULTS: Final = 100
MOST: Final = 1_000_000
"""Rows that a file holds at most; Excel holds a few more."""
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def header(columns: Sequence[str]) -> tuple[str, ...]:
    """The names of the table's columns."""
    return (*LEADING, *columns)


def line(one: QuarantinedRow, columns: Sequence[str]) -> tuple[str | None, ...]:
    """One row of the table."""
    broken = "; ".join(reason.rule for reason in one.reasons)
    return one.batch, str(one.row), one.state.value, broken, *(one.values.get(name) for name in columns)


def as_csv(rows: Sequence[QuarantinedRow], columns: Sequence[str]) -> Iterator[str]:
    """The table as CSV; a text that a spreadsheet would take for a formula gets a quotation mark before it."""
    for some in (header(columns), *(tuple(map(safe, line(one, columns))) for one in rows)):
        with io.StringIO(newline="") as text:
            csv.writer(text).writerow(some)
            yield text.getvalue()


def as_workbook(rows: Sequence[QuarantinedRow], columns: Sequence[str], *, about: About) -> bytes:
    """The table as a workbook whose cells are text, so that they come back as they left."""
    heads = tuple(SheetColumn(name=name, label=name, kind="text") for name in header(columns))
    sheet = Sheet(title="Quarantine", columns=heads, rows=(line(one, columns) for one in rows))
    return documents.write_xlsx([sheet], about)


def safe(text: str | None) -> str | None:
    """A text that no spreadsheet takes for a formula; numbers stay."""
    is_formula = text is not None and text[:1] in _FORMULA and not text[1:].replace(".", "").isdigit()
    return f"'{text}" if is_formula else text


def rows_from(frame: pl.DataFrame, columns: Sequence[str], batch: str | None) -> list[Edit]:
    """The rows of a corrected table.

    Args: frame: columns of any type, among them ``_row`` and, unless ``batch`` is given, ``_batch``.
    Raises: MendInvalid: with every fault of the table's form.
    """
    names = [name for name in frame.columns if name not in (ROW, *LEADING)]
    faults = [_fault(name, f"the product has no column {name!r}") for name in names if name not in columns]
    if NUMBER not in frame.columns:
        faults.append(_fault(NUMBER, f"the table lacks the column {NUMBER}, which names the row"))
    if BATCH not in frame.columns and batch is None:
        faults.append(_fault(BATCH, f"the table lacks the column {BATCH}; or name the batch"))
    if faults:
        _refuse(faults)
    text = frame.select(pl.col(name).cast(pl.String) for name in frame.columns if name != ROW)
    edits: list[Edit] = []
    seen: set[tuple[str, int]] = set()
    for at, record in enumerate(text.iter_rows(named=True), start=1):
        number, of = str(record[NUMBER] or "").strip(), str(record.get(BATCH) or batch or "").strip()
        whole = number.removesuffix(".0")
        if not whole.isascii() or not whole.isdigit() or len(whole) > 15 or not of:
            faults.append(_fault(NUMBER, f"line {at}: {number!r} of batch {of!r} names no row", at))
            continue
        if (of, int(whole)) in seen:
            faults.append(_fault(NUMBER, f"line {at}: row {whole} of batch {of} stands twice", at))
        seen.add((of, int(whole)))
        edits.append(Edit(batch=of, row=int(whole), values={name: record[name] for name in names}))
    _refuse(faults)
    return edits


def changed(values: Mapping[str, str | None], shown: Mapping[str, str | None]) -> dict[str, str | None]:
    """The cells that differ from what was exported."""
    return {
        name: text
        for name, text in values.items()
        if (text or None) not in (shown.get(name) or None, safe(shown.get(name)) or None)
    }


def _fault(column: str, words: str, row: int | None = None) -> Fault:
    return Fault(rule="quarantine.table", column=column, row=row, message=words)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        more = f" (and {len(faults) - 1:,} more faults)" if len(faults) > 1 else ""
        raise MendInvalid(faults[0].message + more, hint="nothing was changed", faults=faults[:_FAULTS])
