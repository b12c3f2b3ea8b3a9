"""The values of access to data products: requests and grants, what a policy hides, results and uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Cell = str | int | float | bool | None
Way = Literal["sql", "download", "sample"]


class AccessState(StrEnum):
    """How far a request is, and whether what was granted still counts."""

    asked = "asked"
    granted = "granted"
    rejected = "rejected"
    withdrawn = "withdrawn"  # by the owner after it was granted, or taken back by who asked
    ended = "ended"  # its last day is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What of a product a reader sees. Restricted columns are masked unless ``unmasked`` names them."""

    hidden: tuple[str, ...]
    masked: tuple[str, ...]
    unmasked: tuple[str, ...]
    row_filter: str | None  # a boolean SQL expression over the product's columns


@dataclass(frozen=True, slots=True, kw_only=True)
class DataAccess:
    """One request for access to a product, and the grant that was made of it."""

    id: str
    product: str
    grantee: str  # person:ID or service:NAME
    requested_by: str
    requested_at: datetime
    purpose: str
    wanted_until: date
    until: date  # the last day (UTC) it counts; until it is answered, what was wanted
    policy: Policy
    answered_by: str | None
    answered_at: datetime | None
    answer: str | None  # what the owner said
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    state: AccessState


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A product that may be asked for: no more of it than its name, and how far one's own access is."""

    product: str
    name: str
    department: str
    state: AccessState | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataUse:
    """One reading of a product: who, when, which columns, how many rows. The statement's text is not kept."""

    id: str
    product: str
    access: str | None  # the grant; None: somebody who reads their own department's product
    reader: str
    at: datetime
    way: Way
    columns: tuple[str, ...]  # those the statement names; hidden ones are not among them
    rows: int  # that came out
    statement_digest: str
    snapshot: str | None  # whose rows they were; unknown of readings before this was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column of a result, with its type in Arrow's words."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """Rows that a statement gave, in the order of its columns; ``is_cut`` tells that there are more."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_count: int
    is_cut: bool
    products: tuple[str, ...]
    masked: Mapping[str, tuple[str, ...]]  # by product


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a statement gave, as an Arrow table."""

    table: pa.Table
    is_cut: bool
    products: tuple[str, ...]
    masked: Mapping[str, tuple[str, ...]]
    warning: Mapping[str, str]  # HTTP headers where a version that was read is deprecated
