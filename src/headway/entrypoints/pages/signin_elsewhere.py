"""Signing in without a password of this installation: at an identity provider, or with a one-time link."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from headway import identity
from headway.entrypoints.pages import words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.render import go, render
from headway.entrypoints.pages.signin import device, local, sign_in_page, signed_in
from headway.entrypoints.pages.viewer import OwnForm, looks_of
from headway.kernel.errors import HeadwayError
from headway.kernel.web import HereParts, Parts

router = APIRouter(include_in_schema=False)
BINDING_COOKIE, BINDING_LIFE_S = "headway_sign_in", 600


@router.get("/sign-in/link")
def show_link(request: Request) -> Response:
    """The page of a one-time link: its code stands behind the # of the address, and is used by a press of a button."""
    return _link_page(request, Form())


@router.post("/sign-in/link")
def use_link(request: Request, here: HereParts, data: OwnForm) -> Response:
    """Sign in with the code of a one-time link."""
    form, where = Form.of(data), device(request, here)
    try:
        with identity.attempt(here.database, source=where["source"]) as session:
            token = identity.use_link(session, code=form.text("code"), **where)
    except HeadwayError as error:
        return _link_page(request, form.take(error), status=error.status)
    return signed_in(request, here, token, "/")


@router.get("/sign-in/oidc/{provider_id}")
def begin(provider_id: str, request: Request, here: HereParts, next: str = "/") -> Response:
    """Send the browser to an identity provider; a cookie binds what comes back to this browser."""
    try:
        begun = identity.begin_oidc(
            here.database, provider_id, redirect_uri=back_address(here, provider_id), next=local(next)
        )
    except HeadwayError as error:
        return sign_in_page(request, here, Form.filled({"next": local(next)}).take(error), status=error.status)
    response = go(request, begun.url)
    response.set_cookie(
        BINDING_COOKIE,
        begun.binding,
        max_age=BINDING_LIFE_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/sign-in/oidc/",
    )
    return response


@router.get("/sign-in/oidc/{provider_id}/back")
def finish(provider_id: str, request: Request, here: HereParts) -> Response:
    """Take the browser back from an identity provider and open a session."""
    where = device(request, here)
    try:
        done = identity.finish_oidc(
            here.database,
            provider_id,
            query=dict(request.query_params),
            binding=request.cookies.get(BINDING_COOKIE, ""),
            source=where["source"],
            settings=here.settings,
            agent=where["agent"],
            replaces=where["replaces"],
        )
    except HeadwayError as error:
        response = sign_in_page(request, here, Form.filled({"next": "/"}).take(error), status=error.status)
    else:
        response = signed_in(request, here, done.token, local(done.next))
    response.delete_cookie(BINDING_COOKIE, path="/sign-in/oidc/")
    return response


def back_address(here: Parts, provider_id: str) -> str:
    """The address that a provider sends browsers back to; it is registered there."""
    return f"{here.settings.outside_url}/sign-in/oidc/{provider_id}/back"


def _link_page(request: Request, form: Form, status: int = 200) -> Response:
    looks = looks_of(request)
    with words.speaking(looks.language):
        title = words.gettext("Sign in with a one-time link")
    return render(request, "signin/link.html", {"title": title, "form": form}, looks=looks, status=status)
