"""Which type a column of text has."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from headway.catalog.parsing import NumberStyle, TextType, choose, is_misfit, number_style, typed

POINT = NumberStyle(comma_is_decimal=False, point_groups=False)
COMMA = NumberStyle(comma_is_decimal=True, point_groups=True)


def chosen(*values: str | None, style: NumberStyle = POINT) -> TextType:
    return choose(pl.Series(values, dtype=pl.String), style)


def read(found: TextType, *values: str | None) -> list[object]:
    return pl.DataFrame({"v": pl.Series(values, dtype=pl.String)}).select(typed("v", found)).to_series().to_list()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (("1", "-2", "+3"), "integer"),
        (("1", "2.5"), "number"),
        (("1e-3", "-.5"), "number"),
        (("1,234.50", "12.00"), "number"),
        (("true", "FALSE"), "boolean"),
        (("yes", "no"), "string"),
        (("2024-01-31", "2024-02-01"), "date"),
        (("31.01.2024", "1.2.2024"), "date"),
        (("31/01/2024", "01/02/2024"), "date"),
        (("2024-01-31 10:00", "2024-02-01T11:00:05"), "timestamp"),
        (("2024-01-31T10:00:00Z", "2024-02-01T11:00:05+02:00"), "timestamp"),
        (("a", "b"), "string"),
        (("01234", "98765"), "string"),
        (("N/A", ""), "string"),
        (("99999999999999999999", "1"), "number"),
    ],
)
def test_the_narrowest_type_that_fits_is_chosen(values: tuple[str, ...], kind: str) -> None:
    assert chosen(*values).kind == kind


def test_words_for_missing_are_missing_between_numbers_only() -> None:
    found = chosen("1", "2", "NA", "n/a", "-", "?", None, " 3 ")
    assert found.kind == "integer"
    assert read(found, "1", "NA", " 3 ", None) == [1, None, 3, None]
    text = chosen("unknown", "NA", "married", "single")
    assert text.kind == "string"
    assert read(text, "unknown", "NA", "") == ["unknown", "NA", None]


def test_one_in_twenty_may_be_a_misfit_and_no_more() -> None:
    assert chosen(*map(str, range(1, 96)), *["many"] * 5).kind == "integer"
    assert chosen(*map(str, range(1, 95)), *["many"] * 6).kind == "string"


def test_codes_between_numbers_are_no_misfits() -> None:
    found = chosen(*map(str, range(489434, 489434 + 98)), "C489449", "C489459")
    assert found.kind == "string"
    assert "codes" in (found.note or "")


def test_dates_that_can_be_read_two_ways_stay_text() -> None:
    found = chosen("01/02/2024", "03/04/2024")
    assert found.kind == "string"
    assert "day first or month first" in (found.note or "")


@pytest.mark.parametrize(("decisive", "day"), [("13/02/2024", date(2024, 2, 1)), ("02/13/2024", date(2024, 1, 2))])
def test_one_value_decides_day_or_month_first(decisive: str, day: date) -> None:
    found = chosen("01/02/2024", decisive)
    assert found.kind == "date"
    assert read(found, "01/02/2024") == [day]


def test_several_plain_formats_of_dates_are_read_together() -> None:
    found = chosen("2024-01-31", "31.01.2024", "2024-02-01")
    assert read(found, "2024-01-31", "31.01.2024") == [date(2024, 1, 31)] * 2
    assert found.note == "2 formats of dates"


def test_years_of_two_digits_are_not_guessed() -> None:
    assert chosen("31.01.24", "01.02.24").kind == "string"


def test_times_with_a_zone_are_told_in_utc() -> None:
    found = chosen("2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00")
    assert read(found, "2024-01-31T10:00:00+02:00") == [datetime(2024, 1, 31, 8, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("style", "text", "value"),
    [
        (COMMA, "1.234,5", 1234.5),
        (COMMA, "1,234", 1.234),
        (COMMA, "93.994", 93994.0),
        (POINT, "1,234", 1234.0),
        (POINT, "93.994", 93.994),
    ],
)
def test_signs_between_digits_follow_the_file(style: NumberStyle, text: str, value: float) -> None:
    assert read(chosen(text, text, style=style), text) == [value]


def test_the_file_tells_its_style_by_columns_that_leave_no_doubt() -> None:
    doubtful = pl.Series(["93.994", "92.893"])
    point, comma = pl.Series(["1.1", "-0.25"]), pl.Series(["1,1", "1.234,25"])
    assert not number_style([doubtful, point], semicolons=True).point_groups
    assert number_style([doubtful, comma], semicolons=True).point_groups
    assert not number_style([doubtful], semicolons=True).point_groups


@pytest.mark.parametrize("text", ["1,2,3", "1.2.3", "12,34.5", "0x10", "inf", "1_000", "--1", "1e999"])
def test_what_is_no_finite_number_is_a_misfit(text: str) -> None:
    frame = pl.DataFrame({"v": [text]})
    assert frame.select(is_misfit("v", TextType(kind="number"))).item()


def test_a_contract_decides_the_kind_and_the_values_how_it_is_read() -> None:
    found = choose(pl.Series(["31.01.2024", "x"]), POINT, TextType(kind="date"))
    assert (found.kind, read(found, "31.01.2024", "x")) == ("date", [date(2024, 1, 31), None])


def test_a_contract_that_tells_the_format_settles_days_and_months() -> None:
    told = TextType(kind="date", formats=("%d/%m/%Y",))
    assert read(choose(pl.Series(["01/02/2024"]), POINT, told), "01/02/2024") == [date(2024, 2, 1)]
    untold = choose(pl.Series(["01/02/2024"]), POINT, TextType(kind="date"))
    assert read(untold, "01/02/2024") == [None]
