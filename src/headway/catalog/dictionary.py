"""A dictionary of the organisation: what a thing is called in data, of which type, in which unit, in which form.

Written as YAML, a term to a key::

    customer number:
      name: customer_number        # default: the term in snake_case
      logicalType: string
      pattern: "^C[0-9]{6}$"
      synonyms: [cust_no, client id]
    net amount: {logicalType: number, unit: EUR, synonyms: [net_value]}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from headway.catalog.errors import InvalidDictionary
from headway.catalog.personal import words_of
from headway.kernel.errors import Fault

TYPES: Final = ("string", "integer", "number", "boolean", "date", "timestamp", "time")
_FIELDS: Final = ("name", "logicalType", "unit", "pattern", "synonyms")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LIMIT: Final = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term; what is None is left open. ``called`` holds the words of every name that people give it."""

    term: str
    name: str
    logical_type: str | None
    unit: str | None
    pattern: str | None
    called: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """Terms by the words of their names and synonyms."""

    terms: tuple[Term, ...]

    def find(self, name: str) -> Term | None:
        """The term that a column of this name means, or None."""
        words = words_of(name)
        return next((term for term in self.terms if words in term.called), None)


NO_TERMS: Final = Dictionary(terms=())


def parse_dictionary(text: str) -> Dictionary:
    """Read a dictionary; raises InvalidDictionary with all faults: not YAML, unknown fields, types, names, a word of two terms."""
    if len(text) > _LIMIT:
        raise InvalidDictionary(f"a dictionary has at most {_LIMIT:,} characters")
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidDictionary(f"the dictionary is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(loaded, Mapping):
        raise InvalidDictionary("a dictionary is a mapping from terms to name, logicalType, unit, pattern, synonyms")
    faults: list[Fault] = []
    terms = tuple(_term(str(term), said, faults) for term, said in loaded.items())
    owners: dict[str, str] = {}
    for one in terms:
        for words in sorted(one.called):
            if owners.setdefault(words, one.term) != one.term:
                _fault(faults, one.term, f"{words!r} already means {owners[words]!r}; give each word to one term")
    if faults:
        raise InvalidDictionary(f"the dictionary cannot be used: {faults[0].message}", faults=faults)
    return Dictionary(terms=terms)


def _term(term: str, said: object, faults: list[Fault]) -> Term:
    given: Mapping[object, object] = said if isinstance(said, Mapping) else {}
    if said is not None and not isinstance(said, Mapping):
        _fault(faults, term, f"is no mapping; write {', '.join(_FIELDS)}")
    for field in given:
        if field not in _FIELDS:
            _fault(faults, term, f"the field {field!r} is not known; use {', '.join(_FIELDS)}")
    synonyms = given.get("synonyms") or []
    if not isinstance(synonyms, list):
        _fault(faults, term, "synonyms are a list of names")
        synonyms = []
    name, kind, pattern = _text(given.get("name")), _text(given.get("logicalType")), _text(given.get("pattern"))
    called = name or "_".join(words_of(term).split())
    if not _NAME.fullmatch(called):
        _fault(faults, term, f"the name {called!r} is not snake_case")
    if kind is not None and kind not in TYPES:
        _fault(faults, term, f"the logicalType {kind!r} is not known; use {', '.join(TYPES)}")
    if pattern is not None and (wrong := _wrong(pattern)):
        _fault(faults, term, f"the pattern {pattern!r} is no regular expression: {wrong}")
    words = frozenset(words_of(str(one)) for one in (term, called, *synonyms))
    return Term(
        term=term, name=called, logical_type=kind, unit=_text(given.get("unit")), pattern=pattern, called=words - {""}
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _wrong(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    return None


def _fault(faults: list[Fault], term: str, words: str) -> None:
    faults.append(Fault(rule="dictionary", column=term, message=f"{term}: {words}"))
