"""The AI inventory's own arithmetic: what a tier decision depends on, and what an entry does not say yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headway.governance import facts
from headway.governance.entities import FactValue, Tier
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import slug as make_slug

WORDS = {
    "purpose": "say what the use case is for (purpose)",
    "owner": "name the accountable owner",
    "sponsor": "name the sponsor",
    "success_measure": "say how success is measured (success measure)",
    "people_affected": "say which people it affects",
}
NEVER_EMPTY = ("title", "department")
MATERIAL = ("department", "solution", "purpose", "people_affected")


def field_asked(line: str) -> str | None:
    """Say which field of an entry a line of ``missing`` asks for; None when it asks for something else."""
    return next((name for name, words in WORDS.items() if words == line), None)


def material_digest(said: Mapping[str, str | None], risk: Mapping[str, FactValue]) -> str:
    """Hash what a tier decision depends on; a change of these re-opens the tier."""
    known = {name: value for name, value in risk.items() if value is not None}
    return digest({**{name: said.get(name) for name in MATERIAL}, "risk": known})


def missing(said: Mapping[str, str | None], tier: Tier, facts_needed: Sequence[str]) -> tuple[str, ...]:
    """Name in words what an entry leaves open; a gate tells the same lines, then what its controls lack."""
    lines = [words for name, words in WORDS.items() if not said.get(name)]
    if tier is Tier.undecided:
        lines.append("decide the legal tier of the use case")
        lines += [f"say {question}" for question in facts_needed]
    return tuple(lines)


def faults(slug: str, said: Mapping[str, str | None]) -> list[Fault]:
    """Find everything that is wrong with the name and the texts of an entry."""
    found = [
        Fault(rule="usecase.empty", column=name, message=f"{name} cannot be empty")
        for name in NEVER_EMPTY
        if not said.get(name)
    ]
    if not _is_slug(slug):
        message = "the name has lower-case letters, digits and single hyphens only"
        found.append(Fault(rule="usecase.slug", column="slug", value=slug, message=message))
    for name, value in said.items():
        if value is not None and not facts.is_text(value):
            message = f"{name} must be a text of at most {facts.MAX_TEXT} characters without NUL"
            found.append(Fault(rule="usecase.text", column=name, message=message))
    return found


def _is_slug(text: str) -> bool:
    try:
        return bool(text) and make_slug(text) == text
    except Invalid:
        return False
