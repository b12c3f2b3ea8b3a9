"""Proposing a use case: few fields to type, what is known filled in, and what is there already shown before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, portfolio
from headway.entrypoints.pages import govern
from headway.entrypoints.pages.allocations import asked_in
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.imports import told_value
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase_forms import UNNAMED, options, said_in
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import Alike, Proposal, Sighting, TwinSuspected, UseCase
from headway.kernel import ids
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.web import Tx
from headway.portfolio import Known

router = APIRouter(include_in_schema=False)
TYPED = ("title", "department", "solution", "purpose", "people_affected", "success_measure", "sponsor", "different")
"""All that somebody may have to type; what else an entry holds is known."""
MEANS = ("budget", "value", "people", "compute_hours", "reason")
"""Typed only by who knows already what it takes; any of them makes a request for means of the proposal."""
OPEN = "usecase:open"
LEAST_TITLE = 4
WORDS: Mapping[str, str] = {
    "owner": N_("Owner"),
    "department": N_("Department"),
    "purpose": N_("Purpose"),
    "success_measure": N_("Success measure"),
}
SOURCES: Mapping[str, str] = {
    "proposer": N_("you, since you propose it"),
    "role": N_("from your role"),
    "solution": N_("from the solution"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that is known, in words."""

    label: str
    value: str
    source: str


@router.get("/usecases/new")
def show_new(viewer: CurrentViewer, tx: Tx, solution: str = "", sighting: str = "") -> Response:
    """The form to propose a use case; for a tool that was seen, with what is known of it."""
    govern.need_somewhere(viewer, tx, OPEN)
    places = govern.department_choices(viewer, tx, OPEN)
    told: dict[str, object] = {"department": places[0][0] if len(places) == 1 else None, "solution": solution or None}
    told["months"] = 12
    seen = _sighting(viewer, tx, sighting)
    if seen is not None:
        said = seen.reports[-1].what_for if seen.reports else None
        known = {"title": seen.tool, "purpose": said, "department": seen.department, "sighting": seen.id}
        told |= {name: value for name, value in known.items() if value is not None}
    return _page(viewer, tx, Form.filled(told))


@router.post("/usecases/new")
def propose(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Write the use case into the inventory, unless one very like it is there and nobody said why this is another."""
    form = Form.of(data)
    department = form.text("department")
    viewer.permit(OPEN, Resource(kind="usecase", id="new", department=department or None))
    try:
        with tx.begin_nested():
            made = _made(viewer, tx, form, department)
    except TwinSuspected as error:
        form.failure = viewer.gettext("One very like this is there: join it, or say in one line why yours is different")
        return _page(viewer, tx, form, status=error.status)
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(f"/usecases/{made.slug}", viewer.gettext("Proposed. Next: what the law asks of it"))


def _made(viewer: Viewer, tx: Session, form: Form, department: str) -> UseCase:
    said = said_in(viewer, tx, form)
    known = {one.field: one.value for one in _known(viewer, form.maybe("solution"))}
    for name in ("owner", "purpose", "success_measure"):
        value = known.get(name)
        said[name] = said[name] or (str(value) if value is not None else None)
    risk = {name.removeprefix("risk."): value for name, value in known.items() if name.startswith("risk.")}
    slug = _free_name(tx, form.text("title"), department)
    rest: dict[str, Any] = {**said, "risk": risk, "different": form.maybe("different")}
    made = governance.propose_usecase(tx, viewer.actor, slug=slug, **rest)
    if any(form.text(name) for name in MEANS):
        viewer.permit("resources:request", govern.about(made))
        portfolio.request_resources(tx, viewer.actor, made.slug, asked_in(form))
    if seen := _sighting(viewer, tx, form.text("sighting")):
        governance.settle_sighting(tx, viewer.actor, seen.id, outcome="entry", usecase=made.slug)
    return made


def _sighting(viewer: Viewer, tx: Session, sighting_id: str) -> Sighting | None:
    """The tool that a proposal is for, for whoever may settle it."""
    if not sighting_id:
        return None
    found = governance.get_sighting(tx, sighting_id)
    viewer.permit("sighting:settle", Resource(kind="sighting", id=found.id, department=found.department))
    return found


# --- what is known, and what is like it --------------------------------------------------------------------------


@router.get("/usecases/known")
def show_known(viewer: CurrentViewer, tx: Tx, solution: str = "") -> Response:
    """What the platform fills in, with its source."""
    govern.need_somewhere(viewer, tx, OPEN)
    return viewer.page("usecases/known.html", title="", known=_lines(viewer, tx, _known(viewer, solution or None)))


@router.get("/usecases/similar")
def show_similar(viewer: CurrentViewer, tx: Tx) -> Response:
    """Entries like what somebody types, and why: perhaps somebody proposed it already."""
    within = govern.need_somewhere(viewer, tx, "usecase:read")
    form = Form.filled(dict(viewer.request.query_params))
    return viewer.page("usecases/similar.html", title="", form=form, **_similar(viewer, tx, form, within))


def _similar(viewer: Viewer, tx: Session, form: Form, within: frozenset[str] | None) -> dict[str, Any]:
    found: Sequence[Alike] = ()
    title = form.text("title")
    if len(title) >= LEAST_TITLE:
        known = {one.field: one.value for one in _known(viewer, form.maybe("solution"))}
        purpose = form.maybe("purpose") or str(known.get("purpose") or "")
        proposal = Proposal(
            title=title[:500],
            purpose=purpose[:2000] or None,
            department=form.maybe("department"),
            solution=form.maybe("solution"),
        )
        found = governance.find_similar(tx, proposal, within=within)
    return {
        "alike": found,
        "departments": govern.department_names(tx),
        "readable": {one.slug for one in found if within is None or one.department in within},
        "may_join": viewer.may_somewhere(OPEN),
        "for": form.maybe("purpose") or "",
    }


def _known(viewer: Viewer, solution: str | None) -> tuple[Known, ...]:
    return portfolio.known_at_intake(viewer.actor, portfolio.shelf(viewer.parts.settings.solutions), solution=solution)


def _lines(viewer: Viewer, tx: Session, known: Iterable[Known]) -> list[Line]:
    shown = list(known)
    people = names(tx, [str(one.value) for one in shown if one.field == "owner"])
    departments = govern.department_names(tx)
    lines = []
    for one in shown:
        value = told_value(one.value)
        if one.field == "owner":
            value = people[value]
        elif one.field == "department":
            value = departments.get(value, value)
        label = one.field.removeprefix("risk.").replace("_", " ")
        lines.append(
            Line(
                label=viewer.gettext(WORDS[one.field]) if one.field in WORDS else label,
                value=value,
                source=viewer.gettext(SOURCES[one.source]),
            )
        )
    return lines


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    within = viewer.places(tx, "usecase:read")
    return viewer.page(
        "usecases/new.html",
        status=status,
        title=viewer.gettext("Propose a use case"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases")],
        form=form,
        known=_lines(viewer, tx, _known(viewer, form.maybe("solution"))),
        **{**_similar(viewer, tx, form, within), **options(viewer, tx, OPEN)},
        places=govern.department_names(tx),
        may_ask=viewer.may_somewhere("resources:request"),
    )


def _free_name(tx: Session, title: str, department: str) -> str:
    """A name of letters for a title; with its department when another use case has the name."""
    try:
        name = ids.slug(title)[:80].strip("-")
    except Invalid:
        return UNNAMED if not title else ids.slug(f"{UNNAMED} {department}")
    taken = governance.usecase_departments(tx)
    choices = (name, f"{name}-{department}", *(f"{name}-{department}-{number}" for number in range(2, 100)))
    return next((one for one in choices if one not in taken), name)


# --- join --------------------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/join")
def show_join(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Ask what somebody wants an entry for that is there."""
    govern.need_somewhere(viewer, tx, OPEN)
    places = govern.department_choices(viewer, tx, OPEN)
    told = {"department": places[0][0] if len(places) == 1 else None}
    told["what_for"] = viewer.request.query_params.get("for", "")[:500] or None
    return _join_page(viewer, tx, governance.get_usecase(tx, slug), Form.filled(told))


@router.post("/usecases/{slug}/join")
def join(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Register somebody as a user of an entry; its owner is told."""
    form, case = Form.of(data), governance.get_usecase(tx, slug)
    department = form.text("department")
    viewer.permit(OPEN, Resource(kind="usecase", id=slug, department=department or None))
    try:
        with tx.begin_nested():
            what_for = form.text("what_for")
            governance.join_usecase(tx, viewer.actor, slug, department=department, what_for=what_for)
    except HeadwayError as error:
        return _join_page(viewer, tx, case, form.take(error), status=error.status)
    to = f"/usecases/{slug}" if viewer.may("usecase:read", govern.about(case)) else "/usecases"
    return viewer.go(to, viewer.gettext("You joined %(title)s; its owner is told", title=case.title))


def _join_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "usecases/join.html",
        status=status,
        title=viewer.gettext("Join %(title)s", title=case.title),
        crumbs=[(viewer.gettext("Use cases"), "/usecases")],
        case=case,
        form=form,
        places=govern.department_choices(viewer, tx, OPEN),
        departments=govern.department_names(tx),
    )
