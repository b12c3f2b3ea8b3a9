"""The node starts where only the base distribution is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ABSENT = (
    "sqlalchemy", "alembic", "dbos", "duckdb", "polars", "pyarrow", "pyiceberg", "lightgbm", "sklearn", "fastapi", "typer",
    "cedarpy", "headway_client",
)  # fmt: skip


def uv() -> str | None:
    local = ROOT / ".uv" / "bin" / "uv"
    return str(local) if local.exists() else shutil.which("uv")


@pytest.fixture(scope="module")
def node_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the base distribution alone, made from the lock file."""
    program = uv()
    if program is None:
        pytest.skip("uv is not installed; 'make setup' installs it")
    venv = tmp_path_factory.mktemp("node") / "venv"
    command = [program, "sync", "--quiet", "--locked", "--no-dev", "--no-editable", "--package", "headway"]
    subprocess.run(
        [*command, "--python", sys.executable],
        cwd=ROOT,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(venv)},
        check=True,
        timeout=280,
    )
    return venv / "bin" / "python"


def test_platform_libraries_are_absent(node_python: Path) -> None:
    script = f"import importlib.util as u; print([m for m in {ABSENT!r} if u.find_spec(m)])"
    found = subprocess.run([node_python, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


def test_node_program_starts(node_python: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [node_python.with_name("headway-node"), "--help"],
        capture_output=True,
        text=True,
        timeout=120,
        env={"HEADWAY_HOME": str(tmp_path), "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    assert "--environment" in done.stdout
