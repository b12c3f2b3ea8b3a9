"""Columns that name a row instead of describing it, and columns that say the same in every row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from headway.registry.entities import Suspect
from headway.registry.suspects.screening import Column, Screening
from headway.registry.suspects.words import words

NEAR_CONSTANT = 0.995
"""Share of one value from which a column can hardly help."""
TEXT_DISTINCT = 0.5
"""Share of different texts from which a column names rows or is free text."""
MAX_CATEGORIES = 255
"""Most values of a text column that the model tells apart; rarer ones count as missing."""
_KEY_WORDS = frozenset(
    {
        "id",
        "ids",
        "key",
        "uuid",
        "guid",
        "nr",
        "no",
        "num",
        "number",
        "code",
        "index",
        "rowid",
        "schluessel",
        "schlüssel",
        "nummer",
        "kennung",
    }
)


def find(screening: Screening) -> Iterator[Suspect]:
    """Name identifiers, constants, near constants and text of too many values."""
    for column in screening.columns:
        found = _constant(column, screening) or _identifier(column, screening) or _many(column, screening)
        if found:
            yield found


def _constant(column: Column, screening: Screening) -> Suspect | None:
    rows = screening.rows
    if column.distinct == 0:
        return _suspect(column, "constant", "strong", "no row has a value", missing=rows)
    if column.distinct == 1 and column.present == rows:
        return _suspect(column, "constant", "strong", "every row has the same value", distinct=1)
    counts = np.bincount(column.bins)
    share = float(counts.max()) / rows
    if column.distinct <= MAX_CATEGORIES and share >= NEAR_CONSTANT:
        return _suspect(column, "near_constant", "note", f"{share:.1%} of the rows have the same value", share=share)
    return None


def _identifier(column: Column, screening: Screening) -> Suspect | None:
    if column.name in screening.keys:
        return _suspect(column, "identifier", "strong", "the contract calls it a key", distinct=column.distinct)
    share = column.distinct / max(column.present, 1)
    if column.is_text and share >= 0.98 and column.present >= screening.rows / 2:
        return _suspect(
            column, "identifier", "strong", f"{share:.1%} of its texts are different", distinct=column.distinct
        )
    if not column.series.dtype.is_integer() or column.distinct < column.present or column.present < screening.rows:
        return None
    if _counts_up(column):
        return _suspect(column, "identifier", "strong", "it numbers the rows", distinct=column.distinct)
    if _KEY_WORDS & set(words(column.name)):
        return _suspect(
            column, "identifier", "strong", "its name is a key's and no value repeats", distinct=column.distinct
        )
    return None


def _counts_up(column: Column) -> bool:
    values = column.numbers
    steps = np.diff(values)
    return bool(values.max() - values.min() == len(values) - 1 or (steps > 0).all() or (steps < 0).all())


def _many(column: Column, screening: Screening) -> Suspect | None:
    share = column.distinct / max(column.present, 1)
    if column.is_text and column.distinct > 20 and share > TEXT_DISTINCT:
        reason = f"{column.distinct} different texts in {column.present} rows: free text or names, not groups"
        return _suspect(column, "too_many_values", "warning", reason, distinct=column.distinct)
    return None


def _suspect(column: Column, kind: str, severity: str, reason: str, **evidence: float) -> Suspect:
    return Suspect(column=column.name, kind=kind, severity=severity, reason=reason, evidence=evidence)  # type: ignore[arg-type]
