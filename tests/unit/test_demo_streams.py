"""Companies are streamed: memory does not grow with their size."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WRITE = """
import resource, sys
from pathlib import Path
from headway import demo
demo.generate(demo.northwind(rows=1000), Path(sys.argv[1]) / "warm")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
demo.generate(demo.northwind(rows=int(sys.argv[2])), Path(sys.argv[1]) / "company")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts kilobytes on Linux only")
def test_memory_does_not_grow_with_the_company(tmp_path: Path) -> None:
    grown = {}
    for rows in (300_000, 900_000):
        folder = tmp_path / str(rows)
        done = subprocess.run(
            [sys.executable, "-c", WRITE, str(folder), str(rows)], capture_output=True, text=True, env=dict(os.environ)
        )
        assert done.returncode == 0, done.stderr
        grown[rows] = float(done.stdout)
    assert grown[300_000] < 200, grown
    assert grown[900_000] < grown[300_000] + 60, grown
