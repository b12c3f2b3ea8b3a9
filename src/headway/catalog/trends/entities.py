"""Figures of a snapshot, what of them was not expected, and a point of a product's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Figure = Literal["rows", "missing", "spread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFigures:
    """One column: rows without a value, and how often values occur; None where that tells nothing or too much.

    ``counts`` are of categories, or of the bins between ``edges`` for numbers.
    """

    missing: int
    counts: Mapping[str, int] | None
    edges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A snapshot in numbers."""

    rows: int
    columns: Mapping[str, ColumnFigures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A figure outside the band that earlier snapshots let expect.

    rows: their number; missing: share of a column without a value; spread: distance of a column's values from the usual, 0 to 1.
    """

    figure: Figure
    column: str | None
    value: float
    low: float
    middle: float
    high: float
    reports: int  # earlier snapshots that the band rests on


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """A part of a snapshot: its rows, those with a fault, and the failures of each rule that has some."""

    part: str  # a value of the partition's columns, a month, or a range of rows in the file
    rows: int
    failed_rows: int
    rules: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One snapshot of a product's history, held to the contract of its time."""

    snapshot_id: str
    at: datetime
    filename: str
    contract_digest: str
    rows: int
    failed_rows: int
    score: float
    passed: bool
    rules: Mapping[str, int]  # failures of each rule, those without any included
    parts: tuple[PartCount, ...]
    deviations: tuple[Deviation, ...]
