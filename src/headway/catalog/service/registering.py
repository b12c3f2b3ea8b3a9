"""Registering a file as a data product: contract, snapshot in the lake, quality report, evidence.

Everything that can be wrong with a file or a contract is found before anything is kept. What is kept outside the
database (the file, the rows, the faults) lies under keys that name its content, so that trying again meets it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from headway import identity
from headway.catalog import contract as odcs
from headway.catalog import evolving, inference, minima, profile, roles, store, trends
from headway.catalog.adapters import files
from headway.catalog.adapters.lake import Lake
from headway.catalog.batches import keeping
from headway.catalog.batches import store as batch_store
from headway.catalog.batches.entities import UPLOAD, Mode, Outcome
from headway.catalog.comparing import compare_columns
from headway.catalog.entities import DataProduct, FileMode, ProductSnapshot, QualityReport, Registration
from headway.catalog.errors import ContractBreaks, ContractWaits, InvalidContract, ModeRefused
from headway.catalog.service.checking import check_staged
from headway.catalog.service.refusing import keep_batch, refuse
from headway.catalog.service.renewing import DIGEST_KEY, Data, join, keep_report, tag_of, tell
from headway.catalog.service.task import Task, Way
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest, file_digest
from headway.kernel.errors import Fault
from headway.kernel.storage import Storage

BACKGROUND_BYTES: Final = 64 * 1_048_576
"""Files above this are registered by a job."""
_AT_ONCE: Final = 64 * 1_048_576


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
    exclude: Sequence[str] | None = None,
    contract_text: str | None = None,
    port: str = UPLOAD,
    check: Callable[[pl.DataFrame], None] | None = None,
    mode: FileMode = "replace",
) -> Registration:
    """Register a file as a data product, or as the next snapshot of one.

    The first file of a product makes its contract, unless one is given, which may not be looser than the organisation's
    minimum; later files are held to it. What the snapshot lacks of the minimum is told. The same file
    again gives the same snapshot and report. A file that cannot be read leaves nothing behind.

    Args:
        filename: as people know it; tells the kind of file where its bytes do not.
        label, time, subject, exclude: columns with these roles; None keeps what the contract of a known product says.
        positive: value of the label that counts as success.
        exclude: columns that no model shall use; they stay in the product.
        contract_text: a contract (ODCS, YAML or JSON) instead of the known or an inferred one.
        port: by which the rows come in; what its owner chose for it decides what bad rows do. A batch that is refused changes
            neither contract nor snapshot: what is given back tells it in ``batch``, and ``refusal_of`` makes an error of it.
        check: looks at the columns ``label`` and ``time`` before anything is kept; what it raises refuses the file.
        mode: whether the file is the whole table, is put at the end of the rows there are, or over those with the same key
            (``joining.key_of``). The file that made the current snapshot in the same mode is taken for a repetition.
    Raises: UnreadableFile, UnknownColumn, InvalidContract, ColumnsDiffer, KeyUnusable, LakeBusy; ContractBreaks: the contract
    given loosens what the product promises; ContractWaits: consumers are being asked about another one.
    """
    given = None if contract_text is None else odcs.parse(contract_text)
    slug, found_department = slug_of(department, name), ids.slug(department)
    if given is not None:
        minima.need_no_loosening(session, slug, given)
    identity.ensure_department(session, actor, found_department)
    store.lock(session, slug)
    product = store.product(session, slug)
    current = store.snapshot(session, product.snapshot_id or "") if product is not None else None
    task = Task(
        session=session,
        actor=actor,
        source=source,
        filename=filename,
        digest=file_digest(source),
        slug=slug,
        name=name,
        department=found_department,
        known=product,
        following=store.contract_to_keep(session, slug),
        asked=roles.AskedRoles(
            label=label,
            positive=positive,
            time=time,
            subject=subject,
            exclude=None if exclude is None else tuple(exclude),
        ),
        port=port,
        check=check,
        mode=mode if current is not None else "replace",
        base=current if mode != "replace" else None,
    )
    if given is not None:
        _need_kept_promises(task, given)
    is_warned = batch_store.mode_of(session, slug, port) is Mode.warn  # else the file is held to what was chosen since
    known = _known_before(task) if given is None and is_warned else None
    if known is None:
        return _register(task, storage, lake, given)
    _look_again(task, lake, known)
    return known


def _need_kept_promises(task: Task, given: odcs.Contract) -> None:
    """A contract that comes with a file may promise more than the one in force, never less: that is proposed to consumers."""
    if task.known is None:
        return
    base = task.following or task.known.contract
    if odcs.contract_digest(base) == odcs.contract_digest(given):
        return
    if store.waits_for_consumers(task.session, task.slug):
        words = f"a change of the contract of {task.slug} waits for its consumers"
        raise ContractWaits(words, hint="let them answer, or withdraw it: headway contract changes PRODUCT")
    broken = [one for one in evolving.diff(base, given).changes if one.level == "breaking"]
    if broken:
        faults = [
            Fault(rule=one.kind, column=one.column, message=f"{one.column or 'the table'}: {one.why}") for one in broken
        ]
        raise ContractBreaks(
            f"the contract breaks those who read {task.slug}: {faults[0].message}",
            hint="propose it, so that they can answer: headway contract propose FILE --product PRODUCT",
            faults=faults,
        )


def _known_before(task: Task) -> Registration | None:
    """The registration of this very file with the same roles, if there was one and it is current."""
    product = task.known
    if (
        product is None
        or task.following is not None
        or roles.merged(product.contract, task.asked) != odcs.roles_of(product.contract)
    ):
        return None
    if task.base is not None:
        snapshot = task.base if (task.base.mode, task.base.file_digest) == (task.mode, task.digest) else None
    else:
        content = task.content(odcs.kinds_of(product.contract))
        snapshot = store.snapshot_of_digest(task.session, product.slug, content)
    if snapshot is None or snapshot.id != product.snapshot_id:
        return None
    report = store.report(task.session, snapshot.id, product.contract_digest)
    return Registration(product=product, snapshot=snapshot, quality=report, created=False) if report else None


def _look_again(task: Task, lake: Lake, known: Registration) -> None:
    """Hold what is asked now against a file that was registered before."""
    roles.need_columns(task.asked, list(known.product.columns))
    if task.check is not None:
        rows = lake.scan(known.snapshot.table, snapshot_id=known.snapshot.iceberg_snapshot_id, columns=task.looked_at)
        task.check(pl.DataFrame(rows))


def _register(task: Task, storage: Storage, lake: Lake, given: dict[str, object] | None) -> Registration:
    with TemporaryDirectory(prefix="headway-") as folder:
        work = Path(folder)
        base = given or task.following or (task.known.contract if task.known is not None else None)
        staged = files.stage(task.source, task.filename, work, odcs.text_types_of(base) if base is not None else None)
        contract = _contract(task, base, staged)
        content, merged = task.content(staged.kinds), None
        port_mode = batch_store.mode_of(task.session, task.slug, task.port)
        if task.base is not None:
            data = Data(task.session, storage, lake)
            _need_warning_port(task, port_mode)
            merged = join(data, task.base, staged, contract=contract, mode=task.mode, work=work)
            staged = merged.staged
        if task.check is not None:
            task.check(pl.read_parquet(staged.path, columns=task.looked_at))
        contract = _with_free_version(task, contract, is_given=contract == given)
        way = Way(storage=storage, lake=lake, staged=staged, contract=contract, work=work, merged=merged)
        if port_mode is Mode.warn:
            return _enter(task, way, content)
        return _enforce(task, way, port_mode)


def _enter(
    task: Task, way: Way, content: str, checked: tuple[QualityReport, Path | None] | None = None
) -> Registration:
    """Let all staged rows in: they become the snapshot that is current."""
    before = store.snapshot_of_digest(task.session, task.slug, content)
    snapshot_id = before.id if before is not None else ids.new_id("snp")
    report = store.report(task.session, snapshot_id, odcs.contract_digest(way.contract))
    faults = None
    if is_new_report := report is None:
        report, faults = checked or check_staged(
            way.staged, way.contract, way.work, product=task.slug, snapshot_id=snapshot_id
        )
        report = replace(report, snapshot_id=snapshot_id)
    _save_product(task, way.contract, task.known.snapshot_id if task.known is not None else None)
    snapshot = before
    if snapshot is None or snapshot.expired_at is not None:
        snapshot = _keep_rows(task, way, content, snapshot_id)
    way.lake.make_current(snapshot.table, snapshot.iceberg_snapshot_id)
    if is_new_report:
        keep_report(task.session, way.storage, report, faults)
    made = _conclude(task, snapshot, way.contract, report, is_new=before is None)
    if is_new_report:
        trends.take(task.session, task.actor, made, way.staged.path, faults)
    return replace(made, lacks=minima.lacking(task.session, made.product, snapshot, report))


def _need_warning_port(task: Task, mode: Mode) -> None:
    """Where bad rows are set aside or refused, a batch is held to the contract by itself, not joined with rows before."""
    if mode is not Mode.warn:
        raise ModeRefused(
            f"the port {task.port} of {task.slug} does not let bad rows in, so that files are taken as the whole table alone",
            hint="bring the whole table, or let the port warn: headway product enforcement",
            values={"port": task.port, "mode": mode.value},
        )


def _enforce(task: Task, way: Way, mode: Mode) -> Registration:
    """Do with bad rows what the port's owner chose: set them aside, or refuse the whole batch."""
    content, contract_digest = task.content(way.staged.kinds), odcs.contract_digest(way.contract)
    earlier = batch_store.batch_of(task.session, task.slug, content, contract_digest)
    is_known = earlier is not None and earlier.is_current and earlier.mode is mode
    if is_known and earlier is not None and earlier.outcome is Outcome.quarantined and task.known is not None:
        snapshot = store.snapshot(task.session, earlier.snapshot_id or "")
        report = store.report(task.session, earlier.snapshot_id or "", contract_digest)
        if snapshot is not None and report is not None:
            return Registration(product=task.known, snapshot=snapshot, quality=report, created=False, batch=earlier)
    whole, faults = check_staged(way.staged, way.contract, way.work, product=task.slug, snapshot_id=None)
    found = keeping.split(whole, faults)
    if whole.passed or (mode is Mode.quarantine and found.bad.is_empty()):
        return _enter(task, way, content, (whole, faults))
    if mode is Mode.block or found.bad.len() == whole.rows:
        return refuse(task, way, whole, found, earlier if is_known else None)
    left_out = digest({"content": content, "contract": contract_digest, "without": found.bad.to_list()})
    inner = way.work / "good"
    inner.mkdir()
    good = keeping.without(way.staged, found.bad, inner)
    made = _enter(task, replace(way, staged=good, work=inner), left_out)
    batch = keep_batch(task, way, whole, found, made.snapshot.id)
    return replace(made, batch=batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A snapshot whose rows lie in the lake already, what it was held to, its report, and files of its rows and faults."""

    snapshot: ProductSnapshot
    contract: dict[str, object]
    report: QualityReport
    rows: Path
    faults: Path | None


def keep_snapshot(session: Session, actor: Actor, storage: Storage, product: DataProduct, ready: Ready) -> Registration:
    """Make a snapshot that is ready the current one of its product, with its report."""
    task = Task(
        session=session,
        actor=actor,
        source=Path(),
        filename=ready.snapshot.filename,
        digest=ready.snapshot.file_digest,
        slug=product.slug,
        name=product.name,
        department=product.department,
        known=product,
        following=None,
        asked=roles.AskedRoles(label=None, positive=None, time=None, subject=None, exclude=None),
        port=UPLOAD,
        check=None,
        mode="replace",
        base=None,
    )
    store.keep_snapshot(session, ready.snapshot, actor.ref)
    keep_report(session, storage, ready.report, ready.faults)
    made = _conclude(task, ready.snapshot, ready.contract, ready.report, is_new=True)
    trends.take(session, actor, made, ready.rows, ready.faults)
    return made


def _contract(task: Task, base: odcs.Contract | None, staged: files.Staged) -> dict[str, object]:
    """The contract that the rows are held to: the base with the roles asked for, or an inferred one."""
    roles.need_columns(task.asked, list(staged.kinds))
    rows = pl.scan_parquet(staged.path)
    if base is not None:
        compare_columns(base, staged.found)
        wanted = roles.merged(base, task.asked)
        roles.need_outcomes(rows, wanted)
        return inference.with_roles(base, wanted)
    wanted = roles.alone(task.asked, staged.kinds)
    roles.need_outcomes(rows, wanted)
    profiles = profile.profile(rows, staged.kinds, staged.rows)
    if wanted.label is not None and wanted.positive is None:
        label = next(one for one in profiles if one.name == wanted.label)
        wanted = replace(wanted, positive=inference.positive_of(label))
    origin = inference.Origin(
        slug=task.slug, name=task.name, department=task.department, filename=task.filename, location=task.table
    )
    return inference.infer(profiles, wanted, origin, staged.read_as)


def _with_free_version(task: Task, contract: dict[str, object], *, is_given: bool) -> dict[str, object]:
    """A version names one contract: ours rises until it is free, one that people wrote is refused."""
    taken = store.contract_versions(task.session, task.slug)
    while (version := str(contract.get("version"))) in taken:
        if store.has_contract(task.session, task.slug, odcs.contract_digest(contract)):
            break
        if is_given:
            words = f"version {version} of the contract of {task.slug} is another one"
            raise InvalidContract(words, hint="raise 'version' in the contract")
        contract = contract | {"version": odcs.raised(version)}
    return contract


def _keep_rows(task: Task, way: Way, content: str, snapshot_id: str) -> ProductSnapshot:
    """Keep the file as it came, and its rows in the lake."""
    lake, staged = way.lake, way.staged
    way.storage.ensure(task.file_key, task.source)
    made = lake.find(task.table, DIGEST_KEY, content)  # a registration that died before its commit left its rows
    if made is None:
        properties = {DIGEST_KEY: content, "headway.file": task.digest}
        if way.merged is not None:
            made = way.merged.put(lake, task.table, properties)
        else:
            made = write_rows(lake, task.table, staged.path, properties)
    tag = tag_of(content)
    lake.tag(task.table, tag, made)
    snapshot = ProductSnapshot(
        id=snapshot_id,
        product=task.slug,
        table=task.table,
        iceberg_snapshot_id=str(made),
        tag=tag,
        digest=content,
        file_key=task.file_key,
        file_digest=task.digest,
        filename=task.filename,
        file_kind=staged.kind,
        rows=staged.rows,
        notes=staged.notes,
        mode=task.mode,
        parent=task.base.id if task.base is not None else None,
        created_at=clock.now(),
        expired_at=None,
    )
    store.keep_snapshot(task.session, snapshot, task.actor.ref)
    return snapshot


def write_rows(lake: Lake, table: str, staged: Path, properties: Mapping[str, str]) -> int:
    """Make the rows of a Parquet file the whole table; gives the lake's snapshot."""
    with pq.ParquetFile(staged) as file:
        if staged.stat().st_size <= _AT_ONCE:
            return lake.replace(table, file.read(), properties)
        batches = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(batch_size=131_072))
        return lake.replace(table, batches, properties)


def _save_product(task: Task, contract: odcs.Contract, snapshot_id: str | None) -> None:
    store.save_product(
        task.session,
        slug=task.slug,
        name=task.name,
        department=task.department,
        contract_digest=odcs.contract_digest(contract),
        snapshot_id=snapshot_id,
        by=task.actor.ref,
        at=clock.now(),
    )


def _conclude(
    task: Task, snapshot: ProductSnapshot, contract: odcs.Contract, report: QualityReport, *, is_new: bool
) -> Registration:
    """Make snapshot and contract current; record the event and the evidence."""
    session, contract_digest = task.session, odcs.contract_digest(contract)
    if not store.has_contract(session, task.slug, contract_digest):
        store.add_contract(session, task.slug, contract, task.actor.ref, clock.now())
    _save_product(task, contract, snapshot.id)
    product = store.product(session, task.slug)
    if product is None:
        raise AssertionError("a product that was just written is there")
    tell(session, task.actor, product, snapshot, report, is_first=task.known is None, port=task.port)
    return Registration(product=product, snapshot=snapshot, quality=report, created=is_new)
