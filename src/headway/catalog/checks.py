"""From a contract to SQL: every rule of ODCS that a table alone can answer, in one aggregate and one quarantine query.

What counts as a failure, by rule:

type       a value that does not fit the column's type (found by the reader; missing in the table)
required   a missing value; a value that failed ``type`` is not counted again
unique     every row but the first of those with the same value; missing values are never equal
enum       a value that is not in the closed set; pattern, format, length, minimum, maximum, multiple: likewise, on
           values that are there
invalid_values  either of the two, where one rule names both a set and a pattern
missing_values  a missing value, or one that the contract says stands for missing
foreign_key     a key without missing parts that the other table does not have; the other table's rows must be given
rows            the number of rows of the table, which no single row fails
freshness       the age of the newest time, which no single row fails

The statements are those of a dialect; columns stand under the names c0, c1 ... in the order of the contract, the row's number
under ``row``; values are bound as parameters.
"""

# ruff: noqa: S608  columns have names of ours, values are bound
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from open_data_contract_standard.model import DataQuality, Relationship, SchemaObject, SchemaProperty

from headway.catalog import contract as odcs
from headway.catalog.dialects import DUCKDB, Dialect, portable
from headway.catalog.entities import Kind
from headway.catalog.errors import InvalidContract
from headway.catalog.links import Reference, levels_of, reference_of
from headway.catalog.tolerance import NONE_AT_ALL, Tolerance, plain_number, tolerance_of

Parameter = str | int | float | bool
WORD_BITS: Final = 60
"""Rules in one bit mask; further rules go into further masks."""
FORMATS: Final[Mapping[str, str]] = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uuid": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "hostname": r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*",
    "ipv4": r"(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: which rows fail it."""

    id: str
    column: str | None  # None: of the table
    rule: str
    description: str
    tolerance: Tolerance
    predicate: str | None = None  # SQL over one row, true where it fails
    absent: int | None = None  # the column whose missing values fail it, where that is all the predicate says
    pattern: str | None = None  # what the one value must match as a whole, where that is all and engines read it alike
    keys: tuple[int, ...] = ()  # columns that together must be unique, or be a key of the other table
    reference: Reference | None = None
    oldest: timedelta | None = None  # how old the newest time may be
    values: tuple[int, ...] = ()  # columns whose value a fault shows


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """A contract compiled: rules, parameters of their SQL, and what cannot be checked here."""

    columns: tuple[str, ...]
    rules: tuple[Rule, ...]
    parameters: Mapping[str, Parameter]
    skipped: tuple[str, ...]
    now: datetime | None = None

    @property
    def words(self) -> int:
        """How many bit masks hold a bit for each rule."""
        return max(1, -(-len(self.rules) // WORD_BITS))


def compile_contract(
    contract: odcs.Contract,
    *,
    tables: Mapping[str, Sequence[str]] | None = None,
    now: datetime | None = None,
    dialect: Dialect = DUCKDB,
) -> CheckPlan:
    """Compile a contract; raises InvalidContract for rules that make no sense, lists those that cannot be checked.

    Args: tables: columns of the other tables whose rows are there, for relationships. now: for freshness; must have a zone.
    """
    made = _Compiler(odcs.table_of(contract), tables or {}, dialect)
    levels = odcs.model_of(contract).slaProperties or []
    return made.plan(levels, odcs.roles_of(contract).time, now)


def aggregate_sql(plan: CheckPlan) -> str:
    """One row: ``rows``, the failures ``r`` of each rule by its place, the newest time ``t`` of each rule of freshness."""
    parts = ["count(*) AS rows"]
    parts += [
        f"count(*) FILTER (WHERE {rule.predicate}) AS r{at}" for at, rule in enumerate(plan.rules) if rule.predicate
    ]
    counts = [
        f"(SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM rows_of_file WHERE {_present(rule.keys)} "
        f"GROUP BY {_names(rule.keys)} HAVING count(*) > 1) g) AS r{at}"
        for at, rule in enumerate(plan.rules)
        if rule.keys and rule.reference is None
    ]
    parts += [f"max(c{rule.values[0]}) AS t{at}" for at, rule in enumerate(plan.rules) if rule.oldest is not None]
    counts += [
        f"(SELECT count(*) FROM ({orphans_sql(plan, at)}) o) AS r{at}"
        for at, rule in enumerate(plan.rules)
        if rule.reference
    ]
    return f"SELECT {', '.join([*parts, *counts])} FROM rows_of_file"


def quarantine_sql(plan: CheckPlan, failing: Sequence[int]) -> str:
    """Number and bit masks (m0, m1 ...) of every row that fails one of the rules ``failing``, by their place in the plan.

    Bit ``i % WORD_BITS`` of mask ``i // WORD_BITS`` stands for rule i.
    """
    row_rules = [at for at in failing if plan.rules[at].predicate]
    key_rules = [at for at in failing if plan.rules[at].keys and plan.rules[at].reference is None]
    words, parts = plan.words, list[str]()
    if row_rules:
        masks = [
            " + ".join(
                f"(CASE WHEN {plan.rules[at].predicate} THEN {_bit(at)} ELSE 0 END)"
                for at in row_rules
                if at // WORD_BITS == word
            )
            or "0"
            for word in range(words)
        ]
        columns = ", ".join(f"({mask})::BIGINT AS m{word}" for word, mask in enumerate(masks))
        some = " OR ".join(f"m{word} <> 0" for word in range(words))
        parts.append(f"SELECT * FROM (SELECT row, {columns} FROM rows_of_file) r WHERE {some}")
    for at in key_rules:
        keys = plan.rules[at].keys
        columns = ", ".join(f"{_bit(at) if at // WORD_BITS == word else 0}::BIGINT AS m{word}" for word in range(words))
        same = " AND ".join(f"t.c{key} = d.c{key}" for key in keys)
        parts.append(
            f"SELECT t.row, {columns} FROM rows_of_file t JOIN (SELECT {_names(keys)}, min(row) AS first FROM rows_of_file "
            f"WHERE {_present(keys)} GROUP BY {_names(keys)} HAVING count(*) > 1) d ON {same} WHERE t.row > d.first"
        )
    for at in (at for at in failing if plan.rules[at].reference):
        columns = ", ".join(f"{_bit(at) if at // WORD_BITS == word else 0}::BIGINT AS m{word}" for word in range(words))
        parts.append(f"SELECT o.row, {columns} FROM ({orphans_sql(plan, at)}) o")
    masks_of_row = ", ".join(f"bit_or(m{word}) AS m{word}" for word in range(words))
    return f"SELECT row, {masks_of_row} FROM ({' UNION ALL '.join(parts)}) q GROUP BY row"


def _bit(at: int) -> int:
    return 1 << (at % WORD_BITS)


def _names(columns: Sequence[int]) -> str:
    return ", ".join(f"c{at}" for at in columns)


def _present(columns: Sequence[int]) -> str:
    return " AND ".join(f"c{at} IS NOT NULL" for at in columns)


def orphans_sql(plan: CheckPlan, at: int) -> str:
    """Every row whose key, without missing parts, is not among the keys k0, k1 ... of the table ``keys_N``, N = ``at``."""
    keys = plan.rules[at].keys
    same = " AND ".join(f"t.c{key} = k.k{part}" for part, key in enumerate(keys))
    there = " AND ".join(f"t.c{key} IS NOT NULL" for key in keys)
    return f"SELECT t.* FROM rows_of_file t WHERE {there} AND NOT EXISTS (SELECT 1 FROM keys_{at} k WHERE {same})"


class _Compiler:
    """Walks a contract's table once; collects rules, parameters and what is skipped."""

    def __init__(self, table: SchemaObject, tables: Mapping[str, Sequence[str]], dialect: Dialect) -> None:
        self.table = table
        self.tables = tables
        self.dialect = dialect
        self.properties = list(table.properties or [])
        self.places = {one.name or "": at for at, one in enumerate(self.properties)}
        self.rules: list[Rule] = []
        self.parameters: dict[str, Parameter] = {}
        self.skipped: list[str] = []

    def plan(self, levels: Sequence[Any], time: str | None, now: datetime | None) -> CheckPlan:
        fresh, self.skipped = levels_of(
            levels, self.table.name or "", list(self.places), time, is_asked=now is not None
        )
        for at, one in enumerate(self.properties):
            self._property(at, one)
        keys = sorted((one for one in self.properties if one.primaryKey), key=lambda one: one.primaryKeyPosition or 0)
        if len(keys) > 1:
            self._unique(tuple(self.places[one.name or ""] for one in keys), "primary_key", NONE_AT_ALL)
        for quality in self.table.quality or []:
            self._table_quality(quality)
        for link in self.table.relationships or []:
            self._relationship(link, None)
        for column, oldest in fresh:
            self._freshness(column, oldest)
        return CheckPlan(
            columns=tuple(self.places),
            rules=tuple(_named(self.rules)),
            parameters=self.parameters,
            skipped=tuple(self.skipped),
            now=now,
        )

    def _property(self, at: int, one: SchemaProperty) -> None:
        name, kind = one.name or "", odcs.kinds_of_property(one)
        self._add(
            Rule(id="", column=name, rule="type", description=f"is of type {kind}", tolerance=NONE_AT_ALL, values=(at,))
        )
        if one.required or one.primaryKey:
            self._absent(at, "required", NONE_AT_ALL)
        if one.primaryKey and sum(bool(other.primaryKey) for other in self.properties) == 1:
            self._unique((at,), "primary_key", NONE_AT_ALL)
        elif one.unique and not one.primaryKey:
            self._unique((at,), "unique", NONE_AT_ALL)
        self._options(at, one, kind)
        if one.enum:
            self._enum(at, [value.value for value in one.enum], NONE_AT_ALL)
        for quality in one.quality or []:
            self._quality(at, quality)
        for link in one.relationships or []:
            self._relationship(link, name)

    def _options(self, at: int, one: SchemaProperty, kind: Kind) -> None:
        options = dict(one.logicalTypeOptions or {})
        for option, sign, words in (
            ("minimum", "<", "is at least"),
            ("maximum", ">", "is at most"),
            ("exclusiveMinimum", "<=", "is greater than"),
            ("exclusiveMaximum", ">=", "is less than"),
        ):
            if (bound := options.pop(option, None)) is not None:
                value = self._bound(at, option, bound, kind)
                self._row_rule(at, _snake(option), f"{words} {bound}", f"c{at} {sign} {value}", NONE_AT_ALL)
        for option, sign, words in (("minLength", "<", "at least"), ("maxLength", ">", "at most")):
            if (length := options.pop(option, None)) is not None:
                value = self._bind(self._number(at, option, length))
                self._row_rule(
                    at,
                    _snake(option),
                    f"has {words} {length} characters",
                    f"length({self._text(at)}) {sign} {value}",
                    NONE_AT_ALL,
                )
        if (step := options.pop("multipleOf", None)) is not None:
            value = self._bind(self._number(at, "multipleOf", step))
            self._row_rule(
                at,
                "multiple_of",
                f"is a multiple of {step}",
                f"abs(c{at} / {value} - round(c{at} / {value})) > 1e-9",
                NONE_AT_ALL,
            )
        if (pattern := options.pop("pattern", None)) is not None:
            self._pattern(at, "pattern", str(pattern), f"matches {pattern}", NONE_AT_ALL)
        if (form := options.pop("format", None)) is not None and kind == "string":
            if form in FORMATS:
                self._pattern(at, "format", FORMATS[form], f"is written as {form}", NONE_AT_ALL)
            else:
                self.skipped.append(f"{one.name}: format {form!r} is not known")
        for option in set(options) - {"timezone", "defaultTimezone", "format"}:
            self.skipped.append(f"{one.name}: option {option!r} is not known")

    def _quality(self, at: int, quality: DataQuality) -> None:
        name = self.properties[at].name
        arguments, bears = dict(quality.arguments or {}), tolerance_of(quality, str(name))
        metric = self._metric(quality, str(name))
        match metric:
            case "nullValues":
                self._absent(at, "null_values", bears)
            case "missingValues":
                words = [odcs.text_of(word) for word in arguments.get("missingValues") or [] if word is not None]
                if words:
                    predicate = f"(c{at} IS NULL OR {self._among(self._text(at), words)})"
                    self._row_rule(at, "missing_values", "is not missing", predicate, bears)
                else:
                    self._absent(at, "missing_values", bears)
            case "invalidValues":
                self._invalid(at, arguments.get("validValues"), arguments.get("pattern"), bears)
            case "duplicateValues":
                self._unique((at,), "unique", bears)
            case "rowCount":
                raise InvalidContract(f"{name}: rowCount is a rule of a table, not of a column")

    def _table_quality(self, quality: DataQuality) -> None:
        where = self.table.name or "table"
        match self._metric(quality, where):
            case "rowCount":
                bears = tolerance_of(quality, where)
                if bears.unit == "percent" or (bears == NONE_AT_ALL and quality.mustBe is None):
                    raise InvalidContract(f"{where}: rowCount needs an operator and counts rows, not per cent")
                self._add(
                    Rule(id="", column=None, rule="rows", description="has the right number of rows", tolerance=bears)
                )
            case "duplicateValues":
                named = [str(name) for name in (quality.arguments or {}).get("properties") or []]
                if not named or any(name not in self.places for name in named):
                    raise InvalidContract(f"{where}: duplicateValues needs properties that the table has, not {named}")
                self._unique(tuple(self.places[name] for name in named), "unique", tolerance_of(quality, where))
            case None:
                pass
            case other:
                raise InvalidContract(f"{where}: {other} is a rule of a column, not of a table")

    def _metric(self, quality: DataQuality, where: str) -> str | None:
        kind = quality.type or "library"
        metric = quality.metric or quality.rule
        if kind != "library":
            self.skipped.append(f"{where}: rules of type {kind} are not run")
            return None
        if metric not in ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"):
            raise InvalidContract(f"{where}: {metric!r} is no metric of ODCS")
        return metric

    def _unique(self, columns: tuple[int, ...], rule: str, bears: Tolerance) -> None:
        names = [self.properties[at].name or "" for at in columns]
        words = "occurs once" if len(names) == 1 else f"occurs once together with {', '.join(names[1:])}"
        self._add(
            Rule(id="", column=names[0], rule=rule, description=words, tolerance=bears, keys=columns, values=columns)
        )

    def _absent(self, at: int, rule: str, bears: Tolerance) -> None:
        self._row_rule(at, rule, "is there", f"c{at} IS NULL", bears)
        self.rules[-1] = replace(self.rules[-1], absent=at)

    def _invalid(self, at: int, values: object, pattern: object, bears: Tolerance) -> None:
        """One metric, one count: a value is invalid once, whether the set or the pattern refuses it."""
        if values is None and pattern is None:
            raise InvalidContract(f"{self.properties[at].name}: invalidValues needs validValues or a pattern")
        if pattern is None:
            self._enum(at, values, bears)
        elif values is None:
            self._pattern(at, "pattern", str(pattern), f"matches {pattern}", bears)
        else:
            outside, words = self._outside(at, values)
            predicate = f"({outside} OR NOT {self._matching(at, str(pattern))})"
            self._row_rule(at, "invalid_values", f"{words} and matches {pattern}", predicate, bears)

    def _enum(self, at: int, values: object, bears: Tolerance) -> None:
        predicate, words = self._outside(at, values)
        self._row_rule(at, "enum", words, predicate, bears)

    def _outside(self, at: int, values: object) -> tuple[str, str]:
        kind = odcs.kinds_of_property(self.properties[at])
        if not isinstance(values, list) or not values:
            raise InvalidContract(f"{self.properties[at].name}: the closed set of values is empty")
        texts = [odcs.text_of(value) for value in values if value is not None]
        words = f"is one of {', '.join(texts[:10])}" + (" ..." if len(texts) > 10 else "")
        if not texts:
            return f"c{at} IS NOT NULL", "is missing"
        if kind in ("integer", "number"):
            numbers = [self._number(at, "validValues", value) for value in values if value is not None]
            return f"(c{at} IS NOT NULL AND NOT {self._among(f'c{at}', numbers)})", words
        return f"(c{at} IS NOT NULL AND NOT {self._among(self._text(at), texts)})", words

    def _among(self, value: str, members: Sequence[Parameter]) -> str:
        return f"{value} IN ({', '.join(self._bind(member) for member in members)})"

    def _text(self, at: int) -> str:
        is_text = odcs.kinds_of_property(self.properties[at]) == "string"
        return f"c{at}" if is_text and self.dialect is not DUCKDB else f"c{at}::{self.dialect.text}"

    def _matching(self, at: int, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InvalidContract(
                f"{self.properties[at].name}: {pattern!r} is no regular expression: {error}"
            ) from error
        return self.dialect.matches(self._text(at), self._bind(self.dialect.pattern(bare(pattern))))

    def _pattern(self, at: int, rule: str, pattern: str, words: str, bears: Tolerance) -> None:
        self._row_rule(at, rule, words, f"NOT {self._matching(at, pattern)}", bears)
        self.rules[-1] = replace(self.rules[-1], pattern=portable(bare(pattern)))

    def _relationship(self, link: Relationship, column: str | None) -> None:
        found = reference_of(link, column, self.table.name or "", list(self.places))
        known = self.tables.get(found.table)
        if known is None:
            where = f"{column}: " if column else ""
            self.skipped.append(f"{where}relationships need the other table")
            return
        if missing := [name for name in found.columns if name not in known]:
            raise InvalidContract(f"{found.table} has no column {', '.join(missing)}, which a relationship names")
        keys = tuple(self.places[name] for name in found.of)
        words = f"is a key of {found.table} ({', '.join(found.columns)})"
        name = found.of[0]
        self._add(
            Rule(
                id="", column=name, rule="foreign_key", description=words, tolerance=NONE_AT_ALL,
                keys=keys, values=keys, reference=found,
            )
        )  # fmt: skip

    def _freshness(self, column: str, oldest: timedelta) -> None:
        kind = odcs.kinds_of_property(self.properties[self.places[column]])
        if kind not in ("date", "timestamp"):
            raise InvalidContract(f"{column}: freshness needs a column of times, not of the type {kind}")
        words = f"was updated within {oldest}"
        self._add(
            Rule(
                id="", column=column, rule="freshness", description=words, tolerance=NONE_AT_ALL,
                values=(self.places[column],), oldest=oldest,
            )
        )  # fmt: skip

    def _row_rule(self, at: int, rule: str, words: str, predicate: str, bears: Tolerance) -> None:
        name = self.properties[at].name
        self._add(
            Rule(id="", column=name, rule=rule, description=words, tolerance=bears, predicate=predicate, values=(at,))
        )

    def _add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def _bound(self, at: int, option: str, value: object, kind: Kind) -> str:
        if kind in ("integer", "number"):
            return self._bind(self._number(at, option, value))
        if kind in ("date", "timestamp"):
            try:
                moment = datetime.fromisoformat(str(value))
            except ValueError as error:
                raise InvalidContract(f"{self.properties[at].name}: {option} {value!r} is no date") from error
            cast = "DATE" if kind == "date" else "TIMESTAMP" if moment.tzinfo is None else self.dialect.zoned
            text = moment.date().isoformat() if kind == "date" else moment.isoformat()
            return f"{self._bind(text)}::{cast}"
        raise InvalidContract(f"{self.properties[at].name}: {option} has no meaning for the type {kind}")

    def _number(self, at: int, option: str, value: object) -> int | float:
        return plain_number(value, f"{self.properties[at].name}: {option}")

    def _bind(self, value: Parameter) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"{self.dialect.mark}{name}"


def _named(rules: Sequence[Rule]) -> list[Rule]:
    """Give each rule its id, ``column.rule``; a second one of the same name gets a number."""
    seen: dict[str, int] = {}
    named: list[Rule] = []
    for rule in rules:
        plain = f"{rule.column or 'table'}.{rule.rule}"
        seen[plain] = seen.get(plain, 0) + 1
        named.append(replace(rule, id=plain if seen[plain] == 1 else f"{plain}.{seen[plain]}"))
    return named


def bare(pattern: str) -> str:
    """A pattern without the signs for the ends of the text: it must match the whole value anyway."""
    begun = pattern.removeprefix("^")
    return begun if pattern.endswith(r"\$") else begun.removesuffix("$")


def _snake(option: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", option).lower()
