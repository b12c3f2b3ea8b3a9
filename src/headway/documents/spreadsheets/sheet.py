"""What a spreadsheet is made of: sheets of typed columns, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from headway.kernel.money import Money

ColumnKind = Literal["text", "number", "integer", "money", "percent", "date", "datetime", "boolean", "link"]
Value = str | int | float | bool | Decimal | Money | date | datetime | None
"""What a cell holds. Times are written in UTC; a percent is a share (0.1 is 10 %); None is an empty cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """A column: its name for machines, its label for people, and what its cells hold."""

    name: str
    label: str
    kind: ColumnKind = "text"
    width: int | None = None  # in characters
    note: str | None = None
    """A hint on the header's cell: what to fill in."""
    choices: tuple[str, ...] = ()
    """A closed set, offered as a drop-down. Of a boolean column: the words for yes and no."""
    also: tuple[str, ...] = ()
    """Other headers that this column is known by when a file comes back, such as its label in another language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A titled table. Rows may be a generator: they are written as they come."""

    title: str
    columns: tuple[SheetColumn, ...]
    rows: Iterable[Sequence[Value]]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Where a file comes from, on a sheet of its own."""

    by: str
    at: datetime
    source: str
    """Address of the page or list."""
    filters: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    language: Literal["en", "de"] = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFault:
    """What is wrong with one cell of a file, and what to do."""

    cell: str  # address, such as B7
    column: str | None
    value: str
    message: str
