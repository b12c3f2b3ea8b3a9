"""Asking a deployment for one decision by hand: the fields of its records, and records made of what somebody typed. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headway import runtime
from headway.kernel.canonical import SAFE_INTEGER
from headway.kernel.errors import Scalar
from headway.serving.entities import AskedField

MOST_CHOICES = 60
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


def fields_of(
    release: runtime.Release, contract: Mapping[str, Any], subject_field: str | None
) -> tuple[AskedField, ...]:
    """The fields that a release reads, in the contract's order; a subject that the contract does not know comes last."""
    read = dict.fromkeys(feature.column for feature in release.features)
    properties = runtime.contract_properties(contract)
    asked = [name for name in properties if name in read or name == subject_field]
    made = [
        _field(rule, properties[rule.column], release, is_subject=rule.column == subject_field)
        for rule in runtime.read_rules(contract, asked)
    ]
    if subject_field is not None and subject_field not in properties:
        made.append(_subject(subject_field))
    return tuple(made)


def record_of(fields: Iterable[AskedField], told: Mapping[str, str]) -> dict[str, Scalar]:
    """Make a record of texts; empty ones are left out, and what is no number stays a text for the node to refuse."""
    return {field.name: _value(field, text.strip()) for field in fields if (text := told.get(field.name, "")).strip()}


def _field(
    rule: runtime.FieldRule, found: Mapping[str, object], release: runtime.Release, *, is_subject: bool
) -> AskedField:
    features = [feature for feature in release.features if feature.column == rule.column]
    low = rule.minimum if rule.minimum is not None else rule.above
    high = rule.maximum if rule.maximum is not None else rule.below
    named = next((feature.label for feature in features if feature.label and feature.part is None), None)
    return AskedField(
        name=rule.column,
        label=_label(named or _text(found.get("businessName")) or rule.column.replace("_", " ")),
        type=rule.type,
        is_required=rule.required and not is_subject,
        choices=tuple(_choices(rule, features)),
        minimum=_bound(low),
        maximum=_bound(high),
        example=_example(found, release.explanation.reference.get(rule.column)),
        help=_text(found.get("description")),
    )


def _label(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bound(value: object) -> str | None:
    """A bound in words; the largest whole number that a float holds is none that somebody set."""
    return None if isinstance(value, int | float) and abs(value) >= SAFE_INTEGER else _text(value)


def _subject(name: str) -> AskedField:
    return AskedField(
        name=name,
        label=_label(name.replace("_", " ")),
        type="key",
        is_required=False,
        choices=(),
        minimum=None,
        maximum=None,
        example=None,
        help=None,
    )


def _choices(rule: runtime.FieldRule, features: Iterable[runtime.Feature]) -> Iterator[str]:
    """The values a contract allows, else those a model has seen, unless there are too many to choose from."""
    if rule.type == "boolean":
        yield from ("true", "false")
    elif rule.values is not None:
        yield from (str(value) for value in rule.values)
    else:
        seen = next((feature.categories for feature in features if feature.kind == "category"), ())
        yield from (seen if len(seen) <= MOST_CHOICES else ())


def _example(found: Mapping[str, object], reference: Scalar) -> str | None:
    examples = found.get("examples")
    listed = examples[0] if isinstance(examples, list) and examples else None
    return _text(reference if reference is not None else listed)


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def _value(field: AskedField, text: str) -> Scalar:
    if field.type in ("number", "integer"):
        return _number(text)
    if field.type == "boolean":
        return True if text.lower() in _TRUE else False if text.lower() in _FALSE else text
    return text


def _number(text: str) -> Scalar:
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, int | float) and not isinstance(found, bool) else text
