"""The tree of departments over HTTP."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from headway.identity import service
from headway.identity.entities import ROOT, Department
from headway.identity.routes.fields import Created, Name
from headway.kernel.auth import Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx

department_router = APIRouter(prefix="/departments", tags=["departments"])


class NewDepartment(BaseModel):
    """A department to add."""

    slug: Name
    name: Name | None = None
    parent: str = ROOT
    region: Name | None = None


class DepartmentChange(BaseModel):
    """What to change; what is left out stays."""

    name: Name | None = None
    region: Name | None = None


@department_router.get("")
def list_departments(tx: Tx, _: CurrentActor) -> Page[Department]:
    """List the tree of departments, parents before children."""
    return Page(items=service.list_departments(tx), next=None)


@department_router.get("/{slug}")
def show_department(slug: str, tx: Tx, permit: Permit) -> Department:
    """Show one department."""
    permit("department:read", Resource(kind="department", id=slug, department=slug))
    return service.get_department(tx, slug)


@department_router.post("", status_code=Created)
def add_department(body: NewDepartment, tx: Tx, actor: CurrentActor, permit: Permit) -> Department:
    """Add a department below another."""
    permit("department:manage", Resource(kind="department", id=body.slug, department=body.parent))
    return service.add_department(tx, actor, slug=body.slug, name=body.name, parent=body.parent, region=body.region)


@department_router.patch("/{slug}")
def update_department(slug: str, body: DepartmentChange, tx: Tx, actor: CurrentActor, permit: Permit) -> Department:
    """Change a department's name or region."""
    permit("department:manage", Resource(kind="department", id=slug, department=slug))
    return service.update_department(tx, actor, slug, name=body.name, region=body.region)
