"""Reading templates, what is due and why, what must still be asked, and when an assessment is outdated. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from headway.governance import derived, facts, rules
from headway.governance.assessments.entities import Assessment, Known, Question, Standing, Template, Value
from headway.governance.entities import Evidence, FactValue, UseCase
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault, Invalid

LONGEST_ANSWER = 10_000
LEAST_TEXT = 3
KINDS = ("text", "boolean", "choice", "number")
SYSTEMS, VENDORS = "systems", "vendors"


def template_of(source: Mapping[str, Any], *, is_own: bool = False) -> Template:
    """Read a template from plain data; raises Invalid with every fault."""
    questions = tuple(_question(one) for one in source["questions"])
    made = Template(
        **{name: source[name] for name in _TEXTS},
        digest=digest(dict(source)),
        age_days=source["age_days"],
        questions=questions,
        is_own=is_own,
    )
    faults = [f"due_when: {message}" for message in rules.lint(made.due_when)]
    names = [one.id for one in questions]
    faults += [f"the question {name} is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    faults += [f"{one.id}: no kind {one.kind}" for one in questions if one.kind not in KINDS]
    faults += [
        f"{one.id}: choices are for a choice" for one in questions if (one.kind == "choice") != bool(one.choices)
    ]
    if faults:
        raise Invalid(f"the template {made.id}: " + "; ".join(faults))
    return made


_TEXTS = (
    "id", "version", "title", "seat", "source", "evidence", "due_when", "due_because", "not_due_because",
)  # fmt: skip


def _question(one: Mapping[str, Any]) -> Question:
    return Question(
        id=one["id"],
        text=one["text"],
        help=one.get("help") or "",
        kind=one.get("kind", "text"),
        choices=tuple(one.get("choices") or ()),
        fact=one.get("fact"),
        required=one.get("required", True),
        evidence_fact=one.get("evidence_fact"),
    )


def platform_facts(case: UseCase, evidence: Iterable[Evidence] = ()) -> dict[str, Known]:
    """Everything the platform knows of a use case, by the name that templates use, with its source.

    Args: evidence: about the use case, newest first.
    """
    here = f"usecase:{case.slug}"
    found = {f"use_case.{name}": Known(value=text, source=here) for name, text in facts.described(case).items()}
    sources = {one.name: ", ".join(one.sources) for one in case.derived}
    risk: dict[str, FactValue] = derived.merged(case.risk, case.derived)
    for name, value in risk.items():
        if value is not None:
            found[f"sys.{name}"] = Known(value=value, source=sources.get(name, here))
    found["sys.tier"] = Known(value=case.tier.value, source=here)
    if case.systems:
        told = [one.slug for one in case.systems]
        found[SYSTEMS] = Known(value=told, source=", ".join(f"system:{slug}" for slug in told))
    if vendors := sorted({one.vendor for one in case.systems if one.vendor}):
        found[VENDORS] = Known(value=list(vendors), source=", ".join(f"vendor:{slug}" for slug in vendors))
    for row in evidence:
        for name, scalar in row.facts.items():
            key = f"evidence.{row.type}.{name}"
            if scalar is not None and key not in found:
                found[key] = Known(value=scalar, source=row.id)
    return found


def due(template: Template, case: UseCase) -> tuple[bool, str]:
    """Say whether a use case needs an assessment, and why. What nobody knows makes it due."""
    known = {name: value for name, value in derived.merged(case.risk, case.derived).items() if value is not None}
    tier = {} if case.tier.value == "undecided" else {"tier": case.tier.value}
    answer = rules.ask(template.due_when, {"sys": {**known, **tier}, "use_case": facts.described(case)})
    if answer.value is None:
        return True, f"due until it is known otherwise: {answer.why}"
    return answer.value, template.due_because if answer.value else template.not_due_because


def known_answers(template: Template, found: Mapping[str, Known]) -> dict[str, Known]:
    """The questions that the platform answers."""
    return {one.id: found[one.fact] for one in template.questions if one.fact is not None and one.fact in found}


def facts_digest(template: Template, found: Mapping[str, Known]) -> str:
    """What an assessment is bound to: the values of the facts that its template names, known or not."""
    named = sorted({one.fact for one in template.questions if one.fact is not None})
    return digest({name: found[name].value if name in found else None for name in named})


def changed_facts(template: Template, before: Mapping[str, Known], found: Mapping[str, Known]) -> tuple[str, ...]:
    """The facts that are otherwise now than when an assessment was submitted."""
    now = known_answers(template, found)
    return tuple(
        one.fact
        for one in template.questions
        if one.fact is not None
        and (before[one.id].value if one.id in before else None) != (now[one.id].value if one.id in now else None)
    )


def answer_faults(template: Template, answers: Mapping[str, object], known: Mapping[str, Known]) -> list[Fault]:
    """Find every answer that is to no question, to one that the platform answers, or of the wrong kind."""
    by_id = {one.id: one for one in template.questions}
    faults = []
    for name, value in answers.items():
        question = by_id.get(name)
        if question is None:
            faults.append(_fault(name, "unknown", f"there is no question {name!r}"))
        elif name in known:
            faults.append(_fault(name, "known", f"{name}: the platform knows it, from {known[name].source}"))
        elif message := _misfit(question, value):
            faults.append(_fault(name, "kind", f"{name}: {message}"))
    return faults


def open_questions(template: Template, answers: Mapping[str, Value], known: Mapping[str, Known]) -> tuple[str, ...]:
    """The questions that must be answered and are not, by people or by the platform."""
    return tuple(one.id for one in template.questions if one.required and one.id not in known and one.id not in answers)


def standing(
    template: Template, newest: Assessment | None, found: Mapping[str, Known], at: datetime, *, is_due: bool
) -> tuple[Standing, tuple[str, ...]]:
    """Say where an assessment stands at a time, and why it is outdated where it is."""
    if newest is None:
        return (Standing.due if is_due else Standing.not_due), ()
    if newest.state != "signed":
        return Standing(newest.state), ()
    why = outdated(template, newest, found, at)
    return (Standing.outdated if why else Standing.signed), why


def outdated(template: Template, signed: Assessment, found: Mapping[str, Known], at: datetime) -> tuple[str, ...]:
    """Say why a signed assessment no longer counts; empty while it does."""
    why = [f"{name} is otherwise now" for name in changed_facts(template, signed.known, found)]
    if signed.signed_at is not None and at - signed.signed_at > timedelta(days=template.age_days):
        why.append(f"it is older than {template.age_days} days")
    if not why and signed.facts_digest != facts_digest(template, found):
        why.append("the questions are others now")
    return tuple(why)


def _misfit(question: Question, value: object) -> str:
    if question.kind == "boolean":
        return "" if isinstance(value, bool) else "answer yes or no"
    if question.kind == "number":
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return "" if is_number else "answer with a number"
    if question.kind == "choice":
        return "" if value in question.choices else f"choose one of {', '.join(question.choices)}"
    is_text = isinstance(value, str) and LEAST_TEXT <= len(value.strip()) <= LONGEST_ANSWER and "\0" not in value
    return "" if is_text else f"write {LEAST_TEXT} to {LONGEST_ANSWER} characters"


def _fault(name: str, rule: str, message: str) -> Fault:
    return Fault(rule=f"assessments.{rule}", column=name, message=message)
