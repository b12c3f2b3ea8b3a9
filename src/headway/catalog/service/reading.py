"""Reading what the catalog holds: products, contracts, snapshots and their rows, reports and faults."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time

import polars as pl
from sqlalchemy.orm import Session

from headway.catalog import reporting, store
from headway.catalog.adapters.files import ROW
from headway.catalog.adapters.lake import Lake
from headway.catalog.entities import DataProduct, FaultPage, ProductSnapshot, QualityReport, Sample
from headway.catalog.errors import SnapshotExpired, UnknownProduct
from headway.catalog.personal import mask
from headway.kernel.errors import Fault, Invalid, NotFound
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import Page
from headway.kernel.storage import Storage

_EXPORT_ROWS = 10_000


def get_product(session: Session, slug: str) -> DataProduct:
    """A product by its slug; raises UnknownProduct."""
    found = store.product(session, slug)
    if found is None:
        raise UnknownProduct(f"there is no data product {slug!r}", hint="'headway product list' names them")
    return found


def list_products(
    session: Session, *, department: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[DataProduct]:
    """Products in order of their slugs, of one department or of all."""
    return store.products(session, department, limit, cursor)


def find_products(session: Session, asked: ListQuery) -> Found[DataProduct]:
    """Search, filter, sort and leaf through data products; raises BadListing."""
    return store.find_products(session, asked)


def contract_of(session: Session, product: DataProduct | str, digest: str | None = None) -> dict[str, object]:
    """A product's contract as ODCS JSON: the current one, or the version of a digest."""
    found = get_product(session, product) if isinstance(product, str) else product
    if digest is None or digest == found.contract_digest:
        return dict(found.contract)
    body = store.contract(session, found.slug, digest)
    if body is None:
        raise UnknownProduct(f"product {found.slug} never had a contract {digest}")
    return body


def get_snapshot(session: Session, snapshot_id: str) -> ProductSnapshot:
    """A snapshot by its id; raises UnknownProduct."""
    found = store.snapshot(session, snapshot_id)
    if found is None:
        raise UnknownProduct(f"there is no snapshot {snapshot_id!r}")
    return found


def snapshot_as_of(session: Session, product: DataProduct, as_of: str | None) -> ProductSnapshot:
    """The snapshot that is meant by its id or by a time at which it was current; without either, the current one.

    Args: as_of: ``snp_...``, or ISO 8601: a day (its end, UTC) or a time (UTC where no zone is named).
    Raises: UnknownProduct: the product has no such snapshot, or had none at the time; Invalid: neither id nor time;
    SnapshotExpired.
    """
    if as_of is None or as_of == "":
        found = store.snapshot(session, product.snapshot_id or "")
    elif as_of.startswith("snp_"):
        found = store.snapshot(session, as_of)
    else:
        found = store.snapshot_at(session, product.slug, _moment(as_of))
    if found is None or found.product != product.slug:
        words = (
            f"product {product.slug} has no snapshot {as_of}" if as_of else f"product {product.slug} has no snapshot"
        )
        raise UnknownProduct(words, hint=f"'headway product snapshots {product.slug}' names them")
    if found.expired_at is not None:
        raise _expired(found)
    return found


def list_snapshots(session: Session, slug: str, *, limit: int = 50, cursor: str | None = None) -> Page[ProductSnapshot]:
    """A product's snapshots, the newest first."""
    get_product(session, slug)
    return store.snapshots(session, slug, limit, cursor)


def read_snapshot(
    lake: Lake, snapshot: ProductSnapshot, limit: int | None = None, *, numbers: bool = False
) -> pl.DataFrame:
    """The rows of a snapshot in their order; numbers are Int64 and Float64, times are in microseconds.

    Args: limit: only the first rows. numbers: with the technical column of their numbers.
    Raises: SnapshotExpired.
    """
    if snapshot.expired_at is not None:
        raise _expired(snapshot)
    chosen = f"{ROW} <= {int(limit)}" if limit is not None else None
    rows = lake.scan(snapshot.table, snapshot_id=snapshot.iceberg_snapshot_id, filter=chosen)
    frame = pl.from_arrow(rows)
    if not isinstance(frame, pl.DataFrame):
        raise AssertionError("a table of Arrow is a frame of Polars")
    ordered = frame.sort(ROW)
    return ordered if numbers else ordered.drop(ROW)


def quality_of(session: Session, slug: str, snapshot_id: str | None = None) -> QualityReport:
    """The report of a product's current snapshot and contract, or of another snapshot under the current contract."""
    product = get_product(session, slug)
    found = store.report(session, snapshot_id or product.snapshot_id or "", product.contract_digest)
    if found is None or found.product != slug:
        raise NotFound(f"product {slug} has no report of snapshot {snapshot_id or product.snapshot_id}")
    return found


def faults(
    session: Session,
    storage: Storage,
    slug: str,
    *,
    snapshot_id: str | None = None,
    rule: str | None = None,
    column: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> FaultPage:
    """A page of all faults of a report in order of their rows, of one rule or column if asked."""
    report = quality_of(session, slug, snapshot_id)
    start = offset_of(cursor)
    lines = _lines(session, storage, report, rule, column)
    if lines is None:
        return FaultPage(items=(), next=None, total=0)
    total = int(lines.select(pl.len()).collect().item())
    restricted = reporting.restricted_columns(_contract_then(session, report))
    page = lines.slice(start, limit).collect()
    items = reporting.faults_of(page, dict(enumerate(report.rules)), restricted)
    return FaultPage(items=tuple(items), next=str(start + limit) if start + limit < total else None, total=total)


def export_faults(session: Session, storage: Storage, slug: str, snapshot_id: str | None = None) -> Iterator[str]:
    """All faults of a report as CSV text, piece by piece: row, column, rule, value, message."""
    report = quality_of(session, slug, snapshot_id)
    restricted = reporting.restricted_columns(_contract_then(session, report))
    lines = _lines(session, storage, report, None, None)
    return _csv(lines, report, restricted)


def sample(session: Session, lake: Lake, slug: str, *, limit: int = 20) -> Sample:
    """The first rows of a product's current snapshot; values of restricted columns are masked."""
    product = get_product(session, slug)
    snapshot = get_snapshot(session, product.snapshot_id or "")
    frame = read_snapshot(lake, snapshot, limit)
    masked = reporting.restricted_columns(product.contract)
    rows = tuple(
        {name: _plain(value, name in masked) for name, value in row.items()} for row in frame.iter_rows(named=True)
    )
    return Sample(
        product=slug,
        snapshot_id=snapshot.id,
        columns=tuple(frame.columns),
        masked=tuple(name for name in frame.columns if name in masked),
        rows=rows,
    )


def offset_of(cursor: str | None) -> int:
    """Where a page begins, from the cursor that the page before gave; raises Invalid."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 15:
        raise Invalid(f"{cursor!r} is no cursor of this list")
    return int(cursor)


def _expired(snapshot: ProductSnapshot) -> SnapshotExpired:
    return SnapshotExpired(
        f"the rows of snapshot {snapshot.id} of {snapshot.product} were given up on {snapshot.expired_at:%Y-%m-%d}",
        hint="'headway product snapshots' names those that are kept",
    )


def _moment(text: str) -> datetime:
    try:
        if len(text) == len("2026-03-31"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        found = datetime.fromisoformat(text)
    except ValueError as error:
        words = f"{text!r} is neither the id of a snapshot nor a time"
        raise Invalid(words, hint="write snp_..., 2026-03-31 or 2026-03-31T14:05:00Z") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _contract_then(session: Session, report: QualityReport) -> Mapping[str, object]:
    return store.contract(session, report.product or "", report.contract_digest) or {}


def _lines(
    session: Session, storage: Storage, report: QualityReport, rule: str | None, column: str | None
) -> pl.LazyFrame | None:
    key = store.faults_key(session, report.id)
    if key is None:
        return None
    lines = pl.scan_parquet(io.BytesIO(storage.get(key)))
    if rule is None and column is None:
        return lines
    wanted = [
        at for at, one in enumerate(report.rules) if rule in (None, one.rule, one.id) and column in (None, one.column)
    ]
    return lines.filter(pl.col("rule").is_in(wanted))


def _csv(lines: pl.LazyFrame | None, report: QualityReport, restricted: frozenset[str]) -> Iterator[str]:
    yield "row,column,rule,value,message\r\n"
    if lines is None:
        return
    rules = dict(enumerate(report.rules))
    for batch in lines.collect().iter_slices(_EXPORT_ROWS):
        with io.StringIO(newline="") as text:
            csv.writer(text).writerows(map(_cells, reporting.faults_of(batch, rules, restricted)))
            yield text.getvalue()


def _cells(fault: Fault) -> tuple[object, ...]:
    """The cells of a line; a text that a spreadsheet would take for a formula gets a quotation mark before it."""
    value = fault.value
    if value is not None and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not value[1:].replace(".", "").isdigit():
        value = "'" + value
    return fault.row, fault.column, fault.rule, value, fault.message


def _plain(value: object, is_masked: bool) -> str | int | float | bool | None:
    if value is None:
        return None
    if is_masked:
        return mask(str(value))
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool)) else str(value)
