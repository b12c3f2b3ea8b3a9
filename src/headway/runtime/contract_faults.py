"""The slow path of the contract: when a body is refused, name everything that is wrong with it, in every record."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from difflib import get_close_matches

import msgspec

from headway.kernel.errors import Fault
from headway.runtime.contract_rules import Bound, FieldRule, whole
from headway.runtime.features import category_text

MAX_FAULTS = 1000
STEP_TOLERANCE = 1e-9
_SUGGESTIONS = 20
_SHOWN = 100  # characters of a value that a fault repeats
_WORDS: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
_EXPECTED = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
    "timestamp": "a time as YYYY-MM-DDThh:mm:ssZ",
    "key": "text or a whole number",
}


class _NotFinite:
    """A number that JSON cannot hold or float64 cannot: NaN, Infinity, 1e999."""

    def __init__(self, text: str) -> None:
        self.text = text


def parse(body: bytes) -> object:
    """Read JSON, keeping hold of what a strict reader would only reject.

    Raises: ValueError: with a message for people that says where, when it is no JSON.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"the body is not UTF-8: byte {error.start + 1} cannot be read") from error
    if not text.strip():
        raise ValueError("the body is empty")
    try:
        return json.loads(text, parse_constant=_NotFinite, parse_float=_float, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("the body is nested too deeply") from error


def record_faults(
    record: object,
    row: int,
    rules: Sequence[FieldRule],
    *,
    checks: Mapping[str, type],
    known: Collection[str],
    spare: Collection[str],
    suggest: Callable[[str], str | None],
) -> Iterator[Fault]:
    """Name every fault of one record.

    Args: checks: the type that the fast path demands, by column; known: other columns of the contract, which are
        refused with a reason of their own; spare: columns that may be there and are not looked at; suggest: names the
        column that somebody may have meant.
    """
    if not isinstance(record, dict):
        message = f"a record must be an object, this is {_word(record)}"
        yield Fault(rule="shape", row=row, message=message, value=_shown(record))
        return
    names = {rule.column for rule in rules}
    for rule in rules:
        value = record.get(rule.column)
        if value is None:
            if rule.required:
                yield Fault(rule="required", row=row, column=rule.column, message=f"{rule.column} is required")
            continue
        for name, message in value_faults(rule, value, checks[rule.column]):
            told = f"{rule.column} {message}"
            yield Fault(rule=name, row=row, column=rule.column, value=_shown(value), message=told)
    for column in record:
        if column in names or column in spare:
            continue
        shown = column[:_SHOWN]
        if column in known:
            message = f"{shown} is not an input of this model: leave it out"
            yield Fault(rule="unused_field", row=row, column=shown, message=message)
        else:
            near = suggest(shown)
            message = f"{shown} is not known" + (f"; did you mean {near}?" if near else "")
            yield Fault(rule="unknown_field", row=row, column=shown, message=message)


def suggester(columns: Sequence[str]) -> Callable[[str], str | None]:
    """Make the search for the column that a wrong name means; it gives up after some names, for it is slow."""
    found: dict[str, str | None] = {}

    def suggest(name: str) -> str | None:
        if name not in found and len(found) < _SUGGESTIONS:
            found[name] = next(iter(get_close_matches(name, columns, n=1)), None)
        return found.get(name)

    return suggest


def value_faults(rule: FieldRule, value: object, demanded: type) -> list[tuple[str, str]]:
    """Name every rule that one value breaks, as (rule, message); empty exactly when the fast path takes it."""
    if isinstance(value, _NotFinite):
        return [("finite", "must be a finite number")]
    if not _has_type(rule, value):
        return [("type", f"must be {_EXPECTED[rule.type]}, this is {_word(value)}")]
    found = [*_bound_faults(rule, value), *_text_faults(rule, value), *_enum_faults(rule, value)]
    if not found:
        try:
            msgspec.convert(value, demanded)
        except (msgspec.ValidationError, OverflowError, ValueError) as error:
            found = [("type", f"cannot be taken: {error}")]
    return found


def check_bounds(rule: FieldRule, value: object) -> str | None:
    """Return the message of the first bound broken by a number, date or time, or None."""
    return next((message for _, message in _bound_faults(rule, value)), None)


def is_multiple(rule: FieldRule, number: float) -> bool:
    """Tell whether a number is a multiple of the rule's step, but for the rounding of decimals: 0.29 is one of 0.01."""
    step = rule.multiple_of
    return step is None or abs(number / step - round(number / step)) <= STEP_TOLERANCE


def compared(value: object) -> Bound:
    """Make a value of the types that have bounds comparable: times without a zone are UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value
    return value  # type: ignore[return-value]  # only bounded types come here


def _bound_faults(rule: FieldRule, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if rule.type not in ("date", "timestamp"):
            return
        value = (date if rule.type == "date" else datetime).fromisoformat(value)
    if rule.type in ("string", "boolean", "key"):
        return
    number = compared(value)
    tests: tuple[tuple[str, str, Bound | None, Callable[[Bound, Bound], bool]], ...] = (
        ("minimum", "at least", rule.minimum, lambda v, b: v >= b),  # type: ignore[operator]  # same kind on both sides
        ("maximum", "at most", rule.maximum, lambda v, b: v <= b),  # type: ignore[operator]
        ("exclusive_minimum", "above", rule.above, lambda v, b: v > b),  # type: ignore[operator]
        ("exclusive_maximum", "below", rule.below, lambda v, b: v < b),  # type: ignore[operator]
    )
    for name, words, bound, holds in tests:
        if bound is not None and not holds(number, compared(bound)):
            yield name, f"must be {words} {_plain(bound)}"
    if isinstance(number, int | float) and not is_multiple(rule, number):
        yield "multiple_of", f"must be a multiple of {_plain(rule.multiple_of or 1.0)}"


def _text_faults(rule: FieldRule, value: object) -> Iterator[tuple[str, str]]:
    if rule.type not in ("string", "key") or not isinstance(value, str):
        return
    if rule.min_length is not None and len(value) < rule.min_length:
        yield "min_length", f"must have at least {rule.min_length} characters"
    if len(value) > rule.max_length:
        yield "max_length", f"must have at most {rule.max_length} characters"
        return  # patterns are not tried on texts of any length
    for name, pattern in rule.patterns:
        if re.search(whole(pattern), value) is None:
            yield name, f"must match {pattern}"


def _enum_faults(rule: FieldRule, value: object) -> Iterator[tuple[str, str]]:
    if rule.missing and category_text(value) in rule.missing:
        yield "missing_values", "must not be a word for nothing"
    if rule.values is not None and value not in rule.values:
        listed = ", ".join(str(v) for v in rule.values[:20]) + (", ..." if len(rule.values) > 20 else "")
        yield "enum", f"must be one of {listed}"


def _has_type(rule: FieldRule, value: object) -> bool:
    if isinstance(value, bool):
        return rule.type == "boolean"
    if isinstance(value, str):
        if rule.type in ("date", "timestamp"):
            return _is_moment(value, date if rule.type == "date" else datetime)
        return rule.type in ("string", "key") and _is_unicode(value)
    if isinstance(value, int):
        return rule.type in ("integer", "number", "key")
    return isinstance(value, float) and (rule.type == "number" or (rule.type == "integer" and value.is_integer()))


def _is_moment(text: str, kind: type) -> bool:
    try:
        msgspec.convert(text, kind)
        kind.fromisoformat(text)  # type: ignore[attr-defined]  # date and datetime have it
    except (msgspec.ValidationError, ValueError):
        return False
    return True


def _is_unicode(text: str) -> bool:
    """Tell whether a text has no half of a surrogate pair, which no UTF-8 can hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _float(text: str) -> object:
    number = float(text)
    return number if math.isfinite(number) else _NotFinite(text)


def _integer(text: str) -> object:
    number = float(text)
    if not math.isfinite(number):
        return _NotFinite(text)
    return int(text)


def _word(value: object) -> str:
    if isinstance(value, str) and not _is_unicode(value):
        return "text with half a surrogate pair"
    if isinstance(value, str) and len(value) <= 40:
        return f"the text {value!r}"
    return _WORDS.get(type(value), "nothing" if value is None else "not a finite number")


def _plain(bound: Bound) -> str:
    if isinstance(bound, float) and bound.is_integer():
        return str(int(bound))
    return str(bound)


def _shown(value: object) -> str:
    if isinstance(value, _NotFinite):
        return value.text[:_SHOWN]
    text = value if isinstance(value, str) else json.dumps(value, default=lambda v: v.text)[: _SHOWN + 1]
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
