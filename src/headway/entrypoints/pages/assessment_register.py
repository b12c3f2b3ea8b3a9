"""The assessments of all use cases: which are due and why, where each stands, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.assessments import standings
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.governance import assessments
from headway.governance.assessments import NeedEntry
from headway.governance.assessments.routes import seen_within
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("standing", "department", "template", "seat", "assessor", "usecase")


@router.get("/assessments")
def show_all(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The list of all assessments, as far as somebody may read them."""
    within = seen_within(viewer.parts, tx, viewer.actor, viewer.permit)
    asked = query_of(request, sort="standing", filters=FILTERS, within=within)
    made = assessments.find_needs(tx, asked)
    found = replace(made.found, query=asked)
    view = _view(request, viewer, tx, found)
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda query: assessments.find_needs(tx, query).found)
        return exports.download(viewer, view, _cells(viewer, tx, rows))
    told = standings(viewer)
    return viewer.page(
        "assessments/list.html",
        title=viewer.gettext("Assessments"),
        table=view,
        told=told,
        may_seats=viewer.may_somewhere("policy:read"),
        counts=[(one, told[one], made.standings.get(one, 0)) for one in assessments.URGENCY],
        departments=govern.department_names(tx),
        people=names(tx, [ref for one in found.items for ref in (*one.assessors, one.signed_by)]),
    )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[NeedEntry]) -> TableView:
    said = viewer.gettext
    templates = assessments.list_templates(tx)
    heads = (
        ("usecase", said("Use case"), "text", False),
        ("department", said("Department"), "text", True),
        ("title", said("Assessment"), "text", False),
        ("seat", said("Seat"), "text", True),
        ("standing", said("State"), "text", False),
        ("since", said("Since"), "date", False),
        ("assessors", said("Who answers"), "text", False),
        ("why", said("Why"), "text", True),
    )
    seats = dict.fromkeys(one.seat for one in templates)
    return view_of(
        request,
        found,
        name="assessments",
        caption=said("Assessments of all use cases"),
        columns=[
            Column(name=name, label=label, kind=kind, is_wide=wide, is_sortable=name not in ("assessors", "why"))
            for name, label, kind, wide in heads
        ],
        filters=(
            Filter(
                name="standing",
                label=said("Due or begun"),
                choices=tuple((name, word) for name, (word, _) in standings(viewer).items()),
            ),
            Filter(
                name="department", label=said("All departments"), choices=tuple(govern.department_names(tx).items())
            ),
            Filter(
                name="template", label=said("Any assessment"), choices=tuple((one.id, one.title) for one in templates)
            ),
            Filter(name="seat", label=said("Any seat"), choices=tuple((one, one) for one in seats)),
            Filter(name="assessor", label=said("Anybody's"), choices=((viewer.actor.ref, said("Mine to answer")),)),
        ),
        empty={
            "title": said("Nothing is due"),
            "text": said("The rules of each assessment say which use cases need it; what nobody knows makes one due."),
            "icon": "circle-check",
            "href": "/usecases",
            "action": said("Use cases"),
        },
    )


def _cells(viewer: Viewer, tx: Session, rows: Iterable[NeedEntry]) -> list[tuple[documents.Value, ...]]:
    listed, told, places = list(rows), standings(viewer), govern.department_names(tx)
    people = names(tx, [ref for one in listed for ref in one.assessors])
    return [
        (
            one.usecase_title,
            places.get(one.department, one.department),
            one.title,
            one.seat,
            told[one.standing][0],
            one.since,
            ", ".join(people[ref] for ref in one.assessors),
            "; ".join((one.why, *one.why_outdated)),
        )
        for one in listed
    ]
