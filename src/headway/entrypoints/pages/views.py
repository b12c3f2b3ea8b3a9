"""Saved views: a list as somebody likes to see it, kept under a name, pinned into the navigation, shared."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import collaboration, identity
from headway.collaboration import SavedView, Sharing
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.signin import local
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
SHARINGS: tuple[Sharing, ...] = ("nobody", "department", "everybody")


@router.get("/views")
def show_views(viewer: CurrentViewer, tx: Tx) -> Response:
    """One's own views and those shared with one, pinned ones first."""
    viewer.permit("view:read", _own(viewer))
    return viewer.page(
        "views/list.html", title=viewer.gettext("Saved views"), views=collaboration.list_views(tx, viewer.actor)
    )


@router.get("/views/new")
def show_new_view(viewer: CurrentViewer, tx: Tx, address: str = "/usecases") -> Response:
    """The form that keeps the list one came from."""
    viewer.permit("view:save", _own(viewer))
    return _form_page(viewer, tx, Form.filled({"address": local(address), "sharing": "nobody", "pinned": "true"}))


@router.post("/views")
def save_view(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Keep a list under a name."""
    form = Form.of(data)
    viewer.permit("view:save", _own(viewer))
    address = urlsplit(local(form.text("address")))
    sharing: Sharing = next((one for one in SHARINGS if one == form.text("sharing")), SHARINGS[0])
    try:
        with tx.begin_nested():
            saved = collaboration.save_view(
                tx,
                viewer.actor,
                name=form.text("name"),
                page=address.path,
                query=address.query,
                sharing=sharing,
                department=form.maybe("department") if sharing == "department" else None,
            )
            if form.is_on("pinned"):
                collaboration.pin_view(tx, viewer.actor, saved.id)
    except HeadwayError as error:
        return _form_page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(address_of(saved), viewer.gettext("Saved as “%(name)s”", name=saved.name))


@router.post("/views/{view_id}/{act}")
def use_view(view_id: str, act: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Pin a view, open its page with it, or remove it."""
    viewer.permit("view:save" if act == "remove" else "view:read", _own(viewer, view_id))
    if act == "pin":
        collaboration.pin_view(tx, viewer.actor, view_id)
    elif act == "unpin":
        collaboration.unpin_view(tx, viewer.actor, view_id)
    elif act in ("default", "no-default"):
        collaboration.set_default_view(tx, viewer.actor, view_id, is_default=act == "default")
    elif act == "remove":
        collaboration.remove_view(tx, viewer.actor, view_id)
    else:
        raise Invalid(f"nothing is known of {act!r}", hint="pin, unpin, default, no-default or remove")
    return viewer.go("/views", viewer.gettext("Done"))


def address_of(view: SavedView) -> str:
    """Where a view leads."""
    return f"{view.page}?{view.query}" if view.query else view.page


def _own(viewer: Viewer, view_id: str = "mine") -> Resource:
    return Resource(kind="view", id=view_id, attributes={"owner": viewer.actor.ref})


def _form_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    departments = [(one.slug, one.name) for one in identity.list_departments(tx)]
    crumbs = [(viewer.gettext("Saved views"), "/views")]
    title = viewer.gettext("Save this view")
    return viewer.page("views/new.html", title=title, status=status, crumbs=crumbs, form=form, departments=departments)
