"""Packs of rules and controls: read from plain data, checked whole, every expression compiled and linted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, cast, get_args

from headway.governance import golden, rules
from headway.governance.entities import (
    Confidence,
    Control,
    Enforce,
    EvidenceType,
    FactDefinition,
    Gate,
    Pack,
    PackMode,
    Tier,
    TierRule,
)
from headway.governance.errors import PackInvalid
from headway.governance.facts import APPROVAL_FACTS, CHANGE_FACTS, GATE_FACTS, ORGANISATION_FACTS, USE_CASE_FACTS
from headway.governance.reading import Reader
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault, Invalid

_CONFIDENCES = get_args(Confidence)
_GATES = get_args(Gate)
_FACT_KINDS = ("boolean", "text", "number", "list")


def parse(source: object, *, is_published: bool = False) -> Pack:
    """Read a pack from plain data (as YAML or JSON gives it); raises PackInvalid with every fault.

    Args: is_published: its golden cases were asked then, and are not asked again: an old pack must stay readable.
    """
    faults: list[Fault] = []
    reader = Reader(source, "pack", faults)
    as_of = reader.day("as_of", needed=True)
    pack = Pack(
        id=reader.text("id"),
        version=reader.text("version"),
        title=reader.text("title"),
        note=reader.text("note"),
        as_of=as_of or date.min,
        digest=_digest(source, faults),
        facts=tuple(_fact(item) for item in reader.many("facts")),
        evidence_types=tuple(_evidence_type(item) for item in reader.many("evidence_types")),
        tier_rules=tuple(_tier_rule(item) for item in reader.many("tier_rules")),
        controls=tuple(_control(item) for item in reader.many("controls")),
        mode=cast(PackMode, reader.text("mode", get_args(PackMode)) if reader.has("mode") else "enforced"),
        golden=tuple(golden.read(item) for item in reader.many("golden")) if reader.has("golden") else (),
    )
    reader.done()
    faults += _twice(pack) + _references(pack) + ([] if is_published else golden.faults(pack))
    if faults:
        name = f"{pack.id} {pack.version}".strip() or "the pack"
        raise PackInvalid(f"{name} has {len(faults)} faults; first: {faults[0].message}", faults=faults)
    return pack


def _digest(source: object, faults: list[Fault]) -> str:
    try:
        return digest(source)
    except Invalid as error:
        faults.append(Fault(rule="pack.schema", column="pack", message=f"pack: {error.message}; write days in quotes"))
        return ""


def _fact(reader: Reader) -> FactDefinition:
    kind = cast(Literal["boolean", "text", "number", "list"], reader.text("kind", _FACT_KINDS))
    made = FactDefinition(
        name=reader.text("name"), kind=kind, values=reader.texts("values"), question=reader.text("question")
    )
    reader.done()
    return made


def _evidence_type(reader: Reader) -> EvidenceType:
    facts = reader.raw("facts")
    if not isinstance(facts, Mapping) or not all(
        isinstance(k, str) and v in ("boolean", "text", "number") for k, v in facts.items()
    ):
        reader.fault("facts", "must map names to boolean, text or number")
        facts = {}
    made = EvidenceType(
        name=reader.text("name"),
        title=reader.text("title"),
        producer=cast(Literal["auto", "human"], reader.text("producer", ("auto", "human"))),
        freshness_days=reader.whole("freshness_days"),
        facts=dict(facts),
        scope=cast(
            Literal["subject", "organisation"],
            reader.text("scope", ("subject", "organisation")) if reader.has("scope") else "subject",
        ),
    )
    if made.scope == "organisation" and not made.freshness_days:
        reader.fault("freshness_days", "what the organisation proves once must be proved again after some days")
    reader.done()
    return made


def _tier_rule(reader: Reader) -> TierRule:
    tiers = [tier.value for tier in Tier if tier is not Tier.undecided]
    tier = reader.text("tier", tiers)
    made = TierRule(
        id=reader.text("id"),
        tier=Tier(tier) if tier in tiers else Tier.undecided,
        when=reader.expression("when"),
        source=reader.text("source"),
        title=reader.text("title"),
        confidence=cast(Confidence, reader.text("confidence", _CONFIDENCES)),
    )
    reader.done()
    return made


def _control(reader: Reader) -> Control:
    made = Control(
        id=reader.text("id"),
        title=reader.text("title"),
        source=reader.text("source"),
        gates=cast(tuple[Gate, ...], reader.texts("gates", _GATES)),
        applies_when=reader.expression("applies_when"),
        check=reader.expression("check", is_check=True) if reader.raw("check") is not None else None,
        evidence=reader.texts("evidence"),
        enforce=cast(Enforce, reader.text("enforce", get_args(Enforce))),
        sandbox=cast(Literal["warn", "block"], reader.text("sandbox", ("warn", "block"))),
        valid_from=reader.day("valid_from"),
        valid_to=reader.day("valid_to"),
        confidence=cast(Confidence, reader.text("confidence", _CONFIDENCES)),
        missing=reader.text("missing"),
        waivable=reader.flag("waivable", otherwise=True),
        grace_days=reader.whole("grace_days") if reader.has("grace_days") else None,
    )
    if made.check is None and not made.evidence:
        reader.fault("check", "a control without a check needs evidence")
    reader.done()
    return made


def _twice(pack: Pack) -> list[Fault]:
    faults = []
    for kind, names in (
        ("fact", [f.name for f in pack.facts]),
        ("evidence type", [t.name for t in pack.evidence_types]),
        ("rule or control", [*(r.id for r in pack.tier_rules), *(c.id for c in pack.controls)]),
    ):
        faults += [
            Fault(rule="pack.twice", column=n, message=f"{kind} {n!r} appears twice")
            for n in sorted({n for n in names if names.count(n) > 1})
        ]
    return faults


def _references(pack: Pack) -> list[Fault]:
    """Find facts and evidence that an expression names and nobody declares; they could never be known."""
    types = {kind.name: kind for kind in pack.evidence_types}
    faults = [
        _reference(c.id, f"evidence type {name!r} is not declared in this pack")
        for c in pack.controls
        for name in c.evidence
        if name not in types
    ]
    asked: list[tuple[str, str, tuple[str, ...]]] = [(r.id, r.when, ()) for r in pack.tier_rules]
    asked += [
        (c.id, expression, c.evidence) for c in pack.controls for expression in (c.applies_when, c.check) if expression
    ]
    allowed = {"use_case": USE_CASE_FACTS, "approvals": APPROVAL_FACTS, "gate": GATE_FACTS, "change": CHANGE_FACTS}
    allowed |= ORGANISATION_FACTS
    allowed["sys"] = ("tier", *(fact.name for fact in pack.facts))
    for owner, expression, listed in asked:
        for root, name, *rest in (path for path in rules.paths(expression) if len(path) > 1):
            if root != "evidence":
                if name not in allowed[root]:
                    faults.append(_reference(owner, f"{root}.{name} is not declared"))
            elif name not in listed:
                faults.append(_reference(owner, f"uses evidence {name!r} without listing it"))
            elif name in types and rest and rest[0] not in types[name].facts:
                faults.append(_reference(owner, f"evidence {name!r} declares no fact {rest[0]!r}"))
    return faults


def _reference(owner: str, message: str) -> Fault:
    return Fault(rule="pack.reference", column=owner, message=f"{owner}: {message}")


def evidence_types(packs: Iterable[Pack]) -> dict[str, EvidenceType]:
    """Merge the evidence types of packs; raises PackInvalid when two packs tell different things of one type."""
    merged: dict[str, EvidenceType] = {}
    faults = []
    for pack in packs:
        for kind in pack.evidence_types:
            if merged.setdefault(kind.name, kind) != kind:
                faults.append(_reference(pack.id, f"evidence type {kind.name!r} differs from another pack's"))
    if faults:
        raise PackInvalid(faults[0].message, faults=faults)
    return merged


def fact_definitions(packs: Iterable[Pack]) -> tuple[FactDefinition, ...]:
    """All facts that packs ask of a use case; the first definition of a name counts."""
    merged: dict[str, FactDefinition] = {}
    for pack in packs:
        for fact in pack.facts:
            merged.setdefault(fact.name, fact)
    return tuple(merged.values())


def version_key(version: str) -> tuple[tuple[int, str], ...]:
    """Order versions by their numbers, 1.10.0 after 1.9.0; what is no number comes before numbers."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in version.split("."))


def combined_digest(packs: Iterable[Pack]) -> str:
    """One digest over all packs in force."""
    return digest({f"{pack.id}@{pack.version}": pack.digest for pack in packs})
