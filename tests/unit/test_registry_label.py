"""The label column: what counts as success, and every way a file can fail to have one."""

from __future__ import annotations

import polars as pl
import pytest

from headway.registry.errors import BadLabel
from headway.registry.label import read_label


def frame(values: list[object], repeat: int = 60) -> pl.DataFrame:
    return pl.DataFrame({"y": values * repeat}, strict=False)


@pytest.mark.parametrize(
    ("values", "given", "positive"),
    [
        (["yes", "no"], None, "yes"),
        (["No", "Yes"], None, "Yes"),
        ([True, False], None, "true"),
        ([0, 1], None, "1"),
        ([0.0, 1.0], None, "1"),
        ([1, 2], "2", "2"),
        ([1.5, 2.5], "2.5", "2.5"),
        ([0, 1], "1.0", "1"),
        ([True, False], "1", "true"),
        (["won", "open"], None, "won"),
        (["good", "bad"], "BAD", "bad"),
        ([" ja ", "nein"], None, "ja"),
    ],
)
def test_success_is_found(values: list[object], given: str | None, positive: str) -> None:
    label = read_label(frame(values), "y", given)
    assert label.positive == positive
    assert label.values.sum() == 60
    assert label.rate == 0.5


def test_rows_without_an_answer_are_left_out_and_counted() -> None:
    label = read_label(frame(["yes", "no", None, "  "]), "y")
    assert (label.missing, len(label.values), int(label.kept.sum())) == (120, 120, 120)
    numbers = read_label(frame([1.0, 0.0, float("nan")]), "y")
    assert numbers.missing == 60


@pytest.mark.parametrize(
    ("values", "given", "words"),
    [
        (["yes"], None, "single value 'yes'"),
        (["a", "b", "c"], None, "3 values"),
        ([None], None, "empty in all"),
        (["good", "bad"], None, "neither is a plain yes"),
        (["good", "bad"], "ugly", "never is 'ugly'"),
    ],
)
def test_a_label_that_cannot_be_learnt_is_refused_in_plain_words(
    values: list[object], given: str | None, words: str
) -> None:
    with pytest.raises(BadLabel, match=words) as caught:
        read_label(frame(values), "y", given)
    assert caught.value.status == 422


def test_a_file_without_the_label_names_its_columns() -> None:
    with pytest.raises(BadLabel, match="no column 'z'") as caught:
        read_label(frame(["yes", "no"]), "z")
    assert caught.value.hint == "the columns are: y"


def test_too_few_rows_or_successes_are_refused() -> None:
    with pytest.raises(BadLabel, match="98 rows have a label"):
        read_label(frame(["yes", "no"], repeat=49), "y")
    with pytest.raises(BadLabel, match="only 10 rows have the label 'yes'"):
        read_label(pl.DataFrame({"y": ["yes"] * 10 + ["no"] * 500}), "y")
