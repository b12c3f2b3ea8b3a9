"""A document as a Word file (Office Open XML), for whoever has to go on writing; the PDF is what is read and kept."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time
from typing import TYPE_CHECKING, Final

from headway.documents.charts.canvas import clean
from headway.documents.charts.chart import Chart
from headway.documents.charts.rendering import sentence_of
from headway.documents.document import Block, Bullets, Callout, Charts, Code, Document, Paragraph, Span, Text
from headway.documents.entities import Table
from headway.documents.words import Words

if TYPE_CHECKING:
    from docx.document import Document as WordFile
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.table import Table as WordTable
    from docx.text.paragraph import Paragraph as WordParagraph

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_REGIONS: Final = {"en": "en-GB", "de": "de-DE"}
"""Word checks spelling by language and region."""
_CODE_FONT: Final = "Consolas"


def docx(document: Document) -> bytes:
    """Write a document as docx; equal documents give equal bytes.

    Title, language, headings, lists and tables with header rows are real ones, so that screen readers and an outline find them.
    A chart is written as the sentence that says what is to be seen and the table of its figures.
    """
    from docx import Document as new_file

    file = new_file()
    words = Words(document.locale)
    _about(file, document)
    _page(file, document, words)
    file.add_heading(clean(document.title) or "–", level=0)
    if document.subtitle:
        file.add_paragraph(clean(document.subtitle), style="Subtitle")
    file.add_paragraph(f"{clean(document.organisation)}, {words.moment(document.made_on)}".strip(", "))
    if document.facts:
        _facts(file, document.facts)
    for block in document.lead:
        _block(file, block, words)
    for at, section in enumerate(document.sections):
        file.add_heading(clean(section.title) or "–", level=1 if at == 0 else section.level)
        for block in section.blocks:
            _block(file, block, words)
    made = io.BytesIO()
    file.save(made)
    return _without_clock(made.getvalue())


def _about(file: WordFile, document: Document) -> None:
    """Write the properties by which the file is found, and the language in which it is read out."""
    from docx.oxml.ns import qn

    links = file.part.package.rels
    for name in [name for name, link in links.items() if link.reltype.endswith("/thumbnail")]:
        del links[name]  # a picture of the library's own template
    language = _language(document.locale)
    moment = datetime.combine(document.made_on, time())
    about = file.core_properties
    about.title, about.subject, about.author = (
        clean(text)[:255] for text in (document.title, document.subtitle, document.organisation)
    )
    about.created = about.modified = moment
    about.language, about.comments, about.last_modified_by = language, "", about.author
    for found in file.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), language)
        found.set(qn("w:eastAsia"), language)


def _language(locale: str) -> str:
    name = locale.replace("_", "-")
    return _REGIONS.get(name, name)


def _page(file: WordFile, document: Document, words: Words) -> None:
    """Set the page to A4, with who wrote it and the number of the page below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run(f"{clean(document.organisation)} · {words.say('page')} ".lstrip(" ·"))
    _field(foot, "PAGE")
    foot.add_run(f" {words.say('of')} ")
    _field(foot, "NUMPAGES")


def _field(paragraph: WordParagraph, name: str) -> None:
    """Add a figure that the reader's program fills in."""
    field = _element("w:fldSimple", {"w:instr": name})
    run = paragraph.add_run("1")
    field.append(run._r)
    paragraph._p.append(field)


def _element(tag: str, attributes: dict[str, str]) -> BaseOxmlElement:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(name), value)
    return made


def _block(file: WordFile, block: Block, words: Words) -> None:
    match block:
        case Paragraph(text):
            _write(file.add_paragraph(), text)
        case Bullets():
            _list(file, block)
        case Callout(items, tone, title):
            head = file.add_paragraph(style="Intense Quote")
            head.add_run(clean(title) or words.say(tone)).bold = True
            for item in items:
                head.add_run().add_break()
                _write(head, item)
        case Code(text):
            for line in clean(text).splitlines():
                file.add_paragraph(style="No Spacing").add_run(line).font.name = _CODE_FONT
        case Charts():
            for at, chart in enumerate(block.charts):
                _chart(file, chart, block.captions[at] if at < len(block.captions) else chart.title, words)
        case Table():
            _table(file, block)


def _list(file: WordFile, block: Bullets) -> None:
    style = "List Number" if block.numbered else "List Bullet"
    number = _numbering(file) if block.numbered else None
    for item in block.items:
        line = file.add_paragraph(style=style)
        if number is not None:
            place = line._p.get_or_add_pPr().get_or_add_numPr()
            place.get_or_add_ilvl().val = 0
            place.get_or_add_numId().val = number
        _write(line, item)


def _numbering(file: WordFile) -> int:
    """Begin a numbered list at 1; without it Word would go on counting from the list before."""
    from docx.oxml.ns import qn

    numbers = file.part.numbering_part.element
    style = file.styles["List Number"].element
    first = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
    kept = next(one for one in numbers.num_lst if one.numId == first.val)
    made = numbers.add_num(kept.abstractNumId.val)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(made.numId)


def _chart(file: WordFile, chart: Chart, caption: str, words: Words) -> None:
    file.add_paragraph(clean(caption), style="Caption")
    file.add_paragraph(clean(sentence_of(chart, words)))
    if not chart.is_empty:
        _table(file, chart.table(words))


def _facts(file: WordFile, facts: tuple[tuple[str, str], ...]) -> None:
    table = file.add_table(rows=0, cols=2, style="Table Grid")
    _look(table, row="0", column="1")
    for name, value in facts:
        cells = table.add_row().cells
        cells[0].paragraphs[0].add_run(clean(name)).bold = True
        cells[1].paragraphs[0].add_run(clean(value))
    file.add_paragraph()


def _table(file: WordFile, block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    if block.caption:
        file.add_paragraph(clean(block.caption), style="Caption")
    table = file.add_table(rows=0, cols=len(block.headers), style="Table Grid")
    _look(table, row="1", column="0")
    for number, row in enumerate((block.headers, *block.rows)):
        made = table.add_row()
        fixed = made._tr.get_or_add_trPr()
        fixed.append(_element("w:cantSplit", {}))
        if number == 0:  # repeated on each page, and read out as the headers of the cells
            fixed.append(_element("w:tblHeader", {}))
        for at, (cell, text) in enumerate(zip(made.cells, row, strict=True)):
            line = cell.paragraphs[0]
            line.add_run(clean(text)).bold = number == 0
            if at in block.numeric:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    file.add_paragraph()


def _look(table: WordTable, *, row: str, column: str) -> None:
    """Say which row and column are heads."""
    from docx.oxml.ns import qn

    kept = table._tbl.tblPr
    for old in kept.findall(qn("w:tblLook")):
        kept.remove(old)
    attributes = {"w:firstRow": row, "w:firstColumn": column, "w:lastRow": "0", "w:lastColumn": "0"}
    kept.append(_element("w:tblLook", {**attributes, "w:noHBand": "1", "w:noVBand": "1"}))


def _write(paragraph: WordParagraph, text: Text) -> None:
    for span in (Span(text),) if isinstance(text, str) else text:
        run = paragraph.add_run(clean(span.text))
        if span.look == "strong":
            run.bold = True
        if span.look == "code":
            run.font.name = _CODE_FONT


def _without_clock(made: bytes) -> bytes:
    """The same file with no moment of packing in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
