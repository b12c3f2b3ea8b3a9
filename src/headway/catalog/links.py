"""What a contract says of other tables and of time: relationships (foreign keys) and the service level of freshness.

Relationships are written ``customers.id`` or ``schema/customers/properties/id``, in ODCS 3.1 ("References"); a part before
``#`` names another contract, and the table's own name tells it apart here. Freshness is the service level ``latency``, which
the standard prefers, or ``freshness``: the greatest age of the newest time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from open_data_contract_standard.model import Relationship

from headway.catalog.errors import InvalidContract

_FRESHNESS: Final = ("freshness", "latency", "ly")
_SECONDS: Final = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3_600),
    **dict.fromkeys(("", "d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
    **dict.fromkeys(("y", "yr", "year", "years"), 31_536_000),
}
_DURATION: Final = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A key of this table that must be a key of another."""

    of: tuple[str, ...]  # columns of this table
    table: str
    columns: tuple[str, ...]  # columns of the other table, in the same order


def reference_of(link: Relationship, column: str | None, table: str, columns: Sequence[str]) -> Reference:
    """Read one relationship, of the column or, without one, of the table.

    Raises: InvalidContract: it does not follow the standard, or names a column that this table lacks.
    """
    where = column or table
    if link.type not in (None, "foreignKey"):
        raise InvalidContract(f"{where}: relationships of the type {link.type!r} are not known; use foreignKey")
    if column is not None and link.from_ is not None:
        raise InvalidContract(f"{where}: a relationship of a property must not say 'from'")
    if link.to is None or (column is None and link.from_ is None):
        raise InvalidContract(f"{where}: a relationship of a table needs 'from' and 'to'")
    given: str | list[str] = column if column is not None else link.from_ or ""
    if isinstance(given, str) is not isinstance(link.to, str):
        raise InvalidContract(f"{where}: 'from' and 'to' of a relationship must both be one name or both be lists")
    own = [column] if column is not None else [_split(one, where)[1] for one in _listed(given)]
    others = [_split(one, where) for one in _listed(link.to)]
    if len(own) != len(others) or len({name for name, _ in others}) != 1:
        raise InvalidContract(f"{where}: a relationship joins as many columns of one table as it joins from here")
    if unknown := [name for name in own if name not in columns]:
        raise InvalidContract(f"{where}: the relationship's column {', '.join(unknown)} is not in the table")
    return Reference(of=tuple(own), table=others[0][0], columns=tuple(name for _, name in others))


def levels_of(
    levels: Sequence[Any], table: str, columns: Sequence[str], time: str | None, *, is_asked: bool
) -> tuple[list[tuple[str, timedelta]], list[str]]:
    """Columns with the greatest age of their newest time, and the service levels that are not checked, in words.

    Args: time: the column a level without an element speaks of. is_asked: whether the present time is known.
    Raises: InvalidContract: a freshness without a duration, or of a column that the table lacks.
    """
    fresh: list[tuple[str, timedelta]] = []
    skipped: list[str] = []
    for level in levels:
        is_freshness = (level.property or "").lower() in _FRESHNESS
        named = [part.strip() for part in (level.element or time or "").split(",") if part.strip()]
        if not (is_freshness and is_asked and named):
            skipped.append(f"service level {level.property}: needs more than the rows of one file")
            continue
        oldest = duration_of(level.value, level.unit or "", level.property)
        for element in named:
            owner, _, column = element.rpartition(".")
            if owner not in ("", table) or column not in columns:
                raise InvalidContract(f"service level {level.property}: {element!r} is not in the table {table}")
            fresh.append((column, oldest))
    return fresh, skipped


def _listed(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given


def _split(name: str, where: str) -> tuple[str, str]:
    path = name.rpartition("#")[2].removeprefix("/")
    parts = path.split("/")
    if len(parts) == 4 and parts[0] == "schema" and parts[2] == "properties":
        return parts[1], parts[3]
    table, dot, column = path.partition(".")
    if not dot or not table or not column or "/" in path:
        raise InvalidContract(
            f"{where}: {name!r} names no column; write table.column or schema/table/properties/column"
        )
    return table, column


def duration_of(value: object, unit: str, level: str) -> timedelta:
    """The length of time a service level names, as 24 with the unit h or as PT24H; raises InvalidContract."""
    text = str(value).strip()
    seconds = _SECONDS.get(unit.strip().lower())
    if re.fullmatch(r"\d+(\.\d+)?", text) and seconds is not None:
        return timedelta(seconds=float(text) * seconds)
    found = _DURATION.fullmatch(text)
    if found and any(found.groups()):
        weeks, days, hours, minutes, rest = (int(part or 0) for part in found.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=rest)
    raise InvalidContract(
        f"service level {level}: {text!r} with the unit {unit!r} is no duration; write 24 and h, or PT24H"
    )
