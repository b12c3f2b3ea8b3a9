"""Who may open what: a reference is a link only for somebody whom its page would not refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headway import identity
from headway.governance import assessments
from headway.governance.assessments.routes import resource
from headway.kernel.auth import Resource
from headway.kernel.errors import NotFound

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from headway.entrypoints.pages.viewer import Viewer

# What a page about a thing of each kind asks for. Kinds that are missing here ask for nothing, or are refused nobody who is led to them.
_ACTIONS = {
    "usecase": "usecase:read",
    "sighting": "sighting:read",
    "pilot": "pilot:read",
    "scaleplan": "scale:read",
    "projection": "projection:read",
    "dossier": "dossier:read",
    "risk": "risk:read",
    "product": "product:read",
    "snapshot": "product:read",
    "model": "model:read",
    "run": "run:read",
    "release": "release:read",
    "approval": "release:read",
    "verdict": "gate:read",
    "replay": "pilot:read",
    "deployment": "deployment:read",
    "decision": "decision:read",
    "alert": "alert:read",
    "incident": "incident:read",
    "person": "person:read",
    "job": "job:read",
}
# What belongs to the whole organisation and is read by whoever may read it anywhere.
_REGISTERS = {
    "policy": "policy:read",
    "pack": "policy:read",
    "clocks": "policy:read",
    "system": "system:read",
    "vendor": "vendor:read",
    "discount-rate": "rate:read",
}


def may_open(viewer: Viewer, reference: str) -> bool:
    """Whether the page about a reference (``kind:name[@mark]``) would be shown to somebody; False for what there is not."""
    kind, _, name = reference.partition(":")
    if kind in _REGISTERS:
        return viewer.may_somewhere(_REGISTERS[kind])
    if kind in ("event", "ledger", "rates"):
        return viewer.may_everywhere("rate:read" if kind == "rates" else "ledger:read")
    if kind in ("assessment", "department"):
        of_department = Resource(kind=kind, id=name, department=name)
        return (
            _may_read_assessment(viewer, name) if kind == "assessment" else viewer.may("department:read", of_department)
        )
    action = _ACTIONS.get(kind)
    # Jobs belong to people, not to departments: their owners may read them.
    if action is None or (kind != "job" and viewer.may_everywhere(action)):
        return True
    with viewer.parts.database.session() as session:
        if kind == "person":
            return may_see_person(viewer, session, name)
        is_seen_somewhere = viewer.may_somewhere(action)
        return is_seen_somewhere and _may_read(viewer, session, reference)


def may_see_person(viewer: Viewer, session: Session, person_id: str) -> bool:
    """Whether somebody may see a person: oneself, or one who holds a role where the viewer may see people."""
    is_own = f"person:{person_id}" == viewer.actor.ref
    return is_own or identity.sees_person(viewer.parts.authorizer, session, viewer.actor, person_id)


def _may_read_assessment(viewer: Viewer, name: str) -> bool:
    """Who holds the seat of one may read it, wherever it belongs to: that is no right to read others."""
    with viewer.parts.database.session() as session:
        try:
            found = assessments.get_assessment(session, name)
        except NotFound:
            return False
        return viewer.may("assessment:read", resource(session, viewer.actor, found))


def _may_read(viewer: Viewer, session: Session, reference: str) -> bool:
    meant = reference.replace("snapshot:", "product:").partition("@sha256")[0]
    try:
        found = viewer.parts.subjects.describe(session, meant)
    except NotFound:
        return False
    return viewer.may(found.action, found.resource)
