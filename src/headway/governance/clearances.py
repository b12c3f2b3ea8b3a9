"""Suspects cleared one by one: which columns a leakage report leaves open once people have spoken for some of them.

A person's clearance only takes a named column off a job's report; without the report, or for a column that the report
does not name, it does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from headway.governance import facts
from headway.governance.entities import Evidence
from headway.kernel.canonical import canonical_json
from headway.kernel.errors import Scalar

REPORT, CLEARANCE = "leakage_report", "suspect_clearance"
MIN_REASON = 10


def columns_text(columns: Iterable[str]) -> str | None:
    """Write the open columns as the report's fact; None when they are too many to name, and then none can be cleared."""
    text = canonical_json(sorted(set(columns))).decode()
    return text if facts.is_text(text) else None


def open_columns(report: Mapping[str, Scalar]) -> tuple[str, ...]:
    """Read which columns a report names as open; none when it does not say so in a way that can be read."""
    text = report.get("open_columns")
    try:
        found = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return ()
    is_list = isinstance(found, list) and all(isinstance(column, str) for column in found)
    return tuple(dict.fromkeys(found)) if is_list else ()


def cleared_columns(rows: Iterable[Evidence]) -> frozenset[str]:
    """Name the columns that people cleared with a reason."""
    return frozenset(
        str(row.facts["column"])
        for row in rows
        if row.type == CLEARANCE
        and row.producer.startswith("person:")
        and facts.fits(row.facts.get("column"), "text")
        and is_reason(row.facts.get("reason"))
    )


def is_reason(value: object) -> bool:
    """Tell whether a text says enough to stand as a reason."""
    return facts.is_text(value) and len(str(value).strip()) >= MIN_REASON


def after_clearances(report: Mapping[str, Scalar], rows: Iterable[Evidence]) -> dict[str, Scalar]:
    """Give the report's facts with ``suspects_open`` less the columns that were cleared.

    An unknown count stays unknown; columns that the report counts without naming them stay open.
    """
    told = dict(report)
    count = told.get("suspects_open")
    if facts.fits(count, "number"):
        cleared = cleared_columns(rows).intersection(open_columns(report))
        told["suspects_open"] = max(count - len(cleared), 0)  # type: ignore[operator]  # a number, as fits has seen
    return told
