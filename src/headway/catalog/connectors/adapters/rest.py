"""Reads REST APIs and CRM systems through dlt, in a process of its own that knows nothing of the platform.

dlt pages, waits and tries again; what it gives becomes JSON lines. Its process gets one secret by its input, an empty
environment, and may send requests to the hosts that the operator listed, wherever an answer points it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from headway.catalog.adapters.files import ROW
from headway.catalog.adapters.jsonlines import open_json_lines
from headway.catalog.connectors import growing, specs
from headway.catalog.connectors.adapters.database import Read
from headway.catalog.connectors.adapters.landing import Landed, join
from headway.catalog.connectors.adapters.places import Reach
from headway.catalog.connectors.errors import SourceFailed

_SECONDS: Final = 3_600
_MEMORY: Final = 4 * 1_073_741_824


def read_rest(
    reach: Reach, settings: Mapping[str, str], work: Path, *, cursor: str | None, most: int | None = None
) -> Read:
    """Read one endpoint of an API, all its pages, into a Parquet file.

    Args: cursor: the greatest value read before. most: rows at most, for a look.
    Raises: SourceRefused, SourceFailed; UnreadableFile where rows hold lists.
    """
    if importlib.util.find_spec("dlt") is None:
        raise SourceFailed("dlt is not installed", hint="install headway[connectors], and start Headway again")
    reach.need_hosts(specs.hosts_of(settings["url"].partition("?")[0]))
    out = work / "rows.jsonl"
    asked = {
        "settings": dict(settings),
        "secret": reach.secret(settings),
        "hosts": reach.settings.source_hosts,
        "since": None if cursor is None else _plain(growing.floor(cursor, settings.get("lag"))),
        "before": None if cursor is None else _plain(growing.value_of(cursor)),
        "most": most,
        "out": str(out),
        "memory": _MEMORY,
    }
    told = _run(reach, asked, work)
    if told.get("error"):
        raise reach.failed(RuntimeError(told["error"]))
    seen = told.get("greatest")
    written = cursor if seen is None else growing.text_of(seen)
    if not told["rows"]:
        return Read(landed=Landed(path=out, rows=0), cursor=written, notes=())
    source = open_json_lines(out, settings["path"], work)
    rows = work / "rows.parquet"
    source.frame.drop(ROW).with_columns(pl.all().cast(pl.String)).sink_parquet(rows)
    return Read(landed=join([rows], work / "read.parquet", is_text=True), cursor=written, notes=())


def _plain(value: growing.Value) -> str | int | float:
    if isinstance(value, int | float | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else float(value)


def _run(reach: Reach, asked: Mapping[str, object], work: Path) -> dict[str, Any]:
    """Run dlt; what it prints is read as one JSON object."""
    home = work / "dlt"
    home.mkdir()
    environ = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "HOME": str(home),
        "DLT_DATA_DIR": str(home),
        "DLT_PROJECT_DIR": str(home),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "RUNTIME__REQUEST_MAX_ATTEMPTS": "3",
        "RUNTIME__REQUEST_TIMEOUT": "30",
        "RUNTIME__REQUEST_BACKOFF_FACTOR": "0.5",
    }
    command = [sys.executable, "-P", str(Path(__file__).with_name("restchild.py"))]
    try:
        ended = subprocess.run(
            command, input=json.dumps(asked).encode(), capture_output=True, cwd=home, env=environ, timeout=_SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SourceFailed(f"the API was not read within {_SECONDS} s") from None
    try:
        told = json.loads(ended.stdout.decode().strip().splitlines()[-1])
    except (ValueError, IndexError):
        lines = ended.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {ended.returncode}"]
        raise reach.failed(RuntimeError(f"dlt ended without an answer: {lines[-1]}")) from None
    return dict(told)
