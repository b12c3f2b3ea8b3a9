"""Cells that are probably wrong, why, and what is proposed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from headway.catalog import cleaning
from headway.catalog.cleaning.coding import code
from headway.catalog.cleaning.dependencies import dependencies
from headway.catalog.cleaning.edits import edits
from headway.catalog.cleaning.sources import claims, truth
from headway.catalog.errors import StaleSuggestion, UnknownColumn
from headway.kernel.errors import Invalid
from tests.factories.dirty_tables import DirtyTable, ratings, tables


def column(*values: str | None, times: int = 1) -> pl.DataFrame:
    return pl.DataFrame({"v": pl.Series(list(values) * times, dtype=pl.String)})


def found(frame: pl.DataFrame) -> list[tuple[int, str, str | None, str | None]]:
    """Row, kind, value and what is proposed."""
    table = cleaning.detect(frame).frame
    return [(r["row"], r["kind"], r["value"], r["proposed"]) for r in table.iter_rows(named=True)]


def numbers(rows: int) -> list[str]:
    return [str(i % 37) for i in range(rows)]


def test_a_word_for_missing_between_numbers_is_found_and_emptied() -> None:
    assert found(column(*numbers(99), "N/A")) == [(100, "marker", "N/A", None)]
    assert cleaning.detect(column(*numbers(99), "N/A")).frame["action"].to_list() == ["empty"]


def test_a_word_that_stands_between_words_as_often_as_others_is_a_value() -> None:
    assert found(column("none", "some", "all", times=50)) == []


def test_one_unit_that_all_numbers_carry_is_a_format() -> None:
    assert found(column(*(f"{i} patients" for i in range(100)))) == []


def test_several_units_of_one_column_become_plain_numbers() -> None:
    frame = column(*(f"{i % 9}.5 oz" for i in range(60)), *(f"{i % 9}.5 ounce" for i in range(60)))
    assert {kind for _, kind, _, _ in found(frame)} == {"format"}
    assert len(found(frame)) == 120
    assert found(frame)[0][3] == "0.5"


def test_letters_behind_whole_numbers_make_codes() -> None:
    assert found(column(*(f"{79000 + i}{'AB'[i % 2]}" for i in range(200)))) == []


def test_a_rare_near_duplicate_of_a_frequent_value_is_misspelt() -> None:
    words = ["Marketing", "Logistics", "Accounting", "Research"]
    assert found(column(*words * 30, "Logsitics")) == [(121, "dictionary", "Logsitics", "Logistics")]


def test_values_that_are_alike_by_nature_are_not_misspelt() -> None:
    codes = [f"unit {letter}" for letter in "abcdefghij"]
    assert found(column(*codes * 30, "unit k")) == []


def test_numbers_are_never_misspelt() -> None:
    assert found(column(*["1000", "2000", "3000"] * 50, "1001")) == []


def test_a_misspelt_word_beside_changing_numbers_is_found() -> None:
    frame = column(*(f"{i} patients" for i in range(150)), "17 patiexts")
    assert found(frame) == [(151, "dictionary", "17 patiexts", "17 patients")]


def test_a_value_in_other_case_takes_the_usual_form() -> None:
    assert (91, "spelling", "NORTH", "North") in found(column(*["North", "South", "West"] * 30, "NORTH"))


def test_free_text_is_not_brought_into_one_spelling() -> None:
    said = [f"The {one} was near the {two}" for one in WORDS for two in WORDS]
    assert found(column(*said, "A good day", "a good day!", "A good day")) == []


def test_a_rare_pattern_among_codes_is_found() -> None:
    frame = column(*(f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(200)), "28.02.2024")
    assert [(row, kind) for row, kind, _, _ in found(frame)] == [(201, "pattern")]


def test_a_number_far_from_all_others_is_found() -> None:
    frame = column(*(f"{20 + i % 17}.5" for i in range(200)), "9999.0")
    assert [(row, kind) for row, kind, _, _ in found(frame)] == [(201, "outlier")]


def test_heavy_tails_are_no_outliers() -> None:
    amounts = np.random.default_rng(1).lognormal(3, 2, 3000).round(2)
    assert found(column(*map(str, amounts))) == []


def test_a_value_that_slipped_into_its_neighbour_is_put_back() -> None:
    places = [("Lima", "PE"), ("Quito", "EC"), ("Bogota", "CO"), ("Sucre", "BO")] * 20
    frame = pl.DataFrame([*places, ("Lima PE", None), ("Quito EC", None)], schema=["town", "land"], orient="row")
    made = cleaning.detect(frame)
    clean, log = cleaning.apply(frame, made.suggestions())
    assert clean.row(80) == ("Lima", "PE")
    assert clean.row(81) == ("Quito", "EC")
    assert {(one.row, one.column) for one in log} == {(81, "town"), (81, "land"), (82, "town"), (82, "land")}


def grouped(values: Sequence[str | None], last: str | None) -> pl.DataFrame:
    """Ten groups of twelve rows; the last row of all holds something else."""
    keys = [f"k{i}" for i in range(len(values)) for _ in range(12)]
    held = [value for value in values for _ in range(12)]
    return pl.DataFrame({"key": keys, "v": pl.Series([*held[:-1], last], dtype=pl.String)})


WORDS = ["amber", "birch", "cedar", "dune", "elm", "fern", "grove", "hazel", "ivy", "juniper"]


def test_a_cell_that_breaks_a_dependency_gets_the_value_of_its_group() -> None:
    frame = grouped(WORDS, "amber")
    assert (120, "dependency", "amber", "juniper") in found(frame)
    evidence = cleaning.detect(frame).frame.filter(pl.col("column") == "v")["evidence"].to_list()
    assert evidence == ["key 'k9' goes with 'juniper' in 11 of 12 rows that have a value"]


def test_a_blank_cell_is_filled_where_its_group_knows_the_value() -> None:
    assert found(grouped(WORDS, None)) == [(120, "dependency", None, "juniper")]


def test_a_blank_cell_is_no_error_where_nothing_says_what_belongs_there() -> None:
    assert found(column("a", "b", None, times=40)) == []


def test_a_blank_cell_is_an_error_where_the_contract_requires_a_value() -> None:
    contract: dict[str, object] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "t",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "t", "properties": [{"name": "v", "logicalType": "string", "required": True}]}],
    }
    made = cleaning.detect(column("a", "b", None, times=40), contract)
    assert made.frame["kind"].unique().to_list() == ["missing"]
    assert made.frame.height == 40


def test_preferences_and_lopsided_columns_are_no_dependencies() -> None:
    chance = np.random.default_rng(5)
    who = chance.integers(0, 40, 2000)
    grade = np.where(chance.random(2000) < 0.6, who % 5, chance.integers(0, 5, 2000))
    land = np.where(chance.random(2000) < 0.93, 0, 1 + chance.integers(0, 6, 2000))
    frame = pl.DataFrame({"who": who, "grade": grade, "land": land}).with_columns(pl.all().cast(pl.String))
    assert dependencies(code(frame)) == {}


def test_a_dependency_that_holds_under_a_condition_leaves_the_others_alone() -> None:
    rows = [(f"m{i % 10}", "north", f"north-{i % 10}") for i in range(300)]
    rows += [(f"m{i % 10}", "south", f"south-{i % 10}") for i in range(20)]
    frame = pl.DataFrame(rows, schema=["measure", "area", "mean"], orient="row")
    assert cleaning.detect(frame).frame.filter(pl.col("kind") == "dependency").is_empty()


def test_poor_sources_are_told_from_good_ones() -> None:
    made = ratings(1, 1200)
    table = code(made.dirty)
    names = claims(table)
    assert names is not None
    assert (names.thing, names.source) == (0, 1)
    accuracy = truth(table, names).accuracy[2]
    order = table.columns[1].values.to_list()
    poor = {order[at] for at in np.argsort(accuracy)[:2]}
    assert poor == {"agency 0", "agency 1"}
    assert accuracy[order.index("agency 5")] == pytest.approx(0.92, abs=0.06)


def test_a_table_of_events_is_not_taken_for_what_sources_tell() -> None:
    chance = np.random.default_rng(2)
    frame = pl.DataFrame(
        {
            "sensor": np.repeat(np.arange(20), 50),
            "hour": np.tile(np.arange(50), 20),
            "heat": chance.normal(20, 3, 1000).round(1),
            "state": chance.choice(["ok", "off"], 1000),
        }
    )
    assert claims(code(frame.with_columns(pl.all().cast(pl.String)))) is None


def measured(table: DirtyTable, made: cleaning.Detection) -> tuple[float, float]:
    """Precision and recall."""
    wrong = {(row, name) for name in table.wrong.columns for row in (table.wrong[name].arg_true() + 1).to_list()}
    cells = set(zip(made.frame["row"].to_list(), made.frame["column"].to_list(), strict=True))
    return len(cells & wrong) / max(len(cells), 1), len(cells & wrong) / len(wrong)


FLOORS = {
    "orders": (0.99, 0.95),
    "staff": (0.99, 0.9),
    "shipments": (0.8, 0.8),
    "ratings": (0.95, 0.95),
    "meters": (0.95, 0.95),
    "clinics": (0.95, 0.9),
    "library": (0.9, 0.9),
}


@pytest.mark.parametrize("at", range(7))
def test_errors_of_many_kinds_are_found_and_clean_tables_left_alone(at: int) -> None:
    for seed in (21, 22):
        table = tables(seed, 1500)[at]
        precision, recall = measured(table, cleaning.detect(table.dirty))
        assert precision >= FLOORS[table.name][0]
        assert recall >= FLOORS[table.name][1]
        cells = table.clean.height * table.clean.width
        assert cleaning.detect(table.clean).frame.height <= 0.002 * cells


def test_labels_settle_what_the_table_alone_cannot() -> None:
    """Swapped codes contradict their hubs, and nothing but a steward says which of the two is wrong."""
    table = next(one for one in tables(0) if one.name == "shipments")
    study = cleaning.study(table.dirty)
    alone = measured(table, cleaning.detect_in(study))
    rows = cleaning.rows_to_label(study, seed=1)
    wrong = table.wrong
    answers = {row: frozenset(name for name in wrong.columns if wrong[name][row - 1]) for row in rows}
    taught = cleaning.detect_with(study, answers, seed=1)
    precision, recall = measured(table, taught)
    assert precision > alone[0] + 0.03
    assert recall > 0.9
    cells = set(zip(taught.frame["row"].to_list(), taught.frame["column"].to_list(), strict=True))
    for row, names in answers.items():
        assert {name for at, name in cells if at == row} == names


def test_rows_to_label_are_different_rows_and_the_same_for_a_seed() -> None:
    study = cleaning.study(tables(4, 300)[0].dirty)
    rows = cleaning.rows_to_label(study, 15, seed=3)
    assert len(set(rows)) == 15
    assert all(1 <= row <= 300 for row in rows)
    assert rows == cleaning.rows_to_label(study, 15, seed=3)
    assert len(cleaning.rows_to_label(cleaning.study(column("a", "b")), 20)) == 2


def test_labels_of_unknown_rows_and_columns_are_refused_together() -> None:
    study = cleaning.study(column("a", "b"))
    with pytest.raises(UnknownColumn, match=r"row 3; column 'w'"):
        cleaning.detect_with(study, {3: frozenset(), 1: frozenset({"w"})})


def suggestion(**other: object) -> cleaning.Suggestion:
    return cleaning.Suggestion(
        **(
            {
                "row": 1,
                "column": "v",
                "kind": "dictionary",
                "old": "a",
                "action": "replace",
                "new": "b",
                "confidence": 0.9,
                "reason": "because",
            }
            | other
        )  # type: ignore[arg-type]
    )


def test_suggestions_that_do_not_fit_are_refused_together_and_nothing_is_changed() -> None:
    frame = pl.DataFrame({"v": ["a", "c"], "n": [1, 2]})
    accepted = [
        suggestion(row=3),
        suggestion(column="w"),
        suggestion(column="n", old="5", new="6"),
        suggestion(column="n", row=2, old="2", new="two"),
    ]
    with pytest.raises(StaleSuggestion) as refused:
        cleaning.apply(frame, accepted)
    assert [fault.message for fault in refused.value.faults] == [
        "row 3, column 'v' lies outside the 2 rows",
        "row 1, column 'w' has no such column",
        "row 1, column 'n' holds '1' and not '5'",
        "row 2, column 'n' cannot hold 'two' as Int64",
    ]
    with pytest.raises(StaleSuggestion, match="do not fit"):
        cleaning.apply(frame, [suggestion(), suggestion(new="c")])


def test_typed_columns_keep_their_types_when_they_are_repaired() -> None:
    frame = pl.DataFrame({"n": [1, 2, 3]})
    accepted = [
        suggestion(column="n", row=2, old="2", new="20"),
        suggestion(column="n", row=3, old="3", action="empty", new=None),
    ]
    changed, log = cleaning.apply(frame, accepted)
    assert changed["n"].to_list() == [1, 20, None]
    assert changed.schema == frame.schema
    assert [(one.old, one.new, one.reason) for one in log] == [("2", "20", "because"), ("3", None, "because")]


def test_columns_of_lists_are_refused_by_name() -> None:
    with pytest.raises(Invalid, match="tags"):
        cleaning.detect(pl.DataFrame({"a": [1], "tags": [["x"]]}))


def test_a_table_without_rows_or_columns_has_no_errors() -> None:
    assert cleaning.detect(pl.DataFrame()).frame.is_empty()
    assert cleaning.detect(pl.DataFrame({"a": pl.Series([], dtype=pl.String)})).frame.columns == list(cleaning.FINDINGS)


@pytest.mark.parametrize(
    ("one", "two", "far"), [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("aé", "ae", 1)]
)
def test_edits_are_counted(one: str, two: str, far: int) -> None:
    signs = [np.array([ord(sign) for sign in text], dtype=np.int32) for text in (one, two)]
    assert edits(*signs) == edits(*signs[::-1]) == far


def test_a_word_for_missing_in_the_same_row_explains_no_breach() -> None:
    frame = grouped(WORDS, "juniper").with_columns(size=pl.Series([str(i % 40) for i in range(120)]))
    broken = [5, 17, 29, 41, 53, 65]
    frame = frame.with_columns(frame["v"].scatter(broken, "wren"), frame["size"].scatter(broken, "N/A"))
    made = cleaning.detect(frame).frame
    assert made.filter(pl.col("column") == "v")["row"].to_list() == [row + 1 for row in broken]
