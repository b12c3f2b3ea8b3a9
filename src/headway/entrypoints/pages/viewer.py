"""Who looks at a page: the person behind the session's cookie, what they may do, how they like pages to be.

A page takes ``viewer: CurrentViewer`` and ends with ``return viewer.page("area/name.html", title=..., ...)``. Whoever is not signed in is
sent to the sign-in and comes back; what they had filled in is kept for them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from headway import collaboration, identity
from headway.collaboration import SavedView
from headway.entrypoints import refusals
from headway.entrypoints.pages import kept, sight, words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.render import render
from headway.identity import NewToken
from headway.kernel.auth import Actor, Resource
from headway.kernel.errors import Denied, HeadwayError, Unauthenticated
from headway.kernel.web import HereParts, Parts

SESSION_COOKIE, LANGUAGE_COOKIE, THEME_COOKIE = "headway_session", "headway_language", "headway_theme"
THEMES = ("auto", "light", "dark")
BY_ITSELF = {"/jobs/tray", "/inbox/count", "/jobs/stream"}
"""What an open page asks for without anybody at it: such requests keep no session alive."""
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class SignInNeeded(Unauthenticated):
    """A page was asked for without a session that counts; ``next`` is where to go on afterwards."""

    code = "pages.sign_in_needed"

    def __init__(self, following: str) -> None:
        super().__init__("sign in to see this page")
        self.following = following


class ForgedRequest(Denied):
    """A change was asked for from outside of our own pages, or from a page that is too old."""

    code = "pages.forged_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How pages look for somebody, known before anybody is signed in."""

    language: str
    theme: str


@dataclass(slots=True, kw_only=True)
class Viewer:
    """The person a page is made for. ``toast`` is said once, at the top of the next page."""

    request: Request
    parts: Parts
    actor: Actor
    looks: Looks
    secret: str
    session_id: str
    pins: tuple[SavedView, ...] = ()
    """The saved views that somebody pinned into their navigation, in their order; parts of pages have no navigation."""
    _asked: dict[tuple[object, ...], bool] = field(default_factory=dict)
    _opens: dict[str, bool] = field(default_factory=dict)

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return _is_fragment(self.request)

    @property
    def csrf(self) -> str:
        """A token for forms of this page; a fresh one each time, so that compressing pages gives nothing away."""
        return make_csrf(self.secret)

    def permit(self, action: str, resource: Resource) -> None:
        """Return when allowed; raise Denied with the rule's name and how to get access."""
        self.parts.authorizer.check(self.actor, action, resource)

    def may(self, action: str, resource: Resource) -> bool:
        """Whether somebody may do an action to a resource: for showing what can be done."""
        return self.parts.authorizer.allows(self.actor, action, resource)

    def may_somewhere(self, action: str, **attributes: str) -> bool:
        """Whether somebody may do an action in any department: for showing what there is."""
        places = {None, *(grant.department for grant in self.actor.roles)}
        return any(self._may_in(action, place, attributes) for place in places)

    def may_everywhere(self, action: str) -> bool:
        """Whether somebody may do an action in the whole organisation."""
        return self._may_in(action, None, {})

    def may_open(self, reference: str) -> bool:
        """Whether the page about a reference would be shown to somebody."""
        if reference not in self._opens:
            self._opens[reference] = sight.may_open(self, reference)
        return self._opens[reference]

    def _may_in(self, action: str, department: str | None, attributes: Mapping[str, str]) -> bool:
        key = (action, department, *attributes.items())
        if key not in self._asked:
            known = {"owner": self.actor.ref, **attributes}
            resource = Resource(kind=action.partition(":")[0], id="any", department=department, attributes=known)
            self._asked[key] = self.may(action, resource)
        return self._asked[key]

    def places(self, session: Session, action: str, **attributes: str) -> frozenset[str] | None:
        """The departments in which somebody may do an action to a thing with these attributes; None when everywhere."""
        return identity.departments_where(self.parts.authorizer, session, self.actor, action, attributes=attributes)

    def offer(self, action: str, path: str, label: str, *, is_whole: bool = False) -> dict[str, str]:
        """What an empty list offers to do, for those who may; ``is_whole``: who may in the whole organisation."""
        may = self.may_everywhere if is_whole else self.may_somewhere
        return {"href": path, "action": label} if may(action) else {}

    def role_names(self) -> list[str]:
        """The roles that this person holds anywhere, in words."""
        from headway.entrypoints.pages.access_words import ROLES

        held = dict.fromkeys(identity.Role(grant.role) for grant in self.actor.roles)
        return [self.gettext(ROLES[role][0]) for role in held]

    def gettext(self, message: str, **values: object) -> str:
        """Translate a message for this person; ``%(name)s`` are filled in."""
        with words.speaking(self.looks.language):
            return words.gettext(message) % values if values else words.gettext(message)

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:  # noqa: ANN401  values of a template
        """Render a whole page inside the frame; a refusal that its form tells is told to the ledger too."""
        form = context.get("form")
        if isinstance(form, Form) and form.refusal is not None:
            refusals.record(self.request, form.refusal)
            refusals.tell_by_name(self.request, form.refusal)
            form.retell()
        return render(self.request, template, {"viewer": self, **context}, looks=self.looks, status=status)

    def go(self, path: str, toast: str | None = None) -> Response:
        """Send the browser to another page after a change, with something to say there."""
        from headway.entrypoints.pages.render import go

        return go(self.request, path, toast)


def looks_of(request: Request) -> Looks:
    """How pages look for whoever sent this request."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    language = words.best(request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE_COOKIE))
    return Looks(language=language, theme=theme if theme in THEMES else "auto")


async def own_form(request: Request) -> AsyncIterator[FormData]:
    """The form of a request, once it is known that it was sent from our own pages; raises ForgedRequest.

    Its files are closed once the request has been answered.
    """
    if request.method not in UNSAFE:
        yield FormData()
        return
    check_origin(request)
    async with request.form(max_fields=5000) as form:
        token = str(form.get("csrf") or request.headers.get("x-csrf-token", ""))
        request.state.csrf_holds = check_csrf(session_secret(request), token)
        yield form


OwnForm = Annotated[FormData, Depends(own_form)]


def current_viewer(request: Request, here: HereParts, form: OwnForm) -> Viewer:
    """The person behind the session's cookie; raises SignInNeeded, ForgedRequest."""
    try:
        viewer = _resumed(request, here)
    except Unauthenticated as error:
        raise SignInNeeded(kept.keep(request, here, form, owner=error.values.get("person"))) from error
    if request.method in UNSAFE and not request.state.csrf_holds:
        hint = "load the page again and send the form once more; what you typed is still there after going back"
        raise ForgedRequest("this form is not from a page of this session", hint=hint, values={"rule": "own-pages"})
    request.state.actor, request.state.viewer = viewer.actor, viewer
    return viewer


def viewer_of(request: Request) -> Viewer | None:
    """Who is signed in, for pages that everybody may see; None when nobody is."""
    try:
        return _resumed(request, request.app.state.parts)
    except HeadwayError:
        return None


def open_page(request: Request, template: str, **context: Any) -> Response:  # noqa: ANN401  values of a template
    """Render a page that everybody may see: in the whole frame for who is signed in, else in a plain one (``around``)."""
    viewer = viewer_of(request)
    around = "base.html" if viewer else "open.html"
    return render(request, template, {"viewer": viewer, "around": around, **context}, looks=looks_of(request))


def _resumed(request: Request, here: Parts) -> Viewer:
    secret = session_secret(request)
    with here.database.session() as session:
        found = identity.resume(session, secret, is_use=request.url.path not in BY_ITSELF)
        # Read in this transaction: a page that is being rendered holds a connection, and must not wait for a second.
        views = () if _is_fragment(request) else collaboration.list_views(session, found.actor)
    return Viewer(
        request=request,
        parts=here,
        actor=found.actor,
        looks=looks_of(request),
        secret=secret,
        session_id=found.session_id,
        pins=tuple(sorted((view for view in views if view.is_pinned), key=lambda view: view.position or 0)),
    )


def _is_fragment(request: Request) -> bool:
    return request.headers.get("hx-request") == "true" and "hx-boosted" not in request.headers


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]


def check_origin(request: Request) -> None:
    """Raise ForgedRequest when a browser says that a change was begun on another site."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if site not in ("same-origin", "none") or (origin not in (None, "null") and origin != own):
        raise ForgedRequest("this change was begun on another site", values={"rule": "own-pages"})


def make_csrf(secret: str) -> str:
    """A token that only who knows the session's secret can make: nonce and HMAC-SHA256 of it."""
    nonce = secrets.token_hex(8)
    return f"{nonce}.{_mac(secret, nonce)}"


def check_csrf(secret: str, token: str) -> bool:
    """Whether a token was made with a session's secret."""
    nonce, _, mac = token.partition(".")
    return bool(mac) and hmac.compare_digest(mac.encode(), _mac(secret, nonce).encode())


def _mac(secret: str, nonce: str) -> str:
    return hmac.new(secret.encode(), f"csrf {nonce}".encode(), hashlib.sha256).hexdigest()[:32]


def session_secret(request: Request) -> str:
    """The secret of the session that a browser sent; empty without one."""
    return request.cookies.get(_session_cookie(request), "")


def set_session(response: Response, request: Request, here: Parts, token: NewToken) -> None:
    """Put a session's secret into the browser; scripts cannot read it, other sites cannot send it with a change."""
    response.set_cookie(
        _session_cookie(request),
        token.secret,
        max_age=int(identity.session_limits(here.settings).longest.total_seconds()),
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
        path="/",
    )


def forget_session(response: Response, request: Request) -> None:
    """Take a session's secret out of the browser."""
    response.delete_cookie(_session_cookie(request), path="/", secure=request.url.scheme == "https", httponly=True)


def _session_cookie(request: Request) -> str:
    """The cookie's name; over HTTPS one that browsers take from this very host alone (RFC 6265bis, section 4.1.3)."""
    return f"__Host-{SESSION_COOKIE}" if request.url.scheme == "https" else SESSION_COOKIE


def plain_form(form: FormData) -> Mapping[str, list[str]]:
    """The texts of a form, without files and without the token."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str) and name != "csrf":
            found.setdefault(name, []).append(value)
    return found
