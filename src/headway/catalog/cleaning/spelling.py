"""Dictionaries: the values that a column keeps repeating, and rare ones that are almost one of them.

The values that come up often are the column's own dictionary. A rare value near one of them may be a typing error, or a
value of its own that happens to be alike. How often values are alike by nature shows in the dictionary itself: where its
own entries are close to each other (``hf-3``, ``hf-4``), closeness tells nothing. Neighbours are looked for by the
n-grams of their signs, and compared by how many signs must change (Levenshtein 1965). Where whole values are no
dictionary, their words may be one. Spellings that differ in case, spaces and signs alone are found by their fingerprint
(OpenRefine's key collision).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from headway.catalog.cleaning.coding import Column
from headway.catalog.cleaning.edits import edits
from headway.catalog.cleaning.formats import is_marker
from headway.catalog.cleaning.odds import PRIOR, SOUND, Floats, Ints, error_odds, probability
from headway.catalog.cleaning.votes import Repair, Votes

_OFTEN = 3
_RARE_MOST = 20_000
_DICTIONARY_MOST = 5_000
_CHUNK = 1_000
_TRIED = 6
_LONGEST = 200
_CLOSE = 0.34
_MISSPELT = 0.05
"""Probability that the rare values of a column are misspelt, before it is known how close they are."""
_DIGITS = re.compile(r"\d+")
_WORD = r"\p{L}[\p{L}\p{M}]{2,}"


@dataclass(frozen=True, slots=True)
class Nearest:
    """Rare texts that are probably misspelt: the entry each is closest to, and how probable."""

    wrong: dict[str, float]
    meant: dict[str, str]
    entries: dict[str, int]  # rows of each entry that is meant


def spelling(column: Column) -> list[Votes]:
    """Rare near-duplicates of frequent values, or of frequent words, and other ways to write the same value."""
    frame = column.table.filter(~is_marker(column))
    found: list[Votes | None] = [_written_otherwise(column, repeats=_repeats(frame))]
    if column.size >= 2:
        values = _nearest(frame)
        if values is not None:
            found.append(_value_votes(column, values))
        else:
            found.append(_word_votes(column, frame))
    return [one for one in found if one is not None]


def _repeats(frame: pl.DataFrame) -> bool:
    """Whether at least half of the rows hold texts that come up often; texts that people write freely do not."""
    return 2 * int(frame.filter(pl.col("n") >= _OFTEN)["n"].sum()) >= int(frame["n"].sum()) > 0


def _nearest(frame: pl.DataFrame) -> Nearest | None:
    """Rare texts near frequent ones, of texts ``v`` with rows ``n``; None where the texts are no dictionary."""
    frame = frame.filter(pl.col("v").str.len_chars() <= _LONGEST)
    held = int(frame["n"].sum())
    often = frame.filter(pl.col("n") >= _OFTEN).sort("n", "v", descending=[True, False])
    if often.is_empty() or int(often["n"].sum()) < (1 - 3 * PRIOR) * held or often.height > _DICTIONARY_MOST:
        return None
    rare = frame.filter((pl.col("n") < PRIOR * int(often["n"][0])) & (pl.col("v").str.len_chars() >= 2))
    if rare.height > _RARE_MOST:
        return None
    entries, counts = often["v"].to_list(), often["n"].to_numpy()
    texts, own = rare["v"].to_list(), rare["n"].to_numpy()
    if not texts:
        return Nearest({}, {}, {})
    at, distance = _closest(texts, own, entries, counts)
    sure = [
        entry for entry, n in zip(entries, counts, strict=True) if n >= PRIOR * counts[0]
    ]  # not misspelt themselves
    _, apart = _closest(sure, np.zeros(len(sure)), sure, counts[: len(sure)])
    odds = float(error_odds(int(own.sum()), held))
    wrong, meant = {}, {}
    for text, place, far in zip(texts, at, distance, strict=True):
        if place < 0 or far > _CLOSE or not _differ_in_words(text, entries[place]):
            continue
        alike = (float((apart <= far).sum()) + 1.0) / (len(sure) + 2.0)
        wrong[text], meant[text] = max(float(probability(_MISSPELT * odds / alike)), PRIOR), entries[place]
    rows = dict(zip(entries, counts.tolist(), strict=True))
    return Nearest(wrong, meant, {entry: rows[entry] for entry in set(meant.values())})


def _differ_in_words(one: str, two: str) -> bool:
    """Whether a text with letters differs from another in more than digits: numbers are alike by nature."""
    return any(sign.isalpha() for sign in one) and _DIGITS.sub("", one) != _DIGITS.sub("", two)


def _closest(texts: list[str], own: Floats | Ints, entries: list[str], counts: Ints) -> tuple[Ints, Floats]:
    """For each text the closest entry with at least 20 times its rows, other than itself, and the share of signs that differ."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize

    grams = CountVectorizer(analyzer="char_wb", ngram_range=(1, 2), lowercase=False, dtype=np.float32)
    known = normalize(grams.fit_transform(entries))
    signs = [np.array([ord(sign) for sign in entry], dtype=np.int32) for entry in entries]
    at, distance = np.full(len(texts), -1, dtype=np.int64), np.full(len(texts), np.inf)
    for start in range(0, len(texts), _CHUNK):
        some = texts[start : start + _CHUNK]
        alike = (normalize(grams.transform(some)) @ known.T).toarray()
        alike[counts[None, :] * PRIOR < own[start : start + _CHUNK, None]] = 0
        best = np.argpartition(-alike, min(_TRIED, alike.shape[1] - 1), axis=1)[:, :_TRIED]
        for i, text in enumerate(some):
            own_signs = np.array([ord(sign) for sign in text], dtype=np.int32)
            for place in sorted(best[i].tolist()):
                if alike[i, place] > 0 and entries[place] != text:
                    far = edits(own_signs, signs[place]) / max(len(text), len(entries[place]))
                    if far < distance[start + i]:
                        at[start + i], distance[start + i] = place, far
    return at, distance


def _value_votes(column: Column, found: Nearest) -> Votes | None:
    if not found.wrong:
        return None
    wrong = _spread(column, found.wrong)

    def reason(item: int) -> str:
        entry = found.meant[str(column.values[item])]
        return f"rare, and almost {entry!r}, which {found.entries[entry]:,} rows hold"

    def repair(item: int) -> Repair | None:
        entry = found.meant.get(str(column.values[item]))
        return None if entry is None else (entry, 0.85)

    return Votes(kind="dictionary", item=column.codes, wrong=wrong, reason=reason, repair=repair)


def _spread(column: Column, wrong: dict[str, float]) -> Floats:
    texts = pl.DataFrame({"v": list(wrong), "p": list(wrong.values())}, schema={"v": pl.String, "p": pl.Float64})
    each = column.table.select("v").join(texts, on="v", how="left", maintain_order="left")["p"].fill_null(PRIOR)
    return np.append(each.to_numpy(), PRIOR)


def _word_votes(column: Column, frame: pl.DataFrame) -> Votes | None:
    """Misspelt words, where a column's words are a dictionary."""
    words = (
        frame.select("v", "n", w=pl.col("v").str.extract_all(_WORD)).explode("w", empty_as_null=False).drop_nulls("w")
    )
    if words.is_empty():
        return None
    each = words.group_by("w").agg(pl.col("n").sum()).rename({"w": "v"}).sort("v")
    found = _nearest(each)
    if found is None or not found.wrong:
        return None
    doubted = pl.DataFrame({"w": list(found.wrong), "p": list(found.wrong.values())})
    worst = (
        words.join(doubted, on="w").sort("p", "w", descending=[True, False]).group_by("v", maintain_order=True).first()
    )
    wrong = _spread(column, dict(zip(worst["v"].to_list(), worst["p"].to_list(), strict=True)))
    bad = dict(zip(worst["v"].to_list(), worst["w"].to_list(), strict=True))

    def reason(item: int) -> str:
        word = bad[str(column.values[item])]
        entry = found.meant[word]
        return f"holds {word!r}, which is rare and almost {entry!r}, which {found.entries[entry]:,} rows hold"

    def repair(item: int) -> Repair | None:
        text = str(column.values[item])
        return (text.replace(bad[text], found.meant[bad[text]]), 0.8) if text in bad else None

    return Votes(kind="dictionary", item=column.codes, wrong=wrong, reason=reason, repair=repair)


def _written_otherwise(column: Column, *, repeats: bool) -> Votes | None:
    """Values that equal a more frequent one but for case, spaces and signs; and spaces around a value."""
    text = pl.col("v")
    frame = column.table.with_row_index("at").with_columns(
        key=text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", ""), bare=text.str.strip_chars()
    )
    spaced = (frame["v"] != frame["bare"]).to_numpy()
    named = frame.filter((text.str.count_matches(r"\p{L}") >= 2) & repeats)
    ordered = named.sort("key", "n", "v", descending=[False, True, False])
    group = ordered.group_by("key", maintain_order=True).agg(
        major=pl.col("v").first(), top=pl.col("n").first(), rows=pl.col("n").sum()
    )
    minor = ordered.join(group, on="key").filter((text != pl.col("major")) & (pl.col("n") < pl.col("top"))).sort("at")
    wrong = np.full(column.size + 1, PRIOR)
    wrong[minor["at"].to_numpy()] = probability(SOUND * error_odds(minor["n"].to_numpy(), minor["rows"].to_numpy()))
    meant = dict(zip(minor["at"].to_list(), minor["major"].to_list(), strict=True))
    rows = int(column.counts[:-1][spaced].sum())
    if rows:
        wrong[:-1][spaced] = np.maximum(wrong[:-1][spaced], probability(SOUND * error_odds(rows, column.present)))
    if not (wrong > PRIOR).any():
        return None
    wrong = np.maximum(wrong, PRIOR)
    return Votes(
        kind="spelling", item=column.codes, wrong=wrong, reason=_said(column, meant), repair=_bare(column, meant)
    )


def _said(column: Column, meant: dict[int, str]) -> Callable[[int], str]:
    def reason(item: int) -> str:
        if item in meant:
            return f"written otherwise than the more frequent {meant[item]!r}"
        return "spaces stand around the value, which the column does not have elsewhere"

    return reason


def _bare(column: Column, meant: dict[int, str]) -> Callable[[int], Repair | None]:
    def repair(item: int) -> Repair | None:
        if item in meant:
            return meant[item], 0.9
        text = str(column.values[item])
        return (text.strip(), 0.95) if text.strip() != text else None

    return repair
