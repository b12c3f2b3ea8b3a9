"""Daily profiles of a simulated population whose changes are known: the oracle of monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from headway import numerics
from headway.monitoring.drift import Watched
from headway.numerics import FloatArray, Profile, Reference

FIRST = date(2025, 1, 6)
SHARES = (0.4, 0.3, 0.2, 0.1)
WEEKEND = 0.3
"""Volume of a Saturday or Sunday as a share of that of a working day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """A number ``amount``, a category ``kind``, more numbers that never change, and a score; how each is drawn."""

    mean: float = 0.0
    missing: float = 0.05
    shares: tuple[float, ...] = SHARES
    unseen: float = 0.0
    score: float = 0.0
    others: int = 4

    def draw(self, rows: int, chance: np.random.Generator) -> tuple[dict[str, FloatArray], FloatArray]:
        """Rows of the population: inputs by name, and scores."""
        amount = np.exp(chance.normal(self.mean, 1.0, rows))
        amount[chance.random(rows) < self.missing] = np.nan
        kind = chance.choice(len(self.shares), rows, p=self.shares).astype(np.float64)
        kind[chance.random(rows) < self.unseen] = numerics.UNSEEN
        more = {f"other_{i}": chance.normal(0.0, 1.0, rows) for i in range(self.others)}
        return {"amount": amount, "kind": kind, **more}, numerics.sigmoid(chance.normal(self.score - 1.0, 1.0, rows))


def watched_of(population: Population, rows: int = 5_000, seed: int = 1_000) -> Watched:
    """A reference cut from rows of a population."""
    inputs, scores = population.draw(rows, np.random.default_rng(seed))
    labels = tuple(f"kind {i}" for i in range(len(population.shares)))
    rulers = {
        name: numerics.category_ruler(labels) if name == "kind" else numerics.number_ruler(values)
        for name, values in inputs.items()
    }
    blank = Reference(
        rulers=rulers,
        score_ruler=numerics.number_ruler(scores),
        profile=Profile(rows=0, inputs={}, scores=numerics.Tally(counts=())),
    )
    profile = numerics.profile_rows(blank, inputs, scores)
    return Watched(reference=Reference(rulers=rulers, score_ruler=blank.score_ruler, profile=profile))


def simulate(
    population: Population,
    watched: Watched,
    *,
    days: int,
    a_day: int,
    seed: int,
    changed: Population | None = None,
    since: date | None = None,
    ramp_days: int = 0,
) -> dict[date, Profile]:
    """Profiles of days from FIRST on, fewer rows on weekends; from ``since`` on rows come from another population.

    Args: ramp_days: from the first changed row to all rows.
    """
    chance, made = np.random.default_rng(seed), {}
    for at in range(days):
        day = FIRST + timedelta(days=at)
        rows = int(chance.poisson(a_day * (WEEKEND if day.weekday() >= 5 else 1.0)))
        far = 0.0
        if changed is not None and since is not None and day >= since:
            far = min(1.0, ((day - since).days + 1) / ramp_days) if ramp_days else 1.0
        moved = int(chance.binomial(rows, far))
        profile = numerics.empty_profile(watched.reference)
        for one, count in ((population, rows - moved), (changed or population, moved)):
            if count:
                profile = numerics.merge_profiles(
                    profile, numerics.profile_rows(watched.reference, *one.draw(count, chance))
                )
        made[day] = profile
    return made
