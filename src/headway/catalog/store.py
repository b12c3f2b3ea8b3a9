"""All SQL on the catalog's tables: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from headway.catalog import contract as odcs
from headway.catalog.entities import (
    ColumnPreview,
    DataProduct,
    FileKind,
    FilePreview,
    Mode,
    ProductSnapshot,
    QualityReport,
    Roles,
    RuleResult,
    Upload,
)
from headway.catalog.tables import ContractRow, CurrentRow, ProductRow, QualityRunRow, SnapshotRow, UploadRow
from headway.kernel import listing
from headway.kernel.errors import Fault
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.kernel.paging import Page


def lock(session: Session, slug: str) -> None:
    """Let one transaction at a time register files of a product; held until the transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"product:{slug}"})


def product(session: Session, slug: str) -> DataProduct | None:
    """The product of a slug, or None."""
    row = session.get(ProductRow, slug)
    return _product(session, row) if row is not None else None


def products(session: Session, department: str | None, limit: int, cursor: str | None) -> Page[DataProduct]:
    """Products in order of their slugs."""
    asked = select(ProductRow).order_by(ProductRow.slug).limit(limit + 1)
    if department is not None:
        asked = asked.where(ProductRow.department == department)
    if cursor is not None:
        asked = asked.where(ProductRow.slug > cursor)
    rows = list(session.scalars(asked))
    shown = tuple(_product(session, row) for row in rows[:limit])
    return Page(items=shown, next=shown[-1].slug if len(rows) > limit else None)


_PRODUCTS = Listing(
    columns={
        "name": Column(of=ProductRow.name, is_searched=True, filter="contains"),
        "slug": Column(of=ProductRow.slug, is_searched=True, filter="exact"),
        "department": Column(of=ProductRow.department, is_searched=True, filter="exact"),
        "rows": Column(of=SnapshotRow.rows, filter="numbers"),
        "contract_version": Column(of=ContractRow.version, filter="exact"),
        "registered_by": Column(of=ProductRow.registered_by, filter="exact"),
        "created_at": Column(of=ProductRow.created_at, filter="dates"),
        "updated_at": Column(of=ProductRow.updated_at, filter="dates"),
    },
    key=(ProductRow.slug,),
    sort="name",
    department=ProductRow.department,
)


def find_products(session: Session, asked: ListQuery) -> Found[DataProduct]:
    """The products asked for."""
    current = (ContractRow.product == ProductRow.slug) & (ContractRow.digest == ProductRow.contract_digest)
    query = (
        select(ProductRow, ContractRow.body, SnapshotRow.rows)
        .outerjoin(ContractRow, current)
        .outerjoin(SnapshotRow, SnapshotRow.id == ProductRow.snapshot_id)
    )
    found = listing.find(session, query, _PRODUCTS, asked)
    return listing.found_as(found, (_made(row, body or {}, rows or 0) for row, body, rows in found.items))


def save_product(
    session: Session,
    *,
    slug: str,
    name: str,
    department: str,
    contract_digest: str,
    snapshot_id: str | None,
    by: str,
    at: datetime,
) -> None:
    """Write what is current of a product."""
    row = session.get(ProductRow, slug)
    if row is None:
        row = ProductRow(slug=slug, name=name, department=department, registered_by=by, created_at=at)
        session.add(row)
    if (
        row.contract_digest != contract_digest
    ):  # another contract came with these rows: the one that waited, or one made of it
        row.next_contract = None
    if snapshot_id is not None and snapshot_id != row.snapshot_id:
        session.flush()
        session.add(CurrentRow(product=slug, snapshot=snapshot_id, since=at))
    row.contract_digest, row.snapshot_id, row.updated_at = contract_digest, snapshot_id, at
    session.flush()


def has_contract(session: Session, slug: str, digest: str) -> bool:
    """Whether this version of a product's contract is kept."""
    return session.get(ContractRow, (slug, digest)) is not None


def contract_versions(session: Session, slug: str) -> set[str]:
    """The versions a product's contract has had."""
    return set(session.scalars(select(ContractRow.version).where(ContractRow.product == slug)))


def add_contract(session: Session, slug: str, contract: odcs.Contract, by: str, at: datetime) -> None:
    """Keep a version of a product's contract."""
    session.add(
        ContractRow(
            product=slug,
            digest=odcs.contract_digest(contract),
            version=str(contract.get("version", "")),
            body=dict(contract),
            made_by=by,
            created_at=at,
        )
    )
    session.flush()


def contract(session: Session, slug: str, digest: str) -> dict[str, object] | None:
    """A version of a product's contract by its digest."""
    row = session.get(ContractRow, (slug, digest))
    return dict(row.body) if row is not None else None


def contract_to_keep(session: Session, slug: str) -> dict[str, object] | None:
    """The contract that the next file is held to, where it is not the product's current one."""
    digest = session.scalar(select(ProductRow.next_contract).where(ProductRow.slug == slug))
    return contract(session, slug, digest) if digest is not None else None


def waits_for_consumers(session: Session, slug: str) -> bool:
    """Whether a change of the contract is open, so that no other may come in between."""
    asked = (
        "select 1 from catalog.contract_changes where product = :slug and effective_at is null and withdrawn_at is null"
    )
    return session.scalar(text(asked), {"slug": slug}) is not None


def snapshot(session: Session, snapshot_id: str) -> ProductSnapshot | None:
    """A snapshot by its id."""
    row = session.get(SnapshotRow, snapshot_id)
    return _snapshot(row) if row is not None else None


def snapshot_at(session: Session, slug: str, at: datetime) -> ProductSnapshot | None:
    """The snapshot that was a product's current one at a time, or None before the first."""
    asked = (
        select(SnapshotRow)
        .join(CurrentRow, CurrentRow.snapshot == SnapshotRow.id)
        .where(CurrentRow.product == slug, CurrentRow.since <= at)
        .order_by(CurrentRow.id.desc())
        .limit(1)
    )
    row = session.scalars(asked).one_or_none()
    return _snapshot(row) if row is not None else None


def snapshot_of_digest(session: Session, slug: str, digest: str) -> ProductSnapshot | None:
    """The snapshot of a product that holds this content."""
    asked = select(SnapshotRow).where(SnapshotRow.product == slug, SnapshotRow.digest == digest)
    row = session.scalars(asked).one_or_none()
    return _snapshot(row) if row is not None else None


def snapshots(session: Session, slug: str, limit: int, cursor: str | None) -> Page[ProductSnapshot]:
    """A product's snapshots, the newest first."""
    asked = select(SnapshotRow).where(SnapshotRow.product == slug).order_by(SnapshotRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        asked = asked.where(SnapshotRow.id < cursor)
    rows = list(session.scalars(asked))
    shown = tuple(_snapshot(row) for row in rows[:limit])
    return Page(items=shown, next=shown[-1].id if len(rows) > limit else None)


def every_snapshot(session: Session, slug: str) -> tuple[ProductSnapshot, ...]:
    """All snapshots of a product, the oldest first."""
    asked = select(SnapshotRow).where(SnapshotRow.product == slug).order_by(SnapshotRow.id)
    return tuple(_snapshot(row) for row in session.scalars(asked))


def file_is_kept(session: Session, file_key: str) -> bool:
    """Whether a snapshot was made of this file."""
    return bool(session.scalar(select(func.count()).where(SnapshotRow.file_key == file_key)))


def keep_snapshot(session: Session, made: ProductSnapshot, by: str) -> None:
    """Keep a snapshot; of one whose rows were given up, note where they lie again."""
    known = session.get(SnapshotRow, made.id)
    if known is not None:
        known.iceberg_snapshot_id, known.expired_at = int(made.iceberg_snapshot_id), None
        session.flush()
        return
    session.add(
        SnapshotRow(
            id=made.id,
            product=made.product,
            digest=made.digest,
            lake_table=made.table,
            iceberg_snapshot_id=int(made.iceberg_snapshot_id),
            tag=made.tag,
            file_key=made.file_key,
            file_digest=made.file_digest,
            filename=made.filename,
            file_kind=made.file_kind,
            rows=made.rows,
            notes=list(made.notes),
            mode=made.mode,
            parent=made.parent,
            created_by=by,
            created_at=made.created_at,
            expired_at=made.expired_at,
        )
    )
    session.flush()


def report(session: Session, snapshot_id: str, contract_digest: str) -> QualityReport | None:
    """The check of a snapshot against a version of the contract."""
    asked = select(QualityRunRow).where(
        QualityRunRow.snapshot_id == snapshot_id, QualityRunRow.contract_digest == contract_digest
    )
    row = session.scalars(asked).one_or_none()
    return _report(row) if row is not None else None


def reports_of(session: Session, snapshot_id: str) -> list[tuple[QualityReport, str | None]]:
    """The checks of a snapshot, the newest first, each with where all its faults lie."""
    asked = select(QualityRunRow).where(QualityRunRow.snapshot_id == snapshot_id).order_by(QualityRunRow.id.desc())
    return [(_report(row), row.faults_key) for row in session.scalars(asked)]


def faults_key(session: Session, report_id: str) -> str | None:
    """Where all faults of a report lie, None when there are none."""
    return session.scalar(select(QualityRunRow.faults_key).where(QualityRunRow.id == report_id))


def add_report(session: Session, made: QualityReport, faults_key: str | None) -> None:
    """Keep a quality report of a product's snapshot."""
    session.add(
        QualityRunRow(
            id=made.id,
            product=made.product,
            snapshot_id=made.snapshot_id,
            contract_digest=made.contract_digest,
            rows=made.rows,
            failed_rows=made.failed_rows,
            score=made.score,
            passed=made.passed,
            rules=[asdict(rule) for rule in made.rules],
            faults=[asdict(fault) for fault in made.faults],
            fault_count=made.fault_count,
            faults_key=faults_key,
            skipped=list(made.skipped),
            checked_at=made.checked_at,
        )
    )
    session.flush()


def upload(session: Session, upload_id: str) -> Upload | None:
    """An upload by its id."""
    row = session.get(UploadRow, upload_id)
    return _upload(row) if row is not None else None


def upload_of(session: Session, digest: str, department: str) -> Upload | None:
    """The upload of a file in a department."""
    asked = select(UploadRow).where(UploadRow.digest == digest, UploadRow.department == department)
    row = session.scalars(asked).one_or_none()
    return _upload(row) if row is not None else None


def add_upload(session: Session, made: Upload) -> None:
    """Keep an upload."""
    plain = {name: getattr(made, name) for name in made.__dataclass_fields__}
    session.add(UploadRow(**{**plain, "preview": asdict(made.preview)}))
    session.flush()


def hold_upload(session: Session, upload_id: str, until: datetime) -> None:
    """Let an upload wait longer."""
    asked = update(UploadRow).where(UploadRow.id == upload_id).values(kept_until=until)
    session.execute(asked, execution_options={"synchronize_session": "fetch"})


def file_waits(session: Session, file_key: str, now: datetime) -> bool:
    """Whether an upload still waits with this file."""
    waiting = (UploadRow.file_key == file_key) & (UploadRow.kept_until >= now)
    return bool(session.scalar(select(func.count()).where(waiting)))


def take_due_uploads(session: Session, now: datetime) -> list[str]:
    """Drop the uploads whose time is over; gives the keys of their files."""
    return list(session.scalars(delete(UploadRow).where(UploadRow.kept_until < now).returning(UploadRow.file_key)))


def _upload(row: UploadRow) -> Upload:
    return Upload(
        id=row.id,
        department=row.department,
        digest=row.digest,
        file_key=row.file_key,
        preview=_preview(cast(Mapping[str, Any], row.preview)),
        uploaded_by=row.uploaded_by,
        created_at=row.created_at,
        kept_until=row.kept_until,
    )


def _preview(plain: Mapping[str, Any]) -> FilePreview:
    columns = tuple(
        ColumnPreview(**{**one, "examples": tuple(one["examples"]), "values": tuple(one["values"])})
        for one in plain["columns"]
    )
    guess = Roles(**{**plain["guess"], "exclude": tuple(plain["guess"]["exclude"])})
    return FilePreview(**{**plain, "columns": columns, "guess": guess, "notes": tuple(plain["notes"])})


def _product(session: Session, row: ProductRow) -> DataProduct:
    body = contract(session, row.slug, row.contract_digest) or {}
    kept = session.get(SnapshotRow, row.snapshot_id) if row.snapshot_id else None
    return _made(row, body, kept.rows if kept else 0)


def _made(row: ProductRow, body: Mapping[str, object], rows: int) -> DataProduct:
    return DataProduct(
        slug=row.slug,
        name=row.name,
        department=row.department,
        columns=tuple(odcs.kinds_of(body)),
        rows=rows,
        contract=dict(body),
        contract_version=str(body.get("version", "")),
        contract_digest=row.contract_digest,
        snapshot_id=row.snapshot_id,
        registered_by=row.registered_by,
        steward=row.steward,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _snapshot(row: SnapshotRow) -> ProductSnapshot:
    return ProductSnapshot(
        id=row.id,
        product=row.product,
        table=row.lake_table,
        iceberg_snapshot_id=str(row.iceberg_snapshot_id),
        tag=row.tag,
        digest=row.digest,
        file_key=row.file_key,
        file_digest=row.file_digest,
        filename=row.filename,
        file_kind=cast(FileKind, row.file_kind),
        rows=row.rows,
        notes=tuple(row.notes),
        mode=cast(Mode, row.mode),
        parent=row.parent,
        created_at=row.created_at,
        expired_at=row.expired_at,
    )


def _report(row: QualityRunRow) -> QualityReport:
    return QualityReport(
        id=row.id,
        product=row.product,
        snapshot_id=row.snapshot_id,
        contract_digest=row.contract_digest,
        rows=row.rows,
        failed_rows=row.failed_rows,
        score=row.score,
        passed=row.passed,
        rules=tuple(RuleResult(**rule) for rule in row.rules),  # type: ignore[arg-type]  # written by add_report
        faults=tuple(Fault(**fault) for fault in row.faults),  # type: ignore[arg-type]  # written by add_report
        fault_count=row.fault_count,
        skipped=tuple(row.skipped),
        checked_at=row.checked_at,
    )
