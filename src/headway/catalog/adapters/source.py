"""A file's rows before types are chosen, and how a file is refused: what the readers of each kind share."""

from __future__ import annotations

import contextlib
import errno
import re
from dataclasses import dataclass
from typing import Final, NoReturn

import polars as pl

from headway.catalog.entities import FileKind
from headway.catalog.errors import NoRoom, UnreadableFile
from headway.kernel.errors import Fault

ROW: Final = "_headway_row"
"""Technical column of every staged table: the row's number in its file, from 1."""
TEXT_MARK: Final = {b"headway": b"text"}
"""Metadata of a Parquet column that is text only because no type is known of it: it is read like a column of a CSV file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's rows before types were chosen: text from CSV, JSON lines and Excel, typed columns from Parquet."""

    kind: FileKind
    frame: pl.LazyFrame
    columns: tuple[str, ...]
    rows: int
    semicolons: bool
    notes: tuple[str, ...]
    untyped: frozenset[str] = frozenset()  # columns of a typed file that are text for want of a type


def refuse(filename: str, rule: str, words: str, row: int | None = None) -> NoReturn:
    """Refuse a file for one reason."""
    raise refusal(filename, rule, words, row)


def refusal(filename: str, rule: str, words: str, row: int | None = None) -> UnreadableFile:
    """The error for one reason."""
    return unreadable(filename, [Fault(rule=rule, row=row, message=words)], 1)


def unreadable(filename: str, faults: list[Fault], count: int) -> UnreadableFile:
    """The error for several faults, of which some may have been left out."""
    more = f" (and {count - 1:,} more faults)" if count > 1 else ""
    return UnreadableFile(
        f"{filename}: {faults[0].message}{more}",
        hint="correct the file and bring it again; nothing was kept",
        faults=faults,
        values={"faults": count},
    )


_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS: Final = re.compile(r"no space left|disk quota exceeded|file too large", re.IGNORECASE)


def need_room(error: BaseException) -> None:
    """Raise NoRoom where an error, of whichever library, says that the disk is full: that is no fault of a file."""
    if getattr(error, "errno", None) in _FULL or _FULL_WORDS.search(str(error)):
        words = "the disk of the server is full, so that the file cannot be read"
        raise NoRoom(words, hint="make room there and try again; nothing was kept") from error


def first_line(error: BaseException) -> str:
    """What another library said, in one line."""
    with contextlib.suppress(IndexError):
        return str(error).strip().splitlines()[0][:300]
    return type(error).__name__
