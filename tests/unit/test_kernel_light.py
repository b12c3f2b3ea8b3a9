"""A node loads parts of the kernel; they must not bring the platform's libraries along."""

from __future__ import annotations

import json
import subprocess
import sys

LIGHT = (
    "auth", "canonical", "clock", "crypto", "errors", "homelock", "ids", "logs", "money", "paging", "process",
    "settings", "storage",
)  # fmt: skip
# Not rich: structlog takes it where it happens to be installed, and does without elsewhere.
HEAVY = {"sqlalchemy", "psycopg", "alembic", "dbos", "fastapi", "starlette", "pydantic", "typer", "httpx"}


def run(program: str) -> object:
    """What a fresh interpreter prints, as JSON."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_light_modules_load_no_library_of_the_platform() -> None:
    program = f"""
import importlib, json, sys
brought = {{}}
for name in {LIGHT!r}:
    before = set(sys.modules)
    importlib.import_module("headway.kernel." + name)
    brought[name] = sorted({HEAVY!r} & (set(sys.modules) - before))
print(json.dumps(brought))
"""
    assert run(program) == {name: [] for name in LIGHT}


def test_importing_the_kernel_imports_nothing() -> None:
    program = "import json, sys, headway.kernel; print(json.dumps([m for m in sys.modules if 'headway.kernel.' in m]))"
    assert run(program) == []


def test_dbos_is_only_loaded_when_jobs_are_used() -> None:
    program = (
        "import json, sys, headway.kernel.web, headway.kernel.routes, headway.kernel.cli, headway.kernel.postgres\n"
        "print(json.dumps('dbos' in sys.modules))"
    )
    assert run(program) is False
