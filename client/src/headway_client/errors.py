"""The API's problems (RFC 9457) as exceptions of the same names as on the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class HeadwayError(Exception):
    """A problem that the API told; ``faults`` lists each thing wrong with an input, ``hint`` what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: Mapping[str, object], status: int) -> None:
        super().__init__(str(problem.get("detail", f"HTTP status {status}")))
        self.problem = dict(problem)
        self.status = status
        self.code = str(problem.get("code", "headway.error"))
        hint = problem.get("hint")
        self.hint = str(hint) if hint else None
        faults = problem.get("faults")
        self.faults: list[dict[str, object]] = faults if isinstance(faults, list) else []


class Invalid(HeadwayError):
    """The input is malformed."""

    exit_code = 2


class TooLarge(HeadwayError):
    """The input is larger than the limit."""

    exit_code = 2


class NotFound(HeadwayError):
    """The thing named does not exist."""

    exit_code = 3


class Unauthenticated(HeadwayError):
    """The token is missing, unknown, revoked or expired."""

    exit_code = 4


class Denied(HeadwayError):
    """The asker may not; ``problem["values"]["rule"]`` names the rule."""

    exit_code = 4


class Conflict(HeadwayError):
    """The state of things does not allow this now."""

    exit_code = 5


class Unavailable(HeadwayError):
    """Something is not there right now; try again later."""

    exit_code = 6


_BY_STATUS: dict[int, type[HeadwayError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Denied,
    404: NotFound,
    409: Conflict,
    410: Conflict,
    413: TooLarge,
    422: Invalid,
    429: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def from_problem(problem: Mapping[str, object], status: int) -> HeadwayError:
    """Make the exception that fits a status."""
    return _BY_STATUS.get(status, HeadwayError)(problem, status)
