"""A change takes effect: the version is kept, the current rows are held to it, the old one is deprecated, people are told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import store as products
from headway.catalog import versions
from headway.catalog.changes import standing, store
from headway.catalog.changes.entities import Because, ContractChange
from headway.catalog.changes.errors import ChangeClosed
from headway.catalog.changes.service.consumers import consumers_of
from headway.catalog.changes.service.looking import MOST_BYTES
from headway.catalog.changes.service.means import Means
from headway.catalog.entities import DataProduct
from headway.catalog.errors import ColumnsDiffer, LakeBusy, UnreadableFile
from headway.catalog.service import get_product, register_product
from headway.catalog.service.renewing import CATALOG
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref


def take_effect(session: Session, means: Means, change: ContractChange, because: Because) -> ContractChange:
    """Put a change in force. The database refuses it where neither all consumers accepted nor the notice is over.

    The file of the current snapshot is held to the new version where it has its columns; else the next file is.
    Raises: ChangeClosed: the version names another contract by now.
    """
    product, now = get_product(session, change.product), clock.now()
    if change.version in products.contract_versions(session, product.slug):
        raise ChangeClosed(f"{product.slug} has another contract of version {change.version} by now")
    store.end_change(session, change.id, {"effective_at": now, "effective_because": because})
    by = Actor(ref=change.proposed_by, name=change.proposed_by)
    products.add_contract(session, product.slug, change.contract, by.ref, now)
    is_first = product.snapshot_id is None
    store.set_contract(
        session,
        product.slug,
        current=change.digest if is_first else None,
        following=None if is_first else change.digest,
        at=now,
    )
    is_held = is_first or _hold_current_rows(session, means, product, change)
    if change.level == "breaking":
        ends_on = now.date() + timedelta(days=change.keep_days)
        versions.supersede(
            session,
            CATALOG,
            product,
            version=change.version_before,
            ends_on=ends_on,
            reason=change.reason,
            successor=change.version,
        )
    _tell(session, means, change, because, is_held=is_held)
    made = store.get_change(session, change.id)
    if made is None:
        raise AssertionError("a change that took effect is there")
    return made


def _hold_current_rows(session: Session, means: Means, product: DataProduct, change: ContractChange) -> bool:
    """Register the current snapshot's file under the new version; False where its columns differ or it is too large."""
    snapshot = products.snapshot(session, product.snapshot_id or "")
    if snapshot is None:
        return False
    with TemporaryDirectory(prefix="headway-") as folder:
        source = Path(folder) / "file"
        means.storage.fetch(snapshot.file_key, source)
        if source.stat().st_size > MOST_BYTES:
            return False
        try:
            with session.begin_nested():
                made = register_product(
                    session,
                    CATALOG,
                    means.storage,
                    means.lake,
                    source=source,
                    filename=snapshot.filename,
                    department=product.department,
                    name=product.name,
                    contract_text=odcs.to_yaml(change.contract),
                )
        except (ColumnsDiffer, UnreadableFile, LakeBusy):
            return False
    return made.product.contract_digest == change.digest  # a port that refuses bad rows keeps the old version


def _tell(session: Session, means: Means, change: ContractChange, because: Because, *, is_held: bool) -> None:
    """Enter it once, with all who depend on the product, so that they are told."""
    told = standing.asked_people(consumers_of(session, means.subjects, change.product), change.proposed_by)
    payload = {
        "change": change.id,
        "product": change.product,
        "version": change.version,
        "version_before": change.version_before,
        "contract_digest": change.digest,
        "level": change.level,
        "because": because,
        "is_held": is_held,
        "objections": [{"consumer": one.consumer, "reason": one.reason} for one in change.objections],
        "requested_by": change.proposed_by,
        "people": sorted(told),
        "reason": change.reason,
    }
    ledger.record(
        session, actor=CATALOG, type="contract.changed", subject=Ref("contract-change", change.id), payload=payload
    )
