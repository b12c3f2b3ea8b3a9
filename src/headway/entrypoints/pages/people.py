"""People: who there is, adding somebody with an invitation, and one person whole."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import identity
from headway.documents import Value
from headway.entrypoints.pages import access_words, exports, govern, sight
from headway.entrypoints.pages.access_words import ROLES
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.identity import HeldRole, Person, Role
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.listing import Found
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
FILTERS = ("role", "department", "active", "account")


@router.get("/people")
def show_people(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """Everybody whom the viewer may see."""
    within = govern.need_somewhere(viewer, tx, "person:read")
    found = identity.find_people(tx, query_of(request, sort="name", filters=FILTERS, within=within))
    table = _view(request, viewer, tx, found)
    if exports.is_wanted(request):
        return exports.download(viewer, table, _cells(viewer, tx, found))
    return viewer.page(
        "people/list.html",
        title=viewer.gettext("People"),
        table=table,
        held=seen_roles(viewer, tx, found.items),
        departments=govern.department_names(tx),
        roles=ROLES,
        may_add=viewer.may("person:manage", Resource(kind="person", id="new")),
    )


def _cells(viewer: Viewer, tx: Session, found: Found[Person]) -> Iterator[tuple[Value, ...]]:
    """What a file of the list holds, in the order of its columns."""
    said, places = viewer.gettext, govern.department_names(tx)
    people = tuple(exports.all_rows(found, lambda query: identity.find_people(tx, query)))
    held = seen_roles(viewer, tx, people)
    for one in people:
        roles = [
            said(ROLES[role.role][0])
            + (f" · {places.get(role.department, role.department)}" if role.department else "")
            for role in held.get(one.ref, [])
        ]
        joined = said("joined") if one.has_account else said("without a password")
        state = joined if one.is_active else said("deactivated")
        yield one.name, "; ".join(roles), state, one.email, one.created_at


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[Person]) -> TableView:
    said = viewer.gettext
    within = viewer.places(tx, "person:read")
    departments = [(slug, name) for slug, name in govern.department_names(tx).items() if not within or slug in within]
    return view_of(
        request,
        found,
        name="people",
        caption=said("People"),
        columns=(
            Column(name="name", label=said("Name")),
            Column(name="roles", label=said("Roles"), is_sortable=False),
            Column(name="state", label=said("State"), is_sortable=False),
            Column(name="email", label=said("Mail address"), is_wide=True),
            Column(name="created_at", label=said("Since"), kind="date", is_wide=True),
        ),
        filters=(
            Filter(name="role", label=said("All roles"), choices=role_choices(viewer)),
            Filter(name="department", label=said("All departments"), choices=tuple(departments)),
            Filter(
                name="active",
                label=said("Active or not"),
                choices=(("true", said("Active")), ("false", said("Deactivated"))),
            ),
            Filter(
                name="account",
                label=said("Joined or not"),
                choices=(("true", said("With a password")), ("false", said("Without a password"))),
            ),
        ),
    )


def role_choices(viewer: Viewer) -> tuple[tuple[str, str], ...]:
    """The roles to choose from."""
    return tuple((role.value, viewer.gettext(name)) for role, (name, _) in ROLES.items())


def seen_roles(viewer: Viewer, tx: Session, people: tuple[Person, ...]) -> dict[str, list[HeldRole]]:
    """The roles that people hold, as far as the viewer may see them, by person."""
    held = identity.held_by(tx, [person.ref for person in people])
    return {ref: [one for one in roles if _may_see(viewer, one)] for ref, roles in held.items()}


def _may_see(viewer: Viewer, held: HeldRole) -> bool:
    if held.principal == viewer.actor.ref:
        return True
    return viewer.may("role:read", Resource(kind="role", id=held.role, department=held.department))


# --- add ---------------------------------------------------------------------------------------------------------


@router.get("/people/new")
def show_new_person(viewer: CurrentViewer, tx: Tx) -> Response:
    """The form for somebody new."""
    viewer.permit("person:manage", Resource(kind="person", id="new"))
    return _new_page(viewer, tx, Form.filled({"role": Role.employee.value}))


@router.post("/people/new")
def add_person(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Add a person with a first role, and show the link of the invitation, once."""
    form = Form.of(data)
    viewer.permit("person:manage", Resource(kind="person", id="new"))
    department = form.maybe("department")
    if form.text("role"):
        viewer.permit("role:grant", Resource(kind="role", id=form.text("role"), department=department))
    form.require(["name", "email"], viewer.gettext("This is needed"))
    if form.faults:
        return _new_page(viewer, tx, form, status=422)
    try:
        with tx.begin_nested():
            made = identity.add_person(tx, viewer.actor, name=form.text("name"), email=form.text("email"))
            if form.text("role"):
                principal = Ref.parse(made.person.ref)
                role = role_named(form.text("role"))
                identity.grant_role(tx, viewer.actor, principal=principal, role=role, department=department)
    except HeadwayError as error:
        return _new_page(viewer, tx, form.take(error), status=error.status)
    return show_invitation(viewer, made)


def role_named(text: str) -> Role:
    """The role that a form names; raises Invalid."""
    if text not in ROLES:
        raise Invalid(f"there is no role {text!r}")
    return Role(text)


def show_invitation(viewer: Viewer, made: identity.Invitation) -> Response:
    """Show the link of an invitation; it is not shown again."""
    url = f"{viewer.parts.settings.outside_url}/join#{made.code}"
    title = viewer.gettext("Invitation of %(name)s", name=made.person.name)
    return _once_page(viewer, made, title, url=url, is_invitation=True)


def _once_page(
    viewer: Viewer, made: identity.Invitation | identity.SignInLink, title: str, *, url: str, is_invitation: bool
) -> Response:
    return viewer.page(
        "people/once.html",
        title=title,
        crumbs=[(viewer.gettext("People"), "/people"), (made.person.name, f"/people/{made.person.id}")],
        url=url,
        person=made.person,
        expires_at=made.expires_at,
        is_invitation=is_invitation,
    )


def show_link(viewer: Viewer, made: identity.SignInLink) -> Response:
    """Show a one-time sign-in link; it is not shown again."""
    title = viewer.gettext("Sign-in link of %(name)s", name=made.person.name)
    return _once_page(viewer, made, title, url=made.url, is_invitation=False)


def _new_page(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    return viewer.page(
        "people/new.html",
        status=status,
        title=viewer.gettext("Add a person"),
        crumbs=[(viewer.gettext("People"), "/people")],
        form=form,
        roles=[(value, f"{name}: {viewer.gettext(ROLES[Role(value)][1])}") for value, name in role_choices(viewer)],
        departments=list(govern.department_names(tx).items()),
    )


# --- one person --------------------------------------------------------------------------------------------------


@router.get("/people/{person_id}")
def show_person(person_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """One person: roles, what they may do where, sessions."""
    return person_page(viewer, tx, need_person(viewer, tx, person_id), Form())


def need_person(viewer: Viewer, tx: Session, person_id: str) -> Person:
    """A person whom the viewer may see; raises Denied."""
    person = identity.get_person(tx, person_id)
    if not sight.may_see_person(viewer, tx, person_id):
        viewer.permit("person:read", Resource(kind="person", id=person_id))
    return person


def person_page(viewer: Viewer, tx: Session, person: Person, form: Form, status: int = 200) -> Response:
    """One person's page, with the form for a further role as it was filled in."""
    thing = Resource(kind="person", id=person.id, attributes={"owner": person.ref})
    held = seen_roles(viewer, tx, (person,)).get(person.ref, [])
    may_access, may_sessions = viewer.may("access:read", thing), viewer.may("session:read", thing)
    tree = identity.list_departments(tx)
    return viewer.page(
        "people/person.html",
        status=status,
        title=person.name,
        crumbs=[(viewer.gettext("People"), "/people")],
        person=person,
        form=form,
        held=[(one, _may_revoke(viewer, one)) for one in held],
        givers=names(tx, [one.granted_by for one in held]),
        access=access_words.told(identity.effective_access(tx, person.ref), tree) if may_access else None,
        sessions=identity.list_sessions(tx, person.id) if may_sessions else None,
        departments={one.slug: one.name for one in tree},
        grantable=govern.department_choices(viewer, tx, "role:grant"),
        role_choices=role_choices(viewer),
        roles=ROLES,
        how=access_words.HOW,
        words=access_words.WORDS,
        is_own=person.ref == viewer.actor.ref,
        may={name: viewer.may(f"person:{name}", Resource(kind="person", id=person.id)) for name in _ACTS},
        may_end=viewer.may("session:revoke", thing),
        may_grant_everywhere=viewer.may_everywhere("role:grant"),
        may_grant=person.is_active and viewer.may_somewhere("role:grant"),
    )


_ACTS = ("read", "manage", "link")


def _may_revoke(viewer: Viewer, held: HeldRole) -> bool:
    is_by_hand = held.source == "hand"
    return is_by_hand and viewer.may("role:grant", Resource(kind="role", id=held.role, department=held.department))
