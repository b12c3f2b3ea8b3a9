"""The pages of a simulated company alone: be somebody else with one click, or take the company away and start your own.

They are mounted where the home was filled with one; in every other home these addresses do not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import identity
from headway.entrypoints.company import wiping, wishes
from headway.entrypoints.pages.access_words import ROLES
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.render import go
from headway.entrypoints.pages.signin import device, local, signed_in
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.identity import Role
from headway.kernel.errors import HeadwayError, NotFound
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.web import HereParts, Tx

router = APIRouter(include_in_schema=False)
SWITCHED = "company"
"""How a session was opened that somebody took over in a simulated company."""


@router.get("/company/people")
def show_people(viewer: CurrentViewer, tx: Tx, back: str = "/") -> Response:
    """Everybody of the company, each with a button to be them; as a part of a page the list alone."""
    template = "company/_people.html" if viewer.is_fragment else "company/people.html"
    title = viewer.gettext("Be somebody else")
    return viewer.page(template, title=title, people=_people(viewer, tx), back=local(back))


@router.post("/company/people")
def switch(viewer: CurrentViewer, tx: Tx, here: HereParts, data: OwnForm) -> Response:
    """Go on as somebody else of the company; the ledger says who took whose place."""
    form = Form.of(data)
    person = identity.get_person(tx, form.text("person"))
    if not person.is_active:
        raise NotFound(f"{person.name} is no longer here")
    where = device(viewer.request, here)
    token = identity.open_session(tx, person, how=SWITCHED, made_by=viewer.actor.ref, **where)
    return signed_in(viewer.request, here, token, local(form.text("back") or "/"))


@router.get("/company/wipe")
def show_wipe(viewer: CurrentViewer, here: HereParts) -> Response:
    """What goes and what comes when the company is taken away, and the field to confirm it in."""
    return _wipe_page(viewer, Form(), here.company)


@router.post("/company/wipe")
def wipe(viewer: CurrentViewer, here: HereParts, data: OwnForm) -> Response:
    """Ask the platform to stop, empty its home and start again; the page waits for the new one."""
    form = Form.of(data)
    try:
        wiping.check_name(here.settings, form.text("name"))
        code = wishes.ask(here.settings.home, identity.new_code())
    except HeadwayError as error:
        return _wipe_page(viewer, form.take(error), here.company, status=error.status)
    if code is None:
        return go(viewer.request, "/")
    return viewer.page("company/wiping.html", title=viewer.gettext("Starting your own"), following=f"/setup#{code}")


def _wipe_page(viewer: Viewer, form: Form, company: str | None, status: int = 200) -> Response:
    title = viewer.gettext("Start your own")
    return viewer.page("company/wipe.html", title=title, form=form, company=company, status=status)


def _people(viewer: Viewer, tx: Session) -> list[Mapping[str, Any]]:
    """The company's people with their roles in words, in the order of the roles."""
    listed = [
        one for one in identity.find_people(tx, ListQuery(limit=LARGEST_PAGE)).items if one.is_active and one.email
    ]
    held = identity.held_by(tx, [one.ref for one in listed])
    order = list(Role)
    found = []
    for person in listed:
        roles = sorted({one.role for one in held.get(person.ref, ())}, key=order.index)
        words = ", ".join(viewer.gettext(ROLES[role][0]) for role in roles)
        found.append((order.index(roles[0]) if roles else len(order), person.name, {"person": person, "roles": words}))
    return [one for *_, one in sorted(found, key=lambda each: each[:2])]
