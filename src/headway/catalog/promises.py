"""What a contract promises, taken apart: each promise a condition with what it bears, comparable with others by implication.

``implied(o, by)`` is true only where every table that keeps the promises ``by`` also keeps ``o``; it may be false where that
holds too (regular expressions are compared as text), so that what it calls kept is kept. Failures are counted as in ``checks.py``:
a stricter condition fails at least the rows of a looser one, and surplus rows of more columns are never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from open_data_contract_standard.model import DataQuality, SchemaObject, SchemaProperty

from headway.catalog import contract as odcs
from headway.catalog.checks import FORMATS, bare
from headway.catalog.entities import Kind
from headway.catalog.links import Reference, reference_of
from headway.catalog.tolerance import NONE_AT_ALL, Tolerance, tolerance_of
from headway.kernel.canonical import canonical_json

Facet = Literal[
    "required", "unique", "values", "pattern", "minimum", "maximum", "min_length", "max_length", "multiple_of", "option",
    "rows", "reference", "rule", "service_level",
]  # fmt: skip
_UPWARDS: Final = ("minimum", "min_length")
_EXACT: Final = 10**8
"""Steps of whole numbers up to this are told apart by the check of multiples, which bears 1e-9 of a step."""
_LENGTHS: Final[tuple[tuple[str, Facet], ...]] = (("minLength", "min_length"), ("maxLength", "max_length"))
_BOUNDS: Final[tuple[tuple[str, Facet, bool], ...]] = (
    ("minimum", "minimum", False),
    ("exclusiveMinimum", "minimum", True),
    ("maximum", "maximum", False),
    ("exclusiveMaximum", "maximum", True),
)
_WORDS_OF_RULES: Final = (
    "id",
    "name",
    "description",
    "tags",
    "businessImpact",
    "dimension",
    "severity",
    "schedule",
    "scheduler",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promise. Which fields say what depends on the facet; ``words`` is for people and takes no part in comparing.

    ``missing``: texts that count as missing. ``values``: the closed set, or None. ``bound`` with ``is_open`` (the bound itself is
    outside). ``columns``: those that are unique together. ``text``: a pattern, or what can only be compared as a whole.
    """

    facet: Facet
    column: str | None
    words: str
    kind: Kind = "string"
    bears: Tolerance = NONE_AT_ALL
    missing: frozenset[str] = frozenset()
    values: frozenset[Any] | None = None
    bound: Any = None
    is_open: bool = False
    columns: frozenset[str] = frozenset()
    text: str | None = None


def implied(one: Promise, by: Iterable[Promise]) -> bool:
    """Whether one of the promises ``by`` alone makes this one hold in every table."""
    return any(_implies(other, one) for other in by)


def promises_of(contract: odcs.Contract) -> tuple[Promise, ...]:
    """All promises about rows in a contract that ``compile_contract`` accepts; service levels are not among them."""
    table = odcs.table_of(contract)
    properties = list(table.properties or [])
    keys = [one.name or "" for one in properties if one.primaryKey]
    made: list[Promise] = []
    for one in properties:
        made += _of_property(one, keys, table, [other.name or "" for other in properties])
    if len(keys) > 1:
        made.append(_unique(keys, NONE_AT_ALL))
    for quality in table.quality or []:
        made += _of_table(quality, table.name or "")
    for link in table.relationships or []:
        made.append(
            _reference(reference_of(link, None, table.name or "", [one.name or "" for one in properties]), None)
        )
    return tuple(made)


def _implies(new: Promise, old: Promise) -> bool:
    if new.facet == old.facet == "rows":
        return _within(new.bears, old.bears)
    if not _fails_more(new, old):
        return False
    if replace(new, words="", bears=NONE_AT_ALL) == replace(old, words="", bears=NONE_AT_ALL):
        return _within(new.bears, old.bears)
    return new.bears == NONE_AT_ALL == old.bears or _at_most(new.bears, old.bears)


def _fails_more(new: Promise, old: Promise) -> bool:
    """Whether what fails the old condition always fails the new one."""
    if {new.facet, old.facet} <= {"values", "pattern"}:
        return new.column == old.column and _fails_more_values(new, old)
    if new.facet == old.facet == "unique":
        return new.columns <= old.columns
    return (new.facet, new.column) == (old.facet, old.column) and _fails_more_alike(new, old)


def _fails_more_alike(new: Promise, old: Promise) -> bool:
    """The same of two conditions of one facet and column."""
    match new.facet:
        case "required":
            return old.missing <= new.missing and (new.kind == old.kind or not old.missing)
        case "multiple_of":
            return _is_multiple(new, old)
        case "minimum" | "maximum" | "min_length" | "max_length":
            return _bound_holds(new, old)
    return (new.text, new.kind) == (old.text, old.kind)


def _fails_more_values(new: Promise, old: Promise) -> bool:
    same_reading = new.kind == old.kind
    if old.text is not None and not (same_reading and new.text == old.text):
        return False
    if old.values is None:
        return True
    is_numeric = {new.kind, old.kind} <= {"integer", "number"}
    return (same_reading or is_numeric) and new.values is not None and new.values <= old.values


def _bound_holds(new: Promise, old: Promise) -> bool:
    if new.facet in ("min_length", "max_length") and new.kind != old.kind:
        return False
    if _zone(new.bound) != _zone(old.bound):
        return False
    if new.bound == old.bound:
        return new.is_open or not old.is_open
    return bool(new.bound > old.bound) if new.facet in _UPWARDS else bool(new.bound < old.bound)


def _is_multiple(new: Promise, old: Promise) -> bool:
    if new.bound == old.bound:
        return True
    whole = all(isinstance(bound, int) and 0 < bound <= _EXACT for bound in (new.bound, old.bound))
    return whole and new.kind == old.kind == "integer" and new.bound % old.bound == 0


def _zone(bound: object) -> str:
    if isinstance(bound, datetime):
        return "zoned" if bound.tzinfo else "naive"
    return "number"


def _within(new: Tolerance, old: Tolerance) -> bool:
    """Whether the new tolerance holds for no number that the old one refuses."""
    if new == old:
        return True
    if new == NONE_AT_ALL:
        return old.holds(0, 1)
    if new.unit != old.unit or new.negated or old.negated or new.also or old.also:
        return False
    low = new.low > old.low or (new.low == old.low and (new.open_low or not old.open_low))
    high = new.high < old.high or (new.high == old.high and (new.open_high or not old.open_high))
    return low and high


def _at_most(new: Tolerance, old: Tolerance) -> bool:
    """Whether fewer failures than the new tolerance bears are borne by the old one, which sets no lower bound."""
    has_no_floor = not old.negated and old.also is None and old.holds(0, 1) and old.low <= 0
    return has_no_floor and _within(replace(new, low=0.0, open_low=False), replace(old, low=0.0, open_low=False))


def _of_property(one: SchemaProperty, keys: Sequence[str], table: SchemaObject, names: Sequence[str]) -> list[Promise]:
    name, kind = one.name or "", odcs.kinds_of_property(one)
    made: list[Promise] = []
    if one.required or one.primaryKey:
        made.append(Promise(facet="required", column=name, words="required", kind=kind))
    if [name] == list(keys) or (one.unique and not one.primaryKey):
        made.append(_unique([name], NONE_AT_ALL))
    made += _of_options(one, name, kind)
    if one.enum:
        made.append(_valid(name, kind, [value.value for value in one.enum], None, NONE_AT_ALL))
    for quality in one.quality or []:
        made += _of_column(quality, name, kind)
    for link in one.relationships or []:
        made.append(_reference(reference_of(link, name, table.name or "", names), name))
    return made


def _of_options(one: SchemaProperty, name: str, kind: Kind) -> list[Promise]:
    options = {key: value for key, value in (one.logicalTypeOptions or {}).items() if value is not None}
    made: list[Promise] = []
    for option, facet, is_open in _BOUNDS:
        if option in options:
            given = options.pop(option)
            words = f"{'greater than ' if facet == 'minimum' else 'less than '}{given}" if is_open else str(given)
            bound = given if kind in ("integer", "number") else _moment(given, kind)
            made.append(Promise(facet=facet, column=name, words=words, kind=kind, bound=bound, is_open=is_open))
    for option, length in _LENGTHS:
        if option in options:
            given = options.pop(option)
            made.append(Promise(facet=length, column=name, words=str(given), kind=kind, bound=given))
    if "multipleOf" in options:
        step = options.pop("multipleOf")
        made.append(Promise(facet="multiple_of", column=name, words=str(step), kind=kind, bound=step))
    if "pattern" in options:
        made.append(_valid(name, kind, None, str(options.pop("pattern")), NONE_AT_ALL))
    form = options.pop("format", None)
    if kind == "string" and form in FORMATS:
        made.append(replace(_valid(name, kind, None, FORMATS[form], NONE_AT_ALL), words=f"written as {form}"))
    elif form is not None:
        options["format"] = form
    for option in sorted(set(options) - {"timezone", "defaultTimezone"}):
        text = f"{option} {canonical_json(options[option]).decode()}"
        made.append(Promise(facet="option", column=name, words=text, kind=kind, text=text))
    return made


def _of_column(quality: DataQuality, name: str, kind: Kind) -> list[Promise]:
    if (quality.type or "library") != "library":
        return _opaque(quality, name)
    bears, arguments = _bears(quality, name), dict(quality.arguments or {})
    match quality.metric or quality.rule:
        case "nullValues":
            return [
                Promise(facet="required", column=name, words=_borne("no value missing", bears), kind=kind, bears=bears)
            ]
        case "missingValues":
            words = frozenset(odcs.text_of(word) for word in arguments.get("missingValues") or [] if word is not None)
            told = _borne(f"not missing, nor {', '.join(sorted(words))}" if words else "no value missing", bears)
            return [Promise(facet="required", column=name, words=told, kind=kind, bears=bears, missing=words)]
        case "duplicateValues":
            return [_unique([name], bears)]
    pattern = arguments.get("pattern")
    return [_valid(name, kind, arguments.get("validValues"), None if pattern is None else str(pattern), bears)]


def _of_table(quality: DataQuality, table: str) -> list[Promise]:
    if (quality.type or "library") != "library":
        return _opaque(quality, None)
    bears = tolerance_of(quality, table)
    if (quality.metric or quality.rule) == "rowCount":
        return [Promise(facet="rows", column=None, words=_operators(quality), bears=bears)]
    return [_unique([str(name) for name in (quality.arguments or {}).get("properties") or []], _bears(quality, table))]


def _opaque(quality: DataQuality, column: str | None) -> list[Promise]:
    """A rule that is not run here (SQL, another engine's): kept only as it stands. A rule of type text promises nothing."""
    if quality.type == "text":
        return []
    said = quality.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=set(_WORDS_OF_RULES))
    text = canonical_json(said).decode()
    return [Promise(facet="rule", column=column, words=quality.query or quality.name or text, text=text)]


def _bears(quality: DataQuality, where: str) -> Tolerance:
    found = tolerance_of(quality, where)
    return NONE_AT_ALL if replace(found, unit="rows") == NONE_AT_ALL else found  # no per cent are no rows


def _unique(names: Sequence[str], bears: Tolerance) -> Promise:
    words = _borne("unique" if len(names) == 1 else f"unique together: {', '.join(names)}", bears)
    column = names[0] if len(names) == 1 else None
    return Promise(facet="unique", column=column, words=words, columns=frozenset(names), bears=bears)


def _valid(name: str, kind: Kind, values: object, pattern: str | None, bears: Tolerance) -> Promise:
    is_number = kind in ("integer", "number")
    there = [value for value in values if value is not None] if isinstance(values, list) else None
    members = None if there is None else frozenset(there if is_number else map(odcs.text_of, there))
    parts = [] if there is None else ["one of " + ", ".join(map(odcs.text_of, there))]
    parts += [] if pattern is None else [f"matches {pattern}"]
    return Promise(
        facet="pattern" if members is None else "values", column=name, words=_borne(" and ".join(parts), bears),
        kind=kind, values=members, text=None if pattern is None else bare(pattern), bears=bears,
    )  # fmt: skip


def _reference(found: Reference, column: str | None) -> Promise:
    pairs = sorted(zip(found.of, found.columns, strict=True))
    text = f"{', '.join(own for own, _ in pairs)} in {found.table} ({', '.join(other for _, other in pairs)})"
    return Promise(facet="reference", column=column, words=text, text=text)


def _moment(given: object, kind: Kind) -> datetime:
    """A bound of dates or times; of dates the day alone counts."""
    moment = datetime.fromisoformat(str(given))
    if kind == "date":
        return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001  a day has no zone
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def _borne(words: str, bears: Tolerance) -> str:
    if bears == NONE_AT_ALL:
        return words
    low, high = ("" if bound in (float("inf"), float("-inf")) else f"{bound:g}" for bound in (bears.low, bears.high))
    outside = "outside " if bears.negated else ""
    return f"{words} (failures borne: {outside}{low} to {high} {bears.unit})"


def _operators(quality: DataQuality) -> str:
    said = quality.model_dump(by_alias=True, exclude_none=True)
    return ", ".join(f"{key} {value}" for key, value in said.items() if key.startswith("must"))
