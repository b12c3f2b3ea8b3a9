"""Files people bring: CSV, Parquet and Excel become one typed Parquet file in a work folder, or a clear refusal.

Memory stays bounded by streaming: the text is checked chunk by chunk, read lazily and written row group by row group.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import polars as pl

from headway.catalog import csvtext, parsing
from headway.catalog.entities import FileKind, Kind
from headway.catalog.errors import UnreadableFile
from headway.catalog.parsing import TextType
from headway.kernel.errors import Fault

ROW: Final = "_headway_row"
"""Technical column of every staged table: the row's number in its file, from 1."""
_CHUNK: Final = 4 * 1_048_576
_SAMPLE_ROWS: Final = 20_000
_EXCEL_LIMIT: Final = 200 * 1_048_576
_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a text document"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's rows before types were chosen: text from CSV and Excel, typed columns from Parquet."""

    kind: FileKind
    frame: pl.LazyFrame
    columns: tuple[str, ...]
    rows: int
    semicolons: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A file read to the end: a typed Parquet file with the column ROW, and the values that fit no type."""

    path: Path
    kind: FileKind
    found: tuple[str, ...]  # columns of the file
    kinds: Mapping[str, Kind]  # of its columns, and of the contract's that it lacks
    rows: int
    read_as: Mapping[str, TextType]  # how columns of text were read
    misfits: pl.DataFrame  # row, column, value
    notes: tuple[str, ...]


def stage(path: Path, filename: str, work: Path, wanted: Mapping[str, TextType] | None = None) -> Staged:
    """Read a file of any kind into a typed Parquet file in the folder ``work``.

    Args: wanted: what a contract says of columns; these are read as that, others by what they hold.
    Raises: UnreadableFile: with every fault found.
    """
    try:
        return _write(open_source(path, filename, work), work, dict(wanted or {}))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, OverflowError) as error:
        raise _refusal(filename, "unreadable", f"the reader gave up: {_first_line(error)}") from error


def read_frame(path: Path, filename: str, work: Path) -> pl.DataFrame:
    """Read a whole file as a typed frame; misfits are missing. Raises UnreadableFile."""
    return pl.read_parquet(stage(path, filename, work).path).drop(ROW)


def open_source(path: Path, filename: str, work: Path) -> Source:
    """Find out what a file is and open it. Raises UnreadableFile."""
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if not head:
        _refuse(filename, "empty_file", "the file is empty")
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "text")
    suffix = Path(filename).suffix.lower()
    if suffix in (".parquet", ".pq") and found != "parquet":
        _refuse(filename, "not_parquet", f"not a Parquet file: it begins with {head[:4]!r} instead of b'PAR1'")
    if suffix in (".xlsx", ".xlsm") and found not in ("zip", "ole"):
        _refuse(filename, "not_excel", f"not an Excel workbook: it begins with {head[:4]!r}")
    if found == "parquet":
        return _open_parquet(path, filename)
    if found == "zip":
        return _open_excel(path, filename)
    if found == "ole":
        words = "an Excel workbook with a password, or of the old .xls kind: save it as .xlsx without a password"
        _refuse(filename, "locked_or_old_excel", words)
    if found != "text":
        _refuse(filename, "other_file", f"{found}: bring a CSV, Parquet or Excel (.xlsx) file")
    if head.lstrip()[:1] in (b"{", b"<") or head.lstrip()[:2] == b"[{":
        _refuse(filename, "other_file", "JSON, XML or HTML: bring a CSV, Parquet or Excel (.xlsx) file")
    return _open_csv(path, filename, work, head)


# --- CSV ---------------------------------------------------------------------------------------------------------


def _open_csv(path: Path, filename: str, work: Path, head: bytes) -> Source:
    text, encoding = _as_utf8(path, filename, work, head)
    with text.open("rb") as stream:
        sample = stream.read(262_144).removeprefix(codecs.BOM_UTF8)
    if not sample.strip(b"\r\n \t"):
        _refuse(filename, "empty_file", "the file holds nothing but empty lines")
    delimiter = csvtext.sniff_delimiter(sample)
    record = _first_record(text, filename, delimiter)
    try:
        names = csvtext.header_names(record, delimiter)
    except csv.Error as error:
        _refuse(filename, "header_name", f"the first line cannot be read: {_first_line(error)}", row=0)
    if faults := csvtext.header_faults(names):
        raise _unreadable(filename, faults, len(faults))
    rows = _scan(text, filename, delimiter, len(names))
    frame = pl.scan_csv(
        text,
        separator=delimiter,
        infer_schema=False,
        new_columns=names,
        row_index_name=ROW,
        row_index_offset=1,
    ).head(rows)
    shown = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[delimiter]
    notes = (
        [f"read as {encoding} text with {shown} between the values"] if encoding != "UTF-8" or delimiter != "," else []
    )
    return Source(
        kind="csv", frame=frame, columns=tuple(names), rows=rows, semicolons=delimiter == ";", notes=tuple(notes)
    )


def _as_utf8(path: Path, filename: str, work: Path, head: bytes) -> tuple[Path, str]:
    """Give the file as UTF-8 with line feeds, and the encoding's name for people."""
    encoding = csvtext.encoding_of(head[:4096])
    if encoding in (None, "utf-8-sig"):
        place = _not_utf8(path)
        if place is None:
            lone_returns = b"\r" in head and b"\n" not in head
            return (_transcoded(path, filename, work, "utf-8") if lone_returns else path), "UTF-8"
        encoding = _western(path, filename, place)
    shown = {"cp1252": "Windows-1252 (Latin-1)"}.get(encoding, "UTF-" + encoding[4:6])
    return _transcoded(path, filename, work, encoding), shown


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _not_utf8(path: Path) -> int | None:
    """Position of the first byte that is not UTF-8, or None."""
    decoder, before = codecs.getincrementaldecoder("utf-8")(), 0
    for chunk in _chunks(path):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return before - pending + error.start
        before += len(chunk)
    pending = len(decoder.getstate()[0])
    return before - pending if pending else None


def _western(path: Path, filename: str, place: int) -> str:
    """Take bytes that are not UTF-8 for Windows-1252 where that explains all of them; else refuse with the place."""
    census = csvtext.ByteCensus()
    for chunk in _chunks(path):
        census.feed(chunk)
    if census.is_western:
        return "cp1252"
    at = place if census.not_text is None else census.not_text
    with path.open("rb") as stream:
        prefix = stream.read(min(at, 64 * 1_048_576))
        stream.seek(at)
        byte = stream.read(1)
    delimiter = csvtext.sniff_delimiter(prefix[:262_144])
    row, column = csvtext.place_of(prefix, delimiter)
    where = f"byte {at:,} (row {row}, column {column})"
    words = f"{where} is 0x{byte.hex()}: neither UTF-8 nor another encoding explains the whole file; save it as UTF-8"
    fault = Fault(rule="wrong_encoding", row=row, column=str(column), value="0x" + byte.hex(), message=words)
    raise _unreadable(filename, [fault], 1)


def _transcoded(path: Path, filename: str, work: Path, encoding: str) -> Path:
    made, decoder, before = work / "text.csv", codecs.getincrementaldecoder(encoding)(), 0
    newline = io.IncrementalNewlineDecoder(None, translate=True)
    with made.open("wb") as out:
        try:
            for chunk in itertools.chain(_chunks(path), (b"",)):
                out.write(newline.decode(decoder.decode(chunk, final=not chunk), final=not chunk).encode())
                before += len(chunk)
        except UnicodeDecodeError as error:
            # what decoded before the bad byte tells its row and column
            good = error.object[: error.start].decode(error.encoding, errors="replace")
            out.write(newline.decode(good).encode())
            out.flush()
            raise _undecodable(filename, made, encoding, error) from error
        except UnicodeError as error:  # a text of UTF-16 that holds halves of characters
            raise _refusal(filename, "wrong_encoding", f"not {encoding.upper()}: {_first_line(error)}") from error
    return made


def _undecodable(filename: str, made: Path, encoding: str, error: UnicodeDecodeError) -> UnreadableFile:
    with made.open("rb") as stream:
        prefix = stream.read(64 * 1_048_576)
    row, column = csvtext.place_of(prefix, csvtext.sniff_delimiter(prefix[:262_144]))
    words = f"row {row}, column {column}: from here the file is not {encoding.upper()} any more ({error.reason})"
    fault = Fault(rule="wrong_encoding", row=row, column=str(column), message=words)
    return _unreadable(filename, [fault], 1)


def _first_record(text: Path, filename: str, delimiter: str) -> str:
    """The text of the header, which may run over several lines inside quotation marks."""
    record = b""
    with text.open("rb") as stream:
        while len(record) <= csvtext.MAX_RECORD_BYTES:
            line = stream.readline(csvtext.MAX_RECORD_BYTES + 1)
            record += line
            if not line or record.count(b'"') % 2 == 0:
                break
    if len(record) > csvtext.MAX_RECORD_BYTES:
        words = f"the first line is longer than {csvtext.MAX_RECORD_BYTES:,} bytes: is a line break missing?"
        raise _unreadable(filename, [Fault(rule="huge_line", row=0, message=words)], 1)
    decoded = record.removeprefix(codecs.BOM_UTF8).decode().rstrip("\r\n")
    if not decoded:
        _refuse(filename, "blank_header", "the first line is empty; it must hold the names of the columns", row=0)
    if "\0" in decoded:
        _refuse(filename, "nul_byte", "the header (row 0) holds a zero byte, which no text has", row=0)
    return decoded


def _scan(text: Path, filename: str, delimiter: str, columns: int) -> int:
    scanner = csvtext.RecordScanner(delimiter=delimiter, columns=columns)
    first = True
    for chunk in _chunks(text):
        scanner.feed(chunk.removeprefix(codecs.BOM_UTF8) if first else chunk)
        first = False
        if scanner.stopped:
            break
    scanner.close()
    if scanner.faults:
        raise _unreadable(filename, scanner.faults, scanner.fault_count)
    if not scanner.rows:
        _refuse(filename, "no_rows", "the file has a header and no rows")
    return scanner.rows


# --- Excel -------------------------------------------------------------------------------------------------------


def _open_excel(path: Path, filename: str) -> Source:
    import fastexcel
    from fastexcel import FastExcelError

    if path.stat().st_size > _EXCEL_LIMIT:
        size = f"{_EXCEL_LIMIT // 1_048_576} MB"
        _refuse(filename, "too_large_excel", f"Excel workbooks are read up to {size}: save the sheet as CSV or Parquet")
    try:
        book = fastexcel.read_excel(path)
        sheet_name = book.sheet_names[0]
        cells = book.load_sheet(0, header_row=None, dtypes="string").to_polars()
    except (FastExcelError, IndexError) as error:
        words = f"a zip archive that is not an Excel workbook that can be read: {_first_line(error)}"
        _refuse(filename, "not_excel", words)
    if cells.is_empty():
        _refuse(filename, "empty_file", f"the sheet {sheet_name!r} is empty")
    names = [" ".join(str(name or "").split()) for name in cells.row(0)]
    if faults := csvtext.header_faults(names):
        raise _unreadable(filename, faults, len(faults))
    cells.columns = names
    body = _dates_of_midnights(cells.slice(1)).with_row_index(ROW, offset=1)
    filled = body.filter(pl.any_horizontal(pl.col(names).is_not_null()))
    if filled.is_empty():
        _refuse(filename, "no_rows", f"the sheet {sheet_name!r} has a header and no rows")
    body = body.head(int(filled[ROW][-1]))  # formatted but empty rows at the end are no rows
    if blank := [int(row) for row in body.filter(~pl.any_horizontal(pl.col(names).is_not_null()))[ROW]]:
        faults = [Fault(rule="empty_line", row=row, message=f"row {row} is empty") for row in blank[:100]]
        raise _unreadable(filename, faults, len(blank))
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


# --- Parquet -----------------------------------------------------------------------------------------------------


def _open_parquet(path: Path, filename: str) -> Source:
    try:
        frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        _refuse(filename, "not_parquet", f"begins like a Parquet file but cannot be read: {_first_line(error)}")
    names = schema.names()
    trimmed = [" ".join(name.split()) for name in names]
    faults = csvtext.header_faults(trimmed) + [
        Fault(rule="nested_column", column=name, message=f"column {name!r} holds {dtype}: flatten it")
        for name, dtype in schema.items()
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object)
    ]
    if faults:
        raise _unreadable(filename, faults, len(faults))
    if not rows:
        _refuse(filename, "no_rows", "the file has columns and no rows")
    frame = frame.rename(dict(zip(names, trimmed, strict=True))).with_row_index(ROW, offset=1)
    return Source(kind="parquet", frame=frame, columns=tuple(trimmed), rows=rows, semicolons=False, notes=())


# --- types -------------------------------------------------------------------------------------------------------


def _write(source: Source, work: Path, wanted: dict[str, TextType]) -> Staged:
    schema = source.frame.collect_schema()
    is_text = source.kind != "parquet"
    ready = {name: None if is_text else _ready(name, schema[name], wanted.get(name)) for name in source.columns}
    text = [name for name, found in ready.items() if found is None]
    frame = source.frame.with_columns(pl.col(name).cast(pl.String) for name in text)
    types = _choose(frame, text, source.semicolons, wanted)
    columns = {name: found or (types[name].kind, parsing.typed(name, types[name])) for name, found in ready.items()}
    absent = [name for name in wanted if name not in columns]
    columns |= {name: (wanted[name].kind, pl.lit(None, dtype=_STORED[wanted[name].kind])) for name in absent}
    staged = work / "staged.parquet"
    stored = [expr.alias(name) for name, (_, expr) in columns.items()]
    frame.select(pl.col(ROW).cast(pl.Int64), *stored).sink_parquet(staged, compression="zstd", compression_level=1)
    written = int(pl.scan_parquet(staged).select(pl.len()).collect().item())
    if written != source.rows:
        raise ValueError(f"{source.rows} rows were counted and {written} were read")
    return Staged(
        path=staged,
        kind=source.kind,
        found=source.columns,
        kinds={name: kind for name, (kind, _) in columns.items()},
        rows=source.rows,
        read_as=types,
        misfits=pl.concat([_misfits(frame, types), _infinite(source.frame, schema)]).sort("row", "column"),
        notes=(
            *source.notes,
            *(f"column {name!r}: {found.note}" for name, found in types.items() if found.note),
            *(f"column {name!r}: not in the file, taken as missing" for name in absent),
        ),
    )


def _ready(name: str, dtype: pl.DataType, contract: TextType | None) -> tuple[Kind, pl.Expr] | None:
    """The kind of a typed column and how it is stored; None for text, or where a contract wants another kind."""
    column, wanted = pl.col(name), contract.kind if contract else None
    found: tuple[Kind, pl.Expr] | None = None
    if dtype == pl.Boolean:
        found = "boolean", column
    elif dtype.is_integer():
        found = "integer", column.cast(pl.Int64)
    elif dtype.is_numeric():
        real = column.cast(pl.Float64)
        found = "number", pl.when(real.is_finite()).then(real)
    elif dtype == pl.Date:
        found = "date", column
    elif isinstance(dtype, pl.Datetime):
        found = "timestamp", column.cast(pl.Datetime("us", "UTC" if dtype.time_zone else None))
    elif dtype == pl.Duration:
        found = "number", column.dt.total_microseconds() / 1e6
    elif dtype != pl.String or wanted in (None, "string"):  # times of day, categories, nothing at all
        found = "string", parsing.text_of(name)
    if found is not None and wanted == "number" and found[0] == "integer":
        return "number", column.cast(pl.Float64)
    return found if found is not None and wanted in (None, found[0]) else None


def _choose(
    frame: pl.LazyFrame, names: list[str], semicolons: bool, wanted: dict[str, TextType]
) -> dict[str, TextType]:
    sample = frame.select(names).head(_SAMPLE_ROWS).collect()
    style = parsing.number_style((sample[name] for name in names), semicolons=semicolons)
    types: dict[str, TextType] = {}
    for name in names:
        values = sample[name]
        if not sample.select(parsing.is_present(name).any()).item():  # nothing yet: look further down
            values = frame.select(name).filter(parsing.is_present(name)).head(_SAMPLE_ROWS).collect()[name]
        types[name] = parsing.choose(values, style, wanted.get(name))
    guessed = [name for name in names if name not in wanted and types[name].kind != "string"]
    types |= _confirmed(frame, {name: types[name] for name in guessed})
    return types


def _confirmed(frame: pl.LazyFrame, types: dict[str, TextType]) -> dict[str, TextType]:
    """Test on all rows what the first rows told: integers may turn into numbers, numbers into text."""
    if not types:
        return {}
    counted = (
        frame.select(
            expr
            for name, found in types.items()
            for expr in (
                parsing.is_present(name).sum().alias(f"p:{name}"),
                parsing.is_misfit(name, found).sum().alias(f"m:{name}"),
                parsing.is_number(name, found).sum().alias(f"n:{name}"),
            )
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    sure: dict[str, TextType] = {}
    for name, found in types.items():
        present, missed, numbers = counted[f"p:{name}"], counted[f"m:{name}"], counted[f"n:{name}"]
        chosen = found
        if found.kind == "integer" and missed and numbers > present - missed:
            chosen, missed = TextType(kind="number"), present - numbers
        if missed > (1 - parsing.FIT) * present:
            chosen = TextType(kind="string", note="kept as text: more than 5 in 100 values do not fit one type")
        elif missed and chosen.kind in ("integer", "number"):
            values = frame.select(name).filter(parsing.is_misfit(name, chosen)).head(1_000).collect().to_series()
            if parsing.is_code(values):
                chosen = TextType(kind="string", note="kept as text: codes stand between the numbers")
        sure[name] = chosen
    return sure


_STORED: Final[Mapping[Kind, type[pl.DataType] | pl.DataType]] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "timestamp": pl.Datetime("us"),
}
_MISFITS: Final = {"row": pl.Int64, "column": pl.String, "value": pl.String}


def _misfits(frame: pl.LazyFrame, types: dict[str, TextType]) -> pl.DataFrame:
    """All values that do not fit the type of their column, as text."""
    parts = [
        frame.filter(parsing.is_misfit(name, found)).select(
            pl.col(ROW).cast(pl.Int64).alias("row"), pl.lit(name).alias("column"), pl.col(name).alias("value")
        )
        for name, found in types.items()
        if found.kind != "string"
    ]
    return pl.concat(parts).collect(engine="streaming") if parts else pl.DataFrame(schema=_MISFITS)


def _infinite(frame: pl.LazyFrame, schema: pl.Schema) -> pl.DataFrame:
    """Infinite numbers of typed files, which no contract admits."""
    parts = [
        frame.filter(pl.col(name).is_infinite()).select(
            pl.col(ROW).cast(pl.Int64).alias("row"),
            pl.lit(name).alias("column"),
            pl.col(name).cast(pl.String).alias("value"),
        )
        for name, dtype in schema.items()
        if dtype.is_float()
    ]
    return pl.concat(parts).collect() if parts else pl.DataFrame(schema=_MISFITS)


# --- refusals ----------------------------------------------------------------------------------------------------


def _refuse(filename: str, rule: str, words: str, row: int | None = None) -> NoReturn:
    raise _refusal(filename, rule, words, row)


def _refusal(filename: str, rule: str, words: str, row: int | None = None) -> UnreadableFile:
    return _unreadable(filename, [Fault(rule=rule, row=row, message=words)], 1)


def _unreadable(filename: str, faults: list[Fault], count: int) -> UnreadableFile:
    more = f" (and {count - 1:,} more faults)" if count > 1 else ""
    return UnreadableFile(
        f"{filename}: {faults[0].message}{more}",
        hint="correct the file and bring it again; nothing was kept",
        faults=faults,
        values={"faults": count},
    )


def _first_line(error: BaseException) -> str:
    with contextlib.suppress(IndexError):
        return str(error).strip().splitlines()[0][:300]
    return type(error).__name__
