"""A document as a value: title, facts, sections of blocks. It says what is written, not how it looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from headway.documents.charts.canvas import clean
from headway.documents.charts.chart import Chart
from headway.documents.charts.rendering import render, sentence_of
from headway.documents.entities import Table, Width
from headway.documents.words import Words

Tone = Literal["note", "warning", "good"]
_CODE = re.compile(r"`([^`]+)`")
_LONG = re.compile(r"[^\s\u200b]{28,}")
_TYPED = re.compile(r"\S{80,}")
"""What people copy and type is broken only where a line could not hold it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one look."""

    text: str
    look: Literal["plain", "strong", "code"] = "plain"


Text = str | tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: Text


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; ``numbered`` where the order counts."""

    items: tuple[Text, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Callout:
    """What must not be overlooked, in a box with a heading."""

    items: tuple[Text, ...]
    tone: Tone = "note"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Charts:
    """One chart over the whole width, or several, two in a row. A caption is the chart's title when left out."""

    charts: tuple[Chart, ...]
    captions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be typed or read as they are."""

    text: str


Block = Paragraph | Bullets | Callout | Charts | Code | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with its blocks; ``level`` 2 is a part of the section before."""

    title: str
    blocks: tuple[Block, ...]
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a person takes away, of one organisation and one day; equal documents give equal bytes."""

    title: str
    organisation: str
    made_on: date
    sections: tuple[Section, ...]
    subtitle: str = ""
    lead: tuple[Block, ...] = ()
    """Blocks before the first heading."""
    facts: tuple[tuple[str, str], ...] = ()
    locale: str = "en"


def inline(text: str) -> Text:
    """Read a sentence of ours: what stands between back-ticks is code."""
    spans: list[Span] = []
    for at, part in enumerate(_CODE.split(text)):
        if part:
            spans.append(Span(part, "code" if at % 2 else "plain"))
    return tuple(spans)


def payload(document: Document, font: str) -> dict[str, object]:
    """The document as plain values for the template; every text is data, none is markup."""
    words = Words(document.locale)
    return {
        "title": _breakable(document.title) or "–",
        "subtitle": _breakable(document.subtitle),
        "organisation": clean(document.organisation),
        "day": words.moment(document.made_on),
        "date": [document.made_on.year, document.made_on.month, document.made_on.day],
        "lang": words.locale.replace("_", "-").split("-")[0].lower(),
        "font": font,
        "page": words.say("page"),
        "of": words.say("of"),
        "facts": [[_breakable(name), _breakable(value)] for name, value in document.facts],
        "lead": [_block(block, document.locale, font) for block in document.lead],
        "sections": [
            _section(section, document.locale, font, first=at == 0) for at, section in enumerate(document.sections)
        ],
    }


def _section(section: Section, locale: str, font: str, *, first: bool) -> dict[str, object]:
    return {
        "title": _breakable(section.title) or "–",
        "level": 1 if first else section.level,
        "blocks": [_block(block, locale, font) for block in section.blocks],
    }


def _block(block: Block, locale: str, font: str) -> dict[str, object]:
    match block:
        case Paragraph(text):
            return {"kind": "paragraph", "text": _spans(text)}
        case Bullets(items, numbered):
            return {"kind": "bullets", "items": [_spans(item) for item in items], "numbered": numbered}
        case Callout(items, tone, title):
            head = title or Words(locale).say(tone)
            return {"kind": "callout", "tone": tone, "title": head, "items": [_spans(item) for item in items]}
        case Code(text):
            return {
                "kind": "code",
                "text": _TYPED.sub(lambda found: "\u200b".join(_cut(found.group(), 70)), clean(text)),
            }
        case Charts():
            return {"kind": "charts", "charts": _charts(block, locale, font)}
        case Table():
            return _table(block)


def _charts(block: Charts, locale: str, font: str) -> list[dict[str, str]]:
    width: Width = "wide" if len(block.charts) == 1 else "narrow"
    made = []
    for at, chart in enumerate(block.charts):
        caption = block.captions[at] if at < len(block.captions) else chart.title
        svg = render(chart, width, locale=locale, standalone=True, font=font)
        made.append({"svg": svg, "alt": sentence_of(chart, Words(locale)), "caption": _breakable(caption)})
    return made


def _table(table: Table) -> dict[str, object]:
    return {
        "kind": "table",
        "caption": _breakable(table.caption),
        "headers": [_breakable(header) for header in table.headers],
        "rows": [[_breakable(cell) for cell in row] for row in table.rows],
        "numeric": list(table.numeric),
    }


def _spans(text: Text) -> list[list[str]]:
    spans = (Span(text),) if isinstance(text, str) else text
    return [[span.look, _breakable(span.text)] for span in spans]


def _breakable(text: str) -> str:
    """Let a word as long as a digest break, by spaces of no width; a line cannot hold it otherwise."""
    return _LONG.sub(lambda found: "\u200b".join(_cut(found.group(), 14)), clean(text))


def _cut(word: str, every: int) -> list[str]:
    return [word[at : at + every] for at in range(0, len(word), every)]
