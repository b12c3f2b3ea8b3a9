"""What of an event goes into the tree: its facts and a salted commitment to its payload, never the payload itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from headway.kernel.canonical import canonical_json
from headway.kernel.clock import iso
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.ledger.merkle import leaf_hash

VERSION = 1
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def check_type(type_: str) -> None:
    """Refuse a type that is not a dotted lower-case name such as ``usecase.opened``; raises Invalid."""
    if not _TYPE.fullmatch(type_):
        raise Invalid(f"{type_!r} is not an event type", hint="write thing.happened, in lower case")


class Facts(Protocol):
    """What a leaf is made of."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def commitment(self) -> bytes: ...


def leaf_bytes(event: Facts) -> bytes:
    """Write the canonical JSON of an event's leaf."""
    return canonical_json(
        {
            "v": VERSION,
            "id": event.id,
            "type": event.type,
            "actor": event.actor,
            "subject": event.subject,
            "at": iso(event.at),
            "commitment": event.commitment.hex(),
        }
    )


def event_leaf(event: Facts) -> bytes:
    """Hash an event's leaf as the tree holds it."""
    return leaf_hash(leaf_bytes(event))


def plain(value: object) -> object:
    """Turn a payload's values into JSON: references, times, amounts, enums and dataclasses become text and objects."""
    if isinstance(value, Enum):
        return plain(value.value)
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Ref):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [plain(held) for held in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(held) for held in value), key=canonical_json)
    return _scalar(value)


def _scalar(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | Ref | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    raise Invalid(f"a {type(value).__name__} cannot be part of an event's payload")
