"""Jobs keep to themselves: nothing on standard output, no connection to anybody but the database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headway.kernel.database import Database

pytestmark = pytest.mark.e2e  # starts real processes

PROGRAM = """
import sys
from pathlib import Path
calls = []
sys.addaudithook(lambda event, args: calls.append((event, args[-1])) if event in (
    "socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request") else None)
from tests.integration.programs import job_worker
from headway.kernel.auth import SYSTEM
folder = Path(sys.argv[2])
(folder / "go").touch()
jobs, close = job_worker.jobs_on(sys.argv[1], folder)
jobs.launch(worker=True)
assert jobs.run_now("work", {}, SYSTEM)["done"] == ["prepare", "slow", "finish"]
close()
sys.stderr.write(repr(calls))
"""


def test_worker_prints_nothing_and_talks_to_nobody(database: Database, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, database.url, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "[]")
