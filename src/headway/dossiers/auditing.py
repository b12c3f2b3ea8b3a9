"""Counting a bias audit: who was assessed and selected, by sex, race or ethnicity, and both, as New York City's rules ask. Pure.

Source: 6 RCNY 5-300 ("selection rate", "scoring rate", "impact ratio"), 5-301(b) to (d). A category that is not told is
counted as unknown and never guessed (5-301(d)).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from headway.dossiers.impact import GroupCount, rates
from headway.kernel.errors import Fault

if TYPE_CHECKING:
    import polars as pl

Source = Literal["own", "pooled", "test"]
UNTOLD: Final = ("", "unknown", "not told", "n/a", "na", "none", "null", "-")
LEAST_REASON: Final = 10
MOST_GROUPS: Final = 40
_SEX, _RACE, _CHOSEN = "sex", "race", "chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWanted:
    """Which columns of a file tell what. Either ``chosen`` with the value that means selected, or ``score``."""

    sex: str
    race: str
    chosen: str | None
    positive: str | None
    score: str | None
    source: Source
    reason: str | None
    """Why test data, or why the history of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasAudit:
    """What was counted. ``unknown``: people of whom the sex or the race or ethnicity is not told; they are in ``people``."""

    rate: Literal["selection", "scoring"]
    source: Source
    reason: str | None
    people: int
    unknown: int
    groups: dict[str, tuple[GroupCount, ...]]
    """By ``sex``, ``race_ethnicity`` and ``intersectional``."""
    min_impact_ratio: float | None
    """The smallest of the groups that are not below two in a hundred; None where nobody was selected."""
    min_cell: int
    """How many people the smallest group has."""
    p_value: float | None
    """Of Fisher's exact test, two-sided, between the group of the smallest ratio and that of the highest rate."""


def faults(wanted: AuditWanted, columns: list[str]) -> list[Fault]:
    """Find everything that is wrong with a wish before a row is read."""
    found = [
        _fault(field, f"the file has no column {name!r}; it has {', '.join(columns[:20])}", name)
        for field, name in (
            ("sex", wanted.sex),
            ("race", wanted.race),
            ("chosen", wanted.chosen),
            ("score", wanted.score),
        )
        if name is not None and name not in columns
    ]
    if (wanted.chosen is None) == (wanted.score is None):
        found.append(_fault("chosen", "name the column that says who was selected, or that of the score"))
    if wanted.chosen is not None and not wanted.positive:
        found.append(_fault("positive", "say which value means that somebody was selected"))
    if wanted.source != "own" and len((wanted.reason or "").strip()) < LEAST_REASON:
        found.append(_fault("reason", f"say in at least {LEAST_REASON} characters why it is not the own history"))
    return found


def count(frame: pl.DataFrame, wanted: AuditWanted) -> BiasAudit | list[Fault]:
    """Count a file of people, one row each, all columns texts; gives faults where it cannot be counted."""
    import polars as pl

    told = frame.select(
        _told(wanted.sex).alias(_SEX), _told(wanted.race).alias(_RACE), pl.col(wanted.chosen or wanted.score or "")
    )
    if wanted.score is not None:
        scores = told[wanted.score].cast(pl.Float64, strict=False)
        bad = int((scores.is_null() | ~scores.is_finite().fill_null(value=False)).sum())
        if bad:
            return [_fault("score", f"{bad:,} rows have no number as their score")]
        told = told.with_columns((scores > scores.median()).alias(_CHOSEN))
    else:
        told = told.with_columns((pl.col(wanted.chosen or "") == wanted.positive).fill_null(value=False).alias(_CHOSEN))
    found = {
        "sex": _groups(told, [_SEX]),
        "race_ethnicity": _groups(told, [_RACE]),
        "intersectional": _groups(told, [_SEX, _RACE]),
    }
    if wrong := _unfit(told, found, wanted):
        return wrong
    ratio, p_value = _worst(found)
    return BiasAudit(
        rate="scoring" if wanted.score else "selection",
        source=wanted.source,
        reason=(wanted.reason or "").strip() or None,
        people=told.height,
        unknown=int((told[_SEX].is_null() | told[_RACE].is_null()).sum()),
        groups=found,
        min_impact_ratio=ratio,
        min_cell=min(one.people for groups in found.values() for one in groups),
        p_value=p_value,
    )


def facts_of(audit: BiasAudit, asked_by: str) -> dict[str, str | int | float | bool | None]:
    """The audit as facts of evidence ``bias_audit``."""
    groups = {
        name: [{"group": one.group, "people": one.people, "chosen": one.chosen} for one in found]
        for name, found in audit.groups.items()
    }
    return {
        "rate": audit.rate,
        "data_source": audit.source,
        "data_reason": audit.reason,
        "people": audit.people,
        "unknown": audit.unknown,
        "min_impact_ratio": audit.min_impact_ratio,
        "min_cell": audit.min_cell,
        "p_value": audit.p_value,
        "groups": json.dumps(groups, ensure_ascii=False),
        "asked_by": asked_by,
    }


def _told(column: str) -> pl.Expr:
    import polars as pl

    text = pl.col(column).str.strip_chars()
    return pl.when(text.str.to_lowercase().is_in(UNTOLD)).then(None).otherwise(text)


def _groups(told: pl.DataFrame, by: list[str]) -> tuple[GroupCount, ...]:
    import polars as pl

    counted = told.drop_nulls(by).group_by(by).agg(pl.len().alias("people"), pl.col(_CHOSEN).sum()).sort(by)
    return tuple(
        GroupCount(group=", ".join(map(str, row[: len(by)])), people=int(row[-2]), chosen=int(row[-1]))
        for row in counted.iter_rows()
    )


def _unfit(told: pl.DataFrame, found: dict[str, tuple[GroupCount, ...]], wanted: AuditWanted) -> list[Fault]:
    made = [
        _fault(field, f"{column!r} tells {len(found[name])} groups; a comparison needs 2 to {MOST_GROUPS}", column)
        for field, column, name in (("sex", wanted.sex, "sex"), ("race", wanted.race, "race_ethnicity"))
        if not 2 <= len(found[name]) <= MOST_GROUPS
    ]
    if wanted.chosen is not None and told.height and not told[_CHOSEN].any():
        made.append(_fault("positive", f"no row has {wanted.positive!r} in {wanted.chosen!r}", wanted.positive))
    return made


def _worst(found: dict[str, tuple[GroupCount, ...]]) -> tuple[float | None, float | None]:
    """The smallest ratio of groups that are not small, and how likely chance alone makes such a difference."""
    from scipy.stats import fisher_exact

    worst: tuple[float, GroupCount, GroupCount] | None = None
    for groups in found.values():
        rated = [
            one for one in zip(groups, rates(groups), strict=True) if not one[1].is_small and one[1].ratio is not None
        ]
        if len(rated) < 2:
            continue
        lowest = min(rated, key=lambda one: one[1].ratio or 0.0)
        highest = max(rated, key=lambda one: one[1].rate or 0.0)
        if worst is None or (lowest[1].ratio or 0.0) < worst[0]:
            worst = (lowest[1].ratio or 0.0, lowest[0], highest[0])
    if worst is None:
        return None, None
    table = [[one.chosen, one.people - one.chosen] for one in worst[1:]]
    return worst[0], float(fisher_exact(table).pvalue)


def _fault(column: str, message: str, value: str | None = None) -> Fault:
    return Fault(rule=f"bias_audit.{column}", column=column, value=value, message=message)
