"""A drawing in the making: elements with classes, never with styles, every text escaped and every place finite."""

from __future__ import annotations

import math
import re
from xml.sax.saxutils import escape, quoteattr

from headway.documents.charts.lettering import FONT_SIZE, LINE, shortened, text_width
from headway.documents.entities import Width
from headway.documents.words import Words

PIXELS: dict[Width, float] = {"wide": 640.0, "narrow": 340.0}
SERIES = 6
"""Series beyond this many take the looks of the first again."""
_NOT_XML = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_HATCHES = {
    2: '<path d="M-1 7L7 -1M5 9L9 5" class="hw-hatch"/>',
    3: '<circle cx="4" cy="4" r="1.4" class="hw-dot"/>',
    4: '<path d="M1 -1L9 7M-1 5L3 9" class="hw-hatch"/>',
    5: '<path d="M0 4H8" class="hw-hatch"/>',
    6: '<path d="M4 0V8" class="hw-hatch"/>',
}
_MARKERS = {
    1: "M{l} {y}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z",
    2: "M{l} {t}H{g}V{b}H{l}Z",
    3: "M{x} {t}L{g} {b}H{l}Z",
    4: "M{x} {t}L{g} {y}L{x} {b}L{l} {y}Z",
    5: "M{l} {t}H{g}L{x} {b}Z",
    6: "M{l} {y}L{x} {t}L{g} {y}L{x} {b}Z",
}


def look(index: int) -> int:
    """The look (1 to 6) of a series counted from 0."""
    return index % SERIES + 1


def clean(text: str) -> str:
    """The text without characters that XML does not know."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def place(value: float) -> str:
    """A coordinate, written short."""
    if not math.isfinite(value):
        raise ValueError(f"a place on a drawing is a finite number, not {value}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Canvas:
    """Takes elements in; ``svg`` closes the drawing."""

    def __init__(self, width: Width, words: Words, prefix: str) -> None:
        self.kind: Width = width
        self.width = PIXELS[width]
        self.words = words
        self.prefix = prefix
        self.looks = f"hw-chart hw-{width}"
        self._parts: list[str] = []
        self._patterns: dict[int, str] = {}

    @property
    def is_narrow(self) -> bool:
        """Whether this is the drawing for a phone."""
        return self.kind == "narrow"

    def rect(self, x: float, y: float, width: float, height: float, looks: str, *, tip: str = "", r: float = 0) -> None:
        """A rectangle; ``tip`` is read on hovering."""
        round_ = f' rx="{place(min(r, width / 2, height / 2))}"' if r else ""
        box = f'x="{place(x)}" y="{place(y)}" width="{place(max(0, width))}" height="{place(max(0, height))}"'
        self._add("rect", f'{box}{round_} class="{looks}"', tip)

    def fill(self, x: float, y: float, width: float, height: float, index: int, *, tip: str = "", r: float = 0) -> None:
        """A bar in the look of a series: its colour, and from the second on a pattern over it."""
        self.rect(x, y, width, height, f"hw-bar hw-f{look(index)}", tip=tip, r=r)
        if look(index) in _HATCHES and width > 0 and height > 0:
            box = f'x="{place(x)}" y="{place(y)}" width="{place(width)}" height="{place(height)}"'
            self._add("rect", f'{box} fill="url(#{self._pattern(look(index))})" class="hw-over"', tip)

    def spot(self, x: float, y: float, radius: float, tip: str) -> None:
        """An unseen place around a point where hovering tells something."""
        left, top, right = max(0.0, x - radius), max(0.0, y - radius), min(self.width, x + radius)
        self.rect(left, top, right - left, y + radius - top, "hw-hit", tip=tip)

    def hatched(self, x: float, y: float, width: float, height: float, tip: str) -> None:
        """A box that says: nothing is known here."""
        self.rect(x, y, width, height, "hw-missing", tip=tip)

    def line(self, x1: float, y1: float, x2: float, y2: float, looks: str) -> None:
        """A straight line."""
        self._add("line", f'x1="{place(x1)}" y1="{place(y1)}" x2="{place(x2)}" y2="{place(y2)}" class="{looks}"')

    def polyline(self, points: list[tuple[float, float]], looks: str, *, closed: bool = False, tip: str = "") -> None:
        """A line through points, or the area inside them."""
        way = "L".join(f"{place(x)} {place(y)}" for x, y in points)
        self._add("path", f'd="M{way}{"Z" if closed else ""}" class="{looks}"', tip)

    def marker(self, x: float, y: float, index: int, *, radius: float = 3.5, tip: str = "", looks: str = "") -> None:
        """The marker of a series at a place: circle, square, triangle, diamond, in its colour."""
        shape = _MARKERS[look(index)].format(
            x=place(x), y=place(y), l=place(x - radius), g=place(x + radius), t=place(y - radius), b=place(y + radius),
            r=place(radius), d=place(2 * radius),
        )  # fmt: skip
        self._add("path", f'd="{shape}" class="{looks or f"hw-mark hw-f{look(index)}"}"', tip)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        looks: str = "hw-label",
        *,
        anchor: str = "start",
        room: float | None = None,
        turned: bool = False,
    ) -> None:
        """One line of text on a base line; cut to its room, the whole then read on hovering."""
        shown = text if room is None else shortened(text, room)
        if not shown:
            return
        turn = f' transform="rotate(-40 {place(x)} {place(y)})"' if turned else ""
        anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
        tip = f"<title>{escape(clean(text))}</title>" if shown != text else ""
        where = f'x="{place(x)}" y="{place(y)}"{anchored}{turn} class="{looks}"'
        self._parts.append(f"<text {where}>{escape(clean(shown))}{tip}</text>")

    def centred(self, x: float, y: float, text: str, looks: str = "hw-label") -> None:
        """A short text with its middle at ``x``, moved where it would leave the drawing."""
        half = text_width(text) / 2
        self.text(min(max(x, half), self.width - half), y, text, looks, anchor="middle", room=self.width)

    def paragraph(self, x: float, y: float, lines: list[str], looks: str = "hw-label") -> None:
        """Lines of text below each other."""
        for at, line in enumerate(lines):
            self.text(x, y + at * LINE, line, looks)

    def svg(self, height: float, title: str, sentence: str) -> str:
        """The whole drawing as one element."""
        size = f'viewBox="0 0 {place(self.width)} {place(height)}" width="{place(self.width)}" height="{place(height)}"'
        named = quoteattr(f"{self.prefix}-t {self.prefix}-d")
        defs = "".join(self._patterns.values())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} class="{self.looks}" role="img" '
            f'aria-labelledby={named}><title id="{self.prefix}-t">{escape(clean(title))}</title>'
            f'<desc id="{self.prefix}-d">{escape(clean(sentence))}</desc>'
            f"{f'<defs>{defs}</defs>' if defs else ''}{''.join(self._parts)}</svg>"
        )

    def _pattern(self, kind: int) -> str:
        name = f"{self.prefix}-p{kind}"
        self._patterns[kind] = (
            f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">{_HATCHES[kind]}</pattern>'
        )
        return name

    def _add(self, tag: str, attributes: str, tip: str = "") -> None:
        inner = f"<title>{escape(clean(tip))}</title>" if tip else ""
        self._parts.append(f"<{tag} {attributes}>{inner}</{tag}>" if inner else f"<{tag} {attributes}/>")


def baseline(middle: float) -> float:
    """The base line of text whose middle lies at a place."""
    return middle + FONT_SIZE * 0.36
