"""The words that pages explain are those of the glossary, in its sentences, each used somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from headway.entrypoints import pages
from headway.entrypoints.pages.glossary import MEANINGS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(pages.__file__).parent / "templates"


def test_each_word_is_explained_as_in_the_glossary() -> None:
    rows = re.findall(r"^\| ([^|]+) \| (.+) \|$", (ROOT / "docs/reference/glossary.md").read_text(), re.MULTILINE)
    told = {word: re.sub(r"[*`]", "", meaning) for word, meaning in rows}
    assert {word: told.get(word) for word in MEANINGS} == dict(MEANINGS)


def test_pages_explain_these_words_and_no_others() -> None:
    used = {word for file in TEMPLATES.rglob("*.html") for word in re.findall(r'ui\.term\("([^"]+)"', file.read_text())}
    assert used == set(MEANINGS)
