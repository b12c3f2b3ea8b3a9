"""Recording a training run: its version, its bundle in storage, and the evidence that gates look at."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from headway import governance, ledger, runtime
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import sha256
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.storage import Storage
from headway.registry import card, store
from headway.registry.digests import plain_spec
from headway.registry.entities import ModelVersion, Run, TrainedModel, TrainingSpec
from headway.registry.errors import UnknownRun
from headway.registry.evidence import LINEAGE, EvidenceDraft, evidence_of, lineage_of

TRAINER = Actor(ref="service:training", name="Training job")
"""Who writes the evidence of a run: the job, never the person who started it."""


def record_run(
    session: Session,
    actor: Actor,
    storage: Storage,
    *,
    usecase: str | None,
    spec: TrainingSpec,
    trained: TrainedModel,
    data_digest: str | None = None,
    run_id: str | None = None,
    job: str | None = None,
) -> ModelVersion:
    """Keep a trained model as a version, with its bundle and evidence.

    An equal training (same rows, settings, code) gives the version that is there already, and a run of its own.

    Args: data_digest: digest under which the catalog wrote evidence about the snapshot; by default that of the rows.
        run_id: an own id makes this idempotent.
    """
    now = clock.now()
    store.lock_model(session, spec.name, usecase=usecase, made_by=actor.ref, at=now)
    run = run_id or new_id("run")
    version = store.version_by_artefact(session, spec.name, trained.digests.artefact)
    if version is None:
        version = _add_version(
            session,
            actor,
            storage,
            usecase=usecase,
            trained=trained,
            run=run,
            data_digest=data_digest or trained.digests.data,
        )
    if store.get_run(session, run) is None:
        _add_run(session, actor, version, spec=spec, trained=trained, run=run, usecase=usecase, job=job)
    return version


def get_run(session: Session, run: str) -> Run:
    """Read a run; raises UnknownRun."""
    found = store.get_run(session, run)
    if found is None:
        raise UnknownRun(f"no training run {run}", values={"run": run})
    return found


def jobs_of_usecase(session: Session, usecase: str) -> set[str]:
    """Name the jobs that trained for a use case."""
    return store.jobs_of_usecase(session, usecase)


def list_runs(
    session: Session,
    *,
    model: str | None = None,
    usecase: str | None = None,
    product: str | None = None,
    department: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Run]:
    """Read runs, newest first."""
    within = governance.names_in(session, department) if department else None
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_runs(
        session, model=model, usecase=usecase, product=product, within=within, before=cursor, limit=limit + 1
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def _add_version(
    session: Session,
    actor: Actor,
    storage: Storage,
    *,
    usecase: str | None,
    trained: TrainedModel,
    run: str,
    data_digest: str,
) -> ModelVersion:
    name = trained.spec.name
    number = store.next_version(session, name)
    numbered = replace(trained.release, model=replace(trained.release.model, version=str(number)))
    bundle = runtime.pack_bundle(trained.files, numbered)
    runtime.write_bundle(storage, bundle)
    ref = Ref("model", name, str(number))
    evidence = [
        _record(session, draft, ref, bundle.subject)
        for draft in evidence_of(trained, data_digest=data_digest, card_digest=sha256(trained.files[card.CARD_FILE]))
    ]
    if (facts := lineage_of(trained, data_digest)) is not None:
        proof = governance.record_proof(
            session, type=LINEAGE, subject=ref, subject_digest=bundle.subject, facts=facts, producer=TRAINER
        )
        evidence += [proof.id] if proof else []
    store.add_version(
        session,
        {
            "model": name,
            "version": number,
            "digest": bundle.subject,
            "artefact": trained.digests.artefact,
            "learner": trained.learner,
            "run": run,
            "usecase": usecase,
            "report": card.card_facts(trained),
            "evidence": evidence,
            "made_by": actor.ref,
            "created_at": clock.now(),
        },
    )
    payload = {
        "digest": bundle.subject,
        "run": run,
        "usecase": usecase,
        "learner": trained.learner,
        "evidence": evidence,
    }
    ledger.record(session, actor=actor, type="model.version_registered", subject=ref, payload=payload)
    made = store.get_version(session, name, number)
    assert made is not None  # noqa: S101  written above in this transaction
    return made


def _record(session: Session, draft: EvidenceDraft, ref: Ref, subject: str) -> str:
    return governance.record_evidence(
        session,
        type=draft.type,
        subject=ref,
        subject_digest=subject,
        facts=draft.facts,
        producer=TRAINER,
        payload_digest=draft.payload_digest,
    ).id


def _add_run(
    session: Session,
    actor: Actor,
    version: ModelVersion,
    *,
    spec: TrainingSpec,
    trained: TrainedModel,
    run: str,
    usecase: str | None,
    job: str | None,
) -> None:
    digests = {
        "data": trained.digests.data,
        "settings": trained.digests.settings,
        "code": trained.digests.code,
        "artefact": trained.digests.artefact,
        "bundle": version.digest,
    }
    store.add_run(
        session,
        {
            "id": run,
            "model": version.model,
            "version": version.version,
            "usecase": usecase,
            "product": spec.product,
            "snapshot": spec.snapshot,
            "learner": trained.learner,
            "settings": plain_spec(spec),
            "metrics": card.metrics_facts(trained),
            "digests": digests,
            "job": job,
            "made_by": actor.ref,
            "created_at": clock.now(),
        },
    )
    payload = {
        "version": version.ref,
        "product": spec.product,
        "snapshot": spec.snapshot,
        "digests": digests,
        "job": job,
    }
    ledger.record(session, actor=actor, type="run.recorded", subject=Ref("run", run), payload=payload)
