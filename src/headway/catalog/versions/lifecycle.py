"""How a version stands on a day, what is wrong with a deprecation, and the HTTP headers that warn of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Final

from headway.catalog.versions.entities import Deprecation, VersionState
from headway.kernel.errors import Fault

LEAST_REASON, MOST_TEXT = 10, 2000
LONGEST: Final = timedelta(days=366 * 3)


def state_of(*, is_current: bool, deprecation: Deprecation | None, day: date) -> VersionState:
    """Tell how a version stands on a day (UTC)."""
    if deprecation is None or deprecation.ends_on is None:
        return VersionState.active if is_current else VersionState.superseded
    return VersionState.retired if deprecation.ends_on < day else VersionState.deprecated


def headers(deprecation: Deprecation, next_address: str | None) -> dict[str, str]:
    """The headers that tell programs of a deprecation.

    ``Deprecation`` is a date of structured fields (RFC 9745, section 2.1), ``Sunset`` an HTTP date (RFC 8594, section 3): the first
    moment at which reads are refused. ``Link`` names the successor (RFC 5829).
    """
    told = {"deprecation": f"@{int(deprecation.at.timestamp())}"}
    if deprecation.ends_on is not None:
        over = datetime.combine(deprecation.ends_on + timedelta(days=1), time(), UTC)
        told["sunset"] = format_datetime(over, usegmt=True)
    if next_address is not None:
        told["link"] = f'<{next_address}>; rel="successor-version"'
    return told


def faults(*, ends_on: date, reason: str, today: date) -> list[Fault]:
    """Find everything that is wrong with a deprecation."""
    found = []
    if not today <= ends_on <= today + LONGEST:
        words = f"the last day lies from {today} to {today + LONGEST}, not on {ends_on}"
        found.append(Fault(rule="deprecation.ends_on", column="ends_on", value=str(ends_on), message=words))
    return found + reason_faults(reason)


def reason_faults(reason: str) -> list[Fault]:
    """Find what is wrong with a reason."""
    if LEAST_REASON <= len(reason.strip()) <= MOST_TEXT:
        return []
    words = f"say in {LEAST_REASON} to {MOST_TEXT:,} characters why"
    return [Fault(rule="deprecation.reason", column="reason", message=words)]
