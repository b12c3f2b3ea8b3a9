"""What can go wrong in the portfolio, each with a stable code."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class UnknownPilot(NotFound):
    """No pilot has this id."""

    code = "portfolio.unknown_pilot"


class PilotRunning(Conflict):
    """The pilot has not ended yet."""

    code = "portfolio.pilot_running"


class StillAtWork(Conflict):
    """The use case still has deployments; they have to be retired first."""

    code = "portfolio.still_at_work"


class ExpectationsUnmet(Invalid):
    """The file does not hold what the solution needs to learn."""

    code = "portfolio.expectations_unmet"


class UnknownReplay(NotFound):
    """No replay has this id."""

    code = "portfolio.unknown_replay"


class AllocationInvalid(Invalid):
    """What is asked for, the limits or a choice cannot be read; every fault is named."""

    code = "portfolio.allocation_invalid"


class AllocationImpossible(Conflict):
    """What must be done goes past a limit, so nothing can be chosen."""

    code = "portfolio.allocation_impossible"


class UnknownAllocation(NotFound):
    """No round of allocation has this id."""

    code = "portfolio.unknown_allocation"


class AllocationDecided(Conflict):
    """The round was decided and does not change any more."""

    code = "portfolio.allocation_decided"
