"""A list as a file: all rows that its address asks for, as a workbook or CSV, with the filters noted in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

from fastapi import Request, Response

from headway import documents
from headway.documents import About, Sheet, SheetColumn, Value
from headway.entrypoints.pages.tables import TableView
from headway.entrypoints.pages.viewer import Viewer
from headway.kernel import clock
from headway.kernel.listing import COUNTED, LARGEST_PAGE, Found, ListQuery

T = TypeVar("T")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
KINDS: Mapping[str, Literal["number", "integer", "money", "percent", "datetime"]] = {
    "number": "number",
    "integer": "integer",
    "money": "money",
    "percent": "percent",
    "date": "datetime",
}
"""What the columns of lists hold, in the words of spreadsheets."""


def is_wanted(request: Request) -> bool:
    """Whether a list was asked for as a file."""
    return request.query_params.get("format") in ("xlsx", "csv")


def all_rows(first: Found[T], find: Callable[[ListQuery], Found[T]]) -> list[T]:
    """The rows of a list from its first page on; as far as lists can be leafed through."""
    rows = list(first.items)
    query = replace(first.query, limit=LARGEST_PAGE)
    while len(rows) < min(first.total, COUNTED):
        page = find(replace(query, offset=len(rows)))
        if not page.items:
            break
        rows += page.items
    return rows


def all_of(view: TableView, find: Callable[[ListQuery], Found[T]]) -> list[T]:
    """The rows of a list whose first page is drawn already."""
    first: Found[T] = Found(items=tuple(view.rows), total=view.total, is_more=view.is_more, query=view.query)
    return all_rows(first, find)


def download(viewer: Viewer, view: TableView, rows: Iterable[Sequence[Value]]) -> Response:
    """A list as the file that its address asks for.

    Args: rows: the values of each row, in the order of the view's columns.
    """
    columns = tuple(
        SheetColumn(name=one.name, label=one.label, kind=KINDS.get(one.kind, "text")) for one in view.columns
    )
    sheet = Sheet(title=view.caption, columns=columns, rows=rows)
    if viewer.request.query_params.get("format") == "csv":
        return _file(documents.write_csv(sheet), f"{view.name}.csv", CSV)
    about = About(
        by=viewer.actor.name,
        at=clock.now(),
        source=str(viewer.request.url),
        filters=_filters(viewer, view),
        notes=(viewer.gettext("Only the first %(count)s rows", count=COUNTED),) if view.is_more else (),
        language="de" if viewer.looks.language == "de" else "en",
    )
    return _file(documents.write_xlsx([sheet], about), f"{view.name}.xlsx", XLSX)


def workbook(viewer: Viewer, sheets: Sequence[Sheet], name: str, filters: Sequence[tuple[str, str]] = ()) -> Response:
    """Sheets as one file, with who asked for it when, and from where."""
    about = About(
        by=viewer.actor.name,
        at=clock.now(),
        source=str(viewer.request.url),
        filters=tuple(filters),
        notes=(),
        language="de" if viewer.looks.language == "de" else "en",
    )
    return _file(documents.write_xlsx(list(sheets), about), f"{name}.xlsx", XLSX)


def _filters(viewer: Viewer, view: TableView) -> tuple[tuple[str, str], ...]:
    """What narrows the list, in words."""
    searched = [(viewer.gettext("Search"), view.query.search)] if view.query.search else []
    words = {(one.name, value): word for one in view.filters for value, word in one.choices}
    labels = {one.name: one.label for one in view.columns}
    chosen = [
        (labels.get(name, name), ", ".join(words.get((name, value), value) for value in values))
        for name, values in view.query.filters.items()
    ]
    return (*searched, *chosen)


def _file(data: bytes, name: str, media_type: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
