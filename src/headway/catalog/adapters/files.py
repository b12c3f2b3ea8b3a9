"""Files people bring: CSV, Parquet, JSON lines and Excel become one typed Parquet file in a work folder, or a clear refusal.

Memory stays bounded by streaming: the text is checked chunk by chunk, read lazily and written row group by row group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from headway.catalog import parsing
from headway.catalog.adapters.csvfile import open_csv
from headway.catalog.adapters.jsonlines import looks_like_lines, open_json_lines
from headway.catalog.adapters.source import ROW, Source, first_line, need_room, refusal, refuse
from headway.catalog.adapters.typedfile import open_excel, open_parquet
from headway.catalog.entities import FileKind, Kind
from headway.catalog.parsing import TextType

__all__ = ["ROW", "Source", "Staged", "open_source", "read_frame", "stage"]

_SAMPLE_ROWS: Final = 20_000
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
        need_room(error)
        raise refusal(filename, "unreadable", f"the reader gave up: {first_line(error)}") from error


def read_frame(path: Path, filename: str, work: Path) -> pl.DataFrame:
    """Read a whole file as a typed frame; misfits are missing. Raises UnreadableFile."""
    return pl.read_parquet(stage(path, filename, work).path).drop(ROW)


def open_source(path: Path, filename: str, work: Path) -> Source:
    """Find out what a file is and open it. Raises UnreadableFile."""
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if not head:
        refuse(filename, "empty_file", "the file is empty")
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "text")
    suffix = Path(filename).suffix.lower()
    if suffix in (".parquet", ".pq") and found != "parquet":
        refuse(filename, "not_parquet", f"not a Parquet file: it begins with {head[:4]!r} instead of b'PAR1'")
    if suffix in (".xlsx", ".xlsm") and found not in ("zip", "ole"):
        refuse(filename, "not_excel", f"not an Excel workbook: it begins with {head[:4]!r}")
    if found == "parquet":
        return open_parquet(path, filename, work)
    if found == "zip":
        return open_excel(path, filename, work)
    if found == "ole":
        words = "an Excel workbook with a password, or of the old .xls kind: save it as .xlsx without a password"
        refuse(filename, "locked_or_old_excel", words)
    if found != "text":
        refuse(filename, "other_file", f"{found}: bring a CSV, Parquet, JSON lines or Excel (.xlsx) file")
    if suffix in (".jsonl", ".ndjson") or looks_like_lines(head):
        return open_json_lines(path, filename, work)
    if head.lstrip()[:1] in (b"{", b"<") or head.lstrip()[:2] == b"[{":
        words = "JSON, XML or HTML: bring a CSV, Parquet or Excel (.xlsx) file, or JSON lines (one object a line)"
        refuse(filename, "other_file", words)
    return open_csv(path, filename, work, head)


def _write(source: Source, work: Path, wanted: dict[str, TextType]) -> Staged:
    schema = source.frame.collect_schema()
    is_text = source.kind != "parquet"
    ready = {
        name: None if is_text or name in source.untyped else _ready(name, schema[name], wanted.get(name))
        for name in source.columns
    }
    text = [name for name, found in ready.items() if found is None]
    frame = source.frame.with_columns(pl.col(name).cast(pl.String) for name in text)
    types, suspects = _choose(frame, text, source.semicolons, wanted)
    for name in (one for one in text if schema[one].is_decimal()):
        types[name] = _exact(frame, name, types[name], is_wanted=name in wanted)
    suspects += [name for name in text if types[name].exact and name not in suspects]
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
        misfits=pl.concat([_misfits(frame, types, suspects), _infinite(source.frame, schema)]).sort("row", "column"),
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
    elif dtype == pl.UInt64 or (isinstance(dtype, pl.Decimal) and (dtype.precision or 38) > parsing.DIGITS):
        return None  # as a number it might not be what it was
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


def _exact(frame: pl.LazyFrame, name: str, found: TextType, *, is_wanted: bool) -> TextType:
    """How exact numbers are read: as numbers while none has more digits than a number keeps, else as text."""
    if found.kind not in ("integer", "number"):
        return found
    exact = replace(found, exact=found.kind == "number")
    lost = frame.select(parsing.misfit_values(name, exact).len()).collect(engine="streaming").item()
    if is_wanted or not lost:
        return exact
    return TextType(kind="string", note=f"kept as text: exact numbers of more than {parsing.DIGITS} digits")


def _choose(
    frame: pl.LazyFrame, names: list[str], semicolons: bool, wanted: dict[str, TextType]
) -> tuple[dict[str, TextType], list[str]]:
    """How each column of text is read, and the columns that hold misfits."""
    sample = frame.select(names).head(_SAMPLE_ROWS).collect()
    style = parsing.number_style((sample[name] for name in names), semicolons=semicolons)
    types: dict[str, TextType] = {}
    for name in names:
        values = sample[name]
        if not sample.select(parsing.is_present(name).any()).item():  # nothing yet: look further down
            values = frame.select(name).filter(parsing.is_present(name)).head(_SAMPLE_ROWS).collect()[name]
        types[name] = parsing.choose(values, style, wanted.get(name))
    missed = _missed(frame, {name: found for name, found in types.items() if found.kind != "string"})
    for name, present in missed.items():
        if name not in wanted:
            types[name] = _second_look(frame, name, types[name], present)
    return types, [name for name in missed if types[name].kind != "string"]


def _missed(frame: pl.LazyFrame, types: dict[str, TextType]) -> dict[str, int]:
    """Test on all rows what the first rows told: columns with misfits, and how many values each has."""
    if not types:
        return {}
    asked = [
        expr
        for name, found in types.items()
        for expr in (
            parsing.typed(name, found).is_not_null().sum().alias(f"read:{name}"),
            parsing.misfit_values(name, found).len().alias(f"missed:{name}"),
        )
    ]
    counted = frame.select(asked).collect(engine="streaming").row(0, named=True)
    return {name: counted[f"read:{name}"] + counted[f"missed:{name}"] for name in types if counted[f"missed:{name}"]}


def _second_look(frame: pl.LazyFrame, name: str, found: TextType, present: int) -> TextType:
    """The type of a column some of whose values do not fit what the first rows told: integers may become numbers."""
    wider = [found]
    if found.kind == "integer":
        wider += [parsing.PLAIN_NUMBER, parsing.GROUPED_NUMBER]
    elif found == parsing.PLAIN_NUMBER:
        wider.append(parsing.GROUPED_NUMBER)
    misfits = [frame.select(parsing.misfit_values(name, kind)).collect().to_series() for kind in wider]
    best = min(range(len(wider)), key=lambda at: len(misfits[at]))
    if len(misfits[best]) > (1 - parsing.FIT) * present:
        return TextType(kind="string", note="kept as text: more than 5 in 100 values do not fit one type")
    if wider[best].kind in ("integer", "number") and parsing.is_code(misfits[best]):
        return TextType(kind="string", note="kept as text: codes stand between the numbers")
    return wider[best]


_STORED: Final[Mapping[Kind, type[pl.DataType] | pl.DataType]] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "timestamp": pl.Datetime("us"),
}
_MISFITS: Final = {"row": pl.Int64, "column": pl.String, "value": pl.String}


def _misfits(frame: pl.LazyFrame, types: dict[str, TextType], suspects: list[str]) -> pl.DataFrame:
    """All values that do not fit the type of their column, as text."""
    found = [pl.DataFrame(schema=_MISFITS)]
    for name in suspects:
        unread = frame.filter(pl.col(name).is_not_null() & parsing.typed(name, types[name]).is_null())
        rows = unread.select(
            pl.col(ROW).cast(pl.Int64).alias("row"), pl.lit(name).alias("column"), pl.col(name).alias("value")
        )
        found.append(rows.collect(engine="streaming").filter(parsing.is_present("value")))
    return pl.concat(found)


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
