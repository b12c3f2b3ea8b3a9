"""Documents as Word files: real headings, lists and tables, a language, and the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import docx as library
import pytest

from headway import documents as d

GALLERY = d.gallery()
DOCUMENT = d.Document(
    title="Minutes of the council",
    subtitle="First meeting",
    organisation="Northwind Group",
    made_on=date(2026, 3, 7),
    facts=(("Council", "AI council"), ("Quorum", "3 of 5")),
    lead=(d.Paragraph(d.inline("It learns from `leads.csv`.")), d.Callout(("Not signed yet.",), "warning")),
    sections=(
        d.Section(
            title="Attendance",
            blocks=(
                d.Bullets(("First", "Second"), numbered=True),
                d.Bullets(("Third", "Fourth"), numbered=True),
                d.Bullets(("A point",)),
                d.Table(headers=("Seat", "Votes"), rows=(("risk", "1"), ("legal", "2")), numeric=(1,), caption="Seats"),
                d.Charts((GALLERY["bars-horizontal"],), captions=("How it went",)),
            ),
        ),
        d.Section(title="Ask it", level=2, blocks=(d.Code("curl -s https://example.org\ncat it"),)),
    ),
)
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def made() -> bytes:
    return d.docx(DOCUMENT)


def part(made: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        return ElementTree.fromstring(file.read(name))


def test_headings_are_real_ones_in_their_order(made: bytes) -> None:
    file = library.Document(io.BytesIO(made))
    heads = [
        (line.style.name, line.text) for line in file.paragraphs if line.style.name.startswith(("Heading", "Title"))
    ]
    assert heads == [("Title", DOCUMENT.title), ("Heading 1", "Attendance"), ("Heading 2", "Ask it")]


def test_it_says_its_title_who_wrote_it_when_and_in_which_language(made: bytes) -> None:
    about = library.Document(io.BytesIO(made)).core_properties
    assert (about.title, about.author, about.language) == (DOCUMENT.title, "Northwind Group", "en-GB")
    assert about.created.date() == about.modified.date() == DOCUMENT.made_on
    german = d.docx(replace(DOCUMENT, locale="de"))
    assert {one.get(f"{WORD}val") for one in part(german, "word/styles.xml").iter(f"{WORD}lang")} == {"de-DE"}
    assert "Seite" in "".join(part(german, "word/footer1.xml").itertext())


def test_tables_have_a_header_row_that_is_marked_as_one(made: bytes) -> None:
    facts, seats, chart = library.Document(io.BytesIO(made)).tables
    assert [cell.text for cell in seats.rows[0].cells] == ["Seat", "Votes"]
    assert [cell.text for cell in seats.rows[2].cells] == ["legal", "2"]
    assert [len(list(row._tr.iter(f"{WORD}tblHeader"))) for row in seats.rows] == [1, 0, 0]
    assert not list(facts._tbl.iter(f"{WORD}tblHeader"))
    assert [cell.text for cell in facts.rows[1].cells] == ["Quorum", "3 of 5"]
    table = GALLERY["bars-horizontal"].table(d.Words("en"))
    assert [[cell.text for cell in row.cells] for row in chart.rows] == [list(table.headers), *map(list, table.rows)]


def test_a_chart_says_what_is_to_be_seen(made: bytes) -> None:
    texts = [line.text for line in library.Document(io.BytesIO(made)).paragraphs]
    assert GALLERY["bars-horizontal"].sentence(d.Words("en")) in texts
    assert "How it went" in texts


def test_each_numbered_list_counts_from_one(made: bytes) -> None:
    file = library.Document(io.BytesIO(made))
    numbers = [line._p.pPr.numPr.numId.val for line in file.paragraphs if line.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    starts = {one.get(f"{WORD}val") for one in part(made, "word/numbering.xml").iter(f"{WORD}startOverride")}
    assert starts == {"1"}


def test_equal_documents_give_equal_bytes(made: bytes) -> None:
    assert d.docx(DOCUMENT) == made
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        assert {one.date_time for one in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "docProps/thumbnail.jpeg" not in file.namelist()


def test_text_is_never_markup_and_what_xml_cannot_hold_is_replaced() -> None:
    odd = "<w:b/> & \x00\ufffe end"
    section = d.Section(title=odd, blocks=(d.Paragraph(odd), d.Table(headers=(odd,), rows=((odd,),)), d.Code(odd)))
    file = library.Document(io.BytesIO(d.docx(replace(DOCUMENT, title=odd, facts=((odd, odd),), sections=(section,)))))
    assert "<w:b/> & \ufffd\ufffd end" in [line.text for line in file.paragraphs]
    assert file.core_properties.title.startswith("<w:b/> &")


def test_a_document_without_anything_is_a_file_nevertheless() -> None:
    empty = d.Document(title="", organisation="", made_on=date(2026, 1, 1), sections=())
    assert library.Document(io.BytesIO(d.docx(empty))).paragraphs[0].text == "–"
