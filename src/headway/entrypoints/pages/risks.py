"""The risk register of a use case: losses of a year before and after treatment, harms beside them, who does what until when."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance
from headway.documents import Sheet, SheetColumn
from headway.entrypoints.pages import exports, govern, words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase, risks
from headway.governance.risks import Estimate, Harm, Range, Register, Risk, Severity
from headway.governance.risks.routes import about
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
RANGES = ("inherent_rate", "inherent_impact", "residual_rate", "residual_impact")
TEXTS = ("title", "cause", "event", "consequence", "reason")


# --- the register ------------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/risks")
def show_register(slug: str, request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The risks of a use case; as a workbook when asked for."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("risk:read", about(tx, slug))
    if exports.is_wanted(request):
        return exports.workbook(viewer, [_sheet(viewer, tx, risks.register_of(tx, slug))], name=f"risks-{slug}")
    return _register(viewer, tx, case, Form.filled({"currency": "EUR"}))


@router.post("/usecases/{slug}/risks")
def add_risk(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write a risk down."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("risk:manage", about(tx, slug))
    estimate = _estimate(viewer, form)
    if estimate is None:
        return _register(viewer, tx, case, form, status=422)
    try:
        with tx.begin_nested():
            made = risks.add_risk(tx, viewer.actor, usecase=slug, estimate=estimate)
    except HeadwayError as error:
        return _register(viewer, tx, case, _at_fields(form, error), status=error.status)
    return viewer.go(f"/risks/{made.id}", viewer.gettext("Written down; say what is done about it"))


def _register(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    found = risks.register_of(tx, case.slug)
    return viewer.page(
        "usecases/risks.html",
        status=status,
        **frame(viewer, tx, case, "risks"),
        found=found,
        chart=_curve(viewer, found),
        harms=harms(viewer),
        severities=severities(viewer),
        people=names(tx, [one.owner for one in found.overdue]),
        amount=lambda value, currency: amount(viewer, value, currency),
        form=form,
        may_manage=viewer.may("risk:manage", about(tx, case.slug)) and case.retired_at is None,
    )


def _curve(viewer: Viewer, found: Register) -> documents.Figure | None:
    if found.exceedance is None or found.currency is None:
        return None
    said = viewer.gettext
    chart = documents.LineChart(
        title=said("How likely a year costs more"),
        x=found.exceedance.amounts,
        series=(
            documents.Series(name=said("Inherent"), values=found.exceedance.inherent),
            documents.Series(name=said("Residual"), values=found.exceedance.residual),
        ),
        unit=documents.PERCENT,
        x_unit=documents.Unit(kind="money", currency=found.currency, digits=0),
        x_label=said("Loss of a year"),
        y_label=said("Probability"),
        zero=True,
    )
    return documents.figure(chart, locale=viewer.looks.language, name="exceedance")


def _sheet(viewer: Viewer, tx: Session, found: Register) -> Sheet:
    said, told, grave = viewer.gettext, harms(viewer), severities(viewer)
    people = names(tx, [each.owner for one in found.risks for each in one.treatments])
    columns = (
        SheetColumn(name="title", label=said("Risk"), kind="text"),
        SheetColumn(name="cause", label=said("Cause"), kind="text"),
        SheetColumn(name="event", label=said("Event"), kind="text"),
        SheetColumn(name="consequence", label=said("Consequence"), kind="text"),
        SheetColumn(name="currency", label=said("Currency"), kind="text"),
        *(
            SheetColumn(name=f"{name}_{end}", label=f"{word}, {edge}", kind="number")
            for name, word in range_words(viewer).items()
            for end, edge in (("low", said("low")), ("high", said("high")))
        ),
        SheetColumn(name="inherent", label=said("Expected loss a year, inherent"), kind="number"),
        SheetColumn(name="residual", label=said("Expected loss a year, residual"), kind="number"),
        SheetColumn(name="p95", label=said("One year in twenty costs more than"), kind="number"),
        SheetColumn(name="harms", label=said("Harms that are no money"), kind="text"),
        SheetColumn(name="treatments", label=said("Treatments"), kind="text"),
    )
    rows = [
        (
            one.estimate.title,
            one.estimate.cause,
            one.estimate.event,
            one.estimate.consequence,
            one.estimate.currency,
            *(getattr(getattr(one.estimate, name), end) for name in RANGES for end in ("low", "high")),
            round(one.inherent.expected, 2),
            round(one.residual.expected, 2),
            round(one.residual.p95, 2),
            ", ".join(f"{told[harm]}: {grave[level]}" for harm, level in one.estimate.harms.items()),
            "; ".join(
                f"{each.action} ({people[each.owner]}, {each.done_at.date() if each.done_at else each.due_on})"
                for each in one.treatments
            ),
        )
        for one in found.risks
    ]
    return Sheet(title=said("Risk register"), columns=columns, rows=rows)


def amount(viewer: Viewer, value: float, currency: str) -> str:
    """Money of a loss as people read it, without cents."""
    from decimal import Decimal

    with words.speaking(viewer.looks.language):
        return words.money(Decimal(round(value)), currency)


def harms(viewer: Viewer) -> dict[str, str]:
    """Harms that are no money, in words."""
    _ = viewer.gettext
    return {
        "rights": _("Rights of people"),
        "safety": _("Health and safety"),
        "discrimination": _("Unequal treatment"),
        "environment": _("Environment"),
        "reputation": _("Reputation"),
    }


def severities(viewer: Viewer) -> dict[str, str]:
    """How grave harms are, in words."""
    _ = viewer.gettext
    return {"slight": _("slight"), "serious": _("serious"), "grave": _("grave")}


def range_words(viewer: Viewer) -> dict[str, str]:
    """The four ranges of an estimate, in words."""
    _ = viewer.gettext
    return {
        "inherent_rate": _("Events a year, inherent"),
        "inherent_impact": _("Cost of one, inherent"),
        "residual_rate": _("Events a year, residual"),
        "residual_impact": _("Cost of one, residual"),
    }


# --- one risk ----------------------------------------------------------------------------------------------------


@router.get("/risks/{risk_id}")
def show_risk(risk_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One risk, what is done about it, and the form to estimate it anew."""
    found = risks.get_risk(tx, risk_id)
    viewer.permit("risk:read", about(tx, found.usecase))
    return _one(viewer, tx, found, Form.filled(_filled(found.estimate)))


@router.post("/risks/{risk_id}/estimate")
def estimate_risk(risk_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Estimate it anew."""
    found, form = risks.get_risk(tx, risk_id), Form.of(data)
    viewer.permit("risk:manage", about(tx, found.usecase))
    estimate = _estimate(viewer, form)
    if estimate is None:
        return _one(viewer, tx, found, form, status=422)
    try:
        with tx.begin_nested():
            risks.estimate_risk(tx, viewer.actor, risk_id, estimate)
    except HeadwayError as error:
        return _one(viewer, tx, found, _at_fields(form, error), status=error.status)
    return viewer.go(f"/risks/{risk_id}", viewer.gettext("Estimated anew; what was thought before is kept"))


@router.post("/risks/{risk_id}/treat")
def treat_risk(risk_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say what is done about it."""
    found, form = risks.get_risk(tx, risk_id), Form.of(data)
    viewer.permit("risk:manage", about(tx, found.usecase))
    try:
        due_on = date.fromisoformat(form.text("due_on"))
    except ValueError:
        form.faults["due_on"] = viewer.gettext("write a day as 2026-12-31")
        return _one(viewer, tx, found, Form.filled(_filled(found.estimate)), treating=form, status=422)
    try:
        with tx.begin_nested():
            risks.treat_risk(
                tx,
                viewer.actor,
                risk_id,
                action=form.text("action"),
                effect=form.text("effect"),
                owner=govern.person_meant(viewer, tx, form.text("owner")) or form.text("owner"),
                due_on=due_on,
                cost=form.maybe("cost"),
            )
    except HeadwayError as error:
        kept = Form.filled(_filled(found.estimate))
        return _one(viewer, tx, found, kept, treating=form.take(error), status=error.status)
    return viewer.go(f"/risks/{risk_id}", viewer.gettext("Its owner has it as a task"))


@router.post("/risks/{risk_id}/close")
def close_risk(risk_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Close it."""
    found, form = risks.get_risk(tx, risk_id), Form.of(data)
    viewer.permit("risk:manage", about(tx, found.usecase))
    try:
        with tx.begin_nested():
            risks.close_risk(tx, viewer.actor, risk_id, form.text("close_reason"))
    except HeadwayError as error:
        form.faults["close_reason"] = error.message
        return _one(viewer, tx, found, Form.filled(_filled(found.estimate)), treating=form, status=error.status)
    return viewer.go(f"/usecases/{found.usecase}/risks", viewer.gettext("Closed; it stays readable"))


@router.post("/treatments/{treatment_id}/done")
def finish_treatment(treatment_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say that a treatment is done."""
    found, form = risks.risk_of_treatment(tx, treatment_id), Form.of(data)
    viewer.permit("risk:manage", about(tx, found.usecase))
    try:
        with tx.begin_nested():
            risks.finish_treatment(tx, viewer.actor, treatment_id, form.text("note"))
    except HeadwayError as error:
        form.failure = error.message
        return _one(viewer, tx, found, Form.filled(_filled(found.estimate)), treating=form, status=error.status)
    return viewer.go(f"/risks/{found.id}", viewer.gettext("Done"))


def _one(
    viewer: Viewer, tx: Session, found: Risk, form: Form, *, treating: Form | None = None, status: int = 200
) -> Response:
    case = governance.get_usecase(tx, found.usecase)
    refs = [found.estimated_by, found.closed_by, *(one.owner for one in found.treatments)]
    return viewer.page(
        "risks/show.html",
        status=status,
        title=found.estimate.title,
        crumbs=[
            (viewer.gettext("Use cases"), "/usecases"),
            (case.title, f"/usecases/{case.slug}"),
            (viewer.gettext("Risks"), f"/usecases/{case.slug}/risks"),
        ],
        one=found,
        case=case,
        form=form,
        treating=treating or Form(),
        harms=harms(viewer),
        severities=severities(viewer),
        range_words=range_words(viewer),
        people=names(tx, refs),
        known_people=govern.people_names(viewer, tx),
        amount=lambda value, currency: amount(viewer, value, currency),
        may_manage=viewer.may("risk:manage", about(tx, found.usecase)) and found.closed_at is None,
    )


def _filled(one: Estimate) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(one, name) for name in (*TEXTS, "currency")}
    for name in RANGES:
        between = getattr(one, name)
        values |= {f"{name}_low": f"{between.low:.12g}", f"{name}_high": f"{between.high:.12g}"}
    return values | {f"harm_{harm}": level.value for harm, level in one.harms.items()}


def _estimate(viewer: Viewer, form: Form) -> Estimate | None:
    """What was typed; None when a figure is none. Residual figures that are empty are the inherent ones."""
    ranges: dict[str, Any] = {}
    for name in RANGES:
        ends = []
        for end in ("low", "high"):
            field = f"{name}_{end}"
            text = form.text(field).replace(",", ".")
            if not text and name.startswith("residual"):
                text = form.text(field.replace("residual", "inherent")).replace(",", ".")
            try:
                ends.append(float(text))
            except ValueError:
                form.faults[field] = viewer.gettext("write a number")
                ends.append(1.0)
        ranges[name] = Range(low=ends[0], high=ends[1])
    if form.faults:
        return None
    told: dict[str, Any] = {name: form.text(name) for name in TEXTS}
    given = {harm: form.text(f"harm_{harm}") for harm in Harm}
    return Estimate(
        **told,
        **ranges,
        currency=form.text("currency").upper(),
        harms={harm: Severity(level) for harm, level in given.items() if level in Severity.__members__},
    )


def _at_fields(form: Form, error: HeadwayError) -> Form:
    """Say faults of a range at its low end, where the form has one."""
    for fault in error.faults:
        if fault.column in RANGES:
            form.faults.setdefault(f"{fault.column}_low", fault.message)
        elif fault.column:
            form.faults.setdefault(fault.column, fault.message)
    form.failure = error.message
    return form
