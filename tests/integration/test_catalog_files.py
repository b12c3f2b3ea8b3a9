"""Files people bring: what is read, and what is refused with which words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from headway.catalog.adapters import files
from headway.catalog.errors import UnreadableFile

Write = Callable[[str, bytes], files.Staged]


@pytest.fixture
def stage(tmp_path: Path) -> Write:
    def read(name: str, data: bytes) -> files.Staged:
        source, work = tmp_path / f"source-{name}", tmp_path / "work"
        source.write_bytes(data)
        work.mkdir(exist_ok=True)
        return files.stage(source, name, work)

    return read


def columns(staged: files.Staged) -> dict[str, list[object]]:
    return pl.read_parquet(staged.path).drop(files.ROW).to_dict(as_series=False)


def refusal(stage: Write, name: str, data: bytes) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        stage(name, data)
    assert caught.value.faults, "a refusal says what is wrong"
    return caught.value


PLAIN = {"name": ["Ann", "Jörg"], "sum": [1.5, 2.0]}


@pytest.mark.parametrize(
    "data",
    [
        "name,sum\nAnn,1.5\nJörg,2\n".encode(),
        b"\xef\xbb\xbf" + "name,sum\nAnn,1.5\nJörg,2\n".encode(),
        "name,sum\r\nAnn,1.5\r\nJörg,2".encode(),
        "name,sum\rAnn,1.5\rJörg,2\r".encode(),
        "name;sum\nAnn;1,5\nJörg;2\n".encode(),
        "name\tsum\nAnn\t1.5\nJörg\t2\n".encode("utf-16"),
        "name,sum\nAnn,1.5\nJörg,2\n".encode("utf-16-le"),
        "name,sum\nAnn,1.5\nJörg,2\n".encode("utf-16-be"),
        "name,sum\nAnn,1.5\nJörg,2\n".encode("utf-32"),
        "name,sum\nAnn,1.5\nJörg,2\n".encode("latin-1"),
        'name|sum\n"Ann"|"1.5"\nJörg|2\n\n\n'.encode("cp1252"),
    ],
)
def test_the_same_table_is_read_from_every_way_to_write_it(stage: Write, data: bytes) -> None:
    assert columns(stage("people.csv", data)) == PLAIN


def test_reading_latin_1_is_told(stage: Write) -> None:
    assert "Windows-1252" in stage("people.csv", "name,x\nJörg,1\n".encode("latin-1")).notes[0]


def test_quoted_values_keep_delimiters_line_breaks_and_quotation_marks(stage: Write) -> None:
    staged = stage("x.csv", b'a,b\n"1, 2","line\none"\n"say ""hi""",x\n')
    assert columns(staged) == {"a": ["1, 2", 'say "hi"'], "b": ["line\none", "x"]}


def test_unknown_stays_a_category_and_misfits_are_listed(stage: Write) -> None:
    lines = [f"{n},single" for n in range(40)] + ["NA,unknown", "many,N/A"]
    staged = stage("x.csv", ("age,marital\n" + "\n".join(lines) + "\n").encode())
    assert staged.kinds == {"age": "integer", "marital": "string"}
    assert staged.misfits.rows() == [(42, "age", "many")]
    assert columns(staged)["age"][-2:] == [None, None]
    assert columns(staged)["marital"][-2:] == ["unknown", "N/A"]


def test_columns_may_have_any_names(stage: Write) -> None:
    names = ["row", "column", "value", "rule", "v", "n", "at", "rows", "_failed", "c0", "count(*)", 'a"b', "x;y", "ä ö"]
    lines = [",".join(str(n) for _ in names) for n in range(40)] + [",".join("many" for _ in names)]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    staged = stage("x.csv", (header + "\n" + "\n".join(lines) + "\n").encode())
    assert staged.misfits.rows() == [(41, name, "many") for name in sorted(names)]


def test_numbers_with_thousands_far_below_are_numbers(stage: Write) -> None:
    staged = stage("x.csv", b"v,w\n" + b"1,2.5\n" * 25_000 + b'"1,000","2,000.5"\n')
    assert (columns(staged)["v"][-1], columns(staged)["w"][-1]) == (1000.0, 2000.5)


def test_integers_that_turn_into_decimals_far_below_are_numbers(stage: Write) -> None:
    staged = stage("x.csv", b"v\n" + b"1\n" * 25_000 + b"1.5\n")
    assert (staged.kinds["v"], columns(staged)["v"][-1]) == ("number", 1.5)


def test_a_column_that_begins_empty_is_told_by_what_follows(stage: Write) -> None:
    staged = stage("x.csv", b"a,v\n" + b"1,\n" * 25_000 + b"1,2024-01-31\n")
    assert staged.kinds["v"] == "date"


BROKEN_TEXT: list[tuple[str, bytes, str, int | None]] = [
    ("empty", b"", "empty_file", None),
    ("empty lines only", b"\n\n\n", "empty_file", None),
    ("header only", b"a,b\n", "no_rows", None),
    ("header without line end", b"a,b", "no_rows", None),
    ("blank header", b"a,,c\n1,2,3\n", "blank_header", 0),
    ("first line empty", b"\na,b\n1,2\n", "blank_header", 0),
    ("repeated header", b"a,b,a\n1,2,3\n", "repeated_header", 0),
    ("header in other capitals", b"Age,age\n1,2\n", "repeated_header", 0),
    ("no header", b"1,2\n3,4\n", "header_missing", 0),
    ("too few values", b"a,b\n1,2\n3\n", "ragged_row", 2),
    ("too many values", b"a,b\n1,2,3\n", "ragged_row", 1),
    ("empty line within", b"a,b\n1,2\n\n3,4\n", "empty_line", 2),
    ("open quotation", b'a,b\n1,"2\n3,4\n', "quotation", 1),
    ("stray quotation", b'a,b\n1,2\n3,x"y\n', "quotation", 2),
    ("zero byte", b"a,b\n1,2\n3,\x004\n", "nul_byte", 2),
    ("huge line", b"a,b\n1," + b"x" * 1_100_000 + b"\n", "huge_line", 1),
    ("huge header", b"x" * 1_100_000 + b",b\n1,2\n", "huge_line", 0),
    ("no line break at all", b"x" * 3_000_000, "huge_line", 0),
    ("mixed encodings", "Müller ".encode() * 50 + b",b\ncaf\xe9,2\n", "wrong_encoding", 1),
    ("no text at all", b"a,b\n1,\x81\x02\n", "wrong_encoding", 1),
    ("UTF-16 cut short", "a,b\n1,2\n".encode("utf-16") + b"\x00", "wrong_encoding", 2),
    ("thousands of columns", b"x," * 6_000 + b"y\n", "too_many_columns", None),
]


@pytest.mark.parametrize(("what", "data", "rule", "row"), BROKEN_TEXT, ids=[case[0] for case in BROKEN_TEXT])
def test_broken_text_is_refused_with_rule_and_row(
    stage: Write, what: str, data: bytes, rule: str, row: int | None
) -> None:
    error = refusal(stage, "leads.csv", data)
    assert (error.faults[0].rule, error.faults[0].row) == (rule, row)
    assert error.message.startswith("leads.csv: ")


def test_wrong_bytes_are_told_with_position_row_and_column(stage: Write) -> None:
    data = "name,city\nJürgen,Köln\nMüller,Düren\n".encode() + b"Ann,M\xfcnchen\n"
    fault = refusal(stage, "x.csv", data).faults[0]
    assert (fault.row, fault.column, fault.value) == (3, "2", "0xfc")
    assert f"byte {data.index(0xFC):,}" in fault.message


def test_all_ragged_rows_are_counted(stage: Write) -> None:
    error = refusal(stage, "x.csv", b"a,b\n" + b"1\n" * 150 + b"1,2\n")
    assert error.values == {"faults": 150}
    assert "149 more" in error.message


OTHER_KINDS: list[tuple[str, str, bytes, str]] = [
    ("text named parquet", "x.parquet", b"a,b\n1,2\n", "not_parquet"),
    ("cut parquet", "x.parquet", b"PAR1" + b"\x00" * 40, "not_parquet"),
    ("text named xlsx", "x.xlsx", b"a,b\n1,2\n", "not_excel"),
    ("broken zip", "x.xlsx", b"PK\x03\x04rubbish", "not_excel"),
    ("old or locked excel", "x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "locked_or_old_excel"),
    ("pdf", "x.csv", b"%PDF-1.7 ...", "other_file"),
    ("gzip", "x.csv.gz", b"\x1f\x8b\x08\x00", "other_file"),
    ("json", "x.json", b'[{"a": 1}]', "other_file"),
    ("html", "x.csv", b"<!doctype html><html>", "other_file"),
    ("picture", "x.png", b"\x89PNG\r\n\x1a\n", "other_file"),
]


@pytest.mark.parametrize(("what", "name", "data", "rule"), OTHER_KINDS, ids=[case[0] for case in OTHER_KINDS])
def test_other_kinds_of_files_are_named(stage: Write, what: str, name: str, data: bytes, rule: str) -> None:
    assert refusal(stage, name, data).faults[0].rule == rule


def test_a_zip_that_is_no_workbook_is_refused(stage: Write) -> None:
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.txt", "hello")
        data = buffer.getvalue()
    assert refusal(stage, "x.zip", data).faults[0].rule == "not_excel"


def workbook(*rows: list[object], more_sheets: int = 0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for _ in range(more_sheets):
        book.create_sheet()
    with io.BytesIO() as buffer:
        book.save(buffer)
        return buffer.getvalue()


def test_excel_is_read_with_types(stage: Write) -> None:
    rows: list[list[object]] = [
        ["id", "day", "at", "sum", "ok", "code"],
        [1, date(2024, 1, 31), datetime.fromisoformat("2024-01-31T10:30"), 1.5, True, "007"],
        [2, date(2024, 2, 1), datetime.fromisoformat("2024-02-01T11:00"), 2, False, "A1"],
    ]
    staged = stage("x.xlsx", workbook(*rows, more_sheets=1))
    assert dict(staged.kinds) == {
        "id": "integer", "day": "date", "at": "timestamp", "sum": "number", "ok": "boolean", "code": "string",
    }  # fmt: skip
    assert columns(staged)["day"] == [date(2024, 1, 31), date(2024, 2, 1)]
    assert "1 more not read" in staged.notes[0]


def test_formatted_rows_after_the_data_are_no_rows(stage: Write) -> None:
    staged = stage("x.xlsx", workbook(["a", "b"], [1, 2], [None, None], [None, None]))
    assert staged.rows == 1


@pytest.mark.parametrize(
    ("rows", "rule", "row"),
    [
        ([["a", "b"]], "no_rows", None),
        ([["a", None], [1, 2]], "blank_header", 0),
        ([["a", "a"], [1, 2]], "repeated_header", 0),
        ([["a", "b"], [1, 2], [None, None], [3, 4]], "empty_line", 2),
    ],
)
def test_broken_sheets_are_refused(stage: Write, rows: list[list[object]], rule: str, row: int | None) -> None:
    fault = refusal(stage, "x.xlsx", workbook(*rows)).faults[0]
    assert (fault.rule, fault.row) == (rule, row)


def test_a_cell_in_the_far_corner_ends_the_reader_and_not_the_platform(stage: Write) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", "b"])
    sheet["XFD1048576"] = 1
    with io.BytesIO() as buffer:
        book.save(buffer)
        data = buffer.getvalue()
    assert "far apart" in refusal(stage, "x.xlsx", data).message


def parquet(frame: pl.DataFrame) -> bytes:
    with io.BytesIO() as buffer:
        frame.write_parquet(buffer)
        return buffer.getvalue()


def test_parquet_keeps_its_types_and_text_stays_text(stage: Write) -> None:
    frame = pl.DataFrame(
        {
            "n": pl.Series([1, 2], dtype=pl.Int32),
            "x": pl.Series([1.5, float("nan")], dtype=pl.Float32),
            "money": [Decimal("1.50"), Decimal("2.25")],
            "zip": ["01234", "98765"],
            "kind": pl.Series(["a", "b"], dtype=pl.Categorical),
            "day": [date(2024, 1, 31), None],
            "at": [datetime(2024, 1, 31, 10, tzinfo=UTC), None],
            "clock": [time(10, 30), None],
            "ok": [True, None],
        }
    )
    staged = stage("x.parquet", parquet(frame))
    assert dict(staged.kinds) == {
        "n": "integer", "x": "number", "money": "number", "zip": "string", "kind": "string", "day": "date",
        "at": "timestamp", "clock": "string", "ok": "boolean",
    }  # fmt: skip
    assert columns(staged)["x"] == [1.5, None]


def test_infinite_numbers_are_misfits(stage: Write) -> None:
    staged = stage("x.parquet", parquet(pl.DataFrame({"x": [1.0, float("inf")]})))
    assert staged.misfits.rows() == [(2, "x", "inf")]


def test_a_damaged_parquet_file_is_refused_where_its_reader_would_die(stage: Write) -> None:
    good = bytearray(parquet(pl.DataFrame({"c": [1.5, None, 2.5] * 40})))
    refused = 0
    for at in range(4, len(good) - 8):
        damaged = good.copy()
        damaged[at] = 0xFF
        try:
            stage("x.parquet", bytes(damaged))
        except UnreadableFile:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        (pl.DataFrame({"x": [[1, 2], [3]]}), "nested_column"),
        (pl.DataFrame({"x": [b"a", b"b"]}), "nested_column"),
        (pl.DataFrame({"x": [1], "X": [2]}), "repeated_header"),
        (pl.DataFrame({"x": pl.Series([], dtype=pl.Int64)}), "no_rows"),
    ],
)
def test_broken_parquet_is_refused(stage: Write, frame: pl.DataFrame, rule: str) -> None:
    assert refusal(stage, "x.parquet", parquet(frame)).faults[0].rule == rule
