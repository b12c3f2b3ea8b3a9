"""Quality faults: cells that arrive other than they are, and the list of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headway.demo import timing
from headway.demo.frames import Array, Flags, Frame, Values
from headway.demo.place import Place
from headway.demo.spec import Event

UNKNOWN = "???"
"""What stands for a value that nobody knows."""
SCALED = 1000
"""A number in the wrong unit."""


def spoil(
    place: Place, block: int, frame: Frame, *, key: str, time: str, among: Flags
) -> tuple[dict[str, Values], dict[str, Values]]:
    """Spoil cells of a block as the planted events say.

    Args: among: rows that may be hit. A cell that is missing, or that would look the same, is never hit.
    Returns: the spoiled block, and a row for each spoiled cell: key, column, event, true value, value as it arrives.
    """
    spoiled = dict(frame)
    at = frame[time].array.astype(np.float64)
    rows: list[tuple[Event, Flags, Array, Array]] = []
    for event in place.events("quality_fault"):
        if event.column is None or event.how is None or event.share is None:
            continue
        before = spoiled[event.column]
        hit = among & timing.holds(event, at) & (place.stream(block, "fault", event.name).random(len(at)) < event.share)
        after = _spoiled(before, event, hit)
        original, arriving = frame[event.column].texts(), after.texts()
        hit &= before.texts() != arriving
        spoiled[event.column] = after
        rows.append((event, hit, original[hit], arriving[hit]))
    return spoiled, _listed(frame, key, rows)


def _spoiled(values: Values, event: Event, hit: Flags) -> Values:
    if event.how == "missing":
        return replace(values, missing=hit if values.missing is None else values.missing | hit)
    if event.how == "unknown":
        levels = (*values.levels, UNKNOWN)
        return replace(values, levels=levels, array=np.where(hit, len(levels) - 1, values.array))
    by = SCALED if event.how == "scaled" else -1
    return replace(values, array=np.where(hit, values.array * by + 0, values.array))  # + 0: no minus zero


def _listed(frame: Frame, key: str, rows: list[tuple[Event, Flags, Array, Array]]) -> dict[str, Values]:
    if not rows:
        return {}
    ids = frame[key]
    counts = [int(hit.sum()) for _, hit, _, _ in rows]

    def repeated(texts: list[str]) -> Values:
        return Values(kind="category", array=np.repeat(np.arange(len(texts)), counts), levels=tuple(texts))

    return {
        key: replace(ids, array=np.concatenate([ids.array[hit] for _, hit, _, _ in rows])),
        "column": repeated([event.column or "" for event, _, _, _ in rows]),
        "event": repeated([event.name for event, _, _, _ in rows]),
        "true_value": Values(kind="text", array=np.concatenate([true for _, _, true, _ in rows])),
        "arriving_value": Values(kind="text", array=np.concatenate([arriving for _, _, _, arriving in rows])),
    }
