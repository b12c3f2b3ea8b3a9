"""From a contract to SQL: every rule of ODCS that a table alone can answer, in one aggregate and one quarantine query.

What counts as a failure, by rule:

type       a value that does not fit the column's type (found by the reader; missing in the table)
required   a missing value; a value that failed ``type`` is not counted again
unique     every row but the first of those with the same value; missing values are never equal
enum       a value that is not in the closed set; pattern, format, length, minimum, maximum, multiple: likewise, on
           values that are there
missing    a value that the contract says stands for missing
rows       the number of rows of the table, which no single row fails

The statements are DuckDB's; columns stand under the names c0, c1 ... in the order of the contract, the row's number
under ``row``; values are bound as parameters.
"""

# ruff: noqa: S608  columns have names of ours, values are bound
from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from open_data_contract_standard.model import DataQuality, SchemaObject, SchemaProperty

from headway.catalog import contract as odcs
from headway.catalog.entities import Kind
from headway.catalog.errors import InvalidContract

Unit = Literal["rows", "percent"]
Parameter = str | int | float | bool | list[Any]
WORD_BITS: Final = 60
"""Rules in one bit mask; further rules go into further masks."""
_FORMATS: Final[Mapping[str, str]] = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uuid": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "hostname": r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*",
    "ipv4": r"(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How many failures a rule bears: bounds on their number or on their share in per cent."""

    low: float = 0.0
    high: float = 0.0
    unit: Unit = "rows"
    open_low: bool = False
    open_high: bool = False
    negated: bool = False

    def holds(self, failures: int, rows: int) -> bool:
        """Whether so many failures in so many rows are borne."""
        value = failures if self.unit == "rows" else 100.0 * failures / max(rows, 1)
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return (above and below) is not self.negated


NONE_AT_ALL: Final = Tolerance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: which rows fail it."""

    id: str
    column: str | None  # None: of the table
    rule: str
    description: str
    tolerance: Tolerance
    predicate: str | None = None  # SQL over one row, true where it fails
    keys: tuple[int, ...] = ()  # columns that together must be unique
    values: tuple[int, ...] = ()  # columns whose value a fault shows


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """A contract compiled: rules, parameters of their SQL, and what cannot be checked here."""

    columns: tuple[str, ...]
    rules: tuple[Rule, ...]
    parameters: Mapping[str, Parameter]
    skipped: tuple[str, ...]


def compile_contract(contract: odcs.Contract) -> CheckPlan:
    """Compile a contract; raises InvalidContract for rules that make no sense, lists those that need more than rows."""
    return _Compiler(odcs.table_of(contract), odcs.model_of(contract).slaProperties or []).plan()


def aggregate_sql(plan: CheckPlan) -> str:
    """One pass: the rows, the rows failing each row rule, the surplus rows of each key."""
    parts = ["count(*) AS rows"]
    parts += [
        f"count(*) FILTER (WHERE {rule.predicate}) AS r{at}" for at, rule in enumerate(plan.rules) if rule.predicate
    ]
    found = [f"SELECT {', '.join(parts)} FROM rows_of_file"]
    counts = [
        f"(SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM rows_of_file WHERE {_present(rule.keys)} "
        f"GROUP BY {_names(rule.keys)} HAVING count(*) > 1)) AS r{at}"
        for at, rule in enumerate(plan.rules)
        if rule.keys
    ]
    return f"SELECT * FROM ({found[0]})" + ("".join(f", (SELECT {count})" for count in counts))


def quarantine_sql(plan: CheckPlan, failing: Sequence[int]) -> str:
    """Number and bit masks (m0, m1 ...) of every row that fails one of the rules ``failing``, by their place in the plan.

    Bit ``i % WORD_BITS`` of mask ``i // WORD_BITS`` stands for rule i.
    """
    row_rules = [at for at in failing if plan.rules[at].predicate]
    key_rules = [at for at in failing if plan.rules[at].keys]
    words = max(1, -(-len(plan.rules) // WORD_BITS))
    parts: list[str] = []
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
        parts.append(f"SELECT * FROM (SELECT row, {columns} FROM rows_of_file) WHERE {some}")
    for at in key_rules:
        keys = plan.rules[at].keys
        columns = ", ".join(f"{_bit(at) if at // WORD_BITS == word else 0}::BIGINT AS m{word}" for word in range(words))
        same = " AND ".join(f"t.c{key} = d.c{key}" for key in keys)
        parts.append(
            f"SELECT t.row, {columns} FROM rows_of_file t JOIN (SELECT {_names(keys)}, min(row) AS first FROM rows_of_file "
            f"WHERE {_present(keys)} GROUP BY {_names(keys)} HAVING count(*) > 1) d ON {same} WHERE t.row > d.first"
        )
    masks_of_row = ", ".join(f"bit_or(m{word}) AS m{word}" for word in range(words))
    return f"SELECT row, {masks_of_row} FROM ({' UNION ALL '.join(parts)}) GROUP BY row"


def faults_sql(plan: CheckPlan, failing: Sequence[int]) -> str:
    """A line for each failure in the table ``quarantine``, in one pass: row, place of the rule, value as text."""
    told = ", ".join(
        f"CASE WHEN (q.m{at // WORD_BITS} & {_bit(at)}) <> 0 "
        f"THEN {{'rule': {at}, 'value': {_shown(plan.rules[at])}}} END"
        for at in failing
    )
    lines = f"SELECT q.row, unnest([{told}]) AS told FROM quarantine q JOIN rows_of_file t USING (row)"
    return f"SELECT row, told.rule AS rule, told.value AS value FROM ({lines}) WHERE told IS NOT NULL"


def _bit(at: int) -> int:
    return 1 << (at % WORD_BITS)


def _names(columns: Sequence[int]) -> str:
    return ", ".join(f"c{at}" for at in columns)


def _present(columns: Sequence[int]) -> str:
    return " AND ".join(f"c{at} IS NOT NULL" for at in columns)


def _shown(rule: Rule) -> str:
    if not rule.values:
        return "NULL::VARCHAR"
    return (
        "concat_ws(' | ', " + ", ".join(f"t.c{at}::VARCHAR" for at in rule.values) + ")"
        if len(rule.values) > 1
        else f"t.c{rule.values[0]}::VARCHAR"
    )


class _Compiler:
    """Walks a contract's table once; collects rules, parameters and what is skipped."""

    def __init__(self, table: SchemaObject, service_levels: Sequence[Any]) -> None:
        self.table = table
        self.properties = list(table.properties or [])
        self.places = {one.name or "": at for at, one in enumerate(self.properties)}
        self.rules: list[Rule] = []
        self.parameters: dict[str, Parameter] = {}
        self.skipped = [
            f"service level {level.property}: needs more than the rows of one file" for level in service_levels
        ]

    def plan(self) -> CheckPlan:
        for at, one in enumerate(self.properties):
            self._property(at, one)
        keys = sorted((one for one in self.properties if one.primaryKey), key=lambda one: one.primaryKeyPosition or 0)
        if len(keys) > 1:
            self._unique(tuple(self.places[one.name or ""] for one in keys), "primary_key", NONE_AT_ALL)
        for quality in self.table.quality or []:
            self._table_quality(quality)
        if self.table.relationships:
            self.skipped.append("relationships: need the other table")
        columns = tuple(self.places)
        return CheckPlan(
            columns=columns, rules=tuple(_named(self.rules)), parameters=self.parameters, skipped=tuple(self.skipped)
        )

    def _property(self, at: int, one: SchemaProperty) -> None:
        name, kind = one.name or "", odcs.kinds_of_property(one)
        self._add(
            Rule(id="", column=name, rule="type", description=f"is of type {kind}", tolerance=NONE_AT_ALL, values=(at,))
        )
        if one.required or one.primaryKey:
            self._row_rule(at, "required", "is there", f"c{at} IS NULL", NONE_AT_ALL)
        if one.primaryKey and sum(bool(other.primaryKey) for other in self.properties) == 1:
            self._unique((at,), "primary_key", NONE_AT_ALL)
        elif one.unique and not one.primaryKey:
            self._unique((at,), "unique", NONE_AT_ALL)
        self._options(at, one, kind)
        if one.enum:
            self._enum(at, [value.value for value in one.enum], NONE_AT_ALL)
        for quality in one.quality or []:
            self._quality(at, quality)
        if one.relationships:
            self.skipped.append(f"{name}: relationships need the other table")

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
                    f"length(c{at}::VARCHAR) {sign} {value}",
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
            if form in _FORMATS:
                self._pattern(at, "format", _FORMATS[form], f"is written as {form}", NONE_AT_ALL)
            else:
                self.skipped.append(f"{one.name}: format {form!r} is not known")
        for option in set(options) - {"timezone", "defaultTimezone", "format"}:
            self.skipped.append(f"{one.name}: option {option!r} is not known")

    def _quality(self, at: int, quality: DataQuality) -> None:
        name = self.properties[at].name
        arguments, bears = dict(quality.arguments or {}), self._tolerance(quality, str(name))
        metric = self._metric(quality, str(name))
        match metric:
            case "nullValues":
                self._row_rule(at, "null_values", "is there", f"c{at} IS NULL", bears)
            case "missingValues":
                words = [str(word) for word in arguments.get("missingValues") or [] if word is not None]
                predicate = f"(c{at} IS NULL OR list_contains({self._bind(words)}, c{at}::VARCHAR))"
                self._row_rule(at, "missing_values", "is not missing", predicate, bears)
            case "invalidValues":
                if (values := arguments.get("validValues")) is not None:
                    self._enum(at, values, bears)
                if (pattern := arguments.get("pattern")) is not None:
                    self._pattern(at, "pattern", str(pattern), f"matches {pattern}", bears)
                if values is None and pattern is None:
                    raise InvalidContract(f"{name}: invalidValues needs validValues or a pattern")
            case "duplicateValues":
                self._unique((at,), "unique", bears)
            case "rowCount":
                raise InvalidContract(f"{name}: rowCount is a rule of a table, not of a column")

    def _table_quality(self, quality: DataQuality) -> None:
        where = self.table.name or "table"
        match self._metric(quality, where):
            case "rowCount":
                bears = self._tolerance(quality, where)
                self._add(
                    Rule(id="", column=None, rule="rows", description="has the right number of rows", tolerance=bears)
                )
            case "duplicateValues":
                named = [str(name) for name in (quality.arguments or {}).get("properties") or []]
                if not named or any(name not in self.places for name in named):
                    raise InvalidContract(f"{where}: duplicateValues needs properties that the table has, not {named}")
                self._unique(tuple(self.places[name] for name in named), "unique", self._tolerance(quality, where))
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

    def _tolerance(self, quality: DataQuality, where: str) -> Tolerance:
        unit: Unit = "percent" if (quality.unit or "").startswith("percent") else "rows"
        if quality.mustBeBetween is not None:
            low, high = quality.mustBeBetween
            return Tolerance(low=low, high=high, unit=unit)
        if quality.mustNotBeBetween is not None:
            low, high = quality.mustNotBeBetween
            return Tolerance(low=low, high=high, unit=unit, negated=True)
        low, high, made = 0.0, math.inf, Tolerance(unit=unit, high=math.inf)
        if quality.mustBe is not None:
            low = high = self._plain_number(quality.mustBe, where)
            return Tolerance(low=low, high=high, unit=unit)
        if quality.mustNotBe is not None:
            low = self._plain_number(quality.mustNotBe, where)
            return Tolerance(low=low, high=low, unit=unit, negated=True)
        bounds = (
            quality.mustBeGreaterThan,
            quality.mustBeGreaterOrEqualTo,
            quality.mustBeLessThan,
            quality.mustBeLessOrEqualTo,
        )
        if all(bound is None for bound in bounds):
            return Tolerance(unit=unit)
        if bounds[0] is not None:
            made = replace(made, low=float(bounds[0]), open_low=True)
        if bounds[1] is not None:
            made = replace(made, low=float(bounds[1]))
        if bounds[2] is not None:
            made = replace(made, high=float(bounds[2]), open_high=True)
        if bounds[3] is not None:
            made = replace(made, high=float(bounds[3]))
        return made

    def _unique(self, columns: tuple[int, ...], rule: str, bears: Tolerance) -> None:
        names = [self.properties[at].name or "" for at in columns]
        words = "occurs once" if len(names) == 1 else f"occurs once together with {', '.join(names[1:])}"
        self._add(
            Rule(id="", column=names[0], rule=rule, description=words, tolerance=bears, keys=columns, values=columns)
        )

    def _enum(self, at: int, values: object, bears: Tolerance) -> None:
        kind = odcs.kinds_of_property(self.properties[at])
        if not isinstance(values, list) or not values:
            raise InvalidContract(f"{self.properties[at].name}: the closed set of values is empty")
        texts = [odcs.text_of(value) for value in values if value is not None]
        shown = ", ".join(texts[:10]) + (" ..." if len(texts) > 10 else "")
        if kind in ("integer", "number"):
            numbers = [self._number(at, "validValues", value) for value in values if value is not None]
            predicate = f"NOT list_contains({self._bind([float(number) for number in numbers])}, c{at}::DOUBLE)"
        else:
            predicate = f"NOT list_contains({self._bind(texts)}, c{at}::VARCHAR)"
        self._row_rule(at, "enum", f"is one of {shown}", f"(c{at} IS NOT NULL AND {predicate})", bears)

    def _pattern(self, at: int, rule: str, pattern: str, words: str, bears: Tolerance) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise InvalidContract(
                f"{self.properties[at].name}: {pattern!r} is no regular expression: {error}"
            ) from error
        bare = pattern.removeprefix("^").removesuffix("$") if not pattern.endswith(r"\$") else pattern.removeprefix("^")
        self._row_rule(at, rule, words, f"NOT regexp_full_match(c{at}::VARCHAR, {self._bind(f'(?:{bare})')})", bears)

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
            cast = "DATE" if kind == "date" else "TIMESTAMP" if moment.tzinfo is None else "TIMESTAMPTZ"
            text = moment.date().isoformat() if kind == "date" else moment.isoformat()
            return f"{self._bind(text)}::{cast}"
        raise InvalidContract(f"{self.properties[at].name}: {option} has no meaning for the type {kind}")

    def _number(self, at: int, option: str, value: object) -> int | float:
        return self._plain_number(value, f"{self.properties[at].name}: {option}")

    def _plain_number(self, value: object, where: str) -> int | float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise InvalidContract(f"{where} {value!r} is no number")
        return value

    def _bind(self, value: Parameter) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"


def _named(rules: Sequence[Rule]) -> list[Rule]:
    """Give each rule its id, ``column.rule``; a second one of the same name gets a number."""
    seen: dict[str, int] = {}
    named: list[Rule] = []
    for rule in rules:
        plain = f"{rule.column or 'table'}.{rule.rule}"
        seen[plain] = seen.get(plain, 0) + 1
        named.append(replace(rule, id=plain if seen[plain] == 1 else f"{plain}.{seen[plain]}"))
    return named


def _snake(option: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", option).lower()
