"""The tree of departments."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.entities import ROOT, Department
from headway.identity.errors import DepartmentExists, DepartmentNotFound
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.ids import slug as make_slug


def list_departments(session: Session) -> tuple[Department, ...]:
    """Read all departments, parents before children."""
    found = store.departments(session)

    def depth(department: Department) -> int:
        return 0 if department.parent is None else 1 + depth(found[department.parent])

    return tuple(sorted(found.values(), key=lambda department: (depth(department), department.slug)))


def get_department(session: Session, slug: str) -> Department:
    """Read one department; raises DepartmentNotFound."""
    found = store.departments(session).get(slug)
    if found is None:
        raise DepartmentNotFound(f"there is no department {slug!r}", hint="see 'headway department list'")
    return found


def add_department(
    session: Session, actor: Actor, *, slug: str, name: str | None = None, parent: str = ROOT, region: str | None = None
) -> Department:
    """Add a department below another; its place in the tree never changes.

    Raises: Invalid: the slug is not lower-case letters, digits and hyphens; DepartmentNotFound: no such parent;
    DepartmentExists.
    """
    if make_slug(slug) != slug:
        raise Invalid(f"{slug!r} cannot be a department's name in addresses", hint=f"write {make_slug(slug)}")
    get_department(session, parent)
    shown = name or slug.replace("-", " ").capitalize()
    if not store.add_department(session, slug=slug, name=shown, parent=parent, region=region, at=clock.now()):
        raise DepartmentExists(f"there is a department {slug} already", values={"slug": slug})
    payload = {"name": shown, "parent": parent, "region": region}
    ledger.record(session, actor=actor, type="department.added", subject=Ref("department", slug), payload=payload)
    return get_department(session, slug)


def ensure_department(session: Session, actor: Actor, slug: str) -> Department:
    """Read a department, adding it below the root when it is not there."""
    found = store.departments(session).get(slug)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            return add_department(session, actor, slug=slug)
    except DepartmentExists:
        return get_department(session, slug)


def update_department(
    session: Session, actor: Actor, slug: str, *, name: str | None = None, region: str | None = None
) -> Department:
    """Change a department's name or region; what is None stays."""
    get_department(session, slug)
    store.update_department(session, slug, name=name, region=region)
    after = get_department(session, slug)
    ledger.record(
        session,
        actor=actor,
        type="department.updated",
        subject=Ref("department", slug),
        payload={"name": after.name, "region": after.region},
    )
    return after
