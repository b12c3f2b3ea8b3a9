"""The tables a company can keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from headway.demo import leads
from headway.demo.columns import Column
from headway.demo.place import Made, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A table: its columns that are drawn, all columns of its files, and what makes its rows."""

    drawn: tuple[Column, ...]
    files: Mapping[str, tuple[str, ...]]
    """File, then its columns; the first file is the table itself, others are derived from it."""
    times: Mapping[str, str]
    """File, then the column that tells when a row belongs to it."""
    make: Callable[[Place, int, int, int], Made]


KINDS: Final[Mapping[str, Kind]] = {
    "leads": Kind(
        drawn=leads.COLUMNS,
        files=leads.ALL_COLUMNS,
        times={"leads": leads.TIME, "outcomes": "known_at"},
        make=leads.make,
    ),
}
