"""One's own API tokens: made for a purpose, shown once, revoked by hand."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import identity
from headway.entrypoints.pages import access_words, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
DAYS = ("7", "30", "90", "365", "never")
NODE_SCOPES = ("decide", "outcome")


@router.get("/tokens")
def show_tokens(viewer: CurrentViewer, tx: Tx, service: str = "") -> Response:
    """One's own tokens, or those of a service."""
    owner = f"service:{service}" if service else viewer.actor.ref
    viewer.permit("token:read", Resource(kind="token", id="any", attributes={"owner": owner}))
    found = identity.list_tokens(tx, owner=owner, limit=MAX_LIMIT).items
    return viewer.page(
        "tokens/list.html",
        title=viewer.gettext("Tokens of %(name)s", name=service) if service else viewer.gettext("Tokens"),
        tokens=sorted(found, key=lambda one: (one.revoked_at is not None, -one.created_at.timestamp())),
        now=clock.now(),
        service=service,
    )


@router.get("/tokens/new")
def show_new_token(viewer: CurrentViewer, tx: Tx) -> Response:
    """The form for a new token."""
    viewer.permit("token:create", _token(viewer.actor.ref))
    return _new_page(viewer, tx, Form.filled({"days": "90"}))


@router.post("/tokens/new")
def make_token(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Make a token and show its secret, once."""
    form = Form.of(data)
    owner = f"service:{form.text('service')}" if form.text("service") else viewer.actor.ref
    viewer.permit("token:create", _token(owner, form.maybe("department")))
    if not form.require(["name"], viewer.gettext("Say what the token is for")):
        return _new_page(viewer, tx, form, status=422)
    days = form.text("days")
    try:
        with tx.begin_nested():
            made = identity.create_token(
                tx,
                viewer.actor,
                owner=Ref.parse(owner),
                name=form.text("name"),
                scopes=form.many("scopes") or None,
                expires_at=clock.now() + timedelta(days=int(days)) if days in DAYS[:-1] else None,
            )
    except HeadwayError as error:
        return _new_page(viewer, tx, form.take(error), status=error.status)
    return viewer.page(
        "tokens/once.html",
        title=viewer.gettext("Your new token"),
        crumbs=[(viewer.gettext("Tokens"), "/tokens")],
        token=made,
        address=viewer.parts.settings.outside_url,
    )


@router.post("/tokens/{token_id}/revoke")
def revoke_token(token_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """End a token."""
    token = identity.get_token(tx, token_id)
    viewer.permit("token:revoke", Resource(kind="token", id=token_id, attributes={"owner": token.owner}))
    identity.revoke_token(tx, viewer.actor, token_id)
    service = token.owner.partition("service:")[2]
    toast = viewer.gettext("The token %(name)s is revoked", name=token.name)
    return viewer.go(f"/tokens?service={service}" if service else "/tokens", toast)


def _token(owner: str, department: str | None = None) -> Resource:
    return Resource(kind="token", id=owner, department=department, attributes={"owner": owner})


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "tokens/new.html",
        status=status,
        title=viewer.gettext("Make a token"),
        crumbs=[(viewer.gettext("Tokens"), "/tokens")],
        form=form,
        groups=access_words.GROUPS,
        node_scopes=NODE_SCOPES,
        days=[(value, _said(viewer, value)) for value in DAYS],
        departments=list(govern.department_names(tx).items()),
    )


def _said(viewer: Viewer, days: str) -> str:
    return viewer.gettext("until it is revoked") if days == "never" else viewer.gettext("in %(days)s days", days=days)
