"""Builders of small LightGBM models and of rows that try every rule about missing and odd values."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
ODD = (np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 1.0, -1.0, -0.5, 2.7, 31.0, 32.0, 1000.0, 1e12, 1e300, -1e300)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a random model is made of."""

    seed: int = 0
    rows: int = 200
    columns: int = 4
    categorical: int = 1  # how many of the columns, the last ones
    categories: int = 6
    missing: float = 0.1  # share of NaN
    zeros: float = 0.2  # share of 0
    rounds: int = 8
    leaves: int = 7
    objective: str = "binary"
    parameters: dict[str, object] = field(default_factory=dict)


def make_rows(recipe: Recipe) -> Matrix:
    rng = np.random.default_rng(recipe.seed)
    rows = rng.normal(size=(recipe.rows, recipe.columns)).round(2)
    first = recipe.columns - recipe.categorical
    rows[:, first:] = rng.integers(0, recipe.categories, size=(recipe.rows, recipe.categorical))
    rows[rng.random(rows.shape) < recipe.zeros] = 0.0
    rows[rng.random(rows.shape) < recipe.missing] = np.nan
    return rows


def train(recipe: Recipe) -> tuple[lgb.Booster, Matrix]:
    rows = make_rows(recipe)
    rng = np.random.default_rng(recipe.seed + 1)
    known = np.nan_to_num(rows, nan=0.7)
    codes = np.abs(known[:, -1]).astype(int) % recipe.categories
    effects = 3 * rng.normal(size=recipe.categories)  # of the last column's categories; no use of their order
    signal = known @ rng.normal(size=recipe.columns) + effects[codes] + np.isnan(rows).sum(axis=1)
    label = signal + rng.normal(size=len(rows))
    if recipe.objective != "regression":
        label = (label > np.median(label)).astype(float)
    parameters: dict[str, object] = {
        "objective": recipe.objective,
        "num_leaves": recipe.leaves,
        "min_data_in_leaf": 2,
        "min_data_per_group": 2,
        "cat_smooth": 1.0,
        "cat_l2": 0.1,
        "max_cat_to_onehot": 2,
        "num_threads": 1,
        "verbose": -1,
        "seed": recipe.seed,
        "deterministic": True,
    }
    first = recipe.columns - recipe.categorical
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        data = lgb.Dataset(
            rows,
            label,
            feature_name=[f"f{i}" for i in range(recipe.columns)],
            categorical_feature=list(range(first, recipe.columns)),
            params={"verbose": -1},
        )
        booster = lgb.train(parameters | recipe.parameters, data, recipe.rounds)
    return booster, rows


def odd_rows(rows: Matrix, seed: int, count: int = 60) -> Matrix:
    """Rows mixed from real values and odd ones."""
    rng = np.random.default_rng(seed)
    made = rows[rng.integers(0, len(rows), count)].copy()
    odd = rng.random(made.shape) < 0.4
    made[odd] = rng.choice(ODD, size=int(odd.sum()))
    return made
