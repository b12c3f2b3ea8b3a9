"""One encoder for training and for deciding: by columns and by records it gives the same numbers."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway import runtime
from headway.kernel.errors import Invalid
from headway.runtime import Encoder, Feature
from tests.factories.dose import examples

FEATURES = (
    Feature(name="number", column="number", kind="number"),
    Feature(name="whole", column="whole", kind="integer"),
    Feature(name="flag", column="flag", kind="boolean"),
    Feature(name="word", column="word", kind="category", categories=("a", "b", "", "ü", "1", "true")),
    Feature(name="code", column="code", kind="category", categories=("3", "1", "2.5", "true")),
    *(
        Feature(name=f"day_{part}", column="day", kind="date_part", part=part)
        for part in ("year", "month", "day", "weekday", "hour", "day_of_year")
    ),
    Feature(name="at_hour", column="at", kind="date_part", part="hour"),
)
ENCODER = Encoder(FEATURES)
EARLY, LATE = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-01-01")
finite = st.floats(allow_nan=False, allow_infinity=False)
record = st.fixed_dictionaries(
    {
        "number": st.none() | finite | st.integers(-(2**60), 2**60),
        "whole": st.none() | st.integers(-(2**53), 2**53),
        "flag": st.none() | st.booleans(),
        "word": st.none() | st.sampled_from(["a", "b", "ü", "", "unseen"]) | st.text(max_size=3),
        "code": st.none() | st.sampled_from([1, 3, 1.0, 2.5, 7]),
        "day": st.none() | st.dates(),
        "at": st.none() | st.datetimes(EARLY, LATE),
    }
)


def by_rows(records: list[dict[str, object]]) -> np.ndarray:
    return np.array([ENCODER.row(one)[0] for one in records]).reshape(len(records), len(FEATURES))


@settings(max_examples=examples(300), deadline=None)
@given(records=st.lists(record, max_size=20))
def test_columns_and_rows_are_encoded_alike(records: list[dict[str, object]]) -> None:
    columns = {name: [one[name] for one in records] for name in ENCODER.columns}
    made = ENCODER.frame(columns)
    np.testing.assert_array_equal(made.values, by_rows(records))
    unseen = [column for one in records for column in ENCODER.row(one)[1]]
    assert made.unseen == {column: unseen.count(column) for column in dict.fromkeys(unseen)}


@settings(max_examples=examples(300), deadline=None)
@given(one=record, plain=st.sets(st.sampled_from(["number", "whole", "flag", "word", "code"])))
def test_the_quick_way_gives_the_same(one: dict[str, object], plain: set[str]) -> None:
    values = [one[column] for column in ENCODER.columns]
    row, unseen = ENCODER.encode(values)
    quick_row, quick_unseen = ENCODER.quick(plain)(values)
    np.testing.assert_array_equal(quick_row, row)
    assert quick_unseen == unseen


@settings(max_examples=examples(200), deadline=None)
@given(records=st.lists(record, min_size=1, max_size=20))
def test_arrays_as_polars_makes_them_are_encoded_alike(records: list[dict[str, object]]) -> None:
    frame = polars.DataFrame(
        {name: [one[name] for one in records] for name in ENCODER.columns},
        schema={
            "number": polars.Float64,
            "whole": polars.Int64,
            "flag": polars.Boolean,
            "word": polars.String,
            "code": polars.Float64,
            "day": polars.Date,
            "at": polars.Datetime("us"),
        },
        strict=False,
    )
    arrays = {name: frame[name].to_numpy() for name in frame.columns}
    np.testing.assert_array_equal(ENCODER.frame(arrays).values, by_rows(frame.to_dicts()))


@settings(max_examples=examples(200), deadline=None)
@given(records=st.lists(record, min_size=1, max_size=5))
def test_dates_as_json_text_are_encoded_as_dates(records: list[dict[str, object]]) -> None:
    written = [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in one.items()}
        for one in records
    ]
    np.testing.assert_array_equal(by_rows(written), by_rows(records))


def test_missing_is_nan_and_unseen_is_nan_and_flagged() -> None:
    values, unseen = ENCODER.row({"word": "never", "code": 99, "number": None})
    assert np.isnan(values).all()
    assert unseen == ("word", "code")
    assert ENCODER.row({})[1] == ()


def test_numbers_and_texts_of_one_category_have_one_code() -> None:
    assert [ENCODER.row({"code": code})[0][4] for code in (3, 3.0, "3", 1, True, 2.5)] == [0, 0, 0, 1, 3, 2]
    mixed = ENCODER.frame({name: [None] * 4 for name in ENCODER.columns} | {"code": [True, 1, 1.0, "true"]})
    assert mixed.values[:, 4].tolist() == [3, 1, 1, 3]


def test_times_are_read_in_utc() -> None:
    for value in ("2020-01-01T23:30:00-02:00", datetime(2020, 1, 2, 1, 30, tzinfo=UTC), "2020-01-02T01:30:00"):
        made = dict(zip((f.name for f in FEATURES), ENCODER.row({"day": value, "at": value})[0], strict=True))
        assert (made["day_day"], made["day_weekday"], made["day_day_of_year"], made["at_hour"]) == (2, 3, 2, 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("number", "1"),
        ("number", math.inf),
        ("number", 10**400),
        ("number", [1]),
        ("word", ["a"]),
        ("word", b"a"),
        ("day", 3),
        ("day", "yesterday"),
    ],
)
def test_values_of_another_kind_are_refused_in_rows_and_columns(column: str, value: object) -> None:
    with pytest.raises(Invalid) as by_row:
        ENCODER.row({column: value})
    with pytest.raises(Invalid) as by_column:
        ENCODER.frame({name: [None] for name in ENCODER.columns} | {column: [value]})
    for caught in (by_row, by_column):
        assert {fault.column for fault in caught.value.faults} == {column}


def test_frames_with_absent_or_uneven_columns_are_refused() -> None:
    with pytest.raises(Invalid, match="absent: flag"):
        ENCODER.frame({name: [None] for name in ENCODER.columns if name != "flag"})
    with pytest.raises(Invalid, match="lengths"):
        ENCODER.frame({name: [None] for name in ENCODER.columns} | {"flag": []})


def test_infinite_numbers_in_arrays_are_refused() -> None:
    with pytest.raises(Invalid, match="infinite"):
        ENCODER.frame({name: [None] for name in ENCODER.columns} | {"number": np.array([np.inf])})


def test_one_record_can_be_encoded_without_an_encoder() -> None:
    made = runtime.encode_features(FEATURES[:2], {"number": 1.5, "whole": 2})
    assert made.tolist() == [1.5, 2.0]
    assert made.dtype == np.float64
