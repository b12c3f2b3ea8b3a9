"""Text that a spreadsheet program would take for a formula (OWASP, CSV injection), made harmless and back.

In a workbook a text is a text. In CSV nothing says what a cell is, so a text that begins like a formula gets an
apostrophe in front, as people write it themselves; a text that looks as if it had one gets one more. So every text
comes back as it was, and an apostrophe of a stranger's file (``'t Hooft``) stays.
"""

from __future__ import annotations

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MARK = "'"


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet program might compute this text."""
    return text.startswith(STARTS)


def guarded(text: str) -> str:
    """Write a text so that no program computes it."""
    looks_guarded = text.startswith(MARK) and text[1:].startswith((*STARTS, MARK))
    return MARK + text if is_dangerous(text) or looks_guarded else text


def unguarded(text: str) -> str:
    """Undo ``guarded``."""
    return text[1:] if text.startswith(MARK) and text[1:].startswith((*STARTS, MARK)) else text
