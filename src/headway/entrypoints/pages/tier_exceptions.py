"""Exceptions from the tier high on the page about risk: assessed, and answered by another person."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import govern, usecase_risk
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import ExceptionCondition, TierException
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.post("/usecases/{slug}/exceptions")
def assess(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Assess that the use is not high-risk."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("usecase:update", govern.about(case))
    try:
        with tx.begin_nested():
            days = form.text("days") or "365"
            governance.assess_exception(
                tx,
                viewer.actor,
                slug,
                condition=_condition(viewer, form),
                reasons=form.text("reasons"),
                days=int(days) if days.isdecimal() and len(days) < 5 else 0,
            )
    except HeadwayError as error:
        return usecase_risk.page(viewer, tx, case, exception=form.take(error), status=error.status)
    return viewer.go(
        f"/usecases/{slug}/risk", viewer.gettext("Assessed. Somebody else who decides tiers has to accept it")
    )


def _condition(viewer: Viewer, form: Form) -> ExceptionCondition:
    if form.text("condition") not in set(ExceptionCondition):
        fault = Fault(rule="exception.condition", column="condition", message=viewer.gettext("Choose a condition"))
        raise Invalid(fault.message, faults=[fault])
    return ExceptionCondition(form.text("condition"))


@router.post("/exceptions/{exception_id}/accept")
def accept(exception_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Accept what somebody else assessed."""
    return _answer(
        viewer, tx, exception_id, data, lambda reason: _answered(viewer, tx, exception_id, reason, accept=True)
    )


@router.post("/exceptions/{exception_id}/refuse")
def refuse(exception_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Refuse it."""
    return _answer(
        viewer, tx, exception_id, data, lambda reason: _answered(viewer, tx, exception_id, reason, accept=False)
    )


@router.post("/exceptions/{exception_id}/end")
def end(exception_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """End it before its time."""
    return _answer(
        viewer, tx, exception_id, data, lambda reason: governance.end_exception(tx, viewer.actor, exception_id, reason)
    )


def _answered(viewer: Viewer, tx: Session, exception_id: str, reason: str, *, accept: bool) -> TierException:
    return governance.answer_exception(tx, viewer.actor, exception_id, accept=accept, reason=reason)


def _answer(
    viewer: Viewer, tx: Session, exception_id: str, data: OwnForm, act: Callable[[str], TierException]
) -> Response:
    case = governance.get_usecase(tx, governance.get_exception(tx, exception_id).usecase)
    viewer.permit("tier:decide", govern.about(case))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            act(form.text("reason"))
    except HeadwayError as error:
        return usecase_risk.page(viewer, tx, case, exception=form.take(error), status=error.status)
    tier = governance.get_usecase(tx, case.slug).tier
    said = viewer.gettext("Done. Tier: %(tier)s", tier=viewer.gettext(govern.TIERS[tier]))
    return viewer.go(f"/usecases/{case.slug}/risk", said)
