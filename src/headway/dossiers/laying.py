"""A dossier laid out as a document for paper and as Markdown, from the same value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from headway.documents import (
    NUMBER,
    PERCENT,
    BarChart,
    Bars,
    Block,
    CalibrationBin,
    CalibrationChart,
    Callout,
    Chart,
    Charts,
    Document,
    GainsChart,
    GainsPoint,
    Paragraph,
    Section,
    Span,
    Table,
    Text,
    Unit,
    inline,
)
from headway.dossiers.entities import Answer, Cite, Content, Made, Plotted, Ranged, Said, Statement, Tabled

NO_GAP = "No gap: a record answers every requirement."


class Numbering:
    """Gives each record a number at its first mention."""

    def __init__(self) -> None:
        self._known: dict[Cite, int] = {}

    def of(self, one: Cite) -> int:
        """The number of a record."""
        return self._known.setdefault(one, len(self._known) + 1)

    def marks(self, cites: Sequence[Cite]) -> str:
        """The numbers of some records, as ``[1, 4–9]``."""
        found = {self.of(one) for one in cites}
        return f"[{', '.join(_runs(sorted(found)))}]" if found else ""

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Number, record and digest of all that were mentioned."""
        return tuple((str(number), cite.ref, cite.digest or "–") for cite, number in self._known.items())


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    """Numbers as they are written in a row: three and more that follow each other as a run."""
    for _, found in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in found]
        yield from (f"{run[0]}–{run[-1]}",) if len(run) > 2 else map(str, run)


def facts_of(made: Made) -> tuple[tuple[str, str], ...]:
    """What stands at the head of a document: about what, when, by whose wish, by which rules, under which digest."""
    content = made.content
    return (
        *content.about,
        ("Source", content.source),
        ("Made", f"{made.at:%Y-%m-%d %H:%M} UTC by {made.by}"),
        ("Number", made.id),
        ("Digest of this document", made.digest),
        ("Digest of what it says", made.content_digest),
        ("Owed", content.due.why),
        ("Gaps", f"{len(content.gaps)} in {sum(len(one.answers) for one in content.chapters)} requirements"),
    )


def document_of(made: Made) -> Document:
    """Lay a dossier out: what is missing first, then every requirement with what records say, then the records."""
    numbers = Numbering()
    sections = [
        section for chapter in made.content.chapters for section in _chapter(chapter.title, chapter.answers, numbers)
    ]
    return Document(
        title=made.content.title,
        subtitle=f"{made.content.subject} – {made.content.subtitle}",
        organisation=made.content.organisation,
        made_on=made.at.date(),
        facts=facts_of(made),
        sections=(*_gaps(made.content), *sections, *_records(made.content, numbers)),
    )


def _gaps(content: Content) -> Iterator[Section]:
    rows = tuple((one.requirement, one.source, _flat(one.what), _flat(one.mend)) for one in content.gaps)
    told = Table(headers=("at", "source", "what no record says", "how it comes to be recorded"), rows=rows)
    yield Section(title="Gaps", blocks=(told,) if rows else (Callout((NO_GAP,), "good"),))


def _chapter(title: str, answers: Sequence[Answer], numbers: Numbering) -> Iterator[Section]:
    yield Section(title=title, blocks=())
    for one in answers:
        blocks: list[Block] = [Paragraph((Span(one.source),))]
        blocks += [_block(said, numbers) for said in one.said]
        if one.lacks:
            told = tuple(
                inline(f"{lack.what[:1].upper()}{lack.what[1:]}. To close it: {lack.mend}.") for lack in one.lacks
            )
            blocks.append(Callout(told, "warning", "Gap" if len(told) == 1 else "Gaps"))
        yield Section(title=f"{one.id} {one.title}", blocks=tuple(blocks), level=2)


def _block(said: Statement, numbers: Numbering) -> Block:
    match said:
        case Said():
            return Paragraph(_marked(said.text, numbers.marks(said.cites)))
        case Tabled():
            caption = f"{said.caption} {numbers.marks(said.cites)}"
            rows = tuple(tuple(_flat(cell) for cell in row) for row in said.rows)
            return Table(caption=caption, headers=said.headers, rows=rows, numeric=said.numeric)
        case Plotted() | Ranged():
            return Charts((chart_of(said),), (f"{said.title} {numbers.marks(said.cites)}",))


def _marked(text: str, marks: str) -> Text:
    spans = inline(text)
    return (*(spans if isinstance(spans, tuple) else (Span(spans),)), Span(f" {marks}"))


def chart_of(said: Plotted | Ranged) -> Chart:
    """The chart of some figures."""
    if isinstance(said, Ranged):
        return _ranged(said)
    pairs = [(float(a), b) for a, b in said.points if not isinstance(a, str)]
    if said.plot == "gains":
        points = tuple(GainsPoint(taken=a, found=b) for a, b in pairs)
        return GainsChart(title=said.title, points=points, taken_label=said.category, found_label=said.label)
    if said.plot == "calibration":
        bins = tuple(
            CalibrationBin(predicted=a, observed=b, rows=n) for (a, b), n in zip(pairs, said.rows, strict=True)
        )
        return CalibrationChart(title=said.title, bins=bins)
    return BarChart(
        title=said.title,
        categories=tuple(str(name) for name, _ in said.points),
        series=(Bars(name=said.label, values=tuple(value for _, value in said.points)),),
        unit=PERCENT if said.plot == "shares" else NUMBER,
        horizontal=True,
        label=said.label,
        category_label=said.category,
    )


def _ranged(said: Ranged) -> Chart:
    names, values, lows, highs = zip(*said.points, strict=True)
    return BarChart(
        title=said.title,
        categories=names,
        series=(Bars(name=said.label, values=values, low=lows, high=highs),),
        unit=Unit(kind="money", currency=said.currency, digits=0),
        horizontal=True,
        label=said.label,
        category_label=said.category,
    )


def _records(content: Content, numbers: Numbering) -> Iterator[Section]:
    numbers.marks(content.due.cites)
    headers = ("no.", "record", "digest")
    yield Section(title="Records", blocks=(Table(headers=headers, rows=numbers.rows()),))
    rows = tuple((name, digest) for name, digest in content.packs.items())
    yield Section(title="Packs of rules that were on", blocks=(Table(headers=("pack", "digest"), rows=rows),))


def _flat(text: str) -> str:
    return text.replace("`", "")


# --- Markdown ----------------------------------------------------------------------------------------------------


def markdown_of(made: Made) -> str:
    """A dossier as Markdown, with the same numbers of records."""
    content, numbers = made.content, Numbering()
    lines = [f"# {content.title}", "", f"{content.subject} – {content.subtitle}", ""]
    lines += [f"- **{name}**: {_safe(value)}" for name, value in facts_of(made)]
    lines += ["", "## Gaps", ""]
    lines += [f"- {one.requirement} ({one.source}): {one.what}. To close it: {one.mend}." for one in content.gaps] or [
        NO_GAP
    ]
    for chapter in content.chapters:
        lines += ["", f"## {chapter.title}"]
        for answer in chapter.answers:
            lines += ["", f"### {answer.id} {answer.title}", "", f"*{answer.source}*"]
            for said in answer.said:
                lines += ["", *_lines(said, numbers)]
            lines += [
                line for lack in answer.lacks for line in ("", f"> **Gap**: {lack.what}. To close it: {lack.mend}.")
            ]
    numbers.marks(content.due.cites)
    lines += ["", "## Records", "", *_grid(("no.", "record", "digest"), numbers.rows())]
    lines += ["", "## Packs of rules that were on", "", *_grid(("pack", "digest"), tuple(content.packs.items()))]
    return "\n".join(lines) + "\n"


def _lines(said: Statement, numbers: Numbering) -> list[str]:
    marks = numbers.marks(said.cites)
    if isinstance(said, Said):
        return [f"{_safe(said.text)} {marks}"]
    if isinstance(said, Tabled):
        return [f"**{said.caption}** {marks}", "", *_grid(said.headers, said.rows)]
    if isinstance(said, Ranged):
        ranges = tuple((name, f"{value:,.2f}", f"{low:,.2f} to {high:,.2f}") for name, value, low, high in said.points)
        return [f"**{said.title}** {marks}", "", *_grid((said.category, said.label, "interval"), ranges)]
    rows = tuple((str(name) if isinstance(name, str) else f"{name:.3g}", f"{value:.4g}") for name, value in said.points)
    return [f"**{said.title}** {marks}", "", *_grid((said.category, said.label), rows)]


def _grid(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(headers), "|" + " --- |" * len(headers), *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_safe(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _safe(text: str) -> str:
    """Text of people as text: nothing of it begins a tag."""
    return text.replace("<", "&lt;").replace("\n", " ")
