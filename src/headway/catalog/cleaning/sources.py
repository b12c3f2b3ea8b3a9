"""Tables in which many sources tell about the same things: who is right?

Such a table is told by its form: two columns that together name a row, the thing and the source, each repeated; about one
thing the sources agree far more often than by chance in every other column, and one source says different things of
different things. Then the true value of each thing and the accuracy of each source are estimated in turn, as in ACCU
(Dong, Berti-Equille and Srivastava, PVLDB 2009), which Li et al. (Truth finding on the deep web, PVLDB 2013) compare.
Sources that copy from each other are not told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headway.catalog.cleaning.coding import Column, Table
from headway.catalog.cleaning.dependencies import Pairs, pair_up
from headway.catalog.cleaning.odds import PRIOR, Floats, Ints
from headway.catalog.cleaning.votes import Repair, Votes

_TIMES = 3
_FEW = 5
_ALIKE = 0.1
_LIFT = 5.0
_ROUNDS = 10
_UNIQUE = 0.99
_START = 0.8
_SETTLED = 1e3


@dataclass(frozen=True, slots=True)
class Claims:
    """Places of the columns that name the thing and the source; all others are told by the source about the thing."""

    thing: int
    source: int


def claims(table: Table) -> Claims | None:
    """Find out whether the table holds what sources tell about things, and which columns name the two."""
    names = [
        at
        for at, one in enumerate(table.columns)
        if one.size >= _FEW and one.size * _TIMES <= table.rows and one.blanks == 0
    ]
    for thing in names:
        for source in names:
            if thing != source and _name_rows(table, thing, source) and _agree(table, thing, source):
                return Claims(thing, source)
    return None


def _name_rows(table: Table, thing: int, source: int) -> bool:
    one, other = table.columns[thing], table.columns[source]
    if one.size * other.size < _UNIQUE * table.rows:
        return False
    pairs, _ = pair_up(one.codes, other.codes, other.size)
    return len(pairs.rows) >= _UNIQUE * table.rows


def _agree(table: Table, thing: int, source: int) -> bool:
    told = [one for at, one in enumerate(table.columns) if at not in (thing, source)]
    if len(told) < 2:
        return False
    for one in told:
        chance = float(((one.counts[:-1] / max(one.present, 1)) ** 2).sum())
        about = _agreement(table.columns[thing], one)
        by = _agreement(table.columns[source], one)
        beyond, own = ((at - chance) / max(1 - chance, 1e-9) for at in (about, by))
        if beyond < _ALIKE or about < _LIFT * chance or own > beyond / 2:
            return False
    return True


def _agreement(by: Column, one: Column) -> float:
    """The probability that another row of the group holds the same value, over rows that are not alone."""
    there = (one.codes >= 0) & (by.codes >= 0)
    if not there.any():
        return 0.0
    pairs, _ = pair_up(by.codes[there], one.codes[there], one.size)
    size = pairs.by_group(pairs.rows)
    several = size >= 2
    if not several.any():
        return 0.0
    rows = pairs.rows[several]
    return float((rows * (rows - 1) / (size[several] - 1)).sum() / rows.sum())


@dataclass(frozen=True, slots=True)
class Told:
    """What sources tell in one column: pairs of thing and text, and how probably each is true."""

    at: int
    pairs: Pairs
    item: Ints  # pair of each row
    is_blank: NDArray[np.bool_]
    true: Floats


@dataclass(frozen=True, slots=True)
class Truth:
    """What is probably true, and how often each source is right, shape (sources,); by the place of the column.

    A source may know plans and not what happened, so each column has accuracies of its own.
    """

    told: dict[int, Told]
    accuracy: dict[int, Floats]


Facts = tuple[Ints, Mapping[int, NDArray[np.bool_]]]
"""Rows that somebody looked at, from 0, and for each column which of their cells are wrong."""


def truth(table: Table, found: Claims, facts: Facts | None = None) -> Truth:
    """Estimate what is true and who is right, in each column that sources tell about.

    Args: facts: cells known to be right or wrong; a right one settles its thing.
    """
    source = table.columns[found.source].codes.astype(np.int64)
    size = table.columns[found.source].size
    told, accuracies = {}, {}
    for at in range(len(table.columns)):
        if at in (found.thing, found.source):
            continue
        one, accuracy = _told_in(table, found, at), np.full(size, _START)
        spoken = ~one.is_blank[one.item]
        by, pair = source[spoken], one.item[spoken]
        said = np.bincount(by, minlength=size)
        known = _known(one, facts)
        for _ in range(_ROUNDS):
            one = _believed(one, (by, pair), accuracy, known)
            right = np.bincount(by, weights=one.true[pair], minlength=size)
            accuracy = np.clip((right + _START) / (said + 1.0), 0.05, 0.99)
        told[at], accuracies[at] = one, accuracy
    return Truth(told, accuracies)


def _told_in(table: Table, found: Claims, at: int) -> Told:
    one = table.columns[at]
    value = np.where(one.codes < 0, one.size, one.codes).astype(np.int32)
    pairs, item = pair_up(table.columns[found.thing].codes, value, one.size + 1)
    return Told(at, pairs, item, pairs.value == one.size, np.zeros(len(pairs.rows)))


def _known(one: Told, facts: Facts | None) -> Floats:
    """What to add to the score of each pair for what is known about it."""
    known = np.zeros(len(one.pairs.rows))
    if facts is not None:
        rows, wrong = facts
        known[one.item[rows]] = np.where(wrong[one.at], -_SETTLED, _SETTLED)
    return known


def _believed(one: Told, spoken: tuple[Ints, Ints], accuracy: Floats, known: Floats) -> Told:
    """The same with each text's probability of being true, given how often sources are right."""
    by, pair = spoken
    texts = np.add.reduceat((~one.is_blank).astype(np.float64), one.pairs.starts)
    false = max(float(texts.mean()) - 1.0, 1.0)
    weight = np.log(false * accuracy / (1 - accuracy))
    score = np.bincount(pair, weights=weight[by], minlength=len(one.pairs.rows)) + known
    peak = one.pairs.highest(np.where(one.is_blank, -1e300, score))
    raised = np.where(one.is_blank, 0.0, np.exp(np.minimum(score - peak, 0.0)))
    return replace(one, true=raised / np.maximum(one.pairs.by_group(raised), 1e-300))


def source_votes(table: Table, found: Claims, told: Told) -> Votes:
    """What truth finding says about each cell of a column."""
    thing, source, one = table.columns[found.thing], table.columns[found.source], table.columns[told.at]
    pairs, is_blank, true = told.pairs, told.is_blank, told.true
    known = pairs.by_group(np.where(is_blank, 0, pairs.rows))
    sure = pairs.highest(true)
    wrong = np.where(is_blank, sure * (1 - PRIOR), 1 - true)
    wrong = np.where(known < np.where(is_blank, 1, 2), PRIOR, wrong)
    best = np.flatnonzero((true == sure) & ~is_blank)
    meant = np.full(int(pairs.index[-1]) + 1, -1)
    meant[pairs.index[best[::-1]]] = pairs.value[best[::-1]]
    return Votes(
        kind="sources",
        item=told.item,
        wrong=wrong,
        reason=_said(thing, source, one, pairs, meant),
        repair=_given(one, pairs, meant, sure),
    )


def _said(thing: Column, source: Column, one: Column, pairs: Pairs, meant: Ints) -> Callable[[int], str]:
    def reason(item: int) -> str:
        value = int(meant[pairs.index[item]])
        best = one.values[value] if value >= 0 else None
        return (
            f"most of the {source.name} that tell about {thing.values[int(pairs.group[item])]!r}, weighed by how often "
            f"they are right, say {best!r}"
        )

    return reason


def _given(one: Column, pairs: Pairs, meant: Ints, sure: Floats) -> Callable[[int], Repair | None]:
    def repair(item: int) -> Repair | None:
        value = int(meant[pairs.index[item]])
        return None if value < 0 or value == pairs.value[item] else (one.values[value], float(sure[item]))

    return repair
