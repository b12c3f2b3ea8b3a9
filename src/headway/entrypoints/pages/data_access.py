"""Access to data products: what one asked for and holds, what waits for one's answer, and each request with its answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import access, changes
from headway.catalog.access import AccessState, DataAccess, Policy
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
STATES = {
    AccessState.asked: (N_("waits for the owner"), "warn", "clock"),
    AccessState.granted: (N_("granted"), "ok", "circle-check"),
    AccessState.rejected: (N_("refused"), "bad", "circle-x"),
    AccessState.withdrawn: (N_("withdrawn"), "bad", "circle-x"),
    AccessState.ended: (N_("ended"), "", "history"),
}
"""In words, and how a badge shows it."""
USUAL = timedelta(days=90)
SHOWN = 100


@router.get("/data-access")
def show_data_access(viewer: CurrentViewer, tx: Tx) -> Response:
    """What waits for an answer, what one holds, and what can be asked for."""
    viewer.permit("data:follow", Resource(kind="data", id="own", attributes={"owner": viewer.actor.ref}))
    waiting = [one for one in access.list_waiting(tx) if viewer.may("data:grant", _about(tx, one))]
    own = access.own_accesses(tx, viewer.actor.ref, limit=SHOWN).items
    may_ask = viewer.may("data:request", access.asking_of(viewer.actor, "all"))
    return viewer.page(
        "data_access/list.html",
        title=viewer.gettext("Access to data"),
        waiting=waiting,
        own=own,
        offers=access.list_offers(tx, viewer.actor.ref, limit=MAX_LIMIT).items if may_ask else (),
        may_ask=may_ask,
        states=STATES,
        departments=govern.department_names(tx),
        contract_changes=changes.list_asked(tx, viewer.actor.ref),
        people=names(tx, [one.requested_by for one in waiting]),
    )


@router.get("/data-access/new")
def show_new(viewer: CurrentViewer, tx: Tx, product: str = "") -> Response:
    """The form that asks for access to a product."""
    viewer.permit("data:request", access.asking_of(viewer.actor, product))
    until = clock.now().date() + USUAL
    return _new_page(viewer, tx, Form.filled({"product": product, "until": until.isoformat()}))


@router.post("/data-access/new")
def ask(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask for it; the owner of the product answers."""
    form = Form.of(data)
    viewer.permit("data:request", access.asking_of(viewer.actor, form.text("product")))
    service = form.maybe("service")
    if service:
        owner = f"service:{service}"
        viewer.permit("token:create", Resource(kind="token", id=owner, attributes={"owner": owner}))
    try:
        with tx.begin_nested():
            made = access.request_access(
                tx,
                viewer.actor,
                form.text("product"),
                purpose=form.text("purpose"),
                until=day_of(viewer, form.text("until"), "until"),
                service=service,
            )
    except HeadwayError as error:
        return _new_page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(f"/data-access/{made.id}", viewer.gettext("Asked. The owner of the product decides now"))


@router.get("/data-access/{access_id}")
def show_access(access_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One request: what for, until when, what the owner said and hid, and how it is used."""
    found = access.get_access(tx, access_id)
    viewer.permit("data:follow", _about(tx, found))
    return _page(viewer, tx, found, Form())


@router.post("/data-access/{access_id}/approve")
def approve(access_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Grant it, as the owner of the product."""
    found, form = access.get_access(tx, access_id), Form.of(data)
    viewer.permit("data:grant", _about(tx, found))
    given = Policy(
        hidden=tuple(form.many("hidden")),
        masked=tuple(form.many("masked")),
        unmasked=tuple(form.many("unmasked")),
        row_filter=form.maybe("row_filter"),
    )
    try:
        with tx.begin_nested():
            until = day_of(viewer, form.text("until"), "until") if form.maybe("until") else None
            access.approve(tx, viewer.actor, access_id, given=given, until=until, reason=form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/data-access/{access_id}", viewer.gettext("Granted"))


@router.post("/data-access/{access_id}/reject")
def reject(access_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Refuse it, with a reason."""
    found, form = access.get_access(tx, access_id), Form.of(data)
    viewer.permit("data:grant", _about(tx, found))
    try:
        with tx.begin_nested():
            access.reject(tx, viewer.actor, access_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/data-access/{access_id}", viewer.gettext("Refused"))


@router.post("/data-access/{access_id}/withdraw")
def withdraw(access_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """End a grant at once, or take a request back."""
    found, form = access.get_access(tx, access_id), Form.of(data)
    viewer.permit("data:follow" if _is_own(viewer, found) else "data:grant", _about(tx, found))
    try:
        with tx.begin_nested():
            access.withdraw(tx, viewer.actor, access_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/data-access/{access_id}", viewer.gettext("Withdrawn; the next query is refused"))


def _page(viewer: Viewer, tx: Session, found: DataAccess, form: Form, status: int = 200) -> Response:
    product = catalog.get_product(tx, found.product)
    may_answer = viewer.may("data:grant", _about(tx, found))
    follows = viewer.may("data:follow", access.followed(product))
    uses = access.list_uses(tx, product.slug, limit=SHOWN).items if follows else ()
    who = [found.grantee, found.requested_by, found.answered_by, found.withdrawn_by]
    return viewer.page(
        "data_access/show.html",
        status=status,
        title=viewer.gettext("Access to %(product)s", product=found.product),
        crumbs=[(viewer.gettext("Access to data"), "/data-access")],
        found=found,
        form=form,
        state=STATES[found.state],
        people=names(tx, [one for one in who if one]),
        columns=_columns(viewer, product) if may_answer else {},
        uses=[one for one in uses if one.access == found.id],
        follows=follows,
        may={
            "answer": may_answer and found.state is AccessState.asked,
            "withdraw": found.state in (AccessState.asked, AccessState.granted)
            and (may_answer or _is_own(viewer, found)),
        },
        is_own=_is_own(viewer, found),
        today=clock.now().date(),
    )


def _columns(viewer: Viewer, product: catalog.DataProduct) -> dict[str, list[tuple[str, str]]]:
    """The columns that the owner may hide, mask, or show although they are restricted."""
    known = catalog.columns_of(product.contract)
    return {
        "all": [(one.name, one.name) for one in known],
        "open": [(one.name, one.name) for one in known if not one.is_restricted],
        "restricted": [(one.name, one.name) for one in known if one.is_restricted],
    }


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    offers = access.list_offers(tx, viewer.actor.ref, limit=MAX_LIMIT).items
    return viewer.page(
        "data_access/new.html",
        status=status,
        title=viewer.gettext("Ask for access to data"),
        crumbs=[(viewer.gettext("Access to data"), "/data-access")],
        form=form,
        products=[(one.product, f"{one.name} ({one.department})") for one in offers],
        today=clock.now().date(),
    )


def _is_own(viewer: Viewer, found: DataAccess) -> bool:
    return viewer.actor.ref in (found.requested_by, found.grantee)


def _about(tx: Session, found: DataAccess) -> Resource:
    return access.asked_about(found, catalog.get_product(tx, found.product))


def day_of(viewer: Viewer, text: str, field: str) -> date:
    """Read a day that somebody typed; raises Invalid, with the fault at its field."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = viewer.gettext("Write a day such as 2027-12-31")
        raise Invalid(message, faults=[Fault(rule="day", column=field, message=message)]) from error


def of_product(viewer: Viewer, tx: Session, product: catalog.DataProduct) -> dict[str, Any]:
    """What the product's own page tells of access: one's own, and for its owner all of it with who reads."""
    follows = viewer.may("data:follow", access.followed(product))
    accesses = access.list_accesses(tx, product.slug, limit=SHOWN).items if follows else ()
    uses = access.list_uses(tx, product.slug, limit=SHOWN).items if follows else ()
    return {
        "accesses": accesses,
        "readings": uses,
        "follows": follows,
        "states": STATES,
        "held": access.shown_to(tx, viewer.actor, product.slug),
        "readers": names(tx, [*(one.grantee for one in accesses), *(one.reader for one in uses)]),
    }
