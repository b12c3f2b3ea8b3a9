"""Trees as masks against the walk over the same trees: two implementations of one definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headway import numerics
from headway.numerics.lightgbm_text import read_forest
from headway.numerics.tree_masks import MOST_NODES, build_masks
from headway.numerics.trees import _explainer, _walker, shapley_weights
from tests.factories.boosters import odd_rows, train
from tests.property.test_numerics_trees_match import recipes, slow


@slow
@given(recipe=recipes, which=st.integers(0, 39))
def test_masks_and_walk_explain_alike(recipe: object, which: int) -> None:
    booster, rows = train(recipe)  # type: ignore[arg-type]  # a Recipe, by its strategy
    forest = read_forest(booster.model_to_string())
    assert build_masks(forest) is not None
    weights = shapley_weights(min(forest.depth, len(forest.columns)) + 1)
    sample = np.ascontiguousarray(np.vstack([rows[:40], odd_rows(rows, recipe.seed)]))  # type: ignore[attr-defined]
    found = []
    for make in (_explainer, _walker):
        raw, phi = np.empty(len(sample)), np.empty(sample.shape)
        make(forest, sample[which].copy(), weights)(sample, raw, phi)
        found.append((raw, phi))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=0, atol=1e-12)


def test_large_trees_are_walked() -> None:
    import lightgbm

    random = np.random.default_rng(3)
    rows = random.normal(size=(4000, 3))
    label = random.random(4000)
    settings = {"objective": "regression", "num_leaves": 200, "min_data_in_leaf": 1, "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, label), 2)
    text = booster.model_to_string()
    forest = read_forest(text)
    assert len(forest.nodes) > 2 * MOST_NODES and build_masks(forest) is None
    engine = numerics.tree_engine(text, rows[0])
    scores = engine.score(rows[:50], reasons=True)
    np.testing.assert_allclose(scores.raw, booster.predict(rows[:50]), rtol=0, atol=1e-12)
    assert scores.contributions is not None
    np.testing.assert_allclose(scores.contributions.sum(axis=1), scores.raw - scores.base, rtol=0, atol=1e-12)


@slow
@given(recipe=recipes)
def test_one_row_is_explained_as_many_are(recipe: object) -> None:
    booster, rows = train(recipe)  # type: ignore[arg-type]  # a Recipe, by its strategy
    engine = numerics.tree_engine(booster.model_to_string(), rows[0].copy())
    scores = engine.score(rows[:20], reasons=True)
    assert scores.contributions is not None
    for i in range(len(rows[:20])):
        raw, shares = engine.explain_row(rows[i], 3)
        assert raw == scores.raw[i]
        top = numerics.top_reasons(scores.contributions[i], 3)
        assert shares == [(f, float(scores.contributions[i, f])) for f in top]


@given(
    st.floats(-800, 800),
    st.sampled_from(
        [
            numerics.Calibration(),
            numerics.Calibration(kind="sigmoid", slope=1.7, intercept=-0.3),
            numerics.Calibration(kind="isotonic", x=(-2.0, 0.0, 3.0), y=(0.1, 0.4, 0.9)),
        ]
    ),
)
def test_one_score_is_calibrated_as_many_are(raw: float, calibration: numerics.Calibration) -> None:
    many = numerics.calibrate(calibration, np.array([0.1, raw, -0.2]))
    assert numerics.calibrate_one(calibration, raw) == many[1]
