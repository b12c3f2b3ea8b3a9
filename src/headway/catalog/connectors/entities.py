"""The values of input ports that travel: ports, their runs, and what a look at a source shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from headway.catalog.entities import ColumnPreview

PortKind = Literal["sql", "files", "folder", "rest", "upload"]
KINDS: tuple[PortKind, ...] = get_args(PortKind)
RunState = Literal["running", "done", "unchanged", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows that a port holds now: one file in object storage."""

    key: str
    digest: str
    filename: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPort:
    """Where rows of a data product come from. Secrets stand in ``settings`` by their name, never as they are."""

    id: str
    product: str  # slug; the first run makes the product where there is none
    department: str
    product_name: str
    name: str
    kind: PortKind
    settings: Mapping[str, str]
    every_minutes: int | None  # None: run by hand
    next_at: datetime | None
    cursor: str | None  # the greatest value read so far, as text
    taken: int  # files taken so far
    part: Part | None
    last_run: str | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file of a source that could not be taken, and why. It stays where it is."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortRun:
    """One reading of a source, and what became of it."""

    id: str
    port: str
    product: str
    port_name: str
    state: RunState
    job: str | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    rows_read: int | None
    rows: int | None  # of the product's snapshot after it
    failed_rows: int | None
    snapshot: str | None
    refused: tuple[RefusedFile, ...]
    notes: tuple[str, ...]
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """What a look at a source shows: its columns and a few values, masked where they are personal data. Nothing is kept."""

    rows: int  # that were looked at
    columns: tuple[ColumnPreview, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedRun:
    """A run that a job carries out; follow it under /jobs."""

    run: str
    job: str
