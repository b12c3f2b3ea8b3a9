"""Rows on their way in: batches of any source become one Parquet file whose columns have one type each.

Nothing is cast in silence. Where the values of a column do not all have one type, the column is kept as text and marked
``headway: text``; the catalog then finds its type as it does in a CSV file, and lists every value that does not fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.catalog.adapters.source import TEXT_MARK
from headway.catalog.connectors.errors import SourceFailed

_MOST_DIGITS: Final = 38
_BATCH: Final = 65_536
NAIVE, AWARE = pa.timestamp("us"), pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """A Parquet file of rows."""

    path: Path
    rows: int


class Landing:
    """Takes rows batch by batch; memory holds one batch."""

    def __init__(self, work: Path, *, has_types: bool = True) -> None:
        """Args: has_types: the source tells days, times and text apart; else its text is read like that of a CSV file."""
        self._work, self._has_types = work, has_types
        self._files: list[Path] = []
        self.rows = 0

    def write(self, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        """Take values by column, as a driver gives them; None is missing."""
        arrays, fields = [], []
        for name, values in zip(names, columns, strict=True):
            array, is_text = _array(name, values)
            is_text = is_text or (not self._has_types and pa.types.is_string(array.type))
            arrays.append(array)
            fields.append(pa.field(name, array.type, metadata=TEXT_MARK if is_text else None))
        table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
        path = self._work / f"batch-{len(self._files):06d}.parquet"
        pq.write_table(table, path, compression="snappy")
        self._files.append(path)
        self.rows += table.num_rows

    def close(self, out: Path) -> Landed:
        """Write all of it to one file; the batches are gone then."""
        landed = join(self._files, out)
        for path in self._files:
            path.unlink()
        return landed


def join(paths: Iterable[Path], out: Path, *, is_text: bool = False) -> Landed:
    """Write the rows of several Parquet files one after the other into one, each column with one type.

    A column that a file lacks is missing there. Columns stand in the order in which they first come.

    Args: is_text: no type is known of any column.
    """
    files = list(paths)
    schema, rows = _schema([pq.read_schema(path) for path in files]), 0
    if is_text:
        schema = pa.schema([pa.field(name, pa.string(), metadata=TEXT_MARK) for name in schema.names])
    with pq.ParquetWriter(out, schema, compression="zstd", compression_level=1) as writer:
        for path in files:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=_BATCH):
                    table = pa.Table.from_batches([batch])
                    writer.write_table(pa.Table.from_arrays([_fit(table, one) for one in schema], schema=schema))
                    rows += batch.num_rows
    return Landed(path=out, rows=rows)


def _schema(schemas: Sequence[pa.Schema]) -> pa.Schema:
    found: dict[str, list[pa.Field]] = {}
    for schema in schemas:
        for one in schema:
            found.setdefault(one.name, []).append(one)
    return pa.schema([_field(name, fields) for name, fields in found.items()])


def _field(name: str, fields: Sequence[pa.Field]) -> pa.Field:
    """The one type of a column: that of all its values, else text."""
    is_text = any((one.metadata or {}).items() >= TEXT_MARK.items() for one in fields)
    types = {_plain(one.type) for one in fields} - {pa.null()}
    if is_text or not types:
        return pa.field(name, pa.string(), metadata=TEXT_MARK)
    if len(types) == 1:
        return pa.field(name, next(iter(types)))
    if all(pa.types.is_decimal(one) for one in types):
        scale = max(one.scale for one in types)
        digits = max(one.precision - one.scale for one in types) + scale
        if digits <= _MOST_DIGITS:
            return pa.field(name, pa.decimal128(digits, scale))
    return pa.field(name, pa.string(), metadata=TEXT_MARK)


def _plain(kind: pa.DataType) -> pa.DataType:
    """Of types that hold the same values, the one that is kept."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_small = pa.types.is_signed_integer(kind) or (pa.types.is_unsigned_integer(kind) and kind.bit_width < 64)
    alike = (
        (pa.types.is_large_string(kind) or pa.types.is_string_view(kind), pa.string()),
        (is_small, pa.int64()),
        (pa.types.is_floating(kind), pa.float64()),
        (pa.types.is_timestamp(kind) and kind.unit != "ns" and kind.tz is not None, AWARE),
        (pa.types.is_timestamp(kind) and kind.unit != "ns", NAIVE),
        (pa.types.is_date(kind), pa.date32()),
    )
    return next((kept for is_alike, kept in alike if is_alike), kind)


def _fit(table: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    at = table.schema.get_field_index(field.name)
    if at < 0:
        return pa.chunked_array([pa.nulls(table.num_rows, field.type)])
    column = table.column(at)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if column.type == field.type:
        return column
    if pa.types.is_string(field.type) and pa.types.is_timestamp(column.type):  # the form that the catalog reads
        text = pc.strftime(column.cast(_plain(column.type)), format="%Y-%m-%dT%H:%M:%S")
        return pc.binary_join_element_wise(text, "Z", "") if column.type.tz else text
    return column.cast(field.type)


def _array(name: str, values: Sequence[Any]) -> tuple[pa.Array, bool]:
    """The values of one batch as Arrow, and whether they are text for want of one type."""
    kinds = {type(one) for one in values if one is not None}
    if any(issubclass(kind, bytes | bytearray | memoryview) for kind in kinds):
        hint = "write a query that leaves the column out"
        raise SourceFailed(f"column {name!r} holds bytes, which are no text and no number", hint=hint)
    array = _typed(kinds, values)
    if array is not None:
        return array, False
    return pa.array([None if one is None else _text(one) for one in values], pa.string()), kinds != {str}


def _typed(kinds: set[type], values: Sequence[Any]) -> pa.Array | None:
    """The values in their one type; None where they have several, or one that Arrow does not hold."""
    if not kinds:
        return pa.nulls(len(values))
    if len(kinds) > 1:
        return None
    (kind,) = kinds
    try:
        if kind is datetime:
            is_aware = {one.tzinfo is not None for one in values if one is not None}
            return pa.array(values, AWARE if True in is_aware else NAIVE) if len(is_aware) == 1 else None
        if kind is Decimal:
            return _decimals(values)
        types = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), date: pa.date32(), str: pa.string()}
        return pa.array(values, types[kind]) if kind in types else None
    except (pa.ArrowException, OverflowError, ValueError):
        return None


def _decimals(values: Sequence[Decimal | None]) -> pa.Array | None:
    """Exact numbers with as many digits as they need; None beyond 38."""
    scale = whole = 0
    for one in values:
        if one is None:
            continue
        if not one.is_finite():
            return None
        _, digits, exponent = one.as_tuple()
        places = max(-int(exponent), 0)
        scale, whole = max(scale, places), max(whole, len(digits) + int(exponent))
    digits_needed = max(whole, 1) + scale
    return pa.array(values, pa.decimal128(digits_needed, scale)) if digits_needed <= _MOST_DIGITS else None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return str(value)
