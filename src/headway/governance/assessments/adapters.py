"""The templates that come with this version, read once."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import yaml

from headway.governance.adapters import PlainLoader
from headway.governance.assessments.entities import Template
from headway.governance.assessments.rules import template_of

ORDER = ("risk", "legal", "privacy", "security", "hr", "finance", "fria")


@lru_cache(maxsize=1)
def templates() -> dict[str, Template]:
    """The templates by name, in the order in which they are shown."""
    folder = resources.files("headway.governance.assessments") / "templates"
    found = {
        name: template_of(yaml.load((folder / f"{name}.yaml").read_text(encoding="utf-8"), Loader=PlainLoader))  # noqa: S506  a SafeLoader, stricter
        for name in ORDER
    }
    return found
