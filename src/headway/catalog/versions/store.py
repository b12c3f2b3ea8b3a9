"""All SQL on versions and deprecations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from headway.catalog.tables import ContractRow, ProductRow, QualityRunRow
from headway.catalog.versions.entities import Deprecation
from headway.catalog.versions.tables import DeprecationRow


def add(session: Session, made: Deprecation) -> None:
    """Write an entry."""
    session.add(DeprecationRow(**{name: getattr(made, name) for name in Deprecation.__dataclass_fields__}))
    session.flush()


def in_force(session: Session, product: str) -> Mapping[str, Deprecation]:
    """The deprecations that count, by version; empty stands for the whole product."""
    asked = select(DeprecationRow).where(DeprecationRow.product == product).order_by(DeprecationRow.id)
    newest = {row.version: row for row in session.scalars(asked)}
    return {version: _deprecation(row) for version, row in newest.items() if row.ends_on is not None}


def contracts(session: Session, product: str) -> list[tuple[str, str, dict[str, object], str, datetime]]:
    """Version, digest, body, maker and time of a product's contracts, oldest first."""
    row = ContractRow
    asked = select(row).where(row.product == product).order_by(row.created_at, row.version)
    return [(one.version, one.digest, dict(one.body), one.made_by, one.created_at) for one in session.scalars(asked)]


def newest_snapshots(session: Session, product: str) -> Mapping[str, str]:
    """The newest snapshot that was held to each contract, by the contract's digest."""
    row = QualityRunRow
    asked = select(row.contract_digest, row.snapshot_id).where(row.product == product).order_by(row.id)
    return {digest: snapshot for digest, snapshot in session.execute(asked) if snapshot is not None}


def exists(session: Session, product: str) -> bool:
    """Whether there is a product of this slug."""
    return session.get(ProductRow, product) is not None


def _deprecation(row: DeprecationRow) -> Deprecation:
    return Deprecation(**{name: getattr(row, name) for name in Deprecation.__dataclass_fields__})
