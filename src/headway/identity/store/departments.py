"""Rows of departments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import Department
from headway.identity.importing import OwnDepartment
from headway.identity.tables import DepartmentRow


def add_department(session: Session, *, slug: str, name: str, parent: str, region: str | None, at: datetime) -> bool:
    """Write a department; False when the slug is taken."""
    row = {"slug": slug, "name": name, "parent": parent, "region": region, "created_at": at}
    made = insert(DepartmentRow).values(row).on_conflict_do_nothing().returning(DepartmentRow.slug)
    return session.scalar(made) is not None


def update_department(session: Session, slug: str, *, name: str | None, region: str | None) -> None:
    """Change name and region; what is None stays."""
    said = {key: value for key, value in (("name", name), ("region", region)) if value}
    if said:
        session.execute(update(DepartmentRow).where(DepartmentRow.slug == slug).values(said))


def departments(session: Session) -> dict[str, Department]:
    """Read all departments by slug; a region is the nearest one upwards."""
    rows = {row.slug: row for row in session.scalars(select(DepartmentRow).order_by(DepartmentRow.slug))}

    def region(slug: str | None) -> str | None:
        while slug is not None:
            if rows[slug].region is not None:
                return rows[slug].region
            slug = rows[slug].parent
        return None

    return {
        row.slug: Department(slug=row.slug, name=row.name, parent=row.parent, region=region(row.slug))
        for row in rows.values()
    }


def own_departments(session: Session) -> list[OwnDepartment]:
    """Read all departments with their own regions, by slug."""
    return [
        OwnDepartment(slug=row.slug, name=row.name, parent=row.parent, region=row.region)
        for row in session.scalars(select(DepartmentRow).order_by(DepartmentRow.slug))
    ]


def parents(session: Session) -> dict[str, str | None]:
    """Read the tree: the parent of each department."""
    rows = session.execute(select(DepartmentRow.slug, DepartmentRow.parent)).all()
    return {row.slug: row.parent for row in rows}
