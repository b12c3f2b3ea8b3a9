"""What people see of a job, and the ways a running one ends early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from headway.kernel import errors
from headway.kernel.auth import Actor, RoleGrant


class JobStatus(StrEnum):
    """Where a job stands."""

    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step of a job that has been begun; ``error`` is what its last attempt met.

    ``cpu_seconds`` is what its ended attempts took on all cores; of steps that ran together each has an even part.
    """

    name: str
    attempts: int
    started_at: datetime
    ended_at: datetime | None
    error: str | None
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A durable piece of work. ``error`` is a problem object (RFC 9457); ``total`` 0 means that nobody can tell."""

    id: str
    name: str
    status: JobStatus
    done: int
    total: int
    message: str
    steps: tuple[StepView, ...]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    actor: str


class JobStopped(BaseException):
    """Ends a running job function from inside; not an Exception, so that no handler takes it for a failure."""


class JobCancelled(JobStopped):
    """Somebody cancelled the job."""


class JobInterrupted(JobStopped):
    """This process stops, or another one has taken the job over: leave everything to the next run."""


def actor_to_plain(actor: Actor) -> dict[str, Any]:
    """Write an actor so that a later process can act for the same person with the same rights."""
    return {
        "ref": actor.ref,
        "name": actor.name,
        "roles": [{"role": grant.role, "department": grant.department} for grant in actor.roles],
        "scopes": None if actor.scopes is None else sorted(actor.scopes),
    }


def actor_from_plain(plain: Mapping[str, Any]) -> Actor:
    """Undo ``actor_to_plain``."""
    return Actor(
        ref=plain["ref"],
        name=plain["name"],
        roles=tuple(RoleGrant(role=grant["role"], department=grant["department"]) for grant in plain["roles"]),
        scopes=None if plain["scopes"] is None else frozenset(plain["scopes"]),
    )


_KINDS: tuple[type[errors.HeadwayError], ...] = (
    errors.Invalid,
    errors.Unauthenticated,
    errors.Denied,
    errors.NotFound,
    errors.Conflict,
    errors.TooLarge,
    errors.Unavailable,
)


def error_from_problem(problem: Mapping[str, Any]) -> errors.HeadwayError:
    """Make the error that a problem object tells of: same kind, code, hint, faults and values."""
    kind = next((kind for kind in _KINDS if kind.status == problem["status"]), errors.HeadwayError)
    same_code = type(kind.__name__, (kind,), {"code": problem["code"]})
    made: errors.HeadwayError = same_code(
        problem["detail"],
        hint=problem.get("hint"),
        faults=[errors.Fault(**fault) for fault in problem.get("faults", ())],
        values=problem.get("values"),
    )
    return made
