"""Reads one SELECT statement, refuses what is not on the list, and puts private tables in the place of products.

Every reference to a table is resolved here: to an expression of WITH that is in its scope, or to a product. The first
are renamed, the second get a name of ours, so that no name that a person wrote reaches the engine as a table. The
statement is written anew from the tree: comments, hints and spellings that two parsers may read differently are gone.
``adapters`` holds what was written to the engine's own parser once more before it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import ParseError, SqlglotError

from headway.catalog.access.errors import StatementRefused
from headway.catalog.access.functions import TABLE_FUNCTIONS
from headway.kernel.errors import Fault

MOST_CHARACTERS: Final = 20_000
DEEPEST: Final = 60  # brackets within brackets
_BEGIN: Final = (TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN)
_OPENING: Final = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING: Final = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
_ALLOWED: Final = (
    exp.Select, exp.SetOperation, exp.Subquery, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify,
    exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.With, exp.CTE, exp.TableAlias, exp.Table,
    exp.Column, exp.Identifier, exp.Star, exp.Alias, exp.Literal, exp.RawString, exp.Boolean, exp.Null, exp.Paren,
    exp.Tuple, exp.Interval, exp.Var, exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Between, exp.In, exp.Exists,
    exp.Window, exp.WindowSpec, exp.Values, exp.Lateral, exp.Unnest,
    exp.Bracket, exp.Slice, exp.Lambda, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.Cube, exp.Rollup,
    exp.GroupingSets, exp.Collate, exp.AtTimeZone, exp.PropertyEQ, exp.Kwarg, exp.SubqueryPredicate,
    exp.Binary, exp.Unary, exp.Func,
)  # fmt: skip
_REFUSED: Final = (exp.Placeholder, exp.Parameter, exp.SessionParameter, exp.Command, exp.Into, exp.Lock, exp.Columns)
_SLUG: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,63}")
_BROKEN: Final = (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableUse:
    """A product that a statement names: how it was written, and where first."""

    slug: str | None  # None: no name that a product could have
    version: str | None  # as in "sales.leads@1.2.0"; None: the current one
    written: str
    table: str  # what stands in its place
    line: int | None
    column: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement that may run once its products are known to be readable.

    ``names``: every identifier in it, in lower case; ``needs_all``: it depends on all columns of its tables.
    """

    sql: str
    text: str
    tables: tuple[TableUse, ...]
    names: frozenset[str]
    needs_all: bool

    def place_of(self, name: str) -> str:
        """Say where in the text a name first stands, as ``, line 1, column 8``; empty when it does not."""
        return next(
            (_place(token.line, token.col - len(token.text) + 1) for token in _tokens(self.text) if _is(token, name)),
            "",
        )


def read_statement(text: str) -> Statement:
    """Read a statement.

    Raises: StatementRefused: not exactly one SELECT, or something in it is not allowed; every fault tells its place.
    """
    _check_size(text)
    tree = _parsed(text)
    faults = list(_node_faults(tree))
    if faults:
        raise _refused(faults)
    resolver = _Resolver()
    resolver.resolve(tree, {})
    if resolver.faults:
        raise _refused(resolver.faults)
    try:
        written = tree.sql(dialect="duckdb", comments=False, identify=True)
    except _BROKEN as error:
        raise _cannot_read() from error
    names = frozenset(one.name.lower() for one in tree.find_all(exp.Identifier))
    return Statement(
        sql=written, text=text, tables=tuple(resolver.tables.values()), names=names, needs_all=_needs_all(tree)
    )


def refuse(statement: Statement, rule: str, name: str, words: str) -> StatementRefused:
    """Make the error about something that a statement holds, with the place of its name."""
    return _refused([Fault(rule=rule, value=name, message=words + statement.place_of(name))])


def _check_size(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        words = f"a statement has at most {MOST_CHARACTERS:,} characters"
        raise _refused([Fault(rule="sql.length", message=words)])
    if "\0" in text:
        raise _refused([Fault(rule="sql.characters", message="a statement holds no zero byte")])
    depth = 0
    tokens = _tokens(text)
    for token in tokens:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth > DEEPEST:
            words = f"brackets lie more than {DEEPEST} deep{_place(token.line, token.col)}"
            raise _refused([Fault(rule="sql.depth", message=words)])
    if not tokens or tokens[0].token_type not in _BEGIN:
        words = "a statement is one SELECT; it begins with SELECT, WITH or FROM"
        raise _refused([Fault(rule="sql.statement", message=words)])


def _tokens(text: str) -> list[Token]:
    try:
        return list(sqlglot.tokenize(text, read="duckdb"))
    except _BROKEN as error:
        words = "the text cannot be cut into words: a quotation mark or a comment has no end"
        raise _refused([Fault(rule="sql.syntax", message=words)]) from error


def _parsed(text: str) -> exp.Query:
    try:
        found = [one for one in sqlglot.parse(text, read="duckdb") if one is not None]
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        told = str(first.get("description") or "it is not SQL").partition(" but got")[0].rstrip(". ")
        words = told + _place(first.get("line"), first.get("col"))
        raise _refused([Fault(rule="sql.syntax", message=words)]) from error
    except _BROKEN as error:
        raise _cannot_read() from error
    if len(found) != 1:
        raise _refused([Fault(rule="sql.one_statement", message=f"one statement is run at a time, not {len(found)}")])
    tree = found[0]
    if not isinstance(tree, exp.Query):
        words = "a statement is one SELECT; it begins with SELECT, WITH or FROM"
        raise _refused([Fault(rule="sql.statement", message=words)])
    return tree


def _node_faults(tree: exp.Expr) -> Iterator[Fault]:
    for node in tree.walk():
        if isinstance(node, _REFUSED) or not isinstance(node, _ALLOWED):
            words = f"{_words(node)} is not allowed in a statement{_place_of(node)}"
            yield Fault(rule="sql.not_allowed", value=_words(node), message=words)


class _Resolver:
    """Goes through a tree with the names of WITH that are in scope, and changes it."""

    def __init__(self) -> None:
        self.tables: dict[str, TableUse] = {}
        self.faults: list[Fault] = []
        self._count = 0

    def resolve(self, node: exp.Expr, scope: Mapping[str, str]) -> None:
        """Rename what WITH defines and what names it; put private tables in the place of products."""
        held = node.args.get("with_")
        inner = self._with(held, scope) if isinstance(held, exp.With) else scope
        for child in list(node.iter_expressions()):
            if child is not held:
                self.resolve(child, inner)
        if isinstance(node, exp.Table):
            self._table(node, inner)
        elif isinstance(node, exp.Column) and node.args.get("db") is not None:
            node.set("db", None)  # department.product.column: the product is known by its own name alone
            node.set("catalog", None)

    def _with(self, held: exp.With, scope: Mapping[str, str]) -> Mapping[str, str]:
        inner = dict(scope)
        for one in held.expressions:
            written = one.alias
            made = f"_c{self._count}"
            self._count += 1
            visible = {**inner, written.lower(): made} if held.args.get("recursive") else dict(inner)
            self.resolve(one.this, visible)
            one.args["alias"].set("this", exp.to_identifier(made, quoted=True))
            inner[written.lower()] = made
        return inner

    def _table(self, node: exp.Table, scope: Mapping[str, str]) -> None:
        if not isinstance(node.this, exp.Identifier):
            self._function(node)
            return
        parts = [part.name for part in node.parts]
        known = scope.get(parts[0].lower()) if len(parts) == 1 else None
        if not node.alias:
            columns = node.args["alias"].columns if node.args.get("alias") else None
            node.set("alias", exp.TableAlias(this=exp.to_identifier(parts[-1], quoted=True), columns=columns))
        table = known or self._product(node, ".".join(parts))
        node.set("this", exp.to_identifier(table, quoted=True))
        node.set("db", None)
        node.set("catalog", None)

    def _product(self, node: exp.Table, written: str) -> str:
        name, _, version = written.partition("@")
        slug = name.lower().removeprefix("product:").replace("_", "-")
        is_named = _SLUG.fullmatch(slug) and (not version or _VERSION.fullmatch(version))
        known = self.tables.get(f"{slug}@{version}")
        if known is None:
            line, column = _position(node.parts[0])
            known = TableUse(
                slug=slug if is_named else None,
                version=version or None,
                written=written,
                table=f"_p{len(self.tables)}",
                line=line,
                column=column,
            )
            self.tables[f"{slug}@{version}"] = known
        return known.table

    def _function(self, node: exp.Table) -> None:
        name = _words(node.this).lower()
        if name not in TABLE_FUNCTIONS:
            words = f"the table function {name} is not allowed{_place_of(node)}"
            self.faults.append(Fault(rule="sql.table_function", value=name, message=words))


def _needs_all(tree: exp.Expr) -> bool:
    """Whether a statement depends on columns that it does not name: by a star, a whole row, positions or a natural join."""
    aliases = {one.alias.lower() for one in tree.find_all(exp.Table, exp.Subquery, exp.CTE) if one.alias}
    return (
        any(not isinstance(one.parent, exp.Count) for one in tree.find_all(exp.Star))
        or any(one.args.get("method") for one in tree.find_all(exp.Join))
        or any(one.columns for one in tree.find_all(exp.TableAlias))
        or any(not one.table and one.name.lower() in aliases for one in tree.find_all(exp.Column))
    )


def _words(node: exp.Expr) -> str:
    """What people call a node."""
    if isinstance(node, exp.Anonymous):
        return str(node.name)
    if isinstance(node, exp.GenerateSeries):
        return "generate_series"
    if isinstance(node, exp.Func):
        return node.sql_name().lower()
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()


def _position(node: exp.Expr) -> tuple[int | None, int | None]:
    for one in node.walk():
        line, end, width = one.meta.get("line"), one.meta.get("col"), one.meta.get("end", 0) - one.meta.get("start", 0)
        if line and end:
            return int(line), max(1, int(end) - int(width))
    return None, None


def _place_of(node: exp.Expr) -> str:
    return _place(*_position(node))


def _place(line: int | None, column: int | None) -> str:
    return f", line {line}, column {column}" if line and column else ""


def _is(token: Token, name: str) -> bool:
    return token.text.lower() == name.lower() and token.token_type is not TokenType.STRING


def _cannot_read() -> StatementRefused:
    return _refused([Fault(rule="sql.syntax", message="it cannot be read as SQL; write it more simply")])


def _refused(faults: list[Fault]) -> StatementRefused:
    hint = (
        "one SELECT over products that you were granted, as: SELECT channel, count(*) FROM sales.leads GROUP BY channel"
    )
    return StatementRefused("; ".join(fault.message for fault in faults[:5]), hint=hint, faults=faults)
