"""A calendar as iCalendar text (RFC 5545) that calendar programs subscribe to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

FOLD = 75
"""Octets that a line may have before it is folded (section 3.1)."""
ESCAPES = (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n"))
"""Signs of a text that mean something else (section 3.3.11); the first must come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something in a calendar: a meeting, or a moment by which something is due (``minutes`` 0).

    ``uid`` stays the same for ever, ``sequence`` only grows: by both a calendar program knows what changed.
    """

    uid: str
    sequence: int
    summary: str
    description: str
    starts_at: datetime
    minutes: int
    changed_at: datetime
    place: str = ""
    address: str = ""
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"] = "CONFIRMED"


def ics(name: str, entries: Iterable[Entry]) -> str:
    """Write a calendar. Times are in UTC, so that no zone has to be told; equal entries give equal text."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Headway//council//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{_text(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"]
    for entry in entries:
        lines += _event(entry)
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VCALENDAR"))


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{_moment(entry.changed_at)}"
    yield f"LAST-MODIFIED:{_moment(entry.changed_at)}"
    yield f"DTSTART:{_moment(entry.starts_at)}"
    if entry.minutes:
        yield f"DTEND:{_moment(entry.starts_at + timedelta(minutes=entry.minutes))}"
    yield f"STATUS:{entry.status}"
    yield f"SUMMARY:{_text(entry.summary)}"
    for property, text in (("DESCRIPTION", entry.description), ("LOCATION", entry.place)):
        if text:
            yield f"{property}:{_text(text)}"
    if entry.address:
        yield f"URL:{entry.address}"
    if not entry.minutes:
        yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Escape a text; control signs cannot be written and are left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in plain if one == "\n" or (ord(one) >= 32 and ord(one) != 127))
    for sign, escaped in ESCAPES:
        kept = kept.replace(sign, escaped)
    return kept


def _folded(line: str) -> str:
    """Fold a line so that none has more than 75 octets, never inside a character."""
    parts, size = [""], 0
    for one in line:
        width = len(one.encode("utf-8", "replace"))
        if size + width > FOLD:
            parts.append("")
            size = 1  # the blank that begins a folded line
        parts[-1] += one
        size += width
    return "\r\n ".join(parts)
