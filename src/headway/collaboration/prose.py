"""Texts that people write: how long they may be and what they may hold."""

from __future__ import annotations

from collections.abc import Mapping

from headway.collaboration.errors import WordsRefused
from headway.kernel.errors import Fault

MAX_COMMENT = 20_000
MAX_LINE = 200
MAX_NOTE = 2_000


def faults_of(name: str, text: str, most: int, *, may_be_empty: bool = False) -> list[Fault]:
    """Find what is wrong with a text; ``most`` counts characters."""
    if not text.strip() and not may_be_empty:
        return [Fault(rule="words.empty", column=name, message=f"{name} is empty")]
    if "\0" in text:
        return [Fault(rule="words.zero", column=name, message=f"{name} holds a zero byte")]
    if len(text) > most:
        told = f"{name} has {len(text)} characters; at most {most} are kept"
        return [Fault(rule="words.long", column=name, message=told)]
    return []


def check(texts: Mapping[str, tuple[str, int]], also: list[Fault] | None = None) -> None:
    """Raise WordsRefused naming every text that is empty, too long or unfit, and the faults found before."""
    faults = [fault for name, (text, most) in texts.items() for fault in faults_of(name, text, most)] + (also or [])
    if faults:
        raise WordsRefused("; ".join(fault.message for fault in faults), faults=faults)
