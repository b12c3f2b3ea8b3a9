"""The set-up after the first person: six steps, each judged by what is really there, skipped and taken up again at will."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from headway import catalog, governance, identity, portfolio
from headway.entrypoints.pages import departments, govern, quorum
from headway.entrypoints.pages.access_words import ROLES
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.navigation import N_
from headway.entrypoints.pages.people import role_named
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import QuorumInvalid
from headway.identity import ROOT, HeldRole, Person, Role
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.ids import slug as make_slug
from headway.kernel.listing import LARGEST_PAGE, ListQuery
from headway.kernel.web import Tx

router = APIRouter(include_in_schema=False)
STEPS = {
    "organisation": N_("Departments"),
    "sign-in": N_("Sign-in"),
    "council": N_("Council"),
    "policies": N_("Policies"),
    "inventory": N_("Inventory"),
    "product": N_("First data"),
}
SEATS = (Role.council, Role.sponsor, Role.ai_office)
ONE = ListQuery(limit=1)
ACTIVE = {"active": ("true",), "email": ("@",)}
"""People who can sign in; the owner of the command line has no mail address and is nobody's colleague."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is there of what the steps ask for."""

    departments: int
    providers: int
    people: int
    seats: int
    packs: int
    usecases: int
    products: int
    pilots: int

    def is_done(self, step: str) -> bool:
        """Whether a step has what it asks for."""
        return {
            "organisation": self.departments > 1,
            "sign-in": self.providers > 0 or self.people > 1,
            "council": self.seats > 0,
            "policies": self.packs > 0,
            "inventory": self.usecases > 0,
            "product": self.products + self.pilots > 0,
        }[step]


def standing(tx: Session) -> Standing:
    """Look at what is there."""
    return Standing(
        departments=len(identity.list_departments(tx)),
        providers=len(identity.list_providers(tx)),
        people=identity.find_people(tx, ListQuery(filters=ACTIVE, limit=2)).total,
        seats=sum(len(identity.list_roles(tx, role=role, limit=1).items) for role in (Role.council, Role.sponsor)),
        packs=len(governance.list_packs(tx)),
        usecases=governance.find_usecases(tx, ONE).total,
        products=catalog.find_products(tx, ONE).total,
        pilots=portfolio.find_pilots(tx, ONE).total,
    )


def _permit(viewer: Viewer) -> None:
    viewer.permit("department:manage", Resource(kind="department", id="new"))


@router.get("/setup/next")
def go_on(viewer: CurrentViewer, tx: Tx) -> Response:
    """Go on with the first step that is not done."""
    _permit(viewer)
    known = standing(tx)
    step = next((name for name in STEPS if not known.is_done(name)), None)
    return viewer.go(f"/setup/{step}" if step else "/")


@router.get("/setup/organisation")
def show_organisation(viewer: CurrentViewer, tx: Tx) -> Response:
    """The departments."""
    return _organisation(viewer, tx, Form.filled({"parent": ROOT}))


@router.post("/setup/organisation")
def add_departments(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Add departments, one a line."""
    form = Form.of(data)
    parent = form.text("parent") or ROOT
    viewer.permit("department:manage", Resource(kind="department", id="new", department=parent))
    if not form.require(["lines"], viewer.gettext("Write at least one name")):
        return _organisation(viewer, tx, form, status=422)
    wanted = [line.strip() for line in form.text("lines").splitlines() if line.strip()]
    try:
        with tx.begin_nested():
            for name in wanted:
                identity.add_department(tx, viewer.actor, slug=make_slug(name), name=name, parent=parent)
    except HeadwayError as error:
        return _organisation(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/setup/organisation", viewer.gettext("Departments added: %(count)s", count=len(wanted)))


def _organisation(viewer: Viewer, tx: Session, form: Form, status: int = 200) -> Response:
    choices = list(govern.department_names(tx).items())
    return _step(viewer, tx, "organisation", status, form=form, nodes=departments.tree(viewer, tx), choices=choices)


@router.get("/setup/sign-in")
def show_sign_in_step(viewer: CurrentViewer, tx: Tx) -> Response:
    """How people get in."""
    return _step(viewer, tx, "sign-in", providers=identity.list_providers(tx))


@router.get("/setup/council")
def show_council(viewer: CurrentViewer, tx: Tx) -> Response:
    """Who decides."""
    return _council(viewer, tx, Form.filled({"role": Role.council.value}))


@router.post("/setup/council")
def give_seat(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Give somebody a seat."""
    form = Form.of(data)
    department = form.maybe("department")
    viewer.permit("role:grant", Resource(kind="role", id=form.text("role"), department=department))
    if not form.require(["person", "role"], viewer.gettext("This is needed")):
        return _council(viewer, tx, form, status=422)
    try:
        with tx.begin_nested():
            role, principal = role_named(form.text("role")), Ref.parse(form.text("person"))
            identity.grant_role(tx, viewer.actor, principal=principal, role=role, department=department)
    except HeadwayError as error:
        return _council(viewer, tx, form.take(error), status=error.status)
    return viewer.go("/setup/council", viewer.gettext("The role is granted"))


@router.post("/setup/council/quorum")
def set_quorum(viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Set how many must say yes."""
    form, seat = Form.of(data), Form.filled({"role": Role.council.value})
    try:
        changed = quorum.save(viewer, tx, form)
    except QuorumInvalid as error:
        return _council(viewer, tx, seat, form.take(error), status=error.status)
    return viewer.go("/setup/council", quorum.changed_said(viewer, changed))


def _council(
    viewer: Viewer, tx: Session, form: Form, quorum_form: Form | None = None, *, status: int = 200
) -> Response:
    held: list[HeldRole] = [
        one for role in SEATS for one in identity.list_roles(tx, role=role, limit=LARGEST_PAGE).items
    ]
    active = identity.find_people(tx, ListQuery(filters=ACTIVE, limit=LARGEST_PAGE, sort="name")).items
    known = {ref: one for ref, one in identity.people_of(tx, {one.principal for one in held}).items() if one.is_active}
    deciding = {
        one.principal for one in held if one.role is not Role.sponsor and _can_sign_in(known.get(one.principal))
    }
    shown = quorum.shown(viewer, tx)
    return _step(
        viewer,
        tx,
        "council",
        status,
        form=form,
        quorum=shown,
        quorum_form=quorum_form or quorum.filled(tx),
        seats=[(role, [one for one in held if one.role is role and one.principal in known]) for role in SEATS],
        deciding=len(deciding),
        people=names(tx, [*(one.principal for one in held), *(one.changed_by for one in shown.quorums)]),
        choices=[(person.ref, person.name) for person in active],
        roles=ROLES,
        role_choices=[(role.value, viewer.gettext(ROLES[role][0])) for role in SEATS],
        departments=govern.department_names(tx),
    )


def _can_sign_in(person: Person | None) -> bool:
    return person is not None and person.email is not None


@router.get("/setup/policies")
def show_policies(viewer: CurrentViewer, tx: Tx) -> Response:
    """What is asked of every use case."""
    return _step(viewer, tx, "policies", packs=governance.list_packs(tx))


@router.get("/setup/inventory")
def show_inventory(viewer: CurrentViewer, tx: Tx) -> Response:
    """What AI there is already, and who works with it."""
    return _step(viewer, tx, "inventory")


@router.get("/setup/product")
def show_product(viewer: CurrentViewer, tx: Tx) -> Response:
    """The first data."""
    return _step(viewer, tx, "product")


def _step(viewer: Viewer, tx: Session, step: str, status: int = 200, **context: Any) -> Response:  # noqa: ANN401  values of a template
    _permit(viewer)
    known, order = standing(tx), list(STEPS)
    at = order.index(step)
    return viewer.page(
        f"setup/{step.replace('-', '_')}.html",
        status=status,
        title=viewer.gettext("Set-up: %(step)s", step=viewer.gettext(STEPS[step])),
        steps=[_shown(viewer, known, name, step) for name in order],
        known=known,
        is_done=known.is_done(step),
        before=f"/setup/{order[at - 1]}" if at else None,
        after=f"/setup/{order[at + 1]}" if at + 1 < len(order) else None,
        **context,
    )


def _shown(viewer: Viewer, known: Standing, name: str, current: str) -> tuple[Markup, str, str]:
    state = "now" if name == current else "done" if known.is_done(name) else "later"
    link = Markup('<a href="/setup/{}">{}</a>').format(name, viewer.gettext(STEPS[name]))
    return link, state, ""
