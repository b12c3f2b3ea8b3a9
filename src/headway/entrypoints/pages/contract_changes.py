"""Changes of contracts: what waits for one's answer, and one change with what it breaks and what its consumers say."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import catalog
from headway.catalog import access, changes
from headway.catalog.changes import ChangeState, ContractChange
from headway.catalog.changes.routes import answering, is_asked
from headway.entrypoints.pages.contract_words import BECAUSE, CHANGES, LEVELS
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.get("/contract-changes")
def show_asked(viewer: CurrentViewer, tx: Tx) -> Response:
    """The changes that wait for one's own answer."""
    viewer.permit("data:follow", _own(viewer))
    asked = changes.list_asked(tx, viewer.actor.ref)
    return viewer.page(
        "contracts/asked.html",
        title=viewer.gettext("Changes of contracts"),
        asked=asked,
        levels=LEVELS,
        people=names(tx, [one.proposed_by for one in asked]),
    )


@router.get("/contract-changes/{change_id}")
def show_change(change_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One change: what it breaks, until when, who is asked and what they say."""
    return _page(viewer, tx, _seen(viewer, tx, change_id), Form())


@router.post("/contract-changes/{change_id}/accept")
def accept(change_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Agree, as one who is asked."""
    found, form = _seen(viewer, tx, change_id), Form.of(data)
    viewer.permit("contract:answer", answering(viewer.actor, found))
    try:
        with tx.begin_nested():
            made = changes.accept(
                tx,
                viewer.actor,
                changes.means_of(viewer.parts),
                change_id=change_id,
                consumer=form.maybe("consumer"),
                reason=form.text("reason"),
            )
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    is_done = made.state is ChangeState.effective
    told = viewer.gettext("Agreed; it is in force") if is_done else viewer.gettext("Agreed")
    return viewer.go(f"/contract-changes/{change_id}", told)


@router.post("/contract-changes/{change_id}/object")
def object_to(change_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Object with a reason, as one who is asked."""
    found, form = _seen(viewer, tx, change_id), Form.of(data)
    viewer.permit("contract:answer", answering(viewer.actor, found))
    try:
        with tx.begin_nested():
            changes.object_to(tx, viewer.actor, change_id, form.text("reason"), consumer=form.maybe("consumer"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/contract-changes/{change_id}", viewer.gettext("Your objection is kept with the change"))


@router.post("/contract-changes/{change_id}/hand-on")
def hand_on(change_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Let another person give one's answer."""
    found, form = _seen(viewer, tx, change_id), Form.of(data)
    viewer.permit("contract:answer", answering(viewer.actor, found))
    try:
        with tx.begin_nested():
            changes.hand_on(tx, viewer.actor, change_id, form.text("to"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/contract-changes/{change_id}", viewer.gettext("Handed on; you may still answer yourself"))


@router.post("/contract-changes/{change_id}/withdraw")
def withdraw(change_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take the proposal back, as one who may change the product."""
    found, form = changes.get_change(tx, change_id), Form.of(data)
    viewer.permit("product:update", access.about_product(catalog.get_product(tx, found.product)))
    try:
        with tx.begin_nested():
            changes.withdraw(tx, viewer.actor, change_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/contract-changes/{change_id}", viewer.gettext("Withdrawn"))


def _seen(viewer: Viewer, session: Session, change_id: str) -> ContractChange:
    found = changes.get_change(session, change_id)
    if is_asked(viewer.actor, found):
        viewer.permit("data:follow", _own(viewer))
    else:
        viewer.permit("product:read", access.about_product(catalog.get_product(session, found.product)))
    return found


def _own(viewer: Viewer) -> Resource:
    return Resource(kind="data", id="own", attributes={"owner": viewer.actor.ref})


def _page(viewer: Viewer, session: Session, found: ContractChange, form: Form, status: int = 200) -> Response:
    product = catalog.get_product(session, found.product)
    who = viewer.actor.ref
    own = [one for one in found.answers if changes.may_answer(found, one, who)]
    people = [who for one in found.answers for who in (one.consumer, one.answered_by, one.delegate)]
    return viewer.page(
        "contracts/change.html",
        status=status,
        title=viewer.gettext("%(product)s, version %(version)s", product=product.name, version=found.version),
        crumbs=[(viewer.gettext("Changes of contracts"), "/contract-changes")],
        found=found,
        product=product,
        form=form,
        state=CHANGES[found.state],
        levels=LEVELS,
        because=BECAUSE,
        people=names(session, [*people, found.proposed_by, found.withdrawn_by]),
        own=own,
        is_consumer=any(one.consumer == who for one in own),
        others=[one for one in found.answers if one.accepted is None],
        may={
            "answer": bool(own) and viewer.may("contract:answer", answering(viewer.actor, found)),
            "withdraw": found.state is ChangeState.open and viewer.may("product:update", access.about_product(product)),
            "read": viewer.may("product:read", access.about_product(product)),
        },
    )
