"""Decisions and outcomes over HTTP, and the chain of evidence behind each."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile, status

from headway import catalog
from headway.kernel.errors import Fault, Invalid, NotFound
from headway.kernel.paging import Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.serving import service
from headway.serving.entities import (
    DecisionChain,
    DecisionInput,
    DecisionView,
    OutcomeImport,
    OutcomeView,
)
from headway.serving.routes.resources import Limit, scope_of

router = APIRouter(tags=["serving"])


@router.get("/decisions")
def list_decisions(
    *,
    tx: Tx,
    here: HereParts,
    permit: Permit,
    deployment: str | None = None,
    environment: Environment | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[DecisionView]:
    """List decisions that were taken in, newest first; inputs and subjects are not shown."""
    permit("decision:read", scope_of(tx, "decision", deployment, environment))
    found, following = service.list_decisions(
        catalog.lake_of(here), deployment=deployment, environment=environment, limit=limit, cursor=cursor
    )
    return Page(items=tuple(found), next=following)


@router.get("/decisions/{decision_id}")
def show_decision(decision_id: str, tx: Tx, here: HereParts, permit: Permit) -> DecisionChain:
    """Show the chain of evidence of a decision; every link is checked anew."""
    found, _ = service.get_decision(catalog.lake_of(here), decision_id)
    permit("decision:read", scope_of(tx, "decision", found.deployment, found.environment, id=decision_id))
    return service.decision_chain(tx, here, decision_id)


@router.get("/decisions/{decision_id}/input")
def show_input(decision_id: str, tx: Tx, here: HereParts, permit: Permit) -> DecisionInput:
    """Show what was asked about whom, and the reasons given; it may have been erased."""
    found, _ = service.get_decision(catalog.lake_of(here), decision_id)
    permit("decision:inspect", scope_of(tx, "decision", found.deployment, found.environment, id=decision_id))
    told = service.get_input(catalog.lake_of(here), decision_id)
    if told is None:
        raise NotFound(f"the input of {decision_id} was erased", hint="the decision and its proofs are still there")
    return told


@router.get("/decisions/{decision_id}/outcomes")
def show_outcomes(decision_id: str, tx: Tx, here: HereParts, permit: Permit) -> Page[OutcomeView]:
    """Show what came of a decision, the first told first."""
    found, _ = service.get_decision(catalog.lake_of(here), decision_id)
    permit("outcome:read", scope_of(tx, "outcome", found.deployment, found.environment, id=decision_id))
    return Page(items=service.list_outcomes(catalog.lake_of(here), decision_id), next=None)


@router.post("/outcomes", status_code=status.HTTP_201_CREATED)
def import_outcomes(
    *,
    file: UploadFile,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    deployment: Annotated[str | None, Form()] = None,
    environment: Annotated[Environment | None, Form()] = None,
) -> OutcomeImport:
    """Take in a file of outcomes (CSV or Parquet); all rows, or none when one has a fault."""
    permit("outcome:import", scope_of(tx, "outcome", deployment, environment))
    if not file.filename:
        raise Invalid("the file has no name", faults=[Fault(rule="required", column="file", message="send a file")])
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        path = Path(folder) / "outcomes"
        with path.open("wb") as stream:
            shutil.copyfileobj(file.file, stream)
        return service.import_outcomes(
            tx,
            catalog.lake_of(here),
            actor,
            path=path,
            filename=file.filename,
            deployment=deployment,
            environment=environment,
        )
