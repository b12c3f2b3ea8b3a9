"""The standardisation protocol: how a contract names, types, measures and describes, so that departments can join their data.

*error*: the contract contradicts the protocol, or lacks what others need to read the values. *warning*: nothing in it shows
that the protocol is kept. Rules:

name_case, name_length, name_reserved    snake_case, at most 63 signs (PostgreSQL's limit), no word that SQL reserves
description_missing, owner_missing       the table and each column are described; somebody answers for them
date_format, date_as_text                dates are ISO 8601
currency_missing, currency_code          money says its currency (``unit`` or a column beside it), in codes of ISO 4217
country_code                             countries are codes of ISO 3166-1, two or three letters
phone_format, email_format               phone numbers are E.164 as text; e-mail addresses have a rule
unit_missing, unit_unknown               what measures has a ``unit`` (custom property, UCUM) or says it at the end of its name
classification_weak                      columns that look personal are classified at least as ``personal.py`` says
service_level_missing, critical_unchecked  what is critical says how fresh and available it is, and is checked
dictionary_name, _type, _unit, _pattern  the organisation's dictionary is kept
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty

from headway.catalog import codes, personal
from headway.catalog import contract as odcs
from headway.catalog.checks import bare, compile_contract
from headway.catalog.dictionary import NO_TERMS, Dictionary
from headway.catalog.promises import Promise, promises_of

Level = Literal["error", "warning"]
_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST: Final = 63
_MONEY: Final = re.compile(
    r"\b(amount|price|cost|costs|revenue|turnover|salary|wage|fee|fees|budget|balance|margin|income|deposit|profit|spend)\b"
)
_CURRENCY: Final = re.compile(r"\bcurrency( code)?$")
_COUNTRY: Final = re.compile(r"\bcountry( code)?$|^nationality$")
_MEASURE: Final = re.compile(
    r"\b(weight|mass|height|length|width|depth|distance|duration|tenure|temperature|speed|volume|area|pressure|energy|power|"
    r"consumption)\b"
)
_TIME: Final = re.compile(r"\b(date|datetime|timestamp)\b|\b(at|on)$")
_ISO: Final = ("%Y-%m-%d", "yyyy-MM-dd")
_RANKS: Final = ("public", "internal", "confidential", "restricted")
_CRITICAL: Final = ("high", "very high", "critical", "mission critical", "mission-critical")
_FRESHNESS: Final = ("freshness", "latency", "ly")
_AVAILABILITY: Final = ("availability", "av")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One departure from the protocol and how to mend it."""

    rule: str
    column: str | None  # None: of the table or the whole contract
    level: Level
    message: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """All findings, those of the whole contract first."""

    findings: tuple[Finding, ...]
    errors: int
    warnings: int
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A column with what the rules ask of it."""

    one: SchemaProperty
    name: str
    words: str
    kind: str
    unit: str | None
    promises: tuple[Promise, ...]
    table: SchemaObject

    @property
    def is_number(self) -> bool:
        return self.kind in ("integer", "number")

    def finding(self, rule: str, level: Level, message: str, mend: str) -> Finding:
        return Finding(rule=rule, column=self.name, level=level, message=f"{self.name} {message}", mend=mend)


def lint(contract: odcs.Contract, dictionary: Dictionary = NO_TERMS) -> LintReport:
    """Hold a contract to the protocol and give all findings; raises InvalidContract for rules that make no sense."""
    compile_contract(contract)
    model, table = odcs.model_of(contract), odcs.table_of(contract)
    promises = promises_of(contract)
    found = [*_whole(model, table), *_service(model, table)]
    for one in table.properties or []:
        seen = _seen(one, table, promises)
        found += [finding for rule in _RULES for finding in rule(seen)]
        found += _terms(seen, dictionary)
    errors = sum(one.level == "error" for one in found)
    return LintReport(findings=tuple(found), errors=errors, warnings=len(found) - errors, passed=errors == 0)


def _seen(one: SchemaProperty, table: SchemaObject, promises: Sequence[Promise]) -> _Seen:
    unit, name = odcs.custom(one.customProperties, "unit"), one.name or ""
    return _Seen(
        one=one, name=name, words=personal.words_of(name), kind=odcs.kinds_of_property(one),
        unit=None if unit is None else str(unit), promises=tuple(p for p in promises if p.column == name), table=table,
    )  # fmt: skip


def _whole(model: OpenDataContractStandard, table: SchemaObject) -> Iterable[Finding]:
    def finding(rule: str, level: Level, message: str, mend: str) -> Finding:
        return Finding(rule=rule, column=None, level=level, message=message, mend=mend)

    for rule, words, mend in _misnamed(table.name or ""):
        yield finding(rule, "error", f"the table {table.name} {words}", mend)
    if not (table.description or (model.description and model.description.purpose)):
        yield finding(
            "description_missing", "warning", "nothing says what the table is for", "fill in description.purpose"
        )
    team = model.team
    members = team if isinstance(team, list) else ((team.members if team else None) or [])
    is_owned = any((one.role or "").lower().endswith("owner") for one in members)
    named = not isinstance(team, list) and team is not None and team.name
    if not (is_owned or named or odcs.custom(model.customProperties, "owner")):
        yield finding(
            "owner_missing", "error", "nobody answers for the data", "name the team, or a member with the role owner"
        )


def _service(model: OpenDataContractStandard, table: SchemaObject) -> Iterable[Finding]:
    told = [odcs.custom(one, "criticality") for one in (model.customProperties, table.customProperties)]
    is_critical = any(str(one).strip().lower() in _CRITICAL for one in told if one is not None)
    if not is_critical:
        return
    has = {(level.property or "").lower() for level in model.slaProperties or []}
    for names, what in ((_FRESHNESS, "how fresh"), (_AVAILABILITY, "how available")):
        if not has & set(names):
            yield Finding(
                rule="service_level_missing", column=None, level="error", mend=f"add the service level {names[0]} to slaProperties",
                message=f"the product is critical, but nothing promises {what} it is",
            )  # fmt: skip


def _misnamed(name: str) -> Iterable[tuple[str, str, str]]:
    """Rule, what is wrong with a name, how to mend it."""
    if not _SNAKE.fullmatch(name):
        better = "_".join(personal.words_of(name).split())
        digit = " and begins with a digit" if name[:1].isdigit() else ""
        better = better if _SNAKE.fullmatch(better) else "a name of a-z, 0-9 and _ that begins with a letter"
        yield "name_case", f"is not snake_case{digit}", f"call it {better}"
    if len(name) > _LONGEST:
        yield "name_length", f"has {len(name)} signs, databases keep {_LONGEST}", "shorten it"
    if name.lower() in codes.RESERVED:
        yield "name_reserved", "is a word that SQL reserves", "say which one it is, as in order_number for order"


def _names(seen: _Seen) -> Iterable[Finding]:
    for rule, words, mend in _misnamed(seen.name):
        yield seen.finding(rule, "error", words, mend)
    if not (seen.one.description or "").strip():
        yield seen.finding(
            "description_missing", "warning", "is not described", "say in its description what a value means"
        )


def _dates(seen: _Seen) -> Iterable[Finding]:
    formats = odcs.custom(seen.one.customProperties, "dateFormats")
    told = [str(one) for one in formats] if isinstance(formats, list) else []
    option = (seen.one.logicalTypeOptions or {}).get("format")
    if seen.kind in ("date", "timestamp") and option is not None:
        told.append(str(option))
    if wrong := [one for one in told if not one.startswith(_ISO)]:
        words = f"is written as {', '.join(wrong)}, which is not ISO 8601"
        yield seen.finding("date_format", "error", words, "let the source write 2026-01-31, then drop the format")
    if seen.kind == "string" and _TIME.search(seen.words):
        words = "is named like a date and is text"
        yield seen.finding(
            "date_as_text", "warning", words, "give it the logicalType date or timestamp, or another name"
        )


def _money(seen: _Seen) -> Iterable[Finding]:
    if seen.is_number and _MONEY.search(seen.words):
        last = seen.words.rpartition(" ")[2].upper()
        beside = any(_CURRENCY.search(personal.words_of(other.name or "")) for other in seen.table.properties or [])
        told = seen.unit or (last if last in codes.CURRENCIES else None)
        if told is None and not beside:
            mend = "add the custom property unit with a code of ISO 4217 such as EUR, or a column currency"
            yield seen.finding("currency_missing", "error", "holds money of no currency", mend)
        elif told is not None and told not in codes.CURRENCIES and told not in codes.UNITS:
            mend = "write a code of ISO 4217, as EUR"
            yield seen.finding("currency_code", "error", f"has the unit {told!r}, which is no currency", mend)
    elif _CURRENCY.search(seen.words):
        yield from _coded(seen, "currency_code", codes.CURRENCIES, (3,), "three capital letters of ISO 4217")


def _countries(seen: _Seen) -> Iterable[Finding]:
    if _COUNTRY.search(seen.words):
        known = codes.COUNTRIES | codes.COUNTRIES_OF_THREE
        yield from _coded(seen, "country_code", known, (2, 3), "two or three capital letters of ISO 3166-1")


def _coded(seen: _Seen, rule: str, known: frozenset[str], lengths: Sequence[int], form: str) -> Iterable[Finding]:
    """A column of codes: closed to known ones, or held to their form."""
    size = lengths[0]
    mend = f"close it to the codes you use, or add the pattern ^[A-Z]{{{size}}}$"
    if seen.kind != "string":
        yield seen.finding(rule, "error", f"is not text; it must be {form}", mend)
        return
    closed = [one.values for one in seen.promises if one.values is not None]
    if closed:
        if wrong := sorted(str(one) for one in frozenset.intersection(*closed) - known):
            yield seen.finding(rule, "error", f"may be {', '.join(wrong[:10])}; it must be {form}", mend)
        return
    patterns = [one.text for one in seen.promises if one.text is not None and one.facet == "pattern"]
    if any(_holds(patterns, "X" * length) for length in lengths) and not _holds(patterns, "Some words"):
        return
    if patterns:
        yield seen.finding(rule, "error", f"is held to {', '.join(patterns)}; it must be {form}", mend)
    else:
        yield seen.finding(rule, "warning", f"has no rule that holds it to {form}", mend)


def _holds(patterns: Iterable[str], value: str) -> bool:
    return all(re.fullmatch(bare(pattern), value) for pattern in patterns)


def _reached(seen: _Seen) -> Iterable[Finding]:
    """Phone numbers and e-mail addresses."""
    told = personal.by_name(seen.name, is_text=seen.kind == "string")
    kind = told.kind if told else None
    patterns = [one.text for one in seen.promises if one.text is not None]
    if kind == "phone":
        mend = r"let the source write +4930123456 as text, and add the pattern ^\+[1-9][0-9]{6,14}$"
        if seen.kind != "string":
            yield seen.finding("phone_format", "error", "is a number, which loses + and zeros; E.164 is text", mend)
        elif not patterns:
            yield seen.finding("phone_format", "warning", "has no rule that holds it to E.164", mend)
        elif not _holds(patterns, "+4930123456") or _holds(patterns, "030 123456"):
            yield seen.finding("phone_format", "error", f"is held to {', '.join(patterns)}, which is not E.164", mend)
    elif kind == "email":
        mend = "add the option format: email"
        if not patterns:
            yield seen.finding("email_format", "warning", "has no rule that holds it to the form of an address", mend)
        elif not _holds(patterns, "ann.lee@example.org") or _holds(patterns, "ann lee"):
            words = f"is held to {', '.join(patterns)}, which is not the form of an address"
            yield seen.finding("email_format", "error", words, mend)


def _units(seen: _Seen) -> Iterable[Finding]:
    if not seen.is_number:
        return
    is_told = seen.unit is not None or seen.words.rpartition(" ")[2] in codes.UNIT_WORDS
    if _MEASURE.search(seen.words) and not is_told:
        mend = "add the custom property unit (kg, km, h, Cel ...), or end the name with the unit, as in weight_kg"
        yield seen.finding("unit_missing", "warning", "measures something in no unit", mend)
    if seen.unit is not None and not _MONEY.search(seen.words) and seen.unit not in codes.UNITS | codes.CURRENCIES:
        mend = "write it as UCUM does (kg, km, h, Cel), or a currency as ISO 4217 does"
        yield seen.finding("unit_unknown", "warning", f"has the unit {seen.unit!r}, which is not known", mend)


def _personal(seen: _Seen) -> Iterable[Finding]:
    told = personal.by_name(seen.name, is_text=seen.kind == "string")
    if told is None:
        return
    given = (seen.one.classification or "").strip().lower()
    rank = _RANKS.index(given) if given in _RANKS else -1
    if rank < _RANKS.index(told.classification):
        words = f"looks like personal data ({told.kind}) and is {f'classified {given}' if given else 'not classified'}"
        yield seen.finding(
            "classification_weak", "error", words, f"set classification: {told.classification}, or rename it"
        )


def _critical(seen: _Seen) -> Iterable[Finding]:
    if seen.one.criticalDataElement and not seen.promises:
        words = "is a critical data element, but no rule holds its values"
        yield seen.finding("critical_unchecked", "warning", words, "make it required, or add a rule of quality")


def _terms(seen: _Seen, dictionary: Dictionary) -> Iterable[Finding]:
    term = dictionary.find(seen.name) or (dictionary.find(seen.one.businessName) if seen.one.businessName else None)
    if term is None:
        return
    if seen.name != term.name:
        yield seen.finding("dictionary_name", "error", f"means {term.term!r} of the dictionary", f"call it {term.name}")
    logical = seen.one.logicalType or "string"
    if term.logical_type is not None and logical != term.logical_type:
        words = f"is of the type {logical}; {term.term!r} is of the type {term.logical_type}"
        yield seen.finding("dictionary_type", "error", words, f"set logicalType: {term.logical_type}")
    if term.unit is not None and seen.unit != term.unit:
        words = f"has {f'the unit {seen.unit}' if seen.unit else 'no unit'}; {term.term!r} is in {term.unit}"
        yield seen.finding("dictionary_unit", "error", words, f"set the custom property unit to {term.unit}")
    patterns = [bare(one.text) for one in seen.promises if one.text is not None]
    if term.pattern is not None and bare(term.pattern) not in patterns:
        words = f"is not held to {term.pattern}, the form of {term.term!r}"
        yield seen.finding("dictionary_pattern", "error", words, f"set logicalTypeOptions.pattern: {term.pattern}")


_RULES: Final[tuple[Callable[[_Seen], Iterable[Finding]], ...]] = (
    _names, _dates, _money, _countries, _reached, _units, _personal, _critical,
)  # fmt: skip
