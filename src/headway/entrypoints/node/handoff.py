"""Between the event loop and the decision log: what one turn of the loop decides is handed over at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from headway.kernel.errors import Unavailable
from headway.runtime import DecisionLog, Entry


class Handoff:
    """Gives entries to the log and wakes who waits for them; belongs to one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, log: DecisionLog) -> None:
        self._loop, self._log = loop, log
        self._entries: list[Entry] = []
        self._waiters: list[asyncio.Future[None]] = []

    def write(self, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Hand entries over; the future is done when they are durable, or fails with Unavailable."""
        if not self._entries:
            self._loop.call_soon(self._flush)
        waiter = self._loop.create_future()
        self._entries.extend(entries)
        self._waiters.append(waiter)
        return waiter

    def note(self, entry: Entry) -> None:
        """Hand an entry over that nobody waits for."""
        if not self._entries:
            self._loop.call_soon(self._flush)
        self._entries.append(entry)

    def _flush(self) -> None:
        entries, self._entries = self._entries, []
        waiters, self._waiters = self._waiters, []
        try:
            self._log.submit(entries, partial(self._written, waiters))
        except Unavailable as error:
            _release(waiters, error)

    def _written(self, waiters: list[asyncio.Future[None]], error: Exception | None) -> None:
        if not waiters:
            return
        try:
            self._loop.call_soon_threadsafe(_release, waiters, error)
        except RuntimeError:  # the loop was closed while the last records were written; nobody waits any more
            return


def _release(waiters: list[asyncio.Future[None]], error: Exception | None) -> None:
    for waiter in waiters:
        if waiter.done():
            continue
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)
