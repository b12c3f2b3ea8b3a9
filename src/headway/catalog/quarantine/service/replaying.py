"""Letting mended rows in: a new snapshot of the table with the rows that pass, once.

Everything in the database happens in one transaction, under the lock that registrations take. The lake's commit is not part of
it: its rows lie under a digest of what enters, so that a replay that died in between finds them, and nothing is added twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import store as products
from headway.catalog.adapters import files
from headway.catalog.batches import cells, store
from headway.catalog.batches.entities import WAITING, Batch, Mode, Outcome, QuarantinedRow, RowState
from headway.catalog.entities import DataProduct, ProductSnapshot
from headway.catalog.quarantine.entities import Replayed
from headway.catalog.quarantine.errors import BatchSuperseded, StillBroken
from headway.catalog.quarantine.service.ground import Ground, Judged, Places, ground_of, judge
from headway.catalog.quarantine.service.mending import need_batch
from headway.catalog.service import get_product, get_snapshot
from headway.catalog.service.checking import check_staged
from headway.catalog.service.registering import Ready, keep_snapshot, write_rows
from headway.catalog.service.renewing import DIGEST_KEY
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.ids import Ref


def replay(
    session: Session, actor: Actor, places: Places, slug: str, *, batch: str | None = None, reason: str = ""
) -> Replayed:
    """Let the rows of a batch that pass now enter the product as a new snapshot; the others stay, with new reasons.

    A batch that a port refused as a whole enters as a whole: all its rows but the dismissed ones must pass.

    Args: batch: default is the newest one that stands on the current snapshot and is not settled.
    Raises: UnknownProduct, BatchUnknown, BatchSuperseded, StillBroken, LakeBusy.
    """
    products.lock(session, slug)
    product = get_product(session, slug)
    found = need_batch(session, slug, batch) if batch else _newest(session, slug)
    if found is None or _is_settled(found):
        return _nothing(product, found)
    if not found.is_current:
        raise BatchSuperseded(
            f"another file has become the table of {slug} since {found.id} came in",
            hint="bring the corrected rows with the next file, and dismiss these",
            values={"batch": found.id},
        )
    rows = store.rows_of(session, slug, batch_id=found.id, states=WAITING, lock=True)
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        ground = ground_of(session, places, product, found, work, whole=True)
        texts = [cells.Row(number=one.row, values=one.values, unread=frozenset(one.unread)) for one in rows]
        judged = judge(ground, texts, work)
        staying = _staying(rows, judged)
        if found.outcome is Outcome.refused and found.mode is Mode.block and staying:
            raise StillBroken(
                f"{len(staying):,} rows of {found.id} break the contract, and its port lets batches in whole",
                hint="mend or dismiss them first",
                values={"batch": found.id, "open": len(staying)},
            )
        store.change_rows(session, staying)
        table = _table(ground, judged, work)
        is_more = bool(judged.passing) or found.outcome is Outcome.refused
        if not is_more or not pl.scan_parquet(table).select(pl.len()).collect().item():
            return _nothing(product, found, waiting=len(staying))
        made = _enter(session, actor, places, product, (found, ground, judged, table, work))
    done = [_entered(one, judged, made, actor, reason) for one in rows if one.row in judged.passing]
    store.change_rows(session, done)
    store.move_batch(session, found, made.id)
    more = {"snapshot": made.id, "rows": len(done), "numbers": [one.row for one in done[:100]], "open": len(staying)}
    payload = {"batch": found.id, **more, "reason": reason.strip()}
    ledger.record(session, actor=actor, type="batch.replayed", subject=Ref("product", slug), payload=payload)
    return Replayed(
        product=slug, batch=found.id, snapshot_id=made.id, replayed=len(done), open=len(staying), rows=made.rows
    )


def _newest(session: Session, slug: str) -> Batch | None:
    waiting = store.rows_of(session, slug, states=WAITING, limit=1)
    return store.batch(session, waiting[0].batch) if waiting else None


def _is_settled(batch: Batch) -> bool:
    """Whether nothing is left to enter; a refused batch whose bad rows were all given up still has its good ones."""
    return batch.outcome is Outcome.quarantined and not any(batch.counts[state.value] for state in WAITING)


def _nothing(product: DataProduct, batch: Batch | None, waiting: int = 0) -> Replayed:
    return Replayed(
        product=product.slug,
        batch=batch.id if batch else None,
        snapshot_id=None,
        replayed=0,
        open=waiting,
        rows=product.rows,
    )


def _staying(rows: Sequence[QuarantinedRow], judged: Judged) -> list[QuarantinedRow]:
    """Rows that may not enter, with what is wrong with them now."""
    return [
        replace(one, state=RowState.open, reasons=judged.reasons.get(one.row, ()))
        for one in rows
        if one.row not in judged.passing
    ]


def _entered(one: QuarantinedRow, judged: Judged, made: ProductSnapshot, actor: Actor, reason: str) -> QuarantinedRow:
    return replace(
        one,
        state=RowState.replayed,
        reasons=judged.reasons.get(one.row, ()),
        settled_by=actor.ref,
        settled_at=clock.now(),
        settled_because=reason.strip(),
        snapshot_id=made.id,
    )


def _table(ground: Ground, judged: Judged, work: Path) -> Path:
    """The rows of the table with those that pass, in the order of the file."""
    base = pl.read_parquet(ground.base)
    passing = judged.typed.filter(pl.col(files.ROW).is_in(sorted(judged.passing))).select(base.columns)
    path = work / "table.parquet"
    table = pl.concat([base, passing.cast(dict(base.schema))]).sort(files.ROW)  # type: ignore[arg-type]  # names to types
    table.write_parquet(path, compression="zstd", compression_level=1)
    return path


def _enter(
    session: Session,
    actor: Actor,
    places: Places,
    product: DataProduct,
    what: tuple[Batch, Ground, Judged, Path, Path],
) -> ProductSnapshot:
    batch, ground, judged, table, work = what
    before = get_snapshot(session, batch.snapshot_id or "")
    rows = [[number, *sorted(judged.rows[number].values.items())] for number in sorted(judged.passing)]
    contract = dict(ground.contract)
    content = digest(
        {
            "batch": batch.id,
            "base": before.digest,
            "contract": odcs.contract_digest(contract),
            "rows": digest({"rows": rows}),
        }
    )
    made = places.lake.find(before.table, DIGEST_KEY, content)
    if made is None:
        properties = {DIGEST_KEY: content, "headway.file": batch.file_digest, "headway.batch": batch.id}
        made = write_rows(places.lake, before.table, table, properties)
    tag = "content-" + content.removeprefix("sha256-")[:32]
    places.lake.tag(before.table, tag, made)
    count = int(pl.scan_parquet(table).select(pl.len()).collect().item())
    is_refused = batch.outcome is Outcome.refused
    snapshot = ProductSnapshot(
        id=ids.new_id("snp"),
        product=product.slug,
        table=before.table,
        iceberg_snapshot_id=str(made),
        tag=tag,
        digest=content,
        file_key=batch.file_key,
        file_digest=batch.file_digest,
        filename=batch.filename,
        file_kind=before.file_kind,
        rows=count,
        notes=(*(() if is_refused else before.notes), f"{len(judged.passing):,} rows entered from the quarantine"),
        mode="append",
        parent=before.id,
        created_at=clock.now(),
        expired_at=None,
    )
    staged = files.Staged(
        path=table,
        kind=snapshot.file_kind,
        found=tuple(ground.plan.columns),
        kinds=odcs.kinds_of(contract),
        rows=count,
        read_as={},
        misfits=judged.typed.clear().select(
            pl.col(files.ROW).alias("row"), pl.lit("").alias("column"), pl.lit("").alias("value")
        ),
        notes=(),
    )
    report, faults = check_staged(staged, contract, work, product=product.slug, snapshot_id=snapshot.id)
    ready = Ready(snapshot=snapshot, contract=contract, report=report, rows=table, faults=faults)
    return keep_snapshot(session, actor, places.storage, product, ready).snapshot
