"""A list's question as the query string of an address, and back, so that a view can be shared, pinned and exported.

``search``, ``sort`` (with ``-`` in front it falls), ``offset`` and ``limit`` have their meaning; every other name is a
filter, given once for each value.
"""

from __future__ import annotations

from collections.abc import Iterable

from headway.kernel.errors import Fault
from headway.kernel.listing import BadListing, ListQuery

PLAIN = ListQuery()


def read(
    pairs: Iterable[tuple[str, str]], *, within: frozenset[str] | None = None, besides: Iterable[str] = ()
) -> ListQuery:
    """Read a question from the pairs of a query string; an empty value says nothing.

    Args: besides: names that belong to somebody else, such as which columns a page shows.
    Raises: BadListing: ``offset`` or ``limit`` is no number. Names are checked by the list itself.
    """
    told: dict[str, list[str]] = {}
    for name, value in pairs:
        if value and name not in besides:
            told.setdefault(name, []).append(value)
    faults = [
        Fault(rule="listing.number", column=name, value=told[name][-1][:100], message=f"{name} is a number")
        for name in ("offset", "limit")
        if name in told and not _is_number(told[name][-1])
    ]
    if faults:
        raise BadListing("; ".join(fault.message for fault in faults), faults=faults)
    sort = told.get("sort", [""])[-1]
    return ListQuery(
        search=told.get("search", [""])[-1],
        filters={name: tuple(values) for name, values in told.items() if name not in OWN},
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        offset=int(told.get("offset", ["0"])[-1]),
        limit=int(told.get("limit", [str(PLAIN.limit)])[-1]),
        within=within,
    )


OWN = ("search", "sort", "offset", "limit")


def write(asked: ListQuery) -> list[tuple[str, str]]:
    """Write a question as the pairs of a query string, without what goes without saying and without ``within``."""
    pairs = [("search", asked.search)] if asked.search else []
    pairs += [(name, value) for name, values in asked.filters.items() for value in values]
    if asked.sort:
        pairs.append(("sort", f"-{asked.sort}" if asked.descending else asked.sort))
    if asked.offset:
        pairs.append(("offset", str(asked.offset)))
    if asked.limit != PLAIN.limit:
        pairs.append(("limit", str(asked.limit)))
    return pairs


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9
