"""Answers about the input ports of data products."""

from __future__ import annotations

from datetime import datetime

from headway_client.answer import Answer
from headway_client.answers.catalog import ColumnPreview


class Part(Answer):
    """The rows that a port holds now."""

    key: str
    digest: str
    filename: str
    rows: int


class InputPort(Answer):
    """Where rows of a data product come from; secrets stand in ``settings`` by their name."""

    id: str
    product: str
    department: str
    product_name: str
    name: str
    kind: str
    settings: dict[str, str]
    every_minutes: int | None
    next_at: datetime | None
    cursor: str | None
    taken: int
    part: Part | None
    last_run: str | None
    created_by: str
    created_at: datetime


class InputPorts(Answer):
    """The input ports of a product, in the order of its rows."""

    items: list[InputPort]


class RefusedFile(Answer):
    """A file of a source that could not be taken, and why."""

    name: str
    reason: str


class PortRun(Answer):
    """One reading of a source, and what became of it: ``state`` is running, done, unchanged or failed."""

    id: str
    port: str
    product: str
    port_name: str
    state: str
    job: str | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    rows_read: int | None
    rows: int | None
    failed_rows: int | None
    snapshot: str | None
    refused: list[RefusedFile]
    notes: list[str]
    error: str | None


class Peek(Answer):
    """The first rows of a source by column; values of personal data are masked."""

    rows: int
    columns: list[ColumnPreview]
    notes: list[str]


class StartedRun(Answer):
    """A run that a job carries out."""

    run: str
    job: str
