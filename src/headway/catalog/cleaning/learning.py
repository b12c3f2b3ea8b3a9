"""What a steward's labels on a few rows add: which rows to ask for, and how their answers spread.

After Raha (Mahdavi et al., SIGMOD 2019): the detectors' votes are the features of a cell, cells of a column with like votes
form clusters, rows are asked for that touch many clusters not asked for yet, a label counts for its cluster, and a
classifier for each column learns from the labels. Two things are added. What the detectors found without labels is kept as
a power prior (Ibrahim and Chen, Statistical Science 2000): every cell counts as imaginary observations of its own
probability, so that a column without a labelled error keeps what was found in it. And where sources tell about things,
labels are facts for truth finding as well (Yin and Tan, WWW 2011).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.catalog.cleaning import sources
from headway.catalog.cleaning.coding import Column
from headway.catalog.cleaning.detecting import Study, findings, kind_weight, score
from headway.catalog.cleaning.entities import FINDINGS, Detection
from headway.catalog.cleaning.odds import Floats, Ints
from headway.catalog.cleaning.shapes import shape
from headway.catalog.cleaning.votes import Votes
from headway.catalog.errors import UnknownColumn

LABELS = 20
"""Rows that a steward is asked for by default."""
_CLUSTERS = 20
_PRIOR_WEIGHT = 8.0
_LABEL_WEIGHT = 2.0
_TREES = 60

Labels = Mapping[int, frozenset[str]]
"""For each labelled row, from 1, the columns whose cell is wrong; the others are right."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column, those with the same features taken together."""

    features: NDArray[np.float32]  # shape (kinds of cells, features)
    kind: Ints  # shape (rows,): place in ``features``
    rows: Ints  # rows of each kind
    cluster: Ints  # of each kind
    wrong: Floats  # mean probability without labels, of each kind


def cells_of(whole: Study, at: int, votes: list[Votes], wrong: Floats, seed: int) -> Cells:
    """Describe and cluster the cells of a column."""
    matrix = _features(whole, at, votes, wrong)
    frame = pl.from_numpy(matrix, schema=[f"f{i}" for i in range(matrix.shape[1])])
    _, first, kind, rows = np.unique(
        frame.hash_rows(0).to_numpy(), return_index=True, return_inverse=True, return_counts=True
    )
    features = matrix[first]
    mean = np.bincount(kind, weights=wrong) / rows
    return Cells(features, kind.astype(np.int64), rows.astype(np.int64), _clusters(features, rows, seed), mean)


def _features(whole: Study, at: int, votes: list[Votes], wrong: Floats) -> NDArray[np.float32]:
    """Shape (rows, features): votes by kind, how common the text and its shape are, and who tells."""
    column = whole.table.columns[at]
    made = [np.log(np.clip(wrong, 1e-4, 1 - 1e-4)) - np.log1p(-np.clip(wrong, 1e-4, 1 - 1e-4))]
    made += [kind_weight(column, votes, kind) for kind in sorted({one.kind for one in votes})]
    made.append((column.codes < 0).astype(np.float64))
    made.append(np.log1p(column.counts)[column.codes])
    made.append(np.log1p(_shape_rows(column))[column.codes])
    if whole.claims is not None and whole.truth is not None and at in whole.truth.told:
        accuracy = whole.truth.accuracy[at]
        made.append(4.0 * accuracy[whole.table.columns[whole.claims.source].codes])
    return np.round(np.column_stack(made), 1).astype(np.float32)


def _shape_rows(column: Column) -> Floats:
    """Rows that share the shape of each text, then blank rows."""
    frame = column.table.with_columns(s=shape(pl.col("v"))).select(pl.col("n").sum().over("s"))
    return np.append(frame["n"].to_numpy(), column.blanks).astype(np.float64)


def _clusters(features: NDArray[np.float32], rows: Ints, seed: int) -> Ints:
    if len(features) <= _CLUSTERS:
        return np.arange(len(features))
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(_CLUSTERS, random_state=seed, n_init=3, batch_size=4096)
    found: Ints = model.fit_predict(features, sample_weight=np.log1p(rows)).astype(np.int64)
    return found


def rows_to_label(whole: Study, count: int = LABELS, *, seed: int = 0) -> list[int]:
    """Choose the rows a steward should look at, from 1, the most telling first.

    Each next row is the one that touches most clusters of cells that no chosen row touches, where clusters about which the
    detectors are unsure count more. Ties are broken by the seed. Where sources tell about things, each row is about another.
    """
    rows = whole.table.rows
    gain = []
    for at, column in enumerate(whole.table.columns):
        votes = whole.votes(at)
        if votes:
            cells = cells_of(whole, at, votes, score(column, votes), seed)
            gain.append((cells.cluster[cells.kind], _doubt(cells)))
    chance = np.random.default_rng(seed).random(rows) * 1e-3
    free, chosen = np.ones(rows, dtype=bool), []
    seen = [np.zeros(len(doubt)) for _, doubt in gain]
    for _ in range(min(count, rows)):
        worth = chance.copy()
        for (cluster, doubt), touched in zip(gain, seen, strict=True):
            worth += (doubt * np.exp(-touched))[cluster]
        best = int(np.argmax(np.where(free, worth, -1.0)))
        if not free[best]:
            break
        chosen.append(best + 1)
        free[best] = False
        for (cluster, _), touched in zip(gain, seen, strict=True):
            touched[cluster[best]] += 1
        if whole.claims is not None:
            thing = whole.table.columns[whole.claims.thing].codes
            others = free & (thing != thing[best])
            free = others if others.any() else free
    return chosen


def _doubt(cells: Cells) -> Floats:
    """How unsure the detectors are about each cluster, and how many rows it holds."""
    size = int(cells.cluster.max()) + 1
    rows = np.bincount(cells.cluster, weights=cells.rows, minlength=size)
    wrong = np.bincount(cells.cluster, weights=cells.rows * cells.wrong, minlength=size) / np.maximum(rows, 1)
    found: Floats = (0.05 + wrong * (1 - wrong)) * np.log1p(rows)
    return found


def detect_with(whole: Study, labels: Labels, *, seed: int = 0) -> Detection:
    """Find wrong cells with the help of labelled rows.

    Args: labels: rows from 1, each with the columns whose cell is wrong; about twenty are enough.
    Returns: findings in order of column and row; labelled cells are as the steward said.
    Raises: UnknownColumn: labels name rows or columns that the table does not have.
    """
    _check(whole, labels)
    rows = np.array(sorted(labels), dtype=np.int64) - 1
    whole = _told(whole, labels, rows)
    found = []
    for at, column in enumerate(whole.table.columns):
        votes = whole.votes(at)
        said = np.array([column.name in labels[int(row) + 1] for row in rows], dtype=bool)
        wrong = _learnt(whole, at, votes, (rows, said), seed)
        found.append(findings(column, votes, wrong))
    return Detection(pl.concat(found) if found else pl.DataFrame(schema=FINDINGS))


def _check(whole: Study, labels: Labels) -> None:
    names = {column.name for column in whole.table.columns}
    outside = sorted(row for row in labels if not 1 <= row <= whole.table.rows)
    unknown = sorted({name for wrong in labels.values() for name in wrong} - names)
    if outside or unknown:
        raise UnknownColumn(
            "labels name what the table does not have: "
            + "; ".join([*(f"row {row}" for row in outside), *(f"column {name!r}" for name in unknown)]),
            hint=f"rows go from 1 to {whole.table.rows}, columns are {', '.join(sorted(names))}",
        )


def _told(whole: Study, labels: Labels, rows: Ints) -> Study:
    """The study with labels as facts about what sources tell."""
    if whole.claims is None:
        return whole
    facts = {
        at: np.array([column.name in labels[int(row) + 1] for row in rows], dtype=bool)
        for at, column in enumerate(whole.table.columns)
    }
    return replace(whole, truth=sources.truth(whole.table, whole.claims, (rows, facts)))


def _learnt(whole: Study, at: int, votes: list[Votes], said: tuple[Ints, NDArray[np.bool_]], seed: int) -> Floats:
    """The probability that each cell of a column is wrong, given the labels."""
    column = whole.table.columns[at]
    wrong = score(column, votes)
    rows, is_wrong = said
    if len(rows) and (votes or is_wrong.any()):
        cells = cells_of(whole, at, votes, wrong, seed)
        wrong = _classified(cells, cells.kind[rows], is_wrong, seed)[cells.kind]
    wrong[rows] = np.where(is_wrong, 1.0, 0.0)
    return wrong


def _classified(cells: Cells, labelled: Ints, is_wrong: NDArray[np.bool_], seed: int) -> Floats:
    """The probability of each kind of cell, from labels spread over their clusters and the prior of all cells."""
    from sklearn.ensemble import ExtraTreesClassifier

    spread = [np.zeros(len(cells.rows)), np.zeros(len(cells.rows))]
    for kind, told in zip(labelled.tolist(), is_wrong.tolist(), strict=True):
        share = np.where(cells.cluster == cells.cluster[kind], cells.rows, 0).astype(np.float64)
        spread[int(told)] += 0.5 * _LABEL_WEIGHT * share / share.sum()
        spread[int(told)][kind] += 0.5 * _LABEL_WEIGHT
    share = cells.rows / cells.rows.sum()
    right = spread[0] + _PRIOR_WEIGHT * share * (1 - cells.wrong)
    bad = spread[1] + _PRIOR_WEIGHT * share * cells.wrong
    model = ExtraTreesClassifier(_TREES, min_weight_fraction_leaf=0.0, max_features=None, random_state=seed)
    size = len(cells.rows)
    model.fit(
        np.concatenate([cells.features, cells.features]),
        np.repeat([0, 1], size),
        sample_weight=np.concatenate([right, bad]),
    )
    found: Floats = model.predict_proba(cells.features)[:, 1]
    return found
