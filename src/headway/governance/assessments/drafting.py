"""Reading a template that an organisation wrote itself: a mapping in, a template or every fault out."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from headway.governance import rules
from headway.governance.assessments.entities import Template
from headway.governance.assessments.rules import KINDS, template_of
from headway.kernel.errors import Fault

NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")
MOST_QUESTIONS = 200
LONGEST = 2_000
OLDEST = 3_650
_TEXTS = {
    "id": 60, "version": 20, "title": 200, "seat": 60, "source": 500, "evidence": 100, "due_when": LONGEST,
    "due_because": 500, "not_due_because": 500,
}  # fmt: skip
_QUESTION = {
    "id": str, "text": str, "help": str, "kind": str, "choices": list, "fact": str, "required": bool, "evidence_fact": str,
}  # fmt: skip


def newer(version: str, than: str) -> bool:
    """Tell whether a version comes after another, by numbers."""
    return tuple(map(int, version.split("."))) > tuple(map(int, than.split(".")))


def template_faults(source: Mapping[str, Any], built_in: Collection[str]) -> list[Fault]:
    """Find everything that keeps a mapping from being a template.

    Args: built_in: names of templates that come with the product; an own one has another name.
    """
    found = [
        _fault(name, "is no part of a template") for name in source if name not in (*_TEXTS, "age_days", "questions")
    ]
    found += [fault for name, longest in _TEXTS.items() if (fault := _text(name, source.get(name), longest))]
    told = {name: source.get(name) for name in ("id", "seat", "version")}
    for name in ("id", "seat"):
        if isinstance(told[name], str) and told[name] and not NAME.fullmatch(str(told[name])):
            found.append(_fault(name, "has small letters, digits, - and _, and begins with a letter"))
    if isinstance(told["version"], str) and told["version"] and not VERSION.fullmatch(told["version"]):
        found.append(_fault("version", "is three numbers, as 1.0.0; in YAML within quotes"))
    if told["id"] in built_in:
        found.append(_fault("id", f"{told['id']} comes with the product; choose another name"))
    days = source.get("age_days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= OLDEST:
        found.append(_fault("age_days", f"is a number of days from 1 to {OLDEST}"))
    if isinstance(source.get("due_when"), str) and source["due_when"]:
        found += [_fault("due_when", message) for message in rules.lint(source["due_when"])]
    return found + _questions(source.get("questions"))


def read(source: Mapping[str, Any]) -> Template:
    """Read a mapping in which ``template_faults`` found nothing."""
    return template_of(source, is_own=True)


def _questions(given: object) -> list[Fault]:
    if not isinstance(given, list) or not given:
        return [_fault("questions", "is a list of at least one question")]
    if len(given) > MOST_QUESTIONS:
        return [_fault("questions", f"has at most {MOST_QUESTIONS} questions")]
    found = [fault for place, one in enumerate(given, 1) for fault in _question(place, one)]
    names = [one.get("id") for one in given if isinstance(one, Mapping)]
    twice = {name for name in names if isinstance(name, str) and names.count(name) > 1}
    return found + [_fault("questions", f"the question {name} is there twice") for name in sorted(twice)]


def _question(place: int, one: object) -> list[Fault]:
    here = f"questions[{place}]"
    if not isinstance(one, Mapping):
        return [_fault(here, "is a mapping with id and text")]
    found = [_fault(f"{here}.{name}", "is no part of a question") for name in one if name not in _QUESTION]
    found += [
        _fault(f"{here}.{name}", f"is not {kind.__name__}")
        for name, kind in _QUESTION.items()
        if one.get(name) is not None and not isinstance(one[name], kind)
    ]
    if not isinstance(one.get("id"), str) or not NAME.fullmatch(one["id"]):
        found.append(_fault(f"{here}.id", "has small letters, digits, - and _, and begins with a letter"))
    if fault := _text(f"{here}.text", one.get("text"), LONGEST):
        found.append(fault)
    kind, choices = one.get("kind", "text"), one.get("choices") or []
    if kind not in KINDS:
        found.append(_fault(f"{here}.kind", f"is one of {', '.join(KINDS)}"))
    if (kind == "choice") != bool(choices):
        found.append(_fault(f"{here}.choices", "are for the kind choice, which needs some"))
    if isinstance(choices, list) and any(not isinstance(text, str) or not text.strip() for text in choices):
        found.append(_fault(f"{here}.choices", "are texts; write yes and no within quotes"))
    return found


def _text(name: str, value: object, longest: int) -> Fault | None:
    if isinstance(value, str) and value.strip() and len(value) <= longest and "\0" not in value:
        return None
    return _fault(name, f"is a text of 1 to {longest} characters")


def _fault(column: str, message: str) -> Fault:
    return Fault(rule="assessments.template", column=column, message=f"{column}: {message}")
