"""Snapshots as they are kept: their tags, sizes and what protects them; and how long they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.catalog import store as products
from headway.catalog import versions
from headway.catalog.adapters.lake import Lake, LakeSnapshot
from headway.catalog.entities import DataProduct, ProductSnapshot
from headway.catalog.keeping import choosing, store
from headway.catalog.keeping.choosing import Ties
from headway.catalog.keeping.entities import KeptSnapshot, Retention, SnapshotList
from headway.catalog.keeping.errors import RetentionInvalid
from headway.catalog.service import get_product, list_snapshots
from headway.catalog.service.renewing import CATALOG
from headway.kernel import clock
from headway.kernel.auth import Actor

COMPACTS: Final = "headway.compacts"
"""Property of a snapshot in the lake: the one whose rows it holds in fewer files."""


def list_kept(session: Session, lake: Lake, slug: str, *, limit: int = 50, cursor: str | None = None) -> SnapshotList:
    """A product's snapshots, the newest first, with tags, sizes and what keeps them; raises UnknownProduct."""
    product = get_product(session, slug)
    page = list_snapshots(session, slug, limit=limit, cursor=cursor)
    table = next((one.table for one in page.items), "")
    known = {str(one.id): one for one in lake.snapshots(table)} if table else {}
    ties = ties_of(session, product, page.items, known)
    return SnapshotList(
        product=slug,
        retention=store.retention(session, slug),
        items=tuple(_kept(one, known.get(one.iceberg_snapshot_id), ties) for one in page.items),
        next=page.next,
    )


def get_retention(session: Session, slug: str) -> Retention:
    """How a product's snapshots are kept; raises UnknownProduct."""
    return store.retention(session, get_product(session, slug).slug)


def set_retention(
    session: Session,
    actor: Actor,
    slug: str,
    *,
    keep_days: int | None = None,
    keep_last: int | None = None,
    most_files: int | None = None,
) -> Retention:
    """Say how a product's snapshots are kept; None is the default.

    Raises: UnknownProduct; RetentionInvalid with every fault.
    """
    product = get_product(session, slug)
    faults = choosing.retention_faults(keep_days, keep_last, most_files)
    if faults:
        raise RetentionInvalid("; ".join(fault.message for fault in faults), faults=faults)
    store.save_retention(
        session,
        slug,
        keep_days=keep_days,
        keep_last=keep_last,
        most_files=most_files,
        by=actor.ref,
        at=clock.now(),
    )
    made = store.retention(session, slug)
    payload = {name: getattr(made, name) for name in ("keep_days", "keep_last", "most_files")}
    ledger.record(session, actor=actor, type="product.retention_set", subject=product.ref, payload=payload)
    return made


def ties_of(
    session: Session,
    product: DataProduct,
    snapshots: tuple[ProductSnapshot, ...],
    known: Mapping[str, LakeSnapshot],
) -> Ties:
    """What speaks for keeping some snapshots of a product."""
    in_use = governance.digests_in_use(session, product.ref, besides=CATALOG)
    return Ties(
        current=product.snapshot_id or "",
        tags={one.id: other_tags(one, known) for one in snapshots},
        evidence=frozenset(one.id for one in snapshots if one.digest in in_use),
        read=store.read_by_grants(session, product.slug, clock.now().date()),
        promised=versions.promised_snapshots(session, product.slug),
        repaired=_repaired(session, product),
    )


def other_tags(snapshot: ProductSnapshot, known: Mapping[str, LakeSnapshot]) -> tuple[str, ...]:
    """The tags that training runs and others gave these rows, without those that every snapshot has."""
    found: set[str] = set()
    at: str | None = snapshot.iceberg_snapshot_id
    while at is not None and at in known:
        found.update(tag for tag in known[at].tags if not tag.startswith("content-"))
        at = known[at].properties.get(COMPACTS)  # somebody may have tagged the rows before they were compacted
    return tuple(sorted(found))


def _repaired(session: Session, product: DataProduct) -> frozenset[str]:
    """The snapshots behind the current one, as far as it was made of them by repairs alone."""
    found: set[str] = set()
    at = products.snapshot(session, product.snapshot_id or "")
    while at is not None and at.mode in ("repair", "undo") and at.parent is not None:
        found.add(at.parent)
        at = products.snapshot(session, at.parent)
    return frozenset(found)


def _kept(one: ProductSnapshot, found: LakeSnapshot | None, ties: Ties) -> KeptSnapshot:
    return KeptSnapshot(
        id=one.id,
        mode=one.mode,
        parent=one.parent,
        filename=one.filename,
        rows=one.rows,
        digest=one.digest,
        notes=one.notes,
        created_at=one.created_at,
        expired_at=one.expired_at,
        is_current=one.id == ties.current,
        tags=ties.tags.get(one.id, ()),
        data_files=found.data_files if found is not None else 0,
        size_bytes=found.size_bytes if found is not None else 0,
        kept_because=choosing.reasons(one.id, ties),
    )
