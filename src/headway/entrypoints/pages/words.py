"""The languages that pages speak: gettext catalogs read from their sources, numbers and dates by locale.

A catalog is ``locale/LANGUAGE/LC_MESSAGES/messages.po``. It is read as it is, so that nothing compiled has to be kept. English
is what the sources say. ``headway dev words`` brings catalogs up to date with the sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from io import BytesIO

from babel import Locale, dates, numbers
from babel.messages.pofile import read_po

from headway.kernel import clock

LANGUAGES = {"en": "English", "de": "Deutsch"}
_current: ContextVar[str] = ContextVar("language", default="en")


@dataclass(frozen=True, slots=True)
class Catalog:
    """The messages of one language; what it lacks stays English."""

    language: str
    single: dict[str, str] = field(default_factory=dict)
    plural: dict[tuple[str, int], str] = field(default_factory=dict)

    def gettext(self, message: str) -> str:
        """Translate."""
        return self.single.get(message) or message

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Translate the form for a number of things; both languages have two forms."""
        return self.plural.get((one, 0 if count == 1 else 1)) or (one if count == 1 else many)


@cache
def catalog(language: str) -> Catalog:
    """The catalog of a language; an empty one for English and for languages without one."""
    made = Catalog(language)
    source = resources.files("headway.entrypoints.pages") / "locale" / language / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return made
    for message in read_po(BytesIO(source.read_bytes()), locale=language):
        if message.fuzzy or not message.id:
            continue
        if isinstance(message.id, tuple):
            for form, text in enumerate(message.string or ()):
                made.plural[message.id[0], form] = text
        elif isinstance(message.id, str) and isinstance(message.string, str):
            made.single[message.id] = message.string
    return made


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language inside the block: what templates and filters say."""
    before = _current.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _current.reset(before)


def language() -> str:
    """The language spoken now."""
    return _current.get()


def gettext(message: str) -> str:
    """Translate into the language spoken now."""
    return catalog(language()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate the form for a number of things into the language spoken now."""
    return catalog(language()).ngettext(one, many, count)


def best(accepted: str, wanted: str | None = None) -> str:
    """The language to speak: the one wanted, else the first of an Accept-Language header that there is, else English."""
    if wanted in LANGUAGES:
        return str(wanted)
    for part in accepted.split(","):
        code = part.partition(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return "en"


def locale() -> Locale:
    """The locale of numbers and dates; English ones are British, so that a day comes before its month."""
    return Locale.parse({"en": "en_GB", "de": "de_DE"}[language()])


def day(value: date | datetime | None) -> str:
    """A date in medium length."""
    return "" if value is None else dates.format_date(value, "medium", locale=locale())


def moment(value: datetime | None) -> str:
    """A time of a day, UTC, to the minute."""
    if value is None:
        return ""
    utc = value.astimezone(UTC)
    return f"{day(utc)}, {utc:%H:%M} UTC"


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """How long ago a time was, or how far ahead it lies."""
    if value is None:
        return ""
    since = value - (now or clock.now())
    if abs(since) < timedelta(seconds=45):
        return gettext("just now")
    return str(dates.format_timedelta(since, add_direction=True, locale=locale(), threshold=1.2))


def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """A number with separators; ``digits`` fixes the decimals."""
    if value is None:
        return "–"
    pattern = "#,##0.###" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return numbers.format_decimal(value, format=pattern, locale=locale())


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage."""
    if value is None:
        return "–"
    return numbers.format_percent(
        value, format="#,##0" + ("." + "0" * digits if digits else "") + " %", locale=locale()
    )


def money(value: Decimal | None, currency: str) -> str:
    """An amount of money; from a hundred on whole units say enough."""
    if value is None:
        return "–"
    pattern = locale().currency_formats["standard"].pattern
    if abs(value) >= 100:
        return str(
            numbers.format_currency(value, currency, pattern.replace(".00", ""), locale=locale(), currency_digits=False)
        )
    return str(numbers.format_currency(value, currency, locale=locale()))
