"""The values of a product's descriptor: what people say of it, and what is known of it from real records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LevelName = Literal["freshness", "completeness", "latency"]
LevelState = Literal["kept", "missed", "unknown"]
Plain = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What a product promises of its service; None where nothing is."""

    freshness_hours: float | None  # the newest rows came at most so long ago
    completeness: float | None  # least share of values that are there, of those that must be, 0 to 1
    latency_hours: float | None  # from the time of the newest row at its source to its registration


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """One service level, what was measured, and whether it is kept now."""

    name: LevelName
    target: float | None
    unit: Literal["hours", "share"]
    measured: float | None
    state: LevelState
    why: str | None  # where it is not known
    measured_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPort:
    """A way in which rows come into the product."""

    name: str
    kind: str
    description: str
    contract_id: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPort:
    """A version of the table that others read."""

    name: str
    kind: str
    version: str
    contract_id: str | None
    contract_digest: str
    state: str
    ends_on: str | None
    successor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementPort:
    """An address at which programs ask about the product."""

    name: str
    content: Literal["discoverability", "observability", "control", "dictionary"]
    address: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What people say of a product. ``extra`` keeps what an imported file holds beside it, so that it is given back."""

    owner: str | None  # person:ID
    steward: str | None  # person:ID
    domain: str | None
    purpose: str | None
    limitations: str | None
    usage: str | None
    type: str | None  # sourceAligned, aggregate, consumerAligned, or the organisation's own word
    classification: str | None
    tags: tuple[str, ...]
    support: tuple[Plain, ...]  # channel, url, tool, scope ... as the standard has them
    targets: Targets
    extra: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A data product as others find it: what is said of it, its ports, versions and service levels as they stand now."""

    product: str
    name: str
    department: str
    version: str
    status: str
    said: Said
    owner: str  # who is named, else who registered it
    input_ports: tuple[InputPort, ...]
    output_ports: tuple[OutputPort, ...]
    management_ports: tuple[ManagementPort, ...]
    service_levels: tuple[ServiceLevel, ...]
    created_at: datetime
    updated_by: str | None
    updated_at: datetime | None
