"""The side navigation: areas and their pages, each with the action that somebody must hold somewhere to see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from headway.entrypoints.pages.words import gettext as _

if TYPE_CHECKING:
    from headway.entrypoints.pages.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its name in English, address, icon, the action needed to see it, the key that follows ``g``."""

    name: str
    path: str
    icon: str
    action: str | None = None
    key: str | None = None
    is_whole: bool = False
    """Whether the page is about the whole organisation, so that the action must be held everywhere."""
    also: str | None = None
    """Another page that is reached from this one and counts as it."""
    is_by_role: bool = False
    """Whether a role must give the action: that somebody may do it to what is theirs is not enough."""
    part: str | None = None
    """The part of its area that it stands in, in English; None where the area has no parts."""

    def is_seen(self, viewer: Viewer) -> bool:
        """Whether somebody may open the page."""
        if self.action is None:
            return True
        if self.is_whole:
            return viewer.may_everywhere(self.action)
        return viewer.may_somewhere(self.action, **({"owner": ""} if self.is_by_role else {}))

    def is_current(self, path: str) -> bool:
        """Whether a path is this page or one below it."""
        places = [self.path, *([self.also] if self.also else [])]
        return any(path == place or (place != "/" and path.startswith(f"{place}/")) for place in places)


@dataclass(frozen=True, slots=True)
class Area:
    """A group of pages."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def parts(self) -> tuple[tuple[str | None, tuple[Entry, ...]], ...]:
        """The pages by the part they stand in, in order."""
        return tuple((name, tuple(found)) for name, found in groupby(self.entries, key=lambda entry: entry.part))


def N_(text: str) -> str:
    """Mark a text that is translated later, as gettext has it."""
    return text


def _part(name: str, *entries: Entry) -> tuple[Entry, ...]:
    """Entries that stand together under a name of their own, in an area with many pages."""
    return tuple(replace(entry, part=name) for entry in entries)


AREAS = (
    Area(
        N_("Overview"),
        (
            Entry(N_("Home"), "/", "home", None, "h"),
            Entry(N_("Inbox"), "/inbox", "inbox", None, "i"),
            Entry(N_("Tasks"), "/tasks", "checklist", None, "t"),
        ),
    ),
    Area(
        N_("Govern"),
        (
            *_part(
                N_("Inventory"),
                Entry(N_("Use cases"), "/usecases", "bulb", "usecase:read", "u"),
                Entry(N_("Systems"), "/systems", "stack-2", "system:read", None, also="/vendors"),
                Entry(N_("Shadow AI"), "/shadow", "eye", "sighting:report", None),
            ),
            *_part(
                N_("Direction and means"),
                Entry(N_("Programmes"), "/programmes", "target", "appetite:read", None),
                Entry(N_("Risk appetite"), "/appetite", "gauge", "appetite:read", None),
                Entry(N_("Risks"), "/risks", "alert-triangle", "risk:read", None),
                Entry(N_("Means"), "/allocations", "briefcase", "allocation:read", None, is_whole=True),
            ),
            *_part(
                N_("Deciding"),
                Entry(N_("Council"), "/council", "users", "council:read", None, also="/councils"),
                Entry(
                    N_("Assessments"),
                    "/assessments",
                    "checklist",
                    "assessment:read",
                    None,
                    also="/assessors",
                    is_by_role=True,
                ),
                Entry(N_("Approvals"), "/approvals", "gavel", "release:read", "a"),
                Entry(N_("Waivers"), "/waivers", "clock", "gate:read", None),
                Entry(N_("Decision rights"), "/decision-rights", "sitemap", "rights:read", None),
            ),
            *_part(
                N_("Rules and proof"),
                Entry(N_("Policies"), "/policies", "scale", "policy:read", None),
                Entry(N_("Documents"), "/dossiers", "file-description", "dossier:read", None),
                Entry(N_("Ledger"), "/ledger", "shield-lock", "ledger:read", "l", is_whole=True),
            ),
        ),
    ),
    Area(
        N_("Build"),
        (
            Entry(N_("Pilots"), "/pilots", "test-pipe", "pilot:read", "p"),
            Entry(N_("Data products"), "/products", "database", "product:read", "d"),
            Entry(N_("Access to data"), "/data-access", "lock-open", "data:follow", None),
            Entry(N_("Minima of data quality"), "/quality-minima", "shield-lock", "policy:read", None, is_whole=True),
            Entry(N_("Query data"), "/queries", "table", "data:query", None),
            Entry(N_("Models"), "/models", "cube", "model:read", "m"),
        ),
    ),
    Area(
        N_("Run"),
        (
            Entry(N_("Deployments"), "/deployments", "rocket", "deployment:read", "r"),
            Entry(N_("Alerts"), "/alerts", "alert-triangle", "alert:read", "w"),
            Entry(N_("Incidents"), "/incidents", "flag", "incident:report", None),
            Entry(N_("Operate gate"), "/operate", "shield-check", "gate:read", None),
            Entry(N_("Decisions"), "/decisions", "route", "decision:read", "c"),
            Entry(N_("Jobs"), "/jobs", "activity", None, "j"),
        ),
    ),
    Area(
        N_("Organisation"),
        (
            Entry(N_("People"), "/people", "users", "person:read", "o"),
            Entry(N_("Departments"), "/departments", "sitemap", "department:read", None),
            Entry(N_("Access"), "/access", "lock-open", None, None),
            Entry(N_("Tokens"), "/tokens", "key", None, None),
            Entry(N_("Settings"), "/settings", "settings", None, "s"),
        ),
    ),
)


def areas(viewer: Viewer) -> tuple[Area, ...]:
    """The areas with the pages that somebody may see, their names in the language spoken now."""
    found = []
    for area in AREAS:
        seen = tuple(_told(entry) for entry in area.entries if entry.is_seen(viewer))
        if seen:
            found.append(Area(_(area.name), seen))
    return tuple(found)


def _told(entry: Entry) -> Entry:
    return replace(entry, name=_(entry.name), part=_(entry.part) if entry.part else None)
