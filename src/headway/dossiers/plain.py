"""Records as plain JSON values, for files that programs of others read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from headway.kernel.canonical import canonical_json


def to_plain(value: object) -> dict[str, object]:
    """A record as JSON values."""
    made: dict[str, object] = msgspec.json.decode(msgspec.json.encode(value))
    return made


def to_json(value: object) -> bytes:
    """A record as canonical JSON."""
    return canonical_json(to_plain(value))


def to_lines(values: Iterable[object]) -> bytes:
    """Records as JSON lines."""
    return b"".join(to_json(one) + b"\n" for one in values)
