"""Plans to take use cases to other departments, over HTTP."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response, UploadFile, status
from pydantic import BaseModel
from sqlalchemy.orm import Session

from headway import governance
from headway.kernel import ids
from headway.kernel.auth import Actor, Resource
from headway.kernel.canonical import file_digest
from headway.kernel.errors import Invalid
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.receiving import received, sent_name
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx
from headway.scaling import saying, service
from headway.scaling.entities import LabelBatch, PlanRequest, ScalePlan

router = APIRouter(tags=["scaling"])
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Texts = Annotated[list[str] | None, Form()]
OptionalText = Annotated[str | None, Form(max_length=200)]


class StartedPlan(BaseModel):
    """A plan that was begun; follow its job."""

    plan: str
    job: str


@router.post("/usecases/{slug}/scale-plans", status_code=status.HTTP_202_ACCEPTED)
def start_plan(
    *,
    slug: str,
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    file: UploadFile | None = None,
    upload: OptionalText = None,
    product: OptionalText = None,
    department: Annotated[str, Form(min_length=1, max_length=200)],
    version: OptionalText = None,
    map: Texts = None,
    value: Texts = None,
) -> StartedPlan:
    """Plan to take a use case to another department, from a file of its cases, an upload, or a data product of it.

    ``map`` says THEIRS=OURS of a column (THEIRS=OURS*FACTOR for another unit, -=OURS where there is none), ``value``
    says COLUMN:THEIRS=OURS of a value; each may be repeated. ``version`` is a version of the use case's model.
    """
    case, to = governance.get_usecase(tx, slug), ids.slug(department)
    permit("scale:plan", Resource(kind="scaleplan", id="new", department=to))
    permit("model:read", Resource(kind="model", id=slug, department=case.department))
    asked = PlanRequest(
        usecase=slug,
        department=to,
        version=version or service.version_to_scale(tx, slug),
        filename="",
        file_key="",
        file_digest="",
        columns=saying.said_columns(one for one in map or [] if one),
        values=saying.said_values(one for one in value or [] if one),
    )
    if upload:
        permit("upload:read", Resource(kind="upload", id=upload, department=to))
        started = service.start_from_upload(tx, actor, here.jobs, upload_id=upload, request=asked)
    elif product:
        permit("product:read", Resource(kind="product", id=product, department=to))
        started = service.start_from_product(tx, actor, here.jobs, product=product, request=asked)
    else:
        started = _from_file(tx, here, actor, file, asked)
    return StartedPlan(plan=started.id, job=started.job)


def _from_file(tx: Session, here: Parts, actor: Actor, file: UploadFile | None, asked: PlanRequest) -> ScalePlan:
    if file is None or not file.filename:
        hint = "send it as the form field 'file' with a filename, or name an 'upload' or a 'product'"
        raise Invalid("there is no file", hint=hint)
    with received(file.file, here.settings.max_upload_bytes) as path:
        digest = file_digest(path)
        key = "uploads/" + digest.removeprefix("sha256-")
        request = dataclasses.replace(asked, filename=sent_name(file.filename), file_key=key, file_digest=digest)
        started = service.start_plan(tx, actor, here.jobs, request=request)
        here.storage.ensure(key, path)
    return started


@router.get("/scale-plans")
def list_plans(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    department: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[ScalePlan]:
    """List plans, newest first."""
    about = Resource(kind="scaleplan", id="all", department=department, attributes={"filter": "department"})
    permit("scale:read", about)
    found, following = service.list_plans(tx, usecase=usecase, department=department, limit=limit, cursor=cursor)
    return Page(items=tuple(found), next=following)


@router.get("/scale-plans/{plan_id}")
def show_plan(plan_id: str, tx: Tx, permit: Permit) -> ScalePlan:
    """Show a plan: mapping, readiness, differences, forecast, the way proposed, and the state of its check."""
    return _plan(tx, permit, plan_id, "scale:read")


@router.get("/scale-plans/{plan_id}/labels")
def list_labels(plan_id: str, tx: Tx, permit: Permit) -> dict[str, list[LabelBatch] | None]:
    """List the labels brought to a plan, batch by batch."""
    _plan(tx, permit, plan_id, "scale:read")
    return {"items": service.list_labels(tx, plan_id), "next": None}


@router.post("/scale-plans/{plan_id}/labels", status_code=status.HTTP_201_CREATED)
def bring_labels(
    *, plan_id: str, file: UploadFile | None = None, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit
) -> ScalePlan:
    """Bring outcomes of a plan's cases; the answer tells whether the forecast stands, falls, or how many more it needs."""
    _plan(tx, permit, plan_id, "scale:label")
    if file is None or not file.filename:
        raise Invalid("there is no file", hint="send it as the form field 'file' with a filename")
    with received(file.file, here.settings.max_upload_bytes) as path:
        return service.bring_labels(tx, here.storage, actor, plan_id, path=path, filename=sent_name(file.filename))


@router.get("/scale-plans/{plan_id}/to-label", response_model=None, responses={200: {"content": {"text/csv": {}}}})
def rows_to_label(
    plan_id: str, tx: Tx, here: HereParts, permit: Permit, limit: Annotated[int, Query(ge=1, le=10_000)] = 300
) -> Response:
    """Give the cases whose outcome tells most, as CSV with an empty outcome to fill in and bring back."""
    _plan(tx, permit, plan_id, "scale:label")
    text = service.csv_to_label(tx, here.storage, plan_id, limit=limit)
    return Response(text, media_type="text/csv; charset=utf-8")


def _plan(tx: Session, permit: Permit, plan_id: str, action: str) -> ScalePlan:
    found = service.get_plan(tx, plan_id)
    permit(action, Resource(kind="scaleplan", id=plan_id, department=found.department))
    return found
