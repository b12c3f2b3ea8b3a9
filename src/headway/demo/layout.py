"""How a region writes its rows: names of columns, codes of values, and parts of a file where the format breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from headway.demo import timing
from headway.demo.frames import Frame, Values, height, take
from headway.demo.place import Place
from headway.demo.spec import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of a table for as long as its format holds: the region's name of each column that is in it."""

    file: str
    start: date | None
    until: date | None
    columns: dict[str, str]
    """The column, then what it is called in this part."""
    codes: dict[str, dict[str, str]]


def parts(place: Place, file: str, columns: tuple[str, ...]) -> tuple[Part, ...]:
    """The parts of a file in order of time; one, unless a schema break is planted in this table."""
    breaks = place.events("schema_break") if file == place.table else ()
    days = {day for event in breaks for day in (event.start, event.until) if day is not None}
    starts: list[date | None] = [None, *sorted(days)]
    return tuple(
        _part(place, file, columns, [event for event in breaks if _covers(event, start)], start=start, until=until)
        for start, until in zip(starts, [*starts[1:], None], strict=True)
    )


def _covers(event: Event, day: date | None) -> bool:
    return day is not None and event.start <= day and (event.until is None or day < event.until)


def _part(
    place: Place, file: str, columns: tuple[str, ...], active: list[Event], *, start: date | None, until: date | None
) -> Part:
    own = place.region.columns.get(file, {})
    names = {column: own.get(column, column) for column in columns}
    codes = {column: dict(place.region.codes.get(f"{file}.{column}", {})) for column in columns}
    for event in active:
        names |= event.rename
        names = {column: name for column, name in names.items() if column not in event.drop}
        if event.column is not None:
            codes[event.column] |= event.code
    stem = file if start is None else f"{file}.from-{start.isoformat()}"
    return Part(file=stem, start=start, until=until, columns=names, codes=codes)


def written(place: Place, frame: Frame, time: str, known: tuple[Part, ...]) -> Iterator[tuple[str, dict[str, Values]]]:
    """Give the rows of each part as the region writes them; parts without rows are left out."""
    at = frame[time].array
    for part in known:
        inside = np.ones(len(at), dtype=np.bool_)
        if part.start is not None:
            inside &= at >= timing.seconds(part.start)
        if part.until is not None:
            inside &= at < timing.seconds(part.until)
        rows = take(frame, inside)
        if height(rows):
            yield part.file, {name: _coded(rows[column], part.codes[column]) for column, name in part.columns.items()}


def _coded(values: Values, codes: dict[str, str]) -> Values:
    if not codes:
        return values
    if values.kind == "flag":
        values = replace(values, kind="category", array=values.array.astype(np.int64), levels=("false", "true"))
    return replace(values, levels=tuple(codes.get(level, level) for level in values.levels))
