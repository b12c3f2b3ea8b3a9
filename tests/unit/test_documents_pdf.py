"""Documents as PDF: tagged, named, in a language, with told figures, and the same bytes each time."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pypdf
import pytest

from headway import documents as d
from headway.documents.document import payload

GALLERY = d.gallery()
DOCUMENT = d.Document(
    title="Pilot: lead scoring",
    subtitle="What a first run says",
    organisation="Northwind Group",
    made_on=date(2026, 3, 7),
    facts=(("Department", "EMEA sales"), ("Model", "lead-scoring@3")),
    lead=(d.Paragraph(d.inline("It learns from `leads.csv`.")), d.Callout(("Not in order of time.",), "warning")),
    sections=(
        d.Section(
            title="How good it is",
            blocks=(
                d.Bullets(("First point", "Second point")),
                d.Charts((GALLERY["calibration"], GALLERY["gains"])),
                d.Table(headers=("figure", "value"), rows=(("ROC AUC", "0.8012"),), numeric=(1,), caption="Figures"),
            ),
        ),
        d.Section(title="Ask it", level=2, blocks=(d.Code("curl -s https://example.org/v1/decisions"),)),
        d.Section(title="Why", blocks=(d.Charts((GALLERY["bars-horizontal"],)),)),
    ),
)


@pytest.fixture(scope="module")
def made() -> bytes:
    return d.pdf(DOCUMENT)


def read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made))


def words_of(made: bytes) -> str:
    """All text without spaces, so that line breaks do not matter."""
    return re.sub(r"[\s\u200b]+", "", "".join(page.extract_text() for page in read(made).pages))


def structure(made: bytes) -> list[tuple[str, str | None]]:
    """Tags in reading order, with their alternative texts."""

    def walk(node: Any) -> Iterator[tuple[str, str | None]]:
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                yield from walk(one)
        elif hasattr(node, "keys"):
            if "/S" in node:
                yield str(node["/S"]), node.get("/Alt")
            if "/K" in node:
                yield from walk(node["/K"])

    return list(walk(read(made).trailer["/Root"]["/StructTreeRoot"]))


def test_it_is_tagged_named_and_in_a_language(made: bytes) -> None:
    root = read(made).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == pypdf.generic.BooleanObject(True)
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == pypdf.generic.BooleanObject(True)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    found = read(made).metadata
    assert found is not None
    assert found.title == "Pilot: lead scoring"
    assert found.author == "Northwind Group"


def test_figures_tables_lists_and_headings_are_tagged_and_figures_told(made: bytes) -> None:
    tags = structure(made)
    figures = [alt for tag, alt in tags if tag == "/Figure"]
    charts = [GALLERY[name] for name in ("calibration", "gains", "bars-horizontal")]
    assert figures == [d.figure(chart).sentence for chart in charts]
    kinds = [tag for tag, _ in tags]
    assert [tag for tag in kinds if re.fullmatch("/H[1-6]", tag)] == ["/H1", "/H2", "/H1"]
    assert kinds.count("/TH") == 2
    assert kinds.count("/LI") == 2
    assert "/Title" in kinds


def test_everything_written_is_text_on_the_page(made: bytes) -> None:
    text = words_of(made)
    for said in (
        "Pilot: lead scoring", "What a first run says", "EMEA sales", "leads.csv", "Read this first", "Not in order of time.",
        "Second point", "0.8012", "curl -s https://example.org/v1/decisions", "Mar 7, 2026", "Page 1 of 2", "Outcome of the last campaign",
    ):  # fmt: skip
        assert said.replace(" ", "") in text, said


def test_fonts_are_embedded(made: bytes) -> None:
    fonts = [font.get_object() for page in read(made).pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert {"/FontFile2", "/FontFile3"} & set(described)


def test_equal_documents_give_equal_bytes_and_another_day_does_not(made: bytes) -> None:
    assert d.pdf(DOCUMENT) == made
    assert d.pdf(replace(DOCUMENT, made_on=date(2026, 3, 8))) != made


def test_a_german_document_says_so() -> None:
    made = d.pdf(replace(DOCUMENT, locale="de"))
    assert read(made).trailer["/Root"]["/Lang"] == "de"
    text = words_of(made)
    assert "Seite1von" in text
    assert "7.März2026" in text
    assert "Zuerstlesen" in text


def test_text_is_never_markup() -> None:
    nasty = '#strong[x] *b* _i_ `c` $1/0$ <l> @ref \\n = Head - item + item / term: // no #panic("x") #{1+1} "q" \'s\' ~ --- ...'
    nested = d.Section(
        title=nasty, blocks=(d.Paragraph(nasty), d.Bullets((nasty,)), d.Callout((nasty,), "note", nasty), d.Code(nasty))
    )
    table = d.Section(title="t", blocks=(d.Table(headers=(nasty,), rows=((nasty,),), caption=nasty),))
    document = d.Document(
        title=nasty,
        subtitle=nasty,
        organisation=nasty,
        made_on=date(2026, 1, 1),
        facts=((nasty, nasty),),
        sections=(nested, table),
    )
    made = d.pdf(document)
    assert words_of(made).count(nasty.replace(" ", "")) >= 11
    found = read(made).metadata
    assert found is not None
    assert found.title == nasty


def test_characters_without_a_font_do_not_stop_a_document() -> None:
    strange = d.Section(title="Strange \ue123 signs \x07", blocks=(d.Paragraph("before \U000e0fff after \x00"),))
    text = words_of(d.pdf(replace(DOCUMENT, sections=(strange,))))
    assert "before" in text
    assert "after" in text


def test_long_words_break_and_stay_on_the_page() -> None:
    digest = "sha256-" + "0123456789abcdef" * 6
    table = d.Table(headers=("name", "digest", "more"), rows=((digest, digest, digest),))
    made = d.pdf(replace(DOCUMENT, sections=(d.Section(title=digest, blocks=(d.Paragraph(digest), table)),)))
    assert words_of(made).count(digest) >= 2
    boxes = [one["/A"] for one in _tagged(made, "/Table")]
    right = max(float(box["/BBox"][2]) for boxed in boxes for box in boxed)
    assert right <= 595 - 22 / 25.4 * 72 + 1


def _tagged(made: bytes, tag: str) -> list[Any]:
    found: list[Any] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif hasattr(node, "keys"):
            if node.get("/S") == tag:
                found.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(read(made).trailer["/Root"]["/StructTreeRoot"])
    return found


def test_inline_reads_code_between_back_ticks() -> None:
    assert d.inline("of `a b` and c") == (d.Span("of "), d.Span("a b", "code"), d.Span(" and c"))
    assert d.inline("") == ()


def test_a_document_begins_at_the_first_level() -> None:
    plain = payload(replace(DOCUMENT, sections=(d.Section(title="x", level=2, blocks=()),)), "Inter")
    sections = plain["sections"]
    assert isinstance(sections, list)
    assert sections[0]["level"] == 1
