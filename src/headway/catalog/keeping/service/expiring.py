"""Giving up old snapshots: their rows go, what is known of them stays.

Order makes it safe to die anywhere: first the lake forgets the snapshots, in one commit that looks at tags again; then the
database notes it; files go last, and only those that nothing needs and that are old. Who died in between is followed by the
next one, who finds what the lake has forgotten.
"""

from __future__ import annotations

from headway import ledger
from headway.catalog import store as products
from headway.catalog.entities import ProductSnapshot
from headway.catalog.keeping import choosing, store
from headway.catalog.keeping.entities import Expiry
from headway.catalog.keeping.service.listing import ties_of
from headway.catalog.service import get_product
from headway.catalog.service.renewing import Data
from headway.kernel import clock
from headway.kernel.auth import Actor


def expire(data: Data, actor: Actor, slug: str) -> Expiry:
    """Give up the snapshots of a product that its retention does not keep and nothing protects.

    Raises: UnknownProduct; LakeBusy.
    """
    products.lock(data.session, slug)
    product = get_product(data.session, slug)
    every = products.every_snapshot(data.session, slug)
    table = every[0].table if every else ""
    known = {str(one.id): one for one in data.lake.snapshots(table)}
    ties = ties_of(data.session, product, every, known)
    now = clock.now()
    chosen = choosing.expirable(every, ties, store.retention(data.session, slug), now)
    lost = [one for one in every if one.expired_at is None and known and one.iceberg_snapshot_id not in known]
    going = _forgotten(data, table, chosen, every) | {one.id for one in lost}
    expired = [one for one in every if one.id in going]
    if expired:
        store.mark_expired(data.session, going, now)
        payload = {
            "snapshots": [one.id for one in expired],
            "digests": [one.digest for one in expired],
            "rows": sum(one.rows for one in expired),
        }
        ledger.record(data.session, actor=actor, type="product.expired", subject=product.ref, payload=payload)
    removed = _remove_orphans(data, table) if known else 0
    kept = sum(one.expired_at is None for one in every) - len(expired)
    return Expiry(product=slug, expired=tuple(one.id for one in expired), kept=kept, files_removed=removed)


def _forgotten(
    data: Data, table: str, chosen: tuple[ProductSnapshot, ...], every: tuple[ProductSnapshot, ...]
) -> set[str]:
    """Let the lake forget snapshots; gives those of which it has no rows any more."""
    if not table:
        return set()
    tags: dict[int, set[str]] = {}
    for one in chosen:
        tags.setdefault(int(one.iceberg_snapshot_id), set()).add(one.tag)
    spared = {int(one.iceberg_snapshot_id) for one in every if one.expired_at is None}
    before = clock.now() - choosing.ORPHAN_AGE
    gone = data.lake.expire(table, tags, untagged_before=before, spared=spared)
    return {one.id for one in chosen if int(one.iceberg_snapshot_id) in gone}


def _remove_orphans(data: Data, table: str) -> int:
    """Remove the old files of a table that no snapshot needs."""
    place = data.lake.place(table)
    old = list(data.storage.older(place, clock.now() - choosing.ORPHAN_AGE))
    if not old:
        return 0
    needed = data.lake.referenced(table)  # after the listing: what is needed by then was there before
    orphans = [key for key in old if key.removeprefix(place) not in needed]
    for key in orphans:
        data.storage.delete(key)
    return len(orphans)
