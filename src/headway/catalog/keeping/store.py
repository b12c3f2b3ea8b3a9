"""All SQL on keeping: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.catalog.access.tables import AccessRow, UseRow
from headway.catalog.keeping import choosing
from headway.catalog.keeping.entities import Retention
from headway.catalog.keeping.tables import RetentionRow
from headway.catalog.tables import ProductRow, SnapshotRow


def retention(session: Session, product: str) -> Retention:
    """How a product's snapshots are kept."""
    row = session.get(RetentionRow, product, populate_existing=True)
    days, last, files = (row.keep_days, row.keep_last, row.most_files) if row is not None else (None, None, None)
    return Retention(
        product=product,
        keep_days=choosing.KEEP_DAYS if days is None else days,
        keep_last=choosing.KEEP_LAST if last is None else last,
        most_files=choosing.MOST_FILES if files is None else files,
        is_default=(days, last, files) == (None, None, None),
        set_by=row.set_by if row is not None else None,
        set_at=row.set_at if row is not None else None,
    )


def save_retention(
    session: Session,
    product: str,
    *,
    keep_days: int | None,
    keep_last: int | None,
    most_files: int | None,
    by: str,
    at: datetime,
) -> None:
    """Write how a product's snapshots are kept."""
    values = {"keep_days": keep_days, "keep_last": keep_last, "most_files": most_files, "set_by": by, "set_at": at}
    made = insert(RetentionRow).values(product=product, **values)
    session.execute(made.on_conflict_do_update(index_elements=["product"], set_=values))


def mark_cared(session: Session, products: Collection[str], at: datetime) -> None:
    """Note that products were looked after."""
    for product in sorted(products):
        made = insert(RetentionRow).values(product=product, cared_at=at)
        session.execute(made.on_conflict_do_update(index_elements=["product"], set_={"cared_at": at}))


def to_care_for(session: Session, before: datetime) -> list[str]:
    """Products that nobody looked after since a time, and whose lake may have grown: with more than the snapshots that are
    always kept, or with snapshots that were made of others."""
    last = func.coalesce(RetentionRow.keep_last, choosing.KEEP_LAST)
    kept = func.count().filter(SnapshotRow.expired_at.is_(None))
    derived = func.count().filter(SnapshotRow.parent.is_not(None))
    asked = (
        select(ProductRow.slug)
        .join(SnapshotRow, SnapshotRow.product == ProductRow.slug)
        .outerjoin(RetentionRow, RetentionRow.product == ProductRow.slug)
        .where(func.coalesce(RetentionRow.cared_at, ProductRow.created_at) < before)
        .group_by(ProductRow.slug, RetentionRow.keep_last)
        .having((kept > last) | (derived > 0))
        .order_by(ProductRow.slug)
    )
    return list(session.scalars(asked))


def mark_expired(session: Session, snapshots: Collection[str], at: datetime) -> None:
    """Note that the rows of snapshots were given up."""
    asked = update(SnapshotRow).where(SnapshotRow.id.in_(sorted(snapshots)), SnapshotRow.expired_at.is_(None))
    session.execute(asked.values(expired_at=at), execution_options={"synchronize_session": "fetch"})


def move_snapshot(session: Session, snapshot: str, lake_id: int) -> None:
    """Note that the same rows lie elsewhere in the lake."""
    asked = update(SnapshotRow).where(SnapshotRow.id == snapshot).values(iceberg_snapshot_id=lake_id)
    session.execute(asked, execution_options={"synchronize_session": "fetch"})


def read_by_grants(session: Session, product: str, day: date) -> frozenset[str]:
    """The snapshots that were read through grants which count on a day."""
    asked = (
        select(UseRow.snapshot)
        .join(AccessRow, AccessRow.id == UseRow.access)
        .where(UseRow.product == product, UseRow.snapshot.is_not(None))
        .where(AccessRow.is_approved.is_(True), AccessRow.withdrawn_at.is_(None), AccessRow.until >= day)
        .distinct()
    )
    return frozenset(one for one in session.scalars(asked) if one is not None)
