"""Answers about access to data products, and what SQL over them gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client.answer import Answer


class Policy(Answer):
    """What of a product a reader sees. Restricted columns are masked unless ``unmasked`` names them."""

    hidden: list[str]
    masked: list[str]
    unmasked: list[str]
    row_filter: str | None


class DataAccess(Answer):
    """One request for access to a product, and the grant that was made of it."""

    id: str
    product: str
    grantee: str
    requested_by: str
    requested_at: datetime
    purpose: str
    wanted_until: date
    until: date
    policy: Policy
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    state: str


class WaitingAccesses(Answer):
    """Requests that one may answer, oldest first."""

    items: list[DataAccess]


class Offer(Answer):
    """A product that may be asked for: no more of it than its name, and how far one's own access is."""

    product: str
    name: str
    department: str
    state: str | None
    until: date | None


class DataUse(Answer):
    """One reading of a product: who, when, which columns, how many rows."""

    id: str
    product: str
    access: str | None
    reader: str
    at: datetime
    way: str
    columns: list[str]
    rows: int
    statement_digest: str
    snapshot: str | None


class ResultColumn(Answer):
    """A column of a result, with its type in Arrow's words."""

    name: str
    type: str


class ResultTable(Answer):
    """Rows that a statement gave, in the order of its columns; ``is_cut`` tells that there are more."""

    columns: list[ResultColumn]
    rows: list[list[Any]]
    row_count: int
    is_cut: bool
    products: list[str]
    masked: dict[str, list[str]]
