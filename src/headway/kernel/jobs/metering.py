"""How much computing each job took: the time that the process spent, divided among the steps it ran at that time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


def process_seconds() -> float:
    """CPU seconds of this process and of its children that have ended, on all cores."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


@dataclass(slots=True)
class Reading:
    """What one step has taken so far."""

    cpu_seconds: float = 0.0


class Meter:
    """Divides the process's CPU time evenly among the steps that run at the same time.

    Threads of libraries cannot be told apart by step, so the parts of steps that run together are estimates; their sum is
    what the process took while any step ran. What it takes while none runs is nobody's.
    """

    def __init__(self, seconds: Callable[[], float] = process_seconds) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: list[Reading] = []
        self._last = 0.0

    @contextmanager
    def measured(self) -> Iterator[Reading]:
        """Measure the work of a ``with`` block; the reading is whole when the block has ended."""
        reading = Reading()
        with self._lock:
            self._divide()
            self._running.append(reading)
        try:
            yield reading
        finally:
            with self._lock:
                self._divide()
                self._running = [one for one in self._running if one is not reading]

    def _divide(self) -> None:
        now = self._seconds()
        for reading in self._running:
            reading.cpu_seconds += (now - self._last) / len(self._running)
        self._last = now


METER = Meter()
"""Of this process."""
