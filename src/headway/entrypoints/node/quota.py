"""How many decisions a deployment made today, counted across the node's workers and restarts.

The count of a day is the length of a file to which every decision appends one byte: the system adds for all processes,
and a killed worker forgets nothing.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from headway.kernel import clock
from headway.kernel.canonical import sha256


class Quota:
    """The daily count of one deployment."""

    def __init__(self, folder: Path, deployment: str) -> None:
        self._folder, self._name = folder, sha256(deployment.encode())[7:39]
        self._day = ""
        self._descriptor = -1

    def take(self, count: int, per_day: int) -> bool:
        """Count decisions about to be made; False when they would go over the limit."""
        day = clock.now().date().isoformat()
        if day != self._day:
            self._open(day)
        if os.fstat(self._descriptor).st_size + count > per_day:
            return False
        os.write(self._descriptor, b"." * count)
        # Another worker may have counted in the same moment: the place where our bytes ended decides.
        return os.lseek(self._descriptor, 0, os.SEEK_CUR) <= per_day

    def __del__(self) -> None:
        """Close the day's file when the deployment is gone."""
        self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self, day: str) -> None:
        self._close()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in self._folder.glob(f"{self._name}.*"):
            if old.suffix[1:] < day:
                old.unlink(missing_ok=True)
        path = self._folder / f"{self._name}.{day}"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._day = day


def seconds_to_midnight(now: datetime) -> float:
    """Seconds until the count begins anew (UTC)."""
    tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (tomorrow - now).total_seconds()
