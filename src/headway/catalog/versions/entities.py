"""The values of versions: what is in force, what is deprecated and until when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class VersionState(StrEnum):
    """How a version of a product stands, in the words of the Open Data Product Standard where it has them."""

    active = "active"
    superseded = "superseded"  # a compatible version took its place; it can be read without an end
    deprecated = "deprecated"  # read until its last day
    retired = "retired"  # its last day is over; reads are refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """That a version, or the whole product where ``version`` is empty, ends; without a last day it was taken back."""

    id: str
    product: str
    version: str
    made_by: str
    at: datetime
    ends_on: date | None  # the last day (UTC) on which it is read
    successor: str | None  # a version of the same product, or a product as product:sales.orders
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductVersion:
    """One version of a product: the contract of that version, and the rows that were registered under it last."""

    product: str
    version: str
    contract_digest: str
    contract_id: str | None
    table: str
    state: VersionState
    made_by: str
    made_at: datetime
    snapshot_id: str | None  # the newest that was held to it
    deprecated_at: datetime | None
    ends_on: date | None
    successor: str | None
    reason: str | None
