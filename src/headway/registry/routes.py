"""Models over HTTP: training runs, models, versions, cards, aliases and releases."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, status
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import catalog, governance
from headway.governance import mandates
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx
from headway.registry.entities import Model, ModelRelease, ModelVersion, ReleaseStatus, Run
from headway.registry.service import breaking, models, releases, runs, training

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewRun(_Body):
    """What to train on; what is left out is taken from the product's contract."""

    product: Name
    usecase: Name | None = None
    name: Name | None = None
    snapshot: Name | None = None
    label: Name | None = None
    positive: Name | None = None
    time: Name | None = None
    ordered: bool = False
    split_reason: str | None = Field(default=None, max_length=2000)
    subject: Name | None = None
    exclude: tuple[Name, ...] = ()
    features: tuple[Name, ...] | None = None
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)


class NewRelease(_Body):
    """Which version is wanted where."""

    version: Name
    environment: Environment
    usecase: Name | None = None


class Answer(_Body):
    """Why somebody approves, rejects or revokes."""

    reason: str = Field(min_length=1, max_length=2000)


class AliasTarget(_Body):
    """The version that an alias shall name."""

    version: int = Field(ge=1)


class Clearance(_Body):
    """Which suspicious column may stay in the model, and why."""

    column: str = Field(min_length=1, max_length=2000)
    reason: str = Field(min_length=1, max_length=2000)


class Started(BaseModel):
    """A job that was put in the queue."""

    job: str


def _resource(session: Session, kind: str, name: str, usecase: str | None, **attributes: str) -> Resource:
    case = governance.get_usecase(session, usecase) if usecase else None
    lane = {"lane": mandates.lane_of(case.tier)} if case else {}
    return Resource(kind=kind, id=name, department=case.department if case else None, attributes={**lane, **attributes})


def _listed(session: Session, kind: str, usecase: str | None, department: str | None) -> Resource:
    """What a list is about: one use case, one department, or everything."""
    if usecase is not None:
        return _resource(session, kind, "all", usecase)
    return Resource(kind=kind, id="all", department=department, attributes={"filter": "department"})


# --- runs --------------------------------------------------------------------------------------------------------


@router.post("/runs", status_code=status.HTTP_202_ACCEPTED, tags=["runs"])
def start_run(
    body: NewRun,
    tx: Tx,
    actor: CurrentActor,
    permit: Permit,
    here: HereParts,
) -> Started:
    """Train a model on a data product's snapshot, as a job."""
    product = catalog.get_product(tx, body.product)
    permit("run:train", Resource(kind="run", id=body.product, department=product.department))
    if body.usecase is not None:
        permit("run:train", _resource(tx, "run", body.usecase, body.usecase))
    spec = training.plan_training(tx, training.TrainingWish(**body.model_dump()))
    payload = {"spec": msgspec.to_builtins(spec), "usecase": body.usecase}
    return Started(job=here.jobs.enqueue(tx, "training", payload, actor=actor))


@router.get("/runs", tags=["runs"])
def list_runs(
    *,
    tx: Tx,
    permit: Permit,
    model: str | None = None,
    usecase: str | None = None,
    product: str | None = None,
    department: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Run]:
    """List training runs, newest first."""
    permit("run:read", _listed(tx, "run", usecase, department))
    return runs.list_runs(
        tx, model=model, usecase=usecase, product=product, department=department, limit=limit, cursor=cursor
    )


@router.get("/runs/{run}", tags=["runs"])
def show_run(run: str, tx: Tx, permit: Permit) -> Run:
    """Show a training run: settings, metrics, digests."""
    found = runs.get_run(tx, run)
    permit("run:read", _resource(tx, "run", run, found.usecase))
    return found


# --- models ------------------------------------------------------------------------------------------------------


@router.get("/models", tags=["models"])
def list_models(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    department: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Model]:
    """List models by name."""
    permit("model:read", _listed(tx, "model", usecase, department))
    return models.list_models(tx, usecase=usecase, department=department, limit=limit, cursor=cursor)


@router.get("/models/{name}", tags=["models"])
def show_model(name: str, tx: Tx, permit: Permit) -> Model:
    """Show a model with its aliases."""
    found = models.get_model(tx, name)
    permit("model:read", _resource(tx, "model", name, found.usecase))
    return found


@router.get("/models/{name}/versions", tags=["models"])
def list_versions(
    *, name: str, tx: Tx, permit: Permit, limit: Limit = 50, cursor: str | None = None
) -> Page[ModelVersion]:
    """List the versions of a model, newest first."""
    permit("model:read", _resource(tx, "model", name, models.get_model(tx, name).usecase))
    return models.list_versions(tx, name, limit=limit, cursor=cursor)


@router.get("/models/{name}/versions/{number}", tags=["models"])
def show_version(name: str, number: int, tx: Tx, permit: Permit) -> ModelVersion:
    """Show a version with everything its card says."""
    found = models.get_version(tx, Ref("model", name, str(number)))
    permit("model:read", _resource(tx, "model", found.ref, found.usecase))
    return found


@router.get("/models/{name}/versions/{number}/card", response_class=PlainTextResponse, tags=["models"])
def show_card(name: str, number: int, tx: Tx, permit: Permit, here: HereParts) -> PlainTextResponse:
    """Show the model card of a version, in Markdown."""
    found = models.get_version(tx, Ref("model", name, str(number)))
    permit("model:read", _resource(tx, "model", found.ref, found.usecase))
    return PlainTextResponse(models.read_card(tx, here.storage, found.ref), media_type="text/markdown; charset=utf-8")


@router.post("/models/{name}/versions/{number}/clearances", status_code=status.HTTP_201_CREATED, tags=["models"])
def clear_suspect(
    *, name: str, number: int, body: Clearance, tx: Tx, actor: CurrentActor, permit: Permit
) -> governance.Evidence:
    """Clear a suspicious column of a version in person, with a reason; a second person still has to approve."""
    found = models.get_version(tx, Ref("model", name, str(number)))
    permit("evidence:record", _resource(tx, "model", found.ref, found.usecase))
    return models.clear_suspect(tx, actor, version=found.ref, column=body.column, reason=body.reason)


@router.put("/models/{name}/aliases/{alias}", tags=["models"])
def move_alias(*, name: str, alias: str, body: AliasTarget, tx: Tx, actor: CurrentActor, permit: Permit) -> Model:
    """Point an alias at a version."""
    permit("model:update", _resource(tx, "model", name, models.get_model(tx, name).usecase))
    return models.set_alias(tx, actor, model=name, alias=alias, version=body.version)


# --- releases ----------------------------------------------------------------------------------------------------


@router.post("/releases", status_code=status.HTTP_201_CREATED, tags=["releases"])
def request_release(body: NewRelease, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts) -> ModelRelease:
    """Ask for a release. Into the sandbox it happens at once; above, a second person must approve it first.

    Asking again for one that was approved but blocked asks the gate again.
    """
    version = models.get_version(tx, body.version)
    usecase = body.usecase or version.usecase
    permit("release:request", _resource(tx, "release", version.ref, usecase, environment=body.environment))
    return releases.ask_release(
        tx, here.storage, here.signer, actor, version=version.ref, environment=body.environment, usecase=body.usecase
    )


@router.get("/releases", tags=["releases"])
def list_releases(
    *,
    tx: Tx,
    permit: Permit,
    model: str | None = None,
    usecase: str | None = None,
    department: str | None = None,
    environment: Environment | None = None,
    status: ReleaseStatus | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[ModelRelease]:
    """List releases, newest first."""
    permit("release:read", _listed(tx, "release", usecase, department))
    return releases.list_releases(
        tx,
        model=model,
        usecase=usecase,
        environment=environment,
        status=status,
        department=department,
        limit=limit,
        cursor=cursor,
    )


@router.get("/releases/{release}", tags=["releases"])
def show_release(release: str, tx: Tx, permit: Permit) -> ModelRelease:
    """Show a release with its verdict."""
    found = releases.get_release(tx, release)
    permit("release:read", _asked(tx, found))
    return found


@router.post("/releases/{release}/approvals", tags=["releases"])
def approve_release(
    *, release: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts
) -> ModelRelease:
    """Approve a release that somebody else asked for; the last yes needed releases it at once if the gate lets it in."""
    permit("release:approve", _asked(tx, releases.get_release(tx, release)))
    return releases.approve_and_complete(tx, here.storage, here.signer, actor, release, reason=body.reason)


@router.post("/releases/{release}/rejection", tags=["releases"])
def reject_release(release: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit) -> ModelRelease:
    """Reject a release, or take an own request back."""
    permit("release:reject", _asked(tx, releases.get_release(tx, release)))
    return releases.reject_release(tx, actor, release, body.reason)


@router.post("/releases/{release}/revocation", tags=["releases"])
def revoke_release(release: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit) -> ModelRelease:
    """Stop a released version for good: nodes refuse it within seconds, and it is never released again."""
    permit("release:revoke", _asked(tx, releases.get_release(tx, release)))
    return releases.revoke_release(tx, actor, release, body.reason)


@router.post("/break-glass/{glass_id}/confirm", tags=["exceptions"])
def confirm_break_glass(
    *, glass_id: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts
) -> governance.BreakGlass:
    """Confirm what somebody else asked for: it is let in for three days, and has to be reviewed within them."""
    permit("break_glass:confirm", governance.break_glass_resource(tx, governance.get_break_glass(tx, glass_id)))
    return breaking.confirm_break_glass(tx, here.storage, here.signer, actor, glass_id, reason=body.reason)


def _asked(session: Session, release: ModelRelease) -> Resource:
    return _resource(
        session,
        "release",
        release.id,
        release.usecase,
        environment=release.environment,
        requested_by=release.requested_by,
    )
