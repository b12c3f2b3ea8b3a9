"""What a type checker, and so an editor, knows of the client: both clients' methods, their arguments and their answers."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RIGHT = """
    from collections.abc import Coroutine
    from datetime import datetime
    from typing import Any, assert_type
    from headway_client import AsyncClient, AsyncListing, Client, Listing, Page
    from headway_client.answers.governance import UseCase
    from headway_client.answers.identity import RoleGrant

    def sync(client: Client) -> None:
        assert_type(client.usecases.show("leads"), UseCase)
        assert_type(client.usecases.show("leads").opened_at, datetime)
        assert_type(client.permissions.whoami().roles, list[RoleGrant])
        assert_type(client.usecases.list(department="sales"), Listing[UseCase])
        assert_type(client.usecases.list().page(), Page[UseCase])
        assert_type(client.usecases.list().first(), UseCase | None)
        assert_type(client.models.card("m", 1), str)
        assert_type(client.ledger.export(), bytes)
        client.pilots.start("leads.csv", solution="s", department="d", label="l", exclude=["a"])
        client.wait(client.pilots.retry("pil_1"), lambda job: print(job.message))

    async def later(client: AsyncClient) -> None:
        asking: Coroutine[Any, Any, UseCase] = client.usecases.show("leads")
        assert_type(await asking, UseCase)
        assert_type(await client.usecases.show("leads"), UseCase)
        assert_type(client.usecases.list(), AsyncListing[UseCase])
        assert_type([one async for one in client.usecases.list()], list[UseCase])
"""
WRONG = {  # a statement, and what is said of it
    "client.usecases.shwo('leads')": 'has no attribute "shwo"',
    "client.usecases.show('leads').titel": 'has no attribute "titel"',
    "client.usecases.show()": "Too few arguments",
    "client.usecases.show(1)": "incompatible type",
    "client.releases.approve('rel_1')": 'Missing named argument "reason"',
    "client.usecases.list(depratment='sales')": 'Unexpected keyword argument "depratment"',
    "client.releases.request(version='model:m@1', environment='produktion')": "expected \"Literal['sandbox',",
    "client.usecases.show('leads').slug = 'x' + 1": "Unsupported operand",
}


def check(text: str, folder: Path) -> tuple[int, str]:
    """Let mypy look at a program."""
    program = folder / "program.py"
    program.write_text(textwrap.dedent(text))
    settings = folder / "mypy.ini"  # large libraries whose types nothing here turns on are not read
    settings.write_text("[mypy]\nstrict = true\n[mypy-polars.*,pandas.*,httpx.*]\nfollow_imports = skip\n")
    options = ["--no-error-summary", "--config-file", str(settings), "--cache-dir", str(folder / "cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(program)],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(ROOT / "client" / "src")},
    )
    return done.returncode, "\n".join(line for line in done.stdout.splitlines() if line.startswith("program.py"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("types")


def test_answers_and_lists_have_their_types_in_both_clients(folder: Path) -> None:
    assert check(RIGHT, folder)[1] == ""


def test_mistakes_are_found_before_anything_runs(folder: Path) -> None:
    lines = ["from headway_client import Client", "client = Client('http://x')", *WRONG]
    _, said = check("\n".join(lines), folder)
    for number, (written, expected) in enumerate(WRONG.items(), start=3):
        found = [line for line in said.splitlines() if line.startswith(f"program.py:{number}:")]
        assert any(expected in line for line in found), f"{written}: {found}"
