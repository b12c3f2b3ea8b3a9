"""Templates: one environment, strict about names, escaping everything, speaking the viewer's language."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from headway import __version__
from headway.entrypoints.pages import glossary, links, markdown, navigation, words
from headway.entrypoints.pages.assets import icon, static
from headway.entrypoints.pages.state_words import state_of

if TYPE_CHECKING:
    from headway.entrypoints.pages.viewer import Looks

TOAST_COOKIE = "headway_toast"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": CSP,
    "cache-control": "no-store",
    "vary": "HX-Request, Cookie",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@cache
def environment() -> Environment:
    """The templates of this package."""
    made = Environment(
        loader=PackageLoader("headway.entrypoints.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        icon=icon,
        static=static,
        state_of=state_of,
        product_version=__version__,
        languages=words.LANGUAGES,
        links=links,
        href=links.seen,
    )
    made.globals["meanings"] = glossary.MEANINGS
    made.filters.update(
        day=words.day,
        moment=words.moment,
        ago=words.ago,
        number=words.number,
        percent=words.percent,
        money=words.money,
        markdown=markdown.to_html,
        mentions=markdown.with_mentions,
        pretty=_pretty,
        svg=_svg,
        zipped=lambda names: [(name, name) for name in names],
        short_digest=_short_digest,
    )
    return made


def render(
    request: Request, template: str, context: dict[str, Any], *, looks: Looks, status: int = 200, plain: bool = False
) -> Response:
    """Render a template in the language of ``looks``.

    Args: plain: give it without the frame's navigation, for pages before the sign-in.
    """
    viewer = context.get("viewer")
    toast = unquote(request.cookies.get(TOAST_COOKIE, ""))
    may_open = viewer.may_open if viewer is not None else None
    with words.speaking(looks.language), links.seen_by(may_open):
        areas = navigation.areas(viewer) if viewer is not None and not plain else ()
        frame = {
            "request": request,
            "looks": looks,
            "areas": areas,
            "toast": toast,
            "viewer": viewer,
            "path": request.url.path,
            "company": request.app.state.parts.company,
        }
        body = environment().get_template(template).render({**frame, **context})
    response = HTMLResponse(body, status, headers={**HEADERS, "content-language": looks.language})
    if toast and "hx-request" not in request.headers:
        response.delete_cookie(TOAST_COOKIE)
    return response


def go(request: Request, path: str, toast: str | None = None) -> Response:
    """Send the browser to another page; a part of a page asked for by htmx is left as a whole."""
    if request.headers.get("hx-request") == "true":
        response = Response(status_code=204, headers={"hx-redirect": path, "cache-control": "no-store"})
    else:
        response = RedirectResponse(path, 303, headers={"cache-control": "no-store"})
    if toast:
        response.set_cookie(TOAST_COOKIE, quote(toast[:500]), max_age=60, samesite="lax", httponly=True)
    return response


def _svg(picture: str) -> Markup:
    """A figure of ``headway.documents``, whose texts are escaped where they are drawn."""
    return Markup(picture)  # noqa: S704


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str, sort_keys=True)


def _short_digest(value: str | None) -> Markup:
    """A digest cut to what tells it apart; the whole of it shows on hovering and is what gets copied."""
    if not value:
        return Markup("–")
    text = value.removeprefix("sha256-")
    return Markup('<code class="digest" title="{}">{}</code>').format(value, text[:12])
