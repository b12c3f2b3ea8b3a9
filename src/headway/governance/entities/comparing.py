"""Two versions of a pack, and what work at hand would become under another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from headway.governance.entities.kinds import Enforce, Result, Status, Tier

PackPart = Literal["pack", "control", "tier_rule", "fact", "evidence_type"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that reads differently; None where it was or is left open."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackChange:
    """A part of a pack that came, went or changed; ``fields`` says how, for what changed."""

    part: PackPart
    id: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackDiff:
    """What differs between two versions of a pack; ``old`` and ``new`` as ``id@version``."""

    old: str
    new: str
    old_digest: str
    new_digest: str
    changes: tuple[PackChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChange:
    """A control that answers differently; None where it is not asked."""

    id: str
    pack: str  # its id, without a version
    title: str
    before: Status | None
    after: Status | None
    enforce_before: Enforce | None
    enforce_after: Enforce | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectImpact:
    """What a gate says of something that is released, as things stand and as they would be."""

    verdict: str  # the newest one, which may be served
    environment: str
    subject: str
    subject_digest: str
    before: Result
    after: Result
    controls: tuple[ControlChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCaseImpact:
    """A use case for which something changes.

    ``tier`` is the one that was decided; ``tier_before`` and ``tier_after`` are what the rules say of it now and then.
    A tier that a person decided stays, unless the rules find the use prohibited.
    """

    usecase: str
    title: str
    department: str
    tier: Tier
    is_by_person: bool
    tier_before: Tier
    tier_after: Tier
    facts_needed: tuple[str, ...]  # what the new rules do not know
    subjects: tuple[SubjectImpact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Which use cases change under other packs or on another day, before anything is switched on."""

    on: date
    packs_before: Mapping[str, str]  # "id@version" to digest
    packs_after: Mapping[str, str]
    looked_at: int  # use cases that are not retired
    gates_asked: int  # releases that may be served, each asked twice
    usecases: tuple[UseCaseImpact, ...]  # what blocks first, then by name
