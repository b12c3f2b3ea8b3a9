"""Which column plays which part, guessed from what a file holds: a first proposal that a person confirms or changes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from headway.catalog import contract as odcs
from headway.catalog import inference, personal
from headway.catalog.entities import ColumnPreview, Roles
from headway.catalog.profile import ColumnProfile

EXAMPLES: Final = 3
CHOICES: Final = 20
"""A column of more values than this is no outcome to choose a value of."""
_EXAMPLE: Final = 60
_OUTCOME: Final = re.compile(
    r"\b(converted|conversion|outcome|label|target|won|success|successful|churn|churned|left|attrition|fraud|default|"
    r"defaulted|approved|accepted|hired|bought|purchased|subscribed|subscribe|response|responded|returned|cancelled|paid|"
    r"paid late|y)\b|^is (fraud|late|won)\b"
)
_HAPPENED: Final = re.compile(r"\b(created|opened|received|started|submitted|date|time|timestamp|at|on|day)\b")


def describe(one: ColumnProfile) -> ColumnPreview:
    """What people are shown of a column; values of restricted columns are masked and offered for no choice."""
    found = personal.detect(one.name, one.values, is_text=one.kind == "string")
    is_hidden = found is not None and found.classification == "restricted"
    texts = [odcs.text_of(value) for value in one.values]
    spread = texts[:: max(1, len(texts) // EXAMPLES)][:EXAMPLES]
    return ColumnPreview(
        name=one.name,
        kind=one.kind,
        rows=one.rows,
        missing=one.missing,
        distinct=one.distinct,
        examples=tuple(_short(personal.mask(text) if is_hidden else text) for text in spread),
        values=() if is_hidden or one.distinct > CHOICES else tuple(texts),
        personal=found.kind if found else None,
        classification=found.classification if found else None,
        is_special=found.special if found else False,
    )


def guess_roles(profiles: Sequence[ColumnProfile]) -> Roles:
    """Guess the roles: nothing is guessed where names and values do not say it.

    The label is a column of two values named like an outcome, or the last column where that has two values. Columns with
    restricted personal data are left out, but for the one that names whom a row is about.
    """
    shown = {one.name: describe(one) for one in profiles}
    label = _label(profiles)
    time = _time([one for one in profiles if one is not label], shown)
    taken = {one.name for one in (label, time) if one is not None}
    subject = next((one.name for one in profiles if one.name not in taken and inference.names_rows(one)), None)
    kept = {*taken, subject}
    return Roles(
        label=label.name if label else None,
        positive=inference.positive_of(label) if label else None,
        time=time.name if time else None,
        subject=subject,
        exclude=tuple(name for name, one in shown.items() if one.classification == "restricted" and name not in kept),
    )


def _label(profiles: Sequence[ColumnProfile]) -> ColumnProfile | None:
    possible = [one for one in profiles if one.distinct == 2 and one.kind in ("string", "integer", "boolean")]
    named = [one for one in possible if _OUTCOME.search(personal.words_of(one.name))]
    if named:
        return max(named, key=lambda one: (inference.positive_of(one) is not None, profiles.index(one)))
    return profiles[-1] if possible and profiles[-1] is possible[-1] else None


def _time(profiles: Sequence[ColumnProfile], shown: dict[str, ColumnPreview]) -> ColumnProfile | None:
    possible = [
        one
        for one in profiles
        if one.kind in ("date", "timestamp") and one.distinct > 1 and shown[one.name].personal is None
    ]
    named = [one for one in possible if _HAPPENED.search(personal.words_of(one.name))]
    return next(iter([*named, *possible]), None)


def _short(text: str) -> str:
    return text if len(text) <= _EXAMPLE else text[: _EXAMPLE - 1] + "…"
