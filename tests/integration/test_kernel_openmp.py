"""LightGBM loads where the system has no OpenMP runtime."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import ctypes
try:
    ctypes.CDLL("libgomp.so.1")
    raise SystemExit("the library is still there")
except OSError:
    pass
from headway.kernel import openmp
came_from = openmp.ensure()
import lightgbm, numpy
model = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1},
                       lightgbm.Dataset(numpy.arange(200.0).reshape(100, 2), numpy.arange(100) % 2), 2)
print(came_from, model.num_trees())
"""


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="hiding a system library takes root and unshare"
)
def test_the_runtime_of_another_wheel_stands_in(tmp_path: Path) -> None:
    folders = (Path(name) for name in ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"))
    places = sorted({found.resolve() for folder in folders for found in folder.glob("**/libgomp.so.1")})
    empty = tmp_path / "nothing"
    empty.touch()
    hide = " && ".join(f"mount --bind {empty} {place}" for place in places) or "true"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f'{hide} && exec "$0" -c "$1"', sys.executable, SCRIPT],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine does not let us hide a library: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert "scikit_learn.libs" in done.stdout
    assert done.stdout.split()[-1] == "2"
