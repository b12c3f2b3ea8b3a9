"""Rows to train on, with known truth: seeded leads whose success depends on a few columns and on nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from headway.registry import TrainingSpec
from headway.registry.train import CodeStamp

CODE = CodeStamp(digest="sha256-" + "c" * 64, libraries={"lightgbm": "4.7.0"})


def leads(rows: int = 1200, *, seed: int = 1, **more: Sequence[object] | pl.Series) -> pl.DataFrame:
    """Leads of which about a third are won; visits and channel matter, weight is noise, some ages are missing.

    Args: more: columns to add or replace.
    """
    rng = np.random.default_rng(seed)
    visits = rng.poisson(4, rows)
    channel = rng.choice(["web", "fair", "phone"], rows, p=[0.6, 0.3, 0.1])
    age = rng.integers(18, 80, rows).astype(float)
    weight = rng.normal(70, 12, rows).round(1)
    customer = rng.random(rows) < 0.3
    logit = -2.4 + 0.35 * visits + 0.9 * (channel == "fair") + 0.02 * (age - 45) + 0.5 * customer
    won = rng.random(rows) < 1 / (1 + np.exp(-logit))
    age[rng.random(rows) < 0.1] = np.nan
    columns: dict[str, object] = {
        "visits": visits,
        "channel": channel,
        "age": age,
        "weight": weight,
        "is_customer": customer,
        "won": np.where(won, "yes", "no"),
    }
    return pl.DataFrame(columns | dict(more)).with_columns(pl.col("age").fill_nan(None))


def contract(frame: pl.DataFrame, roles: Mapping[str, str] | None = None) -> dict[str, object]:
    """An ODCS contract of a frame's columns; ``roles`` by column."""
    properties = []
    for name, dtype in frame.schema.items():
        entry: dict[str, object] = {"name": name, "logicalType": _kind(dtype)}
        if role := (roles or {}).get(name):
            entry["customProperties"] = [{"property": "role", "value": role}]
        properties.append(entry)
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "leads",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "leads", "properties": properties}],
    }


def spec(**changes: object) -> TrainingSpec:
    """A spec for leads; few resamples, since tests do not read widths of intervals."""
    return TrainingSpec(**({"name": "leads", "label": "won", "resamples": 60} | changes))  # type: ignore[arg-type]


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    return "date" if dtype == pl.Date else "timestamp" if dtype.is_temporal() else "string"
