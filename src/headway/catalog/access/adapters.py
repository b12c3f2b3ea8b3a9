"""Runs a statement in a DuckDB that holds nothing but what its reader may see, cannot reach out, and is stopped in time."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import pyarrow as pa

from headway.catalog.access import functions
from headway.catalog.access.entities import Policy
from headway.catalog.access.errors import AccessInvalid, PolicyBroken, StatementFailed, StatementTooLarge
from headway.catalog.access.policy import GIVEN, Visible, visible
from headway.catalog.access.statement import Statement, refuse
from headway.catalog.adapters.files import ROW
from headway.catalog.adapters.lake import Lake
from headway.catalog.contract import Column
from headway.catalog.entities import Kind, ProductSnapshot
from headway.kernel.errors import Fault

MEMORY: Final = "1GB"
SECONDS: Final = 30.0
MOST_BYTES: Final = 512 << 20
"""The largest result, in memory."""
_BATCH: Final = 10_000
_TYPES: Final[Mapping[Kind, pa.DataType]] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
_SETTINGS: Final = (
    "SET python_enable_replacements=false",
    "SET autoinstall_known_extensions=false",
    "SET autoload_known_extensions=false",
    "SET TimeZone='UTC'",
    "SET threads=2",
    f"SET memory_limit='{MEMORY}'",
)
_LOCKS: Final = ("SET enable_external_access=false", "SET lock_configuration=true")
_UNKNOWN: Final = re.compile(r'(?:Referenced column|column named|column)\s+"([^"]+)"')
_UNKNOWN_TABLE: Final = re.compile(r'Referenced table "([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A product's rows as they lie in the lake, and what a reader may see of them."""

    table: str
    product: str
    rows: pa.Table  # its columns are those that ``visible`` reads
    visible: Visible


def run(
    statement: Statement, relations: Sequence[Relation], *, limit: int, seconds: float | None = None
) -> tuple[pa.Table, bool]:
    """Run a statement over what its reader may see.

    Args: limit: the most rows that are given.
    Returns: the rows, and whether there are more.
    Raises: StatementRefused: the engine's parser sees something that is not allowed.  StatementFailed: it does not fit the data.
    StatementTooLarge: it took too long or too much memory.  PolicyBroken: rows could not be hidden.
    """
    with (
        TemporaryDirectory(prefix="headway-") as folder,
        _engine(Path(folder)) as engine,
        _stopping(engine, seconds or SECONDS),
    ):
        look_over(engine, statement, {one.table for one in relations})
        for one in relations:
            _hide(engine, one)
        try:
            reader = engine.sql(statement.sql).to_arrow_reader(_BATCH)
            return _taken(reader, limit)
        except (duckdb.Error, pa.ArrowException, OSError) as error:  # the last two: what ends in the middle of reading
            raise _told(error, statement) from None


def fetch(lake: Lake, snapshot: ProductSnapshot, names: Sequence[str], columns: Sequence[Column]) -> pa.Table:
    """Read columns of a snapshot in the order of their names; what it did not have yet is missing values."""
    there = set(lake.columns(snapshot.table, snapshot.iceberg_snapshot_id))
    known = [name for name in names if name in there]
    rows = lake.scan(snapshot.table, snapshot_id=snapshot.iceberg_snapshot_id, columns=known or [ROW])
    kinds = {column.name: column.kind for column in columns}
    for name in names:
        if name not in there:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, _TYPES[kinds[name]]))
    return rows.select(list(names))


def check_filter(policy: Policy, columns: Sequence[Column]) -> None:
    """Hold a policy's row filter to the types of the columns; raises AccessInvalid."""
    chosen = visible("_p0", policy, columns, names=frozenset(), needs_all=True)
    kinds = {column.name: column.kind for column in columns}
    row = pa.table([pa.array([None], _TYPES[kinds[name]]) for name in chosen.read], names=_places(chosen))
    with TemporaryDirectory(prefix="headway-") as folder, _engine(Path(folder)) as engine:
        try:
            engine.register(GIVEN, row)
            engine.execute(chosen.sql)
        except duckdb.Error as error:
            words = "the row filter does not fit the types of the columns"
            fault = Fault(rule="access.row_filter", column="row_filter", value=policy.row_filter, message=words)
            raise AccessInvalid(words, hint="compare a column with a value of its own type", faults=[fault]) from error


def look_over(engine: duckdb.DuckDBPyConnection, statement: Statement, tables: set[str]) -> None:
    """Hold what the engine's own parser makes of a statement to the lists; raises StatementRefused."""
    answer = engine.execute("SELECT json_serialize_sql(?, skip_null := true, skip_empty := true)", [statement.sql])
    parsed: dict[str, Any] = json.loads(answer.fetchall()[0][0])
    statements = parsed.get("statements", [])
    if parsed.get("error") or len(statements) != 1:
        raise refuse(statement, "sql.syntax", "", "it cannot be read as one SELECT; write it more simply")
    known = set(tables)
    parts = list(_parts(statements[0].get("node", {})))
    known |= {str(one["key"]) for part in parts for one in part.get("cte_map", {}).get("map", [])}
    known |= {str(part["cte_name"]) for part in parts if "cte_name" in part}
    for part in parts:
        _check_part(statement, part, known)


def _check_part(statement: Statement, part: Mapping[str, Any], known: set[str]) -> None:
    kind, sort = str(part.get("type", "")), part.get("class")
    if sort is not None and sort not in functions.CLASSES:
        raise refuse(statement, "sql.not_allowed", kind, f"{kind.lower()} is not allowed in a statement")
    if "function_name" in part:
        _check_function(statement, part)
    elif sort is None and _is_node(part) and kind not in functions.NODES:
        raise refuse(
            statement, "sql.not_allowed", kind, f"{kind.lower().replace('_', ' ')} is not allowed in a statement"
        )
    if kind == "BASE_TABLE" and part.get("qualified_name", {}).get("path") not in [[name] for name in known]:
        raise refuse(statement, "sql.not_allowed", "", "a table of the statement cannot be told")
    if kind == "TABLE_FUNCTION" and part["function"].get("function_name", "").lower() not in functions.TABLE_FUNCTIONS:
        name = str(part["function"].get("function_name", "")).lower()
        raise refuse(statement, "sql.table_function", name, f"the table function {name} is not allowed")


def _check_function(statement: Statement, part: Mapping[str, Any]) -> None:
    name = str(part["function_name"]).lower()
    path = part.get("qualified_name", {}).get("path", [part["function_name"]])
    if name not in functions.OPERATORS | functions.FUNCTIONS or len(path) != 1:
        raise refuse(statement, "sql.function", name, f"the function {name} is not allowed")


def _is_node(part: Mapping[str, Any]) -> bool:
    """Whether a part is a query, something behind FROM or a modifier, and not a type or a value."""
    kind = str(part.get("type", ""))
    return kind.endswith(("_NODE", "_MODIFIER", "_REF")) or "query_location" in part


def _parts(value: object) -> Iterator[dict[str, Any]]:
    """Every object of a JSON value, without going deep into the stack."""
    waiting = [value]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            yield at
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at


def _hide(engine: duckdb.DuckDBPyConnection, one: Relation) -> None:
    """Make the table of what a reader may see; the rest leaves the engine before the statement is run."""
    try:
        engine.register(GIVEN, one.rows.rename_columns(_places(one.visible)))
        engine.execute(one.visible.sql)
        engine.unregister(GIVEN)
    except duckdb.OutOfMemoryException as error:
        raise _too_large() from error
    except duckdb.InterruptException as error:
        raise _too_slow() from error
    except duckdb.Error as error:
        raise PolicyBroken(
            f"what you may see of {one.product} cannot be told apart from the rest any more",
            hint="ask the owner of the product to look at the row filter of your grant",
        ) from error


def _places(chosen: Visible) -> list[str]:
    return [f"c{at}" for at in range(len(chosen.read))]


@contextmanager
def _engine(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that opens no file but its own spill, and whose settings nobody changes."""
    with duckdb.connect() as made:
        spill = "'" + str(folder).replace("'", "''") + "'"
        for setting in (*_SETTINGS, f"SET temp_directory={spill}", f"SET allowed_directories=[{spill}]", *_LOCKS):
            made.execute(setting)
        yield made


@contextmanager
def _stopping(engine: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, engine.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _taken(reader: pa.RecordBatchReader, limit: int) -> tuple[pa.Table, bool]:
    """The first rows of a result."""
    batches, rows, size = [], 0, 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if size > MOST_BYTES:
            raise StatementTooLarge("the result is larger than is given at once", hint="ask for fewer columns or rows")
        if rows > limit:
            break
    table = pa.Table.from_batches(batches, schema=reader.schema)
    return table.slice(0, limit), rows > limit


def _told(error: Exception, statement: Statement) -> Exception:
    """Say what failed in words of ours: those of the engine name tables and columns that a statement may not have named."""
    text = str(error)
    if isinstance(error, duckdb.InterruptException) or "INTERRUPT" in text.upper()[:80]:
        return _too_slow()
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in text[:80]:
        return _too_large()
    for pattern, rule, words in (
        (_UNKNOWN_TABLE, "sql.unknown_table", "there is no table {} here"),
        (_UNKNOWN, "sql.unknown_column", "there is no column {} here"),
    ):
        named = pattern.search(text)
        if named and statement.place_of(named[1]):
            return _failed(rule, words.format(repr(named[1])) + statement.place_of(named[1]))
    known = isinstance(error, duckdb.BinderException | duckdb.CatalogException)
    words = "names or types do not go together" if known else "a value does not fit what is done with it"
    return _failed("sql.fit" if known else "sql.value", words)


def _failed(rule: str, words: str) -> StatementFailed:
    hint = (
        "SELECT * FROM product LIMIT 1 shows the columns that you may read; TRY_CAST gives NULL where a cast would fail"
    )
    return StatementFailed(words, hint=hint, faults=[Fault(rule=rule, message=words)])


def _too_slow() -> StatementTooLarge:
    return StatementTooLarge(
        "the statement took too long and was stopped", hint="ask for fewer rows, or join on equal keys"
    )


def _too_large() -> StatementTooLarge:
    return StatementTooLarge("the statement needs more memory than it may take", hint="ask for fewer columns or rows")
