"""From what a grant hides to the SQL that leaves only the rest: row filters are checked, masks and filters written out.

The rows and columns that a reader may see are made into a table of their own before the reader's statement runs. A view
or a sub-query would not do: an engine moves a reader's conditions below it, and a cast that fails on a hidden row would
tell of that row. So what is hidden is not in the database that the statement runs in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from headway.catalog.access import standing
from headway.catalog.access.entities import Policy
from headway.catalog.access.errors import AccessInvalid
from headway.catalog.contract import Column
from headway.kernel.errors import Fault

MASK: Final = "***"
MOST_CHARACTERS: Final = 2_000
GIVEN: Final = "given"
"""Name under which the engine knows a product's rows while what is hidden is taken out."""
_ALLOWED: Final = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.Null, exp.In,
    exp.Between, exp.Like, exp.ILike, exp.Literal, exp.Boolean, exp.Column, exp.Identifier, exp.Neg, exp.Add, exp.Sub,
    exp.Mul, exp.Lower, exp.Upper, exp.Cast, exp.DataType,
)  # fmt: skip


_PREDICATES: Final = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Boolean,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """What a reader sees of a product: the columns to read, the statement that hides, and what came out masked.

    ``read``: columns to fetch, which the statement calls c0, c1 ... in this order.  ``shown``: the columns it gives.
    """

    read: tuple[str, ...]
    sql: str
    shown: tuple[str, ...]
    masked: tuple[str, ...]


def visible(
    table: str, policy: Policy, columns: Sequence[Column], *, names: frozenset[str], needs_all: bool
) -> Visible:
    """Write the statement that makes the table of what a reader sees.

    Args: names: in lower case, the columns that are needed where not all are.
    Raises: AccessInvalid: the row filter does not fit the columns.
    """
    open_columns = [column for column in columns if column.name not in policy.hidden]
    wanted = [column for column in open_columns if needs_all or column.name.lower() in names] or open_columns[:1]
    condition = _condition(policy.row_filter, columns)
    used = [] if condition is None else [str(one.name) for one in condition.find_all(exp.Column)]
    chosen = {one.name for one in wanted} | set(used)
    read = [column.name for column in columns if column.name in chosen]
    places = {name: f"c{at}" for at, name in enumerate(read)}
    masked = standing.masked_of(policy, columns)
    labels = unique_names([column.name for column in wanted])
    shown = [
        f"{_shown(column, places[column.name], column.name in masked)} AS {quoted(label)}"
        for column, label in zip(wanted, labels, strict=True)
    ]
    where = f" WHERE {_placed(condition, places)}" if condition is not None else ""
    return Visible(
        read=tuple(read),
        sql=f"CREATE TEMP TABLE {quoted(table)} AS SELECT {', '.join(shown)} FROM {GIVEN}{where}",  # noqa: S608  quoted above
        shown=tuple(column.name for column in wanted),
        masked=tuple(column.name for column in wanted if column.name in masked),
    )


def filter_faults(row_filter: str | None, columns: Sequence[Column]) -> list[Fault]:
    """Find what is wrong with a row filter, apart from types, which the engine knows."""
    try:
        _condition(row_filter, columns)
    except AccessInvalid as error:
        return list(error.faults)
    return []


def unique_names(names: Sequence[str]) -> list[str]:
    """Tell names apart that SQL takes for the same: ``Email`` and ``email`` become ``Email`` and ``email_2``."""
    made: list[str] = []
    taken = {name.lower() for name in names}
    seen: set[str] = set()
    for name in names:
        label, count = name, 2
        while label.lower() in seen or (label != name and label.lower() in taken):
            label, count = f"{name}_{count}", count + 1
        seen.add(label.lower())
        made.append(label)
    return made


def quoted(name: str) -> str:
    """Write an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _shown(column: Column, place: str, is_masked: bool) -> str:
    """A masked text tells only that there is one; a masked value of another type is missing."""
    if not is_masked:
        return place
    if column.kind == "string":
        return f"CASE WHEN {place} IS NULL THEN NULL ELSE '{MASK}' END"
    return f"CASE WHEN FALSE THEN {place} END"


def _condition(row_filter: str | None, columns: Sequence[Column]) -> exp.Expr | None:
    """Read a row filter, its columns by their own names; raises AccessInvalid with every fault."""
    if row_filter is None:
        return None
    if len(row_filter) > MOST_CHARACTERS:
        raise _invalid([f"a row filter has at most {MOST_CHARACTERS:,} characters"])
    try:
        parsed = sqlglot.parse(row_filter, read="duckdb")
    except (SqlglotError, RecursionError, ValueError) as error:
        raise _invalid(["the row filter is no SQL expression"]) from error
    if len(parsed) != 1 or parsed[0] is None:
        raise _invalid(["a row filter is one boolean expression"])
    tree = parsed[0]
    faults = _expression_faults(tree, columns)
    if faults:
        raise _invalid(faults)
    own = {column.name.lower(): column.name for column in columns}
    exact = {column.name for column in columns}
    for one in tree.find_all(exp.Column):
        name = one.name if one.name in exact else own[one.name.lower()]
        one.set("this", exp.to_identifier(name, quoted=True))
    return tree


def _expression_faults(tree: exp.Expr, columns: Sequence[Column]) -> list[str]:
    known = {column.name.lower() for column in columns}
    faults = [
        f"{type(node).__name__} is not allowed in a row filter" for node in tree.walk() if type(node) not in _ALLOWED
    ]
    for one in tree.find_all(exp.Column):
        if one.table:
            faults.append(f"write the column {one.name!r} without a table before it")
        elif one.name.lower() not in known:
            faults.append(f"the product has no column {one.name!r}")
    booleans = {column.name.lower() for column in columns if column.kind == "boolean"}
    if not faults and not _is_boolean(tree, booleans):
        faults.append("a row filter is one boolean expression: compare its columns with values")
    return faults


def _is_boolean(tree: exp.Expr, columns: set[str]) -> bool:
    """Whether an expression is true or false, and so is every part that AND, OR and NOT put together."""
    if isinstance(tree, exp.Paren | exp.Not):
        return _is_boolean(tree.this, columns)
    if isinstance(tree, exp.And | exp.Or):
        return _is_boolean(tree.left, columns) and _is_boolean(tree.right, columns)
    return isinstance(tree, _PREDICATES) or (isinstance(tree, exp.Column) and tree.name.lower() in columns)


def _placed(condition: exp.Expr, places: Mapping[str, str]) -> str:
    made = condition.copy()
    for one in made.find_all(exp.Column):
        one.set("this", exp.to_identifier(places[one.name], quoted=True))
    return "(" + made.sql(dialect="duckdb", comments=False) + ")"


def _invalid(words: Sequence[str]) -> AccessInvalid:
    faults = [Fault(rule="access.row_filter", column="row_filter", message=one) for one in words]
    hint = "compare columns with values, as: region = 'north' AND visits >= 3"
    return AccessInvalid("; ".join(words), hint=hint, faults=faults)
