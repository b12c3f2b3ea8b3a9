"""Functional dependencies that a table nearly keeps, and the cells that break them.

A dependency A -> B is taken up where "each A has one B, and cells are wrong now and then" explains the groups of equal A
better than "each A prefers some B" does. The first model draws the true B of a group by its share in the column, then each
cell right or wrong at one rate; the second is Pólya's urn (Dirichlet-multinomial), whose strength is fitted. An urn so strong
that new values hardly turn up is a dependency too, where fewer than 1 in 20 cells break it. Attributes that are merely alike
within a group go to the second, so breaches alone decide nothing. Against chance agreement in a lopsided column, groups whose
value is not the column's usual one must show it by themselves (compare the g3 measure, Kivinen and Mannila 1995, and its
bias, Mandros et al. KDD 2017).

Within a group the majority decides, by Bayes' rule with the error rate of the dependency and how often a wrong value comes
up. A group split into large parts is an exception rather than an error. Where several dependencies know a cell, the mean of
their weights counts: if the cell itself is wrong they agree, if one left-hand side is wrong they do not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from headway.catalog.cleaning.coding import Column, Table
from headway.catalog.cleaning.formats import is_marker
from headway.catalog.cleaning.odds import PRIOR, SOUND, Floats, Ints, error_odds, probability
from headway.catalog.cleaning.votes import Repair, Votes

_SCREENED, _SCREENED_LEAST = 50_000, 5_000
_WIDE = 30
_GROUPS = 3
_REPEATED = 0.2
_RATE_MOST = 3 * PRIOR
_MARGIN = float(-np.log(PRIOR))
_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 1000.0)
_KEPT = 6
_MEANT = 5
_NEARLY = 0.9
_SUPPORT = 0.001


@dataclass(frozen=True, slots=True)
class Dependency:
    """One column determines another, but for errors."""

    left: int
    right: int
    gain: float  # log-likelihood over the other model, nats
    rate: float  # share of cells that break it


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of each pair of a group and a value, in order of group, then value."""

    group: Ints
    value: Ints
    rows: Ints
    starts: Ints  # first pair of each group
    index: Ints  # shape (pairs,): place of the pair's group among all

    def by_group(self, values: Floats | Ints) -> Floats:
        """Sums of something over each group, given back to each of its pairs."""
        return np.add.reduceat(values.astype(np.float64), self.starts)[self.index]

    def highest(self, values: Floats | Ints) -> Floats:
        """Maxima over each group, given back to each of its pairs."""
        return np.maximum.reduceat(values.astype(np.float64), self.starts)[self.index]


def pair_up(left: NDArray[np.int32], right: NDArray[np.int32], size: int) -> tuple[Pairs, Ints]:
    """Count pairs of codes; gives also the pair of each row. Args: size: above all codes of ``right``."""
    key, inverse, rows = np.unique(left.astype(np.int64) * size + right, return_inverse=True, return_counts=True)
    group, value = key // size, key % size
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    index = np.cumsum(np.concatenate([[0], (group[1:] != group[:-1]).astype(np.int64)]))
    return Pairs(group, value, rows.astype(np.int64), starts, index), inverse


def dependencies(table: Table) -> dict[int, list[Dependency]]:
    """The dependencies of each column by its place, the surest first, at most six."""
    found: dict[int, list[Dependency]] = {}
    for left, one in enumerate(table.columns):
        if _repeated(one) < _REPEATED * table.rows or one.size < _GROUPS:
            continue
        chosen = _screened(one, len(table.columns))
        for right, other in enumerate(table.columns):
            if right != left and other.size >= 2:
                made = _judge(left, right, one.codes[chosen], other, other.codes[chosen])
                if made is not None:
                    found.setdefault(right, []).append(made)
    return {right: sorted(made, key=lambda d: (-d.gain, d.left))[:_KEPT] for right, made in found.items()}


def _repeated(one: Column) -> int:
    counts = one.counts[:-1]
    return int(counts[counts >= 2].sum())


def _screened(one: Column, columns: int) -> NDArray[np.bool_] | slice:
    """Rows of whole groups, some tens of thousands, fewer in wide tables, picked by a fixed shuffle of the values."""
    most = max(_SCREENED_LEAST, min(_SCREENED, _SCREENED * _WIDE**2 // columns**2))
    if one.rows <= most:
        return slice(None)
    order = np.argsort((np.arange(one.size) * 0.6180339887498949) % 1.0, kind="stable")
    reach = np.cumsum(one.counts[:-1][order])
    taken = np.zeros(one.size + 1, dtype=bool)
    taken[order[: int(np.searchsorted(reach, most)) + 1]] = True
    return np.asarray(taken[one.codes])


def _judge(
    left: int, right: int, group: NDArray[np.int32], other: Column, value: NDArray[np.int32]
) -> Dependency | None:
    """Whether errors explain the groups better than preferences; None where they do not."""
    there = (group >= 0) & (value >= 0)
    if int(there.sum()) < 2:
        return None
    pairs, _ = pair_up(group[there], value[there], other.size)
    several = pairs.by_group(pairs.rows) >= 2
    if not several.any():
        return None
    group_, value_, rows = pairs.group[several], pairs.value[several], pairs.rows[several]
    starts = np.flatnonzero(np.concatenate([[True], group_[1:] != group_[:-1]]))
    index = np.cumsum(np.concatenate([[0], (group_[1:] != group_[:-1]).astype(np.int64)]))
    pairs = Pairs(group_, value_, rows, starts, index)
    major = _majority(pairs)
    wrong = int(rows[~major].sum())
    total = int(rows.sum())
    rate = (wrong + 0.5) / (total + 1.0)
    if len(starts) < _GROUPS or rate > _RATE_MOST or len(np.unique(value_[major])) < 2:
        return None
    share = np.bincount(value_, weights=rows, minlength=other.size) / total
    errors = _error_shares(pairs, share)
    each = np.where(major, np.log(share[value_]) + rows * np.log1p(-rate), rows * np.log(rate * errors[value_]))
    one_true = np.add.reduceat(each, starts)
    allowed = [strength for strength in _STRENGTHS if strength >= 1.0 or rate > PRIOR]
    preferred = max((_urn(pairs, share[value_], strength) for strength in allowed), key=lambda of: float(of.sum()))
    gains = one_true - preferred
    gain, unusual = float(gains.sum()), value_[major] != int(np.argmax(share))
    return Dependency(left, right, gain, rate) if min(gain, float(gains[unusual].sum())) > _MARGIN else None


def _majority(pairs: Pairs) -> NDArray[np.bool_]:
    """The first of the most frequent values of each group."""
    top = np.flatnonzero(pairs.rows == pairs.highest(pairs.rows))
    first = top[np.unique(pairs.index[top], return_index=True)[1]]
    major = np.zeros(len(pairs.rows), dtype=bool)
    major[first] = True
    return major


def _error_shares(pairs: Pairs, share: Floats) -> Floats:
    """How often each value is the one that stands where it should not, smoothed by its share in the column."""
    first = (pairs.rows == pairs.highest(pairs.rows)) & (pairs.rows > 0)
    ties = np.maximum(pairs.by_group(first.astype(np.float64)), 1.0)
    astray = pairs.rows * np.where(first, 1 - 1 / ties, 1.0)
    seen = np.bincount(pairs.value, weights=astray, minlength=len(share))
    found: Floats = (seen + share) / (seen.sum() + 1.0)
    return found


def _urn(pairs: Pairs, share: Floats, strength: float) -> Floats:
    """Log-likelihood of each group under Pólya's urn: values drawn are put back with company."""
    sizes = np.add.reduceat(pairs.rows.astype(np.float64), pairs.starts)
    base = strength * share
    found: Floats = gammaln(strength) - gammaln(sizes + strength)
    return found + np.add.reduceat(gammaln(pairs.rows + base) - gammaln(base), pairs.starts)


def dependency_votes(table: Table, found: Dependency) -> Votes:
    """What a dependency says about each cell of its right-hand column."""
    left, right = table.columns[found.left], table.columns[found.right]
    blank = right.size
    value = np.where(right.codes < 0, blank, right.codes).astype(np.int32)
    group = np.where(left.codes < 0, left.size, left.codes).astype(np.int32)
    pairs, item = pair_up(group, value, blank + 1)
    is_blank, unknown = pairs.value == blank, pairs.group == left.size
    rows = np.where(is_blank, 0, pairs.rows)
    known = pairs.by_group(rows)
    counted = Pairs(pairs.group, pairs.value, rows, pairs.starts, pairs.index)
    major = _majority(counted) & ~is_blank
    share = np.append(right.counts[:-1] / max(right.present, 1), 0.0)
    true = _posterior(counted, share, found.rate)
    top = counted.highest(rows)
    holds = probability(SOUND * error_odds(known - top, np.maximum(known, 1)))
    wrong = holds * np.maximum(1 - true, _SUPPORT) + (1 - holds) * PRIOR
    sure = counted.highest(true)
    empty = probability(SOUND * error_odds(np.where(is_blank, pairs.rows, 0), np.maximum(known + pairs.rows, 1)))
    wrong = np.where(is_blank, np.maximum(holds * sure * empty, PRIOR), wrong)
    wrong = np.where(unknown | (known < 2), PRIOR, np.maximum(wrong, _SUPPORT))
    item, wrong = _without_exceptions(table, found, item, wrong)
    meant = np.full(int(pairs.index[-1]) + 1, -1)
    meant[pairs.index[major]] = pairs.value[major]
    return Votes(
        kind="dependency",
        item=item,
        wrong=wrong,
        reason=_told(left, right, pairs, meant, (top, known)),
        repair=_given(right, pairs, meant, holds * sure),
    )


def _without_exceptions(table: Table, found: Dependency, item: Ints, wrong: Floats) -> tuple[Ints, Floats]:
    """Leave out breaches that another column explains: nearly all rows with one of its values break the dependency.

    Such a dependency holds under a condition (Bohannon et al., Conditional functional dependencies, ICDE 2007).
    """
    breaks = wrong > 0.5
    rows = breaks[item]
    explained = np.zeros(len(item), dtype=bool)
    for at, other in enumerate(table.columns):
        if at in (found.left, found.right) or not rows.any():
            continue
        code = other.codes[rows]
        broken = np.bincount(code[code >= 0], minlength=other.size + 1)
        told = (broken >= _MEANT) & (broken >= _NEARLY * other.counts)
        told[:-1] &= ~is_marker(other, more=True).to_numpy()  # two errors in one row do not explain each other
        explained |= rows & told[other.codes]
    if not explained.any():
        return item, wrong
    return np.where(explained, len(wrong), item), np.append(wrong, PRIOR)


def _posterior(pairs: Pairs, share: Floats, rate: float) -> Floats:
    """The probability that each value of a group is its true one. Args: share: of each value in the column, 0 for blank."""
    errors = np.maximum(_error_shares(pairs, share)[pairs.value], 1e-300)
    score = pairs.rows * (np.log1p(-rate) - np.log(rate * errors)) + np.log(np.maximum(share[pairs.value], 1e-300))
    score = np.where(pairs.rows > 0, score, -1e300)
    raised = np.where(pairs.rows > 0, np.exp(np.minimum(score - pairs.highest(score), 0.0)), 0.0)
    found: Floats = raised / np.maximum(pairs.by_group(raised), 1e-300)
    return found


def _told(
    left: Column, right: Column, pairs: Pairs, meant: Ints, counts: tuple[Floats, Floats]
) -> Callable[[int], str]:
    top, known = counts

    def reason(item: int) -> str:
        value = right.values[int(meant[pairs.index[item]])]
        return (
            f"{left.name} {left.values[int(pairs.group[item])]!r} goes with {value!r} in {int(top[item]):,} "
            f"of {int(known[item]):,} rows that have a value"
        )

    return reason


def _given(right: Column, pairs: Pairs, meant: Ints, sure: Floats) -> Callable[[int], Repair | None]:
    def repair(item: int) -> Repair | None:
        value = int(meant[pairs.index[item]])
        return None if value < 0 or value == pairs.value[item] else (right.values[value], float(sure[item]))

    return repair
