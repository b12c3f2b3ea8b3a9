"""Reading the rules of an ODCS data contract (v3): what one field of a record must be.

Source: Open Data Contract Standard 3, "Schema" (logicalType, logicalTypeOptions, enum) and "Data quality" (library
metrics ``invalidValues``, ``missingValues``, ``nullValues``). What one record cannot break (uniqueness, freshness, rules
that tolerate some failures) is for the catalog, which reads the same rules the same way over whole tables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, cast, get_args

from headway.kernel.canonical import SAFE_INTEGER
from headway.kernel.errors import Fault, Invalid

ContractDocument = Mapping[str, object]
LogicalType = Literal["string", "integer", "number", "boolean", "date", "timestamp"]
FieldType = LogicalType | Literal["key"]  # key: text or a whole number, for a subject that no contract describes
LOGICAL_TYPES: tuple[LogicalType, ...] = get_args(LogicalType)
Bound = float | date | datetime
EnumValue = str | int | float | bool

MAX_TEXT = 10_000  # characters of a text without a maxLength of its own
FORMATS: Mapping[str, str] = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uuid": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
    "hostname": r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*",
    "ipv4": r"(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}",
}
_TYPES: Mapping[object, LogicalType] = {kind: kind for kind in LOGICAL_TYPES} | {None: "string", "time": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """What one field of a record must be; None means no such rule. Absent and null are the same."""

    column: str
    type: FieldType
    required: bool = False
    minimum: Bound | None = None
    maximum: Bound | None = None
    above: Bound | None = None  # exclusive minimum
    below: Bound | None = None  # exclusive maximum
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int = MAX_TEXT
    patterns: tuple[tuple[str, str], ...] = ()  # name of the rule, and what the whole text must match
    missing: tuple[str, ...] = ()  # words that stand for a missing value, and so are none
    values: tuple[EnumValue, ...] | None = None


def read_rules(contract: ContractDocument, columns: Sequence[str]) -> tuple[FieldRule, ...]:
    """Read the rules of some columns of the contract's first schema object, in the order asked for.

    Raises: Invalid: not an ODCS document, a column is not in it, or a rule makes no sense; every fault is listed.
    """
    properties = contract_properties(contract)
    rules: list[FieldRule] = []
    faults: list[Fault] = []
    for column in dict.fromkeys(columns):
        try:
            if column not in properties:
                raise ValueError("is not in the contract")
            rules.append(_read_rule(column, properties[column]))
        except (ValueError, TypeError, re.error) as error:
            faults.append(Fault(rule="contract", column=column, message=f"{column}: {error}"))
    if faults:
        raise Invalid("the contract cannot be used: " + "; ".join(f.message for f in faults), faults=faults)
    return tuple(rules)


def contract_properties(contract: ContractDocument) -> dict[str, Mapping[str, object]]:
    """The properties of the contract's first schema object, by name; raises Invalid when it is no ODCS document."""
    schema = contract.get("schema") if isinstance(contract, Mapping) else None
    if not isinstance(schema, list) or not schema or not isinstance(schema[0], Mapping):
        raise Invalid("the contract has no schema object", hint="expected an ODCS v3 document: schema[0].properties")
    listed = schema[0].get("properties")
    if not isinstance(listed, list) or not all(isinstance(p, Mapping) and type(p.get("name")) is str for p in listed):
        raise Invalid("the contract's schema object has no list of named properties")
    return {p["name"]: p for p in listed}


def _read_rule(column: str, found: Mapping[str, object]) -> FieldRule:
    if not column.isprintable() or any(sign in column for sign in '"\\'):
        raise ValueError("the name holds a quote, a backslash or a control character")
    kind = _TYPES.get(found.get("logicalType"))
    if kind is None:
        raise ValueError(
            f"logicalType {found['logicalType']!r} is not one that a node checks ({', '.join(LOGICAL_TYPES)})"
        )
    options = found.get("logicalTypeOptions") or {}
    if not isinstance(options, Mapping):
        raise ValueError("logicalTypeOptions is no object")
    quality = dict(_strict_quality(found))
    rule = FieldRule(
        column=column,
        type=kind,
        required=found.get("required") is True
        or found.get("primaryKey") is True
        or bool({"nullValues", "missingValues"} & quality.keys()),
        **_read_bounds(kind, options),  # type: ignore[arg-type]  # names and types match by construction
        multiple_of=_positive(options.get("multipleOf")),
        min_length=_count(options.get("minLength")),
        max_length=MAX_TEXT if (most := _count(options.get("maxLength"))) is None else most,
        patterns=tuple(_read_patterns(kind, options, quality.get("invalidValues", {}))),
        missing=tuple(
            str(word) for word in _listed(quality.get("missingValues", {}), "missingValues") if word is not None
        ),
    )
    if rule.type == "integer" and rule.multiple_of is not None and not rule.multiple_of.is_integer():
        raise ValueError(f"multipleOf {rule.multiple_of} on an integer")
    return replace(rule, values=_allowed(rule, _read_values(found, quality.get("invalidValues", {}))))


def _allowed(rule: FieldRule, values: tuple[EnumValue, ...] | None) -> tuple[EnumValue, ...] | None:
    """The listed values that the other rules allow too; raises ValueError when they are of another type."""
    if values is None:
        return None
    if rule.type == "timestamp":
        raise ValueError("validValues on a timestamp")
    if rule.type in ("integer", "number"):
        return tuple(float(value) for value in values)
    if not all(isinstance(value, bool if rule.type == "boolean" else str) for value in values):
        raise ValueError(f"validValues holds a value that is no {rule.type}")
    if rule.type != "string":
        return values
    texts = [str(value) for value in values if (rule.min_length or 0) <= len(str(value)) <= rule.max_length]
    texts = [text for text in texts if all(re.search(whole(pattern), text) for _, pattern in rule.patterns)]
    if not texts:
        raise ValueError("the other rules allow none of the validValues")
    return tuple(dict.fromkeys(texts))


def _read_bounds(kind: LogicalType, options: Mapping[str, object]) -> dict[str, Bound | None]:
    """Read bounds; an exclusive one is a number of its own (ODCS 3.1) or a flag on the inclusive one (3.0)."""
    bounds: dict[str, Bound | None] = {}
    for plain, strict, option, exclusive in (
        ("minimum", "above", "minimum", "exclusiveMinimum"),
        ("maximum", "below", "maximum", "exclusiveMaximum"),
    ):
        value, flag = options.get(option), options.get(exclusive)
        if flag is True:
            value, flag = None, value
        bounds[plain] = _bound(kind, value)
        bounds[strict] = None if flag is False else _bound(kind, flag)
    if kind == "integer":
        low, high = bounds["minimum"], bounds["maximum"]
        bounds["minimum"] = max(cast(float, low), -SAFE_INTEGER) if low is not None else -SAFE_INTEGER
        bounds["maximum"] = min(cast(float, high), SAFE_INTEGER) if high is not None else SAFE_INTEGER
    return bounds


def _bound(kind: LogicalType, value: object) -> Bound | None:
    if value is None:
        return None
    if kind == "date":
        return datetime.fromisoformat(str(value)).date()
    if kind == "timestamp":
        return datetime.fromisoformat(str(value))
    if kind not in ("integer", "number") or isinstance(value, bool):
        raise ValueError(f"a bound {value!r} on a {kind}")
    number = float(value)  # type: ignore[arg-type]  # what is no number raises, and is told
    if not math.isfinite(number):
        raise ValueError(f"the bound {value!r} is not finite")
    return number


def _positive(value: object) -> float | None:
    if value is None:
        return None
    number = float(value)  # type: ignore[arg-type]  # what is no number raises, and is told
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"multipleOf {value!r} is not above 0")
    return number


def _count(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"a length {value!r} is no count")
    return value


def _read_values(found: Mapping[str, object], invalid: Mapping[str, object]) -> tuple[EnumValue, ...] | None:
    """Read the closed list of values: the property's own (ODCS 3.2), or a quality rule's that tolerates no other."""
    listed = _listed(invalid, "validValues")
    own = found.get("enum")
    if isinstance(own, list) and own:
        listed = [value.get("value") if isinstance(value, Mapping) else value for value in own]
    values = [value for value in listed if value is not None]
    if not all(isinstance(value, str | int | float | bool) for value in values):
        raise ValueError("validValues holds something that is no plain value")
    return tuple(cast("list[EnumValue]", values)) or None


def _read_patterns(
    kind: LogicalType, options: Mapping[str, object], invalid: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    if kind != "string":
        return
    for pattern in (options.get("pattern"), invalid.get("pattern")):
        if pattern is not None:
            re.compile(whole(str(pattern)))
            yield "pattern", str(pattern)
    if (form := options.get("format")) in FORMATS:
        yield "format", FORMATS[str(form)]


def whole(pattern: str) -> str:
    r"""Make a pattern match the whole text, in ASCII classes, as the SQL engine that checks tables does (RE2).

    >>> bool(re.search(whole("^[a-z]+$"), "ab")), bool(re.search(whole("^[a-z]+$"), "ab\n"))
    (True, False)
    """
    return rf"(?a:\A(?:{pattern})\Z)"


def _listed(arguments: Mapping[str, object], name: str) -> list[object]:
    listed = arguments.get(name)
    return listed if isinstance(listed, list) else []


def _strict_quality(found: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The arguments of each library metric that tolerates no failure; the others are rules about many rows."""
    quality = found.get("quality")
    for item in quality if isinstance(quality, list) else ():
        if not isinstance(item, Mapping) or item.get("type", "library") != "library" or item.get("mustBe", 0) != 0:
            continue
        if any(name.startswith("must") and name != "mustBe" and item[name] is not None for name in item):
            continue
        arguments = item.get("arguments")
        yield str(item.get("metric", item.get("rule"))), arguments if isinstance(arguments, Mapping) else {}
