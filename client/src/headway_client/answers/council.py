"""Answers about councils, what is before them, and conditions."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer


class CouncilMember(Answer):
    """Somebody in a seat, from one moment until another; no end: still."""

    seat: str
    person: str
    kind: str
    since: datetime
    until: datetime | None


class CouncilDelegation(Answer):
    """Somebody lets another cast the vote of a seat for a while."""

    id: str
    seat: str
    giver: str
    taker: str
    since: datetime
    until: datetime


class Council(Answer):
    """A council: its rules, its seats and who sits in them. No department: it decides for the whole organisation."""

    shown = ("slug", "title", "department", "quorum", "days")
    slug: str
    title: str
    department: str | None
    quorum: int
    required: list[str]
    reviews: list[str]
    tie: str
    chair: str | None
    days: int
    seats: list[str]
    members: list[CouncilMember]
    delegations: list[CouncilDelegation]
    every_weeks: int | None
    first_meeting: datetime | None
    zone: str
    minutes_long: int
    ended_at: datetime | None
    high_risk_lacks: list[str]


class CouncilFigures(Answer):
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


class CouncilPattern(Answer):
    """An approved pattern, how much intake rules decided under it, and why they could."""

    umbrella: str
    usecase: str
    title: str
    registrations: int
    why: list[str]


class CouncilUndecided(Answer):
    """Something that waits for people, and for how long."""

    ref: str
    title: str
    lane: str
    since: datetime
    days: int


class CouncilLanes(Answer):
    """How intake of minimal risk is decided, and what else waits."""

    shown = ("by_rules", "by_people", "share")
    by_rules: int
    by_people: int
    share: float | None
    patterns: list[CouncilPattern]
    others: list[CouncilUndecided]


class CouncilRules(Answer):
    """How one item is decided; frozen when it was opened."""

    quorum: int
    needed: int
    required: list[str]
    reviews: list[str]
    tie: str
    chair: str | None
    days: int
    makers: list[str]


class Recusal(Answer):
    """Somebody who takes no part in an item, and why."""

    person: str
    reason: str
    is_automatic: bool
    at: datetime


class CouncilReview(Answer):
    """What a seat, or the owner, said about an item before the vote."""

    part: str
    person: str
    supports: bool
    text: str
    at: datetime


class SeatVote(Answer):
    """The vote of a seat."""

    seat: str
    person: str
    capacity: str
    choice: str
    reason: str
    at: datetime
    meeting: str | None


class CouncilCondition(Answer):
    """What must be done by a day after a yes."""

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


class CouncilItem(Answer):
    """A case before the council, or one that its rules decided."""

    shown = ("id", "state", "lane", "usecase", "environment", "closes_at")
    id: str
    body: str
    lane: str
    state: str
    approval: str | None
    subject: str
    usecase: str
    environment: str | None
    requested_by: str
    opened_at: datetime
    closes_at: datetime
    rules: CouncilRules
    recusals: list[Recusal]
    reviews: list[CouncilReview]
    votes: list[SeatVote]
    conditions: list[CouncilCondition]
    decided_at: datetime | None
    decided_by: str | None
    why: list[str]
    meeting: str | None


class CouncilTally(Answer):
    """How a vote stands."""

    yes: int
    no: int
    abstain: int
    waiting: list[str]
    empty: list[str]
    missing_seats: list[str]
    missing_reviews: list[str]
    has_quorum: bool
    is_certain: bool


class CouncilVoice(Answer):
    """Somebody who may cast the vote of a seat now, and as what."""

    person: str
    capacity: str


class CouncilStanding(Answer):
    """An item with what the asker may do, who can vote for each seat, and who can mend what is missing."""

    item: CouncilItem
    tally: CouncilTally
    voices: dict[str, list[CouncilVoice]]
    own_seats: list[str]
    own_reviews: list[str]
    is_recused: bool
    may_close: bool
    may_extend: bool
    may_accept: bool
    mend: list[str]


class Dissent(Answer):
    """A vote against what was decided."""

    person: str
    reason: str


class CouncilStory(Answer):
    """An item as the ledger alone tells it."""

    item: str
    state: str
    why: list[str]
    dissent: list[Dissent]
    lines: list[str]
