"""How alike two names of columns are, or two written values: by words, meanings, abbreviations and letters. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from headway.scaling.vocabulary import UMLAUTS, longest_phrase, meanings

_BETWEEN: Final = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])"
)
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_EMPTY: Final = frozenset({"of", "the", "a", "in", "der", "die", "das", "des", "is", "has", "and", "und", "to", "im"})
_SAME_LETTERS: Final = 0.55
_LEAST_PREFIX: Final = 3


@lru_cache(maxsize=20_000)
def words(name: str) -> tuple[str, ...]:
    """Split a name into plain small words: ``daysSinceContact`` and ``days_since_contact`` are the same."""
    parted = _BETWEEN.sub(" ", name.strip())
    return tuple(_OTHER.sub(" ", parted.casefold().translate(UMLAUTS)).split())


def alike(ours: str, theirs: str) -> tuple[float, str]:
    """Tell how alike two names are, from 0 to 1, and by what.

    >>> alike("source", "herkunft")
    (0.95, 'the names mean the same')
    """
    mine, other = words(ours), words(theirs)
    if not mine or not other:
        return 0.0, ""
    if mine == other or "".join(mine) == "".join(other):
        return 1.0, "the names are the same"
    if _meant(" ".join(mine)) & _meant(" ".join(other)):
        return 0.95, "the names mean the same"
    a, b = _parts(mine), _parts(other)
    score = _shared(a, b)
    if score >= 0.999:
        return 0.93, "the names mean the same"
    return 0.9 * score, "the names have words in common" if score > 0 else ""


def _meant(phrase: str) -> frozenset[int]:
    return meanings().get(phrase, frozenset())


@lru_cache(maxsize=20_000)
def _parts(name: tuple[str, ...]) -> tuple[tuple[str, frozenset[int]], ...]:
    """The words of a name, longest known phrases first, each with its meanings."""
    made, at = [], 0
    while at < len(name):
        for size in range(min(longest_phrase(), len(name) - at), 0, -1):
            phrase = " ".join(name[at : at + size])
            if size == 1 or _meant(phrase):
                break
        if phrase not in _EMPTY or len(name) == 1:
            made.append((phrase, _meant(phrase)))
        at += size
    return tuple(made)


Part = tuple[str, frozenset[int]]


def _shared(a: tuple[Part, ...], b: tuple[Part, ...]) -> float:
    """Words in common as a share of all words of both (Dice), each word taken once, the best pairs first."""
    pairs = sorted(
        ((_word(one, two), at, to) for at, one in enumerate(a) for to, two in enumerate(b)),
        key=lambda p: (-p[0], p[1:]),
    )
    used_a, used_b, total = set[int](), set[int](), 0.0
    for score, at, to in pairs:
        if score > 0 and at not in used_a and to not in used_b:
            used_a.add(at)
            used_b.add(to)
            total += score
    return 2.0 * total / (len(a) + len(b)) if a and b else 0.0


def _word(one: Part, two: Part) -> float:
    if one[0] == two[0] or one[1] & two[1]:
        return 1.0
    short, long = sorted((one[0], two[0]), key=len)
    if len(short) >= _LEAST_PREFIX and long.startswith(short):
        return 0.8
    if len(short) >= _LEAST_PREFIX and _is_skeleton(short, long):
        return 0.7
    letters = _letters(short, long)
    return letters if letters >= _SAME_LETTERS else 0.0


def _is_skeleton(short: str, long: str) -> bool:
    """Whether a short form keeps the first letter and then letters of the long one in order, vowels left out: ``qty``."""
    if short[0] != long[0] or any(letter in "aeiou" for letter in short[1:]) or len(long) > 3 * len(short):
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


@lru_cache(maxsize=50_000)
def _letters(one: str, two: str) -> float:
    """Share of groups of three letters that both have."""
    a, b = ({f"  {word} "[at : at + 3] for at in range(len(word) + 1)} for word in (one, two))
    return 2.0 * len(a & b) / (len(a) + len(b))
