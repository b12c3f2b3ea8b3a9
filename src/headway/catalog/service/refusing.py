"""Batches whose bad rows may not enter: kept with every bad row and its reasons, and told."""

from __future__ import annotations

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import store
from headway.catalog.batches import keeping
from headway.catalog.batches import store as batch_store
from headway.catalog.batches.entities import Batch, Outcome
from headway.catalog.entities import QualityReport, Registration
from headway.catalog.errors import BatchRefused
from headway.catalog.service.task import Task, Way
from headway.kernel import clock, ids
from headway.kernel.ids import Ref


def refuse(task: Task, way: Way, whole: QualityReport, found: keeping.Split, earlier: Batch | None) -> Registration:
    """Keep a batch that may not enter for looking at; product, contract and snapshot stay as they are."""
    current = store.snapshot(task.session, (task.known.snapshot_id if task.known else None) or "")
    if task.known is None or current is None:
        raise BatchRefused(f"{task.filename}: {whole.failed_rows:,} of {whole.rows:,} rows break the contract")
    digest_of_contract = odcs.contract_digest(way.contract)
    if not store.has_contract(task.session, task.slug, digest_of_contract):
        store.add_contract(task.session, task.slug, way.contract, task.actor.ref, clock.now())
    batch = earlier or keep_batch(task, way, whole, found, None)
    return Registration(product=task.known, snapshot=current, quality=whole, created=False, batch=batch)


def keep_batch(task: Task, way: Way, whole: QualityReport, found: keeping.Split, snapshot_id: str | None) -> Batch:
    """Keep what did not enter. Args: snapshot_id: that the good rows became; None where nothing entered."""
    mode = batch_store.mode_of(task.session, task.slug, task.port)
    outcome = Outcome.refused if snapshot_id is None else Outcome.quarantined
    way.storage.ensure(task.file_key, task.source)
    batch = Batch(
        id=ids.new_id("bat"),
        product=task.slug,
        port=task.port,
        mode=mode,
        outcome=outcome,
        filename=task.filename,
        file_key=task.file_key,
        file_digest=task.digest,
        content=task.content(way.staged.kinds),
        contract_digest=odcs.contract_digest(way.contract),
        rows=whole.rows,
        entered=0 if snapshot_id is None else whole.rows - found.bad.len(),
        counts={},
        snapshot_id=snapshot_id or (task.known.snapshot_id if task.known else None),
        is_current=True,
        binding=keeping.binding_rules(whole),
        created_by=task.actor.ref,
        created_at=clock.now(),
    )
    batch_store.add_batch(task.session, batch)
    batch_store.add_rows(task.session, batch.product, keeping.set_aside(batch, way.staged, found, whole.rules))
    payload = {
        "batch": batch.id,
        "port": task.port,
        "mode": mode.value,
        "file_digest": task.digest,
        "contract_digest": batch.contract_digest,
        "snapshot": snapshot_id,
        "rows": whole.rows,
        "bad_rows": found.bad.len(),
        "rules": {rule.id: rule.failed_rows for rule in whole.rules if rule.failed_rows},
    }
    event = "batch.refused" if outcome is Outcome.refused else "batch.quarantined"
    ledger.record(task.session, actor=task.actor, type=event, subject=Ref("product", task.slug), payload=payload)
    kept = batch_store.batch(task.session, batch.id)
    if kept is None:
        raise AssertionError("a batch that was just written is there")
    return kept


def refusal_of(made: Registration) -> BatchRefused | None:
    """The error that tells a refused batch to whoever needs its rows, or None where rows entered."""
    batch, quality = made.batch, made.quality
    if batch is None or batch.outcome is not Outcome.refused:
        return None
    bad = sum(batch.counts.values())
    return BatchRefused(
        f"{batch.filename}: refused, {bad:,} of {batch.rows:,} rows break the contract; nothing entered {batch.product}",
        hint=f"see the rows with 'headway product quarantine list {batch.product}', mend or dismiss them and replay, "
        "or bring the corrected file",
        faults=quality.faults,
        values={"product": batch.product, "batch": batch.id, "rows": batch.rows, "bad_rows": bad},
    )
