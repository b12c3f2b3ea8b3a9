"""Typst, the program that sets documents in type, and the fonts it is given."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any

from headway.documents.document import Document, payload
from headway.documents.errors import DocumentFailed

HOUSE_FONT, FALLBACK_FONT = "Inter", "Libertinus Serif"
_UNKNOWN = re.compile(r'(?:the text|disallowed codepoint) `"((?:[^"\\`]|\\.)+)"`')
_ESCAPED = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_ROUNDS = 5


def pdf(document: Document) -> bytes:
    """Set a document as tagged PDF/UA-1; equal documents give equal bytes.

    A character that no font has is searched for in the system's fonts, and else replaced by a visible stand-in.
    Raises: DocumentFailed: the document cannot be set.
    """
    fonts = _own_fonts()
    plain = payload(document, HOUSE_FONT if fonts else FALLBACK_FONT)
    try:
        return _set(plain, document, fonts, with_system_fonts=False)
    except _Undisplayable:
        return _set_at_all(plain, document, fonts)


class _Undisplayable(Exception):
    def __init__(self, characters: set[str]) -> None:
        super().__init__(characters)
        self.characters = characters


def _set_at_all(plain: Mapping[str, object], document: Document, fonts: list[str]) -> bytes:
    """Set with every font there is, replacing what none of them has."""
    text = json.dumps(plain, ensure_ascii=False)
    for _ in range(_ROUNDS):
        try:
            return _set(json.loads(text), document, fonts, with_system_fonts=True)
        except _Undisplayable as unknown:
            for character in unknown.characters:
                written = json.dumps(character, ensure_ascii=False)[1:-1]
                text = text.replace(written, "\N{REPLACEMENT CHARACTER}")
    raise DocumentFailed(f"{document.title} holds characters that no font has")


def _set(plain: Mapping[str, object], document: Document, fonts: list[str], *, with_system_fonts: bool) -> bytes:
    import typst

    template = (resources.files("headway.documents") / "house.typ").read_bytes()
    compiler = typst.Compiler(font_paths=fonts, ignore_system_fonts=not with_system_fonts)
    options: dict[str, Any] = {
        "format": "pdf",
        "sys_inputs": {"document": json.dumps(plain, ensure_ascii=False)},
        "pdf_standards": ["ua-1"],
        "timestamp": datetime.combine(document.made_on, time(), UTC),
    }
    try:
        made = compiler.compile(template, **options)
    except typst.TypstError as error:
        unknown = {
            _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)), found)
            for found in _UNKNOWN.findall(str(error) + error.diagnostic)
        }
        if unknown:
            raise _Undisplayable(unknown) from error
        raise DocumentFailed(f"{document.title} cannot be set: {error.message}") from error
    if not isinstance(made, bytes):
        raise DocumentFailed(f"{document.title} was set as more than one file")
    return made


def _own_fonts() -> list[str]:
    """The folder of the house font; empty where the build brought none."""
    folder = Path(str(resources.files("headway.documents"))) / "fonts"
    return [str(folder)] if folder.is_dir() else []
