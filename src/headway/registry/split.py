"""Cuts rows into training, calibration and test: by time when the order is known, else at random.

In order of time the model is judged on what came after it learnt, which is how it will be used. Rows of the same time
stay on one side. At random, rows with equal features stay on one side: nothing is tested that was learnt by heart.

A random split of an uneven file is luck: on bank marketing the AUC of one and the same model on a random quarter varies
by 0.007 (one standard deviation) with the draw alone. So rows are dealt in small blocks that are alike by label and by
the score of a quick cross-fitted model. Each row still has the same chance to be tested, and each part mirrors the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.registry.entities import SplitKind, SplitReport
from headway.registry.errors import NothingToLearn

MAX_REPEATED = 0.10
"""Share of repeated rows above which repeats are natural (few coarse columns) and are no longer kept together."""

BLOCK = 20
"""Neighbours by score that are dealt together."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Row numbers of the three parts, each in the order of learning, and the report about them."""

    train: Rows
    calibration: Rows
    test: Rows
    report: SplitReport

    @property
    def learning(self) -> Rows:
        """All rows that the model may learn from."""
        return np.concatenate([self.train, self.calibration])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How large the parts are, of 1."""

    calibration: float
    test: float


def split_by_time(
    y: NDArray[np.float64], times: NDArray[np.float64], repeats: NDArray[np.intp], shares: Shares, *, by: str
) -> Split:
    """Cut in order of time: the latest rows are the test.

    Args: times: float64[n], larger is later, NaN for unknown; repeats: group of equal rows (features and label).
    Raises: NothingToLearn: too few different times, or a part holds one answer only.
    """
    known = np.flatnonzero(~np.isnan(times))
    order = known[np.argsort(times[known], kind="stable")]
    sorted_times = times[order]
    n = len(order)
    first = _boundary(sorted_times, round(n * (1 - shares.test - shares.calibration)))
    second = _boundary(sorted_times, round(n * (1 - shares.test)))
    if not 0 < first < second < n:
        raise NothingToLearn(
            f"{by} has too few different times to cut the rows into an earlier and a later part",
            hint="use a finer time column, or leave time out for a random split",
        )
    parts = (order[:first], order[first:second], order[second:])
    _both_answers(y, parts, ("earliest", "middle", "latest"))
    across = int(np.isin(repeats[parts[2]], repeats[np.concatenate(parts[:2])]).sum())
    return _split("time", by, y, parts, repeats, across=across, unplaced=len(y) - n)


def split_at_random(
    y: NDArray[np.float64],
    repeats: NDArray[np.intp],
    shares: Shares,
    *,
    seed: int,
    scores: NDArray[np.float64] | None = None,
) -> Split:
    """Cut at random, with the same share of positives in each part.

    Args: repeats: group of rows with equal features; kept on one side unless repeats are more than a tenth.
        scores: float64[n], by which the parts shall be alike as well.
    """
    n = len(y)
    groups = repeats if _repeated(repeats) <= MAX_REPEATED * n else np.arange(n)
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    rng = np.random.default_rng(seed)
    sides = np.zeros(len(first), np.int8)  # of groups; all rows of a group follow its first row
    for answer in (0.0, 1.0):
        members = rng.permutation(np.flatnonzero(y[first] == answer))
        if scores is not None:
            members = members[np.argsort(scores[first][members], kind="stable")]
        sides[members] = _deal(len(members), shares, rng)
    parts = tuple(np.flatnonzero(sides[inverse] == part) for part in range(3))
    _both_answers(y, parts, ("training", "calibration", "test"))
    across = int(np.isin(repeats[parts[2]], repeats[np.concatenate(parts[:2])]).sum())
    return _split("random", None, y, parts, repeats, across=across, unplaced=0)


def folds(y: NDArray[np.float64], *, ordered: bool, count: int = 5, seed: int) -> list[tuple[Rows, Rows]]:
    """Make cross-validation folds over rows that stand in the order of learning.

    ordered: the rows are cut into ``count + 1`` blocks; each block after the first is judged by what came before it.
    else: stratified random folds. Folds whose parts lack an answer are left out.
    """
    n = len(y)
    if ordered:
        edges = np.linspace(0, n, count + 2).astype(int)
        made = [(np.arange(edges[k]), np.arange(edges[k], edges[k + 1])) for k in range(1, count + 1)]
    else:
        place = np.empty(n, np.intp)
        rng = np.random.default_rng(seed)
        for answer in (0.0, 1.0):
            rows = rng.permutation(np.flatnonzero(y == answer))
            place[rows] = np.arange(len(rows)) % count
        made = [(np.flatnonzero(place != k), np.flatnonzero(place == k)) for k in range(count)]
    return [(a, b) for a, b in made if 0 < y[a].sum() < len(a) and 0 < y[b].sum() < len(b)]


def _deal(count: int, shares: Shares, rng: np.random.Generator) -> NDArray[np.int8]:
    """Deal ``count`` neighbours to the three parts, in the wanted shares within each block of twenty."""
    blocks = np.arange(count) // BLOCK
    place = np.argsort(rng.permutation(count) + blocks * count, kind="stable")  # shuffled within each block
    sizes = np.bincount(blocks)[blocks]
    at = np.empty(count)
    at[place] = (np.arange(count) - blocks * BLOCK + rng.random(blocks.max(initial=0) + 1)[blocks]) / sizes
    at %= 1.0
    cuts = np.array([1 - shares.test - shares.calibration, 1 - shares.test])
    return np.searchsorted(cuts, at, side="right").astype(np.int8)


def _boundary(times: NDArray[np.float64], at: int) -> int:
    """Move a cut to the nearer edge of its group of equal times."""
    if at <= 0 or at >= len(times) or times[at - 1] != times[at]:
        return at
    left, right = (int(np.searchsorted(times, times[at], side=side)) for side in ("left", "right"))
    return left if at - left <= right - at else right


def _repeated(groups: NDArray[np.intp]) -> int:
    return len(groups) - len(np.unique(groups))


def _both_answers(y: NDArray[np.float64], parts: tuple[Rows, ...], names: tuple[str, ...]) -> None:
    for rows, name in zip(parts, names, strict=True):
        positives = int(y[rows].sum())
        if not 0 < positives < len(rows):
            held = "no positive row" if positives == 0 else "positive rows only"
            raise NothingToLearn(
                f"the {name} part ({len(rows)} rows) holds {held}; nothing can be learnt or judged there",
                hint="bring more rows, or leave time out if the answers of the latest rows are not known yet",
            )


def _split(
    kind: SplitKind,
    by: str | None,
    y: NDArray[np.float64],
    parts: tuple[Rows, ...],
    repeats: NDArray[np.intp],
    *,
    across: int,
    unplaced: int,
) -> Split:
    train, calibration, test = parts
    report = SplitReport(
        kind=kind,
        by=by,
        train_rows=len(train),
        calibration_rows=len(calibration),
        test_rows=len(test),
        train_rate=float(y[train].mean()),
        calibration_rate=float(y[calibration].mean()),
        test_rate=float(y[test].mean()),
        repeated_rows=_repeated(repeats),
        repeats_across=across,
        unplaced_rows=unplaced,
    )
    return Split(train=train, calibration=calibration, test=test, report=report)
