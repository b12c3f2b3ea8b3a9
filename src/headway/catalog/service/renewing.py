"""New snapshots made of the one before: a file put to its rows, repairs of cells, and taking repairs back.

The rows are held to the contract before anything is kept. What the lake holds already is shared: only rows that changed are
written. Values that fit no type are no part of the rows; they are carried from the report of the snapshot before.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.catalog import contract as odcs
from headway.catalog import joining, store, trends
from headway.catalog.adapters import files
from headway.catalog.adapters.files import ROW
from headway.catalog.adapters.lake import Lake
from headway.catalog.batches import store as batch_store
from headway.catalog.entities import DataProduct, Mode, ProductSnapshot, QualityReport, Registration
from headway.catalog.service.checking import check_staged
from headway.catalog.service.reading import read_snapshot
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.storage import Storage

CATALOG: Final = Actor(ref="service:catalog", name="Data catalog")
"""Producer of the evidence that the catalog writes itself."""
DIGEST_KEY: Final = "headway.digest"
_NO_MISFITS: Final = {"row": pl.Int64, "column": pl.String, "value": pl.String}


@dataclass(frozen=True, slots=True)
class Data:
    """Where data products lie: what is known of them, their files, their rows."""

    session: Session
    storage: Storage
    lake: Lake


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A file joined with the rows of a snapshot."""

    staged: files.Staged
    base: ProductSnapshot
    joined: joining.Joined

    def put(self, lake: Lake, table: str, properties: Mapping[str, str]) -> int:
        """Write what is new to the lake; returns the lake's snapshot."""
        return lake.put(
            table,
            self.base.iceberg_snapshot_id,
            self.joined.fresh.to_arrow(),
            by=ROW,
            replaced=self.joined.replaced,
            properties=properties,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A snapshot to be made of another one without a file."""

    product: DataProduct
    base: ProductSnapshot
    """The current snapshot."""
    mode: Mode
    digest: str
    rows: pl.DataFrame  # numbered
    misfits: pl.DataFrame
    replaced: tuple[int, ...]  # numbers of rows that changed
    lake_id: str | None
    """The lake's snapshot that holds these rows already, where there is one."""
    note: str


def tag_of(content: str) -> str:
    """The lake's tag of a product's snapshot, by the digest of its content."""
    return "content-" + content.removeprefix("sha256-")[:32]


def join(
    data: Data,
    base: ProductSnapshot,
    staged: files.Staged,
    *,
    contract: odcs.Contract,
    mode: Mode,
    work: Path,
) -> Merged:
    """Put the rows of a file to those of a snapshot; raises KeyUnusable."""
    file = pl.read_parquet(staged.path)
    before = numbered(data.lake, base)
    held = misfits_of(data.session, data.storage, base)
    if mode == "append":
        joined = joining.append(before, file, ROW)
        misfits = joining.carried(held, staged.misfits, joined, "append")
    else:
        joined = joining.upsert(before, file, ROW, joining.key_of(contract))
        misfits = joining.carried(held, staged.misfits, joined, "upsert")
    path = work / "joined.parquet"
    joined.rows.write_parquet(path)
    how = "put at the end of" if mode == "append" else "put by its key over"
    note = f"{staged.rows:,} rows of the file, {how} the {base.rows:,} rows before"
    made = replace(staged, path=path, rows=joined.rows.height, misfits=misfits, notes=(*staged.notes, note))
    return Merged(staged=made, base=base, joined=joined)


def numbered(lake: Lake, snapshot: ProductSnapshot) -> pl.DataFrame:
    """The rows of a snapshot with their numbers, in order."""
    return read_snapshot(lake, snapshot, numbers=True)


def misfits_of(session: Session, storage: Storage, snapshot: ProductSnapshot) -> pl.DataFrame:
    """The values of a snapshot that fit no type: row, column, value."""
    for report, key in store.reports_of(session, snapshot.id):
        if key is None:
            return pl.DataFrame(schema=_NO_MISFITS)
        columns = {at: rule.column for at, rule in enumerate(report.rules) if rule.rule == "type"}
        if columns:
            named = pl.DataFrame({"rule": list(columns), "column": list(columns.values())})
            lines = pl.read_parquet(io.BytesIO(storage.get(key)))
            lines = lines.with_columns(pl.col("rule").cast(pl.Int64)).join(named, on="rule", how="inner")
            return lines.select(pl.col("row").cast(pl.Int64), "column", "value").sort("row", "column")
    return pl.DataFrame(schema=_NO_MISFITS)


def renew(data: Data, actor: Actor, wanted: Renewal) -> Registration:
    """Make the snapshot, hold it to the current contract, and make it current. The caller holds the product's lock."""
    product, base = wanted.product, wanted.base
    snapshot_id = ids.new_id("snp")
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        path = work / "rows.parquet"
        wanted.rows.write_parquet(path)
        staged = files.Staged(
            path=path,
            kind=base.file_kind,
            found=product.columns,
            kinds=odcs.kinds_of(product.contract),
            rows=wanted.rows.height,
            read_as={},
            misfits=wanted.misfits,
            notes=(wanted.note,),
        )
        report, faults = check_staged(staged, product.contract, work, product=product.slug, snapshot_id=snapshot_id)
        lake_id = _in_lake(data.lake, wanted)
        tag = tag_of(wanted.digest)
        data.lake.tag(base.table, tag, lake_id)
        snapshot = replace(
            base,
            id=snapshot_id,
            iceberg_snapshot_id=str(lake_id),
            tag=tag,
            digest=wanted.digest,
            rows=wanted.rows.height,
            notes=staged.notes,
            mode=wanted.mode,
            parent=base.id,
            created_at=clock.now(),
        )
        store.keep_snapshot(data.session, snapshot, actor.ref)
        keep_report(data.session, data.storage, report, faults)
        now = _made_current(data.session, actor, product, snapshot)
        if wanted.mode in ("repair", "undo"):
            batch_store.follow(data.session, product.slug, base.id, snapshot.id)
        tell(data.session, actor, now, snapshot, report, is_first=False)
        made = Registration(product=now, snapshot=snapshot, quality=report, created=True)
        trends.take(data.session, actor, made, path, faults)
    return made


def keep_report(session: Session, storage: Storage, report: QualityReport, faults: Path | None) -> None:
    """Keep a report and, beside it, all its faults."""
    key = f"quality/{report.id}/faults.parquet" if faults is not None else None
    if key is not None and faults is not None:
        storage.create(key, faults)
    store.add_report(session, report, key)


def tell(
    session: Session,
    actor: Actor,
    product: DataProduct,
    snapshot: ProductSnapshot,
    report: QualityReport,
    *,
    is_first: bool,
    port: str | None = None,
) -> None:
    """Record that a snapshot became current, and bring the evidence of it."""
    payload: dict[str, object] = {
        "snapshot": snapshot.id,
        "snapshot_digest": snapshot.digest,
        "file_digest": snapshot.file_digest,
        "contract_digest": product.contract_digest,
        "contract_version": product.contract_version,
        "quality_report": report.id,
        "rows": snapshot.rows,
        "failed_rows": report.failed_rows,
        "mode": snapshot.mode,
        "parent": snapshot.parent,
        "port": port,
    }
    kind = "product.registered" if is_first else "product.updated"
    ledger.record(session, actor=actor, type=kind, subject=product.ref, payload=payload)
    facts: dict[str, dict[str, str | int | float | bool | None]] = {
        "data_quality_report": {
            "contract_checked": True,
            "quality_score": report.score,
            "rows": report.rows,
            "failed_rows": report.failed_rows,
        },
        "dataset_card": {
            "data_digest": snapshot.digest,
            "product": str(product.ref),
            "rows": snapshot.rows,
            "columns": len(product.columns),
        },
    }
    for kind_of_evidence, known in facts.items():
        governance.record_evidence(
            session,
            type=kind_of_evidence,
            subject=product.ref,
            subject_digest=snapshot.digest,
            facts=known,
            producer=CATALOG,
            payload_digest=report.contract_digest,
        )


def _in_lake(lake: Lake, wanted: Renewal) -> int:
    if wanted.lake_id is not None:
        lake.make_current(wanted.base.table, wanted.lake_id)
        return int(wanted.lake_id)
    found = lake.find(wanted.base.table, DIGEST_KEY, wanted.digest)  # rows left by one that died before its commit
    if found is not None:
        lake.make_current(wanted.base.table, found)
        return found
    changed = wanted.rows.filter(pl.col(ROW).is_in(list(wanted.replaced)))
    return lake.put(
        wanted.base.table,
        wanted.base.iceberg_snapshot_id,
        changed.to_arrow(),
        by=ROW,
        replaced=wanted.replaced,
        properties={DIGEST_KEY: wanted.digest},
    )


def _made_current(session: Session, actor: Actor, product: DataProduct, snapshot: ProductSnapshot) -> DataProduct:
    store.save_product(
        session,
        slug=product.slug,
        name=product.name,
        department=product.department,
        contract_digest=product.contract_digest,
        snapshot_id=snapshot.id,
        by=actor.ref,
        at=clock.now(),
    )
    now = store.product(session, product.slug)
    if now is None:
        raise AssertionError("a product that was just written is there")
    return now
