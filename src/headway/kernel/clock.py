"""The one clock. Code asks ``clock.now()``; tests and the simulator set it.

``fixed`` holds the time in a test. ``simulated`` runs a whole process at another time, ids included: the simulated company is
built under it, and nothing else may be.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_source: Callable[[], datetime] | None = None
_simulation: Simulation | None = None


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


@contextmanager
def simulated(at: datetime, seed: int) -> Iterator[Simulation]:
    """Run every thread of this process at a simulated time inside the block; ids follow it and are made of the seed."""
    global _simulation  # noqa: PLW0603  the seam this module exists for
    if _simulation is not None:
        raise RuntimeError("this process is simulated already")
    with fixed(at) as clock:
        _simulation = Simulation(clock, seed)
        try:
            yield _simulation
        finally:
            _simulation = None


def simulation() -> Simulation | None:
    """The simulation that this process runs in; None in real life."""
    return _simulation


class Simulation:
    """A simulated time that only goes forward."""

    def __init__(self, clock: FixedClock, seed: int) -> None:
        self._clock, self.seed = clock, seed
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, int]] = {}

    @property
    def at(self) -> datetime:
        """The simulated time."""
        return self._clock.at

    def go_to(self, at: datetime) -> None:
        """Move on to a time; one that has passed already changes nothing, so that records stay in order."""
        self._clock.at = max(self._clock.at, at.astimezone(UTC))

    def place_of(self, kind: str) -> tuple[int, int]:
        """Give the next thing of a kind its millisecond since 1970 and its number, below 4096, inside that millisecond."""
        with self._lock:
            millis = int(self.at.timestamp() * 1000)
            last, count = self._places.get(kind, (0, 0))
            millis, count = (last, count + 1) if millis <= last else (millis, 0)
            if count >= 1 << 12:
                millis, count = millis + 1, 0
            self._places[kind] = (millis, count)
            return millis, count


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
