"""The page about the Python client runs, line by line, against a real platform and a real node."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.running import Home

pytestmark = pytest.mark.e2e
PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "use-the-python-client.md"


def blocks(text: str) -> Iterator[str]:
    """The indented blocks of a page, a blank line inside one kept."""
    block: list[str] = []
    for line in [*text.splitlines(), "."]:
        if line.startswith("    ") or (not line and block):
            block.append(line)
        elif block:
            yield textwrap.dedent("\n".join(block)).strip()
            block = []


def test_the_page_runs_as_it_stands(home: Home, tmp_path: Path) -> None:
    from headway.solutions.sales import lead_scoring

    lead_scoring.write_example(tmp_path / "leads.csv", rows=2000, seed=5)
    code = [block for block in blocks(PAGE.read_text()) if not block.startswith("pip ")]
    assert len(code) >= 10
    home.up()
    script = tmp_path / "page.py"
    script.write_text("\n\n".join(code) + "\n")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        env={**os.environ, **home.environ},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert "Local owner" in said[0]
    assert any(line.startswith("Pilot: Lead scoring for sales") for line in said)
    assert {"governance.usecase_unknown", "governance.usecase_taken"} <= {line.split(" ")[0] for line in said}
    assert "600 of 600" in said
    assert said[-1] == "['Lead scoring for sales']", said[-1]
