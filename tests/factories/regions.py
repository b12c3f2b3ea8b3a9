"""Two regions of a simulated company: one where a model was learnt, one that writes German and has other customers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway import demo
from headway.registry.features import encode_frame, freeze_features
from headway.registry.learners import fit
from headway.runtime import Feature

FEATURES = (
    "source",
    "industry",
    "job_level",
    "company_size",
    "pages_viewed",
    "emails_opened",
    "days_since_contact",
    "existing_customer",
)
LAST_KNOWN = pl.datetime(2025, 11, 1, time_zone="UTC")
"""Later leads have outcomes that are known for sales before they are known for losses."""
SPEC = """
name: Two regions
seed: {seed}
start: 2025-01-01
days: 365
rows: {rows}
departments:
  - name: sales
    title: Sales
    tables: {{leads: 1}}
    regions:
      - {{name: north, title: North, share: 0.5}}
      - name: south
        title: South
        language: de
        share: 0.5
        factor: {{leads.company_size: 0.6, leads.pages_viewed: 1.3}}
        mix:
          leads.industry: {{manufacturing: 0.45, retail: 0.20, software: 0.10, health: 0.10, public: 0.15}}
          leads.existing_customer: {{true: 0.3, false: 0.7}}
          leads.source: {{web form: 0.25, event: 0.25, partner: 0.25, referral: 0.05, cold list: 0.20}}
        columns: {columns}
        codes: {codes}
leads:
  weights: {weights}
  effect_sd: 0.2
  action_share: 0.3
  action_by_score: 0.3
  action_around: -2
  delay_least_days: 2
  delay_mean_days: 12
  window_days: 60
{events}
"""
MOVES: Mapping[str, Mapping[str, float]] = {
    "other reasons": {
        "source=referral": -0.5,
        "source=partner": -0.5,
        "source=cold list": 0.8,
        "job_level=director": -0.5,
    },
    "behaviour tells nothing": {"pages_viewed": 0.0, "emails_opened": 0.0, "intercept": -2.2},
    "half of everything": {
        "source=referral": 0.4,
        "source=partner": 0.1,
        "source=cold list": -0.3,
        "job_level=director": 0.2,
        "pages_viewed": 0.03,
        "emails_opened": 0.05,
        "intercept": -2.4,
    },
    "more of them buy": {"intercept": -2.3},
}
"""Concept changes that are planted in the second region: what each costs is told by ``tests/prove``."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Leads of both regions with final outcomes; the second's as its region writes them, and which column is which."""

    north: pl.DataFrame
    south: pl.DataFrame
    columns: dict[str, str] = field(default_factory=dict)
    """Of the second region's file: our column, then theirs."""


def regions(seed: int, *, rows: int = 40_000, moved: Mapping[str, float] | None = None, german: bool = True) -> Regions:
    """Generate both regions.

    Args: moved: weights of the second region's model of leads that a planted concept change moves, from the first day on.
        german: whether the second region has names and codes of its own.
    """
    plain = demo.northwind().plain()
    south = next(
        region
        for one in plain["departments"]
        if one["name"] == "sales"
        for region in one["regions"]
        if region["name"] == "south"  # type: ignore[attr-defined]
    )
    event = {
        "name": "moved",
        "kind": "concept_change",
        "department": "sales",
        "region": "south",
        "table": "leads",
        "start": "2025-01-01",
        "weights": dict(moved or {}),
    }
    codes = {key: value for key, value in south["codes"].items() if key.startswith("leads.")}
    text = SPEC.format(
        seed=seed,
        rows=rows,
        columns=json.dumps({"leads": south["columns"]["leads"]} if german else {}),
        codes=json.dumps(codes if german else {}),
        weights=json.dumps(plain["leads"]["weights"]),  # type: ignore[index]
        events=f"events: {json.dumps([event])}" if moved else "",
    )
    with TemporaryDirectory(prefix="headway-") as folder:
        made = demo.generate(demo.spec_of(text), Path(folder) / "company")
        found = json.loads((made.folder / "manifest.json").read_text())
        files = {one["path"]: one.get("columns", {}) for one in found["files"]}
        path = {region: f"data/sales/{region}/leads.parquet" for region in ("north", "south")}
        frames = {region: pl.read_parquet(made.folder / one) for region, one in path.items()}
    names = {ours: theirs for theirs, ours in files[path["south"]].items()}
    created = {"north": "created_at", "south": names.get("created_at", "created_at")}
    kept = {region: frame.filter(pl.col(created[region]) < LAST_KNOWN) for region, frame in frames.items()}
    return Regions(kept["north"], kept["south"], names)


@dataclass(frozen=True, slots=True)
class Carried:
    """A model learnt in the first region, with scores of rows it did not see there, and of all rows of the second."""

    features: tuple[Feature, ...]
    raw: NDArray[np.float64]
    y: NDArray[np.float64]
    x: NDArray[np.float64]
    target_raw: NDArray[np.float64]
    target_y: NDArray[np.float64]
    target_x: NDArray[np.float64]


def carried(seed: int, *, rows: int = 40_000, moved: Mapping[str, float] | None = None) -> Carried:
    """Train on the earlier three quarters of the first region, as training in time order does, and score the rest."""
    found = regions(seed, rows=rows, moved=moved, german=False)
    north = found.north.sort("created_at")
    y, target_y = ((frame["converted"] == "yes").to_numpy().astype(np.float64) for frame in (north, found.south))
    learn = int(0.75 * north.height)
    features = freeze_features(north[:learn], FEATURES)
    x, target_x = encode_frame(north, features), encode_frame(found.south, features)
    model = fit("lightgbm", features, x[:learn], y[:learn], seed=7)
    return Carried(features, model.raw(x[learn:]), y[learn:], x[learn:], model.raw(target_x), target_y, target_x)
