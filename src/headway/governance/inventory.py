"""The AI inventory's own arithmetic: what a tier decision depends on, and what an entry does not say yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from headway.governance import derived, facts
from headway.governance.entities import DerivedFact, FactValue, Tier
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


VENDOR_WORDS = {
    "supplies": "say what it supplies",
    "contact": "name a contact",
    "contract_ends": "say when the contract ends",
    "exit_plan": "write the exit plan",
}
ASSESSED = ("name", "supplies", "contract_ends", "exit_plan")


def material_digest(
    said: Mapping[str, str | None], risk: Mapping[str, FactValue], known: Sequence[DerivedFact] = ()
) -> str:
    """Hash what a tier decision depends on; a change of these re-opens the tier.

    Args: risk: what people said. known: what follows without them.
    """
    told = {name: value for name, value in risk.items() if value is not None}
    settled = derived.material(known)
    return digest(
        {**{name: said.get(name) for name in MATERIAL}, "risk": told, **({"derived": settled} if settled else {})}
    )


def vendor_digest(said: Mapping[str, object]) -> str:
    """Hash what an assessment of a vendor looks at."""
    return digest({name: str(said[name]) if said.get(name) is not None else None for name in ASSESSED})


def vendor_missing(said: Mapping[str, object], assessed_until: datetime | None, now: datetime) -> tuple[str, ...]:
    """Name in words what is not in order with a vendor."""
    lines = [words for name, words in VENDOR_WORDS.items() if not said.get(name)]
    ends = said.get("contract_ends")
    if isinstance(ends, date) and ends < now.date():
        lines.append(f"renew the contract or leave: it ended on {ends}")
    if assessed_until is None:
        lines.append("have it assessed")
    elif assessed_until < now:
        lines.append(f"have it assessed again: the assessment counted until {assessed_until:%Y-%m-%d}")
    return tuple(lines)


def missing(said: Mapping[str, str | None], tier: Tier, facts_needed: Sequence[str]) -> tuple[str, ...]:
    """Name in words what an entry leaves open; a gate tells the same lines, then what its controls lack."""
    lines = [words for name, words in WORDS.items() if not said.get(name)]
    if tier is Tier.undecided:
        lines.append("decide the legal tier of the use case")
        lines += [f"say {question}" for question in facts_needed]
    return tuple(lines)


def faults(slug: str, said: Mapping[str, str | None]) -> list[Fault]:
    """Find everything that is wrong with the name and the texts of an entry."""
    return entry_faults("usecase", slug, said, NEVER_EMPTY)


def entry_faults(kind: str, slug: str, said: Mapping[str, str | None], needed: Sequence[str]) -> list[Fault]:
    """Find everything that is wrong with the name and the texts of an entry of any kind; ``needed`` are never empty."""
    found = [
        Fault(rule=f"{kind}.empty", column=name, message=f"{name} cannot be empty")
        for name in needed
        if not said.get(name)
    ]
    if not _is_slug(slug):
        message = "the name has lower-case letters, digits and single hyphens only"
        found.append(Fault(rule=f"{kind}.slug", column="slug", value=slug, message=message))
    for name, value in said.items():
        if value is not None and not facts.is_text(value):
            message = f"{name} must be a text of at most {facts.MAX_TEXT} characters without NUL"
            found.append(Fault(rule=f"{kind}.text", column=name, message=message))
    return found


def _is_slug(text: str) -> bool:
    try:
        return bool(text) and make_slug(text) == text
    except Invalid:
        return False
