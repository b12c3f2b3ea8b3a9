"""What is done to one person: roles granted and revoked, invitations, one-time links, sessions ended, the account closed."""

from __future__ import annotations

from fastapi import APIRouter, Response

from headway import identity
from headway.entrypoints.pages import people
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people import need_person, person_page, role_named
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, NotFound
from headway.kernel.ids import Ref
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)


@router.post("/people/{person_id}/roles")
def grant_role(person_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give a further role."""
    form, department = Form.of(data), Form.of(data).maybe("department")
    viewer.permit("role:grant", Resource(kind="role", id=form.text("role"), department=department))
    person = need_person(viewer, tx, person_id)
    try:
        with tx.begin_nested():
            role, principal = role_named(form.text("role")), Ref.parse(person.ref)
            identity.grant_role(tx, viewer.actor, principal=principal, role=role, department=department)
    except HeadwayError as error:
        return person_page(viewer, tx, person, form.take(error), status=error.status)
    return _back(viewer, person_id, viewer.gettext("The role is granted"))


@router.post("/people/{person_id}/roles/{role_id}/revoke")
def revoke_role(person_id: str, role_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Take a role back."""
    held = identity.get_role(tx, role_id)
    viewer.permit("role:grant", Resource(kind="role", id=held.role, department=held.department))
    if held.principal != f"person:{person_id}":
        raise NotFound(f"this person holds no role with the id {role_id}")
    identity.revoke_role(tx, viewer.actor, role_id)
    return _back(viewer, person_id, viewer.gettext("The role is revoked"))


@router.post("/people/{person_id}/invite")
def invite(person_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Make a new invitation and show its link, once."""
    viewer.permit("person:manage", Resource(kind="person", id=person_id))
    return people.show_invitation(viewer, identity.invite_person(tx, viewer.actor, person_id))


@router.post("/people/{person_id}/link")
def make_link(person_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Make a one-time sign-in link and show it, once."""
    viewer.permit("person:link", Resource(kind="person", id=person_id))
    url = viewer.parts.settings.outside_url
    return people.show_link(viewer, identity.make_link(tx, viewer.actor, person_id, outside_url=url))


@router.post("/people/{person_id}/deactivate")
def deactivate(person_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Close the account."""
    viewer.permit("person:manage", Resource(kind="person", id=person_id))
    person = identity.deactivate_person(tx, viewer.actor, person_id)
    return _back(viewer, person_id, viewer.gettext("The account of %(name)s is closed", name=person.name))


@router.post("/people/{person_id}/sessions/end")
def end_sessions(person_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """End all sessions of a person, but the one that asks."""
    owner = {"owner": f"person:{person_id}"}
    viewer.permit("session:revoke", Resource(kind="session", id="all", attributes=owner))
    ended = identity.close_sessions(tx, viewer.actor, person_id, keep=viewer.session_id)
    return _back(viewer, person_id, viewer.gettext("Sessions ended: %(count)s", count=len(ended)))


@router.post("/people/{person_id}/sessions/{session_id}/end")
def end_session(person_id: str, session_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """End one session."""
    held = identity.get_session(tx, session_id)
    viewer.permit("session:revoke", Resource(kind="session", id=session_id, attributes={"owner": held.person}))
    identity.close_session(tx, viewer.actor, session_id)
    return _back(viewer, person_id, viewer.gettext("The session is ended"))


def _back(viewer: Viewer, person_id: str, toast: str) -> Response:
    is_own = f"person:{person_id}" == viewer.actor.ref
    came_from = viewer.request.headers.get("referer", "")
    return viewer.go("/settings" if is_own and came_from.endswith("/settings") else f"/people/{person_id}", toast)
