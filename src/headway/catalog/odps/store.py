"""All SQL on descriptors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from headway.catalog.odps.entities import Said, Targets
from headway.catalog.odps.tables import DescriptorRow
from headway.catalog.tables import ProductRow

_NOTHING = Said(
    owner=None,
    steward=None,
    domain=None,
    purpose=None,
    limitations=None,
    usage=None,
    type=None,
    classification=None,
    tags=(),
    support=(),
    targets=Targets(freshness_hours=None, completeness=None, latency_hours=None),
    extra={},
)


def read(session: Session, product: str) -> tuple[Said, str | None, datetime | None]:
    """What is said of a product, by whom last and when."""
    row = session.get(DescriptorRow, product, populate_existing=True)
    if row is None:
        return _NOTHING, None, None
    plain = cast("Mapping[str, Any]", row.said)
    levels = cast("Mapping[str, Any]", row.levels)
    steward = session.scalar(select(ProductRow.steward).where(ProductRow.slug == product))
    said = Said(
        **{**plain, "tags": tuple(plain["tags"]), "support": tuple(plain["support"])},
        steward=steward,
        targets=Targets(**levels),
    )
    return said, row.updated_by, row.updated_at


def write(session: Session, product: str, said: Said, by: str, at: datetime) -> None:
    """Keep what is said."""
    plain = asdict(said)
    levels, steward = plain.pop("targets"), plain.pop("steward")
    row = session.get(DescriptorRow, product)
    if row is None:
        row = DescriptorRow(product=product)
        session.add(row)
    row.said, row.levels, row.updated_by, row.updated_at = plain, levels, by, at
    session.flush()
    session.execute(
        update(ProductRow).where(ProductRow.slug == product).values(steward=steward),
        execution_options={"synchronize_session": "fetch"},
    )
