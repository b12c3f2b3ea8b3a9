"""The one clock. Code asks ``clock.now()``; tests and the simulator set it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_source: Callable[[], datetime] | None = None


def now() -> datetime:
    """The time as an aware UTC datetime."""
    return _source() if _source else datetime.now(UTC)


@contextmanager
def fixed(at: datetime) -> Iterator[FixedClock]:
    """Hold the clock at ``at`` (aware) inside the block; ``advance`` moves it."""
    global _source  # noqa: PLW0603  the seam this module exists for
    before, clock = _source, FixedClock(at)
    _source = clock
    try:
        yield clock
    finally:
        _source = before


class FixedClock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        self.at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the clock on."""
        self.at += by


def iso(at: datetime) -> str:
    """Write a time as RFC 3339 in UTC with microseconds and Z, so that text order is time order."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:-6] + "Z"


def parse(text: str) -> datetime:
    """Read an RFC 3339 time; a time without zone is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
