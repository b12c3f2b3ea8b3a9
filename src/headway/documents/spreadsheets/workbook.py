"""Writes Excel workbooks: real types, frozen headers, filters, drop-downs, and a sheet that says where it comes from.

Rows are written as they come and not kept, so that a workbook of many rows needs no more memory than a small one.
Equal values give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from headway.documents.spreadsheets import guard
from headway.documents.spreadsheets.sheet import About, ColumnKind, Sheet, SheetColumn, Value
from headway.kernel.money import Money

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST: Final = 32_767  # characters that Excel keeps in a cell
EXACT: Final = 10**15  # integers beyond lose digits in Excel, so they are written as text
FIRST_YEAR: Final = 1900
SPARE_ROWS: Final = 500  # below the last row that offer the drop-downs too
LONGEST_TITLE: Final = 31
_NOT_IN_TITLE: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_NOT_XML: Final = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD, **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)}
_WIDTHS: Final[Mapping[ColumnKind, int]] = {"text": 28, "link": 28, "datetime": 17, "date": 12, "boolean": 9}
_FORMATS: Final[Mapping[str, Mapping[ColumnKind, str]]] = {
    "en": {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"},
    "de": {"date": "dd.mm.yyyy", "datetime": "dd.mm.yyyy hh:mm"},
}
# Separators of digits are those of the reader's own program: Excel translates these two signs.
_NUMBERS: Final[Mapping[ColumnKind, str]] = {"integer": "#,##0", "number": "#,##0.####", "percent": "0.0 %"}
WORDS: Final = {
    "en": {
        "about": "About",
        "by": "Exported by",
        "at": "Exported at (UTC)",
        "source": "Source",
        "rows": "Rows",
        "filter": "Filter",
        "none": "none: everything",
        "note": "Note",
        "cut": "{count} texts were longer than a cell can hold and were cut",
    },
    "de": {
        "about": "Herkunft",
        "by": "Exportiert von",
        "at": "Exportiert am (UTC)",
        "source": "Quelle",
        "rows": "Zeilen",
        "filter": "Filter",
        "none": "keiner: alles",
        "note": "Hinweis",
        "cut": "{count} Texte waren länger, als eine Zelle fasst, und wurden gekürzt",
    },
}


def write_xlsx(sheets: Sequence[Sheet], about: About) -> bytes:
    """Write sheets into one workbook, and behind them one that says who exported what, when, and with which filters."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    with Workbook(out, options) as book:
        book.set_properties({"created": about.at.astimezone(UTC).replace(tzinfo=None), "author": about.by})
        writer = _Writer(book, about)
        for sheet in sheets:
            writer.add(sheet)
        writer.add_about()
    return out.getvalue()


class _Writer:
    """One workbook in the making."""

    def __init__(self, book: Workbook, about: About) -> None:
        self.book, self.about, self.words = book, about, WORDS[about.language]
        self.counts: list[tuple[str, int]] = []
        self.cut = 0
        self.lists: list[tuple[str, ...]] = []
        self.header = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 1, "text_wrap": True})
        self.formats: dict[str, Format] = {}
        self.titles: set[str] = {self.words["about"].lower(), "choices"}

    def add(self, sheet: Sheet) -> None:
        """Write one sheet."""
        title = self._title(sheet.title)
        page = self.book.add_worksheet(title)
        for at, column in enumerate(sheet.columns):
            page.set_column(at, at, column.width or max(_WIDTHS.get(column.kind, 14), len(column.label) + 2))
            page.write_string(0, at, _clean(column.label), self.header)
            if column.note:
                page.write_comment(0, at, _clean(column.note)[:LONGEST], {"author": "", "x_scale": 2})
        row = 0
        for row, values in enumerate(sheet.rows, start=1):
            for at, (column, value) in enumerate(zip(sheet.columns, values, strict=True)):
                self._write(page, (row, at), column, value)
        page.freeze_panes(1, 1)
        if sheet.columns:
            page.autofilter(0, 0, max(row, 1), len(sheet.columns) - 1)
        for at, column in enumerate(sheet.columns):
            if column.choices:
                self._offer(page, at, row + SPARE_ROWS, column.choices)
        self.counts.append((title, row))

    def add_about(self) -> None:
        """Write the sheet that says where all this comes from, and the hidden one with the choices."""
        about, words = self.about, self.words
        page = self.book.add_worksheet(words["about"])
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 80)
        lines = [(words["by"], about.by), (words["at"], f"{about.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}")]
        lines.append((words["source"], about.source))
        lines += [(f"{words['rows']}: {title}", str(count)) for title, count in self.counts]
        lines += [(f"{words['filter']}: {name}", value) for name, value in about.filters]
        lines += [] if about.filters else [(words["filter"], words["none"])]
        lines += [(words["note"], note) for note in about.notes]
        lines += [(words["note"], words["cut"].format(count=self.cut))] if self.cut else []
        for row, (name, told) in enumerate(lines):
            page.write_string(row, 0, _clean(name)[:LONGEST], self._format("bold", {"bold": True}))
            page.write_string(row, 1, _clean(told)[:LONGEST], self._text_format(told))
        if self.lists:
            page = self.book.add_worksheet("Choices")
            for row in range(max(map(len, self.lists))):
                for at, choices in enumerate(self.lists):
                    if row < len(choices):
                        page.write_string(row, at, _clean(choices[row]))
            page.very_hidden()

    def _write(self, page: Worksheet, place: tuple[int, int], column: SheetColumn, value: Value) -> None:
        match value:
            case None:
                return
            case bool():
                if len(column.choices) == 2:
                    self._text(page, place, column.choices[0 if value else 1])
                else:
                    page.write_boolean(*place, value)
            case int() | float() | Decimal() | Money():
                self._number(page, place, column, value)
            case datetime() | date() if value.year >= FIRST_YEAR:
                kind: ColumnKind = "datetime" if isinstance(value, datetime) else "date"
                code = _FORMATS[self.about.language][kind]
                page.write_datetime(*place, _utc(value), self._format(code, {"num_format": code}))
            case datetime() | date():
                self._text(page, place, value.isoformat())
            case str() if column.kind == "link" and value.startswith(("https://", "http://")) and len(value) < 2000:
                page.write_url(*place, value, None, _clean(value))
            case str():
                self._text(page, place, value)

    def _number(
        self, page: Worksheet, place: tuple[int, int], column: SheetColumn, value: float | Decimal | Money
    ) -> None:
        plain = value.amount if isinstance(value, Money) else value
        if not _is_exact(plain):
            self._text(page, place, str(value))
            return
        code = _NUMBERS.get(column.kind, "General")
        if isinstance(value, Money):
            decimals = max(0, -int(plain.as_tuple().exponent)) if isinstance(plain, Decimal) else 2
            code = f'#,##0{"." + "0" * decimals if decimals else ""} "{value.currency}"'
        page.write_number(*place, float(plain), self._format(code, {"num_format": code}))

    def _text(self, page: Worksheet, place: tuple[int, int], text: str) -> None:
        told = _clean(text)
        if len(told) > LONGEST:
            self.cut += 1
            told = told[: LONGEST - 1] + "…"
        if told:
            page.write_string(*place, told, self._text_format(told))

    def _text_format(self, text: str) -> Format:
        if guard.is_dangerous(text):
            return self._format("guarded", {"quote_prefix": True, "num_format": "@"})
        return self._format("text", {"num_format": "@"})

    def _format(self, name: str, how: dict[str, Any]) -> Format:
        if name not in self.formats:
            self.formats[name] = self.book.add_format({**how, "valign": "top"})
        return self.formats[name]

    def _offer(self, page: Worksheet, at: int, last: int, choices: tuple[str, ...]) -> None:
        """Offer a closed set below a header; Excel takes other words with a warning, the import tells them apart."""
        from xlsxwriter.utility import xl_col_to_name

        if choices not in self.lists:
            self.lists.append(choices)
        name = xl_col_to_name(self.lists.index(choices))
        source = f"=Choices!${name}$1:${name}${len(choices)}"
        page.data_validation(1, at, last, at, {"validate": "list", "source": source, "error_type": "warning"})

    def _title(self, wanted: str) -> str:
        """A name that Excel takes for a sheet and that no other sheet has."""
        plain = " ".join(_clean(wanted).translate(_NOT_IN_TITLE).split()).strip("'").strip() or "Sheet"
        title, number = plain[:LONGEST_TITLE], 1
        while title.lower() in self.titles or title.lower() == "history":
            number += 1
            end = f" {number}"
            title = plain[: LONGEST_TITLE - len(end)] + end
        self.titles.add(title.lower())
        return title


def _is_exact(number: float | Decimal) -> bool:
    """Whether Excel, which counts in doubles and shows 15 digits, keeps a number as it is."""
    if isinstance(number, float):
        return math.isfinite(number)
    return abs(number) < EXACT and Decimal(repr(float(number))) == Decimal(number)


def _utc(value: date | datetime) -> date | datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    plain = value.astimezone(UTC).replace(tzinfo=None)
    return plain + timedelta(microseconds=500) - timedelta(microseconds=(plain.microsecond + 500) % 1000)


def _clean(text: str) -> str:
    """Take out what XML cannot hold."""
    return text.translate(_NOT_XML)
