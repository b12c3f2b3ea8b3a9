"""Packs of rules and controls as data, and which are on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from headway.governance.entities.kinds import Confidence, Enforce, FactValue, Gate, PackMode, Status, Tier
from headway.kernel.errors import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class FactDefinition:
    """One fact about a use case that rules may ask for."""

    name: str
    kind: Literal["boolean", "text", "number", "list"]
    values: tuple[str, ...]  # closed set of texts, empty when free
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceType:
    """A kind of evidence: who may write it, how long it counts, which facts it carries."""

    name: str
    title: str
    producer: Literal["auto", "human"]
    freshness_days: int  # 0: counts for the exact subject digest only, without an age limit
    facts: Mapping[str, Literal["boolean", "text", "number"]]
    scope: Literal["subject", "organisation"] = "subject"  # organisation: written once, counts for every subject


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """One ordered rule that may decide the tier."""

    id: str
    tier: Tier
    when: str  # CEL
    source: str
    title: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One condition a gate asks for: when it applies, what evidence it needs, what must hold."""

    id: str
    title: str
    source: str
    gates: tuple[Gate, ...]
    applies_when: str  # CEL
    check: str | None  # CEL; None: the evidence is there and fresh
    evidence: tuple[str, ...]
    enforce: Enforce
    sandbox: Literal["warn", "block"]  # what a failed blocking control does in the sandbox
    valid_from: date | None
    valid_to: date | None
    confidence: Confidence
    missing: str  # what to do, in plain words, when it is not passed
    waivable: bool = True  # whether a waiver may ever stand in for it
    grace_days: int | None = (
        None  # of something that runs: days of warning before it is suspended; None: it is only warned
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """A case with its right answers, which belongs to a pack: a pack that answers otherwise cannot be published.

    ``facts`` holds what rules may see but evidence: ``sys``, ``use_case``, ``approvals``, ``gate``. Evidence is taken as fresh.
    """

    name: str
    gate: Gate
    environment: str
    on: date
    facts: Mapping[str, Mapping[str, FactValue]]
    evidence: Mapping[str, Mapping[str, Scalar]]  # by type
    tier: Tier | None  # what the rules of the pack must say; None: they are not asked
    expect: Mapping[str, Status]  # by control; those not named are not looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A version of a set of rules and controls. Immutable: ``digest`` is SHA-256 over its canonical JSON.

    ``mode``: gates ask the controls of an enforced pack. A mapping pack stops nothing: it shows which proofs there are
    for a framework that has no pass mark of its own.
    """

    id: str
    version: str
    title: str
    note: str
    as_of: date  # the state of the world it was written for
    digest: str
    facts: tuple[FactDefinition, ...]
    evidence_types: tuple[EvidenceType, ...]
    tier_rules: tuple[TierRule, ...]
    controls: tuple[Control, ...]
    mode: PackMode = "enforced"
    golden: tuple[GoldenCase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSwitch:
    """What a person, or the first start, did with a pack: on with one version, or off. The newest of a pack counts."""

    pack: str
    version: str
    digest: str
    is_on: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPack:
    """A published version of a pack, and whether gates ask it."""

    id: str
    version: str
    digest: str
    title: str
    mode: PackMode
    as_of: date
    controls: int
    comes_with: bool  # with Headway, not from the organisation
    is_on: bool
    is_newer: bool  # than the version of the pack that is on
    published_by: str
    published_at: datetime
    switched: PackSwitch | None  # the last that was done with this version
