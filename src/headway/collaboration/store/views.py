"""SQL on saved views and what they are to each person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.collaboration.tables import ViewRow, ViewUseRow


def add_view(session: Session, values: Mapping[str, object]) -> bool:
    """Write a view; False when its owner has one of this name on the page."""
    made = insert(ViewRow).values(dict(values)).on_conflict_do_nothing(constraint="uq_views_owner")
    return session.scalar(made.returning(ViewRow.id)) is not None


def get_view(session: Session, view_id: str, *, lock: bool = False) -> ViewRow | None:
    """Read one view."""
    return session.get(ViewRow, view_id, with_for_update=lock, populate_existing=True)


def has_other(session: Session, *, owner: str, page: str, name: str, view_id: str) -> bool:
    """Tell whether an owner has another view of this name on a page."""
    query = select(func.count()).where(
        ViewRow.owner == owner, ViewRow.page == page, ViewRow.name == name, ViewRow.id != view_id
    )
    return bool(session.scalar(query))


def remove_view(session: Session, view_id: str) -> None:
    """Remove a view and everybody's pins of it."""
    session.execute(delete(ViewRow).where(ViewRow.id == view_id))


def views(
    session: Session, *, person: str, departments: Collection[str] | None, page: str | None
) -> list[tuple[ViewRow, ViewUseRow | None]]:
    """Read the views that a person may see: own ones and those shared. ``departments`` None means all departments."""
    within = ViewRow.sharing == "department"
    if departments is not None:
        within = and_(within, ViewRow.department.in_(departments))
    query = (
        select(ViewRow, ViewUseRow)
        .outerjoin(ViewUseRow, and_(ViewUseRow.view_id == ViewRow.id, ViewUseRow.person == person))
        .where(or_(ViewRow.owner == person, ViewRow.sharing == "everybody", within))
        .order_by(ViewUseRow.position.asc().nulls_last(), func.lower(ViewRow.name), ViewRow.id)
    )
    if page is not None:
        query = query.where(ViewRow.page == page)
    return [(row[0], row[1]) for row in session.execute(query)]


def use_of(session: Session, person: str, view_id: str) -> ViewUseRow | None:
    """Read what a view is to a person."""
    return session.get(ViewUseRow, (person, view_id), populate_existing=True)


def put_use(session: Session, *, person: str, view_id: str, page: str, position: int | None, is_default: bool) -> None:
    """Write what a view is to a person; nothing stays when it is neither pinned nor default."""
    if position is None and not is_default:
        session.execute(delete(ViewUseRow).where(ViewUseRow.person == person, ViewUseRow.view_id == view_id))
        return
    values = {"position": position, "is_default": is_default}
    made = insert(ViewUseRow).values(person=person, view_id=view_id, page=page, **values)
    session.execute(made.on_conflict_do_update(index_elements=["person", "view_id"], set_=values))


def clear_default(session: Session, person: str, page: str) -> None:
    """Let no view be a person's default of a page."""
    mine = (ViewUseRow.person == person, ViewUseRow.page == page)
    session.execute(delete(ViewUseRow).where(*mine, ViewUseRow.is_default, ViewUseRow.position.is_(None)))
    session.execute(update(ViewUseRow).where(*mine, ViewUseRow.is_default).values(is_default=False))


def pins(session: Session, person: str) -> list[ViewUseRow]:
    """Read a person's pins in their order."""
    query = select(ViewUseRow).where(ViewUseRow.person == person, ViewUseRow.position.is_not(None))
    return list(session.scalars(query.order_by(ViewUseRow.position, ViewUseRow.view_id).with_for_update()))


def number_pins(session: Session, person: str, view_ids: Sequence[str]) -> None:
    """Give pins their places, counted from 1."""
    for place, view_id in enumerate(view_ids, start=1):
        mine = (ViewUseRow.person == person, ViewUseRow.view_id == view_id)
        session.execute(update(ViewUseRow).where(*mine).values(position=place))


def forget_others(session: Session, view_id: str, keep: str) -> None:
    """Take a view that is no longer shared out of the pins and defaults of everybody but its owner."""
    session.execute(delete(ViewUseRow).where(ViewUseRow.view_id == view_id, ViewUseRow.person != keep))
