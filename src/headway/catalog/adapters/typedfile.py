"""Opens Excel workbooks (the first sheet, through its cells as text) and Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from headway.catalog import csvtext
from headway.catalog.adapters.source import ROW, Source, first_line, refuse, unreadable
from headway.kernel.errors import Fault

_EXCEL_LIMIT: Final = 200 * 1_048_576


def open_excel(path: Path, filename: str) -> Source:
    """Open the first sheet of a workbook. Raises UnreadableFile."""
    import fastexcel
    from fastexcel import FastExcelError

    if path.stat().st_size > _EXCEL_LIMIT:
        size = f"{_EXCEL_LIMIT // 1_048_576} MB"
        refuse(filename, "too_large_excel", f"Excel workbooks are read up to {size}: save the sheet as CSV or Parquet")
    try:
        book = fastexcel.read_excel(path)
        sheet_name = book.sheet_names[0]
        cells = book.load_sheet(0, header_row=None, dtypes="string").to_polars()
    except (FastExcelError, IndexError) as error:
        words = f"a zip archive that is not an Excel workbook that can be read: {first_line(error)}"
        refuse(filename, "not_excel", words)
    if cells.is_empty():
        refuse(filename, "empty_file", f"the sheet {sheet_name!r} is empty")
    names = [" ".join(str(name or "").split()) for name in cells.row(0)]
    if faults := csvtext.header_faults(names):
        raise unreadable(filename, faults, len(faults))
    cells.columns = names
    body = _dates_of_midnights(cells.slice(1)).with_row_index(ROW, offset=1)
    filled = body.filter(pl.any_horizontal(pl.col(names).is_not_null()))
    if filled.is_empty():
        refuse(filename, "no_rows", f"the sheet {sheet_name!r} has a header and no rows")
    body = body.head(int(filled[ROW][-1]))  # formatted but empty rows at the end are no rows
    if blank := [int(row) for row in body.filter(~pl.any_horizontal(pl.col(names).is_not_null()))[ROW]]:
        faults = [Fault(rule="empty_line", row=row, message=f"row {row} is empty") for row in blank[:100]]
        raise unreadable(filename, faults, len(blank))
    others = len(book.sheet_names) - 1
    notes = (f"read the sheet {sheet_name!r}; {others} more not read",) if others else ()
    return Source(
        kind="excel", frame=body.lazy(), columns=tuple(names), rows=body.height, semicolons=False, notes=notes
    )


def _dates_of_midnights(cells: pl.DataFrame) -> pl.DataFrame:
    """Excel writes dates as times at midnight: where all times of a column are, it holds dates."""
    moment, midnight = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}", r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
    dates = [
        name
        for name in cells.columns
        if 0 < cells[name].str.contains(moment).sum() == cells[name].str.contains(midnight).sum()
    ]
    return cells.with_columns(pl.col(name).str.replace(midnight, "$1") for name in dates)


def open_parquet(path: Path, filename: str) -> Source:
    """Open a Parquet file. Raises UnreadableFile."""
    try:
        frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        refuse(filename, "not_parquet", f"begins like a Parquet file but cannot be read: {first_line(error)}")
    names = schema.names()
    trimmed = [" ".join(name.split()) for name in names]
    faults = csvtext.header_faults(trimmed) + [
        Fault(rule="nested_column", column=name, message=f"column {name!r} holds {dtype}: flatten it")
        for name, dtype in schema.items()
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object)
    ]
    if faults:
        raise unreadable(filename, faults, len(faults))
    if not rows:
        refuse(filename, "no_rows", "the file has columns and no rows")
    frame = frame.rename(dict(zip(names, trimmed, strict=True))).with_row_index(ROW, offset=1)
    return Source(kind="parquet", frame=frame, columns=tuple(trimmed), rows=rows, semicolons=False, notes=())
