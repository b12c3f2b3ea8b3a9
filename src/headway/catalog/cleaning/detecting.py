"""From a table to its findings: every detector is asked, and what they say is pooled cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from headway.catalog import contract as odcs
from headway.catalog.cleaning import dependencies, formats, misplaced, outliers, shapes, sources, spelling
from headway.catalog.cleaning.coding import Column, Table, code
from headway.catalog.cleaning.entities import FINDINGS, Detection, RuleKind
from headway.catalog.cleaning.odds import PRIOR, Floats, Ints, pooled, weight
from headway.catalog.cleaning.repairing import propose
from headway.catalog.cleaning.votes import Votes

SUSPECT = 0.5
"""A cell is a finding where it is more probably wrong than right."""
_DOUBTS: frozenset[RuleKind] = frozenset({"pattern", "dictionary", "outlier", "type"})
"""Kinds that doubt a value because it is unusual. Others who agree with the value answer them, and them alone."""


@dataclass(frozen=True)
class Study:
    """What concerns the table as a whole, found once."""

    table: Table
    required: frozenset[str]
    dependencies: dict[int, list[dependencies.Dependency]]
    misplaced: dict[str, list[Votes]]
    claims: sources.Claims | None
    truth: sources.Truth | None

    def votes(self, at: int) -> list[Votes]:
        """What all detectors say about one column."""
        column = self.table.columns[at]
        alone = (
            formats.blanks(column, required=column.name in self.required),
            formats.markers(column),
            formats.units(column),
            formats.types(column),
            outliers.outliers(column),
        )
        made = [votes for votes in alone if votes is not None]
        made += [*shapes.patterns(column), *spelling.spelling(column), *self.misplaced.get(column.name, [])]
        return made + list(self._between(at))

    def _between(self, at: int) -> Iterator[Votes]:
        if self.claims is not None and self.truth is not None and at in self.truth.told:
            yield sources.source_votes(self.table, self.claims, self.truth.told[at])
            return
        for one in self.dependencies.get(at, []):
            yield dependencies.dependency_votes(self.table, one)


def study(frame: pl.DataFrame, contract: odcs.Contract | None = None) -> Study:
    """Look at a table as a whole.

    Args:
        frame: values as text as they were read, or typed.
        contract: an ODCS contract; what it requires is a fault where it is missing.
    """
    table = code(frame)
    claims = sources.claims(table)
    return Study(
        table=table,
        required=_required(contract),
        dependencies=dependencies.dependencies(table),
        misplaced=misplaced.misplaced(table),
        claims=claims,
        truth=sources.truth(table, claims) if claims is not None else None,
    )


def detect(frame: pl.DataFrame, contract: odcs.Contract | None = None) -> Detection:
    """Find the cells of a table that are probably wrong, without labels.

    Args: as in ``study``.
    Returns: findings in order of column and row; the same for any order of rows.
    """
    return detect_in(study(frame, contract))


def detect_in(whole: Study) -> Detection:
    """The findings of a table that was looked at already."""
    found = []
    for at, column in enumerate(whole.table.columns):
        votes = whole.votes(at)
        found.append(findings(column, votes, score(column, votes)))
    return Detection(pl.concat(found) if found else pl.DataFrame(schema=FINDINGS))


def _required(contract: Mapping[str, object] | None) -> frozenset[str]:
    if contract is None:
        return frozenset()
    model = odcs.model_of(contract)
    named = [one for table in model.schema_ or [] for one in table.properties or []]
    return frozenset(one.name or "" for one in named if one.required)


def score(column: Column, votes: list[Votes]) -> Floats:
    """The probability that each cell of a column is wrong, shape (rows,)."""
    doubts, others, support = (np.zeros(column.rows) for _ in range(3))
    for kind in sorted({one.kind for one in votes}):
        each = kind_weight(column, votes, kind)
        if kind in _DOUBTS:
            doubts += each
        else:
            others += np.maximum(each, 0.0)
            support += np.minimum(each, 0.0)
    return pooled(others + np.where(doubts > 0, np.maximum(doubts + support, 0.0), support))


def kind_weight(column: Column, votes: list[Votes], kind: RuleKind) -> Floats:
    """What the detectors of one kind add to each cell's log-odds: the strongest, or of dependencies the mean."""
    own = [one for one in votes if one.kind == kind]
    if kind != "dependency":
        return np.max([weight(one.wrong)[one.item] for one in own], axis=0) if own else np.zeros(column.rows)
    total, knowing = np.zeros(column.rows), np.zeros(column.rows)
    for one in own:
        total += weight(one.wrong)[one.item]
        knowing += (one.wrong != PRIOR)[one.item]
    return total / np.maximum(knowing, 1)


def findings(column: Column, votes: list[Votes], wrong: Floats, least: float = SUSPECT) -> pl.DataFrame:
    """The suspect cells of a column as rows of ``FINDINGS``, with the reason that weighs most and the surest repair."""
    rows = np.flatnonzero(wrong > least)
    if not len(rows):
        return pl.DataFrame(schema=FINDINGS)
    asked = [*votes, _labels(column)]
    strongest = np.argmax([one.wrong[one.item[rows]] for one in asked], axis=0)
    made = []
    for at, one in enumerate(asked):
        chosen = rows[strongest == at]
        if len(chosen):
            made.append(_told(column, one, chosen, wrong[chosen], votes))
    return pl.concat(made).sort("row")


def _labels(column: Column) -> Votes:
    """Speaks for cells that no detector doubts, because of labels alone."""
    return Votes(
        kind="labels",
        item=np.zeros(column.rows, dtype=np.int32),
        wrong=np.full(1, 1.001 * PRIOR),
        reason=lambda _: "marked as wrong, or like cells that are",
    )


def _told(column: Column, by: Votes, rows: Ints, wrong: Floats, votes: list[Votes]) -> pl.DataFrame:
    places = by.item[rows]
    items, back = np.unique(np.where(places < 0, len(by.wrong) - 1, places), return_inverse=True)
    repaired = propose(column, rows, votes)
    text = column.values.gather(np.where(column.codes[rows] < 0, 0, column.codes[rows])) if column.size else None
    values = pl.Series([None] * len(rows), dtype=pl.String) if text is None else text
    is_blank = pl.Series(column.codes[rows] < 0)
    return pl.DataFrame(
        {
            "row": rows.astype(np.int64) + 1,
            "column": pl.repeat(column.name, len(rows), dtype=pl.String, eager=True),
            "kind": pl.repeat(by.kind, len(rows), dtype=pl.String, eager=True),
            "value": pl.select(pl.when(~is_blank).then(values)).to_series(),
            "confidence": wrong,
            "evidence": pl.Series([by.reason(int(item)) for item in items], dtype=pl.String).gather(back),
            "action": repaired["action"],
            "proposed": repaired["proposed"],
            "repair_confidence": repaired["sure"] * wrong,
        },
        schema=FINDINGS,
    )
