"""The shape of delimited text, read from bytes: encoding, delimiter, records, and everything that breaks them.

Records follow RFC 4180: values stand between delimiters, a value with a delimiter, a line break or a quotation mark
stands in quotation marks, and a quotation mark inside it is doubled. Rows are counted from 1, the header not counted.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from headway.kernel.errors import Fault

DELIMITERS: Final = (",", ";", "\t", "|")
MAX_RECORD_BYTES: Final = 1_048_576
MAX_COLUMNS: Final = 5_000
FAULTS_KEPT: Final = 100
_QUOTE, _LINE, _RETURN = 34, 10, 13
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_NOT_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)*")

Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


def encoding_of(head: bytes) -> str | None:
    """Name the encoding that the first bytes tell: by a byte order mark, or by the zeros of UTF-16; None: not told."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    pairs = len(head) // 2
    if pairs < 4:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.4 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


@dataclass(slots=True)
class ByteCensus:
    """What bytes that are not UTF-8 could be: counted over all chunks, it decides for or against Windows-1252."""

    high: int = 0
    multibyte: int = 0
    not_text: int | None = None  # position of the first byte that no text in Windows-1252 holds
    seen: int = 0

    def feed(self, chunk: bytes) -> None:
        """Count one chunk."""
        self.high += len(_HIGH.findall(chunk))
        self.multibyte += sum(len(found) for found in _MULTIBYTE.findall(chunk))
        if self.not_text is None and (found := _NOT_TEXT.search(chunk)):
            self.not_text = self.seen + found.start()
        self.seen += len(chunk)

    @property
    def is_western(self) -> bool:
        """Whether Windows-1252 (a superset of printable Latin-1) explains every byte and UTF-8 explains almost none."""
        return self.not_text is None and self.multibyte * 20 <= self.high


def sniff_delimiter(sample: bytes) -> str:
    """Find the delimiter whose count in the header most records repeat; a comma when the text has one column.

    Args: sample: the first bytes, UTF-8, cut at any place.
    """
    best, best_score = ",", (0.0, 0)
    for candidate in DELIMITERS:
        scanner = RecordScanner(delimiter=candidate, columns=None)
        scanner.feed(sample)
        counts = scanner.first_counts
        if not counts:  # no line ended inside the sample
            counts = [scanner.open_values]
        if counts[0] < 2:
            continue
        score = (sum(count == counts[0] for count in counts) / len(counts), counts[0])
        if score > best_score:
            best, best_score = candidate, score
    return best


@dataclass(slots=True)
class RecordScanner:
    """Checks the structure of delimited text chunk by chunk in constant memory.

    After ``close`` it holds the number of rows and at most FAULTS_KEPT faults beside their true number.
    """

    delimiter: str
    columns: int | None  # values each record must have; None only counts
    rows: int = 0  # records without the header, without empty lines at the end
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    first_counts: list[int] = field(default_factory=list)
    stopped: bool = False
    _records: int = 0
    _values: int = 1  # values of the open record so far
    _length: int = 0  # bytes of the open record so far
    _inside: int = 0  # 1 inside quotation marks
    _last: int = _LINE  # last byte seen
    _closing: bool = False  # the last byte closed a quotation
    _blank_tail: int = 0

    @property
    def open_values(self) -> int:
        """Values of the record that has not ended."""
        return self._values

    @property
    def open_row(self) -> int:
        """Row of the record that has not ended; 0 is the header."""
        return self._records

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes; after a fault that hides the structure nothing more is looked at."""
        if self.stopped or not chunk:
            return
        codes = np.frombuffer(chunk, dtype=np.uint8)
        separators, lines = codes == ord(self.delimiter), codes == _LINE
        quotes = codes == _QUOTE
        strays: Positions = np.empty(0, dtype=np.int64)
        if quotes.any() or self._inside or self._closing:
            separators, lines, strays = self._quoted(codes, separators, lines, quotes)
        self._look_for_zero(codes, separators, lines)
        self._end_records(codes, separators, lines, strays)
        self._last = int(codes[-1])

    def close(self) -> None:
        """End the last record and say what stays open."""
        if self.stopped:
            return
        if self._inside:
            self._fault("quotation", self._records, "a quotation mark opens in this row and is never closed")
        elif self._length:
            self._end(np.array([self._values]), np.array([self._length]), self._last == _RETURN)
        self.rows = max(self._records - 1 - self._blank_tail, 0)

    def _quoted(
        self, codes: npt.NDArray[np.uint8], separators: Flags, lines: Flags, quotes: Flags
    ) -> tuple[Flags, Flags, Positions]:
        parity = (np.cumsum(quotes, dtype=np.int64) + self._inside) & 1
        inside = parity.astype(bool)
        before = np.concatenate(([self._last], codes[:-1]))
        after = np.concatenate((codes[1:], [_LINE]))  # what follows the chunk is looked at with the next one
        opens, closes = quotes & inside, quotes & ~inside
        sep = ord(self.delimiter)
        bad = opens & (before != sep) & (before != _LINE) & (before != _QUOTE)
        bad |= closes & (after != sep) & (after != _LINE) & (after != _RETURN) & (after != _QUOTE)
        if self._closing and int(codes[0]) not in (sep, _LINE, _RETURN, _QUOTE):
            bad[0] = True
        self._closing = bool(closes[-1])
        self._inside = int(parity[-1])
        return separators & ~inside, lines & ~inside, np.flatnonzero(bad).astype(np.int64)

    def _look_for_zero(self, codes: npt.NDArray[np.uint8], separators: Flags, lines: Flags) -> None:
        zeros = np.flatnonzero(codes == 0)
        if zeros.size:
            self._stop_at(int(zeros[0]), separators, lines, "nul_byte", "holds a zero byte, which no text has")

    def _end_records(self, codes: npt.NDArray[np.uint8], separators: Flags, lines: Flags, strays: Positions) -> None:
        if strays.size:
            words = "has a quotation mark inside a value: put the whole value in quotation marks and double it"
            self._stop_at(int(strays[0]), separators, lines, "quotation", words)
        if self.stopped:
            return
        ends = np.flatnonzero(lines)
        passed = np.searchsorted(np.flatnonzero(separators), ends)
        total = int(np.count_nonzero(separators))
        if not ends.size:
            self._values, self._length = self._values + total, self._length + codes.size
        else:
            values = np.diff(passed, prepend=0) + 1
            values[0] += self._values - 1
            lengths = np.diff(ends, prepend=-1) - 1
            lengths[0] += self._length
            returned = (codes[ends - 1] == _RETURN) & (ends > 0)
            returned[0] = returned[0] if ends[0] > 0 else self._last == _RETURN
            self._end(values, lengths, returned)
            self._values = 1 + total - int(passed[-1])
            self._length = codes.size - 1 - int(ends[-1])
        if self._length > MAX_RECORD_BYTES and not self.stopped:
            self._huge(self._records)

    def _end(self, values: Positions, lengths: Positions, returned: Flags | bool) -> None:
        first = self._records
        self._records += len(values)
        if len(self.first_counts) < 1_000:
            self.first_counts += values[: 1_000 - len(self.first_counts)].tolist()
        content = lengths - np.asarray(returned, dtype=np.int64)
        blank = content == 0
        if (huge := np.flatnonzero(lengths > MAX_RECORD_BYTES)).size:
            self._huge(first + int(huge[0]))
            return
        if self.columns is not None:
            self._compare(first, values, blank)
        filled = np.flatnonzero(~blank)
        self._blank_tail = len(values) - 1 - int(filled[-1]) if filled.size else self._blank_tail + len(values)

    def _compare(self, first: int, values: Positions, blank: Flags) -> None:
        if first == 0:
            values, blank = values.copy(), blank.copy()
            values[0], blank[0] = self.columns or 0, False
        if self.columns == 1:
            wrong = values != 1
        else:
            if self._blank_tail and (~blank).any():  # the empty lines were not at the end after all
                self._blanks(range(first - self._blank_tail, first))
            filled = np.flatnonzero(~blank)
            last = int(filled[-1]) if filled.size else -1
            self._blanks((np.flatnonzero(blank[: last + 1]) + first).tolist())
            wrong = (values != self.columns) & ~blank
        bad = np.flatnonzero(wrong)
        self.fault_count += bad.size
        for at in bad[: max(FAULTS_KEPT - len(self.faults), 0)]:
            row, found = first + int(at), int(values[at])
            self.faults.append(Fault(rule="ragged_row", row=row, message=_ragged(row, found, self.columns or 0)))

    def _blanks(self, rows: Iterable[int]) -> None:
        for row in rows:
            self._fault("empty_line", row, f"row {row} is an empty line")

    def _huge(self, row: int) -> None:
        self._fault(
            "huge_line",
            row,
            f"row {row} is longer than {MAX_RECORD_BYTES:,} bytes: is a line break or a closing quotation mark missing?",
        )
        self.stopped = True

    def _stop_at(self, at: int, separators: Flags, lines: Flags, rule: str, words: str) -> None:
        if self.stopped:
            return
        ended = np.flatnonzero(lines[:at])
        start = int(ended[-1]) + 1 if ended.size else 0
        column = int(np.count_nonzero(separators[start:at])) + (1 if ended.size else self._values)
        row = self._records + ended.size
        self._fault(rule, row, f"row {row}, column {column} {words}", column=str(column))
        self.stopped = True

    def _fault(self, rule: str, row: int, message: str, column: str | None = None) -> None:
        self.fault_count += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(Fault(rule=rule, row=row, column=column, message=message))


def _ragged(row: int, found: int, expected: int) -> str:
    values = "1 value" if found == 1 else f"{found} values"
    return f"row {row} has {values} where the header names {expected} columns"


def place_of(prefix: bytes, delimiter: str) -> tuple[int, int]:
    """Tell row (0: the header) and column, from 1, of the byte that follows ``prefix``."""
    scanner = RecordScanner(delimiter=delimiter, columns=None)
    scanner.feed(prefix)
    return scanner.open_row, scanner.open_values


def header_names(record: str, delimiter: str) -> list[str]:
    """Read the names in a header's text; spaces around a name are dropped."""
    with io.StringIO(record, newline="") as text:
        read = next(csv.reader(text, delimiter=delimiter), [])
    return [" ".join(name.split()) for name in read]


def header_faults(names: list[str]) -> list[Fault]:
    """Name everything that is wrong with a header: blank, repeated, reserved or too many names, numbers for names."""
    faults: list[Fault] = []
    if len(names) > MAX_COLUMNS:
        return [Fault(rule="too_many_columns", message=f"{len(names):,} columns are more than {MAX_COLUMNS:,}")]
    if names and all(_NUMBER.fullmatch(name) for name in names):
        words = "the first line holds numbers, not names: the header is missing"
        return [Fault(rule="header_missing", row=0, value=", ".join(names[:5]), message=words)]
    places: dict[str, list[int]] = {}
    for position, name in enumerate(names, start=1):
        if not name:
            faults.append(
                Fault(rule="blank_header", row=0, column=str(position), message=f"column {position} has no name")
            )
            continue
        places.setdefault(name.casefold(), []).append(position)
        if name.startswith("_headway"):
            faults.append(Fault(rule="reserved_header", row=0, column=name, message=f"the name {name!r} is reserved"))
        if len(name) > 200 or not name.isprintable():
            shown = name[:40]
            faults.append(
                Fault(rule="header_name", row=0, column=shown, message=f"column {position} has no usable name")
            )
    for found in places.values():
        if len(found) > 1:
            shown = names[found[0] - 1]
            listed = ", ".join(map(str, found))
            words = f"the name {shown!r} stands over columns {listed} (capitals are not told apart)"
            faults.append(Fault(rule="repeated_header", row=0, column=shown, message=words))
    return faults
