"""Reads a table that people filled in: finds its header, knows its columns in any language, types every cell.

Every cell that does not fit is told with its address; a table whose columns are not found is refused with what was
looked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from headway.documents.errors import SheetUnreadable
from headway.documents.spreadsheets.csvreading import read_csv
from headway.documents.spreadsheets.grid import LIMITS, CellValue, Grid, Limits, address, refuse
from headway.documents.spreadsheets.sheet import CellFault, SheetColumn, Value
from headway.documents.spreadsheets.xlsxreading import read_xlsx
from headway.kernel.errors import Fault, Invalid
from headway.kernel.money import Money

MOST_SHEETS = 10
HEADER_WITHIN = 20
"""A header is looked for in so many rows from the top; titles and empty rows may lie above it."""
YES = frozenset(("yes", "true", "ja", "wahr", "y", "j", "x", "1"))
NO = frozenset(("no", "false", "nein", "falsch", "n", "0"))
_GERMAN_DAY = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_PARTED = re.compile(r"^-?\d{1,3}(?:[.,\u00a0\u202f' ]\d{3})+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One filled row: values by the names of columns, None where the cell is empty, and where the cells lie."""

    number: int  # as the spreadsheet program counts
    values: Mapping[str, Value]
    cells: Mapping[str, str]  # address by column


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """A table as it was read. A row with a fault is among the rows, without the cell that has it."""

    sheet: str
    rows: tuple[ReadRow, ...]
    present: tuple[str, ...]
    """Names of the columns that the file has; what it does not have is not said, which is not the same as empty."""
    faults: tuple[CellFault, ...]
    unknown: tuple[str, ...]
    """Headers that no column is known by, each with its address; they are not read."""
    notes: tuple[str, ...]


def read_grids(data: bytes, limits: Limits = LIMITS, *, most_sheets: int = 1) -> tuple[Grid, ...]:
    """Read the cells of the first sheets of a workbook, or of a CSV file. Raises SheetUnreadable."""
    if len(data) > limits.bytes:
        refuse("too_large", f"the file is larger than {limits.bytes // 1_000_000} MB", "send it in parts")
    if not data.strip():
        refuse("empty", "the file is empty")
    if data.startswith(b"PK\x03\x04"):
        return read_xlsx(data, limits, most_sheets=most_sheets)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        refuse("locked", "a workbook with a password, or of the old .xls kind", "save it as .xlsx without a password")
    if data.startswith((b"%PDF", b"{", b"<", b"\x1f\x8b", b"\x89PNG", b"PAR1")):
        refuse(
            "other_file", "this is no table of a spreadsheet program", "send an Excel workbook (.xlsx) or a CSV file"
        )
    return (read_csv(data, limits),)


def read_table(
    data: bytes, columns: Sequence[SheetColumn], *, needed: Sequence[str] = (), limits: Limits = LIMITS
) -> ReadTable:
    """Read a file as a table of these columns, which may lie in any order and be named by name, label or alias.

    Args: needed: columns without which the table says nothing.
    Raises: SheetUnreadable: no table, too large, a needed column is missing, or one is there twice.
    """
    return _table(read_grids(data, limits)[0], columns, needed)


def read_tables(
    data: bytes, kinds: Mapping[str, Sequence[SheetColumn]], *, needed: Mapping[str, Sequence[str]]
) -> dict[str, ReadTable]:
    """Read a file that holds several tables on sheets of their own, or one of them; sheets of none are left alone.

    Args: kinds: the columns of each table, by its name; a sheet is the table whose headers it has most of.
        needed: the columns of each table without which it says nothing.
    Raises: SheetUnreadable: as ``read_table``, no sheet is one of the tables, or two are the same one.
    """
    found: dict[str, ReadTable] = {}
    grids = read_grids(data, most_sheets=MOST_SHEETS)
    for grid in grids:
        scores = {name: _score(grid, columns) for name, columns in kinds.items()}
        name = max(scores, key=lambda kind: scores[kind])
        if scores[name] < min(2, len(kinds[name])):
            continue
        if name in found:
            refuse("twice", f"the sheets {found[name].sheet!r} and {grid.name!r} hold the same table; keep one of them")
        found[name] = _table(grid, kinds[name], needed[name], where=f"{grid.name}!" if len(grids) > 1 else "")
    if not found:
        refuse("no_header", "no sheet names columns that are known here", "start from the template, it has the headers")
    return found


def _score(grid: Grid, columns: Sequence[SheetColumn]) -> int:
    known = _known(columns)
    first = sorted(grid.rows)[:HEADER_WITHIN]
    return max((sum(_plain(value) in known for value in grid.rows[row].values()) for row in first), default=0)


def _known(columns: Sequence[SheetColumn]) -> dict[str, str]:
    return {_plain(header): c.name for c in columns for header in (c.name, c.label, *c.also)}


def _table(grid: Grid, columns: Sequence[SheetColumn], needed: Sequence[str], *, where: str = "") -> ReadTable:
    known = _known(columns)
    header = _header_row(grid, known)
    places, unknown = _places(grid, header, known)
    by_name = {column.name: column for column in columns}
    if missing := [by_name[name] for name in needed if name not in places]:
        faults = [
            Fault(rule="sheet.column", column=c.label, message=f"the column {c.label!r} is missing") for c in missing
        ]
        hint = f"name the columns in one row: {', '.join(c.label for c in columns)}"
        raise SheetUnreadable("; ".join(fault.message for fault in faults), hint=hint, faults=faults)
    rows, faults_found = _body(grid, header, places, by_name, where)
    return ReadTable(
        sheet=grid.name,
        rows=tuple(rows),
        present=tuple(name for name in by_name if name in places),
        faults=tuple(faults_found),
        unknown=tuple(unknown),
        notes=grid.notes,
    )


def _plain(header: object) -> str:
    """A header without case, accents of spelling, signs and space: "Risk: Annex III?" is riskannexiii."""
    text = unicodedata.normalize("NFKC", str(header)).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def _header_row(grid: Grid, known: Mapping[str, str]) -> int:
    """The row among the first that names the most columns."""
    first = sorted(grid.rows)[:HEADER_WITHIN]
    scores = {row: sum(_plain(value) in known for value in grid.rows[row].values()) for row in first}
    best = max(scores, key=lambda row: (scores[row], -row), default=None)
    if best is None or not scores[best]:
        refuse("no_header", "no row names a column that is known here", "start from the template, it has the headers")
    return best


def _places(grid: Grid, header: int, known: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    places: dict[str, int] = {}
    unknown, faults = [], []
    for at, value in sorted(grid.rows[header].items()):
        name = known.get(_plain(value))
        if name is None:
            unknown.append(f"{address(header, at)} {str(value)[:80]!r}")
        elif name in places:
            told = f"{address(header, at)} names the column {str(value)[:80]!r} again; leave one of the two"
            faults.append(Fault(rule="sheet.twice", column=str(value)[:80], message=told))
        else:
            places[name] = at
    if faults:
        raise SheetUnreadable("; ".join(fault.message for fault in faults), faults=faults)
    return places, unknown


def _body(
    grid: Grid, header: int, places: Mapping[str, int], columns: Mapping[str, SheetColumn], where: str
) -> tuple[list[ReadRow], list[CellFault]]:
    rows, faults = [], []
    for number in sorted(row for row in grid.rows if row > header):
        cells = {name: where + address(number, at) for name, at in places.items()}
        values: dict[str, Value] = {}
        for name, at in places.items():
            told = grid.rows[number].get(at)
            try:
                values[name] = typed(told, columns[name])
            except Invalid as error:
                shown = "" if told is None else str(told)[:200]
                faults.append(CellFault(cell=cells[name], column=name, value=shown, message=error.message))
        if any(value is not None for value in values.values()) or len(values) < len(places):
            rows.append(ReadRow(number=number, values=values, cells=cells))
    return rows, faults


def typed(told: CellValue | None, column: SheetColumn) -> Value:  # noqa: PLR0911  one for each kind
    """Read a cell as what its column holds; blank is None. Raises Invalid with what would fit."""
    if told is None or (isinstance(told, str) and not told.strip()):
        return None
    match column.kind:
        case "boolean":
            return _boolean(told, column)
        case "number" | "percent":
            return _number(told, is_percent=column.kind == "percent")
        case "integer":
            return _integer(told)
        case "money":
            return _money(told)
        case "date" | "datetime":
            return _moment(told, has_time=column.kind == "datetime")
        case "text" | "link":
            return _choice(as_text(told), column) if column.choices else as_text(told)


def as_text(told: CellValue) -> str:
    """Write a cell as the text that stood in it: 12 and not 12.0, days without midnight."""
    if isinstance(told, bool):
        return "true" if told else "false"
    if isinstance(told, float):
        return str(int(told)) if told.is_integer() and abs(told) < 10**15 else repr(told)
    if isinstance(told, datetime):
        return told.isoformat(sep=" ")
    return told.isoformat() if isinstance(told, date) else str(told)


def _choice(text: str, column: SheetColumn) -> str:
    wanted = _plain(text)
    found = next((choice for choice in column.choices if choice == text), None)
    found = found or next((choice for choice in column.choices if _plain(choice) == wanted), None)
    if found is None:
        raise Invalid(f"write one of {', '.join(column.choices)}")
    return found


def _boolean(told: CellValue, column: SheetColumn) -> bool:
    if isinstance(told, bool):
        return told
    word = as_text(told).strip().casefold()
    words = [choice.casefold() for choice in column.choices[:2]]
    if word in YES or word in words[:1]:
        return True
    if word in NO or word in words[1:]:
        return False
    raise Invalid(f"write {' or '.join(column.choices[:2] or ('yes', 'no'))}, or leave it empty")


def _decimal(text: str) -> Decimal | None:
    """Read a number as it is written in English or German; None when both could be meant, or it is none."""
    plain = text.strip().replace("\u2212", "-")
    comma, point = plain.rfind(","), plain.rfind(".")
    if _PARTED.match(plain) and (plain.count(",") + plain.count(".") != 1):
        plain = re.sub(r"[^\d-]", "", plain)
    elif comma >= 0 and point >= 0:
        last, other = (",", ".") if comma > point else (".", ",")
        plain = plain.replace(other, "").replace(last, ".")
    else:
        plain = plain.replace(",", ".")
    plain = re.sub(r"[\u00a0\u202f' ]", "", plain)
    try:
        made = Decimal(plain)
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


def _number(told: CellValue, *, is_percent: bool) -> float | int:
    if isinstance(told, int | float) and not isinstance(told, bool):
        return told
    text = as_text(told).strip()
    has_sign = text.endswith("%")
    made = _decimal(text.removesuffix("%"))
    if made is None or (has_sign and not is_percent):
        raise Invalid("write a number, such as 12.5")
    scaled = made / 100 if has_sign else made
    return int(scaled) if scaled.adjusted() < 40 and scaled == scaled.to_integral_value() else float(scaled)


def _integer(told: CellValue) -> int:
    made = _number(told, is_percent=False)
    if isinstance(made, float) and not made.is_integer():
        raise Invalid("write a whole number")
    return int(made)


def _money(told: CellValue) -> Value:
    if isinstance(told, int | float) and not isinstance(told, bool):
        return Decimal(repr(told))
    text = as_text(told).strip()
    if text[-3:].isalpha() or text[:3].isalpha():
        return Money.parse(text)
    made = _decimal(text)
    if made is None:
        raise Invalid("write an amount, such as 120.50 EUR")
    return made


def _moment(told: CellValue, *, has_time: bool) -> date | datetime:
    found: date | datetime | None = None
    if isinstance(told, datetime | date):
        found = told
    else:
        text = as_text(told).strip()
        try:
            if match := _GERMAN_DAY.match(text):
                found = date(int(match[3]), int(match[2]), int(match[1]))
            else:
                found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            found = None
    if found is None:
        raise Invalid("write a day as 2026-03-31" + (", with a time as 2026-03-31 14:30" if has_time else ""))
    if not has_time:
        return found.date() if isinstance(found, datetime) else found
    moment = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day, tzinfo=UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
