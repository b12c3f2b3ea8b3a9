"""Runs of input ports: what was read becomes the next snapshot of the product, or nothing is changed at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy.orm import Session

from headway.catalog import store as catalog_store
from headway.catalog.adapters.lake import lake_of
from headway.catalog.connectors import specs, store
from headway.catalog.connectors.adapters.adding import new_rows
from headway.catalog.connectors.adapters.landing import Landed, join
from headway.catalog.connectors.adapters.objects import text_of_file
from headway.catalog.connectors.entities import InputPort, Part, PortRun, RunState, StartedRun
from headway.catalog.connectors.errors import PortBusy, PortInvalid, PortUnknown
from headway.catalog.connectors.service.keeping import UPLOAD, get_port, tell_failed, tell_read
from headway.catalog.connectors.service.reading import SourceRead
from headway.catalog.entities import Registration
from headway.catalog.quarantine import Places, take_again
from headway.catalog.service import refusal_of, register_product
from headway.catalog.service.renewing import CATALOG
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.canonical import file_digest
from headway.kernel.jobs import Jobs, JobStatus
from headway.kernel.storage import Storage
from headway.kernel.web import Parts

READ: Final = "input-port"
"""Name of the job."""


def start_run(session: Session, jobs: Jobs, actor: Actor, product: str, name: str) -> StartedRun:
    """Let a job read a port; raises PortUnknown, PortBusy, PortInvalid: an uploaded file is not read again."""
    get_port(session, product, name)
    port = store.port(session, product, name, lock=True)
    if port is None:
        raise PortUnknown(f"{product} has no input port {name!r}")
    if port.kind == UPLOAD:
        raise PortInvalid("an uploaded file is not read again", hint="run another port of the product")
    settle_runs(session, jobs, port.last_run)
    last = store.run(session, port.last_run) if port.last_run else None
    if last is not None and last.state == "running":
        raise PortBusy(f"{port.name} is being read", hint=f"wait for job {last.job}", values={"job": last.job})
    made = PortRun(
        id=ids.new_id("prn"),
        port=port.id,
        product=port.product,
        port_name=port.name,
        state="running",
        job=ids.new_id("job"),
        started_by=actor.ref,
        started_at=clock.now(),
        ended_at=None,
        rows_read=None,
        rows=None,
        failed_rows=None,
        snapshot=None,
        refused=(),
        notes=(),
        error=None,
    )
    store.add_run(session, made)
    store.change_port(session, port.id, {"last_run": made.id})
    job = jobs.enqueue(session, READ, {"port": port.id, "run": made.id}, actor=actor, job_id=made.job)
    return StartedRun(run=made.id, job=job)


def run_due(session: Session, jobs: Jobs) -> int:
    """Start the runs whose time has come; gives how many. A port that is still being read waits for its next time."""
    now, started = clock.now(), 0
    for port_id in store.due(session, now):
        port = store.port_of_id(session, port_id)
        if port is None or port.every_minutes is None:
            continue
        store.change_port(session, port_id, {"next_at": now + timedelta(minutes=port.every_minutes)})
        try:
            start_run(session, jobs, CATALOG, port.product, port.name)
            started += 1
        except PortBusy:
            continue
    return started


def settle_runs(session: Session, jobs: Jobs, only: str | None = None) -> None:
    """End runs whose job ended without a word: cancelled, or given up."""
    for run in store.open_runs(session):
        if run.job is None or (only is not None and run.id != only):
            continue
        job = jobs.get(session, run.job)
        if job.status in (JobStatus.cancelled, JobStatus.failed):
            error = str(job.error.get("detail")) if job.error else f"the job was {job.status.value}"
            _end(session, run.id, "failed", {"error": error})


def take_in(parts: Parts, actor: Actor, port_id: str, run_id: str, read: SourceRead) -> RunState:
    """Make what was read the product's next snapshot, in one transaction; safe to do twice.

    A batch that the port's enforcement refuses ends the run as failed and is kept in the quarantine; port and product stay as
    they were, so that the next run reads the same rows again.

    Raises: PortUnknown; UnreadableFile, ColumnsDiffer, InvalidContract, LakeBusy as ``register_product``.
    """
    with TemporaryDirectory(prefix="headway-") as folder, parts.database.session() as session:
        run = store.run(session, run_id)
        if run is not None and run.state != "running":
            return run.state
        port = store.port_of_id(session, port_id, lock=True)
        if port is None:
            raise PortUnknown("the input port was removed while it was read", hint="its rows were not taken")
        work = Path(folder)
        own = _own(parts.storage, port, read, work)
        if own is None:
            return _unchanged(session, port, run_id, read)
        catalog_store.lock(session, port.product)
        whole = _whole(session, parts.storage, port, own, work)
        known = catalog_store.product(session, port.product)
        made = register_product(
            session,
            actor,
            parts.storage,
            lake_of(parts),
            source=whole,
            filename=f"{port.name}.parquet" if whole == own.path else f"{port.product}.parquet",
            department=port.department,
            name=known.name if known is not None else port.product_name,
            port=port.name,
        )
        if refused := refusal_of(made):
            _fail(session, actor, port, run_id, f"{refused.message}; {refused.hint}")
            return "failed"
        again = take_again(session, actor, Places(storage=parts.storage, lake=lake_of(parts)), made)
        part = _keep_part(parts.storage, port, own)
        _note(session, actor, replace(port, part=part), run_id, read=read, made=made, mended=again.replayed)
    if port.part is not None and port.part.key.startswith("ports/") and port.part.key != part.key:
        parts.storage.delete(port.part.key)
    return "done"


def note_failure(parts: Parts, actor: Actor, port_id: str, run_id: str, error: str) -> None:
    """Note that a run failed; people are told in the ledger when a port fails that did not fail before."""
    with parts.database.session() as session:
        run = store.run(session, run_id)
        if run is None or run.state != "running":
            return
        port = store.port_of_id(session, port_id)
        if port is None:
            _end(session, run_id, "failed", {"error": error})
        else:
            _fail(session, actor, port, run_id, error)


def _fail(session: Session, actor: Actor, port: InputPort, run_id: str, error: str) -> None:
    _end(session, run_id, "failed", {"error": error})
    before = store.runs(session, port.product, port.name, limit=1, cursor=run_id).items
    if not (before and before[0].state == "failed"):
        tell_failed(session, actor, port, {"run": run_id, "reason": error})


def forget_read(parts: Parts, read: SourceRead | None) -> None:
    """Take away what waited for a run that is over."""
    if read is not None and read.key is not None:
        parts.storage.delete(read.key)


def _own(storage: Storage, port: InputPort, read: SourceRead, work: Path) -> Landed | None:
    """The rows that the port holds from now on; None: what it holds already."""
    if read.key is None:
        return None
    fresh = work / "fresh.parquet"
    storage.fetch(read.key, fresh)
    if not specs.is_incremental(port.kind, port.settings):
        is_known = port.part is not None and file_digest(fresh) == port.part.digest
        return None if is_known else Landed(path=fresh, rows=read.rows)
    if port.part is None:
        return Landed(path=fresh, rows=read.rows)
    before = work / "before.parquet"
    storage.fetch(port.part.key, before)
    if "cursor" in port.settings:  # the last values were read again, for rows that came late
        return new_rows(before, fresh, work)
    return join([before, fresh], work / "own.parquet")


def _whole(session: Session, storage: Storage, port: InputPort, own: Landed, work: Path) -> Path:
    """The rows of all ports, in the order of the ports."""
    pieces: list[Path] = []
    for one in store.ports(session, port.product):
        if one.id == port.id:
            pieces.append(own.path)
        elif one.part is not None:
            fetched = work / f"{one.id}.file"
            storage.fetch(one.part.key, fetched)
            pieces.append(fetched if one.kind != UPLOAD else _uploaded(fetched, one.part.filename))
    return own.path if len(pieces) == 1 else join(pieces, work / "whole.parquet").path


def _uploaded(path: Path, filename: str) -> Path:
    """An uploaded file of any kind as Parquet."""
    with path.open("rb") as stream:
        if stream.read(4) == b"PAR1":
            return path
    return text_of_file(path, filename, path.with_suffix(".parquet")).path


def _keep_part(storage: Storage, port: InputPort, own: Landed) -> Part:
    """Keep a port's rows under a name of its own, whatever becomes of the snapshots they are part of."""
    digest = file_digest(own.path)
    key = f"ports/{port.id}/{digest.removeprefix('sha256-')}"
    storage.ensure(key, own.path)
    return Part(key=key, digest=digest, filename=f"{port.name}.parquet", rows=own.rows)


def _note(
    session: Session, actor: Actor, port: InputPort, run_id: str, *, read: SourceRead, made: Registration, mended: int
) -> None:
    """Note a run that ended well. Args: mended: rows set aside that were let in at once, as they were mended before."""
    store.change_port(session, port.id, {"part": port.part, "cursor": read.cursor, "seen": read.seen})
    left = (made.batch.rows - made.batch.entered if made.batch is not None else 0) - mended
    now = catalog_store.product(session, port.product)
    rows, snapshot = (now.rows, now.snapshot_id) if now is not None else (made.snapshot.rows, made.snapshot.id)
    values = {"rows": rows, "failed_rows": made.quality.failed_rows + left, "snapshot": snapshot}
    told = _told(read)
    if left:
        words = f"{left:,} bad rows were set aside: headway product quarantine list {port.product}"
        told["notes"] = [*read.notes, words]
    _end(session, run_id, "done", told | values)
    tell_read(
        session, actor, port, {"run": run_id, "rows_read": read.rows, "refused_files": len(read.refused), **values}
    )


def _unchanged(session: Session, port: InputPort, run_id: str, read: SourceRead) -> RunState:
    store.change_port(session, port.id, {"cursor": read.cursor, "seen": read.seen})
    _end(session, run_id, "unchanged", _told(read))
    return "unchanged"


def _told(read: SourceRead) -> dict[str, object]:
    refused = [{"name": one.name, "reason": one.reason} for one in read.refused]
    return {"rows_read": read.rows, "refused": refused, "notes": list(read.notes)}


def _end(session: Session, run_id: str, state: RunState, values: Mapping[str, object]) -> None:
    now: datetime = clock.now()
    store.change_run(session, run_id, {"state": state, "ended_at": now, **values})
