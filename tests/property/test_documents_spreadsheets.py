"""Whatever is written into a workbook or CSV file comes back as it was, and no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.documents import About, Sheet, SheetColumn, read_table, write_csv, write_xlsx
from headway.documents.spreadsheets.guard import STARTS, guarded, unguarded
from tests.factories.dose import examples

COLUMNS = (
    SheetColumn(name="key", label="Key"),
    SheetColumn(name="words", label="Words"),
    SheetColumn(name="count", label="Count", kind="integer"),
    SheetColumn(name="size", label="Size", kind="number"),
    SheetColumn(name="share", label="Share", kind="percent"),
    SheetColumn(name="amount", label="Amount", kind="money"),
    SheetColumn(name="day", label="Day", kind="date"),
    SheetColumn(name="moment", label="Moment", kind="datetime"),
    SheetColumn(name="flag", label="Flag", kind="boolean"),
    SheetColumn(name="tier", label="Tier", choices=("high", "minimal", "=odd")),
)
ABOUT = About(by="Ana", at=datetime(2026, 3, 2, 12, tzinfo=UTC), source="https://headway.example/usecases")
# A text that is blank is no text; what XML cannot hold is replaced, which is told in the docs.
LETTERS = st.characters(codec="utf-8", exclude_characters="\0\ufffe\uffff")
PLAIN = st.text(LETTERS, min_size=1, max_size=30)
TEXT = (
    PLAIN | st.builds(lambda start, rest: start + rest, st.sampled_from([*STARTS, "'", "'=", "_x0041_"]), PLAIN)
).filter(lambda text: text.strip() != "")
MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(9999, 1, 1)).map(  # noqa: DTZ001  hypothesis wants it so
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)
ROWS = st.lists(
    st.tuples(
        TEXT,
        st.none() | TEXT,
        st.none() | st.integers(-(10**18), 10**18),
        st.none() | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e200, max_value=1e200),
        st.none() | st.floats(0, 1, allow_subnormal=False),
        st.none() | st.decimals(-(10**12), 10**12, places=2),
        st.none() | st.dates(date(1901, 1, 1), date(9999, 1, 1)),
        st.none() | MOMENTS,
        st.none() | st.booleans(),
        st.none() | st.sampled_from(["high", "minimal", "=odd"]),
    ),
    max_size=4,
)


def same(got: Any, wanted: Any) -> bool:
    if isinstance(wanted, datetime):
        return abs(got - wanted) < timedelta(milliseconds=2)
    if isinstance(wanted, float):
        return abs(got - wanted) <= 1e-14 * abs(wanted)
    if isinstance(wanted, Decimal):
        return Decimal(got) == wanted
    return bool(got == wanted and type(got) is type(wanted))


def check(data: bytes, rows: list[tuple[Any, ...]]) -> None:
    read = read_table(data, COLUMNS, needed=["key"])
    assert read.faults == ()
    assert read.unknown == ()
    got = [tuple(row.values[column.name] for column in COLUMNS) for row in read.rows]
    assert len(got) == len(rows)
    for one, wanted in zip(got, rows, strict=True):
        for column, left, right in zip(COLUMNS, one, wanted, strict=True):
            assert same(left, right), (column.name, left, right)


@given(ROWS)
@settings(max_examples=examples(25), deadline=None)
def test_a_workbook_comes_back_as_it_was(rows: list[tuple[Any, ...]]) -> None:
    data = write_xlsx([Sheet(title="Things", columns=COLUMNS, rows=rows)], ABOUT)
    assert data == write_xlsx([Sheet(title="Things", columns=COLUMNS, rows=rows)], ABOUT)
    check(data, rows)


@given(ROWS)
@settings(max_examples=examples(25), deadline=None)
def test_a_csv_file_comes_back_as_it_was(rows: list[tuple[Any, ...]]) -> None:
    data = write_csv(Sheet(title="Things", columns=COLUMNS, rows=rows))
    check(data, rows)
    for line in list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]:
        for column, cell in zip(COLUMNS, line, strict=True):
            assert column.kind not in ("text", "boolean") or not cell.startswith(STARTS)


@given(ROWS)
@settings(max_examples=examples(15), deadline=None)
def test_another_reader_sees_the_same_and_no_formula(rows: list[tuple[Any, ...]]) -> None:
    data = write_xlsx([Sheet(title="Things", columns=COLUMNS, rows=rows)], ABOUT)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Things", "About", "Choices"]
    sheet = book["Things"]
    assert [cell.value for cell in sheet[1]] == [column.label for column in COLUMNS]
    for line, wanted in zip(sheet.iter_rows(min_row=2, max_row=len(rows) + 1), rows, strict=False):
        for cell, value in zip(line, wanted, strict=True):
            assert cell.data_type != "f", "a text became a formula"
            if isinstance(value, bool):
                assert cell.value is value
            elif isinstance(value, float):
                assert same(cell.value, value) or same(float(cell.value), value)
            elif isinstance(value, datetime):
                assert same(cell.value.replace(tzinfo=UTC), value)
            elif isinstance(value, date):
                assert cell.value.date() == value
    told = {str(row[0].value): row[1].value for row in book["About"].iter_rows()}
    assert told["Exported by"] == "Ana"
    assert told["Rows: Things"] == str(len(rows))


@given(st.text())
def test_the_guard_is_undone_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(STARTS)
