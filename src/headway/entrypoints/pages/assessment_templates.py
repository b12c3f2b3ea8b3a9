"""Templates of assessments: what each asks and when it is due, and the form for one's own."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway.entrypoints.pages import govern
from headway.entrypoints.pages.assessments import seat_names
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import assessments
from headway.governance.assessments import OwnTemplate, TemplateUnknown
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(prefix="/assessment-templates", include_in_schema=False)

BEGINNING = """\
id: procurement
version: "1.0.0"
title: Assessment by procurement
seat: procurement
source: "our purchasing policy, section 4"
evidence: procurement_assessment
age_days: 365
due_when: "sys.vendor_supplied"
due_because: "a vendor supplies it, or nobody knows whether one does"
not_due_because: "no vendor supplies it"
questions:
  - {id: vendors, text: "Who supplies it?", fact: vendors}
  - {id: exit, text: "How do we leave, with which data, in how many days?"}
  - {id: months, text: "For how many months is the price fixed?", kind: number}
  - {id: alternatives, text: "Were others compared?", kind: choice, choices: ["none", "two", "three and more"]}
"""


def _policy() -> Resource:
    return Resource(kind="policy", id="all")


@router.get("/new")
def ask_for_template(viewer: CurrentViewer, tx: Tx, of: str = "") -> Response:
    """The form for a template of one's own; ``of`` is one whose next version is written."""
    viewer.permit("policy:manage", _policy())
    text = assessments.source_of(tx, of).text if of else BEGINNING
    return _new(viewer, Form.filled({"text": text}))


@router.post("")
def publish_template(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Publish it."""
    viewer.permit("policy:manage", _policy())
    form = Form.of(data)
    try:
        with tx.begin_nested():
            made = assessments.publish_template(tx, viewer.actor, form.text("text"))
    except HeadwayError as error:
        form.faults["text"] = "; ".join(fault.message for fault in error.faults) or error.message
        return _new(viewer, form, error.status)
    said = viewer.gettext("Published; give its seat to somebody, so that it can be answered")
    return viewer.go(f"/assessment-templates/{made.template.id}", said)


@router.get("/{name}")
def show_template(name: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What a template asks, when it is due, and what of the platform answers it."""
    govern.need_somewhere(viewer, tx, "policy:read")
    return _one(viewer, tx, name, Form())


@router.post("/{name}/retire")
def retire_template(name: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take one's own out of force."""
    viewer.permit("policy:manage", _policy())
    form = Form.of(data)
    try:
        with tx.begin_nested():
            assessments.retire_template(tx, viewer.actor, name, form.text("reason"))
    except HeadwayError as error:
        return _one(viewer, tx, name, form.take(error), status=error.status)
    return viewer.go(f"/assessment-templates/{name}", viewer.gettext("Retired; what was answered stays"))


def _one(viewer: Viewer, tx: Session, name: str, form: Form, status: int = 200) -> Response:
    own = _own(tx, name)
    found = own.template if own else assessments.get_template(tx, name)
    people = names(tx, [own.published_by, own.retired_by] if own else [])
    return viewer.page(
        "assessments/template.html",
        status=status,
        title=found.title,
        crumbs=[(viewer.gettext("Seats of assessments"), "/assessors")],
        found=found,
        own=own,
        people=people,
        seat=seat_names(viewer, [found.seat])[found.seat],
        kinds={
            "text": viewer.gettext("text"),
            "boolean": viewer.gettext("yes or no"),
            "choice": viewer.gettext("a choice"),
            "number": viewer.gettext("a number"),
        },
        form=form,
        may_manage=viewer.may("policy:manage", _policy()),
    )


def _own(tx: Session, name: str) -> OwnTemplate | None:
    try:
        return assessments.source_of(tx, name)
    except TemplateUnknown:
        return None


def _new(viewer: Viewer, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "assessments/template_new.html",
        status=status,
        title=viewer.gettext("Write a template"),
        crumbs=[(viewer.gettext("Seats of assessments"), "/assessors")],
        form=form,
    )
