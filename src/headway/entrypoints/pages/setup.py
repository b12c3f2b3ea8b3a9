"""First start: the first person of the AI office, with the code that ``headway up`` printed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from headway import identity
from headway.entrypoints.pages import words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.render import render
from headway.entrypoints.pages.signin import device, signed_in
from headway.entrypoints.pages.viewer import OwnForm, looks_of
from headway.kernel.errors import HeadwayError
from headway.kernel.web import HereParts

router = APIRouter(include_in_schema=False)


@router.get("/setup")
def show_setup(request: Request) -> Response:
    """The page of the first person; the code stands behind the # of the address."""
    return _page(request, Form())


@router.post("/setup")
def set_up(request: Request, here: HereParts, data: OwnForm) -> Response:
    """Make the first person of the AI office and sign them in."""
    form = Form.of(data)
    password = str(data.get("password", ""))
    if password != str(data.get("again", "")):
        with words.speaking(looks_of(request).language):
            form.faults["again"] = words.gettext("The two passwords differ")
        return _page(request, form, status=422)
    where = device(request, here)
    try:
        with identity.attempt(here.database, source=where["source"]) as session:
            token = identity.set_up(
                session,
                code=form.text("code"),
                name=form.text("name"),
                email=form.text("email"),
                password=password,
                source=where["source"],
                agent=where["agent"],
                limits=where["limits"],
            )
    except HeadwayError as error:
        return _page(request, form.take(error), status=error.status)
    return signed_in(request, here, token, "/setup/organisation")


def _page(request: Request, form: Form, status: int = 200) -> Response:
    with words.speaking(looks_of(request).language):
        title = words.gettext("Set up Headway")
    return render(
        request, "setup/first_person.html", {"title": title, "form": form}, looks=looks_of(request), status=status
    )
