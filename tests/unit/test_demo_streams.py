"""Companies are streamed: memory does not grow with their size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories.company import plain
from tests.factories.dose import whole

WRITE = """
import json, re, sys
from pathlib import Path
from headway import demo

def peak_mb():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

data = json.loads(sys.argv[2])
demo.generate(demo.read_spec(data | {"rows": 1000}), Path(sys.argv[1]) / "warm")
before = peak_mb()
demo.generate(demo.read_spec(data), Path(sys.argv[1]) / "company")
print(peak_mb() - before)
"""


@whole
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_memory_does_not_grow_with_the_company(tmp_path: Path) -> None:
    grown = {}
    for rows in (200_000, 600_000):  # 4 and 10 blocks
        command = [sys.executable, "-c", WRITE, str(tmp_path / str(rows)), json.dumps(plain(rows=rows))]
        done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
        assert done.returncode == 0, done.stderr
        grown[rows] = float(done.stdout)
    assert 5 < grown[200_000] < 200, grown
    assert grown[600_000] < grown[200_000] + 50, grown
