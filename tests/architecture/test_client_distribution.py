"""The client works where it and httpx are all there is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {"anyio", "certifi", "h11", "headway-client", "httpcore", "httpx", "idna", "sniffio", "typing-extensions"}
SCRIPT = """
import asyncio, importlib.metadata, json, sys
import httpx
import headway_client
from headway_client import AsyncClient, Client, Node

answer = {"items": [{"slug": "leads", "opened_at": "2026-03-02T12:00:00Z"}], "next": None}
transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
with Client("http://x", "t", transport=transport) as client:
    [found] = client.usecases.list()
    assert found.opened_at.year == 2026, found
    assert client.usecases.list()._repr_html_()
    try:
        client.usecases.list().to_polars()
    except ImportError as error:
        said = str(error)

async def go():
    async with AsyncClient("http://x", "t", transport=transport) as client:
        return [one.slug async for one in client.usecases.list()]

assert asyncio.run(go()) == ["leads"]
names = sorted(d.metadata["Name"].lower().replace("_", "-") for d in importlib.metadata.distributions())
ours = sorted(name for name in sys.modules if name.partition(".")[0] == "headway")
print(json.dumps({"installed": names, "said": said, "headway": ours, "version": headway_client.__version__,
                  "told": importlib.metadata.version("headway-client")}))
"""


def uv() -> str | None:
    local = ROOT / ".uv" / "bin" / "uv"
    return str(local) if local.exists() else shutil.which("uv")


def test_the_client_needs_httpx_and_nothing_else(tmp_path: Path) -> None:
    program = uv()
    if program is None:
        pytest.skip("uv is not installed; 'make setup' installs it")
    venv = tmp_path / "venv"
    command = [program, "sync", "--quiet", "--locked", "--no-dev", "--no-editable", "--package", "headway-client"]
    environ = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(venv)}
    environ.pop("PYTHONPATH", None)
    subprocess.run([*command, "--python", sys.executable], cwd=ROOT, env=environ, check=True, timeout=280)
    done = subprocess.run(
        [venv / "bin" / "python", "-c", SCRIPT], capture_output=True, text=True, env=environ, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["installed"]) <= ALLOWED and "httpx" in told["installed"], told["installed"]
    assert told["headway"] == []
    assert told["said"] == "this needs polars, which is not installed: pip install polars"
    assert told["version"] == told["told"]
