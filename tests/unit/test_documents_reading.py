"""Files as people and their programs make them: found, typed, and told cell by cell what does not fit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest

from headway.documents import About, Limits, Sheet, SheetColumn, SheetUnreadable, read_table, write_xlsx

COLUMNS = (
    SheetColumn(name="slug", label="Name", also=("Kurzname",)),
    SheetColumn(name="title", label="Title", also=("Titel",)),
    SheetColumn(name="tier", label="Tier", choices=("high", "minimal"), also=("Risikoklasse",)),
    SheetColumn(name="since", label="Since", kind="date", also=("Seit",)),
    SheetColumn(name="cost", label="Cost a year", kind="number", also=("Kosten im Jahr",)),
    SheetColumn(
        name="personal", label="Personal data?", kind="boolean", choices=("yes", "no"), also=("Personendaten?",)
    ),
)


def book(fill: Callable[[Any], None]) -> bytes:
    made = openpyxl.Workbook()
    fill(made.active)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def refusal(data: bytes, **options: Any) -> str:
    with pytest.raises(SheetUnreadable) as caught:
        read_table(data, COLUMNS, **options)
    return caught.value.message


def test_a_sheet_with_titles_gaps_merged_cells_and_german_headers_is_read() -> None:
    def fill(sheet: Any) -> None:
        sheet["B2"] = "Unsere KI-Anwendungen, Stand März"
        sheet.append([])
        sheet.append([None, "Kurzname", "TITEL", "Risikoklasse", "Seit", "Kosten im Jahr", "Personendaten ?", "Farbe"])
        sheet.append([None, "churn", "Churn", "HIGH", datetime(2026, 3, 1), 1200, True, "rot"])  # noqa: DTZ001
        sheet.append([])
        sheet.append([None, 12, None, " minimal", "31.12.2025", "1.234,5", "nein"])
        sheet.merge_cells("C5:C7")
        sheet.row_dimensions[7].hidden = True

    read = read_table(book(fill), COLUMNS, needed=["slug"])
    assert read.unknown == ("H4 'Farbe'",)
    assert [row.number for row in read.rows] == [5, 7]
    assert dict(read.rows[0].values) == {
        "slug": "churn",
        "title": "Churn",
        "tier": "high",
        "since": date(2026, 3, 1),
        "cost": 1200,
        "personal": True,
    }
    assert read.rows[1].values["slug"] == "12"
    assert read.rows[1].values["title"] == "Churn", "a merged cell counts for every row that it covers"
    assert read.rows[1].values["since"] == date(2025, 12, 31)
    assert read.rows[1].values["cost"] == 1234.5
    assert read.rows[1].values["personal"] is False
    assert read.rows[1].cells["since"] == "E7"
    assert read.notes == ("1 hidden rows were read like the others",)


def test_every_cell_that_does_not_fit_is_told_with_its_address() -> None:
    data = b"Name;Tier;Since;Cost a year;Personal data?\nchurn;purple;31.2.2026;much;perhaps\nleads;;;;\n"
    read = read_table(data, COLUMNS)
    assert [(fault.cell, fault.column, fault.value) for fault in read.faults] == [
        ("B2", "tier", "purple"),
        ("C2", "since", "31.2.2026"),
        ("D2", "cost", "much"),
        ("E2", "personal", "perhaps"),
    ]
    assert read.faults[0].message == "write one of high, minimal"
    assert [dict(row.values) for row in read.rows] == [
        {"slug": "churn"},
        {"slug": "leads", "tier": None, "since": None, "cost": None, "personal": None},
    ]
    assert read.present == ("slug", "tier", "since", "cost", "personal")


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,5", 1.5), ("1.5", 1.5), ("1.234.567", 1234567), ("1,234,567.8", 1234567.8), ("1'234'567", 1234567),
     ("-3", -3), ("1e3", 1000), ("\u22124", -4), ("1 234,5", 1234.5)],
)  # fmt: skip
def test_numbers_of_both_languages_are_read(text: str, number: float) -> None:
    [row] = read_table(f"slug\tcost\nx\t{text}\n".encode(), COLUMNS).rows
    assert row.values["cost"] == number


def test_a_table_without_its_columns_is_refused_with_what_was_looked_for() -> None:
    assert "no row names a column" in refusal(b"a,b\n1,2\n")
    assert "the column 'Name' is missing" in refusal(b"Title,Tier\nx,high\n", needed=["slug"])
    assert "B1 names the column 'Kurzname' again" in refusal(b"slug,Kurzname\na,b\n")


def test_what_is_no_table_is_refused() -> None:
    assert "the file is empty" in refusal(b"  \n")
    assert "old .xls kind" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest")
    assert "no table" in refusal(b"%PDF-1.7")
    assert "damaged" in refusal(b"PK\x03\x04 but no archive")
    assert "no CSV" in refusal(b"slug,title\na,\0")
    assert "no CSV that can be read" in refusal(b'slug,title\na,"open\n')
    assert "larger than" in refusal(b"slug\n" + b"x\n" * 2000, limits=Limits(rows=1000))
    assert "larger than" in refusal(b"slug\n" * 300, limits=Limits(bytes=1000))


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def test_a_hostile_workbook_costs_nothing() -> None:
    assert "no Excel workbook" in refusal(archive(readme=b"hello"))
    bomb = {"xl__workbook.xml": b"<workbook>" + b" " * 200_000_000}
    assert "unpacks to more than" in refusal(archive(**bomb))
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>'
    parts = {"xl__workbook.xml": entity, "xl___rels__workbook.xml.rels": b"<Relationships/>"}
    assert "document type" in refusal(archive(**parts))
    parts["xl__workbook.xml"] = b"<workbook><sheets><sheet name='a' id='r1'/></sheets></workbook>"
    assert "damaged" in refusal(archive(**parts))


def test_a_cell_in_the_far_corner_is_one_cell() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["slug", "title"])
        sheet.append(["a", "b"])
        sheet["B1000000"] = "far"

    read = read_table(book(fill), COLUMNS)
    assert [row.number for row in read.rows] == [2, 1_000_000]

    def wide(sheet: Any) -> None:
        sheet["XFD1"] = "slug"

    assert "larger than" in refusal(book(wide))


def test_the_first_sheet_that_can_be_seen_is_read_and_formulas_tell_their_result() -> None:
    made = openpyxl.Workbook()
    made.active.append(["slug", "cost"])
    made.active.append(["hidden", 1])
    made.active.sheet_state = "hidden"
    shown = made.create_sheet("Shown")
    shown.append(["slug", "cost"])
    shown.append(["seen", "=1+1"])
    made.active = shown
    out = io.BytesIO()
    made.save(out)
    read = read_table(out.getvalue(), COLUMNS)
    assert read.sheet == "Shown"
    assert [row.values["slug"] for row in read.rows] == ["seen"]
    assert read.notes == ("B2 holds a formula without a result: open and save the file",)


def test_a_workbook_offers_choices_and_says_where_it_comes_from() -> None:
    about = About(
        by="Ana",
        at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        source="https://headway.example/usecases?tier=high",
        filters=(("Tier", "high"), ("Search", "=cmd|' /C calc'!A0")),
        language="de",
    )
    rows = [("x" * 40_000, "t", "high", None, None, None)]
    data = write_xlsx([Sheet(title="Fälle: [alle]", columns=COLUMNS, rows=rows)] * 2, about)
    made = openpyxl.load_workbook(io.BytesIO(data))
    assert made.sheetnames == ["Fälle alle", "Fälle alle 2", "Herkunft", "Choices"]
    assert made["Choices"].sheet_state == "veryHidden"
    first = made["Fälle alle"]
    assert first.freeze_panes == "B2"
    assert first.auto_filter.ref == "A1:F2"
    [tiers, personal] = first.data_validations.dataValidation
    assert (tiers.formula1, str(tiers.sqref)) == ("Choices!$A$1:$A$2", "C2:C502")
    assert str(personal.sqref) == "F2:F502"
    told = [(row[0].value, row[1].value) for row in made["Herkunft"].iter_rows()]
    assert ("Exportiert am (UTC)", "2026-03-02 12:00:00") in told
    assert ("Filter: Search", "=cmd|' /C calc'!A0") in told
    assert ("Hinweis", "2 Texte waren länger, als eine Zelle fasst, und wurden gekürzt") in told
    assert len(first["A2"].value) == 32_767


def test_many_rows_are_written_as_they_come() -> None:
    columns = COLUMNS[:2]
    rows = ((f"case-{number}", "title") for number in range(20_000))
    about = About(by="Ana", at=datetime(2026, 3, 2, tzinfo=UTC), source="x")
    read = read_table(write_xlsx([Sheet(title="Many", columns=columns, rows=rows)], about), columns)
    assert len(read.rows) == 20_000
    assert read.rows[-1].values["slug"] == "case-19999"
