"""Data tables: sorted, filtered and cut into pages by the query string, so that an address is a view; exports note their filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import Request

from headway.kernel.listing import LARGEST_PAGE, Found, ListQuery

PER_PAGE = 50
MOST_PER_PAGE = 200
RESERVED = {"q", "sort", "page", "per", "view", "format"}
Format = Literal["xlsx", "csv"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading, and whether it can be sorted by; ``kind`` says how it is aligned and exported."""

    name: str
    label: str
    kind: str = "text"
    is_sortable: bool = True
    is_wide: bool = False
    """Shown on wide screens only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A choice above a table: (value, label) pairs; more than one may be chosen when ``is_many``."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table as the template draws it."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]
    total: int
    is_more: bool
    """Whether there are more rows than were counted."""
    query: ListQuery
    path: str
    params: Mapping[str, Sequence[str]]
    filters: tuple[Filter, ...] = ()
    is_searchable: bool = True
    exports: tuple[Format, ...] = ("xlsx", "csv")
    empty: Mapping[str, str] = field(default_factory=dict)
    """What to say when there is nothing at all: title, text, and href and action of a first step."""

    def address(self, **changes: str | int | None) -> str:
        """This view's address with some parameters changed; None takes one out."""
        kept = {name: list(values) for name, values in self.params.items() if name not in changes}
        kept |= {name: [str(value)] for name, value in changes.items() if value is not None}
        text = urlencode([(name, value) for name, values in kept.items() for value in values if value])
        return f"{self.path}?{text}" if text else self.path

    def sort_address(self, column: str) -> str:
        """The address of this view sorted by a column; the other way round when it is sorted by it already."""
        is_same = self.query.sort == column
        return self.address(sort=f"-{column}" if is_same and not self.query.descending else column, page=None)

    def order(self, column: str) -> str | None:
        """``ascending``, ``descending`` or None, as aria-sort has it."""
        if self.query.sort != column:
            return None
        return "descending" if self.query.descending else "ascending"

    @property
    def page(self) -> int:
        """The number of this page, counted from 1."""
        return self.query.offset // self.query.limit + 1

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.query.limit))

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or filter hides rows."""
        return bool(self.query.search or any(self.query.filters.values()))

    @property
    def cleared(self) -> str:
        """The address of this view without search and filters."""
        return self.address(q=None, page=None, **dict.fromkeys(one.name for one in self.filters))

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values a filter is set to."""
        return self.query.filters.get(name, ())


def query_of(
    request: Request,
    *,
    sort: str,
    descending: bool = False,
    filters: Sequence[str] = (),
    within: frozenset[str] | None = None,
    per_page: int = PER_PAGE,
) -> ListQuery:
    """Read a list query from an address; what it does not name is as given, what is no number is taken as the first page.

    Args: filters: names of the parameters that narrow. within: departments whose rows may be seen; None for all.
    """
    asked = request.query_params
    order = asked.get("sort") or (f"-{sort}" if descending else sort)
    limit = min(_count(asked.get("per"), per_page), MOST_PER_PAGE)
    if asked.get("format") in ("xlsx", "csv"):
        page, limit = 1, LARGEST_PAGE
    else:
        page = _count(asked.get("page"), 1)
    chosen = {name: tuple(value for value in asked.getlist(name) if value) for name in filters}
    return ListQuery(
        search=asked.get("q", "").strip(),
        filters={name: values for name, values in chosen.items() if values},
        sort=order.removeprefix("-"),
        descending=order.startswith("-"),
        offset=(page - 1) * limit,
        limit=limit,
        within=within,
    )


def view_of(
    request: Request,
    found: Found[Any],
    *,
    name: str,
    caption: str,
    columns: Sequence[Column],
    row: Callable[[Any], Any] = lambda item: item,
    **options: Any,  # noqa: ANN401  the other fields of a TableView
) -> TableView:
    """Put what a service found into a table."""
    params: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        if key != "format":
            params.setdefault(key, []).append(value)
    return TableView(
        name=name,
        caption=caption,
        columns=tuple(columns),
        rows=[row(item) for item in found.items],
        total=found.total,
        is_more=found.is_more,
        query=found.query,
        path=request.url.path,
        params=params,
        **options,
    )


def _count(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdigit() and 0 < int(text) < 1_000_000 else otherwise
