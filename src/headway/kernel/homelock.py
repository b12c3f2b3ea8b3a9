"""One process at a time owns a home: it runs the embedded database there, all others are its clients."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from headway.kernel import clock
from headway.kernel.errors import Conflict, Unavailable

WAIT_SECONDS = 0.05


class HomeLock:
    """An advisory lock (flock) on ``run/home.lock``; the system drops it when the process ends, however it ends."""

    def __init__(self, home: Path) -> None:
        self.path = home / "run" / "home.lock"
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self, timeout: float = 0.0, on_wait: Callable[[str], None] | None = None) -> None:
        """Take the lock, waiting up to ``timeout`` seconds.

        Args: on_wait: told once who holds the lock, when there is something to wait for.
        Raises: Conflict: somebody else held it all the time. Unavailable: the home cannot be written.
        """
        if self._descriptor is not None:
            return
        descriptor = self._open()
        deadline = time.monotonic() + timeout
        told = False
        while not _try(descriptor):
            holder = self.holder()
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise Conflict(
                    f"the home {self.path.parent.parent} is in use by {holder}",
                    hint="wait for that command to end, stop it with 'headway down', or set another HEADWAY_HOME",
                )
            if on_wait and not told:
                on_wait(f"waiting for {holder}")
                told = True
            time.sleep(WAIT_SECONDS)
        self._descriptor = descriptor
        _held.add(self)
        os.ftruncate(descriptor, 0)
        note = {"pid": os.getpid(), "program": Path(sys.argv[0]).name, "since": clock.iso(clock.now())}
        os.pwrite(descriptor, json.dumps(note).encode(), 0)

    def release(self) -> None:
        """Let go; nothing happens when the lock is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
            _held.discard(self)

    def holder(self) -> str:
        """Who holds the lock, in words; the note is a help for people, the lock itself is what counts."""
        try:
            note = json.loads(self.path.read_text(encoding="utf-8"))
            return f"process {note['pid']} ({note['program']}) since {note['since']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def __enter__(self) -> HomeLock:
        self.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()

    def _open(self) -> int:
        try:
            self.path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.parent.mkdir(exist_ok=True, mode=0o700)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(
                f"the home {self.path.parent.parent} cannot be used: {error.strerror}", hint="set HEADWAY_HOME"
            ) from error


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_held: set[HomeLock] = set()  # keeps a held lock alive even when its owner forgot the object


def _forget_in_child() -> None:
    # A forked copy shares the lock; it must not keep it alive after its parent has died.
    for lock in list(_held):
        if lock._descriptor is not None:
            os.close(lock._descriptor)
            lock._descriptor = None
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)
