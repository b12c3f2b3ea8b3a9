"""The OpenMP runtime that LightGBM links to, where the system has none.

LightGBM's wheel expects ``libgomp.so.1`` of the system; small images lack it. scikit-learn's wheel carries the same
library under another name. A copy that bears the expected name (its SONAME) serves both, for this process only.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
import tempfile
from functools import cache
from pathlib import Path

from headway.kernel.errors import Unavailable

WANTED = b"libgomp.so.1"


@cache
def ensure() -> str:
    """Make the OpenMP runtime loadable and return where it came from; raises Unavailable with what to install."""
    if sys.platform != "linux":
        return "system"
    try:
        ctypes.CDLL(WANTED.decode(), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return _from_wheel()
    return "system"


def _from_wheel() -> str:
    spec = importlib.util.find_spec("sklearn")
    site = Path(str(spec.origin)).parents[1] if spec is not None else Path()
    for carried in sorted((site / "scikit_learn.libs").glob("libgomp*.so*")):
        name = carried.name.encode()
        data = carried.read_bytes()
        if len(name) < len(WANTED) or data.count(name + b"\0") == 0:
            continue
        with tempfile.TemporaryDirectory(prefix="headway-openmp-") as folder:
            copy = Path(folder) / WANTED.decode()
            copy.write_bytes(data.replace(name + b"\0", WANTED.ljust(len(name), b"\0") + b"\0"))
            ctypes.CDLL(str(copy), mode=ctypes.RTLD_GLOBAL)  # stays mapped after the file is gone
        return str(carried)
    raise Unavailable("LightGBM needs the OpenMP runtime", hint="install it: apt-get install libgomp1")
