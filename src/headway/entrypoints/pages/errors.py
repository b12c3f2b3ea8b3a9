"""What a browser is told when something is refused or fails: a page that says what, why and what to do, inside the frame."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from headway.entrypoints.pages import words
from headway.entrypoints.pages.render import go, render
from headway.entrypoints.pages.streams import SIGNED_OUT, is_stream
from headway.entrypoints.pages.viewer import SignInNeeded, Viewer, looks_of, viewer_of
from headway.kernel.errors import HeadwayError, problem

API = "/api/"
MEDIA = "application/problem+json"
OWN_ANSWERS = ("/healthz", "/readyz", "/static/")


def is_page(request: Request) -> bool:
    """Whether a request is for a page, not for the API or a probe."""
    path = request.url.path
    return not path.startswith(API) and not path.startswith(OWN_ANSWERS)


def answer(request: Request, error: HeadwayError) -> Response:
    """Tell an error as whoever asked reads it: a page for a browser, problem+json for everybody else."""
    return tell(request, error) if is_page(request) else render_problem(error)


def render_problem(error: HeadwayError) -> JSONResponse:
    """Render an error as problem+json."""
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(problem(error), error.status, media_type=MEDIA, headers=headers)


def tell(request: Request, error: HeadwayError) -> Response:
    """Render an error for a browser: the sign-in, a sentence for a part of a page, or a page."""
    if isinstance(error, SignInNeeded):
        return _sign_in(request, error)
    if "text/html" not in request.headers.get("accept", "text/html") and "*/*" not in request.headers.get(
        "accept", "*/*"
    ):
        return render_problem(error)
    if request.headers.get("hx-request") == "true":
        told = f"{error.message}. {error.hint}" if error.hint else error.message
        return Response(status_code=error.status, headers={"x-told": quote(told[:800]), "cache-control": "no-store"})
    viewer = getattr(request.state, "viewer", None) or viewer_of(request)
    looks = looks_of(request)
    with words.speaking(looks.language):
        title = words.gettext(_titles().get(error.status, "Something went wrong"))
    context = {"title": title, "error": error, "viewer": viewer}
    template = "errors/inside.html" if isinstance(viewer, Viewer) else "errors/outside.html"
    return render(request, template, context, looks=looks, status=error.status)


def _sign_in(request: Request, error: SignInNeeded) -> Response:
    if is_stream(request):
        return Response(SIGNED_OUT, media_type="text/event-stream", headers={"cache-control": "no-store"})
    if request.headers.get("accept", "").startswith("application/json"):
        return JSONResponse(problem(error), 401, media_type=MEDIA)
    address = "/sign-in" + (f"?next={quote(error.following, safe='/')}" if error.following != "/" else "")
    if request.headers.get("hx-request") == "true":
        return Response(status_code=401, headers={"hx-redirect": address, "cache-control": "no-store"})
    return go(request, address)


def _titles() -> dict[int, str]:
    return {
        401: "Sign in",
        403: "You may not do this",
        404: "There is nothing here",
        409: "This cannot be done now",
        413: "This is too large",
        422: "Something in it is wrong",
        503: "Something is not reachable",
    }
