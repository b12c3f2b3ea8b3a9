"""The statement that sets outcomes beside scores, on rows by hand: which outcome counts, whose it is, what it says."""

from __future__ import annotations

import math
from importlib.resources import files
from typing import Any

import duckdb
import pytest

from headway.serving.service.arms import read_as
from headway.serving.service.scored import MOST, STEPS

DAY = 86_400_000_000


def counted(
    decisions: list[tuple[Any, ...]],
    outcomes: list[tuple[Any, ...]],
    inputs: list[tuple[Any, ...]] = [],  # noqa: B006  never changed
    positive: str | None = None,
) -> list[dict[str, Any]]:
    """Run the statement: decisions (id, at_us, release, score), outcomes (id, decision, outcome, at_us, recorded_at_us)."""
    with duckdb.connect() as database:
        database.execute("create table decisions (id text, at_us bigint, release text, score double)")
        database.execute("create table inputs (id text, subject text)")
        database.execute(
            "create table outcomes (id text, decision text, outcome text, at_us bigint, recorded_at_us bigint)"
        )
        for table, rows in (("decisions", decisions), ("inputs", inputs), ("outcomes", outcomes)):
            for row in rows:
                database.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)  # noqa: S608
        text = files("headway.serving").joinpath("sql/outcomes_by_score.sql").read_text()
        found = database.execute(text, {**read_as(positive), "steps": STEPS, "most": MOST})
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_outcome_that_happened_last_counts() -> None:
    told = [("o1", "d1", "yes", 5, 50), ("o2", "d1", "no", 9, 20), ("o3", "d1", "yes", 7, 90)]
    [row] = counted([("d1", 0, "r", 0.5)], told)
    assert (row["decided"], row["known"], row["successes"]) == (1, 1, 0)


def test_an_outcome_about_a_subject_belongs_to_the_latest_decision_before_it() -> None:
    decisions = [("d1", 0, "r", 0.9), ("d2", DAY, "r", 0.8), ("d3", 3 * DAY, "r", 0.7)]
    inputs = [("d1", "ann"), ("d2", "ann"), ("d3", "ann"), ("o1", "ann")]
    rows = counted(decisions, [("o1", None, "true", 2 * DAY, 2 * DAY)], inputs)
    assert {row["day"]: row["known"] for row in rows} == {0: 0, 1: 1, 3: 0}


def test_words_and_numbers_are_read_as_the_label_says() -> None:
    decisions = [(f"d{i}", 0, "r", 0.5) for i in range(5)]
    told = [(f"o{i}", f"d{i}", word, 1, 1) for i, word in enumerate(("won", "lost", "3.5", "yes", "no"))]
    [row] = counted(decisions, told, positive="Won")
    assert (row["known"], row["successes"]) == (4, 2), "an amount says neither yes nor no"
    [row] = counted(decisions, told)
    assert (row["known"], row["successes"]) == (2, 1), "without a label only plain words are read"


def test_sums_are_over_what_is_known_and_ranges_rise_with_the_score() -> None:
    scores = [0.0, 0.01, 0.4, 0.6, 0.99, 1.0]
    decisions = [(f"d{i}", 0, "r", score) for i, score in enumerate(scores)]
    told = [(f"o{i}", f"d{i}", "yes" if score > 0.5 else "no", 1, 1) for i, score in enumerate(scores)]
    rows = counted([*decisions, ("d9", 0, "r", 0.3)], told)
    ranges = [row["range"] for row in rows if row["known"]]
    assert ranges == sorted(set(ranges)) and ranges[0] == -MOST and ranges[-1] == MOST
    assert math.floor(STEPS * math.log(0.6 / 0.4)) in ranges
    assert sum(row["decided"] for row in rows) == 7
    assert sum(row["score_sum"] for row in rows) == pytest.approx(sum(scores))
    error = [(score - (score > 0.5)) ** 2 for score in scores]
    assert sum(row["squared_error_sum"] for row in rows) == pytest.approx(sum(error))
    assert sum(row["squared_error_squares"] for row in rows) == pytest.approx(sum(one**2 for one in error))


def test_what_has_no_score_is_left_out() -> None:
    assert counted([("d1", 0, None, None)], [("o1", "d1", "yes", 1, 1)]) == []
