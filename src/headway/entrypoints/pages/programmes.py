"""Programmes: whose departments take in what is new, the mandate that says so, and the sponsor who signs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, identity
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, TableView, query_of, view_of
from headway.entrypoints.pages.umbrellas import cut
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import mandates
from headway.governance.mandates import Mandate, MandateState, Programme
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.listing import Found
from headway.kernel.money import Money
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
READ, MANAGE, SIGN = "programme:read", "programme:manage", "mandate:sign"
DSSE = "application/vnd.dsse.envelope.v1+json"
STATES: Mapping[MandateState, tuple[str, str, str]] = {
    MandateState.none: (N_("no mandate"), "bad", "circle-x"),
    MandateState.drafted: (N_("waits for the sponsor"), "warn", "clock"),
    MandateState.to_come: (N_("begins later"), "warn", "clock"),
    MandateState.in_force: (N_("in force"), "ok", "circle-check"),
    MandateState.ending: (N_("ends within 30 days"), "warn", "alert-triangle"),
    MandateState.lapsed: (N_("lapsed"), "bad", "history"),
    MandateState.withdrawn: (N_("withdrawn"), "bad", "circle-x"),
}
"""In words, and how a badge shows it."""


@router.get("/programmes")
def list_programmes(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """All programmes that somebody may see, those whose intake is closed on top."""
    found = _seen(viewer, tx)
    query = query_of(request, sort="title")
    items = cut(found, query)
    table = _table(request, viewer, Found(items=items, total=len(found), is_more=False, query=query))
    if exports.is_wanted(request):
        return exports.download(viewer, table, _cells(tx, found))
    return viewer.page(
        "programmes/list.html",
        title=viewer.gettext("Programmes"),
        table=table,
        states=STATES,
        closed=[one for one in found if one.closed],
        departments=govern.department_names(tx),
        people=names(tx, [one.sponsor for one in found]),
        amount=_amount,
        may_manage=viewer.may(MANAGE, Resource(kind="programme", id="new")),
    )


def _seen(viewer: Viewer, tx: Session) -> tuple[Programme, ...]:
    within = viewer.places(tx, READ)
    found = mandates.list_programmes(tx, within=within, sponsor=viewer.actor.ref)
    if within is not None and not within and not found:
        viewer.permit(READ, Resource(kind="programme", id="all"))
    return tuple(sorted(found, key=lambda one: (one.closed is None, one.title.casefold())))


def _table(request: Request, viewer: Viewer, found: Found[Programme]) -> TableView:
    said = viewer.gettext
    return view_of(
        request,
        found,
        name="programmes",
        caption=said("Programmes"),
        columns=(
            Column(name="title", label=said("Programme"), is_sortable=False),
            Column(name="state", label=said("Mandate"), is_sortable=False),
            Column(name="ends_on", label=said("Until"), kind="date", is_sortable=False),
            Column(name="sponsor", label=said("Sponsor"), is_sortable=False),
            Column(name="departments", label=said("Departments"), is_sortable=False),
            Column(name="budget", label=said("Budget"), kind="number", is_sortable=False),
            Column(name="people", label=said("People"), kind="number", is_sortable=False),
            Column(name="closed", label=said("Why intake is closed"), is_sortable=False, is_wide=True),
        ),
        is_searchable=False,
        empty={
            "title": said("No programme yet"),
            "text": said(
                "A programme joins departments under one sponsor, who signs a mandate: what for, with how much, with how many "
                "people, until when. While no mandate is in force its departments take nothing new in."
            ),
            **viewer.offer(MANAGE, "/programmes/new", said("Open a programme"), is_whole=True),
            "icon": "flag",
        },
    )


def _cells(tx: Session, rows: Sequence[Programme]) -> Iterator[Sequence[documents.Value]]:
    people, places = names(tx, [one.sponsor for one in rows]), govern.department_names(tx)
    for one in rows:
        mandate = one.mandate
        yield (
            one.title,
            one.state.value,
            one.ends_on,
            people[one.sponsor],
            ", ".join(places.get(place, place) for place in one.departments),
            str(_amount(mandate)) if mandate else None,
            mandate.people if mandate else None,
            one.closed,
        )


def _amount(mandate: Mandate) -> Money:
    return Money(mandate.budget_minor, mandate.currency)


# --- open and change ---------------------------------------------------------------------------------------------


@router.get("/programmes/new")
def show_new(viewer: CurrentViewer, tx: Tx) -> Response:
    """The form that opens a programme."""
    viewer.permit(MANAGE, Resource(kind="programme", id="new"))
    return _form_page(viewer, tx, Form(), None)


@router.post("/programmes/new")
def open_programme(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Open a programme."""
    viewer.permit(MANAGE, Resource(kind="programme", id="new"))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            made = mandates.open_programme(tx, viewer.actor, slug=form.text("slug"), **_said(viewer, tx, form))
    except HeadwayError as error:
        return _form_page(viewer, tx, form.take(error), None, status=error.status)
    return viewer.go(f"/programmes/{made.slug}", viewer.gettext("Opened. Now draft the mandate that the sponsor signs"))


@router.get("/programmes/{slug}/edit")
def show_edit(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The form that changes a programme."""
    viewer.permit(MANAGE, Resource(kind="programme", id=slug))
    found = mandates.get_programme(tx, slug)
    people = names(tx, [found.sponsor])
    told = {"title": found.title, "sponsor": people[found.sponsor], "departments": list(found.departments)}
    return _form_page(viewer, tx, Form.filled(told), found)


@router.post("/programmes/{slug}/edit")
def change(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Change a programme."""
    viewer.permit(MANAGE, Resource(kind="programme", id=slug))
    form, found = Form.of(data), mandates.get_programme(tx, slug)
    try:
        with tx.begin_nested():
            mandates.change_programme(tx, viewer.actor, slug, **_said(viewer, tx, form))
    except HeadwayError as error:
        return _form_page(viewer, tx, form.take(error), found, status=error.status)
    return viewer.go(f"/programmes/{slug}", viewer.gettext("Changed"))


def _said(viewer: Viewer, tx: Session, form: Form) -> dict[str, Any]:
    return {
        "title": form.text("title"),
        "sponsor": govern.person_meant(viewer, tx, form.text("sponsor")) or "",
        "departments": form.many("departments"),
    }


def _form_page(viewer: Viewer, tx: Session, form: Form, found: Programme | None, status: int = 200) -> Response:
    crumbs = [(viewer.gettext("Programmes"), "/programmes")]
    if found is not None:
        crumbs.append((found.title, f"/programmes/{found.slug}"))
    return viewer.page(
        "programmes/edit.html",
        status=status,
        title=viewer.gettext("Open a programme") if found is None else viewer.gettext("Change the programme"),
        crumbs=crumbs,
        form=form,
        found=found,
        departments=[(one.slug, one.name) for one in identity.list_departments(tx)],
        people=govern.people_names(viewer, tx),
    )


# --- one programme -----------------------------------------------------------------------------------------------


@router.get("/programmes/{slug}")
def show_programme(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A programme: whether its intake is open, the mandate, what waits for a signature, and what was signed before."""
    found = mandates.get_programme(tx, slug)
    if all(one.slug != slug for one in _seen(viewer, tx)):
        viewer.permit(READ, Resource(kind="programme", id=slug, attributes={"owner": found.sponsor}))
    return _page(viewer, tx, found, Form())


@router.post("/programmes/{slug}/draft")
def draft(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Draft a mandate; the sponsor is told."""
    viewer.permit(MANAGE, Resource(kind="programme", id=slug))
    form, found = Form.of(data), mandates.get_programme(tx, slug)
    try:
        with tx.begin_nested():
            mandates.draft_mandate(tx, viewer.actor, slug, **_wanted(viewer, form))
    except HeadwayError as error:
        if fault := next((one for one in error.faults if one.column == "budget_minor"), None):
            form.faults["budget"] = fault.message
        return _page(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go(f"/programmes/{slug}", viewer.gettext("Drafted; the sponsor is asked to sign"))


def _wanted(viewer: Viewer, form: Form) -> dict[str, Any]:
    """What was typed, of its kind; raises Invalid naming each field that is not."""
    faults: list[Fault] = []
    wanted: dict[str, Any] = {"purpose": form.text("purpose")}
    try:
        budget = Money.parse(form.text("budget"))
        wanted |= {"budget_minor": budget.minor, "currency": budget.currency}
    except Invalid:
        faults.append(Fault(rule="mandate.budget", column="budget", message=viewer.gettext("Write such as 250000 EUR")))
    try:
        wanted["people"] = float(form.text("people").replace(",", "."))
    except ValueError:
        faults.append(Fault(rule="mandate.people", column="people", message=viewer.gettext("Write a number, as 3.5")))
    for name in ("valid_from", "valid_until"):
        try:
            wanted[name] = date.fromisoformat(form.text(name))
        except ValueError:
            faults.append(Fault(rule=f"mandate.{name}", column=name, message=viewer.gettext("Choose a day")))
    if faults:
        raise Invalid("; ".join(one.message for one in faults), faults=faults)
    return wanted


@router.post("/mandates/{mandate_id}/sign")
def sign(mandate_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Sign what was read."""
    found, form = mandates.get_mandate(tx, mandate_id), Form.of(data)
    viewer.permit(SIGN, _to_sign(found))
    try:
        with tx.begin_nested():
            mandates.sign_mandate(tx, viewer.parts.signer, viewer.actor, mandate_id, digest=form.text("digest"))
    except HeadwayError as error:
        about = mandates.get_programme(tx, found.programme)
        return _page(viewer, tx, about, form.take(error), status=error.status)
    return viewer.go(f"/programmes/{found.programme}", viewer.gettext("Signed and sealed"))


@router.post("/mandates/{mandate_id}/withdraw")
def withdraw(mandate_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Withdraw a mandate, or take a draft back."""
    found, form = mandates.get_mandate(tx, mandate_id), Form.of(data)
    if found.sponsor != viewer.actor.ref:
        viewer.permit(MANAGE, Resource(kind="programme", id=found.programme))
    try:
        with tx.begin_nested():
            mandates.withdraw_mandate(tx, viewer.actor, mandate_id, form.text("reason"))
    except HeadwayError as error:
        about = mandates.get_programme(tx, found.programme)
        return _page(viewer, tx, about, form.take(error), status=error.status)
    return viewer.go(f"/programmes/{found.programme}", viewer.gettext("Withdrawn; the reason is kept"))


@router.get("/mandates/{mandate_id}/envelope")
def download(mandate_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """The signed envelope as a file, to be checked without this system."""
    found = mandates.get_mandate(tx, mandate_id)
    about = mandates.get_programme(tx, found.programme)
    if all(one.slug != about.slug for one in _seen(viewer, tx)):
        viewer.permit(READ, Resource(kind="programme", id=about.slug, attributes={"owner": about.sponsor}))
    headers = {"content-disposition": f'attachment; filename="{mandate_id}.dsse.json"', "cache-control": "no-store"}
    return Response(mandates.mandate_envelope(tx, mandate_id), media_type=DSSE, headers=headers)


def _to_sign(mandate: Mandate) -> Resource:
    asked = {"owner": mandate.sponsor, "requested_by": mandate.drafted_by}
    return Resource(kind="mandate", id=mandate.id, attributes=asked)


def _page(viewer: Viewer, tx: Session, found: Programme, form: Form, status: int = 200) -> Response:
    listed = mandates.list_mandates(tx, found.slug)
    said_by = [ref for one in listed for ref in (one.sponsor, one.drafted_by, one.signed_by, one.withdrawn_by)]
    may_manage = viewer.may(MANAGE, Resource(kind="programme", id=found.slug))
    is_sponsor, places = found.sponsor == viewer.actor.ref, govern.department_names(tx)
    return viewer.page(
        "programmes/show.html",
        status=status,
        title=found.title,
        crumbs=[(viewer.gettext("Programmes"), "/programmes")],
        found=found,
        form=form,
        states=STATES,
        mandates=listed,
        amount=_amount,
        today=clock.now().date(),
        placed=lambda slugs: ", ".join(places.get(one, one) for one in slugs),
        closed=f"{found.closed[0].upper()}{found.closed[1:]}" if found.closed else "",
        under=mandates.departments_under(tx, found),
        people=names(tx, [found.sponsor, found.opened_by, *said_by]),
        may={
            "manage": may_manage,
            "draft": may_manage and found.draft is None and not is_sponsor,
            "sign": found.draft is not None and viewer.may(SIGN, _to_sign(found.draft)),
            "withdraw": may_manage or is_sponsor,
        },
    )
