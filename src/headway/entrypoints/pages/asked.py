"""Beside each field of a form, in one quiet line: which controls and rules ask for it, or what else it is used for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway import governance
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.viewer import Viewer
from headway.governance import FieldUses

MOST = 4
WORDS: Mapping[str, str] = {
    "gate": N_("the gates"),
    "tier": N_("the legal tier"),
    "similarity": N_("finding twins"),
    "search": N_("search"),
    "page": N_("pages that show it"),
    "pitfall": N_("pitfalls"),
    "ledger": N_("the ledger"),
    "stop": N_("the kill switch"),
    "notice": N_("notices"),
    "rights": N_("who may see it"),
    "queue": N_("the queue"),
    "check": N_("checks"),
    "document": N_("documents"),
}


def lines(viewer: Viewer, session: Session, form: str) -> dict[str, str]:
    """The line beside each field of a form."""
    return {one.field: _line(viewer, one) for one in governance.list_uses(session) if one.form == form}


def _line(viewer: Viewer, found: FieldUses) -> str:
    if found.asked_by:
        names = [name.partition("/")[2] for name in found.asked_by]
        told, more = ", ".join(names[:MOST]), len(names) - MOST
        if more > 0:
            return viewer.gettext("asked by: %(names)s and %(more)s more", names=told, more=more)
        return viewer.gettext("asked by: %(names)s", names=told)
    kinds = dict.fromkeys(viewer.gettext(WORDS[use.kind]) for use in found.uses)
    return viewer.gettext("used for: %(uses)s", uses=", ".join(kinds))
