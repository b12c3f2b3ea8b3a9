"""What is asked of rows that were set aside, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headway.catalog.batches.entities import QuarantinedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """New values of one row; None empties a cell."""

    batch: str
    row: int
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What became of rows of a batch that had come before: how many entered as mended then, how many were given up again."""

    replayed: int
    dismissed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePage:
    """A page of rows that were set aside; values of ``masked`` columns keep their shape alone."""

    items: tuple[QuarantinedRow, ...]
    next: str | None
    total: int
    columns: tuple[str, ...]
    masked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What a change did: rows whose values changed, those that pass now, and those that still break a rule."""

    changed: int
    fixed: int
    open: int
    items: tuple[QuarantinedRow, ...]  # the first hundred of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissed:
    """How many rows were given up."""

    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay did: rows that entered with the new snapshot, and those that still wait."""

    product: str
    batch: str | None
    snapshot_id: str | None  # None: nothing could enter, nothing changed
    replayed: int
    open: int
    rows: int  # of the product's table now
