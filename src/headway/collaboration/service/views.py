"""Saved views: the address of a list as somebody likes it, kept, shared, pinned, or opened by default."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.collaboration.entities import SavedView, Sharing
from headway.collaboration.errors import NotYourView, ViewNotFound, ViewTaken
from headway.collaboration.paths import page_faults, query_faults
from headway.collaboration.prose import MAX_LINE, check
from headway.collaboration.store import views as rows
from headway.collaboration.tables import ViewRow, ViewUseRow
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id


def save_view(
    session: Session,
    actor: Actor,
    *,
    name: str,
    page: str,
    query: str = "",
    sharing: Sharing = "nobody",
    department: str | None = None,
) -> SavedView:
    """Keep the address of a list under a name.

    Args: page: its path, ``/usecases``; query: its query string; department: who sees it when shared with a department.
    Raises: WordsRefused with every fault; DepartmentNotFound; ViewTaken.
    """
    where = _check(session, name=name, page=page, query=query, sharing=sharing, department=department)
    now = clock.now()
    values = {
        "id": new_id("viw"),
        "name": " ".join(name.split()),
        "page": page,
        "query": query,
        "owner": actor.ref,
        "sharing": sharing,
        "department": where,
        "created_at": now,
        "updated_at": now,
    }
    if not rows.add_view(session, values):
        raise _taken(str(values["name"]), page)
    view = _need(session, actor, str(values["id"]))
    _record(session, actor, "view.saved", view)
    return _told(session, actor, view)


def change_view(
    session: Session,
    actor: Actor,
    view_id: str,
    *,
    name: str | None = None,
    query: str | None = None,
    sharing: Sharing | None = None,
    department: str | None = None,
) -> SavedView:
    """Change an own view; what is None stays. Shared with fewer, it leaves the pins of those who no longer see it."""
    view = _need_own(session, actor, view_id)
    shared: Sharing = sharing or _sharing(view)
    place = department or (view.department if sharing is None else None)
    new_name, new_query = name if name is not None else view.name, view.query if query is None else query
    where = _check(session, name=new_name, page=view.page, query=new_query, sharing=shared, department=place)
    new_name = " ".join(new_name.split())
    if rows.has_other(session, owner=view.owner, page=view.page, name=new_name, view_id=view_id):
        raise _taken(new_name, view.page)
    view.name, view.query, view.sharing, view.department = new_name, new_query, shared, where
    view.updated_at = clock.now()
    session.flush()
    if sharing == "nobody":
        rows.forget_others(session, view_id, keep=view.owner)
    _record(session, actor, "view.changed", view)
    return _told(session, actor, view)


def remove_view(session: Session, actor: Actor, view_id: str) -> None:
    """Remove an own view, also from the pins of others."""
    view = _need_own(session, actor, view_id)
    rows.remove_view(session, view_id)
    _record(session, actor, "view.removed", view)


def get_view(session: Session, actor: Actor, view_id: str) -> SavedView:
    """Read a view that the actor owns or that is shared with them; raises ViewNotFound."""
    return _told(session, actor, _need(session, actor, view_id))


def list_views(session: Session, actor: Actor, *, page: str | None = None) -> tuple[SavedView, ...]:
    """Read the views that the actor may use, pinned ones first in their order, then by name."""
    found = rows.views(session, person=actor.ref, departments=_departments(session, actor), page=page)
    names = identity.names_of(session, {view.owner for view, _ in found})
    return tuple(_entity(view, use, actor, names[view.owner]) for view, use in found)


def default_view(session: Session, actor: Actor, page: str) -> SavedView | None:
    """Read the view that a page opens with for the actor; None when they chose none, or may not see it any more."""
    return next((view for view in list_views(session, actor, page=page) if view.is_default), None)


def pin_view(session: Session, actor: Actor, view_id: str, *, position: int | None = None) -> SavedView:
    """Pin a view at a place among the actor's pins, counted from 1; by default the last."""
    view = _need(session, actor, view_id)
    others = [pin.view_id for pin in rows.pins(session, actor.ref) if pin.view_id != view_id]
    place = len(others) + 1 if position is None else max(1, min(position, len(others) + 1))
    use = rows.use_of(session, actor.ref, view_id)
    is_default = use is not None and use.is_default
    rows.put_use(session, person=actor.ref, view_id=view_id, page=view.page, position=place, is_default=is_default)
    rows.number_pins(session, actor.ref, [*others[: place - 1], view_id, *others[place - 1 :]])
    return _told(session, actor, view)


def unpin_view(session: Session, actor: Actor, view_id: str) -> SavedView:
    """Take a view out of the actor's pins."""
    view = _need(session, actor, view_id)
    use = rows.use_of(session, actor.ref, view_id)
    is_default = use is not None and use.is_default
    rows.put_use(session, person=actor.ref, view_id=view_id, page=view.page, position=None, is_default=is_default)
    rows.number_pins(session, actor.ref, [pin.view_id for pin in rows.pins(session, actor.ref)])
    return _told(session, actor, view)


def set_default_view(session: Session, actor: Actor, view_id: str, *, is_default: bool = True) -> SavedView:
    """Let a page open with this view for the actor, or no longer."""
    view = _need(session, actor, view_id)
    use = rows.use_of(session, actor.ref, view_id)
    position = use.position if use else None
    if is_default:
        rows.clear_default(session, actor.ref, view.page)
    rows.put_use(session, person=actor.ref, view_id=view_id, page=view.page, position=position, is_default=is_default)
    return _told(session, actor, view)


def _check(
    session: Session, *, name: str, page: str, query: str, sharing: Sharing, department: str | None
) -> str | None:
    faults = page_faults(page) + query_faults(query)
    if sharing == "department" and department is None:
        faults.append(Fault(rule="view.department", column="department", message="department is not named"))
    check({"name": (name, MAX_LINE)}, faults)
    if sharing != "department":
        return None
    return identity.get_department(session, str(department)).slug


def _taken(name: str, page: str) -> ViewTaken:
    return ViewTaken(f"you have a view {name!r} of {page} already", hint="choose another name, or change the one there")


def _departments(session: Session, actor: Actor) -> set[str] | None:
    """The departments an actor belongs to: where they hold a role, and all above and below; None means all."""
    if any(grant.department in (None, identity.ROOT) for grant in actor.roles):
        return None
    parents = {one.slug: one.parent for one in identity.list_departments(session)}
    held = {grant.department for grant in actor.roles if grant.department}
    return {slug for slug in parents if held & _line(slug, parents)} | {
        up for one in held for up in _line(one, parents)
    }


def _line(slug: str, parents: dict[str, str | None]) -> set[str]:
    line: set[str] = set()
    at: str | None = slug
    while at is not None and at not in line:
        line.add(at)
        at = parents.get(at)
    return line


def _may_see(session: Session, actor: Actor, view: ViewRow) -> bool:
    if view.owner == actor.ref or view.sharing == "everybody":
        return True
    departments = _departments(session, actor)
    return view.sharing == "department" and (departments is None or view.department in departments)


def _need(session: Session, actor: Actor, view_id: str, *, lock: bool = False) -> ViewRow:
    view = rows.get_view(session, view_id, lock=lock)
    if view is None or not _may_see(session, actor, view):
        raise ViewNotFound(f"there is no view {view_id}, or it is not shared with you")
    return view


def _need_own(session: Session, actor: Actor, view_id: str) -> ViewRow:
    view = _need(session, actor, view_id, lock=True)
    if view.owner != actor.ref:
        raise NotYourView(
            "only the owner of a view may change it",
            hint="save one of your own: headway view save",
            values={"rule": "collaboration.own_view", "view": view_id},
        )
    return view


def _sharing(view: ViewRow) -> Sharing:
    known: dict[str, Sharing] = {"nobody": "nobody", "department": "department", "everybody": "everybody"}
    return known[view.sharing]


def _record(session: Session, actor: Actor, type_: str, view: ViewRow) -> None:
    payload = {
        "view": view.id,
        "name": view.name,
        "page": view.page,
        "query": view.query,
        "sharing": view.sharing,
        "department": view.department,
    }
    ledger.record(session, actor=actor, type=type_, subject=Ref("view", view.id), payload=payload, personal=True)


def _told(session: Session, actor: Actor, view: ViewRow) -> SavedView:
    name = identity.names_of(session, {view.owner})[view.owner]
    return _entity(view, rows.use_of(session, actor.ref, view.id), actor, name)


def _entity(view: ViewRow, use: ViewUseRow | None, actor: Actor, owner_name: str) -> SavedView:
    return SavedView(
        id=view.id,
        name=view.name,
        page=view.page,
        query=view.query,
        owner=view.owner,
        owner_name=owner_name,
        sharing=_sharing(view),
        department=view.department,
        is_mine=view.owner == actor.ref,
        is_pinned=use is not None and use.position is not None,
        position=use.position if use else None,
        is_default=use is not None and use.is_default,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )
