"""The decision log of one node worker: a record is acknowledged only when it lies on the disk.

Callers hand entries over; one thread writes everything that waits as one group into both files of the open segment,
syncs them and then releases all waiters: the price of a sync is shared, no answer leaves before its record is safe.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from headway.kernel import clock, ids
from headway.kernel.errors import Unavailable
from headway.runtime import records, segments
from headway.runtime.records import Entry
from headway.runtime.segments import Header, Link, Part

GROUP_BYTES = 8 << 20
RETRY_SECONDS = 0.5

Done = Callable[[Exception | None], None]


class LogBacklogged(Unavailable):
    """More waits to be written than the node may hold."""

    code = "runtime.log_backlogged"


class LogUnwritable(Unavailable):
    """The disk does not take the decision log; without it nothing is decided."""

    code = "runtime.log_unwritable"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSpec:
    """Where and how a worker writes its log."""

    folder: Path
    environment: str
    node: str
    slot: int
    key: bytes
    segment_seconds: float
    segment_bytes: int
    pending_bytes: int


class SegmentWriter:
    """One open segment: two files, made durable before the first group."""

    def __init__(self, spec: LogSpec, previous: Link, sync: Callable[[int, int], None]) -> None:
        self.segment = ids.new_id("seg")
        self.link = previous
        self.opened = time.monotonic()
        self.bytes = 0
        self._groups = 0
        self._sync = sync
        self._head = records.place_head(spec.node, self.segment)
        opened_at = clock.iso(clock.now())
        self._files: list[_File] = []
        try:
            for part in ("log", "side"):
                header = Header(
                    part=part, segment=self.segment, environment=spec.environment, node=spec.node, slot=spec.slot,
                    opened_at=opened_at, previous=previous,
                )  # fmt: skip
                self._files.append(_File(spec, header))
            sync(*(file.descriptor for file in self._files))
            sync_folder(spec.folder)
        except OSError:
            self.close()
            raise

    def write(self, entries: Sequence[Entry]) -> None:
        """Append one group to both files and sync them; raises OSError, after which the segment must be abandoned."""
        seq, prev, place, head = self.link.seq, self.link.head, records.place, self._head
        placed: list[bytes] = []
        for entry in entries:
            seq += 1
            record = place(entry.body, head, seq, prev)
            prev = records.link(record)
            placed.append(record)
        log, side = self._files
        number = self._groups
        log.append(segments.group_frame(log.key, log.bound, number, placed, last_seq=seq, head=prev))
        sides = [entry.side for entry in entries if entry.side is not None]
        side.append(segments.group_frame(side.key, side.bound, number, sides, last_seq=seq, head=prev))
        self._sync(log.descriptor, side.descriptor)
        log.keep()
        side.keep()
        self._groups += 1
        self.bytes = log.size + side.size
        self.link = Link(segment=self.segment, seq=seq, head=prev)

    def abandon(self) -> None:
        """Take back what was written of a group that failed, so that only acknowledged groups stay."""
        for file in self._files:
            try:
                os.ftruncate(file.descriptor, file.size)
            except OSError:
                continue  # sealing cuts the pair at the last group that both files hold
        self.close()

    def close(self) -> None:
        """Close both files."""
        for file in self._files:
            os.close(file.descriptor)


class _File:
    def __init__(self, spec: LogSpec, header: Header) -> None:
        data = segments.header_frame(header)
        self.key = segments.file_key(spec.key, header.segment, header.part)
        self.bound = segments.header_digest(msgspec.json.encode(header))
        self.descriptor = os.open(
            part_path(spec.folder, header.segment, header.part),
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND,
            0o600,
        )
        self.size = self._written = 0
        try:
            self.append(data)
        except OSError:
            os.close(self.descriptor)
            raise
        self.keep()

    def append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]
        self._written += len(data)

    def keep(self) -> None:
        """Count what was written as durable."""
        self.size = self._written


class PairSync:
    """Syncs two files at once, the second from a thread of its own.

    One after the other they would be two turns of the disk's journal; on a busy machine that was measured to take
    fifteen times as long.
    """

    def __init__(self, sync: Callable[[int], None]) -> None:
        self._sync = sync
        self._todo: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[OSError | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="decision-log-side", daemon=True)

    def both(self, first: int, second: int) -> None:
        """Return when both are on the disk; raises OSError when one of them could not be synced."""
        if self._thread.ident is None:
            self._thread.start()
        self._todo.put(second)
        try:
            self._sync(first)
        finally:
            failure = self._done.get()
        if failure is not None:
            raise failure

    def close(self) -> None:
        """End the thread."""
        if self._thread.ident is not None:
            self._todo.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (descriptor := self._todo.get()) is not None:
            try:
                self._sync(descriptor)
            except OSError as error:
                self._done.put(error)
            else:
                self._done.put(None)


class DecisionLog:
    """The log of one worker; thread-safe. ``on_closed`` is told the id of each segment that takes no more records."""

    def __init__(
        self,
        spec: LogSpec,
        previous: Link,
        on_closed: Callable[[str], None],
        *,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        self.spec = spec
        self.failure: str | None = None  # why the last group could not be written
        self.groups = 0
        self._link, self._on_closed = previous, on_closed
        self._sync = PairSync(sync)
        self._writer: SegmentWriter | None = None
        self._queue: deque[tuple[Sequence[Entry], int, Done]] = deque()
        self._pending = 0
        self._retry_at = 0.0
        self._is_closing = False
        self._wake = threading.Condition(threading.Lock())
        self._thread = threading.Thread(target=self._run, name="decision-log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def submit(self, entries: Sequence[Entry], done: Done) -> None:
        """Hand entries over; ``done`` is called from the log's thread, with None when all of them are durable.

        Raises: LogBacklogged: too much waits already; nothing was taken.
        """
        size = sum(entry.size for entry in entries)
        with self._wake:
            if self._is_closing:
                raise LogUnwritable("this node is shutting down")
            if self._pending + size > self.spec.pending_bytes:
                raise LogBacklogged(
                    "more decisions wait for the disk than this node may hold", hint="try again in a second"
                )
            self._pending += size
            self._queue.append((entries, size, done))
            self._wake.notify()

    def append(self, *entries: Entry, timeout: float = 30.0) -> None:
        """Write entries and return when they are durable; raises LogBacklogged or LogUnwritable."""
        finished = threading.Event()
        failures: list[Exception | None] = []

        def done(error: Exception | None) -> None:
            failures.append(error)
            finished.set()

        self.submit(entries, done)
        if not finished.wait(timeout):
            raise LogUnwritable(f"the disk did not take the record within {timeout:g} s")
        if failures[0] is not None:
            raise failures[0]

    @property
    def pending(self) -> int:
        """Bytes that wait to be written."""
        return self._pending

    def close(self, timeout: float = 30.0) -> None:
        """Write what waits, close the open segment and end the thread."""
        with self._wake:
            self._is_closing = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    # -------------------------------------------------------------------------------------------- the thread
    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._queue and not self._is_closing:
                    self._wake.wait(self._until_rotation())
                batches = self._take()
                closing = self._is_closing and not self._queue
            if batches:
                self._commit(batches)
            if self._writer is not None and (closing or self._is_due(self._writer)):
                self._rotate(self._writer)
            if closing:
                self._sync.close()
                return

    def _take(self) -> list[tuple[Sequence[Entry], int, Done]]:
        taken, size = [], 0
        while self._queue and size < GROUP_BYTES:
            batch = self._queue.popleft()
            size += batch[1]
            taken.append(batch)
        return taken

    def _commit(self, batches: list[tuple[Sequence[Entry], int, Done]]) -> None:
        error: Exception | None = None
        try:
            self._write([entry for entries, _, _ in batches for entry in entries])
        except OSError as cause:
            self.failure = f"{cause.strerror or cause}"
            error = LogUnwritable(
                f"the decision log cannot be written: {self.failure}", hint="free the node's disk, or replace it"
            )
        with self._wake:
            self._pending -= sum(size for _, size, _ in batches)
        for _, _, done in batches:
            done(error)

    def _write(self, entries: Sequence[Entry]) -> None:
        if self._writer is None:
            if time.monotonic() < self._retry_at:
                raise OSError(0, self.failure or "the disk failed a moment ago")
            try:
                self._writer = SegmentWriter(self.spec, self._link, self._sync.both)
            except OSError:
                self._retry_at = time.monotonic() + RETRY_SECONDS
                raise
        writer = self._writer
        try:
            writer.write(entries)
        except OSError:
            # After a failed sync nobody knows what the disk holds: this file never gets another record.
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._writer = None
            writer.abandon()
            self._on_closed(writer.segment)
            raise
        self._link = writer.link
        self.failure = None
        self.groups += 1

    def _until_rotation(self) -> float | None:
        if self._writer is None:
            return None
        return max(0.0, self._writer.opened + self.spec.segment_seconds - time.monotonic())

    def _is_due(self, writer: SegmentWriter) -> bool:
        return writer.bytes >= self.spec.segment_bytes or time.monotonic() - writer.opened >= self.spec.segment_seconds

    def _rotate(self, writer: SegmentWriter) -> None:
        self._writer = None
        writer.close()
        self._on_closed(writer.segment)


def part_path(folder: Path, segment: str, part: Part) -> Path:
    """Name one file of a segment."""
    return folder / f"{segment}.{part}"


def sync_folder(folder: Path) -> None:
    """Make the names of new files durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
