"""Shadow AI: tools that are in use without an entry, reported without blame, until each is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.forms import Form, upload
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.umbrellas import cut
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import GATEWAY_BYTES, Sighting, SightingState, UmbrellaState
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid, TooLarge
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
REPORT, READ, SETTLE, IMPORT = "sighting:report", "sighting:read", "sighting:settle", "sighting:import"
MOST_FAULTS = 20
STATES: Mapping[SightingState, tuple[str, str, str]] = {
    SightingState.open: (N_("waits"), "warn", "clock"),
    SightingState.entry: (N_("has an entry"), "ok", "circle-check"),
    SightingState.umbrella: (N_("under an umbrella"), "ok", "shield"),
    SightingState.joined: (N_("joined an entry"), "ok", "users"),
    SightingState.dismissed: (N_("dismissed"), "", "x"),
}


@router.get("/shadow")
def show_shadow(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The queue, as far as somebody may see it, their own reports, and a form to report."""
    govern.need_somewhere(viewer, tx, REPORT)
    if exports.is_wanted(request):
        within = govern.need_somewhere(viewer, tx, READ)
        table, rows = _queue(request, viewer, tx, within)
        places = govern.department_names(tx)
        return exports.download(viewer, table, [_cells(viewer, one, places) for one in rows])
    return _page(viewer, tx, Form.filled({}))


@router.post("/shadow")
def report(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Report a tool; nobody is blamed for it."""
    form = Form.of(data)
    places = govern.need_somewhere(viewer, tx, REPORT)
    viewer.permit(REPORT, Resource(kind="sighting", id="new", department=min(places) if places else None))
    try:
        with tx.begin_nested():
            governance.report_sighting(
                tx,
                viewer.actor,
                tool=form.text("tool")[:500],
                what_for=form.text("what_for")[:500],
                department=form.maybe("department"),
                unnamed=form.is_on("unnamed"),
            )
    except HeadwayError as error:
        return _page(viewer, tx, form.take(error), status=error.status)
    return viewer.go(
        "/shadow", viewer.gettext("Thank you. The AI office looks at it; you see below what becomes of it")
    )


@router.post("/shadow/import")
def read_log(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Read a gateway's log into the queue."""
    viewer.permit(IMPORT, Resource(kind="sighting", id="import"))
    form, file = Form.of(data), upload(data, "file")
    try:
        if file is None:
            raise Invalid(viewer.gettext("Choose a file first"))
        content = file.file.read(GATEWAY_BYTES + 1)
        if len(content) > GATEWAY_BYTES:
            raise TooLarge(viewer.gettext("The file is too large: at most %(count)s bytes", count=GATEWAY_BYTES))
        with tx.begin_nested():
            done = governance.import_gateway_log(tx, viewer.actor, filename=file.filename or "log", data=content)
    except HeadwayError as error:
        wrong = [f"{fault.column}: {fault.message}" for fault in error.faults[:MOST_FAULTS]]
        form.take(error)
        if wrong:
            form.faults["file"] = "; ".join(wrong)
        return _page(viewer, tx, form, status=error.status)
    told = viewer.gettext(
        "Read: %(lines)s lines, %(added)s new, %(updated)s seen again, %(known)s settled before",
        lines=done.lines,
        added=done.added,
        updated=done.updated + done.reopened,
        known=done.known,
    )
    return viewer.go("/shadow", told)


def _page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    places = viewer.places(tx, READ)
    may_read = places is None or bool(places)
    return viewer.page(
        "shadow/list.html",
        status=status,
        title=viewer.gettext("Shadow AI"),
        form=form,
        table=_queue(viewer.request, viewer, tx, places)[0] if may_read else None,
        own=governance.list_sightings(tx, reporter=viewer.actor.ref, names_for=viewer.actor.ref),
        states=STATES,
        departments=govern.department_names(tx),
        may_import=viewer.may(IMPORT, Resource(kind="sighting", id="import")),
    )


def _queue(
    request: Request, viewer: Viewer, tx: Session, within: frozenset[str] | None
) -> tuple[TableView, tuple[Sighting, ...]]:
    said = viewer.gettext
    query = query_of(request, sort="age", filters=("state", "department"), within=within)
    wanted = query.filters.get("state") or (SightingState.open.value,)
    everything = governance.list_sightings(tx, within=within, names_for=names_for(viewer))
    kept = [one for one in everything if _fits(one, wanted, query.filters.get("department", ()), query.search)]
    items = cut(kept, query)
    departments = [
        (slug, name) for slug, name in govern.department_names(tx).items() if within is None or slug in within
    ]
    table = view_of(
        request,
        Found(items=items, total=len(kept), is_more=False, query=query),
        name="sightings",
        caption=said("Tools that were seen"),
        columns=tuple(
            Column(name=name, label=label, kind=kind, is_sortable=False, is_wide=wide)
            for name, label, kind, wide in (
                ("tool", said("Tool"), "text", False),
                ("department", said("Department"), "text", False),
                ("state", said("State"), "text", False),
                ("age", said("Waiting, days"), "integer", False),
                ("uses", said("Uses"), "integer", True),
                ("users", said("Users at least"), "integer", True),
                ("last_seen", said("Last seen"), "date", True),
            )
        ),
        filters=(
            Filter(
                name="state",
                label=said("Waiting"),
                choices=tuple((state.value, said(word)) for state, (word, _, _) in STATES.items()),
            ),
            Filter(name="department", label=said("All departments"), choices=tuple(departments)),
        ),
        empty={
            "title": said("Nothing waits"),
            "text": said(
                "People report tools here that they use or see, and a gateway's log shows the others. Each becomes an entry, "
                "goes under an umbrella, joins an entry, or is dismissed with a reason. Nobody is blamed."
            ),
            "icon": "eye",
        },
    )
    return table, items


def _fits(one: Sighting, states: Sequence[str], departments: Sequence[str], search: str) -> bool:
    known = f"{one.tool} {one.host or ''}".casefold()
    return (
        one.state.value in states
        and (not departments or one.department in departments)
        and (not search or search.casefold() in known)
    )


def _cells(viewer: Viewer, one: Sighting, places: Mapping[str, str]) -> tuple[documents.Value, ...]:
    return (
        one.tool,
        places.get(one.department, one.department) if one.department else None,
        viewer.gettext(STATES[one.state][0]),
        one.age_days,
        one.uses,
        one.users,
        one.last_seen,
    )


# --- one tool ----------------------------------------------------------------------------------------------------


@router.get("/shadow/{sighting_id}")
def show_sighting(sighting_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """A tool that was seen, and what may become of it."""
    found = governance.get_sighting(tx, sighting_id, names_for=names_for(viewer))
    viewer.permit(READ, _about(found))
    return _one(viewer, tx, found, Form())


@router.post("/shadow/{sighting_id}/settle")
def settle(sighting_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say what becomes of it."""
    form, found = Form.of(data), governance.get_sighting(tx, sighting_id, names_for=names_for(viewer))
    viewer.permit(SETTLE, _about(found))
    outcome = form.text("outcome")
    try:
        if outcome not in ("entry", "umbrella", "joined", "dismissed"):
            raise Invalid(viewer.gettext("Choose what becomes of it"))
        with tx.begin_nested():
            governance.settle_sighting(
                tx,
                viewer.actor,
                sighting_id,
                outcome=outcome,  # type: ignore[arg-type]  # one of the four, as asked above
                usecase=form.maybe("usecase"),
                umbrella=form.maybe("umbrella"),
                reason=form.maybe("reason"),
            )
    except HeadwayError as error:
        return _one(viewer, tx, found, form.take(error), status=error.status)
    return viewer.go("/shadow", viewer.gettext("Settled: %(tool)s", tool=found.tool))


def _one(viewer: Viewer, tx: Session, found: Sighting, form: Form, status: int = 200) -> Response:
    umbrellas = [one for one in governance.list_umbrellas(tx) if one.state is UmbrellaState.in_force]
    titles = governance.usecase_titles(tx, {*found.entries, *([found.usecase] if found.usecase else [])})
    return viewer.page(
        "shadow/show.html",
        status=status,
        title=found.tool,
        crumbs=[(viewer.gettext("Shadow AI"), "/shadow")],
        found=found,
        form=form,
        state=STATES[found.state],
        umbrellas=[(one.id, one.title) for one in umbrellas],
        titles=titles,
        readable={slug for slug in titles if viewer.may_open(f"usecase:{slug}")},
        people=names(tx, [one.reporter for one in found.reports] + [found.settled_by]),
        departments=govern.department_names(tx),
        may_settle=found.state is SightingState.open and viewer.may(SETTLE, _about(found)),
    )


def _about(found: Sighting) -> Resource:
    return Resource(kind="sighting", id=found.id, department=found.department)


def names_for(viewer: Viewer) -> str:
    """Whose reports are shown with names: all to the AI office, their own to others."""
    return "*" if viewer.may_everywhere(SETTLE) else viewer.actor.ref
