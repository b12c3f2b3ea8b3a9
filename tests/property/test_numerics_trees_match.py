"""The tree engine against LightGBM itself, and its reasons against the definition of the Shapley value and shap."""

from __future__ import annotations

import warnings
from itertools import chain, combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway import numerics
from tests.factories.boosters import Matrix, Recipe, odd_rows, train
from tests.factories.dose import examples

recipes = st.builds(
    Recipe,
    seed=st.integers(0, 10_000),
    rows=st.integers(40, 300),
    columns=st.integers(2, 6),
    categorical=st.integers(0, 2),
    categories=st.sampled_from([2, 6, 40, 100]),
    missing=st.sampled_from([0.0, 0.1, 0.5]),
    zeros=st.sampled_from([0.0, 0.3]),
    rounds=st.integers(1, 12),
    leaves=st.sampled_from([2, 3, 8, 31]),
    objective=st.sampled_from(["binary", "cross_entropy", "regression"]),
    parameters=st.sampled_from(
        [
            {},
            {"zero_as_missing": True},
            {"use_missing": False},
            {"max_depth": 2},
            {"max_cat_to_onehot": 100},
            {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
            {"boosting": "dart", "drop_rate": 0.5},
            {"linear_tree": False, "extra_trees": True},
        ]
    ),
)
slow = settings(deadline=None, max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])


def expected(recipe: Recipe, raw: Matrix) -> Matrix:
    return raw if recipe.objective == "regression" else numerics.sigmoid(raw)


@slow
@given(recipe=recipes)
def test_engine_scores_as_lightgbm_does(recipe: Recipe) -> None:
    booster, rows = train(recipe)
    engine = numerics.tree_engine(booster.model_to_string())
    for sample in (rows, odd_rows(rows, recipe.seed)):
        raw = engine.score(sample, reasons=False).raw
        np.testing.assert_allclose(expected(recipe, raw), booster.predict(sample), rtol=0, atol=1e-12)


@slow
@given(recipe=recipes, which=st.integers(0, 39))
def test_contributions_sum_to_the_distance_from_the_reference(recipe: Recipe, which: int) -> None:
    booster, rows = train(recipe)
    sample = odd_rows(rows, recipe.seed)
    plain = numerics.tree_engine(booster.model_to_string()).score(sample, reasons=False)
    engine = numerics.tree_engine(booster.model_to_string(), sample[which])
    scores = engine.score(sample, reasons=True)
    assert scores.contributions is not None
    assert np.array_equal(scores.raw, plain.raw)
    assert scores.base == plain.raw[which]
    np.testing.assert_allclose(scores.contributions.sum(axis=1), scores.raw - scores.base, rtol=0, atol=1e-9)
    assert not scores.contributions[which].any()


@slow
@given(recipe=recipes, k=st.integers(0, 8), explained=st.booleans())
def test_one_row_is_explained_as_among_many(recipe: Recipe, k: int, explained: bool) -> None:
    booster, rows = train(recipe)
    sample = odd_rows(rows, recipe.seed, count=20)
    engine = numerics.tree_engine(booster.model_to_string(), sample[0] if explained else None)
    scores = engine.score(sample, reasons=True)
    for i, row in enumerate(sample):
        shares = [] if scores.contributions is None else scores.contributions[i]
        top = [] if scores.contributions is None else numerics.top_reasons(scores.contributions[i], k)
        assert engine.explain_row(row, k) == (scores.raw[i], [(at, shares[at]) for at in top])


def shapley_by_definition(engine: numerics.Engine, row: Matrix, reference: Matrix) -> Matrix:
    """Sum over all coalitions: features inside take the row's value, the others the reference's."""
    d = len(row)
    coalitions = list(chain.from_iterable(combinations(range(d), size) for size in range(d + 1)))
    mixed = np.array([[row[f] if f in inside else reference[f] for f in range(d)] for inside in coalitions])
    worth = dict(zip(coalitions, engine.score(mixed, reasons=False).raw.tolist(), strict=True))
    phi = np.zeros(d)
    for f in range(d):
        for inside in coalitions:
            if f not in inside:
                share = factorial(len(inside)) * factorial(d - len(inside) - 1) / factorial(d)
                phi[f] += share * (worth[tuple(sorted((*inside, f)))] - worth[inside])
    return phi


@settings(deadline=None, max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow])
@given(recipe=recipes)
def test_contributions_are_shapley_values(recipe: Recipe) -> None:
    booster, rows = train(recipe)
    sample = odd_rows(rows, recipe.seed, count=6)
    engine = numerics.tree_engine(booster.model_to_string(), sample[0])
    found = engine.score(sample, reasons=True).contributions
    assert found is not None
    for row, phi in zip(sample, found, strict=True):
        np.testing.assert_allclose(phi, shapley_by_definition(engine, row, sample[0]), rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_contributions_agree_with_shap(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    recipe = Recipe(seed=seed, rows=400, columns=8, categorical=0, missing=0.0, rounds=30, leaves=31)
    booster, rows = train(recipe)
    reference = np.median(rows, axis=0)
    found = numerics.tree_engine(booster.model_to_string(), reference).score(rows, reasons=True).contributions
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.TreeExplainer(booster, data=reference[np.newaxis], feature_perturbation="interventional")
        values = np.asarray(explainer.shap_values(rows))
    assert found is not None
    np.testing.assert_allclose(found, values, rtol=0, atol=2e-6)  # shap keeps thresholds and leaves in float32 steps


def test_hundreds_of_columns_and_deep_trees_are_explained() -> None:
    recipe = Recipe(seed=3, rows=1500, columns=300, categorical=3, rounds=20, leaves=255)
    booster, rows = train(recipe)
    engine = numerics.tree_engine(booster.model_to_string(), rows[0])
    scores = engine.score(rows, reasons=True)
    assert scores.contributions is not None
    np.testing.assert_allclose(scores.raw, booster.predict(rows, raw_score=True), rtol=0, atol=1e-12)
    np.testing.assert_allclose(scores.contributions.sum(axis=1), scores.raw - scores.base, rtol=0, atol=1e-9)
