"""Risk facts that the platform knows by itself, from the entry and the systems that serve it: only what these settle.

A use case may rest on a system that nobody named, so systems never settle a no. They settle that a vendor supplies it, and that
it generates content; whether the model inside is of general purpose is for people to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from headway.governance.entities import DerivedFact, FactValue, SystemKind, SystemSummary
from headway.kernel.errors import Fault

DEPARTMENTS, VENDOR_SUPPLIED, GENERATES_CONTENT = "departments", "vendor_supplied", "generates_content"
EXCEPTED = "art6_3_accepted"


def derive(
    department: str, systems: Iterable[SystemSummary], exception: tuple[str, bool] | None = None
) -> tuple[DerivedFact, ...]:
    """Tell what follows from the department of a use case, the systems that serve it, and an exception that was accepted.

    Args: exception: the id of the newest accepted one, and whether it counts now; None when none was ever accepted.
    """
    ordered = sorted(systems, key=lambda one: one.slug)
    supplied = [one for one in ordered if one.vendor is not None]
    generative = [one for one in ordered if one.kind is SystemKind.generative]
    found = [DerivedFact(name=DEPARTMENTS, value=[department], sources=(f"department:{department}",))]
    if exception is not None:
        found.append(DerivedFact(name=EXCEPTED, value=exception[1], sources=(f"exception:{exception[0]}",)))
    if generative:
        found.append(DerivedFact(name=GENERATES_CONTENT, value=True, sources=tuple(_refs(generative))))
    if supplied:
        sources = (*_refs(supplied), *dict.fromkeys(f"vendor:{one.vendor}" for one in supplied))
        found.append(DerivedFact(name=VENDOR_SUPPLIED, value=True, sources=sources))
    return tuple(found)


def merged(said: Mapping[str, FactValue], derived: Iterable[DerivedFact]) -> dict[str, FactValue]:
    """Put together what people said and what is known; to a list that is known, people may add."""
    return {**said, **{fact.name: _together(fact.value, said.get(fact.name)) for fact in derived}}


def _together(known: FactValue, said: FactValue) -> FactValue:
    if isinstance(known, list) and isinstance(said, list):
        return [*known, *(one for one in said if one not in known)]
    return known


def contradictions(said: Mapping[str, FactValue], derived: Iterable[DerivedFact]) -> list[Fault]:
    """Find what people say against what is known; what they leave unknown contradicts nothing."""
    return [
        Fault(
            rule="risk.derived",
            column=fact.name,
            value=told(said[fact.name]),
            message=f"{fact.name} is {told(fact.value)}, from {' and '.join(fact.sources)}, and not {told(said[fact.name])}",
        )
        for fact in derived
        if said.get(fact.name) is not None and _is_against(said[fact.name], fact.value)
    ]


def left_to_say(said: Mapping[str, FactValue], derived: Iterable[DerivedFact]) -> dict[str, FactValue]:
    """What people said less what is known without them."""
    settled = {fact.name for fact in derived if not isinstance(fact.value, list)}
    return {name: value for name, value in said.items() if name not in settled}


def material(derived: Sequence[DerivedFact]) -> dict[str, object]:
    """What of the derived facts a tier decision depends on beside the entry itself: value and sources of each."""
    return {fact.name: [fact.value, *fact.sources] for fact in derived if fact.name != DEPARTMENTS}


def told(value: FactValue) -> str:
    """A value in words."""
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _is_against(said: FactValue, known: FactValue) -> bool:
    if isinstance(known, list) and isinstance(said, list):
        return bool(known) and not said  # "none" is wrong; other names come on top
    return said != known


def _refs(systems: Iterable[SystemSummary]) -> Iterable[str]:
    return (f"system:{one.slug}" for one in systems)
