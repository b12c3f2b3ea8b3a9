"""Guesses at the roles of columns: what names and values say, and nothing where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
import pytest

from headway.catalog.entities import Kind, Roles
from headway.catalog.guessing import CHOICES, describe, guess_roles
from headway.catalog.profile import ColumnProfile, profile

ROWS = 200
KINDS: Mapping[pl.DataType, Kind] = {pl.String(): "string", pl.Int64(): "integer", pl.Date(): "date"}
DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(ROWS)]
FLAGS = ["yes" if n % 7 == 0 else "no" for n in range(ROWS)]
MAILS = [f"person{n}@example.org" for n in range(ROWS)]


def profiled(columns: Mapping[str, Sequence[object]]) -> tuple[ColumnProfile, ...]:
    frame = pl.DataFrame({name: list(values) for name, values in columns.items()})
    kinds = {name: KINDS[frame.schema[name]] for name in frame.columns}
    return profile(frame.lazy(), kinds, frame.height)


def test_a_plain_file_of_leads_gets_all_roles() -> None:
    found = profiled(
        {
            "lead_id": [f"L{n:04}" for n in range(ROWS)],
            "created_at": DAYS,
            "email": MAILS,
            "visits": list(range(ROWS)),
            "newsletter": FLAGS,
            "converted": FLAGS,
            "birth_date": DAYS,
        }
    )
    assert guess_roles(found) == Roles(
        label="converted", positive="yes", time="created_at", subject="lead_id", exclude=("email", "birth_date")
    )


@pytest.mark.parametrize(
    ("columns", "label"),
    [
        ({"a": range(ROWS), "b": FLAGS}, "b"),  # the last column, whatever its name
        ({"b": FLAGS, "a": range(ROWS)}, None),
        ({"churn": [n % 2 for n in range(ROWS)], "a": range(ROWS)}, "churn"),
        ({"outcome": [str(n % 3) for n in range(ROWS)]}, None),  # three values
        ({"won": ["yes"] * ROWS, "a": range(ROWS)}, None),  # one value
    ],
)
def test_a_label_is_guessed_where_it_is_plain(columns: Mapping[str, Sequence[object]], label: str | None) -> None:
    assert guess_roles(profiled(columns)).label == label


def test_values_of_restricted_columns_are_masked_and_no_choice() -> None:
    [mail] = profiled({"email": (MAILS[:3] * 67)[:ROWS]})
    shown = describe(mail)
    assert (shown.personal, shown.classification, shown.values) == ("email", "restricted", ())
    assert set(shown.examples) == {"aaaaaa9@aaaaaaa.aaa"}


def test_choices_are_offered_for_few_values_only() -> None:
    few, many = profiled(
        {"few": [str(n % CHOICES) for n in range(ROWS)], "many": [str(n % (CHOICES + 1)) for n in range(ROWS)]}
    )
    assert len(describe(few).values) == CHOICES
    assert describe(many).values == ()
    assert len(describe(many).examples) == 3


def test_missing_values_are_counted_and_long_examples_cut() -> None:
    [one] = profiled({"note": [None, "x" * 500] * (ROWS // 2)})
    shown = describe(one)
    assert (shown.rows, shown.missing, shown.distinct) == (ROWS, ROWS // 2, 1)
    assert len(shown.examples[0]) == 60
