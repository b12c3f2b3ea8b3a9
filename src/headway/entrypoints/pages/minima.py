"""What every data product must reach at least, by criticality; and how critical a product is."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import minima
from headway.catalog.minima import Criticality, Minimum
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
LEVELS = {
    Criticality.low: N_("low"),
    Criticality.standard: N_("standard"),
    Criticality.high: N_("high"),
    Criticality.critical: N_("critical"),
}
SHARES = ("completeness", "validity", "uniqueness")


@router.get("/quality-minima")
def show_minima(viewer: CurrentViewer, tx: Tx) -> Response:
    """What is asked, and the form for whoever may set it."""
    return _page(viewer, tx, _filled(tx))


@router.post("/quality-minima")
def set_minima(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Set what is asked from a day on."""
    form = Form.of(data)
    viewer.permit("policy:manage", _policy())
    try:
        day = date.fromisoformat(form.text("valid_from"))
    except ValueError:
        day, form.faults["valid_from"] = clock.now().date(), viewer.gettext("write a day as 2026-12-31")
    wanted = {level: _asked(viewer, form, level) for level in Criticality}
    if form.faults:
        return _page(viewer, tx, form, status=422)
    chosen = {level: one for level, one in wanted.items() if one != Minimum()}
    try:
        with tx.begin_nested():
            minima.set_minima(tx, viewer.actor, chosen, valid_from=day, reason=form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/quality-minima", viewer.gettext("The minima are set"))


@router.post("/products/{slug}/criticality")
def set_criticality(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say how critical a product is."""
    product, form = catalog.get_product(tx, slug), Form.of(data)
    viewer.permit("product:update", Resource(kind="product", id=slug, department=product.department))
    back = f"/products/{slug}?show=quality"
    if form.text("level") not in set(Criticality):
        return viewer.go(back, viewer.gettext("Choose how critical the product is"))
    level, order = Criticality(form.text("level")), list(Criticality)
    if order.index(level) < order.index(minima.of_product(tx, slug).criticality):
        viewer.permit("policy:manage", _policy())
    try:
        with tx.begin_nested():
            minima.set_criticality(tx, viewer.actor, slug, level=level, reason=form.text("reason"))
    except HeadwayError as error:
        return viewer.go(back, error.message)
    return viewer.go(back, viewer.gettext("Noted"))


def _page(viewer: Viewer, tx: Session, form: Form, *, status: int = 200) -> Response:
    viewer.permit("policy:read", _policy())
    found = minima.list_minima(tx)
    today = clock.now().date()
    return viewer.page(
        "products/minima.html",
        status=status,
        title=viewer.gettext("Minima of data quality"),
        crumbs=[(viewer.gettext("Data products"), "/products")],
        versions=found,
        in_force=next((one.id for one in found if one.valid_from <= today), None),
        people=names(tx, [one.set_by for one in found]),
        may_set=viewer.may("policy:manage", _policy()),
        form=form,
        levels=LEVELS,
        criticalities=list(Criticality),
    )


def _filled(tx: Session) -> Form:
    values: dict[str, object] = {"valid_from": clock.now().date().isoformat()}
    newest = next(iter(minima.list_minima(tx)), None)
    for level, one in newest.minima.items() if newest else ():
        for name in SHARES:
            share = getattr(one, name)
            values[f"{level.value}.{name}"] = "" if share is None else f"{100 * share:g}"
        values[f"{level.value}.freshness_hours"] = "" if one.freshness_hours is None else f"{one.freshness_hours:g}"
    return Form.filled(values)


def _asked(viewer: Viewer, form: Form, level: Criticality) -> Minimum:
    shares = {name: _number(viewer, form, f"{level.value}.{name}") for name in SHARES}
    hours = _number(viewer, form, f"{level.value}.freshness_hours")
    return Minimum(
        **{name: None if share is None else share / 100 for name, share in shares.items()}, freshness_hours=hours
    )


def _number(viewer: Viewer, form: Form, name: str) -> float | None:
    text = form.text(name).replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError:
        form.faults[name] = viewer.gettext("write a number")
        return None


def _policy() -> Resource:
    return Resource(kind="policy", id="all")
