"""Opens Excel workbooks (the first sheet, through its cells as text) and Parquet files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from headway.catalog import csvtext
from headway.catalog.adapters.source import ROW, TEXT_MARK, Source, first_line, need_room, refuse, unreadable
from headway.kernel.errors import Fault

_EXCEL_LIMIT: Final = 200 * 1_048_576
_EXCEL_MEMORY: Final = 6 * 1_073_741_824
_EXCEL_SECONDS: Final = 300


def open_excel(path: Path, filename: str, work: Path) -> Source:
    """Open the first sheet of a workbook. Raises UnreadableFile."""
    if path.stat().st_size > _EXCEL_LIMIT:
        size = f"{_EXCEL_LIMIT // 1_048_576} MB"
        refuse(filename, "too_large_excel", f"Excel workbooks are read up to {size}: save the sheet as CSV or Parquet")
    sheets, cells = _cells(path, filename, work)
    sheet_name = sheets[0]
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
    others = len(sheets) - 1
    notes = (f"read the sheet {sheet_name!r}; {others} more not read",) if others else ()
    return Source(
        kind="excel", frame=body.lazy(), columns=tuple(names), rows=body.height, semicolons=False, notes=notes
    )


def _cells(path: Path, filename: str, work: Path) -> tuple[list[str], pl.DataFrame]:
    """Names of all sheets and the first one's cells as text, read in a process that may die."""
    out = work / "cells.arrow"
    command = [sys.executable, str(Path(__file__).with_name("workbook.py")), str(path), str(out), str(_EXCEL_MEMORY)]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=_EXCEL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        refuse(filename, "too_large_excel", f"not read within {_EXCEL_SECONDS} s: save the sheet as CSV or Parquet")
    if ended.returncode != 0:
        words = "the workbook needs more memory than is sensible: it is damaged, or cells lie far apart on its sheet"
        refuse(filename, "too_large_excel", words + "; save the sheet as CSV or Parquet")
    told = json.loads(ended.stdout)
    if "error" in told:
        words = f"a zip archive that is not an Excel workbook that can be read: {told['error']}"
        refuse(filename, "not_excel", words)
    return told["sheets"], pl.read_ipc(out)


def _dates_of_midnights(cells: pl.DataFrame) -> pl.DataFrame:
    """Excel writes dates as times at midnight: where all times of a column are, it holds dates."""
    moment, midnight = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}", r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
    dates = [
        name
        for name in cells.columns
        if 0 < cells[name].str.contains(moment).sum() == cells[name].str.contains(midnight).sum()
    ]
    return cells.with_columns(pl.col(name).str.replace(midnight, "$1") for name in dates)


def open_parquet(path: Path, filename: str, work: Path) -> Source:
    """Open a Parquet file. Raises UnreadableFile.

    Arrow's reader bears damaged files, that of Polars ends the process on some; so Polars gets a sound copy.
    """
    copy = work / "copy.parquet"
    try:
        with pq.ParquetFile(path) as file:
            _need_flat_columns(filename, file.schema_arrow)
            marked = [one for one in file.schema_arrow if (one.metadata or {}).items() >= TEXT_MARK.items()]
            with pq.ParquetWriter(copy, file.schema_arrow, compression="snappy") as out:
                for batch in file.iter_batches(batch_size=131_072):
                    out.write_batch(batch)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        need_room(error)
        refuse(filename, "not_parquet", f"begins like a Parquet file but cannot be read: {first_line(error)}")
    frame = pl.scan_parquet(copy, glob=False, hive_partitioning=False)
    names, rows = frame.collect_schema().names(), int(frame.select(pl.len()).collect().item())
    if not rows:
        refuse(filename, "no_rows", "the file has columns and no rows")
    trimmed = [" ".join(name.split()) for name in names]
    frame = frame.rename(dict(zip(names, trimmed, strict=True))).with_row_index(ROW, offset=1)
    return Source(
        kind="parquet",
        frame=frame,
        columns=tuple(trimmed),
        rows=rows,
        semicolons=False,
        notes=(),
        untyped=frozenset(" ".join(one.name.split()) for one in marked if pa.types.is_string(one.type)),
    )


def _need_flat_columns(filename: str, schema: pa.Schema) -> None:
    faults = csvtext.header_faults([" ".join(field.name.split()) for field in schema])
    for field in schema:
        kind = field.type
        is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
        if pa.types.is_nested(kind) or is_bytes:
            words = f"column {field.name!r} holds {kind}: flatten it"
            faults.append(Fault(rule="nested_column", column=field.name, message=words))
    if faults:
        raise unreadable(filename, faults, len(faults))
