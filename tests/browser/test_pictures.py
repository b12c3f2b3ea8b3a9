"""The pictures of tutorials and README are taken from the running product; here they are taken anew, or held to be there.

HEADWAY_PICTURES=docs/images make e2e ARGS=tests/browser/test_pictures.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.browser.conftest import Open
from tests.browser.places import places
from tests.factories.browser import ROOT
from tests.factories.lived_in import LivedIn

pytestmark = pytest.mark.e2e
DOCS = ROOT / "docs"
INTO = os.environ.get("HEADWAY_PICTURES")
TAKEN = {
    "home": "/",
    "usecases-board": "/usecases?view=board",
    "propose": "/usecases/new",
    "pilot": "/pilots/{pilot_id}",
    "report": "/pilots/{pilot_id}/report",
    "approval": "/approvals/{approval_id}",
    "decision": "/decisions/{decision_id}",
    "ledger": "/ledger",
}


def test_every_picture_that_documents_show_is_taken_here_and_there() -> None:
    shown = {
        Path(name).name
        for file in [*DOCS.rglob("*.md"), ROOT / "README.md"]
        for name in re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", file.read_text())
    }
    assert shown <= {f"{name}.png" for name in TAKEN}
    assert [name for name in sorted(shown) if not (DOCS / "images" / name).exists()] == []


def test_pictures_are_taken(lived_in: LivedIn, window: Open, tmp_path: Path) -> None:
    folder = Path(INTO) if INTO else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    watched = window("ada")
    watched.page.set_viewport_size({"width": 1280, "height": 800})
    known = places(lived_in)
    for name, path in TAKEN.items():
        assert watched.open(known.get(path) or path) == 200, path
        watched.page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000
