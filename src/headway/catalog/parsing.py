"""From text to types: which type a column of text has, and which values do not fit it.

The rule. A column gets the narrowest of boolean, integer, number, date and timestamp that at least 95 in 100 of its
values fit; the others become *misfits*: missing in the table, listed with row, column and value. It stays text when the
misfits are codes (``C489434`` between invoice numbers), when numbers begin with zeros (post codes), or when dates can
be read in two ways. Words for "missing" count as missing only between numbers, dates and booleans; in a column of text
``unknown`` or ``N/A`` is a value like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from headway.catalog.entities import Kind

FIT: Final = 0.95
DIGITS: Final = 15
"""Decimal digits that a number keeps whatever they are (C's DBL_DIG)."""
MISSING_WORDS: Final = ("na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", ".")
_CODE: Final = r"^(?:[A-Za-z]+[-_ ]?\d|\d+[-_ ]?[A-Za-z])[A-Za-z0-9_-]*$"
_PLAIN_NUMBER: Final = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
_POINT_GROUPED: Final = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_COMMA_NUMBER: Final = r"^[+-]?(?:\d+(?:,\d*)?|,\d+)$"
_COMMA_GROUPED: Final = r"^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$"

# (format, what the text must look like): the pattern keeps two-digit years and half-read values out
DATES: Final[Mapping[str, str]] = {
    "%Y-%m-%d": r"^\d{4}-\d{1,2}-\d{1,2}$",
    "%d.%m.%Y": r"^\d{1,2}\.\d{1,2}\.\d{4}$",
    "%Y/%m/%d": r"^\d{4}/\d{1,2}/\d{1,2}$",
    "%d/%m/%Y": r"^\d{1,2}/\d{1,2}/\d{4}$",
    "%m/%d/%Y": r"^\d{1,2}/\d{1,2}/\d{4}$",
    "%d-%m-%Y": r"^\d{1,2}-\d{1,2}-\d{4}$",
    "%m-%d-%Y": r"^\d{1,2}-\d{1,2}-\d{4}$",
    "%d %b %Y": r"^\d{1,2} [A-Za-z]{3} \d{4}$",
    "%d-%b-%Y": r"^\d{1,2}-[A-Za-z]{3}-\d{4}$",
    "%d %B %Y": r"^\d{1,2} [A-Za-z]{4,9} \d{4}$",
    "%b %d, %Y": r"^[A-Za-z]{3} \d{1,2}, \d{4}$",
    "%B %d, %Y": r"^[A-Za-z]{4,9} \d{1,2}, \d{4}$",
}
_TWINS: Final = (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"))
_CLOCKS: Final[Mapping[str, str]] = {"%H:%M:%S%.f": r"\d{1,2}:\d{2}:\d{2}(?:\.\d+)?$", "%H:%M": r"\d{1,2}:\d{2}$"}
_ZONED: Final = "%Y-%m-%dT%H:%M:%S%.f%#z"
_ZONED_LOOK: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})$"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextType:
    """How the text of one column is read."""

    kind: Kind
    formats: tuple[str, ...] = ()  # of dates and times, tried in this order
    decimal_comma: bool = False
    grouped: bool = False  # commas may stand between thousands
    exact: bool = False  # what has more digits than a number keeps does not fit
    note: str | None = None  # what had to be decided, for people


STRING: Final = TextType(kind="string")
PLAIN_NUMBER: Final = TextType(kind="number")
GROUPED_NUMBER: Final = TextType(kind="number", grouped=True)
_COMMA: Final = TextType(kind="number", decimal_comma=True, note="the comma is the decimal sign")
_ORDER: Final[tuple[Kind, ...]] = ("boolean", "integer", "number", "date", "timestamp")


def text_of(column: str) -> pl.Expr:
    """The column's text; the empty text is missing."""
    text = pl.col(column).cast(pl.String)
    return pl.when(text.str.len_bytes() > 0).then(text)


def _trimmed(column: str) -> pl.Expr:
    """The column's text without spaces around it."""
    return pl.col(column).str.strip_chars()


def _is_there(text: pl.Expr) -> pl.Expr:
    """Whether a trimmed text is a value: not empty, no word for missing."""
    return text.is_not_null() & (text.str.len_bytes() > 0) & ~text.str.to_lowercase().is_in(MISSING_WORDS)


def typed(column: str, kind: TextType) -> pl.Expr:
    """Read a column of text as its type; what does not fit, and words for missing, become missing."""
    if kind.kind == "string":
        return text_of(column).alias(column)
    text = _trimmed(column)
    read: pl.Expr
    match kind.kind:
        case "boolean":
            low = text.str.to_lowercase()
            read = pl.when(low == "true").then(True).when(low == "false").then(False)
        case "integer":
            read = text.cast(pl.Int64, strict=False)
        case "number":
            read = _number(text, kind)
            if kind.exact:
                read = pl.when(_digits(text) <= DIGITS).then(read)
        case "date":
            read = pl.coalesce([_date(text, form) for form in kind.formats])
        case "timestamp":
            read = pl.coalesce([_timestamp(text, form, zoned=_ZONED in kind.formats) for form in kind.formats])
    return read.alias(column)


def is_misfit(column: str, kind: TextType) -> pl.Expr:
    """Whether a value is there and does not fit the type."""
    return typed(column, kind).is_null() & _is_there(_trimmed(column))


def misfit_values(column: str, kind: TextType) -> pl.Expr:
    """The values that do not fit the type; only these are looked at closely, which is what makes it fast."""
    unread = pl.col(column).filter(typed(column, kind).is_null())
    return unread.filter(_is_there(unread.str.strip_chars()))


def is_present(column: str) -> pl.Expr:
    """Whether a value is there, words for missing not counted."""
    return _is_there(_trimmed(column))


def is_code(values: pl.Series) -> bool:
    """Whether at least half of the texts are codes: letters and digits run together."""
    return len(values) > 0 and 2 * int(values.str.contains(_CODE).sum()) >= len(values)


def _number(text: pl.Expr, kind: TextType) -> pl.Expr:
    """Read finite numbers with a decimal point or comma, with separators of thousands where the type has them."""
    if not kind.grouped and not kind.decimal_comma:
        read = text.cast(pl.Float64, strict=False)
        return pl.when(read.is_finite()).then(read)
    plain, grouped = (_COMMA_NUMBER, _COMMA_GROUPED) if kind.decimal_comma else (_PLAIN_NUMBER, _POINT_GROUPED)
    thousands = "." if kind.decimal_comma else ","
    bare: pl.Expr = (
        pl.when(text.str.contains(grouped))
        .then(text.str.replace_all(thousands, "", literal=True))
        .when(text.str.contains(plain))
        .then(text)
        .otherwise(None)
    )
    read = (bare.str.replace(",", ".", literal=True) if kind.decimal_comma else bare).cast(pl.Float64, strict=False)
    return pl.when(read.is_finite()).then(read)


def _digits(text: pl.Expr) -> pl.Expr:
    """How many digits a plain number has from its first to its last that is not zero."""
    return text.str.replace_all(r"[^0-9]", "").str.strip_chars("0").str.len_bytes()


def _date(text: pl.Expr, form: str) -> pl.Expr:
    return pl.when(text.str.contains(DATES[form])).then(text).str.to_date(form, strict=False)


def _timestamp(text: pl.Expr, form: str, *, zoned: bool) -> pl.Expr:
    if form in DATES:
        return _date(text, form).cast(pl.Datetime("us", "UTC" if zoned else None))
    joined = text.str.replace(r"^(\d{4}-\d{2}-\d{2}) (\d)", "${1}T${2}")
    look = _ZONED_LOOK if form == _ZONED else _timestamp_look(form)
    read = pl.when(joined.str.contains(look)).then(joined).str.to_datetime(form, strict=False, time_unit="us")
    if form == _ZONED:
        return read.dt.convert_time_zone("UTC")
    return read.dt.replace_time_zone("UTC") if zoned else read


def is_format(form: str) -> bool:
    """Whether dates or times can be read in this format."""
    return form in DATES or form in _timestamp_formats()


def _timestamp_look(form: str) -> str:
    for clock, look in _CLOCKS.items():
        for date, pattern in DATES.items():
            join = "T" if date == "%Y-%m-%d" else " "
            if form == date + join + clock:
                return pattern[:-1] + join + look
    raise ValueError(f"{form} is not a format this module made")


def _timestamp_formats() -> tuple[str, ...]:
    dates = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y")
    return (_ZONED, *(date + ("T" if date == "%Y-%m-%d" else " ") + clock for date in dates for clock in _CLOCKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberStyle:
    """What signs between digits mean in a file where a column alone does not tell: ``1,234`` and ``1.234``."""

    comma_is_decimal: bool
    point_groups: bool


def number_style(columns: Iterable[pl.Series], *, semicolons: bool) -> NumberStyle:
    """Learn from the columns that can be read in one way only how the others are meant.

    Args: columns: text; semicolons: the file has semicolons between values, as where the comma is the decimal sign.
    """
    points = commas = 0
    for values in columns:
        frame = _counted(values)
        if frame.is_empty():
            continue
        point, comma = _share(frame, GROUPED_NUMBER) >= FIT, _share(frame, _COMMA) >= FIT
        signed = bool(frame["v"].str.contains(r"[.,]").any())
        points += signed and point and not comma
        commas += signed and comma and not point
    return NumberStyle(comma_is_decimal=commas > points or (semicolons and not points), point_groups=commas > points)


def choose(values: pl.Series, style: NumberStyle, target: TextType | None = None) -> TextType:
    """Choose how a column is read from some of its values.

    Args:
        values: text; missing values and words for missing are left out here.
        target: what a contract wants: its kind is kept, and its way to read as long as the values fit it.
    """
    frame = _counted(values)
    if target is not None:
        return target if target.kind == "string" or _suits(frame, target) else _forced(frame, target.kind, style)
    if frame.is_empty():
        return STRING
    for kind in _ORDER:
        found = _candidate(frame, kind, style)
        if _share(frame, found) >= FIT:
            return _or_text(frame, found)
    return STRING


def _suits(frame: pl.DataFrame, target: TextType) -> bool:
    is_told = bool(target.formats) or target.decimal_comma
    return is_told and _share(frame, target) >= FIT


def _forced(frame: pl.DataFrame, kind: Kind, style: NumberStyle) -> TextType:
    """The best way to read a kind, however little fits it; dates that can be read in two ways do not."""
    found = _candidate(frame, kind, style, least=0.0)
    if found.kind in ("date", "timestamp") and not found.formats:
        return TextType(kind=kind, formats=("%Y-%m-%d",), note=found.note)
    return found


def _counted(values: pl.Series) -> pl.DataFrame:
    """The distinct values ``v`` that are there, with the rows ``n`` of each."""
    frame = values.alias("v").to_frame().filter(is_present("v"))
    return frame.group_by("v", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("n"))


def _candidate(frame: pl.DataFrame, kind: Kind, style: NumberStyle, least: float = FIT) -> TextType:
    if kind == "number":
        pointed = GROUPED_NUMBER if frame["v"].str.contains(",", literal=True).any() else PLAIN_NUMBER
        point, comma = _share(frame, pointed), _share(frame, _COMMA)
        if point != comma:
            return pointed if point > comma else _COMMA
        meant = style.comma_is_decimal if pointed.grouped else style.point_groups
        return _COMMA if meant and frame["v"].str.contains(r"[.,]").any() else pointed
    if kind in ("date", "timestamp"):
        told = frame.filter(pl.col("v").str.contains(r"\d.*\d") & (pl.col("v").str.len_bytes() <= 40))
        if told.is_empty() or int(told["n"].sum()) < least * int(frame["n"].sum()):
            return TextType(kind=kind)
        return _calendar(told, kind, tuple(DATES) if kind == "date" else (*_timestamp_formats(), *DATES))
    return TextType(kind=kind)


def _calendar(frame: pl.DataFrame, kind: Literal["date", "timestamp"], formats: tuple[str, ...]) -> TextType:
    """Take the formats that read something the formats before did not; of twins the one that reads more."""
    reads = {form: _reads(frame, form, kind) for form in formats}
    reads = {form: read for form, read in reads.items() if read.any()}
    unsure = False
    for first, second in _TWINS:
        for one in [form for form in reads if form.startswith(first)]:
            two = one.replace(first, second)
            if two not in reads:
                continue
            gain = _rows(frame, reads[one]) - _rows(frame, reads[two])
            unsure = unsure or gain == 0
            del reads[two if gain >= 0 else one]
    if unsure:
        return TextType(kind=kind, note="dates that can be read day first or month first")
    ordered = sorted(reads, key=lambda form: -_rows(frame, reads[form]))
    taken: list[str] = []
    seen = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    for form in ordered:
        if (reads[form] & ~seen).any():
            taken.append(form)
            seen = seen | reads[form]
    if not taken:
        taken = [formats[0]]
    note = f"{len(taken)} formats of dates" if len(taken) > 1 else None
    return TextType(kind=kind, formats=tuple(taken), note=note)


def _rows(frame: pl.DataFrame, chosen: pl.Series) -> int:
    return int(frame["n"].filter(chosen).sum())


def _reads(frame: pl.DataFrame, form: str, kind: Kind) -> pl.Series:
    return frame.select(typed("v", TextType(kind=kind, formats=(form,))).is_not_null()).to_series()


def _share(frame: pl.DataFrame, kind: TextType) -> float:
    if kind.kind in ("date", "timestamp") and not kind.formats:
        return 1.0 if kind.note else 0.0  # all are dates, but nobody can tell which
    missed = int(frame.select(pl.col("n").filter(is_misfit("v", kind)).sum()).item())
    return 1.0 - missed / max(int(frame["n"].sum()), 1)


def _or_text(frame: pl.DataFrame, found: TextType) -> TextType:
    """Keep a column as text where reading it as ``found`` would lose something."""
    if found.kind in ("date", "timestamp") and not found.formats:
        return TextType(kind="string", note="kept as text: " + (found.note or ""))
    if found.kind in ("integer", "number"):
        zeros = _rows(frame, frame["v"].str.contains(r"^\s*0\d+\s*$"))
        if zeros >= 0.01 * int(frame["n"].sum()):
            return TextType(kind="string", note="kept as text: numbers begin with zeros")
        if is_code(frame.filter(is_misfit("v", found)).to_series()):
            return TextType(kind="string", note="kept as text: codes stand between the numbers")
    return found
