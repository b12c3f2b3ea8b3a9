"""What the pages about use cases, approvals and releases share: whom to ask about what, and words for people."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway import governance, identity, portfolio
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import Viewer
from headway.governance import UseCase, mandates
from headway.kernel.auth import Resource
from headway.kernel.listing import LONGEST_SEARCH, ListQuery
from headway.portfolio import Stage

MOST_PEOPLE = 500
MOST_OWNERS = 200
STAGES: Mapping[Stage, str] = {
    Stage.proposed: N_("Proposed"),
    Stage.pilot: N_("Pilot"),
    Stage.approval: N_("In approval"),
    Stage.live: N_("Live"),
    Stage.retired: N_("Retired"),
}
TIERS: Mapping[str, str] = {
    "undecided": N_("Not decided"),
    "minimal": N_("Minimal risk"),
    "transparency": N_("Transparency duties"),
    "high": N_("High risk"),
    "prohibited": N_("Prohibited"),
}
ENVIRONMENTS: Mapping[str, str] = {"sandbox": N_("Sandbox"), "pilot": N_("Pilot"), "production": N_("Production")}
ABOVE_SANDBOX = ("pilot", "production")


def need_somewhere(viewer: Viewer, session: Session, action: str) -> frozenset[str] | None:
    """The departments in which somebody may do an action, None for all; raises Denied when there is none."""
    places = viewer.places(session, action)
    if places is not None and not places:
        viewer.permit(action, Resource(kind=action.partition(":")[0], id="all"))
    return places


def about(case: UseCase, kind: str = "usecase", id: str | None = None, **attributes: str) -> Resource:
    """What is asked about when something of a use case is to be seen or done."""
    asked = {"lane": mandates.lane_of(case.tier), **attributes}
    return Resource(kind=kind, id=id or case.slug, department=case.department, attributes=asked)


def department_names(session: Session) -> dict[str, str]:
    """The names of departments by their short name."""
    return {one.slug: one.name for one in identity.list_departments(session)}


def department_choices(viewer: Viewer, session: Session, action: str) -> list[tuple[str, str]]:
    """The departments in which somebody may do an action, to choose from."""
    places = viewer.places(session, action)
    return [(slug, name) for slug, name in department_names(session).items() if places is None or slug in places]


def owner_choices(session: Session, within: frozenset[str] | None) -> list[str]:
    """Those who own use cases, as they are written there."""
    counted = governance.count_usecases(session, ListQuery(within=within), by="owner")
    return sorted(owner for owner in counted if owner)[:MOST_OWNERS]


def people_names(viewer: Viewer, session: Session) -> list[str]:
    """The names of people to propose while somebody types; none for whoever may not see people."""
    within = viewer.places(session, "person:read")
    active = {"active": ("true",)}
    found = identity.find_people(session, ListQuery(filters=active, sort="name", limit=MOST_PEOPLE, within=within))
    return [person.name for person in found.items]


def person_meant(viewer: Viewer, session: Session, text: str | None) -> str | None:
    """The reference of the one active person who has this name or mail address; else what was typed."""
    if not text or ":" in text:
        return text
    within = viewer.places(session, "person:read")
    query = ListQuery(search=text[:LONGEST_SEARCH], filters={"active": ("true",)}, limit=50, within=within)
    found = identity.find_people(session, query).items
    known = text.casefold()
    meant = [one for one in found if known in (one.name.casefold(), (one.email or "").casefold())]
    return meant[0].ref if len(meant) == 1 else text


def solution_choices(viewer: Viewer) -> list[tuple[str, str]]:
    """The solutions that are installed, to choose from."""
    loaded = portfolio.shelf(viewer.parts.settings.solutions).loaded
    return [(one.id, one.title or one.id) for one in loaded if one.state == "loaded"]
