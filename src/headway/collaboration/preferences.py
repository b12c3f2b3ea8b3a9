"""How people are told unless they choose otherwise, and which choices are possible."""

from __future__ import annotations

import re
from collections.abc import Mapping

from headway.collaboration.entities import Channels, Pace, Preferences, Topic
from headway.collaboration.timing import is_clock, is_zone
from headway.kernel.errors import Fault

_LANGUAGE = re.compile(r"[a-z]{2}")

# What waits for an answer of this one person comes by mail at once, talk once a day, the rest stays in the inbox.
CHANNELS: Mapping[Topic, Channels] = {
    Topic.mention: Channels(inbox=True, email=Pace.now, webhook=Pace.now),
    Topic.comment: Channels(inbox=True, email=Pace.digest, webhook=Pace.now),
    Topic.approval: Channels(inbox=True, email=Pace.now, webhook=Pace.now),
    Topic.answer: Channels(inbox=True, email=Pace.now, webhook=Pace.now),
    Topic.job: Channels(inbox=True, email=Pace.never, webhook=Pace.now),
    Topic.task: Channels(inbox=True, email=Pace.now, webhook=Pace.now),
    Topic.change: Channels(inbox=True, email=Pace.never, webhook=Pace.now),
}


def defaults(person: str) -> Preferences:
    """How a person who chose nothing is told."""
    return Preferences(
        person=person,
        language="en",
        time_zone="UTC",
        quiet_from=None,
        quiet_until=None,
        digest_at="08:00",
        channels=CHANNELS,
    )


def faults_of(wishes: Preferences) -> list[Fault]:
    """Find everything that is wrong with somebody's wishes."""
    faults = []
    if not _LANGUAGE.fullmatch(wishes.language):
        faults.append(_fault("language", wishes.language, "write a language as two letters, as en or de"))
    if not is_zone(wishes.time_zone):
        faults.append(_fault("time_zone", wishes.time_zone, "write a time zone as Europe/Berlin"))
    for name in ("quiet_from", "quiet_until", "digest_at"):
        value = getattr(wishes, name)
        if value is not None and not is_clock(value):
            faults.append(_fault(name, value, f"write {name} as HH:MM"))
    if (wishes.quiet_from is None) != (wishes.quiet_until is None):
        faults.append(_fault("quiet_until", wishes.quiet_until, "quiet hours need a start and an end"))
    return faults


def _fault(column: str, value: str | None, message: str) -> Fault:
    return Fault(rule=f"preferences.{column}", column=column, value=value, message=message)
