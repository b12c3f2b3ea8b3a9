"""No file holds what a merge left behind: a page would show it, and nothing else would notice."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = ("src", "client", "tests", "docs", "benchmarks", "frontend")
TEXTS = {".py", ".html", ".js", ".css", ".md", ".po", ".yaml", ".json", ".toml", ".cedar"}
MARKS = ("<" * 7 + " ", ">" * 7 + " ", "|" * 7 + " ")


def test_no_file_holds_the_marks_of_a_merge() -> None:
    files = [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *(path for place in PLACES for path in (ROOT / place).rglob("*")),
    ]
    texts = [path for path in files if path.suffix in TEXTS and "node_modules" not in path.parts]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.startswith(MARKS)
    ]
    assert len(texts) > 500
    assert found == []
