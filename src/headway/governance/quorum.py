"""The quorum: how many different people, besides the one who asks, must say yes before an approval counts."""

from __future__ import annotations

from collections.abc import Iterable

from headway.governance.entities import Approval, ApprovalState, Vote
from headway.kernel.errors import Fault
from headway.kernel.settings import ENVIRONMENTS

LEAST, MOST = 1, 9
VOTED_IN = tuple(name for name in ENVIRONMENTS if name != "sandbox")


def needed(at_request: int, in_force: int, state: ApprovalState) -> int:
    """Say how many must say yes: raising the quorum reaches open requests, lowering it does not, decided ones keep theirs."""
    return max(at_request, in_force) if state is ApprovalState.requested else at_request


def sayers(votes: Iterable[Vote], requested_by: str) -> frozenset[str]:
    """Name the people whose yes counts: each once, never who asked."""
    return frozenset(vote.person for vote in votes) - {requested_by}


def is_reached(votes: Iterable[Vote], requested_by: str, needed: int) -> bool:
    """Tell whether enough people said yes; a quorum below the least there is never reached."""
    return needed >= LEAST and len(sayers(votes, requested_by)) >= needed


def missing(approval: Approval) -> int:
    """Count how many more people must say yes."""
    return max(approval.needed - len(sayers(approval.votes, approval.requested_by)), 0)


def faults(environment: str, needed: int, reason: str) -> list[Fault]:
    """Find everything that is wrong with a wish to change the quorum."""
    found = []
    if environment not in VOTED_IN:
        message = f"a quorum is kept for {' and '.join(VOTED_IN)}"
        found.append(Fault(rule="quorum.environment", column="environment", value=environment, message=message))
    if not LEAST <= needed <= MOST:
        message = f"between {LEAST} and {MOST} people besides the requester must say yes"
        found.append(Fault(rule="quorum.range", column="needed", value=str(needed), message=message))
    if not reason.strip():
        found.append(Fault(rule="quorum.reason", column="reason", message="give a reason"))
    return found
