"""The risks of all use cases: what a year of each is expected to cost before and after treatment, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents
from headway.entrypoints.pages import exports, govern
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.risks import amount, harms, severities
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.governance import risks
from headway.governance.risks import RiskEntry
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("department", "tier", "owner", "usecase", "state", "harm", "overdue")
UNSORTED = ("tier", "currency", "harms")


@router.get("/risks")
def show_all(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """The list of all risks, as far as somebody may read them."""
    within = govern.need_somewhere(viewer, tx, "risk:read")
    asked = query_of(request, sort="residual", descending=True, filters=FILTERS, within=within)
    made = risks.find_risks(tx, asked)
    found = replace(made.found, query=asked)
    owners = risks.find_risks(tx, replace(asked, filters={}, search="", limit=1000, offset=0)).found.items
    view = _view(request, viewer, tx, found, {ref for one in owners for ref in one.owners})
    if exports.is_wanted(request):
        rows = exports.all_rows(found, lambda query: risks.find_risks(tx, query).found)
        return exports.download(viewer, view, _cells(viewer, tx, rows))
    return viewer.page(
        "risks/list.html",
        title=viewer.gettext("Risks"),
        table=view,
        totals=made.totals,
        overdue=made.overdue,
        harms=harms(viewer),
        severities=severities(viewer),
        tiers=govern.TIERS,
        departments=govern.department_names(tx),
        people=names(tx, [ref for one in found.items for ref in one.owners]),
        amount=lambda value, currency: amount(viewer, value, currency),
    )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[RiskEntry], owners: Iterable[str]) -> TableView:
    said = viewer.gettext
    heads = (
        ("title", said("Risk"), "text", False),
        ("usecase", said("Use case"), "text", False),
        ("department", said("Department"), "text", False),
        ("tier", said("Tier"), "text", True),
        ("currency", said("Currency"), "text", True),
        ("inherent", said("Inherent a year"), "number", False),
        ("residual", said("Residual a year"), "number", False),
        ("reduction", said("Taken off"), "number", True),
        ("harms", said("Other harms"), "text", True),
        ("treatments", said("To do"), "integer", False),
        ("overdue", said("Overdue"), "integer", False),
        ("next_due", said("Next due"), "text", False),
    )
    people = names(tx, owners)
    return view_of(
        request,
        found,
        name="risks",
        caption=said("Risks of all use cases"),
        columns=[
            Column(name=name, label=label, kind=kind, is_wide=wide, is_sortable=name not in UNSORTED)
            for name, label, kind, wide in heads
        ],
        filters=(
            Filter(name="state", label=said("Open"), choices=_states(viewer)),
            Filter(
                name="department", label=said("All departments"), choices=tuple(govern.department_names(tx).items())
            ),
            Filter(name="tier", label=said("Any tier"), choices=tuple((t, said(w)) for t, w in govern.TIERS.items())),
            Filter(name="harm", label=said("Any harm"), choices=tuple(harms(viewer).items())),
            Filter(
                name="owner", label=said("Anybody's to do"), choices=tuple(sorted(people.items(), key=lambda p: p[1]))
            ),
            Filter(name="overdue", label=said("Overdue or not"), choices=(("yes", said("a treatment is overdue")),)),
        ),
        empty={
            "title": said("No risk was written down yet"),
            "text": said("Risks are written down on the page of a use case, in ranges of events a year and of money."),
            "icon": "alert-triangle",
            "href": "/usecases",
            "action": said("Use cases"),
        },
    )


def _states(viewer: Viewer) -> tuple[tuple[str, str], ...]:
    said = viewer.gettext
    return (("closed", said("Closed")), ("retired", said("Of retired use cases")))


def _cells(viewer: Viewer, tx: Session, rows: Iterable[RiskEntry]) -> list[tuple[documents.Value, ...]]:
    told, grave, places = harms(viewer), severities(viewer), govern.department_names(tx)
    return [
        (
            one.title,
            one.usecase_title,
            places.get(one.department, one.department),
            viewer.gettext(govern.TIERS[one.tier]),
            one.currency,
            round(one.inherent, 2),
            round(one.residual, 2),
            round(one.reduction, 2),
            ", ".join(f"{told[harm]}: {grave[level]}" for harm, level in one.harms.items()),
            one.treatments,
            one.overdue,
            one.next_due.isoformat() if one.next_due else None,
        )
        for one in rows
    ]
