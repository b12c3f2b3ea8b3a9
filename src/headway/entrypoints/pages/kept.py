"""What somebody had filled in when their session had ended: kept for them, sent again once they are back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from headway.kernel import clock
from headway.kernel.ids import new_id
from headway.kernel.tables import KeptFormRow

if TYPE_CHECKING:
    from headway.kernel.web import Parts

KEPT = timedelta(days=1)
LARGEST = 1_000_000
MOST = 20


def keep(request: Request, here: Parts, form: FormData, *, owner: object) -> str:
    """Keep the texts of a form whose session has ended, when it is known whose it was.

    Args: owner: the person whose session it was; None when nobody knows.
    Returns: where to go after signing in: the page asked for, or the kept form.
    """
    from headway.entrypoints.pages.viewer import plain_form

    if request.method in ("GET", "HEAD"):
        return asked(request)
    fields = plain_form(form)
    size = sum(len(value) for values in fields.values() for value in values)
    if not isinstance(owner, str) or not fields or size > LARGEST:
        return came_from(request)
    with here.database.session() as session:
        return f"/resume/{_write(session, owner, request.url.path, came_from(request), fields)}"


def take(session: Session, owner: str, form_id: str) -> KeptFormRow | None:
    """Read a kept form of one's own; None when there is none or it was kept too long ago."""
    row = session.get(KeptFormRow, form_id)
    return row if row is not None and row.owner == owner and row.created_at > clock.now() - KEPT else None


def forget(session: Session, owner: str, form_id: str) -> None:
    """Forget a kept form."""
    session.execute(delete(KeptFormRow).where(KeptFormRow.id == form_id, KeptFormRow.owner == owner))


def asked(request: Request) -> str:
    """The page that was asked for; for a part of a page, the page it belongs to."""
    if request.headers.get("hx-request") == "true":
        return came_from(request)
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def came_from(request: Request) -> str:
    """The page that a request was sent from, when it is one of ours; else the home page."""
    address = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
    if address.netloc != request.headers.get("host"):
        return "/"
    return address.path + (f"?{address.query}" if address.query else "")


def _write(session: Session, owner: str, path: str, back: str, fields: object) -> str:
    now = clock.now()
    session.execute(delete(KeptFormRow).where(KeptFormRow.created_at < now - KEPT))
    older = select(KeptFormRow.id).where(KeptFormRow.owner == owner).order_by(KeptFormRow.id.desc()).offset(MOST - 1)
    session.execute(delete(KeptFormRow).where(KeptFormRow.id.in_(older)))
    row = KeptFormRow(id=new_id("frm"), owner=owner, path=path, back=back, fields=fields, created_at=now)
    session.add(row)
    session.flush()
    return row.id
