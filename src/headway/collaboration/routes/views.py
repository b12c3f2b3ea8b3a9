"""Saved views over HTTP: everybody keeps their own and uses those shared with them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from headway.collaboration import service
from headway.collaboration.entities import SavedView, Sharing
from headway.collaboration.paths import MAX_PAGE, MAX_QUERY
from headway.collaboration.prose import MAX_LINE
from headway.kernel.auth import Actor, Resource
from headway.kernel.paging import Page
from headway.kernel.web import CurrentActor, Permit, Tx

router = APIRouter(prefix="/views", tags=["views"])

Name = Annotated[str, Field(min_length=1, max_length=MAX_LINE)]
Query = Annotated[str, Field(max_length=MAX_QUERY)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewView(_Body):
    """The address of a list: the path of its page and its query string."""

    name: Name
    page: str = Field(min_length=1, max_length=MAX_PAGE)
    query: Query = ""
    sharing: Sharing = "nobody"
    department: str | None = None


class ViewChange(_Body):
    """What to change; left out stays."""

    name: Name | None = None
    query: Query | None = None
    sharing: Sharing | None = None
    department: str | None = None


class ViewUse(_Body):
    """What a view is to you: pinned, at which place among your pins, the default of its page. Left out stays."""

    pinned: bool | None = None
    position: int | None = Field(default=None, ge=1)
    default: bool | None = None


class Removed(BaseModel):
    """What was removed."""

    id: str


def _own(actor: Actor, view_id: str = "mine") -> Resource:
    return Resource(kind="view", id=view_id, attributes={"owner": actor.ref})


@router.get("")
def list_views(tx: Tx, actor: CurrentActor, permit: Permit, page: str | None = None) -> Page[SavedView]:
    """List your views and those shared with you, pinned ones first; of one page or of all."""
    permit("view:read", _own(actor))
    return Page(items=service.list_views(tx, actor, page=page), next=None)


@router.post("", status_code=status.HTTP_201_CREATED)
def save_view(body: NewView, tx: Tx, actor: CurrentActor, permit: Permit) -> SavedView:
    """Save a view."""
    permit("view:save", _own(actor))
    return service.save_view(
        tx,
        actor,
        name=body.name,
        page=body.page,
        query=body.query,
        sharing=body.sharing,
        department=body.department,
    )


@router.get("/{view_id}")
def show_view(view_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> SavedView:
    """Show a view that is yours or shared with you."""
    permit("view:read", _own(actor, view_id))
    return service.get_view(tx, actor, view_id)


@router.patch("/{view_id}")
def change_view(view_id: str, body: ViewChange, tx: Tx, actor: CurrentActor, permit: Permit) -> SavedView:
    """Change a view of yours."""
    permit("view:save", _own(actor, view_id))
    return service.change_view(
        tx,
        actor,
        view_id,
        name=body.name,
        query=body.query,
        sharing=body.sharing,
        department=body.department,
    )


@router.delete("/{view_id}")
def remove_view(view_id: str, tx: Tx, actor: CurrentActor, permit: Permit) -> Removed:
    """Remove a view of yours."""
    permit("view:save", _own(actor, view_id))
    service.remove_view(tx, actor, view_id)
    return Removed(id=view_id)


@router.put("/{view_id}/use")
def use_view(view_id: str, body: ViewUse, tx: Tx, actor: CurrentActor, permit: Permit) -> SavedView:
    """Pin a view or let its page open with it, for you alone."""
    permit("view:read", _own(actor, view_id))
    found = service.get_view(tx, actor, view_id)
    if body.pinned or (body.pinned is None and body.position is not None):
        found = service.pin_view(tx, actor, view_id, position=body.position)
    elif body.pinned is False:
        found = service.unpin_view(tx, actor, view_id)
    if body.default is not None:
        found = service.set_default_view(tx, actor, view_id, is_default=body.default)
    return found
