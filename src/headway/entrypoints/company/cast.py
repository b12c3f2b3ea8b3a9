"""The people and departments of the simulated company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

DOMAIN = "northwind.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Somebody before they have an account."""

    key: str
    name: str
    roles: tuple[tuple[str, str | None], ...]
    """Role and department; no department means everywhere."""

    @property
    def email(self) -> str:
        """Their mail address."""
        return f"{self.key}@{DOMAIN}"


@cache
def read(name: str) -> Mapping[str, Any]:
    """Read a file of this package."""
    text = resources.files(__package__ or "").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def people() -> tuple[Figure, ...]:
    """Everybody, the one who sets the home up first."""
    return tuple(
        Figure(
            key=key,
            name=one["name"],
            roles=tuple((role[0], role[1] if len(role) > 1 else None) for role in one["roles"]),
        )
        for key, one in read("people")["people"].items()
    )


def departments() -> tuple[Mapping[str, str], ...]:
    """The departments, parents first."""
    return tuple(read("people")["departments"])
