"""What the council is made of and what it decides: frozen values that cross every boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

SEAT_ROLES = (
    "business", "compliance", "data", "ethics", "finance", "hr", "it", "legal", "privacy", "risk", "security",
    "validator", "works_council",
)  # fmt: skip
VALIDATOR = "validator"
"""The seat that nobody can speak for who proposed a case or made the version."""
OWNER = "owner"
"""A review that no seat gives but the accountable owner of the use case."""

SeatRole = str
Tie = Literal["chair", "rejected"]


class Lane(StrEnum):
    """How a case is decided."""

    automatic = "automatic"  # by rules, without people
    reviewer = "reviewer"  # by one other person: the usual approval
    council = "council"  # by the council, after the reviews it needs


class ItemState(StrEnum):
    """Where an item of the council stands."""

    open = "open"
    escalated = "escalated"  # its time is over without a decision; the sponsor gives it more or takes it back
    approved = "approved"
    rejected = "rejected"
    lapsed = "lapsed"  # what was asked for has changed or was taken back


class Choice(StrEnum):
    """What somebody votes."""

    yes = "yes"
    no = "no"
    abstain = "abstain"


class Capacity(StrEnum):
    """In which capacity somebody casts the vote of a seat."""

    holder = "holder"
    delegate = "delegate"
    deputy = "deputy"


class MemberKind(StrEnum):
    """What somebody is to a seat."""

    holder = "holder"
    deputy = "deputy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one item is decided; frozen when it is opened.

    ``quorum``: seats that must cast a vote. ``needed``: different people who must say yes, as the approval asks.
    ``required``: seats without whose vote nothing is decided. ``reviews``: seats, and ``owner``, whose review is due.
    ``makers``: who proposed the case or made the version, by the records; they never speak for the seat validator.
    """

    quorum: int
    needed: int
    required: tuple[SeatRole, ...]
    reviews: tuple[str, ...]
    tie: Tie
    chair: SeatRole | None
    days: int
    makers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a seat, from one moment until another; no end: still."""

    seat: SeatRole
    person: str
    kind: MemberKind
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Somebody lets another cast the vote of a seat for a while."""

    id: str
    seat: SeatRole
    giver: str
    taker: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Somebody who may cast the vote of a seat now, and as what."""

    person: str
    capacity: Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Recusal:
    """Somebody who takes no part in an item, and why. ``is_automatic``: the records say so, nobody had to declare it."""

    person: str
    reason: str
    is_automatic: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a seat, or the owner, says about an item before the vote."""

    part: str
    person: str
    supports: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatVote:
    """The vote of a seat, cast by one person with a reason. ``meeting``: in which it was given; none: in writing."""

    seat: SeatRole
    person: str
    capacity: Capacity
    choice: Choice
    reason: str
    at: datetime
    meeting: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must be done by a day when the item is approved. ``due_at`` is set with the decision."""

    id: str
    item: str
    usecase: str
    text: str
    owner: str
    days: int
    proposed_by: str
    proposed_at: datetime
    due_at: datetime | None
    met_by: str | None
    met_at: datetime | None
    evidence: str | None
    accepted_by: str | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A council: its seats and how they decide. ``department``: None decides for the whole organisation.

    It meets every ``every_weeks`` weeks at the weekday and the time that ``first_meeting`` has in ``zone``; none: only when asked.
    ``high_risk_lacks``: whose part cases of high risk should not be decided without, and its rules do not ask for; told, never stored.
    """

    slug: str
    title: str
    department: str | None
    quorum: int
    required: tuple[SeatRole, ...]
    reviews: tuple[str, ...]
    tie: Tie
    chair: SeatRole | None
    days: int
    seats: tuple[SeatRole, ...]
    members: tuple[Member, ...]
    delegations: tuple[Delegation, ...]
    every_weeks: int | None
    first_meeting: datetime | None
    zone: str
    minutes_long: int
    ended_at: datetime | None
    high_risk_lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A case before the council, or one that its rules decided. ``why``: what the decision rests on, line by line.

    ``meeting``: in which the seats decided it; none of one that is decided: a written resolution.
    """

    id: str
    body: str
    lane: Lane
    state: ItemState
    approval: str | None
    subject: str
    usecase: str
    environment: str | None
    requested_by: str
    opened_at: datetime
    closes_at: datetime
    rules: Rules
    recusals: tuple[Recusal, ...]
    reviews: tuple[Review, ...]
    votes: tuple[SeatVote, ...]
    conditions: tuple[Condition, ...]
    decided_at: datetime | None
    decided_by: str | None
    why: tuple[str, ...]
    meeting: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the vote stands. ``empty``: seats for which nobody can vote; ``missing_*``: what keeps it from being decided."""

    yes: int
    no: int
    abstain: int
    waiting: tuple[SeatRole, ...]
    empty: tuple[SeatRole, ...]
    missing_seats: tuple[SeatRole, ...]
    missing_reviews: tuple[str, ...]
    has_quorum: bool
    is_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What follows from the votes, and why."""

    state: ItemState
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An item with what the asker may do, who can act for each seat, and who can mend what is missing."""

    item: Item
    tally: Tally
    voices: Mapping[SeatRole, tuple[Voice, ...]]
    own_seats: tuple[SeatRole, ...]
    own_reviews: tuple[str, ...]
    is_recused: bool
    may_close: bool
    may_extend: bool
    may_accept: bool
    mend: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilFigures:
    """How the council works: what waits, how long, and how much rules decided without people."""

    open: int
    escalated: int
    decided: int
    automatic: int
    share_automatic: float | None
    oldest_days: int | None
    median_days: float | None
    conditions_open: int
    conditions_missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """An approved pattern of minimal tier, how much intake rules decided under it, and why they could."""

    umbrella: str
    usecase: str
    title: str
    registrations: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Something that waits for people, and for how long. ``lane``: one reviewer, or the council."""

    ref: str
    title: str
    lane: Lane
    since: datetime
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """How intake of minimal risk is decided, and what else waits.

    ``by_rules``: registrations under approved patterns, which nobody has to be asked about. ``by_people``: use cases of minimal
    tier that were opened on their own. ``share``: of the first in both; None when there is neither.
    """

    by_rules: int
    by_people: int
    share: float | None
    patterns: tuple[Pattern, ...]
    others: tuple[Undecided, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissent:
    """A vote against what was decided, with its reason."""

    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """An item as the ledger alone tells it, line by line."""

    item: str
    state: str
    why: tuple[str, ...]
    dissent: tuple[Dissent, ...]
    lines: tuple[str, ...]
