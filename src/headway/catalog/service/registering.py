"""Registering a file as a data product: contract, snapshot in the lake, quality report, evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from headway import governance, identity, ledger
from headway.catalog import contract as odcs
from headway.catalog import inference, profile, store
from headway.catalog.adapters import files
from headway.catalog.adapters.lake import Lake
from headway.catalog.comparing import compare_columns
from headway.catalog.entities import DataProduct, Kind, ProductSnapshot, QualityReport, Registration, Roles
from headway.catalog.errors import InvalidContract, UnknownColumn, UnreadableFile
from headway.catalog.service.checking import check_staged
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest, file_digest
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.storage import Storage

CATALOG: Final = Actor(ref="service:catalog", name="Data catalog")
"""Producer of the evidence that the catalog writes itself."""
DIGEST_KEY: Final = "headway.digest"
_READER: Final = 1  # raise when the same file would be read into other rows
_AT_ONCE: Final = 64 * 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The file at hand."""

    source: Path
    filename: str
    digest: str

    @property
    def key(self) -> str:
        return "uploads/" + self.digest.removeprefix("sha256-")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """The product a file is registered as."""

    slug: str
    name: str
    department: str

    @property
    def table(self) -> str:
        """Name in the lake; slugs hold no underscore, so that no two products meet."""
        department, _, name = self.slug.partition(".")
        return f"products.{department.replace('-', '_')}.{name.replace('-', '_')}"


def slug_of(department: str, name: str) -> str:
    """The slug of a product: ``sales.leads``."""
    return f"{ids.slug(department)}.{ids.slug(name)}"


def register_product(
    session: Session,
    actor: Actor,
    storage: Storage,
    lake: Lake,
    *,
    source: Path,
    filename: str,
    department: str,
    name: str,
    label: str | None = None,
    positive: str | None = None,
    time: str | None = None,
    subject: str | None = None,
    exclude: Sequence[str] = (),
    contract_text: str | None = None,
) -> Registration:
    """Register a file as a data product, or as the next snapshot of one.

    The first file of a product makes its contract, unless one is given; later files are held to it. The same file
    again gives the same snapshot and report. A file that cannot be read leaves nothing behind.

    Args:
        filename: as people know it; tells the kind of file where its bytes do not.
        label, time, subject: columns with these roles; of a known product, None keeps what the contract says.
        positive: value of the label that counts as success.
        exclude: columns that no model shall use; they stay in the product.
        contract_text: a contract (ODCS, YAML or JSON) instead of the known or an inferred one.
    Raises: UnreadableFile, UnknownColumn, InvalidContract, ColumnsDiffer, LakeBusy.
    """
    target = _Target(slug=slug_of(department, name), name=name, department=ids.slug(department))
    identity.ensure_department(session, actor, target.department)
    store.lock(session, target.slug)
    known = store.product(session, target.slug)
    file = _File(source=source, filename=filename, digest=file_digest(source))
    asked = Roles(label=label, positive=positive, time=time, subject=subject, exclude=tuple(exclude))
    given = _given(contract_text)
    if known is not None and given is None and (found := _known_before(session, known, file, asked)) is not None:
        return found
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        base = given or (known.contract if known is not None else None)
        staged = files.stage(source, filename, work, odcs.text_types_of(base) if base is not None else None)
        contract = _contract(base, staged, asked, target, file)
        contract = _with_free_version(session, target, contract, is_given=contract == given)
        if known is None:
            _save(session, actor, target, contract, None)  # snapshots and reports refer to it
        kept = _keep(session, actor, storage, lake, target, staged, file)
        report = _check(session, storage, target, kept, contract, staged, work)
    return _conclude(session, actor, target, known, kept, contract, report)


def forget_upload(session: Session, storage: Storage, file_key: str) -> None:
    """Remove an uploaded file of which no product was made."""
    if not store.file_is_kept(session, file_key):
        storage.delete(file_key)


def _given(contract_text: str | None) -> dict[str, object] | None:
    return None if contract_text is None else odcs.parse(contract_text)


def _digest_of(file: _File, kinds: Mapping[str, Kind]) -> str:
    columns = [[name, kind] for name, kind in sorted(kinds.items())]
    return digest({"file": file.digest, "columns": columns, "reader": _READER})


def _known_before(session: Session, known: DataProduct, file: _File, asked: Roles) -> Registration | None:
    """The registration of this very file with the same roles, if there was one and it is current."""
    snapshot = store.snapshot_of_digest(session, known.slug, _digest_of(file, odcs.kinds_of(known.contract)))
    if snapshot is None or snapshot.id != known.snapshot_id or _merged(known.contract, asked) != odcs.roles_of(known.contract):
        return None
    report = store.report(session, snapshot.id, known.contract_digest)
    return Registration(product=known, snapshot=snapshot, quality=report, created=False) if report else None


def _merged(contract: odcs.Contract, asked: Roles) -> Roles:
    """The roles asked for, and for what was not asked those of the contract."""
    has = odcs.roles_of(contract)
    label = asked.label or has.label
    return Roles(
        label=label,
        positive=asked.positive or (has.positive if label == has.label else None),
        time=asked.time or has.time,
        subject=asked.subject or has.subject,
        exclude=tuple(name for name in odcs.kinds_of(contract) if name in (asked.exclude or has.exclude)),
    )


def _contract(
    base: odcs.Contract | None, staged: files.Staged, asked: Roles, target: _Target, file: _File
) -> dict[str, object]:
    """The contract that the rows are held to: the base with the roles asked for, or an inferred one."""
    _need_columns(asked, list(staged.kinds))
    rows = pl.scan_parquet(staged.path)
    if base is not None:
        compare_columns(base, staged.found)
        roles = _merged(base, asked)
        _need_positive(rows, roles)
        return inference.with_roles(base, roles)
    profiles = profile.profile(rows, staged.kinds, staged.rows)
    roles = asked
    if asked.label is not None and asked.positive is None:
        label = next(one for one in profiles if one.name == asked.label)
        roles = replace(asked, positive=inference.positive_of(label))
    _need_positive(rows, roles)
    roles = replace(roles, exclude=tuple(name for name in staged.kinds if name in roles.exclude))
    origin = inference.Origin(
        slug=target.slug, name=target.name, department=target.department, filename=file.filename, location=target.table
    )
    return inference.infer(profiles, roles, origin, staged.read_as)


def _with_free_version(
    session: Session, target: _Target, contract: dict[str, object], *, is_given: bool
) -> dict[str, object]:
    """A version names one contract: ours rises until it is free, one that people wrote is refused."""
    taken = store.contract_versions(session, target.slug)
    while contract.get("version") in taken and not store.has_contract(
        session, target.slug, odcs.contract_digest(contract)
    ):
        version = str(contract.get("version"))
        if is_given:
            words = f"version {version} of the contract of {target.slug} is another one"
            raise InvalidContract(words, hint="raise 'version' in the contract")
        contract = contract | {"version": odcs.raised(version)}
    return contract


def _need_columns(roles: Roles, names: list[str]) -> None:
    """Refuse roles of columns that are not there, and two roles of one column."""
    asked = [("label", roles.label), ("time", roles.time), ("subject", roles.subject)]
    asked += [("exclude", name) for name in roles.exclude]
    faults = [
        Fault(rule="unknown_column", column=name, message=f"there is no column {name!r} for --{role}: {inference.suggestions(name, names)}")
        for role, name in asked
        if name is not None and name not in names
    ]
    if faults:
        raise UnknownColumn(faults[0].message, hint="names are case-sensitive; the first row holds them", faults=faults)
    named = [name for _, name in asked if name is not None]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise UnknownColumn(f"column {twice[0]!r} cannot have two roles", values={"column": twice[0]})


def _need_positive(rows: pl.LazyFrame, roles: Roles) -> None:
    """Refuse a label without values or with one value only, and a positive value that it never has."""
    if roles.label is None:
        if roles.positive is not None:
            raise UnknownColumn("--positive needs --label")
        return
    values = rows.select(pl.col(roles.label).drop_nulls().unique().sort().head(1_000)).collect().to_series()
    texts = [odcs.text_of(value) for value in values]
    if len(texts) < 2:
        words = f"the label {roles.label!r} holds {'no value' if not texts else f'one value only, {texts[0]!r}'}"
        fault = Fault(rule="label_constant", column=roles.label, message=words)
        raise UnreadableFile(words, hint="a label needs rows of at least two outcomes", faults=[fault])
    if roles.positive is not None and roles.positive not in texts:
        words = f"the label {roles.label!r} never is {roles.positive!r}; it is {', '.join(texts[:10])}"
        raise UnknownColumn(words, faults=[Fault(rule="unknown_value", column=roles.label, value=roles.positive, message=words)])


def _keep(
    session: Session, actor: Actor, storage: Storage, lake: Lake, target: _Target, staged: files.Staged, file: _File
) -> tuple[ProductSnapshot, bool]:
    """Keep the rows in the lake and the file as it came; the same content is kept once."""
    content = _digest_of(file, staged.kinds)
    if (found := store.snapshot_of_digest(session, target.slug, content)) is not None:
        return found, False
    storage.ensure(file.key, file.source)
    made = lake.find(target.table, DIGEST_KEY, content)  # a registration that died before its commit left its rows
    if made is None:
        made = _write_rows(lake, target.table, staged.path, {DIGEST_KEY: content, "headway.file": file.digest})
    tag = "content-" + content.removeprefix("sha256-")[:32]
    lake.tag(target.table, tag, made)
    snapshot = ProductSnapshot(
        id=new_id("snp"),
        product=target.slug,
        table=target.table,
        iceberg_snapshot_id=str(made),
        tag=tag,
        digest=content,
        file_key=file.key,
        file_digest=file.digest,
        filename=file.filename,
        file_kind=staged.kind,
        rows=staged.rows,
        notes=staged.notes,
        created_at=clock.now(),
    )
    store.add_snapshot(session, snapshot, actor.ref)
    return snapshot, True


def _write_rows(lake: Lake, table: str, staged: Path, properties: Mapping[str, str]) -> int:
    with pq.ParquetFile(staged) as file:
        if staged.stat().st_size <= _AT_ONCE:
            return lake.replace(table, file.read(), properties)
        import pyarrow as pa

        batches = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(batch_size=131_072))
        return lake.replace(table, batches, properties)


def _check(
    session: Session,
    storage: Storage,
    target: _Target,
    kept: tuple[ProductSnapshot, bool],
    contract: odcs.Contract,
    staged: files.Staged,
    work: Path,
) -> QualityReport:
    snapshot, _ = kept
    known = store.report(session, snapshot.id, odcs.contract_digest(contract))
    if known is not None:
        return known
    report, faults = check_staged(staged, contract, work, product=target.slug, snapshot_id=snapshot.id)
    key = None
    if faults is not None:
        key = f"quality/{report.id}/faults.parquet"
        storage.create(key, faults)
    store.add_report(session, report, key)
    return report


def _conclude(
    session: Session,
    actor: Actor,
    target: _Target,
    known: DataProduct | None,
    kept: tuple[ProductSnapshot, bool],
    contract: odcs.Contract,
    report: QualityReport,
) -> Registration:
    """Make snapshot and contract current; record the event and the evidence."""
    snapshot, is_new = kept
    at, contract_digest = clock.now(), odcs.contract_digest(contract)
    if not store.has_contract(session, target.slug, contract_digest):
        store.add_contract(session, target.slug, contract, actor.ref, at)
    _save(session, actor, target, contract, snapshot.id)
    product = store.product(session, target.slug)
    if product is None:
        raise AssertionError("a product that was just written is there")
    ledger.record(
        session,
        actor=actor,
        type="product.registered" if known is None else "product.updated",
        subject=product.ref,
        payload={
            "snapshot": snapshot.id,
            "snapshot_digest": snapshot.digest,
            "file_digest": snapshot.file_digest,
            "contract_digest": contract_digest,
            "contract_version": product.contract_version,
            "quality_report": report.id,
            "rows": snapshot.rows,
            "failed_rows": report.failed_rows,
        },
    )
    _bring_evidence(session, product, snapshot, report)
    return Registration(product=product, snapshot=snapshot, quality=report, created=is_new)


def _save(
    session: Session, actor: Actor, target: _Target, contract: odcs.Contract, snapshot_id: str | None
) -> None:
    store.save_product(
        session,
        slug=target.slug,
        name=target.name,
        department=target.department,
        contract_digest=odcs.contract_digest(contract),
        snapshot_id=snapshot_id,
        by=actor.ref,
        at=clock.now(),
    )


def _bring_evidence(
    session: Session, product: DataProduct, snapshot: ProductSnapshot, report: QualityReport
) -> None:
    subject: Ref = product.ref
    governance.record_evidence(
        session,
        type="data_quality_report",
        subject=subject,
        subject_digest=snapshot.digest,
        facts={
            "contract_checked": True,
            "quality_score": report.score,
            "rows": report.rows,
            "failed_rows": report.failed_rows,
        },
        producer=CATALOG,
        payload_digest=report.contract_digest,
    )
    governance.record_evidence(
        session,
        type="dataset_card",
        subject=subject,
        subject_digest=snapshot.digest,
        facts={
            "data_digest": snapshot.digest,
            "product": str(subject),
            "rows": snapshot.rows,
            "columns": len(product.columns),
        },
        producer=CATALOG,
        payload_digest=report.contract_digest,
    )
