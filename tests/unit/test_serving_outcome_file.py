"""A file of outcomes is typed row by row, with every fault named."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from headway.kernel.errors import Invalid
from headway.serving.columns import outcome_value
from headway.serving.outcome_file import SHOWN_FAULTS, check, outcome_id, parse_time


def frame(**columns: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00.250+02:00", datetime(2026, 11, 20, 8, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-11-20T10:00:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20 10:00:00.5", datetime(2026, 11, 20, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-20 10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("20.11.2026", None),
        ("2026-13-01", None),
        ("soon", None),
        (None, None),
    ],
)
def test_times_are_iso_8601_and_utc(text: str | None, expected: datetime | None) -> None:
    assert frame(at=[text]).select(parse_time(pl.col("at")))["at"].to_list() == [expected]


@pytest.mark.parametrize(
    ("told", "text", "number"),
    [
        (True, "true", 1.0),
        (False, "false", 0.0),
        (3, "3", 3.0),
        (2.5, "2.5", 2.5),
        ("yes", "yes", 1.0),
        ("No", "No", 0.0),
        (" 12.5 ", "12.5", 12.5),
        ("won", "won", None),
        (None, None, None),
    ],
)
def test_an_outcome_is_kept_as_text_and_as_a_number_when_it_is_one(
    told: object, text: str | None, number: float | None
) -> None:
    assert outcome_value(told) == (text, number)


def test_columns_are_found_by_their_other_names_and_the_rest_is_left_out() -> None:
    checked = check(frame(Decision_ID=["dec_1"], Outcome=["yes"], Date=["2026-01-02"], note=["x"]))
    [row] = checked.frame.to_dicts()
    assert (row["decision"], row["outcome"], row["value"], row["name"]) == ("dec_1", "yes", 1.0, "outcome")
    assert row["at"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert checked.ignored == ("note",)


def test_a_told_value_wins_over_the_number_in_the_outcome() -> None:
    checked = check(frame(decision=["dec_1", "dec_2"], outcome=["yes", "7"], value=["120.5", ""]))
    assert checked.frame["value"].to_list() == [120.5, 7.0]


def test_missing_columns_are_all_named() -> None:
    with pytest.raises(Invalid) as caught:
        check(frame(x=["1"]))
    assert {fault.column for fault in caught.value.faults} == {"outcome", "decision"}


def test_many_faults_are_counted_and_the_first_shown_in_order_of_rows() -> None:
    rows = SHOWN_FAULTS + 50
    with pytest.raises(Invalid) as caught:
        check(frame(decision=["dec_1"] * rows, outcome=[None] * rows))
    assert caught.value.values == {"faults": rows, "shown": SHOWN_FAULTS}
    assert [fault.row for fault in caught.value.faults] == list(range(1, SHOWN_FAULTS + 1))


def test_an_outcome_is_named_by_what_it_says() -> None:
    first = outcome_id("dec_1", "outcome", "yes", "2026-01-01")
    assert first == outcome_id("dec_1", "outcome", "yes", "2026-01-01")
    others = {outcome_id("dec_2", "outcome", "yes", "2026-01-01"), outcome_id("dec_1", "refund", "yes", "2026-01-01")}
    assert first not in others
    assert len(others) == 2
