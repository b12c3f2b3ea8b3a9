"""How right scores were, put together where the rows lie: counts by day and range of scores come back, never the rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headway import catalog
from headway.kernel.settings import Environment
from headway.serving import columns
from headway.serving.entities import ScoredDay, ScoredRange
from headway.serving.service.arms import counted, read_as

STEPS, MOST = 8, 96
"""Ranges for each unit of log-odds, and the outermost on either side: twelve units of log-odds."""
_READ: Mapping[str, tuple[str, ...]] = {
    columns.DECISIONS: ("id", "at", "release", "score"),
    columns.INPUTS: ("id", "subject"),
    columns.OUTCOMES: ("id", "decision", "outcome", "at", "recorded_at"),
}


def outcomes_by_score(
    lake: catalog.Lake, *, name: str, environment: Environment, since: date, positive: str | None = None
) -> tuple[ScoredDay, ...]:
    """Count scored decisions and what became known of them, by release and the day they were made.

    Args: since: the first day of decisions. positive: the outcome that means success, beside a plain yes; every other
        word then means failure.
    """
    if not lake.exists(columns.DECISIONS):
        return ()
    first = datetime.combine(since, time(), UTC)
    place = f"deployment == '{name}' and environment == '{environment}'"  # a slug: no quote
    asked = {
        columns.DECISIONS: f"{place} and at >= '{first.isoformat()}'",
        columns.INPUTS: place,
        columns.OUTCOMES: f"(({place}) or deployment is null) and name == '{columns.OUTCOME_NAME}'",
    }
    parameters = {**read_as(positive), "steps": STEPS, "most": MOST}
    rows = counted(lake, "outcomes_by_score", _READ, asked, parameters)
    days = groupby(rows, key=lambda row: (row["release"], row["day"]))
    return tuple(_day(release, day, list(found)) for (release, day), found in days)


def score_ranges(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The range that each probability falls into, as the counts by range have it."""
    p = np.clip(scores, 1e-9, 1 - 1e-9)
    ranges: NDArray[np.int64] = np.clip(np.floor(STEPS * np.log(p / (1 - p))), -MOST, MOST).astype(np.int64)
    return ranges


def _day(release: str, day: int, rows: list[dict[str, Any]]) -> ScoredDay:
    return ScoredDay(
        release=release,
        day=date(1970, 1, 1) + timedelta(days=int(day)),
        decided=sum(row["decided"] for row in rows),
        known=sum(row["known"] for row in rows),
        successes=sum(row["successes"] for row in rows),
        score_sum=sum(row["score_sum"] for row in rows),
        variance_sum=sum(row["variance_sum"] for row in rows),
        squared_error_sum=sum(row["squared_error_sum"] for row in rows),
        squared_error_squares=sum(row["squared_error_squares"] for row in rows),
        ranges=tuple(
            ScoredRange(range=row["range"], failures=row["known"] - row["successes"], successes=row["successes"])
            for row in rows
            if row["known"]
        ),
    )
