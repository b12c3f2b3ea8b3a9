"""Changing, retiring and taking up a use case: forms that check each field as it is left."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import governance, portfolio, serving
from headway.entrypoints.pages import asked, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import UseCase
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.listing import ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FIELDS = (
    "title",
    "department",
    "purpose",
    "people_affected",
    "success_measure",
    "owner",
    "sponsor",
    "solution",
)
PEOPLE = ("owner", "sponsor")
UNNAMED = "use-case"


# --- fields ---------------------------------------------------------------------------------------------------------


@router.post("/usecases/check")
def check_field(request: Request, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """One field of the form as it should look after it was left: with what is wrong with it, if anything is."""
    govern.need_somewhere(viewer, tx, "usecase:read")
    form, name = Form.of(data), request.headers.get("hx-trigger-name", "")
    if name not in FIELDS:
        raise Invalid("this form has no such field")
    for fault in governance.usecase_faults(tx, UNNAMED, {one: form.maybe(one) for one in FIELDS}):
        if fault.column == name:
            form.faults[name] = fault.message
    status = 200  # the check was done, whatever it found: a refusal would only fill the browser's console
    return viewer.page("usecases/field.html", status=status, title="", form=form, name=name, **options(viewer, tx))


def said_in(viewer: Viewer, tx: Session, form: Form) -> dict[str, str | None]:
    """What the form says; people are named by reference where it is clear who is meant."""
    said: dict[str, str | None] = {name: form.maybe(name) for name in FIELDS}
    said |= {name: govern.person_meant(viewer, tx, said[name]) for name in PEOPLE}
    return {**said, "title": form.text("title"), "department": form.text("department")}


def options(viewer: Viewer, tx: Session, action: str = "usecase:update") -> dict[str, object]:
    return {
        "departments": govern.department_choices(viewer, tx, action),
        "solutions": govern.solution_choices(viewer),
        "people": govern.people_names(viewer, tx),
        "asked": asked.lines(viewer, tx, "usecase"),
    }


# --- change ------------------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/edit")
def show_edit(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The entry as a form."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:update", govern.about(case))
    people = names(tx, [case.owner, case.sponsor])
    told = {name: getattr(case, name) for name in FIELDS}
    told |= {name: people[told[name]] if told[name] else None for name in PEOPLE}
    return _edit_page(viewer, tx, case, Form.filled(told))


@router.post("/usecases/{slug}/edit")
def change(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change the entry; when the tier depends on what changed, it is decided anew."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("usecase:update", govern.about(case))
    viewer.permit("usecase:update", Resource(kind="usecase", id=slug, department=form.text("department") or None))
    try:
        with tx.begin_nested():
            said = said_in(viewer, tx, form)
            changes = {name: value for name, value in said.items() if value != getattr(case, name)}
            after = governance.update_usecase(tx, viewer.actor, slug, changes=changes) if changes else case
    except HeadwayError as error:
        return _edit_page(viewer, tx, case, form.take(error), status=error.status)
    if after.tier is not case.tier:
        return viewer.go(f"/usecases/{slug}/risk", viewer.gettext("Saved. The tier has to be looked at again"))
    return viewer.go(f"/usecases/{slug}", viewer.gettext("Saved"))


def _edit_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "usecases/edit.html",
        status=status,
        title=viewer.gettext("Edit"),
        crumbs=_crumbs(viewer, case),
        case=case,
        form=form,
        **options(viewer, tx),
    )


# --- retire and take up ------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/retire")
def show_retire(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Ask why a use case is given up."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:retire", govern.about(case))
    return _end_page(viewer, tx, case, Form(), retire=True)


@router.post("/usecases/{slug}/retire")
def retire(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Retire a use case; it stays in the inventory with the reason."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("usecase:retire", govern.about(case))
    try:
        with tx.begin_nested():
            portfolio.retire_usecase(tx, viewer.actor, slug, form.text("reason"))
    except HeadwayError as error:
        return _end_page(viewer, tx, case, form.take(error), retire=True, status=error.status)
    return viewer.go(f"/usecases/{slug}", viewer.gettext("Retired; nothing new is released for it"))


@router.get("/usecases/{slug}/reopen")
def show_reopen(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Ask why a retired use case is taken up again."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:retire", govern.about(case))
    return _end_page(viewer, tx, case, Form(), retire=False)


@router.post("/usecases/{slug}/reopen")
def reopen(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Take a retired use case up again."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("usecase:retire", govern.about(case))
    try:
        with tx.begin_nested():
            governance.reopen_usecase(tx, viewer.actor, slug, form.text("reason"))
    except HeadwayError as error:
        return _end_page(viewer, tx, case, form.take(error), retire=False, status=error.status)
    return viewer.go(f"/usecases/{slug}", viewer.gettext("Taken up again"))


def _end_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, *, retire: bool, status: int = 200) -> Response:
    working: Mapping[str, tuple[str, ...]] = {"usecase": (case.slug,), "state": ("active", "suspended")}
    return viewer.page(
        "usecases/end.html",
        status=status,
        title=viewer.gettext("Retire the use case") if retire else viewer.gettext("Take the use case up again"),
        crumbs=_crumbs(viewer, case),
        case=case,
        form=form,
        retire=retire,
        deployments=serving.find_deployments(tx, ListQuery(filters=working)).items if retire else (),
    )


def _crumbs(viewer: Viewer, case: UseCase) -> list[tuple[str, str]]:
    return [(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")]
