"""The tables a company can keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from headway.demo import leads, masters, records
from headway.demo.columns import Column
from headway.demo.place import Made, Place
from headway.demo.records import Master
from headway.demo.spec import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A table: its columns that are drawn, all columns of its files, what can be planted in it, and what makes its rows."""

    files: Mapping[str, tuple[str, ...]]
    """File, then its columns; the first file is the table itself, others are derived from it."""
    times: Mapping[str, str]
    """File, then the column that tells when a row belongs to it."""
    events: tuple[EventKind, ...]
    make: Callable[[Place, int, int, int], Made]
    drawn: tuple[Column, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """``file.column`` of those that are not drawn and have a closed set of values, and these values."""


def _master(master: Master) -> Kind:
    return Kind(files=master.files, times={master.table: records.TIME}, events=("schema_break", "outage"), make=master)


KINDS: Final[Mapping[str, Kind]] = {
    "leads": Kind(
        drawn=leads.COLUMNS,
        files=leads.ALL_COLUMNS,
        times={"leads": leads.TIME, "outcomes": "known_at"},
        events=("drift", "concept_change", "quality_fault", "schema_break", "outage"),
        levels=leads.LEVELS,
        make=leads.make,
    ),
    **{one.table: _master(one) for one in (masters.CUSTOMERS, masters.VENDORS, masters.EMPLOYEES, masters.PRODUCTS)},
}
