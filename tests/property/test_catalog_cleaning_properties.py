"""What must hold for any table in which errors are looked for."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.catalog import cleaning
from headway.catalog.cleaning.odds import PRIOR, error_odds, pooled, weight
from tests.factories.dirty_tables import tables
from tests.factories.dose import examples

CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "N/A", "12", "12.5", "-3", "1e9", "yes", "Yes", "yes ", "no", "Vienna", "Viena", "5 kg", "5%"]
    ),
    st.text(alphabet="ab1 ,.-'é\u0000", max_size=6),
)
slow = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    """Small tables whose columns repeat a few values, with other values strewn in."""
    rows = draw(st.integers(0, 40))
    columns = {}
    for at in range(draw(st.integers(1, 4))):
        usual = draw(st.lists(CELLS, min_size=1, max_size=4))
        picks = draw(st.lists(st.one_of(st.sampled_from(usual), CELLS), min_size=rows, max_size=rows))
        columns[f"c{at}"] = pl.Series(picks, dtype=pl.String)
    return pl.DataFrame(columns)


def told(found: cleaning.Detection, order: np.ndarray | None = None) -> set[tuple[object, ...]]:
    """Findings as a set; rows as they were before the table was put into an order."""
    return {
        (
            one.row if order is None else int(order[one.row - 1]) + 1,
            one.column,
            one.kind,
            round(one.confidence, 9),
            one.evidence,
        )
        for one in found.findings()
    }


@slow
@given(frames())
def test_findings_and_suggestions_lie_within_the_table(frame: pl.DataFrame) -> None:
    found = cleaning.detect(frame)
    cells = [(one.row, one.column) for one in found.findings()]
    assert len(cells) == len(set(cells))
    for one in found.findings():
        held = frame[one.column][one.row - 1]
        assert one.value == (held if held is not None and held.strip() else None)
        assert 0.5 < one.confidence <= 1.0
        assert one.evidence
    for suggestion in found.suggestions():
        assert (suggestion.row, suggestion.column) in cells
        assert suggestion.new != suggestion.old
        assert 0.0 <= suggestion.confidence <= 1.0
        assert (suggestion.action == "empty") == (suggestion.new is None)


@slow
@given(frames())
def test_accepting_nothing_changes_nothing_and_accepting_all_changes_just_what_is_logged(frame: pl.DataFrame) -> None:
    same, nothing = cleaning.apply(frame, [])
    assert same.equals(frame)
    assert nothing == []
    accepted = list(cleaning.detect(frame).suggestions())
    changed, log = cleaning.apply(frame, accepted)
    assert [(one.row, one.column, one.new) for one in log] == [(one.row, one.column, one.new) for one in accepted]
    logged = {(one.row, one.column): one.new for one in log}
    for name in frame.columns:
        for row, (before, after) in enumerate(zip(frame[name], changed[name], strict=True), 1):
            assert after == logged.get((row, name), before)


@slow
@given(frames(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_names_of_columns_matter(frame: pl.DataFrame, chance: object) -> None:
    order = np.random.default_rng(frame.height).permutation(frame.height)
    expected = told(cleaning.detect(frame))
    assert told(cleaning.detect(frame[order.tolist()]), order) == expected
    renamed = cleaning.detect(frame.rename({name: f"other {name}" for name in frame.columns})).frame
    plain = cleaning.detect(frame).frame
    columns = ["row", "kind", "confidence", "proposed"]
    assert renamed.select(columns).equals(plain.select(columns))


@pytest.mark.parametrize("at", range(7))
def test_findings_in_dirty_tables_do_not_depend_on_the_order_of_rows(at: int) -> None:
    frame = tables(3, 400)[at].dirty
    order = np.random.default_rng(at).permutation(frame.height)
    expected = told(cleaning.detect(frame))
    assert expected
    assert told(cleaning.detect(frame[order.tolist()]), order) == expected


@slow
@given(
    st.lists(st.text(alphabet="abc 123%x", min_size=1, max_size=8).filter(str.strip), min_size=1, max_size=5),
    st.integers(1, 60),
)
def test_constant_columns_hold_no_errors(values: list[str], rows: int) -> None:
    frame = pl.DataFrame({f"c{at}": pl.repeat(value, rows, eager=True) for at, value in enumerate(values)})
    assert cleaning.detect(frame).frame.filter(pl.col("kind") != "spelling").is_empty()


@slow
@given(st.integers(1, 10_000), st.floats(0, 1))
def test_odds_fall_as_a_minority_grows(rows: int, share: float) -> None:
    fewer, more = int(share * rows), min(int(share * rows) + 1, rows)
    assert error_odds(more, rows) <= error_odds(fewer, rows) * (1 + 1e-9)


@given(st.lists(st.floats(1e-3, 0.999), max_size=5))
def test_pooling_is_bayes_rule_over_independent_evidence(chances: list[float]) -> None:
    odds = PRIOR / (1 - PRIOR)
    for chance in chances:
        odds *= chance / (1 - chance) * (1 - PRIOR) / PRIOR
    assert pooled(sum(float(weight(chance)) for chance in chances)) == pytest.approx(odds / (1 + odds), rel=1e-6)
