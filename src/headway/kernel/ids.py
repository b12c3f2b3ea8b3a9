"""Identifiers: time-ordered ids and references that every record and every person can read.

An id is ``prefix_`` and a UUID of version 7 (RFC 9562, section 5.7) in 26 characters of Crockford's base32, so that
ids sort by the time they were made. A reference names a thing: ``model:lead-scoring@3``.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from headway.kernel import clock
from headway.kernel.errors import Invalid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_REF = re.compile(
    r"^(?P<kind>[a-z][a-z0-9-]*):(?P<slug>[A-Za-z0-9][A-Za-z0-9._/-]*)(?:@(?P<mark>\d+|sha256-[0-9a-f]{64}))?$"
)
_SLUG_DROP = re.compile(r"[^a-z0-9]+")
_lock = threading.Lock()
_last = (0, 0)


def uuid7() -> int:
    """Make a UUID of version 7 as an integer; strictly rising inside one process."""
    global _last  # noqa: PLW0603  the counter is what makes ids of one millisecond rise
    with _lock:
        millis = time.time_ns() // 1_000_000
        if millis <= _last[0]:
            millis, counter = _last[0], _last[1] + 1
            if counter >= 1 << 12:
                millis, counter = millis + 1, 0
        else:
            counter = int.from_bytes(os.urandom(2), "big") & 0x7FF
        _last = (millis, counter)
    rand_b = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return (millis << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | rand_b


def new_id(prefix: str) -> str:
    """Make a time-ordered id, for example ``dec_01k...`` (26 characters after the underscore)."""
    simulation, pairs = clock.simulation(), _PAIRS
    number = uuid7() if simulation is None else _simulated(simulation, prefix)
    return prefix + "_" + "".join([pairs[(number >> shift) & 1023] for shift in _SHIFTS])


def _simulated(simulation: clock.Simulation, prefix: str) -> int:
    """Make a UUID of version 7 of the simulated time; what is random elsewhere follows from the seed.

    Strictly rising for each prefix, and the same again when the same things are made in the same order.
    """
    millis, count = simulation.place_of(prefix)
    drawn = hashlib.blake2b(f"{simulation.seed}:{prefix}:{millis}:{count}".encode(), digest_size=8).digest()
    rand_b = int.from_bytes(drawn, "big") & ((1 << 62) - 1)
    return (millis << 80) | (0x7 << 76) | (count << 64) | (0b10 << 62) | rand_b


def new_salt() -> str:
    """Make 32 hexadecimal digits that nobody can guess; in a simulated company they follow from its seed, as ids do."""
    simulation = clock.simulation()
    if simulation is None:
        return secrets.token_hex(16)
    return hashlib.blake2b(f"{_simulated(simulation, 'salt')}".encode(), digest_size=16).hexdigest()


def made_at(text: str) -> datetime | None:
    """Tell when an id was made, in UTC to the millisecond; None when it is no id."""
    digits = text.rpartition("_")[2]
    if len(digits) != 26 or any(digit not in _ALPHABET for digit in digits):
        return None
    number = 0
    for digit in digits:
        number = number << 5 | _ALPHABET.index(digit)
    try:
        return datetime.fromtimestamp((number >> 80) / 1000, UTC)
    except (ValueError, OverflowError):
        return None


def slug(text: str) -> str:
    """Make a lower-case name of letters, digits and hyphens; raises Invalid when nothing is left."""
    made = _SLUG_DROP.sub("-", text.lower()).strip("-")
    if not made:
        raise Invalid(f"{text!r} holds no letter or digit to make a name of")
    return made


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference ``kind:slug``, ``kind:slug@N`` or ``kind:slug@sha256-HEX``."""

    kind: str
    slug: str
    mark: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.slug}" + (f"@{self.mark}" if self.mark else "")

    @staticmethod
    def parse(text: str) -> Ref:
        """Read a reference; raises Invalid with the text and the form expected."""
        match = _REF.match(text)
        if match is None:
            raise Invalid(f"{text!r} is not a reference", hint="write kind:name, kind:name@3 or kind:name@sha256-HEX")
        return Ref(match["kind"], match["slug"], match["mark"])

    @property
    def version(self) -> int | None:
        """The number after ``@``, or None when there is none or it is a digest."""
        return int(self.mark) if self.mark and self.mark.isdigit() else None
