"""Umbrellas: patterns of low risk that people register under instead of opening a use case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import LONGEST_UMBRELLA, Registration, Umbrella, UmbrellaState, UseCase
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.listing import Found, ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
T = TypeVar("T")
READ, OPEN = "usecase:read", "usecase:open"
STATES: Mapping[UmbrellaState, tuple[str, str, str]] = {
    UmbrellaState.asked: (N_("waits for a second person"), "warn", "clock"),
    UmbrellaState.in_force: (N_("in force"), "ok", "circle-check"),
    UmbrellaState.above_tier: (N_("tier above what it allows"), "bad", "alert-triangle"),
    UmbrellaState.expired: (N_("expired"), "", "calendar-due"),
    UmbrellaState.ended: (N_("ended"), "", "archive"),
}
"""In words, and how a badge shows it."""


@router.get("/umbrellas")
def list_umbrellas(viewer: CurrentViewer, tx: Tx) -> Response:
    """All umbrellas; they are for the whole organisation."""
    within = govern.need_somewhere(viewer, tx, READ)
    found = governance.list_umbrellas(tx)
    return viewer.page(
        "umbrellas/list.html",
        title=viewer.gettext("Umbrellas"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases")],
        found=found,
        states=STATES,
        departments=govern.department_names(tx),
        readable={one.usecase for one in found if within is None or one.department in within},
    )


@router.get("/umbrellas/{umbrella_id}")
def show_umbrella(umbrella_id: str, request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """One umbrella: its conditions, who registered, and one field to register."""
    govern.need_somewhere(viewer, tx, READ)
    found = governance.get_umbrella(tx, umbrella_id)
    table, rows = _register(request, viewer, tx, found)
    if exports.is_wanted(request):
        people, places = names(tx, [one.person for one in rows]), govern.department_names(tx)
        cells = [
            (places.get(one.department, one.department), people[one.person], one.what_for, one.registered_at)
            for one in rows
        ]
        return exports.download(viewer, table, cells)
    told = {"what_for": request.query_params.get("for", "")[:500] or None}
    return _page(viewer, tx, found, Form.filled(told))


@router.post("/umbrellas/{umbrella_id}/register")
def register(umbrella_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Register under an umbrella."""
    form, found = Form.of(data), governance.get_umbrella(tx, umbrella_id)
    department = form.text("department")
    viewer.permit(OPEN, Resource(kind="usecase", id=umbrella_id, department=department or None))
    try:
        with tx.begin_nested():
            governance.register_use(
                tx, viewer.actor, umbrella_id, department=department, what_for=form.text("what_for")
            )
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/umbrellas/{umbrella_id}", viewer.gettext("Registered; keep to the conditions"))


@router.post("/umbrellas/{umbrella_id}/approve")
def approve(umbrella_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Put an umbrella in force."""
    found = governance.get_umbrella(tx, umbrella_id)
    viewer.permit("umbrella:approve", _about(found))
    try:
        with tx.begin_nested():
            governance.approve_umbrella(tx, viewer.actor, umbrella_id)
    except HeadwayError as error:
        return _page(viewer, tx, found, Form.of(data).take(error), status=error.status)
    return viewer.go(f"/umbrellas/{umbrella_id}", viewer.gettext("In force: people can register"))


@router.post("/umbrellas/{umbrella_id}/end")
def end(umbrella_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """End an umbrella, or turn it down."""
    form, found = Form.of(data), governance.get_umbrella(tx, umbrella_id)
    viewer.permit("usecase:update", Resource(kind="usecase", id=found.usecase, department=found.department))
    try:
        with tx.begin_nested():
            governance.end_umbrella(tx, viewer.actor, umbrella_id, reason=form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/umbrellas/{umbrella_id}", viewer.gettext("Ended; what was registered under it has lapsed"))


def _page(viewer: Viewer, tx: Session, found: Umbrella, form: Form, status: int = 200) -> Response:
    entry = Resource(kind="usecase", id=found.usecase, department=found.department)
    table, rows = _register(viewer.request, viewer, tx, found)
    return viewer.page(
        "umbrellas/show.html",
        status=status,
        title=found.title,
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (viewer.gettext("Umbrellas"), "/umbrellas")],
        found=found,
        form=form,
        state=STATES[found.state],
        table=table,
        people=names(tx, [one.person for one in rows] + [found.asked_by, found.approved_by, found.ended_by]),
        departments=govern.department_names(tx),
        places=govern.department_choices(viewer, tx, OPEN),
        may={
            "read": viewer.may(READ, entry),
            "approve": found.state is UmbrellaState.asked and viewer.may("umbrella:approve", _about(found)),
            "end": found.ended_at is None and viewer.may("usecase:update", entry),
            "register": found.state is UmbrellaState.in_force and viewer.may_somewhere(OPEN),
        },
    )


def _register(
    request: Request, viewer: Viewer, tx: Session, found: Umbrella
) -> tuple[TableView, tuple[Registration, ...]]:
    """The register as far as somebody may see it; all are counted."""
    within, said = viewer.places(tx, READ), viewer.gettext
    everyone = governance.list_registrations(tx, found.id, within=within)
    query = query_of(request, sort="registered_at", within=within)
    items = cut(everyone, query)
    table = view_of(
        request,
        Found(items=items, total=len(everyone), is_more=False, query=query),
        name="registrations",
        caption=said("Registered"),
        columns=(
            Column(name="department", label=said("Department"), is_sortable=False),
            Column(name="person", label=said("Person"), is_sortable=False),
            Column(name="what_for", label=said("What for"), is_sortable=False),
            Column(name="registered_at", label=said("Registered"), kind="date", is_sortable=False),
        ),
        is_searchable=False,
        empty={
            "title": said("Nobody registered yet"),
            "text": said("Whoever does what it describes, under its conditions, registers in one step."),
            "icon": "users",
        },
    )
    return table, items


def cut(rows: Sequence[T], query: ListQuery) -> tuple[T, ...]:
    """The page of rows that was asked for."""
    return tuple(rows[query.offset : query.offset + query.limit])


def _about(found: Umbrella) -> Resource:
    asked = {"requested_by": found.asked_by}
    return Resource(kind="umbrella", id=found.id, department=found.department, attributes=asked)


# --- asking for one ----------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/umbrella")
def show_ask(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Ask for which pattern a use case stands."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:update", govern.about(case))
    told = {
        "valid_until": _last().isoformat(),
        "tier": case.tier.value if case.tier.value == "transparency" else "minimal",
    }
    return _ask_page(viewer, case, Form.filled(told))


@router.post("/usecases/{slug}/umbrella")
def ask(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask for an umbrella; a second person approves it."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    viewer.permit("usecase:update", govern.about(case))
    try:
        with tx.begin_nested():
            made = governance.ask_umbrella(
                tx,
                viewer.actor,
                slug,
                conditions=form.text("conditions"),
                tier="transparency" if form.text("tier") == "transparency" else "minimal",
                valid_until=_day(viewer, form),
            )
    except HeadwayError as error:
        return _ask_page(viewer, case, form.take(error), status=error.status)
    return viewer.go(f"/umbrellas/{made.id}", viewer.gettext("Asked for; a second person approves it"))


def _day(viewer: Viewer, form: Form) -> date:
    try:
        return date.fromisoformat(form.text("valid_until"))
    except ValueError as error:
        form.faults["valid_until"] = viewer.gettext("Choose a day")
        raise Invalid(viewer.gettext("Choose a day")) from error


def _last() -> date:
    return clock.now().date() + timedelta(days=LONGEST_UMBRELLA)


def _ask_page(viewer: Viewer, case: UseCase, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "umbrellas/ask.html",
        status=status,
        title=viewer.gettext("Make it an umbrella"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        case=case,
        form=form,
        last=_last(),
    )
