"""Values that charts, documents and spreadsheets are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Width = Literal["wide", "narrow"]
WIDTHS: tuple[Width, ...] = ("wide", "narrow")
Moment = date | datetime
Number = float | None
"""A figure; None and NaN are gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Headers and rows, written out for people; ``numeric`` names the columns set to the right."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """How a figure is written; a ``percent`` is given as a share (0.1 is 10 %), ``digits`` are decimals."""

    kind: Literal["number", "percent", "money"] = "number"
    currency: str = "EUR"
    digits: int | None = None
    suffix: str = ""


NUMBER = Unit()
PERCENT = Unit(kind="percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart drawn twice, with its table and the sentence that says what is to be seen."""

    title: str
    sentence: str
    wide_svg: str
    narrow_svg: str
    table: Table
