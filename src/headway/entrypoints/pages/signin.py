"""Signing in and out, joining by invitation, going on where one was, and the language and looks of pages."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from headway import identity
from headway.entrypoints.pages import kept
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.render import go, render
from headway.entrypoints.pages.viewer import (
    LANGUAGE_COOKIE,
    CurrentViewer,
    OwnForm,
    forget_session,
    looks_of,
    session_secret,
    set_session,
)
from headway.entrypoints.pages.words import LANGUAGES
from headway.kernel.errors import HeadwayError, NotFound, Unauthenticated
from headway.kernel.web import HereParts, Parts, Tx

router = APIRouter(include_in_schema=False)
YEAR = 365 * 24 * 3600


@router.get("/sign-in")
def show_sign_in(request: Request, here: HereParts, next: str = "/") -> Response:
    """The page to sign in on; whoever is signed in already goes on."""
    if _is_signed_in(request, here):
        return go(request, local(next))
    return sign_in_page(request, here, Form.filled({"next": local(next)}))


@router.post("/sign-in")
def sign_in(request: Request, here: HereParts, data: OwnForm) -> Response:
    """Check mail address and password, then go on."""
    form = Form.of(data)
    try:
        with here.database.session() as session:  # committed also when it fails: failures are counted
            token = identity.sign_in(
                session, email=form.text("email"), password=str(data.get("password", "")), **device(request, here)
            )
    except HeadwayError as error:
        return sign_in_page(request, here, form.take(error), status=error.status)
    if token is None:
        form.failure = _say(request, "Mail address and password do not belong together")
        form.hint = _say(request, "Ask the AI office for a new one-time link if you forgot your password.")
        return sign_in_page(request, here, form, status=401)
    return signed_in(request, here, token, local(form.text("next")))


@router.get("/join")
def show_join(request: Request) -> Response:
    """The page to choose a password on; the invitation's code stands behind the # of the address."""
    return _join_page(request, Form())


@router.post("/join")
def join(request: Request, here: HereParts, data: OwnForm) -> Response:
    """Use an invitation: set the password and sign in."""
    form = Form.of(data)
    password = str(data.get("password", ""))
    if password != str(data.get("again", "")):
        form.faults["again"] = _say(request, "The two passwords differ")
        return _join_page(request, form, status=422)
    where = device(request, here)
    try:
        with identity.attempt(here.database, source=where["source"]) as session:
            token = identity.join(session, code=form.text("code"), password=password, **where)
    except HeadwayError as error:
        return _join_page(request, form.take(error), status=error.status)
    return signed_in(request, here, token, "/")


@router.post("/sign-out")
def sign_out(viewer: CurrentViewer, tx: Tx) -> Response:
    """End this session."""
    identity.close_session(tx, viewer.actor, viewer.session_id)
    response = go(viewer.request, "/sign-in", viewer.gettext("You are signed out"))
    forget_session(response, viewer.request)
    return response


@router.get("/signed-in")
def show_signed_in(viewer: CurrentViewer) -> Response:
    """Say that one can go back to the form in the other tab."""
    return viewer.page("signin/signed_in.html", title=viewer.gettext("You are signed in"), plain=True)


@router.get("/session")
def tell_session(viewer: CurrentViewer) -> Response:
    """Tell a page's script whether its session still counts, with a fresh token for its forms."""
    return JSONResponse({"name": viewer.actor.name, "csrf": viewer.csrf}, headers={"cache-control": "no-store"})


@router.get("/resume/{form_id}")
def show_kept(form_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Show what was filled in when the session had ended, ready to be sent."""
    row = kept.take(tx, viewer.actor.ref, form_id)
    if row is None:
        raise NotFound(
            "this form is no longer kept", hint="what was filled in is kept for a day, and for its owner alone"
        )
    return viewer.page("signin/resume.html", title=viewer.gettext("What you had filled in"), kept=row)


@router.post("/language")
def choose_language(request: Request, data: OwnForm) -> Response:
    """Keep the language chosen."""
    form = Form.of(data)
    response = go(request, local(form.text("back") or "/"))
    if form.text("language") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, form.text("language"), max_age=YEAR, samesite="lax", httponly=True)
    return response


def local(address: str) -> str:
    """An address of our own to go to; anything that would leave this host becomes the home page."""
    parts = urlsplit(address)
    is_ours = (
        address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    )
    return address if is_ours and "\\" not in address and address.isprintable() else "/"


def signed_in(request: Request, here: Parts, token: identity.NewToken, following: str) -> Response:
    """Put a session just opened into the browser and go on."""
    response = go(request, following)
    set_session(response, request, here, token)
    return response


class Device(TypedDict):
    """What sessions keep about where somebody signed in, and how long they may live."""

    source: str
    agent: str
    limits: identity.SessionLimits
    replaces: str | None


def device(request: Request, here: Parts) -> Device:
    """Where a request comes from, and the session that this device had before."""
    return Device(
        source=request.client.host if request.client else "unknown",
        agent=request.headers.get("user-agent", ""),
        limits=identity.session_limits(here.settings),
        replaces=session_secret(request) or None,
    )


def _is_signed_in(request: Request, here: Parts) -> bool:
    try:
        with here.database.session() as session:
            identity.resume(session, session_secret(request))
    except Unauthenticated:
        return False
    return True


def _say(request: Request, message: str) -> str:
    from headway.entrypoints.pages import words

    with words.speaking(looks_of(request).language):
        return words.gettext(message)


def sign_in_page(request: Request, here: Parts, form: Form, status: int = 200) -> Response:
    """The page to sign in on, with a button for each identity provider."""
    with here.database.session() as session:
        providers = identity.list_providers(session)
    context = {"title": _say(request, "Sign in"), "form": form, "providers": providers}
    return render(request, "signin/sign_in.html", context, looks=looks_of(request), status=status)


def _join_page(request: Request, form: Form, status: int = 200) -> Response:
    context = {"title": _say(request, "Choose your password"), "form": form}
    return render(request, "signin/join.html", context, looks=looks_of(request), status=status)
