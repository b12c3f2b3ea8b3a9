"""The tables a company can keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from headway.demo import (
    applicants,
    conversations,
    demand,
    drawing,
    leads,
    masters,
    outlays,
    records,
    survey,
    transactions,
)
from headway.demo.columns import Column
from headway.demo.outlays import Outlay
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
    weights: frozenset[str] = frozenset()
    """Names of the weights of the model behind the table."""
    needs: str | None = None
    """The table of the same department that its rows refer to."""


def _master(master: Master) -> Kind:
    return Kind(files=master.files, times={master.table: records.TIME}, events=("schema_break", "outage"), make=master)


def _outlay(outlay: Outlay) -> Kind:
    return Kind(
        drawn=outlay.columns,
        files=outlay.files,
        times={outlay.table: outlay.time},
        events=(*ARRIVING, "fraud_ring"),
        make=outlay,
    )


ARRIVING: Final[tuple[EventKind, ...]] = ("drift", "quality_fault", "schema_break", "outage")
KINDS: Final[Mapping[str, Kind]] = {
    "leads": Kind(
        drawn=leads.COLUMNS,
        files=leads.ALL_COLUMNS,
        times={"leads": leads.TIME, "outcomes": "known_at"},
        events=(*ARRIVING, "concept_change"),
        levels=leads.LEVELS,
        weights=drawing.weight_names(leads.COLUMNS, leads.EFFECT),
        make=leads.make,
    ),
    **{one.table: _master(one) for one in (masters.CUSTOMERS, masters.VENDORS, masters.EMPLOYEES, masters.PRODUCTS)},
    "applicants": Kind(
        drawn=applicants.COLUMNS,
        files=applicants.FILES,
        times={"applicants": "applied_at"},
        events=(*ARRIVING, "concept_change", "bias"),
        levels=applicants.LEVELS,
        weights=drawing.weight_names(applicants.COLUMNS),
        make=applicants.make,
    ),
    "survey": Kind(
        drawn=survey.COLUMNS,
        files=survey.FILES,
        times={"survey": "answered_at"},
        events=(*ARRIVING, "concept_change"),
        levels=survey.LEVELS,
        weights=drawing.weight_names(survey.COLUMNS),
        make=survey.make,
    ),
    "demand": Kind(
        drawn=demand.COLUMNS,
        files=demand.FILES,
        times={"demand": "offered_at"},
        events=(*ARRIVING, "concept_change"),
        weights=drawing.weight_names(demand.COLUMNS, demand.SLOPE),
        make=demand.make,
    ),
    "transactions": Kind(
        drawn=transactions.COLUMNS,
        files=transactions.FILES,
        times={"transactions": "bought_at"},
        events=ARRIVING,
        make=transactions.make,
        needs="customers",
    ),
    "conversations": Kind(
        drawn=conversations.COLUMNS,
        files=conversations.FILES,
        times={"conversations": "received_at"},
        events=ARRIVING,
        make=conversations.make,
    ),
    "payments": _outlay(outlays.PAYMENTS),
    "expenses": _outlay(outlays.EXPENSES),
}
