"""Assessments over HTTP: what is due, answered by the seat, signed by another; and who sits where."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy.orm import Session

from headway.governance.assessments import service
from headway.governance.assessments.entities import Assessment, Assessor, Need, OwnTemplate, Standing, Template
from headway.governance.assessments.organisation import NeedEntry
from headway.governance.service.usecases import get_usecase
from headway.kernel.auth import Actor, Resource
from headway.kernel.listing import ListQuery
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

router = APIRouter(tags=["assessments"])
Word = Annotated[str, Field(min_length=1, max_length=200)]
Answer = StrictBool | float | str


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Opening(_Body):
    """Which template to answer."""

    template: Word


class TemplateText(_Body):
    """A template as YAML: id, version, title, seat, source, evidence, age_days, due_when, due_because, not_due_because and
    questions.
    """

    text: Annotated[str, Field(min_length=1)]


class Retirement(_Body):
    """Why it is taken out of force."""

    reason: Annotated[str, Field(max_length=2000)]


class Answers(_Body):
    """Answers by question; those that were given before and are not named stay."""

    answers: dict[Word, Answer]


class Remark(_Body):
    """Why it is signed or given back."""

    remark: Annotated[str, Field(min_length=1, max_length=2000)]


class Seat(_Body):
    """Who is to hold a seat, in a department and those below it or everywhere."""

    seat: Word
    person: Word
    department: Word | None = None


@router.get("/assessment-templates")
def list_templates(tx: Tx, permit: Permit, actor: CurrentActor) -> Page[Template]:
    """List the templates with their questions, and what of the platform answers each."""
    permit("policy:read", _seen(actor, "policy"))
    return Page(items=service.list_templates(tx), next=None)


@router.post("/assessment-templates", status_code=status.HTTP_201_CREATED)
def publish_template(body: TemplateText, tx: Tx, permit: Permit, actor: CurrentActor) -> OwnTemplate:
    """Publish a template of one's own; a higher version of one that is there replaces it for what is opened from now on."""
    permit("policy:manage", Resource(kind="policy", id="all"))
    return service.publish_template(tx, actor, body.text)


@router.get("/assessment-templates/{name}")
def show_template(name: str, tx: Tx, permit: Permit, actor: CurrentActor) -> Template:
    """Show a template that is in force, with its questions."""
    permit("policy:read", _seen(actor, "policy"))
    return service.get_template(tx, name)


@router.get("/assessment-templates/{name}/source")
def show_source(name: str, tx: Tx, permit: Permit, actor: CurrentActor) -> OwnTemplate:
    """Show the newest version of a template of one's own as it was written, also when it was retired."""
    permit("policy:read", _seen(actor, "policy"))
    return service.source_of(tx, name)


@router.post("/assessment-templates/{name}/retire")
def retire_template(name: str, body: Retirement, tx: Tx, permit: Permit, actor: CurrentActor) -> OwnTemplate:
    """Take a template of one's own out of force; what was answered under it stays."""
    permit("policy:manage", Resource(kind="policy", id="all"))
    return service.retire_template(tx, actor, name, body.reason)


@router.get("/assessors")
def list_assessors(tx: Tx, permit: Permit, actor: CurrentActor) -> Page[Assessor]:
    """List who holds which seat."""
    permit("policy:read", _seen(actor, "policy"))
    return Page(items=service.list_assessors(tx), next=None)


@router.post("/assessors", status_code=status.HTTP_201_CREATED)
def appoint(body: Seat, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessor:
    """Give a person a seat."""
    permit("assessor:appoint", Resource(kind="assessor", id="new"))
    return service.appoint(tx, actor, seat=body.seat, person=body.person, department=body.department)


@router.post("/assessors/{assessor_id}/end")
def dismiss(assessor_id: str, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessor:
    """End what a person holds; what they answered stays."""
    permit("assessor:appoint", Resource(kind="assessor", id=assessor_id))
    return service.dismiss(tx, actor, assessor_id)


class NeedsFound(BaseModel):
    """The part of the organisation's list that was asked for; ``standings`` counts all, whatever standing was asked for."""

    items: list[NeedEntry]
    total: int
    is_more: bool
    standings: dict[Standing, int]


@router.get("/assessment-needs")
def find_needs(
    *,
    tx: Tx,
    permit: Permit,
    actor: CurrentActor,
    here: HereParts,
    department: str | None = None,
    usecase: str | None = None,
    template: str | None = None,
    seat: str | None = None,
    standing: Standing | None = None,
    assessor: str | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    sort: str = "",
    descending: bool = False,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> NeedsFound:
    """List the assessments of all use cases that you may read, what people must act on first; ``assessor``: holds the seat."""
    told = {"department": department, "usecase": usecase, "template": template, "seat": seat, "assessor": assessor}
    told["standing"] = standing
    asked = ListQuery(
        search=search,
        filters={name: (str(value),) for name, value in told.items() if value is not None},
        sort=sort,
        descending=descending,
        offset=offset,
        limit=limit,
        within=seen_within(here, tx, actor, permit),
    )
    made = service.find_needs(tx, asked)
    found = made.found
    return NeedsFound(items=list(found.items), total=found.total, is_more=found.is_more, standings=dict(made.standings))


def seen_within(here: Parts, session: Session, actor: Actor, permit: Permit) -> frozenset[str] | None:
    """The departments whose assessments somebody may read, None for all; raises Denied when there is none."""
    places = service.departments_seen(here.authorizer, session, actor)
    if places is not None and not places:
        permit("assessment:read", Resource(kind="assessment", id="all"))
    return places


@router.get("/usecases/{slug}/assessments")
def list_needs(slug: str, tx: Tx, permit: Permit, actor: CurrentActor) -> Page[Need]:
    """Tell of each template whether a use case needs it, why, and where it stands."""
    permit("assessment:read", about_usecase(tx, actor, slug))
    return Page(items=service.of_usecase(tx, slug), next=None)


@router.post("/usecases/{slug}/assessments", status_code=status.HTTP_201_CREATED)
def open_assessment(slug: str, body: Opening, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessment:
    """Begin an assessment; answers of last time that still fit are taken along."""
    permit("assessment:open", about_usecase(tx, actor, slug))
    return service.open_assessment(tx, actor, usecase=slug, template=body.template)


@router.get("/assessments")
def list_assessments(
    *, usecase: str, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50, tx: Tx, permit: Permit, actor: CurrentActor
) -> Page[Assessment]:
    """List the assessments of a use case with their answers, newest first; earlier ones stay as they were submitted."""
    permit("assessment:read", about_usecase(tx, actor, usecase))
    return Page(items=service.list_assessments(tx, usecase, limit), next=None)


@router.get("/assessments/{assessment_id}")
def show_assessment(assessment_id: str, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessment:
    """Show an assessment: answers, what the platform knew, who submitted and who signed it."""
    found = service.get_assessment(tx, assessment_id)
    permit("assessment:read", resource(tx, actor, found))
    return found


@router.post("/assessments/{assessment_id}/answers")
def answer(assessment_id: str, body: Answers, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessment:
    """Answer questions; only who holds the seat may."""
    permit("assessment:answer", resource(tx, actor, service.get_assessment(tx, assessment_id)))
    return service.answer(tx, actor, assessment_id, body.answers)


@router.post("/assessments/{assessment_id}/submit")
def submit(assessment_id: str, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessment:
    """Submit it as it is answered; from here on it never changes."""
    permit("assessment:answer", resource(tx, actor, service.get_assessment(tx, assessment_id)))
    return service.submit(tx, actor, assessment_id)


@router.post("/assessments/{assessment_id}/sign")
def sign(assessment_id: str, body: Remark, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessment:
    """Sign what another submitted; it becomes evidence."""
    permit("assessment:sign", resource(tx, actor, service.get_assessment(tx, assessment_id)))
    return service.sign(tx, actor, assessment_id, body.remark)


@router.post("/assessments/{assessment_id}/return")
def give_back(assessment_id: str, body: Remark, tx: Tx, permit: Permit, actor: CurrentActor) -> Assessment:
    """Give back what another submitted, with a reason."""
    permit("assessment:sign", resource(tx, actor, service.get_assessment(tx, assessment_id)))
    return service.give_back(tx, actor, assessment_id, body.remark)


def about_usecase(session: Session, actor: Actor, slug: str) -> Resource:
    """What the rules are asked about assessments of a use case; whoever holds a seat for it is told to them."""
    case = get_usecase(session, slug)
    held, known = service.sitting(session, case.department), service.seats(session)
    sits = any(actor.ref in held.get(seat, ()) for seat in known)
    return Resource(
        kind="assessment", id=slug, department=case.department, attributes={"owner": actor.ref if sits else ""}
    )


def resource(session: Session, actor: Actor, one: Assessment) -> Resource:
    """What the rules are asked about one assessment: whether the actor holds its seat, and who submitted it."""
    case = get_usecase(session, one.usecase)
    sits = actor.ref in service.holders(session, one.seat, case.department)
    attributes = {"owner": actor.ref if sits else "", "requested_by": one.submitted_by or ""}
    return Resource(kind="assessment", id=one.id, department=case.department, attributes=attributes)


def _seen(actor: Actor, kind: str) -> Resource:
    """Registers belong to the whole organisation: whoever holds a role that reads them anywhere sees them whole."""
    places = {grant.department for grant in actor.roles}
    return Resource(kind=kind, id="all", department=None if None in places else min(filter(None, places), default=None))
