"""Decision rights: the matrix in force with its rules, who holds which step where, and older versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, identity
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.access_words import ROLES
from headway.entrypoints.pages.council import seat_words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import Names, names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import mandates
from headway.governance.mandates import DecisionRights, StepHeld
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
READ, ADOPT, CONFIRM = "rights:read", "rights:adopt", "rights:confirm"
NEW = Resource(kind="rights", id="new")
DSSE = "application/vnd.dsse.envelope.v1+json"
STAGES: Mapping[str, str] = {
    "intake": N_("Intake"),
    "pattern": N_("Approved pattern"),
    "pilot": N_("Release to pilot"),
    "production": N_("Release to production"),
    "scaling": N_("Scaling"),
    "retirement": N_("Retirement"),
    "waiver": N_("Waiver"),
    "emergency": N_("Breaking the glass"),
    "incident": N_("Incident"),
    "allocation": N_("Means"),
    "appetite": N_("Risk appetite"),
}
LANES: Mapping[str, str] = {
    "every": N_("every lane"),
    "reviewer": N_("one other person decides"),
    "council": N_("the council decides"),
}
STEPS: Mapping[str, str] = {
    "proposes": N_("Proposes"),
    "reviews": N_("Reviews"),
    "decides": N_("Decides"),
    "told": N_("Is told"),
}
WEAK: Mapping[str, tuple[str, str]] = {
    "nobody": (N_("nobody"), "bad"),
    "one_person": (N_("one person alone"), "warn"),
    "same_person": (N_("proposes and decides alone"), "warn"),
}
STATES: Mapping[str, tuple[str, str, str]] = {
    "waiting": (N_("waits for a sponsor"), "warn", "clock"),
    "in_force": (N_("in force"), "ok", "circle-check"),
    "superseded": (N_("superseded"), "", "history"),
}


@router.get("/decision-rights")
def show_rights(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The matrix in force and who holds each step: in one department, or every weak step of all that one may see."""
    within = govern.need_somewhere(viewer, tx, READ)
    view, people = holders(request, viewer, tx, within)
    if exports.is_wanted(request):
        return exports.download(viewer, view, _cells(viewer, view.rows, people))
    return _page(viewer, tx, Form())


@router.post("/decision-rights/{version}/confirm")
def confirm(version: int, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Put a version in force."""
    viewer.permit(CONFIRM, to_confirm(viewer, mandates.get_rights(tx, version)))
    form = Form.of(data)
    try:
        with tx.begin_nested():
            mandates.confirm_rights(tx, viewer.parts.signer, viewer.actor, version, digest=form.text("digest"))
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(
        "/decision-rights", viewer.gettext("In force and signed: the permission rules narrow by it at once")
    )


@router.get("/decision-rights/{version}")
def show_version(version: int, viewer: CurrentViewer, tx: Tx) -> Response:
    """A version as it was adopted, with the rules that it compiles to."""
    govern.need_somewhere(viewer, tx, READ)
    found = mandates.get_rights(tx, version)
    return viewer.page(
        "rights/version.html",
        title=viewer.gettext("Decision rights, version %(number)s", number=version),
        crumbs=[(viewer.gettext("Decision rights"), "/decision-rights")],
        found=found,
        states=STATES,
        people=names(tx, [found.adopted_by, found.confirmed_by]),
        matrix=matrix(viewer, found.rows),
    )


@router.get("/decision-rights/{version}/envelope")
def save_envelope(version: int, viewer: CurrentViewer, tx: Tx) -> Response:
    """A confirmed version as a signed envelope."""
    govern.need_somewhere(viewer, tx, READ)
    headers = {"content-disposition": f'attachment; filename="decision-rights-{version}.dsse.json"'}
    return Response(mandates.rights_envelope(tx, version), media_type=DSSE, headers=headers)


def to_confirm(viewer: Viewer, found: DecisionRights) -> Resource:
    """What the rules are asked about when a version is confirmed."""
    places = [grant.department for grant in viewer.actor.roles if grant.role == identity.Role.sponsor]
    place = None if None in places else min((one for one in places if one), default=None)
    asked = {"requested_by": found.adopted_by}
    return Resource(kind="rights", id=str(found.version), department=place, attributes=asked)


def matrix(viewer: Viewer, rows: Sequence[mandates.RightsRow]) -> list[tuple[str, str, list[str]]]:
    """Rows in words: stage, lane, and who is named for each step."""
    order, said = list(mandates.STAGES), viewer.gettext
    told = sorted(rows, key=lambda row: (order.index(row.stage) if row.stage in order else len(order), row.lane))
    return [
        (
            said(STAGES[row.stage]) if row.stage in STAGES else row.stage,
            said(LANES[row.lane]) if row.lane in LANES else row.lane,
            [", ".join(holder(viewer, one) for one in row.named(step)) for step in mandates.STEPS],
        )
        for row in told
    ]


def holder(viewer: Viewer, one: str) -> str:
    """A role or seat in words."""
    if one == mandates.NOBODY:
        return viewer.gettext("nobody")
    if one.startswith(mandates.SEAT):
        seat = one.removeprefix(mandates.SEAT)
        return viewer.gettext("seat: %(seat)s", seat=seat_words(viewer).get(seat, seat))
    return viewer.gettext(ROLES[identity.Role(one)][0]) if one in tuple(identity.Role) else one


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    versions, counting = mandates.list_rights(tx), mandates.rights_in_force(tx)
    waiting = next((one for one in versions[:1] if one.state == "waiting"), None)
    within = viewer.places(tx, READ)
    view, people = holders(viewer.request, viewer, tx, within)
    return viewer.page(
        "rights/show.html",
        status=status,
        title=viewer.gettext("Decision rights"),
        form=form,
        table=view,
        counting=counting,
        waiting=waiting,
        matrix=matrix(viewer, counting.rows) if counting else [],
        proposed=matrix(viewer, waiting.rows) if waiting else [],
        versions=versions,
        states=STATES,
        stages=STAGES,
        lanes=LANES,
        steps=STEPS,
        weak=WEAK,
        holder=lambda one: holder(viewer, one),
        people=names(tx, [ref for one in versions for ref in (one.adopted_by, one.confirmed_by)]),
        holders=people,
        departments=govern.department_names(tx),
        may={
            "adopt": viewer.may(ADOPT, NEW),
            "confirm": waiting is not None and viewer.may(CONFIRM, to_confirm(viewer, waiting)),
        },
    )


def holders(request: Request, viewer: Viewer, tx: Session, within: frozenset[str] | None) -> tuple[TableView, Names]:
    """Who holds each step in the department that was chosen; else what is weak in any of them."""
    said, query = viewer.gettext, query_of(request, sort="stage", filters=("department",))
    chosen = set(query.filters.get("department", ()))
    places = chosen if within is None else chosen & within
    found = mandates.who_holds(tx, places if chosen else within)
    kept = [one for one in found if chosen or (one.weaknesses and one.is_named)]
    shown = kept[query.offset : query.offset + query.limit]
    choices = [(slug, name) for slug, name in govern.department_names(tx).items() if within is None or slug in within]
    view = view_of(
        request,
        Found(items=tuple(shown), total=len(kept), is_more=False, query=query),
        name="holders",
        caption=said("Who holds which step"),
        columns=tuple(
            Column(name=name, label=label, is_sortable=False)
            for name, label in (
                ("department", said("Department")),
                ("stage", said("Stage")),
                ("step", said("Step")),
                ("named", said("Named")),
                ("people", said("People")),
                ("weak", said("Weak")),
            )
        ),
        filters=(Filter(name="department", label=said("Department"), choices=tuple(choices)),),
        is_searchable=False,
        empty={
            "title": said("No step is weak"),
            "text": said("Choose a department to see who holds each step there."),
            "icon": "users",
        },
    )
    return view, names(tx, [ref for one in shown for ref in one.people])


def _cells(viewer: Viewer, rows: Sequence[StepHeld], people: Names) -> Iterator[Sequence[documents.Value]]:
    for one in rows:
        lane = "" if one.lane == mandates.EVERY else f", {viewer.gettext(LANES[one.lane])}"
        yield (
            one.department,
            viewer.gettext(STAGES[one.stage]) + lane,
            viewer.gettext(STEPS[one.step]),
            ", ".join(holder(viewer, held.holder) for held in one.held) or viewer.gettext("nobody"),
            ", ".join(people[ref] for ref in one.people),
            ", ".join(viewer.gettext(WEAK[weak][0]) for weak in one.weaknesses),
        )
