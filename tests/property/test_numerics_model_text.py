"""Whatever happens to a model's text, the reader either reads the same model or refuses it with its own errors."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway import numerics
from headway.numerics import ModelMalformed, ModelUnsupported
from tests.factories.boosters import Recipe, train
from tests.factories.dose import examples


@cache
def text() -> str:
    return train(Recipe(seed=5, rows=120, categories=40, rounds=4))[0].model_to_string()


def scores(model: str) -> list[float]:
    rows = np.random.default_rng(0).normal(size=(50, 4))
    return numerics.tree_engine(model).score(rows, reasons=False).raw.tolist()  # type: ignore[no-any-return]


@settings(deadline=None, max_examples=examples(300))
@given(share=st.floats(0, 1))
def test_text_cut_off_anywhere_is_refused(share: float) -> None:
    end = text().index("end of trees")
    with pytest.raises(ModelMalformed, match="cut off"):
        numerics.tree_engine(text()[: int(share * end)])


@settings(deadline=None, max_examples=examples(300))
@given(place=st.floats(0, 1, exclude_max=True), sign=st.characters(codec="utf-8"))
def test_a_changed_character_is_refused_or_gives_a_sound_engine(place: float, sign: str) -> None:
    at = int(place * text().index("end of trees"))
    try:
        made = scores(text()[:at] + sign + text()[at + 1 :])
    except (ModelMalformed, ModelUnsupported):
        return
    assert np.isfinite(made).all()


def changed(key: str, value: str, tree: int = 0) -> str:
    """The text with one line of one tree changed, and the promised sizes made to fit."""
    head, *blocks = text().split("\nTree=")
    lines = [f"{key}={value}" if line.startswith(f"{key}=") else line for line in blocks[tree].split("\n")]
    assert lines != blocks[tree].split("\n"), "the change must change something"
    blocks[tree] = "\n".join(lines)
    last, _, tail = blocks[-1].partition("\nend of trees")
    sizes = " ".join(str(len(f"Tree={block}\n".encode())) for block in [*blocks[:-1], last])
    fitted = [f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line for line in head.split("\n")]
    return "\nTree=".join(["\n".join(fitted), *blocks[:-1], last + "\nend of trees" + tail])


def numbers(key: str, tree: int = 0) -> list[str]:
    block = text().split("\nTree=")[tree + 1]
    return next(line for line in block.split("\n") if line.startswith(f"{key}=")).partition("=")[2].split()


def test_the_text_changed_back_is_the_same_model() -> None:
    assert scores(
        changed("leaf_value", " ".join(n + "0" if "." in n and "e" not in n else n for n in numbers("leaf_value")))
    ) == scores(text())


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("num_leaves", "0", "leaves"),
        ("num_leaves", "3.5", "whole number"),
        ("leaf_value", "1 2", "numbers in leaf_value"),
        ("split_feature", " ".join(["9"] * 6), "column that does not exist"),
        ("left_child", " ".join(["0"] * 6), "no tree"),
        ("left_child", " ".join(["-99"] * 6), "no tree"),
        ("decision_type", " ".join(["15"] * 6), "decision_type"),
        ("threshold", " ".join(["nan"] * 6), "not a number"),
        ("leaf_value", " ".join(["inf"] * 7), "finite"),
        ("cat_boundaries", "0", "cat_boundaries"),
        ("cat_threshold", "-1", "cat_threshold"),
        ("is_linear", "1", "linear"),
    ],
)
def test_contradictions_in_a_tree_are_named(key: str, value: str, why: str) -> None:
    assert len(numbers("leaf_value")) == 7, "the cases are written for seven leaves"
    with pytest.raises((ModelMalformed, ModelUnsupported), match=why):
        numerics.tree_engine(changed(key, value))


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("version=v4", "version=v3", "version"),
        ("num_class=1", "num_class=3", "classes"),
        ("objective=binary sigmoid:1", "objective=lambdarank", "objective"),
        ("objective=binary sigmoid:1", "objective=binary sigmoid:0", "not above 0"),
        ("objective=binary sigmoid:1", "objective=binary sigmoid:x", "no number"),
        ("feature_names=f0 f1", "feature_names=f0", "names"),
        ("tree\n", "", "begin"),
        ("Tree=1", "Tree=7", "numbered"),
        ("max_feature_idx=3", "max_feature_idx=x", "whole number"),
        ("num_class=1", "num_class=1\nnum_class=1", "twice"),
        ("shrinkage=0.1\n", "shrinkage=0.10\n", "length"),
    ],
)
def test_contradictions_in_the_head_are_named(before: str, after: str, why: str) -> None:
    assert before in text()
    with pytest.raises((ModelMalformed, ModelUnsupported), match=why):
        numerics.tree_engine(text().replace(before, after, 1))


def test_a_sigmoid_other_than_one_gives_log_odds() -> None:
    booster, rows = train(Recipe(seed=2, parameters={"sigmoid": 2.5}))
    raw = numerics.tree_engine(booster.model_to_string()).score(rows, reasons=False).raw
    np.testing.assert_allclose(numerics.sigmoid(raw), booster.predict(rows), rtol=0, atol=1e-12)


def test_trees_without_splits_are_constants() -> None:
    booster, rows = train(Recipe(seed=1, rows=30, parameters={"min_data_in_leaf": 29}))
    engine = numerics.tree_engine(booster.model_to_string(), rows[0])
    made = engine.score(rows, reasons=True)
    np.testing.assert_allclose(made.raw, booster.predict(rows, raw_score=True), rtol=0, atol=1e-12)
    assert made.contributions is not None and not made.contributions.any()
