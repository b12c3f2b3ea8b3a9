"""How wide a text runs, so that labels can be placed without a browser.

Advance widths of Inter Regular (SIL Open Font License), in thousandths of the font size; digits are tabular.
"""

from __future__ import annotations

import unicodedata

FONT_SIZE = 12.0
LINE = 15.0
"""Distance of two lines of text."""

_ASCII = (
    281, 278, 403, 631, 638, 812, 639, 222, 362, 362, 500, 659, 280, 460, 276, 357, 640, 640, 640, 640, 640, 640, 640, 640,
    640, 640, 276, 280, 659, 659, 659, 507, 936, 676, 651, 727, 719, 598, 587, 743, 740, 264, 543, 652, 562, 889, 753, 761,
    635, 761, 639, 638, 642, 741, 676, 949, 642, 665, 625, 362, 357, 362, 469, 452, 497, 564, 621, 558, 621, 582, 361, 609,
    591, 237, 237, 544, 237, 869, 585, 597, 609, 609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362, 327, 362, 659,
)  # fmt: skip
_OTHERS = {
    "–": 500, "—": 1000, "…": 821, "€": 665, "£": 631, "×": 659, "−": 659, "±": 659, "·": 276, "“": 381, "”": 381, "„": 381,
    "’": 185, "ß": 610, "æ": 925, "ø": 597, "œ": 990, "≥": 659, "≤": 659, "→": 955, "\u00a0": 281, "\u202f": 182,
}  # fmt: skip
_WIDE, _UNKNOWN = 1000, 720


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """The width of one line, rather a little too wide than too narrow."""
    return sum(_advance(character) for character in text) * size / 1000


def shortened(text: str, room: float, size: float = FONT_SIZE) -> str:
    """The text, cut with an ellipsis where it is wider than the room; empty when not even that fits."""
    if text_width(text, size) <= room:
        return text
    left = room - text_width("…", size)
    if left < 0:
        return ""
    kept = 0.0
    for at, character in enumerate(text):
        kept += _advance(character) * size / 1000
        if kept > left:
            return text[:at].rstrip() + "…"
    return text


def wrapped(text: str, room: float, lines: int, size: float = FONT_SIZE) -> list[str]:
    """The text over at most so many lines, broken between words, the last one shortened."""
    made: list[str] = []
    words = text.split()
    while words and len(made) < lines - 1:
        taken = 1
        while taken < len(words) and text_width(" ".join(words[: taken + 1]), size) <= room:
            taken += 1
        made.append(shortened(" ".join(words[:taken]), room, size))
        words = words[taken:]
    return [*made, shortened(" ".join(words), room, size)] if words else made


def _advance(character: str) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return _ASCII[code - 32]
    if character in _OTHERS:
        return _OTHERS[character]
    plain = unicodedata.normalize("NFD", character)[0]
    if plain != character:
        return _advance(plain)
    if character in "\t\n\r":
        return _ASCII[0]
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return _WIDE if unicodedata.east_asian_width(character) in ("W", "F") else _UNKNOWN
