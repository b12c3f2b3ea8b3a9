"""What a killed server or a killed owner left behind: processes that live on, and a number that means another one."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def clear(data: Path) -> None:
    """End what an earlier server left in a data folder: it may live on after its owner, or its children after itself.

    The caller holds the home's lock, so nothing that works in this folder can be wanted.
    """
    status = lock_file(data)
    has_head = bool(status) and int(status[0]) in processes_in(data)
    # A whole server may end cleanly; children whose server is gone have nothing left to do.
    polite = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0)) if has_head else ((signal.SIGQUIT, 0.3),)
    for number, seconds in (*polite, (signal.SIGKILL, 2.0)):
        _signal_all(data, number)
        deadline = time.monotonic() + seconds
        while any(processes_in(data)) and time.monotonic() < deadline:
            time.sleep(0.01)
    status = lock_file(data)
    if status and sys.platform == "linux" and _is_alive(int(status[0])):
        # Another program got the number since; the server would take it for a living one of itself.
        (data / "postmaster.pid").unlink()


def lock_file(data: Path) -> list[str]:
    """The lines of postmaster.pid: process id, folder, start, port, socket folder, address, memory key, status.

    Returns: nothing when there is no such file, or none that begins with a number.
    """
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return lines if lines and lines[0].isdigit() else []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal_all(data: Path, number: signal.Signals) -> None:
    for pid in processes_in(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def processes_in(data: Path) -> Iterator[int]:
    """Find live processes of a server by their working folder, which is the data folder for each of them."""
    if sys.platform != "linux":
        status = lock_file(data)
        if status and _is_alive(int(status[0])):
            yield int(status[0])
        return
    wanted = str(data.resolve())
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "cwd") == wanted:  # noqa: PTH115  a Path would be made for every process
                    yield int(entry.name)
