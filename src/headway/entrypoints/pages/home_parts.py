"""What the home page is made of: tiles with a figure, and sections with rows that lead on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from headway.entrypoints.pages.viewer import Viewer

ROWS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure that leads to what it counts."""

    label: str
    value: object
    note: str = ""
    tone: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing: where it leads, how it stands, what else is to be said, since when."""

    text: str
    href: str | None = None
    state: str | None = None
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A card of the home page; ``is_wide`` ones come first. Without rows it says why and what to do."""

    id: str
    title: str
    note: str = ""
    rows: tuple[Row, ...] = field(default=())
    more: str | None = None
    more_label: str = ""
    empty: str = ""
    action: tuple[str, str] | None = None
    """Label and address of a first step, shown when there are no rows."""
    later: str | None = None
    """Where the section is fetched from once the page stands; until then it is a title and a way to ``more``."""
    steps: tuple[tuple[str, str, str], ...] = ()
    """Title, state and note of each step, for a checklist."""


def roles_of(viewer: Viewer) -> frozenset[str]:
    """The roles that somebody holds anywhere."""
    return frozenset(grant.role for grant in viewer.actor.roles)
