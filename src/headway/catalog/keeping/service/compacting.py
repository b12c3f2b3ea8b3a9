"""Compaction: the many small files of the current snapshot become few; its rows, digest and proofs stay the same.

The rows are written anew in the lake under the digest of the snapshot they come from, compared with it, and only then named by
the product's snapshot; tags move with it, since they name the same rows. The files before stay while an older snapshot needs them.
"""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from headway import ledger
from headway.catalog import store as products
from headway.catalog.adapters.files import ROW
from headway.catalog.keeping import store
from headway.catalog.keeping.entities import Compaction
from headway.catalog.keeping.errors import CompactionFailed
from headway.catalog.keeping.service.listing import COMPACTS
from headway.catalog.service import get_product, get_snapshot
from headway.catalog.service.renewing import Data
from headway.kernel.auth import Actor


def compact(data: Data, actor: Actor, slug: str, *, most_files: int | None = None) -> Compaction:
    """Put the files of the current snapshot together when it has more than its retention says.

    Args: most_files: another bound, for this once.
    Raises: UnknownProduct; CompactionFailed: the rows differ; LakeBusy.
    """
    products.lock(data.session, slug)
    product = get_product(data.session, slug)
    snapshot = get_snapshot(data.session, product.snapshot_id or "")
    table, before = snapshot.table, snapshot.iceberg_snapshot_id
    files = data.lake.files(table, before)
    bound = store.retention(data.session, slug).most_files if most_files is None else most_files
    if len(files.paths) <= bound:
        count = len(files.paths)
        return Compaction(product=slug, snapshot=snapshot.id, files_before=count, files_after=count, is_done=False)
    rows = data.lake.scan(table, before)
    made = data.lake.find(table, COMPACTS, before)
    if made is None:
        data.lake.make_current(table, before)
        made = data.lake.replace(table, rows.sort_by(ROW), {COMPACTS: before})
    after = data.lake.scan(table, made)
    if not _sorted(rows).equals(_sorted(after)):
        raise CompactionFailed(
            f"the rows of {slug} differ after their files were put together", values={"lake": str(made)}
        )
    data.lake.make_current(table, made)
    data.lake.move_tags(table, before, made)
    store.move_snapshot(data.session, snapshot.id, made)
    count = len(data.lake.files(table, made).paths)
    payload = {
        "snapshot": snapshot.id,
        "digest": snapshot.digest,
        "files_before": len(files.paths),
        "files_after": count,
    }
    ledger.record(data.session, actor=actor, type="product.compacted", subject=product.ref, payload=payload)
    return Compaction(
        product=slug, snapshot=snapshot.id, files_before=len(files.paths), files_after=count, is_done=True
    )


def _sorted(rows: pa.Table) -> pl.DataFrame:
    frame = pl.DataFrame(rows).sort(ROW)
    return frame.select(sorted(frame.columns))
