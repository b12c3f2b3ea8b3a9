"""Processes that end with the one that started them, and a supervisor that starts them again.

A child started by ``spawn`` gets a signal when its starter dies, however that happens. Linux sends that signal when the
*thread* that forked ends, so one thread that lives as long as the process does all the forking.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from headway.kernel.errors import Unavailable

PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 10_000_000

# Run by a fresh interpreter between fork and exec: code of ours inside a forked copy of a threaded process could hang.
# The signal is asked for after the change of user, because that change forgets it. Python ignores SIGPIPE; programs
# that we become should not.
_LAUNCHER = """
import ctypes, os, signal, sys
parent, number, uid, gid = map(int, sys.argv[1:5])
if uid >= 0:
    os.setgroups([gid]); os.setgid(gid); os.setuid(uid)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, number)
if os.getppid() != parent:
    sys.exit("the process that started this one is gone")
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execv(sys.argv[5], sys.argv[5:])
"""


def die_with_parent(parent: int | None = None, number: signal.Signals = signal.SIGTERM) -> None:
    """Ask for ``number`` when the process that started this one dies; ends this one when that has happened already.

    Args: parent: process id of the starter, handed down by it; default is the parent now, which misses a starter
        that died before this call.
    """
    expected = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != expected:
        os.kill(os.getpid(), number)


def spawn(
    argv: Sequence[str],
    *,
    log: Path | None = None,
    environ: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that gets ``death_signal`` when this process dies; in its own session, away from Ctrl-C.

    Args: argv: the program's absolute path and its arguments.
        log: file that takes its output, opened by us, so the program's user needs no access to it.
        user: user id and group id to run as; only root may.
    """
    uid, gid = user or (-1, -1)
    launch = [sys.executable, "-I", "-S", "-c", _LAUNCHER]
    full = [*launch, str(os.getpid()), str(int(death_signal)), str(uid), str(gid), *argv]

    def start() -> subprocess.Popen[bytes]:
        with _open_log(log) as stream:
            return subprocess.Popen(
                full,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=None if environ is None else dict(environ),
                cwd=folder or ("/" if user else None),  # another user may not be let into where we are
                start_new_session=True,
            )

    return _on_spawner(start)


def _open_log(log: Path | None) -> IO[bytes]:
    if log is None:
        return Path(os.devnull).open("wb")
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_name(log.name + ".1"))
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


_Start = Callable[[], "subprocess.Popen[bytes]"]
_requests: queue.SimpleQueue[tuple[_Start, Future[subprocess.Popen[bytes]]]] = queue.SimpleQueue()
_spawner: list[int] = []  # the process id that the spawning thread belongs to; a forked copy has no such thread
_spawner_lock = threading.Lock()


def _on_spawner(start: _Start) -> subprocess.Popen[bytes]:
    with _spawner_lock:
        if _spawner != [os.getpid()]:
            _spawner[:] = [os.getpid()]
            threading.Thread(target=_serve_spawns, name="headway-spawner", daemon=True).start()
    answer: Future[subprocess.Popen[bytes]] = Future()
    _requests.put((start, answer))
    return answer.result()


def _serve_spawns() -> None:
    while True:
        start, answer = _requests.get()
        try:
            answer.set_result(start())
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            answer.set_exception(error)


def stop(process: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]) -> int:
    """End a child: send each signal in turn and wait its seconds, at last SIGKILL; returns the exit status."""
    for number, seconds in signals:
        if process.poll() is not None:
            break
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        process.kill()
    return process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program that a supervisor keeps running."""

    name: str
    argv: Callable[[], Sequence[str]]
    """Made anew at each start, so that a restarted child can get other arguments."""
    environ: Mapping[str, str] | None = None
    is_ready: Callable[[], bool] = lambda: True
    stop_seconds: float = 10.0


@dataclass(slots=True)
class _Run:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0
    restarts: int = field(default=0)


class Supervisor:
    """Keeps child processes running: restart with back-off, stop in the reverse order of their start.

    A child that ran for ``steady_seconds`` counts as healthy, so its next restart comes at once.
    """

    def __init__(
        self,
        logs: Path,
        *,
        first_delay: float = 0.2,
        longest_delay: float = 30.0,
        steady_seconds: float = 10.0,
        on_event: Callable[[str, str], None] = lambda name, event: None,
    ) -> None:
        self._logs = logs
        self._first_delay = first_delay
        self._longest_delay = longest_delay
        self._steady_seconds = steady_seconds
        self._on_event = on_event
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self, child: Child, *, ready_seconds: float = 30.0) -> None:
        """Start a child and wait until it is ready; raises Unavailable with its log's place when it is not in time."""
        run = _Run(child)
        with self._lock:
            self._runs[child.name] = run
            self._launch(run)
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="headway-supervisor", daemon=True)
            self._watcher.start()
        deadline = time.monotonic() + ready_seconds
        while not child.is_ready():
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{child.name} was not ready within {ready_seconds:g} seconds",
                    hint=f"read {self._logs / (child.name + '.log')}",
                )
            time.sleep(0.02)

    def pid(self, name: str) -> int | None:
        """The process id of a child now, or None while it is down."""
        with self._lock:
            process = self._runs[name].process
            return process.pid if process is not None and process.poll() is None else None

    def restarts(self, name: str) -> int:
        """How many times a child was started again."""
        with self._lock:
            return self._runs[name].restarts

    def close(self) -> None:
        """Stop all children, the last started first."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        for run in reversed(self._runs.values()):
            if run.process is not None:
                stop(run.process, [(signal.SIGTERM, run.child.stop_seconds)])
                self._on_event(run.child.name, "stopped")
        self._runs.clear()

    def _launch(self, run: _Run) -> None:
        log = self._logs / f"{run.child.name}.log"
        run.process = spawn(run.child.argv(), log=log, environ=run.child.environ)
        run.started = time.monotonic()
        self._on_event(run.child.name, "started")

    def _watch(self) -> None:
        while not self._stopping.wait(0.05):
            with self._lock:
                for run in self._runs.values():
                    self._look_after(run)

    def _look_after(self, run: _Run) -> None:
        now = time.monotonic()
        if run.process is not None and run.process.poll() is not None:
            run.failures = 0 if now - run.started >= self._steady_seconds else run.failures + 1
            delay = min(self._first_delay * 2 ** (run.failures - 1), self._longest_delay) if run.failures else 0.0
            self._on_event(run.child.name, f"ended with status {run.process.returncode}; again in {delay:g} s")
            run.process, run.next_start = None, now + delay
        if run.process is None and now >= run.next_start:
            run.restarts += 1
            try:
                self._launch(run)
            except OSError as error:
                run.next_start = now + self._longest_delay
                self._on_event(run.child.name, f"cannot be started: {error}")
