"""Reads the roles of columns from an ODCS contract: keys, label, time, subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the contract says some columns are for."""

    keys: frozenset[str]
    label: str | None = None
    time: str | None = None
    subject: str | None = None


def read_roles(contract: Mapping[str, object]) -> Roles:
    """Read the roles; an empty contract gives none."""
    keys: set[str] = set()
    by_role: dict[str, str] = {}
    for prop in _properties(contract):
        name = prop.get("name")
        if not isinstance(name, str):
            continue
        if prop.get("primaryKey") is True:
            keys.add(name)
        for custom in _mappings(prop.get("customProperties")):
            if custom.get("property") == "role" and isinstance(custom.get("value"), str):
                by_role.setdefault(str(custom["value"]), name)
    return Roles(
        keys=frozenset(keys), label=by_role.get("label"), time=by_role.get("time"), subject=by_role.get("subject")
    )


def _properties(contract: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for table in _mappings(contract.get("schema")):
        yield from _mappings(table.get("properties"))


def _mappings(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list | tuple):
        yield from (item for item in value if isinstance(item, Mapping))
