"""Which workers live: names that tell whose process they are, a lock per worker, and what the sweeper may take over.

A worker on this machine is known dead when its process is gone. Of one elsewhere only the lock tells, and a lock is
also free for a moment after the database restarted; so that lock must stay free for a while.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import sys
import threading
import time
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from headway.kernel.database import Database

KEEP_SECONDS = 1.0
GRACE_SECONDS = 30.0
STRANDED_SECONDS = 5.0
_active: set[str] = set()


def new_worker_id() -> str:
    """Name a worker: machine, process id, start of the process, and a random part."""
    return f"{_machine()}.{os.getpid()}.{_started(os.getpid()) or 0}.{secrets.token_hex(4)}"


def is_known_dead(worker_id: str) -> bool:
    """Whether a worker of this machine cannot be running any more; False when that cannot be told from here."""
    parts = worker_id.split(".")
    if len(parts) != 4 or parts[0] != _machine():
        return False
    pid, started = int(parts[1]), int(parts[2])
    if pid == os.getpid() and started == (_started(pid) or 0):
        return worker_id not in _active
    return _started(pid) != started if sys.platform == "linux" else not _runs(pid)


def lock_key(worker_id: str) -> int:
    """The number of a worker's advisory lock."""
    return int.from_bytes(hashlib.sha256(f"headway.worker:{worker_id}".encode()).digest()[:8], "big", signed=True)


def has_lock(connection: Connection, worker_id: str) -> bool:
    """Whether somebody holds the worker's lock; looks without taking it, so that its owner never finds it taken."""
    key = lock_key(worker_id) % 2**64
    held = text(
        "select exists (select 1 from pg_locks where locktype = 'advisory' and granted and objsubid = 1 "
        "and database = (select oid from pg_database where datname = current_database()) "
        "and classid = :high and objid = :low)"
    )
    return bool(connection.scalar(held, {"high": key >> 32, "low": key & 0xFFFFFFFF}))


class WorkerLock:
    """Holds a worker's advisory lock for as long as the worker lives, and takes it again when the connection broke."""

    def __init__(self, database: Database, worker_id: str) -> None:
        self._database = database
        self._worker_id = worker_id
        self._over = threading.Event()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._keep, name="headway-worker-lock", daemon=True)

    def start(self) -> None:
        """Take the lock; raises what the database raises."""
        _active.add(self._worker_id)
        self._take()
        self._thread.start()

    def stop(self) -> None:
        """Let go of the lock."""
        self._over.set()
        self._thread.join()
        self._drop()
        _active.discard(self._worker_id)

    def _keep(self) -> None:
        while not self._over.wait(KEEP_SECONDS):
            try:
                if self._connection is None:
                    self._take()
                else:
                    self._connection.execute(text("select 1"))
            except DBAPIError:
                self._drop()

    def _take(self) -> None:
        self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        # Waits for nobody: the name is ours alone, at most an older connection of ours has not ended yet.
        self._connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": lock_key(self._worker_id)})

    def _drop(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                self._connection.invalidate()  # a closed one would go back to the pool with its lock
                self._connection.close()
            self._connection = None


class Stranded:
    """Finds jobs that the database has with this worker and this worker does not run.

    A database that dies between the commit of a claim and its answer leaves such jobs: claimed, and known to nobody.
    """

    def __init__(self, grace_seconds: float = STRANDED_SECONDS) -> None:
        self._grace_seconds = grace_seconds
        self._since: dict[str, float] = {}

    def of(self, claimed: set[str], running: set[str]) -> set[str]:
        """Name the jobs that were claimed and not run at every look for as long as the grace."""
        now = time.monotonic()
        self._since = {job_id: self._since.get(job_id, now) for job_id in claimed - running}
        return {job_id for job_id, since in self._since.items() if now - since >= self._grace_seconds}


class Deaths:
    """Decides, look by look, which workers are dead enough for others to take over their jobs."""

    def __init__(self, grace_seconds: float = GRACE_SECONDS) -> None:
        self._grace_seconds = grace_seconds
        self._free_since: dict[str, float] = {}

    def of(self, connection: Connection, worker_ids: set[str]) -> list[str]:
        """Name the dead among the workers that jobs wait for."""
        now = time.monotonic()
        dead = []
        for worker_id in sorted(worker_ids):
            if is_known_dead(worker_id):
                dead.append(worker_id)
            elif has_lock(connection, worker_id):
                self._free_since.pop(worker_id, None)
            elif now - self._free_since.setdefault(worker_id, now) >= self._grace_seconds:
                dead.append(worker_id)
        self._free_since = {known: since for known, since in self._free_since.items() if known in worker_ids}
        return dead


@cache
def _machine() -> str:
    """A name for the set of processes we can see: this boot of this machine, and inside it this container."""
    seen = [socket.gethostname()]
    with contextlib.suppress(OSError):
        seen.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        seen.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:12]


def _started(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when it is gone, or the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()  # the name in parentheses may hold anything
    return None if fields[0] in "ZX" else int(fields[19])


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
