"""The newest rows of a table that grows without end, read from the files that can hold them and no others.

An Iceberg table keeps the largest value of each column of each file. Files are read from the newest backwards, and no
further once enough rows are found, are counted, and no older file can hold a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.table import FileScanTask, Table

Operator = Literal["in", "starts", ">=", "<", "<=", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A condition on a column; ``value`` is a list of values for ``in``. Terms of one group are alternatives."""

    column: str
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """Rows, newest first; how many there are in all, unless there are more than were counted."""

    rows: pa.Table
    total: int
    is_more: bool


def newest(table: Table, *, by: tuple[str, str], groups: Sequence[Sequence[Term]], last: int, counted: int) -> Newest:
    """Read the rows that fulfil one term of every group, the ``last`` newest of them, and count on to ``counted``.

    Args: by: the column of time and one that makes the order unique.
    """
    scan = table.scan(row_filter=_expression(groups))
    kept, total = scan.projection().as_arrow().empty_table(), 0
    files = sorted(((_upper(table, by[0], task), task) for task in scan.plan_files()), key=_newest_first)
    for upper, task in files:
        if total > counted and kept.num_rows == last and upper is not None and kept[by[0]][-1].as_py() > upper:
            break
        found = _read(table, scan, task)
        total += found.num_rows
        kept = pa.concat_tables([kept, found.cast(kept.schema)]).sort_by([(name, "descending") for name in by])
        kept = kept.slice(0, last)
    return Newest(rows=kept, total=min(total, counted), is_more=total > counted)


def _newest_first(file: tuple[Any, FileScanTask]) -> tuple[bool, float]:
    upper, _ = file
    return (True, -upper.timestamp()) if upper is not None else (False, 0.0)


def _upper(table: Table, name: str, task: FileScanTask) -> Any:  # noqa: ANN401  the type of the column
    """The largest value of a column in a file, None when it is not known."""
    from pyiceberg.conversions import from_bytes
    from pyiceberg.types import TimestamptzType
    from pyiceberg.utils.datetime import micros_to_timestamptz

    field = table.schema().find_field(name)
    kept = task.file.upper_bounds.get(field.field_id) if task.file.upper_bounds else None
    if kept is None or not isinstance(field.field_type, TimestamptzType):
        return None
    micros: Any = from_bytes(field.field_type, kept)
    return micros_to_timestamptz(micros)


def _read(table: Table, scan: Any, task: FileScanTask) -> pa.Table:  # noqa: ANN401  a scan of this table
    from pyiceberg.io.pyarrow import ArrowScan

    reader = ArrowScan(table.metadata, table.io, scan.projection(), scan.row_filter, scan.case_sensitive)
    return reader.to_table([task])


def _expression(groups: Sequence[Sequence[Term]]) -> BooleanExpression:
    from pyiceberg.expressions import AlwaysFalse, AlwaysTrue, And, Or

    found: BooleanExpression = AlwaysTrue()
    for group in groups:
        one: BooleanExpression = AlwaysFalse()
        for term in group:
            one = Or(one, _term(term))
        found = And(found, one)
    return found


def _term(term: Term) -> BooleanExpression:
    from pyiceberg.expressions import GreaterThanOrEqual, In, IsNull, LessThan, LessThanOrEqual, Reference, StartsWith

    of = Reference(term.column)
    match term.operator:
        case "in":
            return In(term=of, values=term.value)
        case "empty":
            return IsNull(term=of)
        case "starts":
            return StartsWith(term=of, value=term.value)
        case ">=":
            return GreaterThanOrEqual(term=of, value=term.value)
        case "<":
            return LessThan(term=of, value=term.value)
        case "<=":
            return LessThanOrEqual(term=of, value=term.value)
