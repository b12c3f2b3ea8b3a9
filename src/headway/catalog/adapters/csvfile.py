"""Opens CSV files: any delimiter, any common encoding; every fault of the structure is found before a row is read."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from headway.catalog import csvtext
from headway.catalog.adapters.source import ROW, Source, first_line, refusal, refuse, unreadable
from headway.catalog.errors import UnreadableFile
from headway.kernel.errors import Fault

_CHUNK: Final = 4 * 1_048_576


def open_csv(path: Path, filename: str, work: Path, head: bytes) -> Source:
    """Open delimited text of any common encoding. Raises UnreadableFile with every fault of its structure."""
    text, encoding = _as_utf8(path, filename, work, head)
    with text.open("rb") as stream:
        sample = stream.read(262_144).removeprefix(codecs.BOM_UTF8)
    if not sample.strip(b"\r\n \t"):
        refuse(filename, "empty_file", "the file holds nothing but empty lines")
    delimiter = csvtext.sniff_delimiter(sample)
    record = _first_record(text, filename, delimiter)
    try:
        names = csvtext.header_names(record, delimiter)
    except csv.Error as error:
        refuse(filename, "header_name", f"the first line cannot be read: {first_line(error)}", row=0)
    if faults := csvtext.header_faults(names):
        raise unreadable(filename, faults, len(faults))
    rows = _scan(text, filename, delimiter, len(names))
    frame = pl.scan_csv(
        text,
        separator=delimiter,
        infer_schema=False,
        new_columns=names,
        row_index_name=ROW,
        row_index_offset=1,
    ).head(rows)
    shown = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[delimiter]
    notes = (
        [f"read as {encoding} text with {shown} between the values"] if encoding != "UTF-8" or delimiter != "," else []
    )
    return Source(
        kind="csv", frame=frame, columns=tuple(names), rows=rows, semicolons=delimiter == ";", notes=tuple(notes)
    )


def _as_utf8(path: Path, filename: str, work: Path, head: bytes) -> tuple[Path, str]:
    """Give the file as UTF-8 with line feeds, and the encoding's name for people."""
    encoding = csvtext.encoding_of(head[:4096])
    if encoding in (None, "utf-8-sig"):
        place = _not_utf8(path)
        if place is None:
            lone_returns = b"\r" in head and b"\n" not in head
            return (_transcoded(path, filename, work, "utf-8") if lone_returns else path), "UTF-8"
        encoding = _western(path, filename, place)
    shown = {"cp1252": "Windows-1252 (Latin-1)"}.get(encoding, "UTF-" + encoding[4:6])
    return _transcoded(path, filename, work, encoding), shown


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _not_utf8(path: Path) -> int | None:
    """Position of the first byte that is not UTF-8, or None."""
    decoder, before = codecs.getincrementaldecoder("utf-8")(), 0
    for chunk in _chunks(path):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return before - pending + error.start
        before += len(chunk)
    pending = len(decoder.getstate()[0])
    return before - pending if pending else None


def _western(path: Path, filename: str, place: int) -> str:
    """Take bytes that are not UTF-8 for Windows-1252 where that explains all of them; else refuse with the place."""
    census = csvtext.ByteCensus()
    for chunk in _chunks(path):
        census.feed(chunk)
    if census.is_western:
        return "cp1252"
    at = place if census.not_text is None else census.not_text
    with path.open("rb") as stream:
        prefix = stream.read(min(at, 64 * 1_048_576))
        stream.seek(at)
        byte = stream.read(1)
    delimiter = csvtext.sniff_delimiter(prefix[:262_144])
    row, column = csvtext.place_of(prefix, delimiter)
    where = f"byte {at:,} (row {row}, column {column})"
    words = f"{where} is 0x{byte.hex()}: neither UTF-8 nor another encoding explains the whole file; save it as UTF-8"
    fault = Fault(rule="wrong_encoding", row=row, column=str(column), value="0x" + byte.hex(), message=words)
    raise unreadable(filename, [fault], 1)


def _transcoded(path: Path, filename: str, work: Path, encoding: str) -> Path:
    made, decoder, before = work / "text.csv", codecs.getincrementaldecoder(encoding)(), 0
    newline = io.IncrementalNewlineDecoder(None, translate=True)
    with made.open("wb") as out:
        try:
            for chunk in itertools.chain(_chunks(path), (b"",)):
                out.write(newline.decode(decoder.decode(chunk, final=not chunk), final=not chunk).encode())
                before += len(chunk)
        except UnicodeDecodeError as error:
            # what decoded before the bad byte tells its row and column
            good = error.object[: error.start].decode(error.encoding, errors="replace")
            out.write(newline.decode(good).encode())
            out.flush()
            raise _undecodable(filename, made, encoding, error) from error
        except UnicodeError as error:  # a text of UTF-16 that holds halves of characters
            raise refusal(filename, "wrong_encoding", f"not {encoding.upper()}: {first_line(error)}") from error
    return made


def _undecodable(filename: str, made: Path, encoding: str, error: UnicodeDecodeError) -> UnreadableFile:
    with made.open("rb") as stream:
        prefix = stream.read(64 * 1_048_576)
    row, column = csvtext.place_of(prefix, csvtext.sniff_delimiter(prefix[:262_144]))
    words = f"row {row}, column {column}: from here the file is not {encoding.upper()} any more ({error.reason})"
    fault = Fault(rule="wrong_encoding", row=row, column=str(column), message=words)
    return unreadable(filename, [fault], 1)


def _first_record(text: Path, filename: str, delimiter: str) -> str:
    """The text of the header, which may run over several lines inside quotation marks."""
    record = b""
    with text.open("rb") as stream:
        while len(record) <= csvtext.MAX_RECORD_BYTES:
            line = stream.readline(csvtext.MAX_RECORD_BYTES + 1)
            record += line
            if not line or record.count(b'"') % 2 == 0:
                break
    if len(record) > csvtext.MAX_RECORD_BYTES:
        words = f"the first line is longer than {csvtext.MAX_RECORD_BYTES:,} bytes: is a line break missing?"
        raise unreadable(filename, [Fault(rule="huge_line", row=0, message=words)], 1)
    decoded = record.removeprefix(codecs.BOM_UTF8).decode().rstrip("\r\n")
    if not decoded:
        refuse(filename, "blank_header", "the first line is empty; it must hold the names of the columns", row=0)
    if "\0" in decoded:
        refuse(filename, "nul_byte", "the header (row 0) holds a zero byte, which no text has", row=0)
    return decoded


def _scan(text: Path, filename: str, delimiter: str, columns: int) -> int:
    scanner = csvtext.RecordScanner(delimiter=delimiter, columns=columns)
    first = True
    for chunk in _chunks(text):
        scanner.feed(chunk.removeprefix(codecs.BOM_UTF8) if first else chunk)
        first = False
        if scanner.stopped:
            break
    scanner.close()
    if scanner.faults:
        raise unreadable(filename, scanner.faults, scanner.fault_count)
    if not scanner.rows:
        refuse(filename, "no_rows", "the file has a header and no rows")
    return scanner.rows
