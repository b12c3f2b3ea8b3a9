"""Lists that people search, filter, sort and leaf through: one question, and the one place that turns it into SQL.

A store says in a ``Listing`` what its list offers: columns by the names people see in an address. ``find`` applies a
``ListQuery`` to a select over those columns, and refuses names that the list does not have, all of them at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Generic, Literal, TypeVar

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    cast,
    column,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlalchemy.sql.selectable import TableValuedAlias

from headway.kernel.errors import Fault, Invalid

T = TypeVar("T")
COUNTED: Final = 10_000
"""Lists are counted this far, and leafed through this far; beyond it a search has to be narrowed."""
LARGEST_PAGE: Final = 1_000
LONGEST_SEARCH: Final = 200
NOTHING: Final = "-"
"""As the value of a filter: the column is empty."""
_RANGE: Final = re.compile(r"^\s*(?P<low>\S*?)\s*\.\.\s*(?P<high>\S*)\s*$")
_DAY: Final = re.compile(r"^\d{4}-\d{2}-\d{2}$")

FilterKind = Literal["exact", "contains", "prefix", "dates", "numbers"]


class BadListing(Invalid):
    """A list was asked for a column, filter or place that it does not have; every fault is told."""

    code = "listing_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What somebody wants to see of a list."""

    search: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name: any of the values. ``-`` means empty; ranges are written ``LOW..HIGH``, one end may be left out."""
    sort: str = ""  # empty: the list's own order
    descending: bool = False
    offset: int = 0
    limit: int = 50
    within: frozenset[str] | None = None
    """Departments whose things the asker may see; None means all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """The part of a list that was asked for. ``total`` is exact up to COUNTED; ``is_more`` says that there are more."""

    items: tuple[T, ...]
    total: int
    is_more: bool
    query: ListQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list: what it is in SQL, and what may be done with it."""

    of: SQLCoreOperations[Any]
    filter: FilterKind | None = None
    choices: tuple[str, ...] | None = None  # closed set of an exact filter
    is_searched: bool = False
    is_sorted: bool = True
    where: Callable[[tuple[str, ...]], ColumnElement[bool]] | None = None
    """A filter that no kind describes, for example over rows of another table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list offers: columns by name, its own order, and the unique key that makes every order stable."""

    columns: Mapping[str, Column]
    key: Sequence[SQLCoreOperations[Any]]
    sort: str
    descending: bool = False
    department: SQLCoreOperations[Any] | None = None
    """What ``ListQuery.within`` narrows. Without one, whoever does not see everything sees nothing."""
    within: Callable[[frozenset[str]], ColumnElement[bool]] | None = None
    """Narrows to departments where one column cannot."""


def find(session: Session, query: Select[*tuple[Any, ...]], listing: Listing, asked: ListQuery) -> Found[Any]:
    """Read the rows of a select that were asked for, and count them all.

    Raises: BadListing: with every name and value that the list does not know.
    """
    check(listing, asked)
    narrowed = query.where(*conditions(listing, asked))
    page = narrowed.order_by(*_order(listing, asked)).offset(asked.offset).limit(asked.limit)
    rows = session.execute(page).all()
    total = asked.offset + len(rows)
    if len(rows) == asked.limit or (asked.offset and not rows):  # the end of the list is not in sight
        numbered = narrowed.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).limit(COUNTED + 1)
        total = session.scalar(select(func.count()).select_from(numbered.subquery())) or 0
    return Found(items=tuple(rows), total=min(total, COUNTED), is_more=total > COUNTED, query=asked)


def count_by(
    session: Session, query: Select[*tuple[Any, ...]], listing: Listing, asked: ListQuery, name: str
) -> dict[str | None, int]:
    """Count the rows that were asked for by the values of a column, whatever its own filter says."""
    others = {key: values for key, values in asked.filters.items() if key != name}
    asked = replace(asked, filters=others)
    check(listing, asked)
    of = cast(listing.columns[name].of, Text)
    counted = query.where(*conditions(listing, asked)).with_only_columns(of, func.count(), maintain_column_froms=True)
    return dict(session.execute(counted.order_by(None).group_by(of)).all())


def found_as(found: Found[Any], items: Iterable[T]) -> Found[T]:
    """The same part of a list with other items: entities in the place of rows."""
    return Found(items=tuple(items), total=found.total, is_more=found.is_more, query=found.query)


def conditions(listing: Listing, asked: ListQuery) -> list[ColumnElement[bool]]:
    """What rows must fulfil: search, filters and departments."""
    terms = [_matches(listing, word) for word in asked.search.split()]
    terms += [_filter(listing.columns[name], values) for name, values in asked.filters.items() if values]
    if asked.within is not None:
        terms.append(_within(listing, asked.within))
    return terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What another domain knows of the rows of a list, by their key; it becomes a column like any other."""

    values: Mapping[str, str]
    choices: tuple[str, ...] | None = None
    default: str | None = None
    """The value of the rows that are not named."""


def beside_table(name: str, values: Mapping[str, str]) -> TableValuedAlias:
    """Make a table with the columns ``key`` and ``value`` that SQL can join."""
    told = cast(literal(json.dumps(values), Text), JSON)  # one JSON text: thousands of parameters would cost more
    return func.json_each_text(told).table_valued(column("key", Text), column("value", Text), name=name)


def involves(asked: ListQuery, name: str) -> bool:
    """Whether a question needs to know a column that is searched, or departments by their name."""
    return bool(asked.search or name in asked.filters or asked.sort == name or asked.within is not None)


def escaped(text: str) -> str:
    """Make a text that LIKE takes letter by letter, with the escape character ``\\``."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# --- checks ------------------------------------------------------------------------------------------------------


def check(listing: Listing, asked: ListQuery) -> None:
    """Raise BadListing with everything that a list does not know."""
    faults = [*_place_faults(asked), *_sort_faults(listing, asked), *_filter_faults(listing, asked)]
    if len(asked.search) > LONGEST_SEARCH or "\0" in asked.search:
        message = f"a search has at most {LONGEST_SEARCH} characters and no NUL"
        faults.append(Fault(rule="listing.search", column="search", message=message))
    if faults:
        raise BadListing("; ".join(fault.message for fault in faults), faults=faults)


def _place_faults(asked: ListQuery) -> list[Fault]:
    faults = []
    if not 1 <= asked.limit <= LARGEST_PAGE:
        message = f"a page has 1 to {LARGEST_PAGE} rows"
        faults.append(Fault(rule="listing.limit", column="limit", value=str(asked.limit), message=message))
    if not 0 <= asked.offset <= COUNTED:
        message = f"lists can be leafed through up to row {COUNTED:,}; narrow the search to see more"
        faults.append(Fault(rule="listing.offset", column="offset", value=str(asked.offset), message=message))
    return faults


def _sort_faults(listing: Listing, asked: ListQuery) -> list[Fault]:
    allowed = [name for name, each in listing.columns.items() if each.is_sorted]
    if not asked.sort or asked.sort in allowed:
        return []
    message = f"this list cannot be sorted by {asked.sort!r}; it can by {', '.join(allowed)}"
    return [Fault(rule="listing.sort", column="sort", value=asked.sort[:100], message=message)]


def _filter_faults(listing: Listing, asked: ListQuery) -> list[Fault]:
    allowed = [name for name, each in listing.columns.items() if each.filter or each.where]
    faults = []
    for name, values in asked.filters.items():
        if name not in allowed:
            message = f"this list has no filter {name!r}; it has {', '.join(allowed)}"
            faults.append(Fault(rule="listing.filter", column=name[:100], message=message))
            continue
        for value in values:
            if told := _value_fault(name, listing.columns[name], value):
                faults.append(Fault(rule="listing.value", column=name, value=value[:100], message=told))
    return faults


def _value_fault(name: str, of: Column, value: str) -> str | None:
    if "\0" in value or len(value) > LONGEST_SEARCH:
        return f"{name}: a value has at most {LONGEST_SEARCH} characters and no NUL"
    if of.choices is not None and value not in (*of.choices, NOTHING):
        return f"{name} is one of {', '.join(of.choices)}; {value!r} is none"
    if of.filter == "dates" and value != NOTHING and date_range(value) is None:
        return f"{name}: write a day as 2026-03-01 or a range as 2026-03-01..2026-03-31, one end may be left out"
    if of.filter == "numbers" and value != NOTHING and number_range(value) is None:
        return f"{name}: write a number as 0.5 or a range as 0.5..0.9, one end may be left out"
    return None


# --- SQL ---------------------------------------------------------------------------------------------------------


def _matches(listing: Listing, word: str) -> ColumnElement[bool]:
    pattern = f"%{escaped(word)}%"
    searched = [each.of for each in listing.columns.values() if each.is_searched]
    return or_(false(), *(cast(of, Text).ilike(pattern, escape="\\") for of in searched))


def _within(listing: Listing, departments: frozenset[str]) -> ColumnElement[bool]:
    if listing.within is not None:
        return listing.within(departments)
    return listing.department.in_(sorted(departments)) if listing.department is not None else false()


def _filter(of: Column, values: tuple[str, ...]) -> ColumnElement[bool]:
    if of.where is not None:
        return of.where(values)
    told = [value for value in values if value != NOTHING]
    terms: list[ColumnElement[bool]] = [of.of.is_(None)] if NOTHING in values else []
    if of.filter == "exact" and told:
        terms.append(cast(of.of, Text).in_(told))
    elif of.filter == "contains":
        terms += [cast(of.of, Text).ilike(f"%{escaped(value)}%", escape="\\") for value in told]
    elif of.filter == "prefix":
        terms += [of.of.like(f"{escaped(value)}%", escape="\\") for value in told]
    else:
        read = date_range if of.filter == "dates" else number_range
        terms += [_between(of.of, *(read(value) or (None, None, True))) for value in told]
    return or_(false(), *terms)


def _between(of: SQLCoreOperations[Any], low: object, high: object, is_open: bool) -> ColumnElement[bool]:
    terms = [of.is_not(None), true() if low is None else of >= low]
    if high is not None:
        terms.append(of < high if is_open else of <= high)
    return and_(*terms)


def date_range(text: str) -> tuple[datetime | None, datetime | None, bool] | None:
    """The first moment and the first one after; a day as the end counts whole. None when it is no range of dates."""
    low, high = _ends(text)
    if not low and not high:
        return None
    try:
        after = _moment(high) if high else None
        if after is not None and _DAY.match(high):
            after += timedelta(days=1)
        return (_moment(low) if low else None), after, bool(high and _DAY.match(high))
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> datetime:
    if _DAY.match(text):
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def number_range(text: str) -> tuple[Decimal | None, Decimal | None, bool] | None:
    """The least and the largest number of a filter; the last tells that the largest is left out."""
    low, high = _ends(text)
    try:
        ends = [Decimal(end) if end else None for end in (low, high)]
    except InvalidOperation:
        return None
    if ends == [None, None] or any(end is not None and not end.is_finite() for end in ends):
        return None
    return ends[0], ends[1], False


def _ends(text: str) -> tuple[str, str]:
    match = _RANGE.match(text)
    return (match["low"], match["high"]) if match else (text.strip(), text.strip())


def _order(listing: Listing, asked: ListQuery) -> list[ColumnElement[Any]]:
    """The wanted order, then the key, so that equal rows keep their place from page to page; empty values last."""
    name, falls = (asked.sort, asked.descending) if asked.sort else (listing.sort, listing.descending)
    of = listing.columns[name].of
    keys: list[ColumnElement[Any]] = [key.desc() if falls else key.asc() for key in listing.key]
    if of is listing.key[0]:
        return keys
    by = func.lower(of) if isinstance(getattr(of, "type", None), String) else of
    return [(by.desc() if falls else by.asc()).nulls_last(), *keys]
