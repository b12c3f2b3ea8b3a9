"""Quarters of a year, as board packs are made for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

_WRITTEN = re.compile(r"^(?P<year>20\d\d)-Q(?P<part>[1-4])$")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter, written like ``2026-Q3``; its days are those of UTC."""

    year: int
    part: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.part}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.part - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date.fromordinal(self.after.first.toordinal() - 1)

    @property
    def after(self) -> Quarter:
        """The next one."""
        return Quarter(self.year, self.part + 1) if self.part < 4 else Quarter(self.year + 1, 1)

    @property
    def before(self) -> Quarter:
        """The one before."""
        return Quarter(self.year, self.part - 1) if self.part > 1 else Quarter(self.year - 1, 4)

    @property
    def days(self) -> str:
        """Its days as lists are filtered by them."""
        return f"{self.first}..{self.last}"

    def holds(self, at: datetime | None) -> bool:
        """Whether a moment lies in it; none does not."""
        return at is not None and self.first <= at.date() <= self.last


def quarter_of(day: date) -> Quarter:
    """The quarter of a day."""
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str) -> Quarter | None:
    """Read ``2026-Q3``; None where the text is no quarter."""
    found = _WRITTEN.match(text)
    return Quarter(int(found["year"]), int(found["part"])) if found else None
