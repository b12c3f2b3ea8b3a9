"""A version that was really trained and registered, with its bundle and the evidence about it."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import Session

from headway import governance, registry
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from headway.registry.entities import ModelVersion, TrainedModel
from headway.registry.service.runs import TRAINER
from headway.registry.train import fit_model
from tests.factories.training import CODE, contract, leads, spec

SNAPSHOT = digest("a snapshot")


@cache
def trained() -> TrainedModel:
    """A small model, trained once."""
    frame = leads()
    return fit_model(frame, contract(frame), spec(name="lead-scoring", ordered=True), code=CODE)


def registered(session: Session, storage: Storage, usecase: str, maker: Actor) -> ModelVersion:
    """Register it for a use case, with the evidence about its data."""
    governance.record_evidence(
        session,
        type="data_quality_report",
        subject=Ref("product", "sales.leads"),
        subject_digest=SNAPSHOT,
        facts={"contract_checked": True, "quality_score": 0.99, "rows": 1200, "failed_rows": 12},
        producer=TRAINER,
    )
    made = trained()
    return registry.record_run(
        session, maker, storage, usecase=usecase, spec=made.spec, trained=made, data_digest=SNAPSHOT
    )
