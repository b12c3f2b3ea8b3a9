"""Checking a file of outcomes: every fault of every row, then rows that can be joined to decisions. Pure.

Columns: ``decision`` (or ``decision_id``) or ``subject``; ``outcome``; optional ``name`` (which outcome, where there
are several), ``at`` (ISO 8601, without zone it is UTC) and ``value`` (a number). Other columns are left out and named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from headway.kernel.errors import Fault
from headway.serving.columns import OUTCOME_NAME, outcome_value
from headway.serving.errors import OutcomesInvalid

SHOWN_FAULTS = 100
ALIASES = {"decision_id": "decision", "time": "at", "timestamp": "at", "date": "at"}
KNOWN = ("decision", "subject", "name", "outcome", "value", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The usable columns with ``row`` (from 1) beside them, and the names of columns left out."""

    frame: pl.DataFrame
    ignored: tuple[str, ...]


def check(raw: pl.DataFrame) -> Checked:
    """Check and type a file read as text; raises OutcomesInvalid with the first faults and their number."""
    if raw.height == 0:
        raise OutcomesInvalid("the file of outcomes has no rows")
    names = {name: ALIASES.get(name.strip().lower(), name.strip().lower()) for name in raw.columns}
    wanted = {new: old for old, new in names.items() if new in KNOWN}
    if missing := list(_missing(set(wanted))):
        raise OutcomesInvalid("the file of outcomes lacks columns", faults=missing)
    text = {new: pl.col(old).str.strip_chars().replace("", None).alias(new) for new, old in wanted.items()}
    empty = [pl.lit(None, pl.String).alias(name) for name in KNOWN if name not in wanted]
    told = raw.select(*text.values(), *empty).with_row_index("row", offset=1)
    frame = told.with_columns(
        pl.col("name").fill_null(OUTCOME_NAME), pl.col("value").cast(pl.Float64, strict=False), parse_time(pl.col("at"))
    )
    faults = [
        *_faults(told, pl.col("outcome").is_null(), "outcome", "required", "the outcome is empty"),
        *_faults(
            told,
            pl.col("decision").is_null() & pl.col("subject").is_null(),
            "decision",
            "required",
            "neither decision nor subject",
        ),
        *_faults(told, pl.col("value").is_not_null() & frame["value"].is_null(), "value", "number", "not a number"),
        *_faults(told, pl.col("at").is_not_null() & frame["at"].is_null(), "at", "time", "not a time in ISO 8601"),
    ]
    refuse(faults)
    ignored = tuple(old for old, new in names.items() if new not in KNOWN)
    return Checked(frame=frame.with_columns(outcome_number()), ignored=ignored)


def parse_time(column: pl.Expr) -> pl.Expr:
    """Read ISO 8601 dates and times as UTC; null when it is neither."""
    forms = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
    zoned = column.str.to_datetime("%+", strict=False, time_zone="UTC", time_unit="us")
    plain = [column.str.to_datetime(form, strict=False, time_unit="us") for form in forms]
    day = column.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    return pl.coalesce(zoned, *[each.dt.replace_time_zone("UTC") for each in (*plain, day)])


def outcome_number() -> pl.Expr:
    """Give ``value`` the number that the outcome itself is, where no value was told."""
    numbers = pl.col("outcome").map_elements(lambda text: outcome_value(text)[1], return_dtype=pl.Float64)
    return pl.coalesce(pl.col("value"), numbers).alias("value")


def unknown_faults(frame: pl.DataFrame, is_unknown: pl.Expr, column: str, message: str) -> list[Fault]:
    """Name the rows that could not be joined to a decision."""
    return list(_faults(frame, is_unknown, column, "known", message))


def refuse(faults: list[Fault]) -> None:
    """Raise OutcomesInvalid when there are faults: the first in order of rows, and how many there are."""
    if faults:
        first = sorted(faults, key=lambda fault: (fault.row or 0, fault.column or ""))[:SHOWN_FAULTS]
        raise OutcomesInvalid(
            f"{len(faults)} faults in the file of outcomes; nothing was taken in",
            faults=first,
            values={"faults": len(faults), "shown": len(first)},
        )


def outcome_id(decision: str, name: str, outcome: str, at: str) -> str:
    """Name an imported outcome by what it says, so that telling it twice is telling it once."""
    return "out_" + hashlib.sha256(f"{decision}\n{name}\n{outcome}\n{at}".encode()).hexdigest()[:26]


def _missing(found: set[str]) -> Iterator[Fault]:
    if "outcome" not in found:
        yield Fault(rule="required", column="outcome", message="there is no column 'outcome'")
    if not found & {"decision", "subject"}:
        yield Fault(rule="required", column="decision", message="there is neither a column 'decision' nor 'subject'")


def _faults(told: pl.DataFrame, wrong: pl.Expr, column: str, rule: str, message: str) -> Iterator[Fault]:
    for row, value in told.filter(wrong).select("row", column).iter_rows():
        text = None if value is None else str(value)[:200]
        yield Fault(rule=rule, row=int(row), column=column, value=text, message=message)
