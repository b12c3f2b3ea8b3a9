"""The home page: what waits for you, and how things stand, composed of sections by the roles you hold."""

from __future__ import annotations

from fastapi import APIRouter, Response

from headway.entrypoints.pages import home_overview, home_own
from headway.entrypoints.pages.approvals import waiting_for
from headway.entrypoints.pages.home_parts import Section, roles_of
from headway.entrypoints.pages.viewer import CurrentViewer
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
OVERVIEW = frozenset({"ai_office", "department_head", "sponsor", "council"})
"""The roles that look at whole departments."""


@router.get("/")
def show_home(viewer: CurrentViewer, tx: Tx) -> Response:
    """The home page."""
    roles = roles_of(viewer)
    waiting = waiting_for(viewer, tx, viewer.places(tx, "release:read")) if viewer.may_somewhere("release:read") else []
    found: list[Section | None] = [home_own.first_steps(viewer, tx)] if "ai_office" in roles else []
    found += [home_own.approvals(viewer, tx, waiting), home_own.tasks(viewer, tx), home_own.own_usecases(viewer, tx)]
    surveyed = home_overview.survey(viewer, tx, with_blocked=bool(roles & OVERVIEW))
    if roles & OVERVIEW:
        found += [home_overview.blocked(viewer, tx, surveyed), home_overview.projected(viewer, tx)]
    if "ai_office" in roles:
        found.append(home_overview.by_rules(viewer, tx))
    if roles & {"operator", "ai_office"}:
        found.append(home_overview.stopped(viewer, tx))
    if "data_scientist" in roles:
        found += [home_own.pilots(viewer, tx), home_own.jobs(viewer, tx)]
    if roles & {"data_owner", "data_scientist"}:
        found.append(home_overview.faulty_products(viewer, tx))
    if "auditor" in roles:
        found.append(home_overview.verdicts(viewer, tx))
    if roles & {"auditor", "ai_office", "council"}:
        found.append(home_overview.newest_later(viewer))
    if not roles & OVERVIEW:
        found.append(home_own.around(viewer, tx))
    return viewer.page(
        "home/home.html",
        title=viewer.gettext("Home"),
        tiles=home_overview.tiles(viewer, tx, surveyed, len(waiting)),
        sections=[section for section in found if section is not None],
        roles=roles,
        may_value=all(viewer.may_somewhere(f"{kind}:read") for kind in ("decision", "outcome")),
    )


@router.get("/home/newest")
def show_newest(viewer: CurrentViewer, tx: Tx) -> Response:
    """The newest events of the ledger, as a part of the home page."""
    return viewer.page(
        "home/newest.html", title=viewer.gettext("Newest in the ledger"), section=home_overview.newest(viewer, tx)
    )
