"""The reader against Python's own csv module, and against rubbish."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from headway.catalog.adapters import files
from headway.catalog.csvtext import RecordScanner
from headway.kernel.errors import Invalid
from tests.factories.dose import examples

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NAMES = ["alpha", "beta", "gamma", "delta"]


def stage(data: bytes, name: str) -> tuple[files.Staged, pl.DataFrame]:
    with tempfile.TemporaryDirectory() as folder:
        source, work = Path(folder) / "source", Path(folder) / "work"
        source.write_bytes(data)
        work.mkdir()
        staged = files.stage(source, name, work)
        return staged, pl.read_parquet(staged.path)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str, str, str]:
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return rows, delimiter, line_end, encoding


@settings(max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_text_comes_back_as_python_wrote_it(table: tuple[list[list[str]], str, str, str]) -> None:
    rows, delimiter, line_end, encoding = table
    marked = [["x" + cell for cell in row] for row in rows]  # text stays text: no number, date or missing value
    with io.StringIO(newline="") as text:
        writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
        writer.writerow(NAMES[: len(rows[0])])
        writer.writerows(marked)
        written = text.getvalue()
    if encoding == "utf-16":  # decoding it translates line ends also inside values
        marked = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in marked]
    _, frame = stage(written.encode(encoding), "x.csv")
    assert [list(row) for row in frame.drop(files.ROW).rows()] == marked
    assert frame[files.ROW].to_list() == list(range(1, len(rows) + 1))


@settings(max_examples=examples(80), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**53), 2**53),
            st.floats(-1e12, 1e12, allow_nan=False),
            st.booleans(),
            st.dates(),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_typed_values_come_back_equal(rows: list[tuple[int, float, bool, object]]) -> None:
    written = "whole,real,flag,day\n" + "".join(f"{a},{b!r},{str(c).lower()},{d}\n" for a, b, c, d in rows)
    staged, frame = stage(written.encode(), "x.csv")
    found = frame.drop(files.ROW)
    assert staged.kinds["flag"] == "boolean"
    assert staged.kinds["day"] == "date"
    assert [(row[0], float(row[1]), row[2], row[3]) for row in found.rows()] == [tuple(row) for row in rows]


@settings(max_examples=examples(200), deadline=None)
@given(st.text(alphabet='ab,"\n', max_size=60), st.integers(1, 9))
def test_the_scanner_counts_what_the_csv_module_reads_and_never_depends_on_chunks(body: str, piece: int) -> None:
    text = "h,k\n" + body
    whole, pieces = RecordScanner(delimiter=",", columns=2), RecordScanner(delimiter=",", columns=2)
    whole.feed(text.encode())
    whole.close()
    for start in range(0, len(text), piece):
        pieces.feed(text[start : start + piece].encode())
    pieces.close()
    assert bool(whole.faults) == bool(pieces.faults)
    if whole.faults:
        return
    assert whole.rows == pieces.rows
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    while read and not read[-1]:
        read.pop()
    assert whole.rows == len(read)
    assert all(len(row) == 2 for row in read)


def never_breaks(data: bytes, name: str) -> None:
    try:
        stage(data, name)
    except Invalid as error:
        assert error.faults
        assert name in error.message


@settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.parquet", "x.xlsx", "x", "x.txt"]))
@example(b"\xff\xfe\x00", "x.csv")
@example(b"PAR1PAR1", "x.parquet")
@example(b"a,b\n\xff,\xfe\n", "x.csv")
def test_random_bytes_are_read_or_refused_and_never_break(data: bytes, name: str) -> None:
    never_breaks(data, name)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "1", ",", ";", "\n", "\r", '"', "\t", "é", "\0", " ", ".", "-", "2024-01-01"]),
        max_size=60,
    )
)
def test_random_text_is_read_or_refused_and_never_breaks(parts: list[str]) -> None:
    never_breaks("".join(parts).encode(), "x.csv")


def damaged(data: st.DataObject, kind: str) -> bytes:
    whole = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(whole), len(whole) // 2, len(whole) - 1]))
    return bytes(whole[:cut])


@settings(max_examples=examples(250), deadline=None)
@given(st.data())
def test_a_damaged_parquet_file_is_read_or_refused_and_never_breaks(data: st.DataObject) -> None:
    never_breaks(damaged(data, "parquet"), "x.parquet")


@settings(max_examples=examples(20), deadline=None)  # each in a process of its own
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_and_never_breaks(data: st.DataObject) -> None:
    never_breaks(damaged(data, "excel"), "x.xlsx")


def _good() -> dict[str, bytes]:
    frame = pl.DataFrame({"a": [1, 2, None], "b": ["x", "y", "z"], "c": [1.5, None, 2.5]})
    with io.BytesIO() as buffer:
        frame.write_parquet(buffer)
        parquet = buffer.getvalue()
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [frame.columns, *map(list, frame.rows())]:
        sheet.append(row)
    with io.BytesIO() as buffer:
        book.save(buffer)
        return {"parquet": parquet, "excel": buffer.getvalue()}


GOOD = _good()
