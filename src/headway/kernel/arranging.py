"""Lists whose columns are worked out and not stored: searched, filtered, sorted and leafed through as lists in SQL are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from headway.kernel.errors import Fault
from headway.kernel.listing import COUNTED, LARGEST_PAGE, LONGEST_SEARCH, BadListing, Found, ListQuery

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Generic[T]):
    """What a list offers by name; ``sort`` is its own order, ``key`` makes every order stable.

    A filter tells the values that a row has: any of them is enough. What sorts as None stands last, whatever the direction.
    """

    filters: Mapping[str, Callable[[T], Iterable[str]]]
    sorts: Mapping[str, Callable[[T], Any]]
    searched: Callable[[T], str]
    department: Callable[[T], str]
    key: Callable[[T], str]
    sort: str
    is_descending: bool = False


def narrow(rows: Iterable[T], offer: Offer[T], asked: ListQuery) -> list[T]:
    """The rows that a question lets through, unordered; raises BadListing with every name that the list does not know."""
    check(offer, asked)
    words = asked.search.lower().split()
    return [
        row
        for row in rows
        if (asked.within is None or offer.department(row) in asked.within)
        and all(word in offer.searched(row).lower() for word in words)
        and all(set(offer.filters[name](row)) & set(values) for name, values in asked.filters.items() if values)
    ]


def arrange(rows: Iterable[T], offer: Offer[T], asked: ListQuery) -> Found[T]:
    """The part of the rows that was asked for, in its order; raises BadListing."""
    kept = sorted(narrow(rows, offer, asked), key=offer.key)
    of = offer.sorts[asked.sort or offer.sort]
    told = [row for row in kept if of(row) is not None]
    told.sort(key=of, reverse=asked.descending if asked.sort else offer.is_descending)
    ordered = [*told, *(row for row in kept if of(row) is None)]
    items = tuple(ordered[asked.offset : asked.offset + asked.limit])
    return Found(items=items, total=min(len(kept), COUNTED), is_more=len(kept) > COUNTED, query=asked)


def check(offer: Offer[T], asked: ListQuery) -> None:
    """Raise BadListing with everything that the list does not know."""
    faults = []
    if not 1 <= asked.limit <= LARGEST_PAGE or not 0 <= asked.offset <= COUNTED:
        faults.append(("limit", str(asked.limit), f"a page has 1 to {LARGEST_PAGE} rows, up to row {COUNTED:,}"))
    if asked.sort and asked.sort not in offer.sorts:
        known = ", ".join(offer.sorts)
        faults.append(("sort", asked.sort[:100], f"this list cannot be sorted by {asked.sort!r}; it can by {known}"))
    for name in sorted(set(asked.filters) - set(offer.filters)):
        faults.append((name, "", f"this list has no filter {name!r}; it has {', '.join(offer.filters)}"))
    if len(asked.search) > LONGEST_SEARCH or "\0" in asked.search:
        faults.append(("search", "", f"a search has at most {LONGEST_SEARCH} characters and no NUL"))
    if faults:
        told = [
            Fault(rule=f"listing.{column}", column=column, value=value, message=message)
            for column, value, message in faults
        ]
        raise BadListing("; ".join(one.message for one in told), faults=told)
