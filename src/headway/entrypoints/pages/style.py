"""The style page: every component and every chart once, for whoever builds pages, and for the eye that compares them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from headway import documents
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.tables import Column, Filter, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer
from headway.kernel import clock
from headway.kernel.listing import Found

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    text: str
    icon: str = "point"
    actor: str = ""
    at: object = None
    href: str = ""
    reason: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lane:
    id: str
    title: str
    cards: tuple[_Card, ...]
    total: int
    more: str = "/style"


@router.get("/style")
def show_style(request: Request, viewer: CurrentViewer) -> Response:
    """Every component with example values."""
    form = Form.filled({"title": "Lead scoring", "department": "sales", "is_ordered": "true"})
    form.faults["purpose"] = "Say what it is for, in a sentence"
    return viewer.page(
        "style/style.html",
        title=viewer.gettext("Style"),
        form=form,
        entries=_entries(),
        lanes=_lanes(),
        table=_table(request),
    )


@router.get("/style/charts")
def show_charts(viewer: CurrentViewer) -> Response:
    """One chart of each kind."""
    figures = {
        name: documents.figure(chart, locale=viewer.looks.language) for name, chart in documents.gallery().items()
    }
    return viewer.page("style/charts.html", title=viewer.gettext("Charts"), figures=figures)


def _entries() -> tuple[_Entry, ...]:
    now = clock.now()
    return (
        _Entry(
            actor="Grace Reviewer",
            icon="circle-check",
            text="approved the release",
            href="/style",
            at=now - timedelta(minutes=12),
            reason="Evidence read, figures hold.",
        ),
        _Entry(
            actor="Ada Owner",
            icon="pencil",
            text="changed the use case",
            at=now - timedelta(days=2),
            changes=(("purpose", "call leads", "call the likeliest leads first"), ("sponsor", "", "Alan Head")),
        ),
    )


def _lanes() -> tuple[_Lane, ...]:
    return (
        _Lane(
            id="proposed",
            title="Proposed",
            total=2,
            cards=(_Card(id="a", title="Expense review"), _Card(id="b", title="Churn")),
        ),
        _Lane(id="pilot", title="Pilot", total=9, cards=(_Card(id="c", title="Lead scoring"),)),
        _Lane(id="live", title="Live", total=0, cards=()),
    )


def _table(request: Request) -> object:
    query = query_of(request, sort="title", filters=("department",))
    rows = tuple(
        {"title": f"Use case {number}", "department": "sales", "rows": number * 1234.5} for number in range(1, 6)
    )
    return view_of(
        request,
        Found(items=rows, total=75, is_more=False, query=query),
        name="example",
        caption="An example of a data table",
        columns=(
            Column(name="title", label="Title"),
            Column(name="department", label="Department"),
            Column(name="rows", label="Rows", kind="number"),
        ),
        filters=(Filter(name="department", label="All departments", choices=(("sales", "Sales"), ("hr", "HR"))),),
    )
