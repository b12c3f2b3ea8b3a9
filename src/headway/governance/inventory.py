"""The AI inventory's own arithmetic: what a tier decision depends on, and what an entry does not say yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headway.governance.entities import FactValue, Tier
from headway.kernel.canonical import digest

WORDS = {
    "purpose": "say what the use case is for (purpose)",
    "owner": "name the accountable owner",
    "sponsor": "name the sponsor",
    "success_measure": "say how success is measured (success measure)",
    "people_affected": "say which people it affects",
}
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
