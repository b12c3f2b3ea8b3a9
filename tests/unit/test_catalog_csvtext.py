"""The shape of delimited text."""

from __future__ import annotations

import codecs

import pytest

from headway.catalog.csvtext import (
    MAX_RECORD_BYTES,
    ByteCensus,
    RecordScanner,
    encoding_of,
    header_faults,
    header_names,
    place_of,
    sniff_delimiter,
)


def scan(text: bytes, columns: int, piece: int = 1_000_000, delimiter: str = ",") -> RecordScanner:
    scanner = RecordScanner(delimiter=delimiter, columns=columns)
    for start in range(0, len(text), piece):
        scanner.feed(text[start : start + piece])
    scanner.close()
    return scanner


def found(scanner: RecordScanner) -> list[tuple[str, int | None]]:
    return [(fault.rule, fault.row) for fault in scanner.faults]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n\r\n"])
def test_rows_are_counted_whatever_the_chunks_and_the_last_line_end(piece: int, end: bytes) -> None:
    scanner = scan(b'a,b\n1,"x\ny"\r\n2,"say ""hi"""\n3,' + end, 2, piece)
    assert (scanner.rows, found(scanner)) == (3, [])


@pytest.mark.parametrize("piece", [1, 4, 1000])
def test_ragged_rows_are_named_with_their_numbers(piece: int) -> None:
    scanner = scan(b'a,b,c\n1,2,3\n1,2\n"x,\ny",2,3,4\n1,2,3\n', 3, piece)
    assert found(scanner) == [("ragged_row", 2), ("ragged_row", 3)]
    assert scanner.faults[0].message == "row 2 has 2 values where the header names 3 columns"


def test_all_ragged_rows_are_counted_and_a_hundred_kept() -> None:
    scanner = scan(b"a,b\n" + b"1\n" * 250, 2)
    assert (scanner.fault_count, len(scanner.faults)) == (250, 100)


@pytest.mark.parametrize("piece", [1, 5, 1000])
def test_an_empty_line_between_rows_is_a_fault_and_at_the_end_it_is_not(piece: int) -> None:
    assert found(scan(b"a,b\n1,2\n\n3,4\n\n\n", 2, piece)) == [("empty_line", 2)]


def test_an_empty_line_of_a_single_column_is_a_missing_value() -> None:
    scanner = scan(b"a\n1\n\n2\n", 1)
    assert (scanner.rows, found(scanner)) == (3, [])


@pytest.mark.parametrize("piece", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "row", "column"), [(b'a,b\n1,x"y\n', 1, "2"), (b'a,b\n1,2\n"x"y,2\n', 2, "1"), (b'a,b\n1, "x"\n', 1, "2")]
)
def test_a_stray_quotation_mark_is_found_in_its_place(text: bytes, row: int, column: str, piece: int) -> None:
    scanner = scan(text, 2, piece)
    assert found(scanner) == [("quotation", row)]
    assert scanner.faults[0].column in {column, str(int(column) + (piece == 1))}  # seen with the byte after it


def test_a_quotation_that_never_closes_is_told_with_its_row() -> None:
    assert found(scan(b'a,b\n1,2\n3,"4\n5,6\n', 2)) == [("quotation", 2)]


def test_a_zero_byte_is_found_with_row_and_column() -> None:
    scanner = scan(b"a,b\n1,2\n3,x\0y\n", 2)
    assert found(scanner) == [("nul_byte", 2)]
    assert scanner.faults[0].column == "2"


@pytest.mark.parametrize("piece", [100_000, 5_000_000])
def test_a_huge_line_is_refused(piece: int) -> None:
    assert found(scan(b"a,b\n1,2\n3," + b"x" * (MAX_RECORD_BYTES + 1) + b"\n4,5\n", 2, piece)) == [("huge_line", 2)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_that_repeats_is_found(delimiter: str) -> None:
    lines = [["name", "note", "sum"], ["a", '"x, y; z"', "1.5"], ["b", "plain", "2"]]
    text = "\n".join(delimiter.join(line) for line in lines)
    assert sniff_delimiter(text.encode()) == delimiter


def test_a_comma_in_decimals_does_not_hide_the_semicolon() -> None:
    assert sniff_delimiter(b"a;b\n1,5;2,5\n3,5;4,5\n") == ";"


def test_one_column_needs_no_delimiter() -> None:
    assert sniff_delimiter(b"email\nx@example.org\n") == ","


def test_names_are_trimmed_and_may_hold_delimiters() -> None:
    assert header_names('" a",b ,"c,\nd"', ",") == ["a", "b", "c, d"]


def test_every_fault_of_a_header_is_named() -> None:
    faults = header_faults(["a", "", "A", "_headway_row", "b"])
    assert [(fault.rule, fault.column) for fault in faults] == [
        ("blank_header", "2"),
        ("reserved_header", "_headway_row"),
        ("repeated_header", "a"),
    ]


def test_numbers_are_no_header() -> None:
    assert [fault.rule for fault in header_faults(["1", "2.5", "-3"])] == ["header_missing"]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (codecs.BOM_UTF8 + b"a,b", "utf-8-sig"),
        ("a,b\n1,2\n".encode("utf-16"), "utf-16"),
        ("a,b\n1,2\n".encode("utf-32"), "utf-32"),
        ("a,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
        ("a,b\n1,2\n".encode("utf-16-be"), "utf-16-be"),
        (b"a,b\n1,2\n", None),
    ],
)
def test_encodings_are_told_by_their_marks(head: bytes, encoding: str | None) -> None:
    assert encoding_of(head) == encoding


def test_western_bytes_are_taken_only_where_they_explain_the_file() -> None:
    def census(data: bytes) -> ByteCensus:
        made = ByteCensus()
        made.feed(data)
        return made

    assert census("Müller, Café".encode("cp1252")).is_western
    mixed = census("Müller ".encode() * 20 + "é".encode("cp1252"))
    assert not mixed.is_western
    assert census(b"caf\xe9 \x81").not_text == 5


def test_a_place_is_told_as_row_and_column() -> None:
    assert place_of(b'a,b\n"x\ny",', ",") == (1, 2)
