"""Answers about descriptors of data products."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer


class Targets(Answer):
    """What a product promises of its service; None where nothing is."""

    freshness_hours: float | None
    completeness: float | None
    latency_hours: float | None


class ServiceLevel(Answer):
    """One service level, what was measured, and whether it is kept now."""

    name: str
    target: float | None
    unit: str
    measured: float | None
    state: str
    why: str | None
    measured_at: datetime | None


class InputPort(Answer):
    """A way in which rows come into the product."""

    name: str
    kind: str
    description: str
    contract_id: str | None
    version: str | None


class OutputPort(Answer):
    """A version of the table that others read."""

    name: str
    kind: str
    version: str
    contract_id: str | None
    contract_digest: str
    state: str
    ends_on: str | None
    successor: str | None


class ManagementPort(Answer):
    """An address at which programs ask about the product."""

    name: str
    content: str
    address: str
    description: str


class Said(Answer):
    """What people say of a product."""

    owner: str | None
    steward: str | None
    domain: str | None
    purpose: str | None
    limitations: str | None
    usage: str | None
    type: str | None
    classification: str | None
    tags: list[str]
    support: list[dict[str, Any]]
    targets: Targets
    extra: dict[str, Any]


class Descriptor(Answer):
    """A data product as others find it."""

    product: str
    name: str
    department: str
    version: str
    status: str
    said: Said
    owner: str
    input_ports: list[InputPort]
    output_ports: list[OutputPort]
    management_ports: list[ManagementPort]
    service_levels: list[ServiceLevel]
    created_at: datetime
    updated_by: str | None
    updated_at: datetime | None
