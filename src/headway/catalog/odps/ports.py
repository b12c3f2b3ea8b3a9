"""The ports of a product, from what is known of it."""

from __future__ import annotations

from collections.abc import Iterable

from headway.catalog import connectors
from headway.catalog.entities import DataProduct
from headway.catalog.odps.entities import InputPort, ManagementPort, OutputPort
from headway.catalog.versions import ProductVersion, VersionState


def input_ports(product: DataProduct, sources: Iterable[connectors.InputPort]) -> tuple[InputPort, ...]:
    """The ways in which rows come in: the sources that are read, or files that people send where there are none."""
    read = tuple(
        InputPort(
            name=one.name,
            kind=one.kind,
            description=f"read every {one.every_minutes} minutes" if one.every_minutes else "read by hand",
            contract_id=None,
            version=None,
        )
        for one in sources
    )
    return read or (
        InputPort(
            name="upload",
            kind="file",
            description=f"CSV, Parquet or Excel, sent by somebody of {product.department}",
            contract_id=None,
            version=None,
        ),
    )


def output_ports(versions: Iterable[ProductVersion]) -> tuple[OutputPort, ...]:
    """The versions that are read, with those that have ended: a reader must see what became of theirs."""
    return tuple(
        OutputPort(
            name=one.table,
            kind="tables",
            version=one.version,
            contract_id=one.contract_id,
            contract_digest=one.contract_digest,
            state=one.state.value,
            ends_on=one.ends_on.isoformat() if one.ends_on else None,
            successor=one.successor,
        )
        for one in versions
        if one.snapshot_id is not None or one.state is VersionState.active
    )


def management_ports(product: DataProduct) -> tuple[ManagementPort, ...]:
    """Where programs ask about the product, as addresses of the API."""
    place = f"/api/v1/products/{product.slug}"
    return (
        ManagementPort(
            name="descriptor",
            content="discoverability",
            address=f"{place}/descriptor",
            description="What the product is, its ports and service levels",
        ),
        ManagementPort(
            name="quality",
            content="observability",
            address=f"{place}/quality",
            description="How the current rows keep the contract",
        ),
        ManagementPort(
            name="contract",
            content="dictionary",
            address=f"{place}/contract",
            description="Columns, rules and terms (Open Data Contract Standard)",
        ),
        ManagementPort(
            name="changes",
            content="control",
            address=f"{place}/contract/changes",
            description="Proposed and effective versions of the contract",
        ),
    )
