"""How alike two proposals are: by what their words mean in English and German, and by how their titles are spelled.

No model is asked. Words are brought to keys: a word of ``words/alike.yaml`` to the thing it stands for, any other to its
first letters, which takes endings off in both languages. Keys that many entries have weigh less.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

TWIN = 0.35
"""From here on an entry is taken for a twin until somebody says otherwise; set on planted pairs (test_governance_likeness.py)."""
ALIKE = 0.25
"""From here on an entry is worth a look."""
FAINT = 0.12
"""Below this nobody would see what two proposals have in common."""
NEARLY = 0.75
"""Titles spelled so much alike are the same with a slip of the pen."""
TITLES_ALONE = 0.65
"""Two titles with half their words in common are no twins yet."""
OTHER_DEED = 0.55
"""What is left of the likeness of two proposals that do different things."""
_WORD = re.compile(r"[a-z0-9]+")
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "-": " "})
_STEM, _PART, _LONG = 6, 5, 9
_MOST_KNOWN = 200_000


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words that mean the same, by their beginnings, and words that mean nothing here."""

    whole: Mapping[str, str]
    """Words of up to three letters."""
    starts: Mapping[str, tuple[tuple[str, str], ...]]
    """Beginning and thing, longest first, by the first four letters."""
    phrases: Mapping[str, tuple[tuple[str, str], ...]]
    """Of several words, by the first one."""
    empty: frozenset[str]
    doing: Mapping[str, str]
    """Things that are done to others, and of which kind each is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is compared: a title and, where somebody wrote one, a purpose."""

    title: str
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike an entry is, from 0 to 1, and the words that both have."""

    place: int  # in the order the entries were given
    score: float
    shared: tuple[str, ...]


def lexicon(same: Mapping[str, Sequence[str]], empty: Iterable[str], doing: Mapping[str, Sequence[str]]) -> Lexicon:
    """Lay words out so that they are found quickly."""
    whole: dict[str, str] = {}
    starts: dict[str, list[tuple[str, str]]] = {}
    phrases: dict[str, list[tuple[str, str]]] = {}
    for thing, told in same.items():
        for word in map(fold, told):
            if " " in word:
                phrases.setdefault(word.partition(" ")[0], []).append((word, thing))
            elif len(word) < 4:
                whole[word] = thing
            else:
                starts.setdefault(word[:4], []).append((word, thing))
    laid = {first: tuple(sorted(found, key=lambda one: -len(one[0]))) for first, found in starts.items()}
    kinds = {deed: kind for kind, deeds in doing.items() for deed in deeds}
    by_first = {first: tuple(found) for first, found in phrases.items()}
    return Lexicon(whole, laid, by_first, frozenset(map(fold, empty)), kinds)


def fold(text: str) -> str:
    """Write a text in small letters without umlauts and hyphens."""
    plain = text.casefold()
    return plain.replace("-", " ") if plain.isascii() else plain.translate(_FOLD)


@dataclass(frozen=True, slots=True)
class _Read:
    title: frozenset[str]
    whole: frozenset[str]
    doing: frozenset[str]
    heading: str
    has_purpose: bool


class Reader:
    """Brings texts to keys; what a word means is looked up once."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self._known: dict[str, tuple[str, ...]] = {}
        self._read: dict[Words, _Read] = {}

    def read(self, words: Words) -> _Read:
        """What is compared of a proposal; remembered, since entries seldom change."""
        known = self._read.get(words)
        if known is None:
            if len(self._read) > _MOST_KNOWN:
                self._read.clear()
            known = self._read[words] = self._compared(words)
        return known

    def _compared(self, words: Words) -> _Read:
        heading = fold(words.title)
        title = self._keys(heading)
        whole = title | self._keys(fold(words.purpose)) if words.purpose else title
        kinds = self._words.doing
        doing = frozenset([kinds[key] for key in whole if key in kinds])
        return _Read(title, whole, doing, heading, bool(words.purpose))

    def _keys(self, plain: str) -> frozenset[str]:
        known, phrases = self._known, self._words.phrases
        found: set[str] = set()
        for word in _WORD.findall(plain):
            found.update(known.get(word) or self.meaning(word))
            if word in phrases:
                found.update(thing for phrase, thing in phrases[word] if phrase in plain)
        return frozenset(found)

    def named(self, text: str) -> dict[str, str]:
        """The keys of a text, each with the word it was first read from."""
        plain = fold(text)
        found: dict[str, str] = {}
        for word in _WORD.findall(plain):
            for phrase, thing in self._words.phrases.get(word, ()):
                if phrase in plain:
                    found.setdefault(thing, phrase)
            for key in self.meaning(word):
                found.setdefault(key, word)
        return found

    def meaning(self, word: str) -> tuple[str, ...]:
        """What a word stands for: nothing, one thing, or several in a compound."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            known = self._known[word] = self._meaning(word)
        return known

    def _meaning(self, word: str) -> tuple[str, ...]:
        if word in self._words.empty or len(word) < 2:
            return ()
        if thing := self._words.whole.get(word):
            return (thing,)
        found: dict[str, None] = {}
        last = len(word) - _PART if len(word) >= _LONG else 0
        place = 0
        while place <= last:
            beginning = self._words.starts.get(word[place : place + 4], ())
            hit = next((one for one in beginning if word.startswith(one[0], place)), None)
            if hit is not None and (place == 0 or len(hit[0]) >= _PART):
                found[hit[1]] = None
                place += len(hit[0])
            else:
                place += 1
        return tuple(found) or (word[:_STEM],)


class Shelf:
    """Entries laid out so that many proposals can be held against them."""

    def __init__(self, reader: Reader, entries: Sequence[Words]) -> None:
        self._reader = reader
        self._read = [reader.read(one) for one in entries]
        self._weights = _weights(self._read)
        self._places: dict[str, list[int]] = {}

    def compare(self, asked: Words) -> list[Likeness]:
        """Tell which entries are like a proposal, the most alike first; those with next to nothing in common are left out."""
        return self._scored(asked, range(len(self._read)))

    def near(self, asked: Words) -> list[Likeness]:
        """The same, looking only at entries that share two things with the proposal, or one of the title: for many at once."""
        if not self._places:
            for place, one in enumerate(self._read):
                for key in one.whole:
                    self._places.setdefault(key, []).append(place)
        shared: Counter[int] = Counter()
        mine = self._reader.read(asked)
        for key in mine.whole:
            shared.update(self._places.get(key, ()))
        near = [place for place, count in shared.items() if count > 1 or mine.title & self._read[place].title]
        return self._scored(asked, near)

    def _scored(self, asked: Words, places: Iterable[int]) -> list[Likeness]:
        mine = self._reader.read(asked)
        weights = (
            {**dict.fromkeys(mine.whole, 1.0), **self._weights} if mine.whole - self._weights.keys() else self._weights
        )
        own_words = {**self._reader.named(asked.purpose or ""), **self._reader.named(asked.title)}
        found = []
        for place in places:
            other = self._read[place]
            score = _score(mine, other, weights)
            if score >= FAINT:
                shared = sorted(mine.whole & other.whole, key=lambda key: (-weights[key], key))
                found.append(Likeness(place=place, score=score, shared=tuple(own_words[key] for key in shared)))
        return sorted(found, key=lambda one: (-one.score, one.place))


def compare(reader: Reader, asked: Words, entries: Sequence[Words]) -> list[Likeness]:
    """Hold one proposal against entries."""
    return Shelf(reader, entries).compare(asked)


def _weights(read: Sequence[_Read]) -> dict[str, float]:
    """What each key says of what a proposal is about: little, where every other entry has it."""
    counts: Counter[str] = Counter()
    for one in read:
        counts.update(one.whole)
    common = 10 + 0.02 * len(read)
    return {key: (1 + count / common) ** -0.5 for key, count in counts.items()}


def _score(mine: _Read, other: _Read, weights: Mapping[str, float]) -> float:
    both = mine.whole & other.whole
    spelled = _spelled(mine.heading, other.heading)
    if not both:
        return spelled
    told = 0.6 * _overlap(mine.whole, other.whole, both, weights)
    told += 0.4 * _overlap(mine.title, other.title, mine.title & other.title, weights)
    if not (mine.has_purpose or other.has_purpose):
        told *= TITLES_ALONE
    elif not (mine.has_purpose and other.has_purpose):
        told = max(told, _covered(mine, other, both, weights) * 0.6)
    if mine.doing and other.doing and not mine.doing & other.doing:
        told *= OTHER_DEED
    return max(told, spelled)


def _overlap(one: frozenset[str], other: frozenset[str], both: frozenset[str], weights: Mapping[str, float]) -> float:
    """Twice what both have over what each has, by weight."""
    if not both:
        return 0.0
    return 2 * sum([weights[key] for key in both]) / sum([weights[key] for keys in (one, other) for key in keys])


def _covered(mine: _Read, other: _Read, both: frozenset[str], weights: Mapping[str, float]) -> float:
    """How much of the shorter one the longer one says too."""
    less = min(mine.whole, other.whole, key=len)
    return sum([weights[key] for key in both]) / sum([weights[key] for key in less])


def _spelled(one: str, other: str) -> float:
    """How alike two titles are letter by letter, where that is nearly the same; 0 where it is not."""
    if abs(len(one) - len(other)) > max(len(one), len(other)) * (1 - NEARLY):
        return 0.0
    mine, its = _letters(one), _letters(other)
    told = 2 * len(mine & its) / (len(mine) + len(its))
    return told if told > NEARLY else 0.0


@lru_cache(maxsize=20_000)
def _letters(title: str) -> frozenset[str]:
    plain = f" {' '.join(_WORD.findall(title))} "
    return frozenset([plain[at : at + 3] for at in range(max(1, len(plain) - 2))])
