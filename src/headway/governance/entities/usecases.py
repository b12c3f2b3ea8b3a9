"""Use cases, the systems and vendors they rest on, and exceptions from their tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from headway.governance.entities.kinds import EntryState, FactValue, SystemKind, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSummary:
    """A system as its use cases name it."""

    slug: str
    title: str
    kind: SystemKind
    vendor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFact:
    """A risk fact that the platform knows by itself, and from what: references to systems, vendors, a department."""

    name: str
    value: FactValue
    sources: tuple[str, ...]


class ExceptionCondition(StrEnum):
    """Why a use of Annex III is held not to be high-risk: the four conditions of Art. 6(3) of the EU AI Act."""

    narrow_task = "narrow_task"
    improves_finished_work = "improves_finished_work"
    detects_patterns = "detects_patterns"
    preparatory_task = "preparatory_task"


class ExceptionState(StrEnum):
    """What became of an assessed exception; whether an accepted one still counts is told by ``TierException.counts``."""

    assessed = "assessed"
    accepted = "accepted"
    refused = "refused"
    ended = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierException:
    """An assessed exception from the tier high: by whom, why, accepted by somebody else, for a time, for the use as it was.

    ``basis``: digest over what the use case was when it was assessed; of another use the exception does not count.
    """

    id: str
    usecase: str
    condition: ExceptionCondition
    reasons: str
    days: int
    basis: str
    state: ExceptionState
    assessed_by: str
    assessed_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    ends_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None
    counts: bool  # now: accepted, not over, not ended, of the use case as it is


@dataclass(frozen=True, slots=True)
class ExceptionMark:
    """What of the newest accepted exception settles whether it counts."""

    id: str
    basis: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """One entry of the AI inventory. What nobody has said stays None and is named in ``missing``."""

    slug: str
    title: str
    department: str
    solution: str | None
    purpose: str | None
    owner: str | None  # the person who answers for it
    sponsor: str | None
    success_measure: str | None
    people_affected: str | None
    risk: Mapping[str, FactValue]  # what people said
    derived: tuple[DerivedFact, ...]  # what the platform knows by itself; it counts beside what people said
    systems: tuple[SystemSummary, ...]
    digest: str  # over what a tier decision depends on: department, solution, purpose, people affected, risk facts
    tier: Tier
    missing: tuple[str, ...]
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Something that does the work of use cases. Its versions and deployments are those of the use cases it serves."""

    slug: str
    title: str
    kind: SystemKind
    vendor: str | None  # who supplies it, or the model in it; always there when the kind is vendor_supplied
    description: str | None
    usecases: tuple[str, ...]
    status: EntryState
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """Somebody outside who supplies systems, or models in them. ``missing`` names in words what is not in order."""

    slug: str
    name: str
    supplies: str | None
    contact: str | None
    contract_ends: date | None  # the last day
    exit_plan: str | None  # how to go on without them
    systems: tuple[str, ...]  # retired ones too
    digest: str  # over what an assessment looks at: name, supplies, end of the contract, exit plan
    assessed_at: datetime | None  # by the newest evidence of type vendor_assessment
    assessed_until: datetime | None
    missing: tuple[str, ...]
    status: EntryState
    opened_by: str
    opened_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    retired_by: str | None
    retired_because: str | None
