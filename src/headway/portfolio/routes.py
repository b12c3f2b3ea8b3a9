"""Pilots and solutions over HTTP."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import catalog, governance, identity, serving
from headway.governance import mandates
from headway.kernel import ids, listing_text
from headway.kernel.auth import Actor, Resource
from headway.kernel.canonical import file_digest
from headway.kernel.errors import Invalid
from headway.kernel.listing import Found
from headway.kernel.money import Money
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.receiving import received, sent_name
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx
from headway.portfolio import service
from headway.portfolio.adapters import shelf
from headway.portfolio.entities import (
    Known,
    LoadedSolution,
    Pilot,
    PilotRequest,
    Pitfall,
    Stage,
    Standing,
    UseCaseValue,
)
from headway.value import DeploymentValue

router = APIRouter(tags=["portfolio"])
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Text = Annotated[str, Form(min_length=1, max_length=200)]
Words = Annotated[tuple[str, ...], Query()]
WindowDays = Annotated[int | None, Query(ge=1, le=3660)]
OptionalText = Annotated[str | None, Form(max_length=200)]


class StartedPilot(BaseModel):
    """A pilot that was begun; follow its job."""

    pilot: str
    job: str


class Reason(BaseModel):
    """Why a use case is retired or taken up again."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Repetition(BaseModel):
    """What the new pilot leaves out beside what the one before left out."""

    model_config = ConfigDict(extra="forbid")

    exclude: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()


@router.get("/intake")
def show_known(
    *, tx: Tx, actor: CurrentActor, permit: Permit, here: HereParts, solution: str | None = None
) -> Page[Known]:
    """Tell what the platform knows of a proposal by the caller, with its source, so that nobody types it."""
    places = identity.departments_where(here.authorizer, tx, actor, "usecase:open")
    if places is not None and not places:
        permit("usecase:open", Resource(kind="usecase", id="all"))
    found = service.known_at_intake(actor, shelf(here.settings.solutions), solution=solution)
    return Page(items=found, next=None)


@router.get("/solutions")
def list_solutions(here: HereParts, permit: Permit) -> dict[str, list[LoadedSolution] | None]:
    """List installed solutions: those that loaded, from where, and why others did not."""
    permit("solution:read", Resource(kind="solution", id="all"))
    return {"items": list(shelf(here.settings.solutions).loaded), "next": None}


@router.get("/standings", tags=["usecases"])
def list_standings(
    *,
    request: Request,
    tx: Tx,
    permit: Permit,
    department: str | None = None,
    stage: Words = (),
    blocked: Words = (),
    tier: Words = (),
    search: str = "",
    sort: str = "",
    limit: Limit = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Found[Standing]:
    """Search use cases with their stage and what keeps them there; any column can be a filter, ``sort=-tier`` falls."""
    permit("usecase:read", _usecases(department))
    return service.find_usecases(tx, listing_text.read(request.query_params.multi_items()))


@router.get("/standings/counts", tags=["usecases"])
def count_stages(
    *, request: Request, tx: Tx, permit: Permit, department: str | None = None, search: str = "", tier: Words = ()
) -> dict[Stage, int]:
    """Count use cases by stage, with the search and filters of the list."""
    permit("usecase:read", _usecases(department))
    return dict(service.count_stages(tx, listing_text.read(request.query_params.multi_items())))


@router.get("/usecases/{slug}/standing", tags=["usecases"])
def show_standing(slug: str, tx: Tx, permit: Permit) -> Standing:
    """Show the stage of a use case and what keeps it there."""
    permit("usecase:read", _usecase(tx, slug))
    return service.get_standing(tx, slug)


@router.get("/usecases/{slug}/pitfalls", tags=["usecases"])
def list_pitfalls(slug: str, tx: Tx, permit: Permit) -> Page[Pitfall]:
    """List what makes pilots stall and shows in the facts about this use case, the most pressing first."""
    permit("usecase:read", _usecase(tx, slug))
    return Page(items=service.find_pitfalls(tx, slug), next=None)


@router.post("/usecases/{slug}/retire", tags=["usecases"])
def retire_usecase(slug: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> governance.UseCase:
    """Retire a use case: nothing new is released for it; what is at work for it has to be retired before."""
    permit("usecase:retire", _usecase(tx, slug))
    return service.retire_usecase(tx, actor, slug, body.reason)


@router.post("/usecases/{slug}/reopen", tags=["usecases"])
def reopen_usecase(slug: str, body: Reason, tx: Tx, actor: CurrentActor, permit: Permit) -> governance.UseCase:
    """Take a retired use case up again."""
    permit("usecase:retire", _usecase(tx, slug))
    return governance.reopen_usecase(tx, actor, slug, body.reason)


@router.get("/usecases/{slug}/value", tags=["value"])
def show_usecase_value(
    slug: str, tx: Tx, here: HereParts, permit: Permit, window_days: WindowDays = None
) -> UseCaseValue:
    """Tell what each deployment of a use case was worth: its hold-out compared, beside what the pilot promised."""
    _permit_value(permit, governance.get_usecase(tx, slug).department, slug)
    return service.usecase_value(tx, catalog.lake_of(here), slug, window_days=window_days)


@router.get("/deployments/{name}/value", tags=["value"])
def show_deployment_value(
    *,
    name: str,
    tx: Tx,
    here: HereParts,
    permit: Permit,
    environment: Environment = "sandbox",
    window_days: WindowDays = None,
) -> DeploymentValue:
    """Tell what a deployment was worth; with ``window_days`` only outcomes that came so soon count, and are waited for."""
    _permit_value(permit, serving.department_of(tx, name, environment), f"{environment}/{name}")
    return service.deployment_value(
        tx, catalog.lake_of(here), name=name, environment=environment, window_days=window_days
    )


def _permit_value(permit: Permit, department: str | None, name: str) -> None:
    """Whoever may read the decisions and the outcomes may read what they were worth."""
    for kind in ("decision", "outcome"):
        permit(f"{kind}:read", Resource(kind=kind, id=name, department=department))


def _usecases(department: str | None) -> Resource:
    return Resource(kind="usecase", id="all", department=department, attributes={"filter": "department"})


def _usecase(session: Session, slug: str) -> Resource:
    case = governance.get_usecase(session, slug)
    asked = {"lane": mandates.lane_of(case.tier)}
    return Resource(kind="usecase", id=slug, department=case.department, attributes=asked)


@router.post("/pilots", status_code=status.HTTP_202_ACCEPTED)
def start_pilot(
    *,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    file: UploadFile | None = None,
    upload: OptionalText = None,
    solution: Text,
    department: Text,
    label: Text,
    positive: OptionalText = None,
    time: OptionalText = None,
    ordered: Annotated[bool, Form()] = False,
    subject: OptionalText = None,
    exclude: Annotated[list[str] | None, Form()] = None,
    value_per_success: OptionalText = None,
    cost_per_action: OptionalText = None,
    currency: OptionalText = None,
    name: OptionalText = None,
) -> StartedPilot:
    """Start a pilot in the sandbox from a file, or from an upload; the answer names the job that does it."""
    slug = ids.slug(department)
    permit("pilot:start", Resource(kind="pilot", id="new", department=slug))
    default = (currency or here.settings.currency).upper()
    asked = PilotRequest(
        name=name or solution.rpartition(".")[2],
        solution=solution,
        department=slug,
        filename="",
        file_key="",
        file_digest="",
        label=label,
        positive=positive or None,
        time=time or None,
        ordered=ordered,
        subject=subject or None,
        exclude=tuple(column for column in exclude or [] if column),
        value_per_success=_amount(value_per_success, default),
        cost_per_action=_amount(cost_per_action, default),
    )
    found = shelf(here.settings.solutions)
    if upload:
        started = service.start_from_upload(tx, actor, here.jobs, found, upload_id=upload, request=asked)
    else:
        started = _from_file(tx, here, actor, file, asked)
    return StartedPilot(pilot=started.id, job=started.job)


def _from_file(tx: Session, here: Parts, actor: Actor, file: UploadFile | None, asked: PilotRequest) -> Pilot:
    if file is None or not file.filename:
        raise Invalid("there is no file", hint="send it as the form field 'file' with a filename, or name an 'upload'")
    with received(file.file, here.settings.max_upload_bytes) as path:
        digest = file_digest(path)
        request = dataclasses.replace(
            asked,
            filename=sent_name(file.filename),
            file_key="uploads/" + digest.removeprefix("sha256-"),
            file_digest=digest,
        )
        started = service.start_pilot(tx, actor, here.jobs, shelf(here.settings.solutions), request=request)
        here.storage.ensure(request.file_key, path)
    return started


@router.get("/pilots")
def list_pilots(
    *, tx: Tx, permit: Permit, department: str | None = None, limit: Limit = 50, cursor: str | None = None
) -> Page[Pilot]:
    """List pilots, newest first."""
    permit("pilot:read", Resource(kind="pilot", id="all", department=department, attributes={"filter": "department"}))
    found, following = service.list_pilots(tx, department=department, limit=limit, cursor=cursor)
    return Page(items=tuple(found), next=following)


@router.get("/pilots/{pilot_id}")
def show_pilot(pilot_id: str, tx: Tx, permit: Permit) -> Pilot:
    """Show a pilot with its result or the reason of its failure."""
    found = service.get_pilot(tx, pilot_id)
    permit("pilot:read", Resource(kind="pilot", id=pilot_id, department=found.department))
    return found


@router.post("/pilots/{pilot_id}/retry", status_code=status.HTTP_202_ACCEPTED)
def retry_pilot(pilot_id: str, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> StartedPilot:
    """Take a failed pilot up again where it failed."""
    found = service.get_pilot(tx, pilot_id)
    permit("pilot:start", Resource(kind="pilot", id=pilot_id, department=found.department))
    started = service.retry_pilot(tx, actor, here.jobs, pilot_id)
    return StartedPilot(pilot=started.id, job=started.job)


@router.post("/pilots/{pilot_id}/repeat", status_code=status.HTTP_202_ACCEPTED)
def repeat_pilot(
    *, pilot_id: str, body: Repetition, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> StartedPilot:
    """Start a pilot like this one from the same file, with more columns left out."""
    found = service.get_pilot(tx, pilot_id)
    permit("pilot:start", Resource(kind="pilot", id=pilot_id, department=found.department))
    started = service.repeat_pilot(
        tx, actor, here.jobs, shelf(here.settings.solutions), pilot_id, storage=here.storage, exclude=body.exclude
    )
    return StartedPilot(pilot=started.id, job=started.job)


@router.get(
    "/pilots/{pilot_id}/report",
    response_model=None,
    responses={200: {"content": {"text/markdown": {}, "application/json": {}, "application/pdf": {}}}},
)
def show_report(
    pilot_id: str, tx: Tx, here: HereParts, permit: Permit, format: Literal["md", "json", "pdf"] = "md"
) -> Response | dict[str, Any]:
    """Show a pilot's report: as Markdown, as plain values, or as a tagged PDF to file and print."""
    found = service.get_pilot(tx, pilot_id)
    permit("pilot:read", Resource(kind="pilot", id=pilot_id, department=found.department))
    if format == "pdf":
        headers = {"content-disposition": f'inline; filename="{found.name}-{pilot_id}.pdf"'}
        return Response(service.print_report(tx, pilot_id), media_type="application/pdf", headers=headers)
    text, facts = service.get_report(tx, here.storage, pilot_id)
    return facts if format == "json" else Response(text, media_type="text/markdown; charset=utf-8")


def _amount(text: str | None, currency: str) -> str | None:
    return str(Money.parse(text, currency)) if text else None
