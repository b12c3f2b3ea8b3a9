"""Lists of the dossiers that were made."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.dossiers import store
from headway.dossiers.entities import Dossier, DossierKind
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page


def list_dossiers(
    session: Session,
    *,
    usecase: str | None = None,
    kind: DossierKind | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Dossier]:
    """Read dossiers, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_dossiers(
        session, usecase=usecase, kind=kind.value if kind else None, limit=limit + 1, before=cursor
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def find_dossiers(session: Session, asked: ListQuery) -> Found[Dossier]:
    """Search, filter, sort and leaf through dossiers; raises BadListing."""
    return store.find_dossiers(session, asked)
