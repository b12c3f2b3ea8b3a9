"""What a file of a spreadsheet program holds: cells with addresses, and the limits that keep a hostile one small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn

from headway.documents.errors import SheetUnreadable
from headway.kernel.errors import Fault

CellValue = str | int | float | bool | date | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a file may be; whatever is over is refused before it takes memory or time."""

    bytes: int = 10_000_000
    unpacked: int = 150_000_000
    """All parts of a workbook together, unpacked."""
    rows: int = 50_000
    columns: int = 500
    cells: int = 1_000_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of one sheet that hold something: by row and column, both counted from 1."""

    name: str
    rows: Mapping[int, Mapping[int, CellValue]]
    notes: tuple[str, ...] = ()
    """What reading had to decide."""


def address(row: int, column: int) -> str:
    """Name a cell as spreadsheet programs do: row 7 of column 2 is B7."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def place(text: str) -> tuple[int, int] | None:
    """Read an address into row and column, both counted from 1; None when it is none."""
    letters = text.rstrip("0123456789")
    digits = text[len(letters) :]
    if not letters or not digits or len(letters) > 3 or len(digits) > 7:
        return None
    column = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            return None
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits), column


def refuse(rule: str, message: str, hint: str | None = None) -> NoReturn:
    """Raise SheetUnreadable with one fault."""
    raise SheetUnreadable(message, hint=hint, faults=[Fault(rule=f"sheet.{rule}", message=message)])
