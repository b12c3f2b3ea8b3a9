"""Errors of the council."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Denied, Invalid, NotFound


class BodyUnknown(NotFound):
    """No council has this name."""

    code = "council.body_unknown"


class ItemUnknown(NotFound):
    """Nothing before the council has this id."""

    code = "council.item_unknown"


class ConditionUnknown(NotFound):
    """No condition has this id."""

    code = "council.condition_unknown"


class MeetingUnknown(NotFound):
    """No meeting has this id."""

    code = "council.meeting_unknown"


class MinutesUnknown(NotFound):
    """A meeting has no such minutes, or no such file of them."""

    code = "council.minutes_unknown"


class CalendarUnknown(NotFound):
    """The address of a calendar does not count, or no longer does."""

    code = "council.calendar_unknown"


class CouncilInvalid(Invalid):
    """What is said of a council, a seat, a vote or a condition cannot be; every fault is told."""

    code = "council.invalid"


class CouncilTaken(Conflict):
    """There is a council for this part of the organisation already, or under this name."""

    code = "council.taken"


class CouncilDecides(Conflict):
    """The council decides this approval; nobody can give it or turn it down alone."""

    code = "council.decides"


class NotYourSeat(Denied):
    """What somebody wants to do belongs to a seat, an owner or a chair that they are not."""

    code = "council.not_your_seat"


class VoteRefused(Conflict):
    """The vote cannot be cast: it is over, was cast, or whoever casts it takes no part."""

    code = "council.vote_refused"


class StepRefused(Conflict):
    """The item, condition or meeting is not at the point at which this can be done."""

    code = "council.step_refused"
