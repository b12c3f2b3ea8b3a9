"""The steps of the job that makes a dossier, each a transaction of its own; done twice, each does its work once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from headway import ledger
from headway.dossiers import store
from headway.dossiers.entities import Dossier, DossierKind, DossierState
from headway.dossiers.service import boarding, bundling
from headway.dossiers.tables import DossierRow
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import Conflict, problem
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs, JobStatus
from headway.kernel.web import Parts


def prepare_step(parts: Parts) -> dict[str, Any]:
    """Have the ledger signed up to now."""
    bundling.prepare(parts)
    return {}


def make_step(parts: Parts, actor: Actor, dossier_id: str) -> dict[str, Any]:
    """Make what was begun, unless it was made already."""
    with parts.database.session() as session:
        row = store.need_row(session, dossier_id, lock=True)
        if row.state == DossierState.running.value:
            make = boarding.make_board_pack if row.kind == DossierKind.board_pack.value else bundling.make_bundle
            make(session, parts, actor, row)
    return {"dossier": dossier_id}


def fail_step(parts: Parts, actor: Actor, dossier_id: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Note that it could not be made."""
    with parts.database.session() as session:
        _fail(session, actor, store.need_row(session, dossier_id, lock=True), told)
    return {"dossier": dossier_id}


def settle_dossiers(session: Session, jobs: Jobs) -> list[Dossier]:
    """End those whose job was cancelled or given up, so that none is made for ever; returns those that ended now."""
    ended = []
    for row in store.running(session):
        job = jobs.get(session, row.job) if row.job else None
        if job is not None and job.status in (JobStatus.cancelled, JobStatus.failed):
            told = job.error or problem(Conflict("its job was cancelled", hint="make it again"))
            _fail(session, SYSTEM, row, told)
            ended.append(store.dossier_of(row))
    return ended


def _fail(session: Session, actor: Actor, row: DossierRow, told: Mapping[str, Any]) -> None:
    if row.state != DossierState.running.value:
        return
    row.state, row.error = DossierState.failed.value, dict(told)
    session.flush()
    payload = {
        "kind": row.kind,
        "usecase": row.usecase,
        "quarter": row.quarter,
        "code": told.get("code"),
        "detail": told.get("detail"),
    }
    ledger.record(session, actor=actor, type="dossier.failed", subject=Ref("dossier", row.id), payload=payload)
