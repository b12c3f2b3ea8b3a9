"""Values of an allocation: what use cases ask for, the limits, the best choice, and the choice that people made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from headway.governance import mandates


class ValueSource(StrEnum):
    """Where the expected value of a request comes from; both are claims until something is measured."""

    claim = "claim"  # a person said it
    projection = "projection"  # an ROI projection, with its evidence


class AllocationState(StrEnum):
    """Where an allocation stands."""

    drafted = "drafted"
    decided = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a use case asks for over the period, and what is expected of it.

    Money is in minor units. ``people`` are full-time equivalents times a hundred, so that sums are exact.
    """

    usecase: str
    department: str
    budget: int
    compute_hours: int
    people: int
    value: int
    """Expected value over its own horizon, net of what is asked for here or not as its source says; may be negative."""
    risk: int = 0
    """Expected yearly loss that stays after treatment."""
    is_must: bool = False
    """Whether the law or a promise demands it; chosen before anything is compared."""
    requires: tuple[str, ...] = ()
    """Use cases without which it cannot be done."""
    excludes: tuple[str, ...] = ()
    """Use cases that do the same work: at most one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What there is to give; None: as much as is asked for."""

    budget: int | None = None
    compute_hours: int | None = None
    people: int | None = None
    risk: int | None = None
    department_budget: Mapping[str, int] | None = None
    """Of single departments, in minor units; those not named are held by ``budget`` alone."""
    most_for_one_department: int | None = None
    """No department gets more than this many use cases."""
    appetite: mandates.Headroom | None = None
    """What the risk appetite in force when the round was drafted leaves; None: none was in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A limit that a choice goes past, or a rule between use cases that it breaks.

    Of a limit of the risk appetite ``allowed`` and ``asked`` count use cases: those live at once, or those that pass it.
    """

    limit: str
    department: str | None
    allowed: int
    asked: int
    usecases: tuple[str, ...]
    tier: str | None = None
    """Of a limit of the risk appetite on a tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a choice takes of each resource, and what it is expected to bring."""

    value: int
    budget: int
    compute_hours: int
    people: int
    risk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A choice of use cases, what it takes and brings, and the limits it goes past."""

    chosen: tuple[str, ...]
    used: Used
    breaches: tuple[Breach, ...]
    at_most: int | None = None
    """Of the best choice: what any choice within the limits could bring; equal to its value where it is proved best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contention:
    """How much of a resource is asked for against what there is, by department."""

    resource: str
    available: int | None
    asked: int
    by_department: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two use cases of a round that may do the same work."""

    usecase: str
    other: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRequest:
    """What a use case asks for; the newest counts, none is ever changed."""

    id: str
    usecase: str
    department: str
    budget: int
    currency: str
    compute_hours: int
    people: int
    months: int
    value: int
    value_source: ValueSource
    projection: str | None
    """The projection that the value is from."""
    risk: int
    is_must: bool
    reason: str
    requires: tuple[str, ...]
    requested_by: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A use case about which people decided otherwise than the best choice, and why."""

    usecase: str
    is_chosen: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A round: what was asked, the limits, the best choice, and what people chose with what it costs."""

    id: str
    title: str
    state: AllocationState
    starts: date
    ends: date
    currency: str
    limits: Limits
    needs: tuple[Need, ...]
    contention: tuple[Contention, ...]
    overlaps: tuple[Overlap, ...]
    best: Plan
    choice: Plan | None
    differences: tuple[Difference, ...]
    cost_of_difference: int | None
    """Expected value that the choice forgoes against the best one; negative when it goes past a limit for more."""
    drafted_by: str
    drafted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
