"""One's own settings: profile, language, looks, password, devices; what is set for the organisation is linked from here."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import identity
from headway.entrypoints.pages import access_words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.signin import YEAR, device
from headway.entrypoints.pages.viewer import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, CurrentViewer, OwnForm, Viewer
from headway.entrypoints.pages.words import LANGUAGES
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.get("/settings")
def show_settings(viewer: CurrentViewer, tx: Tx) -> Response:
    """One's own settings."""
    return _page(viewer, tx, Form())


@router.post("/settings/looks")
def choose_looks(viewer: CurrentViewer, data: OwnForm) -> Response:
    """Keep language and theme for this browser."""
    form = Form.of(data)
    response = viewer.go("/settings", viewer.gettext("Saved for this browser"))
    is_secure = viewer.request.url.scheme == "https"
    if form.text("language") in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, form.text("language"), max_age=YEAR, samesite="lax", httponly=True, secure=is_secure
        )
    if form.text("theme") in THEMES:  # not httponly: the switch in the menu of a page writes it too
        response.set_cookie(THEME_COOKIE, form.text("theme"), max_age=YEAR, samesite="lax", secure=is_secure)
    return response


@router.post("/settings/password")
def change_password(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change one's own password; other sessions end."""
    form = Form.of(data)
    viewer.permit("password:change", Resource(kind="person", id="me", attributes={"owner": viewer.actor.ref}))
    old, new, again = (str(data.get(name, "")) for name in ("old_password", "new_password", "again"))
    if new != again:
        form.faults["again"] = viewer.gettext("The two passwords differ")
        return _page(viewer, tx, form, status=422)
    source = device(viewer.request, viewer.parts)["source"]
    try:
        with identity.attempt(viewer.parts.database, source=source, account=viewer.actor.ref) as session:
            identity.change_password(session, viewer.actor, old=old, new=new, keep=viewer.session_id)
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/settings", viewer.gettext("The password is changed; you are signed out everywhere else"))


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    person = identity.get_person(tx, Ref.parse(viewer.actor.ref).slug)
    looks = Form.filled({"language": viewer.looks.language, "theme": viewer.looks.theme})
    themes = (viewer.gettext("as the device has it"), viewer.gettext("light"), viewer.gettext("dark"))
    return viewer.page(
        "settings/settings.html",
        status=status,
        title=viewer.gettext("Settings"),
        person=person,
        form=form,
        looks_form=looks,
        themes=list(zip(THEMES, themes, strict=True)),
        tongues=list(LANGUAGES.items()),
        sessions=identity.list_sessions(tx, person.id),
        how=access_words.HOW,
        roles=access_words.ROLES,
        departments={one.slug: one.name for one in identity.list_departments(tx)},
        may_set_up=viewer.may_everywhere("department:manage"),
        may_organise=viewer.may("provider:read", Resource(kind="provider", id="any")),
    )
