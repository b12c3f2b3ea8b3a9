"""Columns whose values only grow: where reading goes on, and how far back it looks for rows that came late. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isnan
from typing import Final, cast

from headway.catalog.connectors.errors import SourceFailed

Value = int | float | Decimal | str | date | datetime
_KINDS: Final[dict[str, type]] = {
    "int": int,
    "float": float,
    "decimal": Decimal,
    "text": str,
    "date": date,
    "time": datetime,
}


def text_of(value: Value) -> str:
    """A value with its kind, as text that is kept: ``{"int": "12"}``."""
    kind = next(name for name, one in _KINDS.items() if type(value) is one)
    shown = value.isoformat() if isinstance(value, date) else str(value)
    return json.dumps({kind: shown})


def value_of(text: str) -> Value:
    """The value that ``text_of`` wrote."""
    ((kind, shown),) = json.loads(text).items()
    if kind in ("date", "time"):
        return date.fromisoformat(shown) if kind == "date" else datetime.fromisoformat(shown)
    return cast("Value", _KINDS[kind](shown))


def shown(text: str) -> str:
    """The value alone, for people."""
    ((_, value),) = json.loads(text).items()
    return str(value)


def floor(text: str, lag: str | None) -> Value:
    """Where reading goes on: at the greatest value seen, less the lag (seconds for times, else units of the column).

    The value itself is read again, because rows with an equal one may have come later; rows known already are dropped.
    Raises: SourceFailed: a lag on text.
    """
    value = value_of(text)
    if lag is None:
        return value
    if isinstance(value, datetime):
        return value - timedelta(seconds=float(lag))
    if isinstance(value, date):
        return value - timedelta(days=-(-float(lag) // 86_400))
    if isinstance(value, str):
        raise SourceFailed("a lag needs a column of numbers or times", hint="leave lag out, or take another cursor")
    return type(value)(value - type(value)(Decimal(lag)))  # type: ignore[operator]  # both have the type of value


def greatest(column: str, values: Iterable[object], before: Value | None) -> Value | None:
    """The greatest value of a batch and what was seen before it; raises SourceFailed where values do not compare."""
    best = before
    for one in values:
        if one is None:
            continue
        if type(one) not in _KINDS.values() or (isinstance(one, float) and isnan(one)):
            raise _unfit(column, one)
        found = cast("Value", one.astimezone(UTC) if isinstance(one, datetime) and one.tzinfo else one)
        try:
            best = found if best is None or found > best else best  # type: ignore[operator]  # what differs raises
        except TypeError as error:
            raise _unfit(column, one) from error
    return best


def _unfit(column: str, value: object) -> SourceFailed:
    words = f"{column} holds a {type(value).__name__} where other values have another type, or one that does not grow"
    return SourceFailed(words, hint="take a column of numbers, text, days or times as cursor")
