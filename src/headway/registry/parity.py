"""Holds the node's engine against the library that trained the model, on stored rows and on made edge rows.

A conversion that is wrong on missing values or beyond the training range is silent until it decides about somebody.
So every model is compared on difference of scores *and* on decisions that would flip, before it may be packed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from headway.numerics import Calibration, Engine, calibrate
from headway.registry.entities import ParityReport
from headway.registry.errors import ParityFailed
from headway.runtime import Feature, Policy, choose_band

TOLERANCE = 1e-9
"""Largest difference of log-odds that rounding may make, relative where they are larger than 1."""
STORED_ROWS = 2_000
ONE_BY_ONE = 400
"""Rows, the edge rows among them, that are also scored as a node scores a single record."""

Floats = NDArray[np.float64]


def compare(
    engine: Engine,
    native: Callable[[Floats], Floats],
    stored: Floats,
    *,
    features: Sequence[Feature],
    policy: Policy,
    calibration: Calibration,
) -> ParityReport:
    """Compare scores and decisions; raises ParityFailed when they differ.

    Args: native: the training library's log-odds; stored: encoded rows, of which at most 2,000 are used.
    """
    rows = stored[:: max(1, len(stored) // STORED_ROWS)][:STORED_ROWS]
    edges = edge_rows(rows, features)
    every = np.vstack([rows, edges])
    ours = engine.score(every, reasons=True)
    theirs = native(every)
    size = np.maximum(1.0, np.abs(theirs))
    difference = np.abs(ours.raw - theirs) / size
    difference = np.append(difference, _one_by_one(engine, every, theirs) / size[-ONE_BY_ONE:])
    gap = 0.0
    if ours.contributions is not None:
        gap = float((np.abs(ours.contributions.sum(1) - (ours.raw - ours.base)) / size).max())
    flips = _flips(policy, calibrate(calibration, ours.raw), calibrate(calibration, theirs))
    worst = float(difference.max()) if np.isfinite(difference).all() else float("inf")
    report = ParityReport(
        rows=len(rows),
        edge_rows=len(edges),
        max_difference=worst if np.isfinite(worst) else -1.0,
        decision_flips=flips,
        tolerance=TOLERANCE,
        max_reason_gap=gap,
        passed=worst <= TOLERANCE and flips == 0 and gap <= 1e-6,
    )
    if not report.passed:
        raise ParityFailed(
            f"the node's engine and the trained model differ by {worst:.3g} in log-odds and in {flips} decisions "
            f"over {len(every)} rows",
            hint="the model is not registered; report this with the training data's column types",
            values={"max_difference": worst, "decision_flips": flips, "max_reason_gap": gap},
        )
    return report


def _one_by_one(engine: Engine, rows: Floats, theirs: Floats) -> Floats:
    """Differences on the way that single records take."""
    singles = np.array([engine.explain_row(row, 1)[0] for row in rows[-ONE_BY_ONE:]])
    return np.abs(singles - theirs[-ONE_BY_ONE:])


def edge_rows(rows: Floats, features: Sequence[Feature]) -> Floats:
    """Make rows at the edges of each feature: missing, zero, tiny, huge, beyond 2^24; the rest as in a stored row.

    Also a row all missing, and rows that stand exactly on, just below and just above a stored value.
    """
    base = rows[len(rows) // 2]
    made = [np.full(len(features), np.nan), np.zeros(len(features)), base]
    for at, feature in enumerate(features):
        for value in _edges(feature, rows[:, at]):
            row = base.copy()
            row[at] = value
            made.append(row)
    return np.vstack(made)


def _edges(feature: Feature, values: Floats) -> list[float]:
    if feature.kind == "category":
        return [float("nan"), 0.0, float(len(feature.categories) - 1)]
    if feature.kind == "boolean":
        return [float("nan"), 0.0, 1.0]
    known = values[~np.isnan(values)]
    some = float(known[len(known) // 3]) if len(known) else 1.0
    around = [some, float(np.nextafter(some, -np.inf)), float(np.nextafter(some, np.inf))]
    large = [2.0**24 + 1, -(2.0**24) - 1, 2.0**53, 1e18, -1e18]
    return [float("nan"), 0.0, -0.0, 1e-35, -1e-35, 1e-300, *around, *large]


def _flips(policy: Policy, ours: Floats, theirs: Floats) -> int:
    return sum(
        choose_band(policy, float(a)).name != choose_band(policy, float(b)).name
        for a, b in zip(ours, theirs, strict=True)
        if a != b
    )
