"""All SQL on the table of dossiers."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from headway.dossiers.entities import Dossier, DossierFile, DossierKind, DossierState
from headway.dossiers.errors import UnknownDossier
from headway.dossiers.tables import DossierRow
from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery


def dossier_of(row: DossierRow) -> Dossier:
    """Make the entity of a row."""
    return Dossier(
        id=row.id,
        kind=DossierKind(row.kind),
        title=row.title,
        usecase=row.usecase,
        quarter=row.quarter,
        department=row.department,
        state=DossierState(row.state),
        job=row.job,
        files=tuple(msgspec.convert(one, DossierFile) for one in row.files),
        requirements=row.requirements,
        gaps=row.gaps,
        is_due=row.is_due,
        digest=row.digest,
        content_digest=row.content_digest,
        packs=row.packs,
        error=row.error,
        made_by=row.made_by,
        started_at=row.started_at,
        made_at=row.made_at,
    )


def need_row(session: Session, dossier_id: str, *, lock: bool = False) -> DossierRow:
    """A dossier's row; raises UnknownDossier."""
    query = select(DossierRow).where(DossierRow.id == dossier_id)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise UnknownDossier(f"no dossier {dossier_id!r}", hint="'headway dossier list' names them")
    return row


def add(session: Session, row: DossierRow) -> None:
    """Note a row."""
    session.add(row)
    session.flush()


def newest(session: Session, usecase: str | None) -> Mapping[DossierKind, Dossier]:
    """The newest made dossier of each kind about a use case, or about the organisation."""
    about = DossierRow.usecase.is_(None) if usecase is None else DossierRow.usecase == usecase
    query = select(DossierRow).where(about, DossierRow.state == "made").order_by(DossierRow.kind, DossierRow.id.desc())
    rows = session.scalars(query.ext(distinct_on(DossierRow.kind)))
    return {DossierKind(row.kind): dossier_of(row) for row in rows}


def running(session: Session) -> list[DossierRow]:
    """The dossiers whose making has not ended, oldest first."""
    return list(session.scalars(select(DossierRow).where(DossierRow.state == "running").order_by(DossierRow.id)))


_DOSSIERS = Listing(
    columns={
        "id": Column(of=DossierRow.id, is_searched=True),
        "kind": Column(of=DossierRow.kind, filter="exact", choices=tuple(DossierKind)),
        "usecase": Column(of=DossierRow.usecase, is_searched=True, filter="exact"),
        "quarter": Column(of=DossierRow.quarter, is_searched=True, filter="exact"),
        "department": Column(of=DossierRow.department, filter="exact"),
        "state": Column(of=DossierRow.state, filter="exact", choices=tuple(DossierState)),
        "gaps": Column(of=DossierRow.gaps, filter="numbers"),
        "made_by": Column(of=DossierRow.made_by, filter="exact"),
        "started_at": Column(of=DossierRow.started_at, filter="dates"),
    },
    key=(DossierRow.id,),
    sort="id",
    descending=True,
    department=DossierRow.department,
)


def find_dossiers(session: Session, asked: ListQuery) -> Found[Dossier]:
    """The dossiers asked for, the newest first unless another order is wanted."""
    found = listing.find(session, select(DossierRow), _DOSSIERS, asked)
    return listing.found_as(found, (dossier_of(row[0]) for row in found.items))


def list_dossiers(
    session: Session, *, usecase: str | None, kind: str | None, limit: int, before: str | None
) -> list[Dossier]:
    """Dossiers, newest first."""
    query = select(DossierRow).order_by(DossierRow.id.desc()).limit(limit)
    if usecase:
        query = query.where(DossierRow.usecase == usecase)
    if kind:
        query = query.where(DossierRow.kind == kind)
    if before:
        query = query.where(DossierRow.id < before)
    return [dossier_of(row) for row in session.scalars(query)]
