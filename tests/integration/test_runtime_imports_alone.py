"""The data plane runs where only the base distribution is installed: the platform's libraries are blocked here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e  # starts real processes

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys

BLOCKED = {
    "sqlalchemy", "dbos", "duckdb", "polars", "pyarrow", "lightgbm", "sklearn", "scipy", "pandas", "fastapi", "starlette",
    "pydantic", "typer", "rich", "alembic", "psycopg", "pyiceberg", "cedarpy", "shap", "yaml", "httpx",
    "open_data_contract_standard",
}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)
        return None

sys.meta_path.insert(0, Blocker())
from headway import numerics, runtime
assert "numba" not in sys.modules, "importing must stay quick: numba waits for the first engine"

sys.path.insert(0, sys.argv[1])
from pathlib import Path
numerics.use_kernel_cache(Path(sys.argv[2]))
numerics.warm_up()
from tests.factories.releases import RECORD, make_deployment, make_loaded
import json
loaded = make_loaded()
decider = runtime.Decider(make_deployment(loaded.subject), {loaded.subject: loaded})
(decision,) = decider.decide(decider.decode(json.dumps(RECORD).encode()), ["dec_1"])
print(decision.band, sorted(BLOCKED & {name.partition(".")[0] for name in sys.modules}))
"""


def run(cache: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ROOT), str(cache)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
    )


def test_runtime_and_numerics_decide_without_the_platforms_libraries(tmp_path: Path) -> None:
    cache = tmp_path / "home" / "numba"
    done = run(cache)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1) == ["high", "[]\n"]
    kept = {path.name for path in cache.rglob("*.nb?")}
    assert any("explain" in name for name in kept), "the kernels are cached where they were told to be"


def test_a_second_start_compiles_nothing(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 0
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")}
    assert run(tmp_path).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")} == written
