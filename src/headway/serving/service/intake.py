"""Taking sealed segments of decision logs into the tables, each record exactly once.

A batch of segments is noted in PostgreSQL before anything is appended, and its id is written into the Iceberg snapshot
of each append. After a crash the next intake finds the unfinished batch, appends only to the tables whose snapshots do
not name it, and closes it. One intake works at a time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from headway import catalog, governance, ledger, runtime
from headway.kernel import clock, ids, logs
from headway.kernel.auth import SYSTEM
from headway.kernel.database import Database
from headway.kernel.errors import Invalid, NotFound
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from headway.serving import columns, refusals, store
from headway.serving.entities import IntakeReport
from headway.serving.service import profiles
from headway.serving.tables import SegmentRow

LOCK = 0x6865_6164_0007
BATCH = "headway.batch"
"""Property of an Iceberg snapshot that names the batch it holds."""
MAX_SEGMENTS = 200
MAX_BATCH_BYTES = 128 * 2**20
SECONDS_PER_OBJECT = 0.001
LONGEST_PAUSE = 60.0
NOTHING = IntakeReport(segments=0, decisions=0, outcomes=0, refusals=0, refused=())

_log = logs.logger("intake")
_next_look: dict[str, float] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A sealed segment that passed every check."""

    key: str
    manifest: runtime.Manifest
    rows: dict[str, list[columns.Row]]
    profiles: list[runtime.DayProfile]
    refusals: list[refusals.Tally]


def take_in_due(parts: Parts) -> IntakeReport:
    """Take in what nodes have shipped; with many objects in storage it looks less often, so that looking stays cheap."""
    if time.monotonic() < _next_look.get(parts.storage.url, 0.0):
        return NOTHING
    key = parts.settings.segment_key_file.read_bytes()
    return take_in(parts.database, parts.storage, catalog.lake_of(parts), key)


def take_in(database: Database, storage: Storage, lake: catalog.Lake, key: bytes) -> IntakeReport:
    """Verify sealed segments and append their records to the tables; safe to repeat and to run in two processes.

    Args: key: the 32 bytes that decision-log segments are encrypted under.
    Returns: what came in; NOTHING when another process is at it.
    """
    with database.try_lock(LOCK) as is_mine:
        if not is_mine:
            return NOTHING
        with database.session() as session:
            unfinished = store.unfinished_batch(session)
        if unfinished is None:
            names = _new_manifests(database, storage)
            found, refused = _open_all(database, storage, key, names, most=MAX_BATCH_BYTES)
            batch = ids.new_id("bat")
            found, broken = _note_batch(database, batch, found)
            refused += broken
        else:
            batch, segments = unfinished
            found, refused = _open_all(database, storage, key, [segment.key for segment in segments], most=None)
        report = _append(database, lake, batch, found, is_retry=unfinished is not None) if found else NOTHING
    return replace(report, refused=tuple(refused))


def _new_manifests(database: Database, storage: Storage) -> list[str]:
    """Name the sealed segments in storage that were neither taken in nor refused, oldest first for each node."""
    listed = list(storage.list("segments"))
    _next_look[storage.url] = time.monotonic() + min(LONGEST_PAUSE, len(listed) * SECONDS_PER_OBJECT)
    names = [name for name in listed if name.endswith(".json")]
    with database.session() as session:
        known = store.known_segments(session, names)
    return [name for name in names if name not in known][:MAX_SEGMENTS]


def _open_all(
    database: Database, storage: Storage, key: bytes, names: list[str], *, most: int | None
) -> tuple[list[_Found], list[str]]:
    """Open and verify segments until a batch is full; those that fail are refused for good, with an event.

    Args: most: bytes that fill a batch; None takes all, as a batch that was begun must be ended whole.
    """
    found: list[_Found] = []
    refused: list[str] = []
    size = 0
    for name in names:
        try:
            opened = _open(storage, key, name)
        except (Invalid, NotFound) as error:
            with database.session() as session:
                refused.append(_refuse(session, name, error.message))
            continue
        found.append(opened)
        size += opened.manifest.log.bytes + opened.manifest.side.bytes
        if most is not None and size > most:
            break
    return found, refused


def _open(storage: Storage, key: bytes, name: str) -> _Found:
    """Read a segment and check its digests, its chain and its commitments; raises Invalid, NotFound, Unavailable."""
    manifest = runtime.parse_manifest(storage.get(name))
    if name != runtime.segment_key(manifest.environment, manifest.node, manifest.segment, "json"):
        raise Invalid(f"the manifest is of {manifest.environment}/{manifest.node}/{manifest.segment}")
    log = storage.get(name.removesuffix(".json") + ".log")
    try:
        side = storage.get(name.removesuffix(".json") + ".side")
    except NotFound:  # erased whole
        side = None
    report = runtime.verify_segment(log, side, manifest, key)
    if not report.is_valid:
        raise Invalid("; ".join(fault.message for fault in report.faults), faults=report.faults)
    records = runtime.read_segment(log, key)
    sides = runtime.read_sidecar(side, key) if side is not None else {}
    made = _profiles(storage, key, manifest, records, sides)
    rows = columns.rows_of(manifest.environment, records, sides)
    kept_out = refusals.tallies(records)
    return _Found(key=name, manifest=manifest, rows=rows, profiles=made, refusals=kept_out)


def _profiles(
    storage: Storage,
    key: bytes,
    manifest: runtime.Manifest,
    records: Sequence[runtime.DecisionRecord],
    sides: Mapping[str, runtime.Sidecar],
) -> list[runtime.DayProfile]:
    """The profiles that the node made; where it made none, or not of these records, they are counted here."""
    if manifest.profile is not None:
        told = runtime.segment_key(manifest.environment, manifest.node, manifest.segment, "profile")
        try:
            shipped = runtime.read_profiles(storage.get(told), key, manifest.segment)
            if profiles.fit(shipped, records):
                return shipped
        except (Invalid, NotFound) as error:
            _log.warning("profile.unread", segment=manifest.segment, why=error.message)
    return runtime.profile_records(records, sides, profiles.profilers(storage))


def _note_batch(database: Database, batch: str, found: list[_Found]) -> tuple[list[_Found], list[str]]:
    """Note the batch before anything is appended; a segment that does not continue its chain is refused."""
    good: list[_Found] = []
    refused: list[str] = []
    with database.session() as session:
        for one in found:
            fault = _chain_fault(session, one, good)
            if fault is None:
                good.append(one)
            else:
                refused.append(_refuse(session, one.key, fault))
        store.add_segments(session, [_row(one, batch) for one in good])
    return good, refused


def _chain_fault(session: Session, one: _Found, before: list[_Found]) -> str | None:
    """Tell what is wrong with a segment's link to the one before it, where that one is known."""
    manifest, previous = one.manifest, one.manifest.previous
    if previous.segment is None:
        return None
    heads = {f.manifest.segment: f.manifest.head for f in before if f.manifest.node == manifest.node}
    row = store.find_segment(session, manifest.environment, manifest.node, previous.segment)
    head = heads.get(previous.segment, row.head if row is not None and row.state != "refused" else None)
    if head is not None and head != previous.head:
        return f"it does not follow {previous.segment}: the chain was forked"
    return None


def _append(database: Database, lake: catalog.Lake, batch: str, found: list[_Found], *, is_retry: bool) -> IntakeReport:
    counts: dict[str, int] = {}
    for table in columns.SCHEMAS:
        rows = [row for one in found for row in one.rows[table]]
        counts[table] = len(rows)
        if rows and not (is_retry and lake.find(table, BATCH, batch) is not None):
            lake.append(table, columns.table_of(table, rows), {BATCH: batch})
    with database.session() as session:
        for one in found:
            for made in one.profiles:
                store.merge_profile(session, one.manifest.environment, made, clock.now())
            store.finish_segment(session, one.key, event=_note_sealed(session, one), at=clock.now())
            store.add_usage(session, one.manifest.environment, _counted(one.rows[columns.DECISIONS]))
            _tell_refusals(session, one)
    return IntakeReport(
        segments=len(found),
        decisions=counts[columns.DECISIONS],
        outcomes=counts[columns.OUTCOMES],
        refusals=counts[columns.REFUSALS],
        refused=(),
    )


def _counted(rows: list[columns.Row]) -> Counter[tuple[str, date]]:
    """Count decisions by deployment and day."""
    return Counter((row["deployment"], row["at"].date()) for row in rows)


def _note_sealed(session: Session, one: _Found) -> str:
    manifest = one.manifest
    return ledger.record(
        session,
        actor=f"node:{manifest.environment}/{manifest.node}",
        type="segment.sealed",
        subject=segment_ref(manifest.environment, manifest.node, manifest.segment),
        payload={
            "records": manifest.records,
            "first_seq": manifest.first_seq,
            "last_seq": manifest.last_seq,
            "head": manifest.head,
            "previous_segment": manifest.previous.segment,
            "previous_head": manifest.previous.head,
            "log_digest": manifest.log.digest,
            "sealed_at": manifest.sealed_at,
            "sealed_by": manifest.sealed_by,
            "is_damaged": manifest.is_damaged,
        },
    )


def _tell_refusals(session: Session, one: _Found) -> None:
    """Tell the ledger what a node kept out; names of deployments that there never were are counted together."""
    environment, actor = one.manifest.environment, f"node:{one.manifest.environment}/{one.manifest.node}"
    for tally in one.refusals:
        usecase = store.usecase_of(session, tally.deployment, environment) if tally.deployment else None
        about = Ref("deployment", f"{environment}/{tally.deployment}") if usecase else Ref("environment", environment)
        refusal = governance.Refusal(
            subject=str(about),
            environment=environment,
            code=tally.code,
            reason=tally.reason,
            via="node",
            usecase=usecase,
            subject_digest=tally.release,
            count=tally.count,
        )
        governance.note_refusal(session, actor, refusal, at=tally.minute)


def _refuse(session: Session, name: str, why: str) -> str:
    """Note that a segment is not taken in and why; returns the line people read."""
    _, environment, node, filename = name.split("/")
    segment = filename.removesuffix(".json")
    store.put_refused(session, _refused_row(name, environment, node, segment, why))
    ledger.record(
        session,
        actor=SYSTEM,
        type="segment.refused",
        subject=segment_ref(environment, node, segment),
        payload={"reason": why},
    )
    return f"{name}: {why}"


def segment_ref(environment: str, node: str, segment: str) -> Ref:
    """The reference of a segment of a node's decision log."""
    return Ref("segment", f"{environment}/{node}/{segment}")


def _row(one: _Found, batch: str) -> SegmentRow:
    manifest = one.manifest
    return SegmentRow(
        key=one.key,
        environment=manifest.environment,
        node=manifest.node,
        segment=manifest.segment,
        batch=batch,
        state="writing",
        records=manifest.records,
        head=manifest.head,
        digest=manifest.log.digest,
        found_at=clock.now(),
    )


def _refused_row(name: str, environment: str, node: str, segment: str, why: str) -> SegmentRow:
    return SegmentRow(
        key=name,
        environment=environment,
        node=node,
        segment=segment,
        batch="",
        state="refused",
        records=0,
        reason=why,
        found_at=clock.now(),
    )
