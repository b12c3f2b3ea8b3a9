"""What a use case is projected to bring and to cost, beside what was measured; and finance's discount rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog, documents, governance, portfolio
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase import frame
from headway.entrypoints.pages.usecase_value import amount_of, money
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx
from headway.value import DeploymentValue, projections
from headway.value.projections import Assumptions, Driver, Line, LineKind, Projection, Timing

router = APIRouter(include_in_schema=False)
ROWS = 8
"""Drivers and lines that the form has room for; a file through API or terminal may hold more."""
MOST_SWINGS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a deployment measured, beside what was projected for the months that it has been at work."""

    value: DeploymentValue
    months: int
    projected: projections.Band | None


# --- projections -------------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/projection")
def show_projections(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The newest projection of a use case, and the form for another."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("projection:read", govern.about(case, "projection"))
    return _page(viewer, tx, case, projections.newest_projection(tx, slug))


@router.get("/projections/{projection}")
def show_projection(projection: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One projection as it was made."""
    found = projections.get_projection(tx, projection)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("projection:read", govern.about(case, "projection"))
    return _page(viewer, tx, case, found)


@router.post("/usecases/{slug}/projection")
def project(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Work another one out."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("projection:make", govern.about(case, "projection"))
    assumptions = _assumptions(viewer, form)
    if assumptions is None:
        return _page(viewer, tx, case, projections.newest_projection(tx, slug), form, status=422)
    try:
        with tx.begin_nested():
            projections.project(tx, viewer.actor, usecase=slug, title=form.text("title"), assumptions=assumptions)
    except HeadwayError as error:
        return _page(viewer, tx, case, projections.newest_projection(tx, slug), form.take(error), status=error.status)
    return viewer.go(f"/usecases/{slug}/projection", viewer.gettext("Projected; it is kept as it was made"))


def _page(
    viewer: Viewer, tx: Session, case: UseCase, found: Projection | None, form: Form | None = None, *, status: int = 200
) -> Response:
    made = projections.list_projections(tx, case.slug)
    return viewer.page(
        "usecases/projection.html",
        status=status,
        **frame(viewer, tx, case, "projection"),
        found=found,
        made=made,
        rate=projections.discount_rate(tx),
        measured=_measured(viewer, tx, case, found) if found else (),
        charts=_charts(viewer, found) if found else {},
        kinds=kinds(viewer),
        people=names(tx, [one.made_by for one in made]),
        form=form or _filled(found),
        rows=range(ROWS),
        may_make=viewer.may("projection:make", govern.about(case, "projection")) and case.retired_at is None,
        may_rates=viewer.may_somewhere("rate:read"),
        money=lambda text: money(viewer, text),
    )


def kinds(viewer: Viewer) -> dict[str, str]:
    """What lines are about, in a few words."""
    _ = viewer.gettext
    return {
        "cash_out": _("Spending that ends"),
        "revenue": _("Revenue"),
        "avoided_loss": _("Loss avoided"),
        "capacity": _("Time set free"),
        "cost": _("Cost"),
    }


def _measured(viewer: Viewer, tx: Session, case: UseCase, found: Projection) -> tuple[Measured, ...]:
    """What hold-outs measured, for whoever may see it; each beside the cash projected for as many months."""
    if not all(viewer.may(f"{kind}:read", govern.about(case, kind)) for kind in ("decision", "outcome")):
        return ()
    lake, today = catalog.lake_of(viewer.parts), clock.now()
    made = []
    for place in portfolio.valued_deployments(tx, case.slug):
        value = portfolio.deployment_value(tx, lake, name=place.name, environment=place.environment)
        months = max(0, (today - value.since).days // 30)
        made.append(
            Measured(
                value=value,
                months=months,
                projected=found.result.cumulative[months] if months < len(found.result.cumulative) else None,
            )
        )
    return tuple(made)


def _charts(viewer: Viewer, found: Projection) -> dict[str, documents.Figure]:
    said, result = viewer.gettext, found.result
    unit = documents.Unit(kind="money", currency=found.assumptions.currency, digits=0)
    zero = documents.Rule(name=said("Nothing gained, nothing lost"), value=0.0)
    median = documents.Rule(name=said("Median"), value=float(amount_of(result.npv.p50)))
    drawn: dict[str, documents.Chart] = {
        "distribution": documents.HistogramChart(
            title=said("Projected net present value, by draws"),
            edges=result.edges,
            groups=(documents.Counts(name=said("Draws"), counts=tuple(map(float, result.counts))),),
            unit=unit,
            label=said("Draws"),
            x_label=said("Net present value"),
            rules=(zero, median) if result.edges[0] < 0 < result.edges[-1] else (median,),
        ),
        "cash": documents.LineChart(
            title=said("Projected cash up to each month"),
            x=tuple(map(float, range(len(result.cumulative)))),
            series=(
                documents.Series(
                    name=said("Median, and from the tenth to the ninetieth percentile"),
                    values=tuple(float(amount_of(one.p50)) for one in result.cumulative),
                    low=tuple(float(amount_of(one.p10)) for one in result.cumulative),
                    high=tuple(float(amount_of(one.p90)) for one in result.cumulative),
                ),
            ),
            unit=unit,
            x_label=said("Month"),
            rules=(zero,),
        ),
    }
    if result.swings:
        top = result.swings[:MOST_SWINGS]
        drawn["tornado"] = documents.BarChart(
            title=said("What moves the projected net present value most"),
            categories=tuple(one.driver for one in top),
            series=(
                documents.Bars(
                    name=said("Driver at its tenth percentile"),
                    values=tuple(float(amount_of(one.at_low)) for one in top),
                ),
                documents.Bars(
                    name=said("Driver at its ninetieth percentile"),
                    values=tuple(float(amount_of(one.at_high)) for one in top),
                ),
            ),
            unit=unit,
            horizontal=True,
            category_label=said("Driver"),
        )
    return {name: documents.figure(chart, locale=viewer.looks.language, name=name) for name, chart in drawn.items()}


# --- the form ----------------------------------------------------------------------------------------------------


def _filled(found: Projection | None) -> Form:
    """The form as the newest projection was made, so that another one changes what has changed."""
    if found is None:
        return Form.filled({"currency": "EUR", "horizon_months": 36, "capacity_percent": 50, "seed": 1})
    given = found.assumptions
    values: dict[str, object] = {
        "title": found.title,
        "currency": given.currency,
        "horizon_months": given.horizon_months,
        "capacity_percent": f"{given.capacity_share * 100:g}",
        "seed": given.seed,
    }
    for at, driver in enumerate(given.drivers[:ROWS]):
        values |= {f"d{at}_{name}": getattr(driver, name) for name in ("name", "unit", "shape", "source")}
        values |= {f"d{at}_{name}": f"{getattr(driver, name):.12g}" for name in ("low", "likely", "high")}
    for at, line in enumerate(given.lines[:ROWS]):
        values |= {f"l{at}_{name}": getattr(line, name) for name in ("name", "first_month", "ramp_months")}
        values |= {f"l{at}_kind": line.kind.value, f"l{at}_timing": line.timing.value}
        values |= {f"l{at}_drivers": ", ".join(line.drivers)}
    return Form.filled(values)


def _assumptions(viewer: Viewer, form: Form) -> Assumptions | None:
    """What was typed; None when a figure is none, with what is wrong at its field."""
    wrong = viewer.gettext("write a number")

    def number(name: str, other: float | None = None) -> float:
        text = form.text(name).replace(",", ".")
        try:
            return float(text) if text or other is None else other
        except ValueError:
            form.faults[name] = wrong
            return 0.0

    def whole(name: str, other: int) -> int:
        text = form.text(name)
        if text and not (text.isascii() and text.isdecimal() and len(text) < 11):
            form.faults[name] = viewer.gettext("write a whole number")
            return other
        return int(text) if text else other

    drivers = []
    for at in range(ROWS):
        if form.text(f"d{at}_name"):
            likely = number(f"d{at}_likely")
            drivers.append(
                Driver(
                    name=form.text(f"d{at}_name"),
                    unit=form.text(f"d{at}_unit"),
                    low=number(f"d{at}_low", likely),
                    likely=likely,
                    high=number(f"d{at}_high", likely),
                    shape="triangular" if form.text(f"d{at}_shape") == "triangular" else "pert",
                    source=form.text(f"d{at}_source"),
                )
            )
    lines = tuple(_line(form, at, whole) for at in range(ROWS) if form.text(f"l{at}_name"))
    made = Assumptions(
        currency=form.text("currency").upper(),
        horizon_months=whole("horizon_months", 36),
        capacity_share=number("capacity_percent", 50.0) / 100.0,
        drivers=tuple(drivers),
        lines=lines,
        draws=10_000,
        seed=whole("seed", 1),
    )
    return None if form.faults else made


def _line(form: Form, at: int, whole: Any) -> Line:  # noqa: ANN401  reads a whole number of the form
    timing = Timing.once if form.text(f"l{at}_timing") == "once" else Timing.per_year
    kind = form.text(f"l{at}_kind")
    return Line(
        name=form.text(f"l{at}_name"),
        kind=LineKind(kind) if kind in LineKind.__members__ else LineKind.cost,
        drivers=tuple(one.strip() for one in form.text(f"l{at}_drivers").split(",") if one.strip()),
        timing=timing,
        first_month=whole(f"l{at}_first_month", 0 if timing is Timing.once else 1),
        ramp_months=whole(f"l{at}_ramp_months", 0),
    )


# --- the discount rate -------------------------------------------------------------------------------------------


@router.get("/discount-rates")
def show_discount_rates(viewer: CurrentViewer, tx: Tx) -> Response:
    """What finance asks of money, and the form for whoever may set it."""
    return _rates(viewer, tx, Form.filled({"valid_from": clock.now().date().isoformat()}))


@router.post("/discount-rates")
def set_discount_rate(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Set it from a day on."""
    form = Form.of(data)
    viewer.permit("discount:set", _finance(viewer))
    try:
        day = date.fromisoformat(form.text("valid_from"))
    except ValueError:
        form.faults["valid_from"] = viewer.gettext("write a day as 2026-12-31")
        return _rates(viewer, tx, form, status=422)
    try:
        projections.set_discount_rate(
            tx, viewer.actor, percent=form.text("percent").replace(",", "."), valid_from=day, reason=form.text("reason")
        )
    except projections.DiscountRateInvalid as error:
        return _rates(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/discount-rates", viewer.gettext("The discount rate is set"))


def _rates(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    if not viewer.may_somewhere("rate:read"):
        viewer.permit("rate:read", Resource(kind="rate", id="all"))
    found = projections.list_discount_rates(tx)
    in_force = projections.discount_rate(tx)
    return viewer.page(
        "value/discount_rates.html",
        status=status,
        title=viewer.gettext("The discount rate"),
        rates=found,
        in_force=in_force.id if in_force else None,
        people=names(tx, [one.set_by for one in found]),
        department=viewer.parts.settings.finance_department,
        may_set=viewer.may("discount:set", _finance(viewer)),
        form=form,
    )


def _finance(viewer: Viewer) -> Resource:
    return Resource(kind="discount", id="all", department=viewer.parts.settings.finance_department)
