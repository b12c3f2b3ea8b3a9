"""What computing costs: the rates that metered jobs and decisions are priced by."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import value
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase_value import money
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FIELDS = ("cpu_hour", "thousand_decisions", "month", "valid_from", "reason")


@router.get("/rates")
def show_rates(viewer: CurrentViewer, tx: Tx) -> Response:
    """The rates, and the form for whoever may set them."""
    return _rates(viewer, tx, Form.filled({"valid_from": clock.now().date().isoformat()}))


@router.post("/rates")
def set_rates(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Set rates from a day on."""
    form = Form.of(data)
    viewer.permit("rate:set", _resource())
    form.require(FIELDS, viewer.gettext("fill this in"))
    day = _day(form)
    if form.text("valid_from") and day is None:
        form.faults["valid_from"] = viewer.gettext("write a day as 2026-12-31")
    if form.faults or day is None:
        return _rates(viewer, tx, form, status=422)
    try:
        value.set_rates(
            tx,
            viewer.actor,
            cpu_hour=form.text("cpu_hour"),
            thousand_decisions=form.text("thousand_decisions"),
            month=form.text("month"),
            valid_from=day,
            reason=form.text("reason"),
        )
    except value.RatesInvalid as error:
        return _rates(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/rates", viewer.gettext("The rates are set"))


def _rates(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    viewer.permit("rate:read", _resource())
    found = value.list_rates(tx)
    today = clock.now().date()
    return viewer.page(
        "value/rates.html",
        status=status,
        title=viewer.gettext("What computing costs"),
        rates=found,
        in_force=next((one.id for one in found if one.valid_from <= today), None),
        people=names(tx, [one.set_by for one in found]),
        may_set=viewer.may("rate:set", _resource()),
        form=form,
        money=lambda text: money(viewer, text),
    )


def _day(form: Form) -> date | None:
    try:
        return date.fromisoformat(form.text("valid_from"))
    except ValueError:
        return None


def _resource() -> Resource:
    return Resource(kind="rate", id="all")
