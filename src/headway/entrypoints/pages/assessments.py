"""Assessments: what a use case needs and why, the questions that are left to people, and who holds which seat."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase, assessments
from headway.governance.assessments import Assessment, Question
from headway.governance.assessments.routes import about_usecase, resource
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


# --- what a use case needs ---------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/assessments")
def show_needs(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Which assessments a use case needs, why, and where each stands."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("assessment:read", about_usecase(tx, viewer.actor, slug))
    return _needs(viewer, tx, case, Form())


@router.post("/usecases/{slug}/assessments")
def open_assessment(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Begin one."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("assessment:open", about_usecase(tx, viewer.actor, slug))
    try:
        with tx.begin_nested():
            made = assessments.open_assessment(tx, viewer.actor, usecase=slug, template=form.text("template"))
    except HeadwayError as error:
        return _needs(viewer, tx, case, form.take(error), status=error.status)
    return viewer.go(f"/assessments/{made.id}", viewer.gettext("Opened; only what the platform does not know is asked"))


def _needs(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    needs = assessments.of_usecase(tx, case.slug)
    refs = [ref for one in needs for ref in one.assessors]
    refs += [ref for one in needs if one.newest for ref in (one.newest.submitted_by, one.newest.signed_by) if ref]
    return viewer.page(
        "usecases/assessments.html",
        status=status,
        **frame(viewer, tx, case, "assessments"),
        needs=needs,
        standings=standings(viewer),
        people=names(tx, refs),
        form=form,
        may_open=viewer.may("assessment:open", about_usecase(tx, viewer.actor, case.slug)) and case.retired_at is None,
        may_appoint=viewer.may("assessor:appoint", Resource(kind="assessor", id="new")),
    )


def standings(viewer: Viewer) -> dict[str, tuple[str, str]]:
    """Where assessments stand, in words and with a tone."""
    _ = viewer.gettext
    return {
        "not_due": (_("Not due"), ""),
        "due": (_("Due"), "warn"),
        "opened": (_("Being answered"), ""),
        "submitted": (_("Waits for a signature"), "warn"),
        "signed": (_("Signed"), "ok"),
        "returned": (_("Given back"), "warn"),
        "outdated": (_("Outdated"), "bad"),
    }


# --- one assessment ----------------------------------------------------------------------------------------------


@router.get("/assessments/{assessment_id}")
def show_assessment(assessment_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The questions that are left to people, and what the platform answered."""
    found = assessments.get_assessment(tx, assessment_id)
    viewer.permit("assessment:read", resource(tx, viewer.actor, found))
    return _one(viewer, tx, found, Form.filled({name: _told(value) for name, value in found.answers.items()}))


@router.post("/assessments/{assessment_id}/answers")
def answer(assessment_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Keep answers, and submit them when that was pressed."""
    found, form = assessments.get_assessment(tx, assessment_id), Form.of(data)
    viewer.permit("assessment:answer", resource(tx, viewer.actor, found))
    template = assessments.template_of(tx, found)
    given = {one.id: value for one in template.questions if (value := _read(one, form.text(one.id))) is not None}
    try:
        with tx.begin_nested():
            assessments.answer(tx, viewer.actor, assessment_id, given)
            if form.text("then") == "submit":
                assessments.submit(tx, viewer.actor, assessment_id)
    except HeadwayError as error:
        for fault in error.faults:
            if fault.column:
                form.faults.setdefault(fault.column, fault.message)
        form.failure = error.message
        return _one(viewer, tx, found, form, status=error.status)
    is_done = form.text("then") == "submit"
    said = viewer.gettext("Submitted; somebody else signs it now") if is_done else viewer.gettext("Kept")
    return viewer.go(f"/assessments/{assessment_id}", said)


@router.post("/assessments/{assessment_id}/sign")
def sign(assessment_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Sign what another submitted, or give it back."""
    found, form = assessments.get_assessment(tx, assessment_id), Form.of(data)
    viewer.permit("assessment:sign", resource(tx, viewer.actor, found))
    close = assessments.give_back if form.text("then") == "return" else assessments.sign
    try:
        with tx.begin_nested():
            close(tx, viewer.actor, assessment_id, form.text("remark"))
    except HeadwayError as error:
        return _one(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/assessments/{assessment_id}", viewer.gettext("Kept with your name"))


def _one(viewer: Viewer, tx: Session, found: Assessment, form: Form, status: int = 200) -> Response:
    case, template = governance.get_usecase(tx, found.usecase), assessments.template_of(tx, found)
    need = assessments.need_of(tx, found)
    here = resource(tx, viewer.actor, found)
    known = found.known if found.submitted_by else need.known
    standing = need.standing.value
    said = standings(viewer)[standing]
    return viewer.page(
        "assessments/show.html",
        status=status,
        title=viewer.gettext("%(what)s of %(title)s", what=template.title, title=case.title),
        crumbs=[
            (viewer.gettext("Use cases"), "/usecases"),
            (case.title, f"/usecases/{case.slug}"),
            (viewer.gettext("Assessments"), f"/usecases/{case.slug}/assessments"),
        ],
        one=found,
        need=need,
        asks=template,
        known=[(question, known[question.id]) for question in template.questions if question.id in known],
        asked=[question for question in template.questions if question.id not in known],
        standing=said,
        choices_of=lambda question: [(one, one) for one in question.choices],
        form=form,
        people=names(tx, [found.opened_by, found.submitted_by, found.signed_by, *need.assessors]),
        may_answer=found.state == "opened" and viewer.may("assessment:answer", here),
        may_sign=found.state == "submitted" and viewer.may("assessment:sign", here),
    )


def _read(question: Question, text: str) -> bool | float | str | None:
    """What was typed; None where nothing was."""
    if not text:
        return None
    if question.kind == "boolean":
        return {"yes": True, "no": False}.get(text, text)
    if question.kind == "number":
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text
    return text


def _told(value: bool | float | str) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


# --- seats -------------------------------------------------------------------------------------------------------


@router.get("/assessors")
def show_assessors(viewer: CurrentViewer, tx: Tx) -> Response:
    """Who holds which seat, and the form for whoever may give one."""
    return _assessors(viewer, tx, Form())


@router.post("/assessors")
def appoint(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give a person a seat."""
    form = Form.of(data)
    viewer.permit("assessor:appoint", Resource(kind="assessor", id="new"))
    try:
        with tx.begin_nested():
            assessments.appoint(
                tx,
                viewer.actor,
                seat=form.text("seat"),
                person=govern.person_meant(viewer, tx, form.text("person")) or form.text("person"),
                department=form.maybe("department"),
            )
    except HeadwayError as error:
        return _assessors(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/assessors", viewer.gettext("The seat is given"))


@router.post("/assessors/{assessor_id}/end")
def dismiss(assessor_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """End what a person holds."""
    viewer.permit("assessor:appoint", Resource(kind="assessor", id=assessor_id))
    assessments.dismiss(tx, viewer.actor, assessor_id)
    return viewer.go("/assessors", viewer.gettext("Ended; what they answered stays"))


def seat_names(viewer: Viewer, seats: Iterable[str]) -> dict[str, str]:
    """Seats in words; those of templates of one's own as they are written there."""
    said = viewer.gettext
    words = {
        "risk": said("Risk"),
        "legal": said("Legal"),
        "privacy": said("Privacy"),
        "security": said("Security"),
        "hr": said("Employees and works council"),
        "finance": said("Finance"),
    }
    return {seat: words.get(seat, seat.replace("_", " ").capitalize()) for seat in seats}


def _assessors(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    govern.need_somewhere(viewer, tx, "policy:read")
    found = assessments.list_assessors(tx)
    seats = seat_names(viewer, dict.fromkeys((*assessments.seats(tx), *(one.seat for one in found))))
    return viewer.page(
        "assessments/seats.html",
        status=status,
        title=viewer.gettext("Seats of assessments"),
        found=found,
        seats=seats,
        empty_seats=[name for name in seats if name not in {one.seat for one in found}],
        templates=assessments.list_templates(tx),
        people=names(tx, [ref for one in found for ref in (one.person, one.appointed_by)]),
        departments=list(govern.department_names(tx).items()),
        known_people=govern.people_names(viewer, tx),
        form=form,
        may_manage=viewer.may("policy:manage", Resource(kind="policy", id="all")),
        may_appoint=viewer.may("assessor:appoint", Resource(kind="assessor", id="new")),
    )
