"""Reading the rules of an ODCS data contract (v3): what one field of a record must be.

Source: Open Data Contract Standard 3.1, "Schema" (logicalType, logicalTypeOptions) and "Data quality" (library metric
``invalidValues``). Rules that speak of many rows (uniqueness, freshness) are for the catalog, not for one record.
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
_ENUM_METRICS = ("invalidValues", "validValues")


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
    pattern: str | None = None  # found anywhere in the text unless anchored
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
    kind = found.get("logicalType")
    if kind not in LOGICAL_TYPES:
        raise ValueError(f"logicalType {kind!r} is not one that a node checks ({', '.join(LOGICAL_TYPES)})")
    options = found.get("logicalTypeOptions") or {}
    if not isinstance(options, Mapping):
        raise ValueError("logicalTypeOptions is no object")
    pattern = options.get("pattern")
    rule = FieldRule(
        column=column,
        type=kind,
        required=found.get("required") is True,
        **_read_bounds(kind, options),  # type: ignore[arg-type]  # names and types match by construction
        multiple_of=_positive(options.get("multipleOf")),
        min_length=_count(options.get("minLength")),
        max_length=MAX_TEXT if (most := _count(options.get("maxLength"))) is None else most,
        pattern=None if pattern is None else end_anchored(str(pattern)),
    )
    if rule.type == "integer" and rule.multiple_of is not None and not rule.multiple_of.is_integer():
        raise ValueError(f"multipleOf {rule.multiple_of} on an integer")
    return replace(rule, values=_allowed(rule, _read_values(found)))


def _allowed(rule: FieldRule, values: tuple[EnumValue, ...] | None) -> tuple[EnumValue, ...] | None:
    """The listed values that the other rules allow too; raises ValueError when they are of another type."""
    if values is None:
        return None
    if rule.type == "timestamp":
        raise ValueError("validValues on a timestamp")
    kinds: dict[FieldType, type | tuple[type, ...]] = {"boolean": bool, "integer": (int, float), "number": (int, float)}
    if not all(isinstance(v, kinds.get(rule.type, str)) and (rule.type == "boolean" or v is not True) for v in values):
        raise ValueError(f"validValues holds a value that is no {rule.type}")
    if rule.type != "string":
        return values
    texts = [str(value) for value in values if (rule.min_length or 0) <= len(str(value)) <= rule.max_length]
    texts = [text for text in texts if rule.pattern is None or re.search(rule.pattern, text)]
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
        return date.fromisoformat(str(value))
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


def _read_values(found: Mapping[str, object]) -> tuple[EnumValue, ...] | None:
    """Read the closed list of values, when a quality rule allows no value outside it."""
    for item in _quality(found):
        if item.get("metric", item.get("rule")) not in _ENUM_METRICS or item.get("mustBe", 0) != 0:
            continue
        if any(name.startswith("must") and name != "mustBe" for name in item):
            continue  # tolerates some: a rule about many rows
        arguments = item.get("arguments")
        values = arguments.get("validValues") if isinstance(arguments, Mapping) else item.get("validValues")
        if isinstance(values, list) and values:
            if not all(isinstance(value, str | int | float | bool) for value in values):
                raise ValueError("validValues holds something that is no plain value")
            return tuple(values)
    return None


def _quality(found: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    quality = found.get("quality")
    for item in quality if isinstance(quality, list) else ():
        if isinstance(item, Mapping):
            yield item


def end_anchored(pattern: str) -> str:
    r"""Compile-check a pattern, and let a closing ``$`` mean the end of the text, as in SQL engines and JSON Schema.

    Python's ``$`` also matches before a last line feed; ``\Z`` does not.
    """
    closing = re.search(r"(\\*)\$$", pattern)
    if closing is not None and len(closing[1]) % 2 == 0:
        pattern = pattern[:-1] + r"\Z"
    re.compile(pattern)
    return pattern
