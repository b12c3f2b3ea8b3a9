"""A node decides where none of the platform's libraries can be imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.node import World

pytestmark = pytest.mark.e2e

BLOCKER = """
import sys
ABSENT = {
    "sqlalchemy", "alembic", "psycopg", "dbos", "duckdb", "polars", "pyarrow", "pyiceberg", "lightgbm", "sklearn",
    "fastapi", "starlette", "pydantic", "uvicorn", "typer", "rich", "cedarpy", "cel", "yaml", "argon2", "httpx",
    "headway_client", "scipy", "pandas",
}
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"{name} is not part of the base distribution", name=name)
sys.meta_path.insert(0, Blocker())
"""


def test_node_serves_a_decision_without_the_platforms_libraries(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(BLOCKER)
    world = World(tmp_path / "world", environ={"PYTHONPATH": str(blocked)})
    try:
        world.ready()
        status, answer, _ = world.decide()
        assert status == 200 and answer["reasons"]
    finally:
        world.stop()
    assert [record.id for record in world.records()] == [answer["decision"]]
    assert "not part of the base distribution" not in world.log
