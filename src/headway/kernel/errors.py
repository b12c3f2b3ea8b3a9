"""Errors that every face of Headway tells in the same words.

A domain subclasses one of the six kinds with a stable ``code``. One place turns them into problem+json (RFC 9457),
exit codes of the command line and pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with an input: where, which rule, what to do."""

    rule: str
    message: str
    row: int | None = None  # counted from 1, the header not counted
    column: str | None = None
    value: str | None = None


class HeadwayError(Exception):
    """A failure told to people: ``code`` is stable, ``hint`` says what to do next."""

    code: ClassVar[str] = "headway.error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        faults: Iterable[Fault] = (),
        values: Mapping[str, Scalar] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.faults = tuple(faults)
        self.values = dict(values or {})


class Invalid(HeadwayError):
    """The input is malformed; nothing was changed."""

    code, status, exit_code = "invalid", 422, 2


class Unauthenticated(HeadwayError):
    """Nobody knows who asks."""

    code, status, exit_code = "unauthenticated", 401, 4


class Denied(HeadwayError):
    """The asker is known and may not; ``values['rule']`` names the rule, ``hint`` tells how to get access."""

    code, status, exit_code = "denied", 403, 4


class NotFound(HeadwayError):
    """The thing named does not exist, or the asker may not know that it does."""

    code, status, exit_code = "not_found", 404, 3


class Conflict(HeadwayError):
    """The state of things does not allow this now."""

    code, status, exit_code = "conflict", 409, 5


class TooLarge(HeadwayError):
    """The input is larger than the limit."""

    code, status, exit_code = "too_large", 413, 2


class Unavailable(HeadwayError):
    """Something this depends on is not there; trying again later may help."""

    code, status, exit_code = "unavailable", 503, 6


def problem(error: HeadwayError) -> dict[str, object]:
    """Render an error as a problem+json object (RFC 9457)."""
    body: dict[str, object] = {
        "type": f"urn:headway:error:{error.code}",
        "title": type(error).__name__,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    }
    if error.hint:
        body["hint"] = error.hint
    if error.faults:
        body["faults"] = [{k: v for k, v in asdict(f).items() if v is not None} for f in error.faults]
    if error.values:
        body["values"] = error.values
    return body
