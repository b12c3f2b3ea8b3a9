"""Runs every suspicion in order and gathers what they name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway.registry.entities import Suspect, SuspectKind
from headway.registry.suspects import copies, gaps, identifiers, movers, names, signal
from headway.registry.suspects.screening import Column, Screening

AUTO_EXCLUDED: frozenset[SuspectKind] = frozenset({"identifier", "constant", "too_many_values", "label_copy"})
"""Kinds that the model never sees; of all others the user decides."""
_ORDER = {"strong": 0, "warning": 1, "note": 2}


def find_suspects(
    frame: pl.DataFrame,
    columns: Sequence[str],
    y: NDArray[np.float64],
    *,
    order: NDArray[np.intp] | None = None,
    keys: Collection[str] = (),
    seed: int = 0,
) -> tuple[Suspect, ...]:
    """Name suspicious columns, the strongest first.

    Args: frame: rows that have a label; columns: those that could be features; y: 0 or 1 a row; order: row numbers
        from the earliest to the latest, when known; keys: columns that the contract calls a key.
    """
    everything = Screening(
        columns=tuple(Column(name, frame[name]) for name in columns),
        y=y,
        order=order,
        keys=frozenset(keys),
        seed=seed,
    )
    found = [*identifiers.find(everything), *copies.label_copies(everything)]
    dropped = {suspect.column for suspect in found if suspect.kind in AUTO_EXCLUDED}
    rest = Screening(
        columns=tuple(column for column in everything.columns if column.name not in dropped),
        y=y,
        order=order,
        keys=everything.keys,
        seed=seed,
    )
    for suspicion in (signal.find, gaps.find, names.find, copies.duplicates, movers.find):
        found.extend(suspicion(rest))
    place = {name: at for at, name in enumerate(columns)}
    return tuple(sorted(found, key=lambda suspect: (_ORDER[suspect.severity], place[suspect.column])))
