"""Bring the catalogs of the pages' languages up to date with what templates and code say."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PAGES = Path(__file__).parent / "pages"
TOLD = Path(__file__).parents[1] / "collaboration"
"""Where the words of events and notifications are; pages and mails speak them."""
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {
    "templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "extensions": "jinja2.ext.do"},
}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "said": None, "_say": (2,)}


def said() -> Catalog:
    """Everything that pages say, with the files it is said in."""
    found = Catalog(project="headway", charset="utf-8")
    for folder in (PAGES, TOLD):
        for file, _, message, comments, context in extract_from_dir(
            folder, METHODS, options_map=OPTIONS, keywords=KEYWORDS, comment_tags=("NOTE:",)
        ):
            found.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return found


def catalog_file(language: str) -> Path:
    """Where the catalog of a language lies."""
    return PAGES / "locale" / language / "LC_MESSAGES" / "messages.po"


def missing(language: str) -> list[str]:
    """Name what pages say and the catalog of a language does not translate, or only by a guess."""
    file = catalog_file(language)
    known = read_po(BytesIO(file.read_bytes()), locale=language) if file.exists() else Catalog(locale=language)
    wanting = []
    for message in said():
        if not message.id:
            continue
        there = known.get(message.id, message.context)
        texts = there.string if there is not None else ""
        is_whole = all(texts) if isinstance(texts, tuple | list) else bool(texts)
        if there is None or there.fuzzy or not is_whole:
            wanting.append(message.id if isinstance(message.id, str) else message.id[0])
    return wanting


def update(language: str) -> int:
    """Add what is new to the catalog of a language and drop what is no longer said; returns how much is to translate."""
    file = catalog_file(language)
    known = read_po(BytesIO(file.read_bytes()), locale=language) if file.exists() else Catalog(locale=language)
    known.project, known.header_comment = "headway", "# What Headway's pages say; see 'headway dev words'."
    known.update(said(), no_fuzzy_matching=True)
    known.obsolete.clear()
    file.parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_po(buffer, known, width=120, sort_output=True, omit_header=False, ignore_obsolete=True, include_lineno=False)
    stable = [line for line in buffer.getvalue().decode().splitlines() if not line.startswith('"POT-Creation-Date')]
    file.write_text("\n".join(stable) + "\n")
    return len(missing(language))
