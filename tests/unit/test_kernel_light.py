"""A node loads parts of the kernel; they must not bring the platform's libraries along."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIGHT = (
    "auth", "canonical", "clock", "crypto", "errors", "homelock", "ids", "logs", "money", "paging", "process",
    "settings", "storage",
)  # fmt: skip
# Not rich: structlog takes it where it happens to be installed, and does without elsewhere.
HEAVY = {"sqlalchemy", "psycopg", "alembic", "dbos", "fastapi", "starlette", "pydantic", "typer", "httpx"}


@pytest.mark.parametrize("name", LIGHT)
def test_light_module_loads_no_library_of_the_platform(name: str) -> None:
    program = f"import sys, headway.kernel.{name}; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_kernel_imports_nothing() -> None:
    program = "import sys, headway.kernel; print([name for name in sys.modules if name.startswith('headway.kernel.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["jobs", "web", "postgres", "cli"])
def test_dbos_is_only_loaded_when_jobs_are_used(name: str) -> None:
    program = f"import sys, headway.kernel.{name}; print('dbos' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
