"""The API's problems (RFC 9457) as exceptions: one class a kind, of the same names as on the server.

Catch the kind (``NotFound``, ``Conflict``) or compare ``error.code``, which is stable; the codes are listed in the
reference. A few codes that programs act on have a class of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class HeadwayError(Exception):
    """A problem that the API told, or that kept the API from answering.

    ``code`` is stable; ``hint`` says what to do next; ``faults`` lists each thing wrong with an input (``rule``,
    ``message``, and ``row``, ``column``, ``value`` where known); ``values`` holds what the problem is about;
    ``request_id`` names the request in the server's log where the server tells it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: Mapping[str, object], status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(problem.get("detail", f"HTTP status {status}")))
        told = headers or {}
        self.problem = dict(problem)
        self.status = status
        self.code = str(problem.get("code", "headway.error"))
        hint, faults, values = problem.get("hint"), problem.get("faults"), problem.get("values")
        self.hint = str(hint) if hint else None
        self.faults: list[dict[str, Any]] = faults if isinstance(faults, list) else []
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        self.request_id = told.get("x-request-id")
        self.retry_after_s = _seconds(told.get("retry-after"))
        self.decided: list[Any] = []
        """Decisions made before ``decide_frame`` broke off."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.problem, self.status, self.request_id, self.retry_after_s)


def _again(
    kind: type[HeadwayError], problem: dict[str, object], status: int, request_id: str | None, wait: float | None
) -> HeadwayError:
    made = kind(problem, status)
    made.request_id, made.retry_after_s = request_id, wait
    return made


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


class Invalid(HeadwayError):
    """The input is malformed; nothing was changed."""

    exit_code = 2


class ContractBroken(Invalid):
    """Records do not keep the data contract; ``faults`` lists every fault of every record, none was decided."""


class TooLarge(HeadwayError):
    """The input is larger than the limit."""

    exit_code = 2


class NotFound(HeadwayError):
    """The thing named does not exist, or you may not know that it does."""

    exit_code = 3


class Unauthenticated(HeadwayError):
    """The token is missing, unknown, revoked or expired."""

    exit_code = 4


class Denied(HeadwayError):
    """You may not; ``values["rule"]`` names the rule and ``hint`` tells how to get access."""

    exit_code = 4


class SamePerson(Denied):
    """Who asked for something cannot approve it; a second person has to."""


class Conflict(HeadwayError):
    """The state of things does not allow this now."""

    exit_code = 5


class GateBlocked(Conflict):
    """A gate does not let the subject in; ``faults`` are the controls not passed."""


class StillRunning(Conflict):
    """The first request with the same Idempotency-Key has not ended yet."""


class Unavailable(HeadwayError):
    """Something is not there right now; trying again later may help."""

    exit_code = 6


class RateLimited(Unavailable):
    """Too many requests; ``retry_after_s`` tells how long to wait, where known."""


class NoAnswer(Unavailable):
    """Nothing answered at the address; the request may or may not have been carried out."""


class TimedOut(Unavailable):
    """A job still runs after the time that one was willing to wait."""


class ServerFault(HeadwayError):
    """Something went wrong in Headway itself; ``hint`` names the entry of its log."""


class NotTheApi(HeadwayError):
    """What answered is not Headway's API: a redirect or a page, as of a proxy that asks to sign in."""


_BY_STATUS: dict[int, type[HeadwayError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Denied,
    404: NotFound,
    405: Invalid,
    409: Conflict,
    410: NotFound,
    413: TooLarge,
    415: Invalid,
    422: Invalid,
    429: RateLimited,
    500: ServerFault,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
_BY_CODE: dict[str, type[HeadwayError]] = {
    "client.no_answer": NoAnswer,
    "client.not_the_api": NotTheApi,
    "client.timeout": TimedOut,
    "governance.gate_blocked": GateBlocked,
    "governance.same_person": SamePerson,
    "idempotency.still_running": StillRunning,
    "runtime.contract_broken": ContractBroken,
}


def from_problem(problem: Mapping[str, object], status: int, headers: Mapping[str, str] | None = None) -> HeadwayError:
    """Make the exception that fits a problem's code, else its status."""
    kind = _BY_CODE.get(str(problem.get("code"))) or _BY_STATUS.get(status)
    if kind is None:
        kind = NotTheApi if 300 <= status < 400 else HeadwayError
    return kind(problem, status, headers)
