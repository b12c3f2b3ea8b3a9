"""Reads the cells of a workbook with their addresses (ECMA-376, part 1, SpreadsheetML).

The parts are parsed as a stream and kept sparse: a cell in the far corner costs one cell, not a rectangle of memory.
What strangers send is bounded before it is unpacked, and document types, which could grow without bound, are refused.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree

from headway.documents.spreadsheets.grid import CellValue, Grid, Limits, address, place, refuse

_MOST_PARTS = 2_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_TIMES = frozenset((18, 19, 20, 21, 22, 32, 33, 45, 46, 47, 55, 56))
_START, _START_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  a workbook has no zone
_LAST_SERIAL = 2_958_466  # first day of the year 10000


def read_xlsx(data: bytes, limits: Limits, *, most_sheets: int = 1) -> tuple[Grid, ...]:
    """Read the first sheets that can be seen. Raises SheetUnreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Book(archive, limits).read(most_sheets)
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, EOFError, NotImplementedError, RuntimeError, OSError):
        refuse("damaged", "the workbook is damaged and cannot be read", "open it, save it as .xlsx, and send that")
    except (ValueError, OverflowError, IndexError):
        refuse("damaged", "the workbook holds something that no workbook has", "save it as .xlsx anew, and send that")


class _Book:
    """An opened workbook."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive, self.limits = archive, limits
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > limits.unpacked:
            refuse(
                "too_large", f"the workbook unpacks to more than {limits.unpacked // 1_000_000} MB", "send fewer rows"
            )
        self.names = {part.filename.lower().lstrip("/"): part for part in parts}

    def read(self, most_sheets: int) -> tuple[Grid, ...]:
        """Read the first sheets that can be seen."""
        if "xl/workbook.xml" not in self.names:
            refuse("not_excel", "this is a zip archive, but no Excel workbook", "save the table as .xlsx or .csv")
        targets = self._targets()
        sheets, is_1904, hidden = [], False, 0
        for event, tag, attributes in self._events("xl/workbook.xml"):
            if event == "start" and tag == "workbookPr":
                is_1904 = attributes.get("date1904") in ("1", "true")
            if event == "start" and tag == "sheet":
                if attributes.get("state", "visible") == "visible":
                    sheets.append((attributes["name"], attributes["id"]))
                else:
                    hidden += 1
        if not sheets:
            refuse("no_sheet", "the workbook has no sheet that can be seen")
        strings, styles = self._strings(), self._styles()
        grids = []
        for name, number in sheets[:most_sheets]:
            reader = _SheetReader(strings, styles, _START_1904 if is_1904 else _START, self.limits)
            for found in self._events(targets[number]):
                reader.take(*found)
            grids.append(Grid(name=name, rows=reader.filled(), notes=tuple(reader.notes)))
        return tuple(grids)

    def _targets(self) -> dict[str, str]:
        found = {}
        for event, tag, attributes in self._events("xl/_rels/workbook.xml.rels"):
            if event == "start" and tag == "Relationship":
                target = attributes["Target"]
                path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
                found[attributes["Id"]] = posixpath.normpath(path).lower()
        return found

    def _strings(self) -> list[str]:
        strings: list[str] = []
        if "xl/sharedstrings.xml" not in self.names:
            return strings
        parts: list[str] = []
        is_text, is_reading = False, True
        for event, tag, attributes in self._events("xl/sharedstrings.xml"):
            if event == "start":
                is_text = tag == "t" and is_reading
                if tag == "si":
                    parts = []
                elif tag == "rPh":  # how to say it, in Japanese: not part of the text
                    is_reading = False
            elif event == "text" and is_text:
                parts.append(tag)
            elif event == "end":
                is_text = False
                if tag == "rPh":
                    is_reading = True
                elif tag == "si":
                    strings.append(_unescaped("".join(parts)))
            del attributes
        return strings

    def _styles(self) -> list[str]:
        """For each style of cells: "date", "time" or nothing."""
        codes: dict[int, str] = {}
        kinds: list[str] = []
        is_inside = False
        if "xl/styles.xml" not in self.names:
            return kinds
        for event, tag, attributes in self._events("xl/styles.xml"):
            if event == "start" and tag == "numFmt":
                codes[int(attributes["numFmtId"])] = attributes["formatCode"]
            if tag == "cellXfs" and event != "text":
                is_inside = event == "start"
            if event == "start" and tag == "xf" and is_inside:
                kinds.append(_kind_of_format(int(attributes.get("numFmtId", 0)), codes))
        return kinds

    def _events(self, part: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        """The starts and ends of elements of a part by their local names, and the texts between."""
        target = _Target()
        parser = ElementTree.XMLParser(target=target)  # noqa: S314  bounded above, and document types are refused
        left = self.limits.unpacked
        with self.archive.open(self.names[part]) as stream:
            while chunk := stream.read(65_536):
                left -= len(chunk)
                if left < 0:
                    refuse("too_large", "the workbook is larger than it says", "send fewer rows")
                parser.feed(chunk)
                yield from target.taken()
        parser.close()
        yield from target.taken()


class _Target:
    """Collects what a parser finds until it is taken."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str, Mapping[str, str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        plain = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        self._found.append(("start", tag.rpartition("}")[2], plain))

    def end(self, tag: str) -> None:
        self._found.append(("end", tag.rpartition("}")[2], {}))

    def data(self, text: str) -> None:
        self._found.append(("text", text, {}))

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Called for a document type, which no workbook needs and which can hold a bomb."""
        refuse("doctype", "the workbook holds a document type, which is not read")

    def close(self) -> None:
        """Nothing is left to do."""

    def taken(self) -> list[tuple[str, str, Mapping[str, str]]]:
        found, self._found = self._found, []
        return found


class _SheetReader:
    """Takes the events of a sheet and keeps its cells."""

    def __init__(self, strings: list[str], styles: list[str], start: datetime, limits: Limits) -> None:
        self.strings, self.styles, self.first_day, self.limits = strings, styles, start, limits
        self.rows: dict[int, dict[int, CellValue]] = {}
        self.merged: list[tuple[int, int, int, int]] = []
        self.notes: list[str] = []
        self.row = self.column = self.count = self.hidden = 0
        self.cell: Mapping[str, str] = {}
        self.parts: list[str] = []
        self.is_text = self.is_formula = False

    def take(self, event: str, tag: str, attributes: Mapping[str, str]) -> None:
        """Take one event."""
        if event == "text":
            if self.is_text:
                self.parts.append(tag)
        elif event == "start":
            self._start(tag, attributes)
        elif tag == "c":
            self._keep()
            self.is_text = False
        elif tag in ("v", "t"):
            self.is_text = False

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "c":
            self._at(attributes.get("r"))
            self.cell, self.parts, self.is_formula = attributes, [], False
        elif tag in ("v", "t"):
            self.is_text = True
        elif tag == "f":
            self.is_formula = True
        elif tag == "rPh":
            self.is_text = False
        elif tag == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
            self.hidden += attributes.get("hidden") in ("1", "true")
        elif tag == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            if (one := place(first)) and (two := place(last)):
                self.merged.append((*one, *two))

    def _at(self, where: str | None) -> None:
        if where is None:
            self.column += 1
            return
        if (found := place(where)) is None:
            raise ValueError(where)
        self.row, self.column = found

    def _keep(self) -> None:
        value = self._value("".join(self.parts))
        if value is None or value == "":
            if self.is_formula and not self.parts:
                told = f"{address(self.row, self.column)} holds a formula without a result: open and save the file"
                self.notes.append(told)
            return
        self.count += 1
        limits = self.limits
        if len(self.rows) > limits.rows or self.column > limits.columns or self.count > limits.cells:
            told = f"{limits.rows:,} rows, {limits.columns} columns and {limits.cells:,} cells"
            refuse("too_large", f"the sheet is larger than {told}", "send it in parts")
        self.rows.setdefault(self.row, {})[self.column] = value

    def _value(self, text: str) -> CellValue | None:
        match self.cell.get("t", "n"):
            case "s":
                return self.strings[int(text)] if text else None
            case "inlineStr" | "str":
                return _unescaped(text)
            case "b":
                return text.strip() in ("1", "true")
            case "e":
                return text
            case "d":
                return datetime.fromisoformat(text)
            case _:
                return self._number(text.strip())

    def _number(self, text: str) -> CellValue | None:
        if not text:
            return None
        number = float(text)
        style = int(self.cell.get("s", 0))
        kind = self.styles[style] if style < len(self.styles) else ""
        if kind and 0 <= number < _LAST_SERIAL:
            return _moment(number, self.first_day, is_time=kind == "time")
        if not text.lstrip("-").isdigit():
            return int(number) if number.is_integer() and abs(number) < 10**15 else number
        return int(text) if len(text) < 400 else number

    def filled(self) -> Mapping[int, Mapping[int, CellValue]]:
        """The cells, with the value of a merged range in every row that it covers."""
        last = max(self.rows, default=0)
        for top, left, bottom, right in self.merged:
            value = self.rows.get(top, {}).get(left)
            if value is None or left != right:
                continue
            for row in range(top + 1, min(bottom, last) + 1):
                if row in self.rows:
                    self.rows[row].setdefault(left, value)
        if self.hidden:
            self.notes.append(f"{self.hidden} hidden rows were read like the others")
        return dict(sorted(self.rows.items()))


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written ``_x0007_`` (section 22.9.2.19)."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _kind_of_format(number: int, codes: Mapping[int, str]) -> str:
    """Whether numbers of a format are days or moments; durations such as [h]:mm are numbers."""
    if number not in codes:
        return ("time" if number in _TIMES else "date") if number in _DATES and number != 46 else ""
    code = codes[number]
    if re.search(r"\[[hms]+\]", code, re.IGNORECASE):
        return ""
    letters = _QUOTED.sub("", code.split(";")[0]).lower()
    has_time = "h" in letters or "s" in letters
    return "time" if has_time else "date" if re.search("[dy]|m{2,}", letters) else ""


def _moment(serial: float, start: datetime, *, is_time: bool) -> date | datetime:
    """Turn days since the start into a date. Excel takes 1900 for a leap year, so its first 59 days are one off."""
    if start == _START and serial < 60:
        serial += 1
    at = start + timedelta(days=int(serial), milliseconds=round((serial - int(serial)) * 86_400_000))
    return at if is_time or at.time() != time() else at.date()
