"""What cleaning says: findings, suggestions, and the changes that accepted suggestions made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

RuleKind = Literal[
    "missing", "marker", "format", "pattern", "type", "spelling", "dictionary", "dependency", "sources", "outlier", "misplaced",
    "labels",
]  # fmt: skip
Action = Literal["replace", "empty"]

FINDINGS: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "column": pl.String(),
    "kind": pl.String(),
    "value": pl.String(),
    "confidence": pl.Float64(),
    "evidence": pl.String(),
    "action": pl.String(),
    "proposed": pl.String(),
    "repair_confidence": pl.Float64(),
}
"""Columns of a table of findings; ``action`` is missing where no repair is proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cell that is probably wrong, and why."""

    row: int  # from 1, the header not counted
    column: str
    kind: RuleKind  # the rule that weighed most
    value: str | None
    confidence: float  # probability that the cell is wrong, 0 to 1
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A repair of one cell that a steward may accept; nothing is changed before."""

    row: int  # from 1, the header not counted
    column: str
    kind: RuleKind
    old: str | None
    action: Action
    new: str | None  # missing where the cell shall be emptied
    confidence: float  # probability that the cell is wrong and this is right, 0 to 1
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What applying a suggestion did to one cell."""

    row: int
    column: str
    old: str | None
    new: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Detection:
    """All findings in a table, as one frame with the columns of ``FINDINGS`` in order of column and row."""

    frame: pl.DataFrame

    def findings(self) -> Iterator[Finding]:
        """Each finding in turn."""
        for one in self.frame.iter_rows(named=True):
            yield Finding(**{name: one[name] for name in ("row", "column", "kind", "value", "confidence", "evidence")})

    def suggestions(self, least: float = 0.0) -> Iterator[Suggestion]:
        """Each proposed repair in turn.

        Args: least: leave out repairs with less confidence, 0 to 1.
        """
        wanted = pl.col("action").is_not_null() & (pl.col("repair_confidence") >= least)
        for one in self.frame.filter(wanted).iter_rows(named=True):
            yield Suggestion(
                row=one["row"],
                column=one["column"],
                kind=one["kind"],
                old=one["value"],
                action=one["action"],
                new=one["proposed"],
                confidence=one["repair_confidence"],
                reason=one["evidence"],
            )
