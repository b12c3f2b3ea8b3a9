"""What every chart can do."""

from __future__ import annotations

from typing import Protocol

from headway.documents.charts.canvas import Canvas
from headway.documents.entities import Table
from headway.documents.errors import ChartMalformed
from headway.documents.words import Words


class Chart(Protocol):
    """A frozen value that can be drawn, tabled and said in a sentence."""

    @property
    def title(self) -> str:
        """What it shows."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be seen yet."""

    def table(self, words: Words) -> Table:
        """Everything the drawing shows, as text."""

    def sentence(self, words: Words) -> str:
        """What is to be seen, for those who cannot see it; asked only when not empty."""

    def draw(self, canvas: Canvas) -> float:
        """Draw; returns the height taken. Asked only when not empty."""


def need_equal(title: str, wanted: int, **counts: int) -> None:
    """Raise ChartMalformed with every part that has not as many figures as the chart has places."""
    wrong = [f"{name} has {count}" for name, count in counts.items() if count != wanted]
    if wrong:
        raise ChartMalformed(f"{title}: {wanted} figures are wanted, but {', '.join(wrong)}")
