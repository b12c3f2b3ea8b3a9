"""Opens JSON lines (one object a line, UTF-8): fields become columns of text whose types are found as in a CSV file.

Numbers keep the digits they are written with. Objects inside are laid out flat (``address`` with ``city`` becomes
``address_city``); lists are refused. Memory holds one batch of lines.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from headway.catalog import csvtext
from headway.catalog.adapters.source import ROW, Source, refuse, unreadable
from headway.kernel.errors import Fault

_BATCH_ROWS: Final = 50_000
_BATCH_BYTES: Final = 16 * 1_048_576
_DEEPEST: Final = 8
_DECODER: Final = msgspec.json.Decoder(float_hook=str)


def looks_like_lines(head: bytes) -> bool:
    """Whether a file begins with a whole object on its first line."""
    line = head.removeprefix(codecs.BOM_UTF8).lstrip().split(b"\n", 1)[0]
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(_DECODER.decode(line), dict)
    except (msgspec.DecodeError, RecursionError):
        return False


def open_json_lines(path: Path, filename: str, work: Path) -> Source:
    """Open a file of JSON lines. Raises UnreadableFile with every fault of its lines."""
    reading = _Reading(filename, work)
    for row, line in _lines(path):
        reading.take(row, line)
    reading.flush()
    if reading.faults:
        raise unreadable(filename, reading.faults, reading.fault_count)
    if not reading.rows:
        refuse(filename, "no_rows", "the file holds no object")
    if faults := csvtext.header_faults([" ".join(name.split()) for name in reading.names]):
        raise unreadable(filename, faults, len(faults))
    frame = pl.concat([pl.scan_parquet(part, glob=False) for part in reading.parts], how="diagonal")
    trimmed = {name: " ".join(name.split()) for name in reading.names}
    return Source(
        kind="jsonl",
        frame=frame.select(list(reading.names)).rename(trimmed).with_row_index(ROW, offset=1),
        columns=tuple(trimmed.values()),
        rows=reading.rows,
        semicolons=False,
        notes=(),
    )


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines with their number from 1; one that is too long comes cut, and is the last."""
    with path.open("rb") as stream:
        row = 0
        while line := stream.readline(csvtext.MAX_RECORD_BYTES + 1):
            row += 1
            yield row, line.removeprefix(codecs.BOM_UTF8) if row == 1 else line
            if len(line) > csvtext.MAX_RECORD_BYTES:
                return


@dataclass(slots=True)
class _Reading:
    """What was found so far: names in the order in which they first come, rows in parts on disk, faults."""

    filename: str
    work: Path
    rows: int = 0
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    parts: list[Path] = field(default_factory=list)
    _batch: list[dict[str, str | None]] = field(default_factory=list)
    _bytes: int = 0
    _blank: int | None = None
    _listed: set[str] = field(default_factory=set)

    def take(self, row: int, line: bytes) -> None:
        """Take one line."""
        if len(line) > csvtext.MAX_RECORD_BYTES:
            words = f"line {row} is longer than {csvtext.MAX_RECORD_BYTES:,} bytes: is a line break missing?"
            return self._fault("huge_line", row, words)
        if not line.strip():
            self._blank = self._blank or row
            return None
        if self._blank is not None:
            self._fault("empty_line", self._blank, f"line {self._blank} is empty")
            self._blank = None
        found = self._object(row, line)
        if found is None:
            return None
        flat: dict[str, str | None] = {}
        self._lay(flat, "", found, row)
        self.names.update(dict.fromkeys(flat))
        if len(self.names) > csvtext.MAX_COLUMNS:
            words = f"line {row}: more than {csvtext.MAX_COLUMNS:,} different fields"
            raise unreadable(self.filename, [Fault(rule="too_many_columns", row=row, message=words)], 1)
        if self.faults:  # the rows are wanted no more, what else is wrong with them is
            return None
        self._batch.append(flat)
        self._bytes += len(line)
        self.rows += 1
        if len(self._batch) >= _BATCH_ROWS or self._bytes >= _BATCH_BYTES:
            self.flush()
        return None

    def flush(self) -> None:
        """Write what waits to disk."""
        if not self._batch or self.faults:
            return
        names = list(dict.fromkeys(name for one in self._batch for name in one)) or list(self.names)
        columns = {name: [one.get(name) for one in self._batch] for name in names}
        part = self.work / f"lines-{len(self.parts):06d}.parquet"
        schema = dict.fromkeys(names, pl.String)
        pl.DataFrame(columns, schema=schema).write_parquet(part, compression="snappy")
        self.parts.append(part)
        self._batch, self._bytes = [], 0

    def _object(self, row: int, line: bytes) -> dict[str, Any] | None:
        try:
            found = _DECODER.decode(line)
        except UnicodeDecodeError as error:
            self._fault("wrong_encoding", row, f"line {row} is not UTF-8 from byte {error.start + 1} on")
            return None
        except (msgspec.DecodeError, RecursionError) as error:
            self._fault("not_json", row, f"line {row} is no JSON: {str(error)[:200]}")
            return None
        if not isinstance(found, dict):
            self._fault("not_object", row, f"line {row} holds no object, as {{...}}")
            return None
        if not found:
            self._fault("empty_line", row, f"line {row} is an object without fields")
            return None
        return found

    def _lay(self, flat: dict[str, str | None], prefix: str, found: dict[str, Any], row: int, depth: int = 1) -> None:
        for key, value in found.items():
            name = prefix + key
            if isinstance(value, dict) and depth < _DEEPEST:
                self._lay(flat, name + "_", value, row, depth + 1)
            elif isinstance(value, list | dict):
                if name not in self._listed:
                    self._listed.add(name)
                    what = "a list" if isinstance(value, list) else "objects too deep"
                    words = f"line {row}: field {name!r} holds {what}: make rows or columns of it"
                    self._fault("nested_column", row, words, name)
            elif name in flat:
                self._fault("repeated_header", row, f"line {row}: field {name!r} comes twice", name)
            else:
                flat[name] = _text(value)

    def _fault(self, rule: str, row: int, message: str, column: str | None = None) -> None:
        self.fault_count += 1
        if len(self.faults) < csvtext.FAULTS_KEPT:
            self.faults.append(Fault(rule=rule, row=row, column=column, message=message))


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
