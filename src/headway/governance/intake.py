"""Words of intake: proposals and what they are like, who joined, umbrellas and who registered, tools that were seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from headway.governance.entities import Tier

LEAST_REASON = 10
LONGEST_UMBRELLA = 365
"""Days that an umbrella may last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An entry that is like a proposal, and why."""

    slug: str
    title: str
    department: str
    owner: str | None
    score: float  # 0 to 1
    is_twin: bool
    """So alike that who opens another entry must say why it is different, or join this one."""
    is_retired: bool
    words: tuple[str, ...]
    """What both say, in the words of the proposal."""
    data: tuple[str, ...]
    """What both rest on: references of products, digests of snapshots, ``solution:NAME``."""
    umbrella: str | None
    """The umbrella in force that this entry is; whoever does what it describes registers under it."""
    conditions: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinction:
    """Why an entry is another one than one very like it."""

    usecase: str
    other: str
    reason: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Somebody of a department who uses what a use case gives, instead of opening an entry of their own."""

    id: str
    usecase: str
    department: str
    person: str
    what_for: str
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What ties an entry to others and to people: who joined, and which entries it was said to differ from, or that from it."""

    usecase: str
    joins: tuple[Join, ...]
    distinctions: tuple[Distinction, ...]


# --- umbrellas ---------------------------------------------------------------------------------------------------

UmbrellaTier = Literal["minimal", "transparency"]


class UmbrellaState(StrEnum):
    """Where an umbrella stands. Only under one in force can anybody register; under others registrations have lapsed."""

    asked = "asked"
    in_force = "in_force"
    above_tier = "above_tier"  # the tier of its entry is open, or higher than the umbrella allows
    expired = "expired"
    ended = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Umbrella:
    """A use case as a pattern of low risk under which people register in one step."""

    id: str
    usecase: str
    title: str
    purpose: str | None
    department: str
    conditions: str
    tier: UmbrellaTier
    """The highest that it allows."""
    tier_now: Tier
    state: UmbrellaState
    valid_until: date
    registrations: int
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Somebody who does what an umbrella describes, under its conditions; lapsed when it is not in force."""

    id: str
    umbrella: str
    department: str
    person: str
    what_for: str
    registered_at: datetime
    is_lapsed: bool


_RISING = (Tier.minimal, Tier.transparency)


def umbrella_state(
    *, approved: bool, ended: bool, tier: Tier, allowed: UmbrellaTier, valid_until: date, today: date
) -> UmbrellaState:
    """Tell where an umbrella stands; its last day still counts."""
    if ended:
        return UmbrellaState.ended
    if today > valid_until:
        return UmbrellaState.expired
    if not approved:
        return UmbrellaState.asked
    return UmbrellaState.in_force if tier_fits(tier, allowed) else UmbrellaState.above_tier


def tier_fits(tier: Tier, allowed: UmbrellaTier) -> bool:
    """Whether a tier is one that an umbrella allows; an open one is not."""
    return tier in _RISING[: _RISING.index(Tier(allowed)) + 1]


# --- tools that were seen ----------------------------------------------------------------------------------------


class SightingState(StrEnum):
    """What became of a tool that was seen."""

    open = "open"
    entry = "entry"  # it got an entry of its own
    umbrella = "umbrella"  # it is registered under an umbrella
    joined = "joined"  # its users joined an entry
    dismissed = "dismissed"


Outcome = Literal["entry", "umbrella", "joined", "dismissed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingReport:
    """What somebody said of a tool; ``reporter`` is None for whoever may not know."""

    reporter: str | None
    is_unnamed: bool
    what_for: str
    reported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A tool that was reported or that a gateway saw: one item for each tool and department."""

    id: str
    tool: str
    host: str | None
    department: str | None  # None: nobody knows
    uses: int
    users: int
    """The most different users that one log showed; who they are is never kept."""
    first_seen: datetime
    last_seen: datetime
    age_days: int
    """Since it came into the queue, or came back."""
    state: SightingState
    reports: tuple[SightingReport, ...]
    entries: tuple[str, ...]
    """Entries of the inventory that name the tool or its host."""
    settled_by: str | None
    settled_at: datetime | None
    reason: str | None
    usecase: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayImport:
    """What reading the log of a gateway did."""

    filename: str
    digest: str
    lines: int
    added: int
    updated: int
    reopened: int
    known: int
    """Items that are settled already."""
    unknown_hosts: tuple[str, ...]
    """Hosts that the table of known tools does not have; they are kept by their own name."""
