"""What excuses a control or lets something in although its gate blocks: waivers and break-glass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WaiverState(StrEnum):
    """What was done with a waiver; whether it counts is a matter of time as well: see ``WaiverStanding``."""

    requested = "requested"
    rejected = "rejected"
    granted = "granted"
    ended = "ended"


class WaiverStanding(StrEnum):
    """Where a waiver stands now; ``ending`` is in force and ends within a week."""

    requested = "requested"
    rejected = "rejected"
    in_force = "in_force"
    ending = "ending"
    over = "over"
    ended = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One control of one pack, excused for one use case in one environment, for at most 30 days.

    ``answered_by`` granted or rejected it. ``number``: the how manieth it is for this control there; ``in_a_row``: how
    many, this one with them, follow each other without 30 days between.
    """

    id: str
    usecase: str
    environment: str
    pack: str  # its id, without a version
    control: str
    subject_digest: str | None  # None: whatever the use case releases there
    reason: str
    compensation: str  # the compensating control: what is done instead meanwhile
    days: int  # how long it is to hold once it is granted
    state: WaiverState
    requested_by: str
    requested_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    ends_at: datetime | None  # None: it was never granted
    ended_by: str | None  # before its time
    ended_at: datetime | None
    ended_because: str | None
    number: int
    in_a_row: int
    standing: WaiverStanding


class BreakGlassState(StrEnum):
    """What was done with a break-glass; where it stands is a matter of time as well: see ``BreakGlassStanding``."""

    requested = "requested"
    rejected = "rejected"
    confirmed = "confirmed"
    reviewed = "reviewed"


class ReviewFinding(StrEnum):
    """What a review found of a break-glass."""

    justified = "justified"
    not_justified = "not_justified"


class BreakGlassStanding(StrEnum):
    """Where a break-glass stands now.

    ``lapsed``: nobody confirmed it within a day. ``open``: it lets in, and waits for its review; ``overdue``: it lets in
    no more, and nobody reviewed it in time.
    """

    requested = "requested"
    lapsed = "lapsed"
    rejected = "rejected"
    open = "open"
    overdue = "overdue"
    justified = "justified"
    not_justified = "not_justified"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """In an emergency, one exact subject let into an environment although its gate blocks; ``answered_by`` confirmed or rejected it."""

    id: str
    usecase: str
    environment: str
    subject: str
    subject_digest: str
    reason: str
    state: BreakGlassState
    requested_by: str
    requested_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    confirmed_at: datetime | None  # None: it was not confirmed
    ends_at: datetime | None  # three days after it was confirmed; until then it lets in and has to be reviewed
    reviewed_by: str | None
    reviewed_at: datetime | None
    finding: ReviewFinding | None
    review: str | None
    standing: BreakGlassStanding
