"""What a company is like: departments, regions, the model behind its leads, and the events that are planted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

EventKind = Literal["drift", "schema_break", "quality_fault", "concept_change", "outage", "bias", "fraud_ring"]
Spoiling = Literal["missing", "scaled", "negative", "unknown"]

Shares = Mapping[str, float]
ByTable = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One department in one region: how much of its data lies here, and how it differs from elsewhere."""

    name: str
    title: str
    language: str
    """Language of names and places of people and companies: en or de."""
    share: float
    """Share of the department's rows; the shares of a department's regions sum to 1."""
    season: float
    """Swing of volume over the year: 0.3 means 30 % more on the peak day and 30 % less half a year away."""
    peak_day: int
    """Day of the year, from 1, on which volume peaks."""
    weekend: float
    """Volume on a Saturday or Sunday as a share of that on a working day."""
    growth: float
    """Growth of volume a year: 0.1 is 10 %."""
    factor: Mapping[str, float]
    """``table.column`` of numbers: how much larger values are here."""
    trend: Mapping[str, float]
    """``table.column`` of numbers: slow drift, as a factor a year."""
    mix: Mapping[str, Shares]
    """``table.column`` of categories: the shares here."""
    weights: Mapping[str, float]
    """Weights of the conversion model of leads that differ here."""
    columns: ByTable
    """Table, then column: what the column is called here."""
    codes: Mapping[str, Mapping[str, str]]
    """``table.column``: value, then how it is written here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department, its regions, and the tables it keeps."""

    name: str
    title: str
    tables: Shares
    """Table, then its part of all rows of the company; parts need not sum to 1."""
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadModel:
    """How leads become sales, and what the recommended action adds.

    The log-odds of a sale without the action are the sum of the weights. The action adds ``effect`` and each
    ``effect:COLUMN=VALUE`` that holds, and for each person a normal deviate of ``effect_sd``.
    """

    weights: Mapping[str, float]
    effect_sd: float
    action_share: float
    """How often the action was taken in the past."""
    action_by_score: float
    """How much more often for promising leads: log-odds of the action for each unit of log-odds above ``action_around``."""
    action_around: float
    delay_least_days: float
    delay_mean_days: float
    """A sale becomes known ``delay_least_days`` and an exponential time of this mean after the lead came."""
    window_days: float
    """A lead without a sale counts as lost after this time; every sale is known by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordModel:
    """How many master records are doubles, and how often people write something wrong."""

    duplicate_share: float
    """Share of records that are one more record of somebody who is there already."""
    duplicate_error_share: float
    """Share of cells of such records in which a mistake is made."""
    error_share: float
    """The same in first records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something planted, from a day on; ``until`` is the first day on which it no longer holds."""

    name: str
    kind: EventKind
    department: str
    region: str | None
    """None: all regions of the department."""
    table: str
    start: date
    until: date | None
    ramp_days: float
    """Days from nothing to the full size; 0 for a step."""
    column: str | None
    factor: float | None
    """Drift of a number: how many times larger."""
    mix: Shares
    """Drift of a category: the new shares."""
    weights: Mapping[str, float]
    """Concept change: the new weights. Bias: what is added to the log-odds of an answer, and should not be."""
    share: float | None
    """Quality fault: the share of cells that are spoiled. Fraud ring: its share of rows."""
    members: int | None
    """Fraud ring: how many parties belong to it."""
    how: Spoiling | None
    rename: Mapping[str, str]
    """Schema break: column, then its new name."""
    drop: tuple[str, ...]
    """Schema break: columns that are gone."""
    code: Mapping[str, str]
    """Schema break: values of ``column`` that are written in a new way, and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A company; with a seed it is one company, byte for byte."""

    name: str
    seed: int
    start: date
    days: int
    rows: int
    """Rows of all tables together; what is derived from them (outcomes, truth) is not counted."""
    departments: tuple[Department, ...]
    leads: LeadModel
    records: RecordModel
    weights: Mapping[str, Mapping[str, float]]
    """Table, then weights of its model that differ from those it comes with."""
    events: tuple[Event, ...]

    def plain(self) -> dict[str, object]:
        """The spec as plain values, for the manifest; reading them again gives an equal spec."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
