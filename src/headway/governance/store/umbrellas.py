"""Umbrellas and who registered under them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.governance.entities import UseCase
from headway.governance.intake import Registration, Umbrella, UmbrellaState, UmbrellaTier, umbrella_state
from headway.governance.store.usecases import every_usecase
from headway.governance.tables import RegistrationRow, UmbrellaRow
from headway.kernel import clock


def umbrellas(session: Session, ids: Collection[str] | None = None, usecase: str | None = None) -> list[Umbrella]:
    """Read umbrellas with the state that they are in now, newest first."""
    query = select(UmbrellaRow).order_by(UmbrellaRow.id.desc()).execution_options(populate_existing=True)
    if ids is not None:
        query = query.where(UmbrellaRow.id.in_(sorted(ids)))
    if usecase is not None:
        query = query.where(UmbrellaRow.usecase == usecase)
    rows = list(session.scalars(query))
    if not rows:
        return []
    cases = {case.slug: case for case in every_usecase(session, {row.usecase for row in rows})}
    counts = _counts(session, [row.id for row in rows])
    return [_umbrella(row, cases[row.usecase], counts.get(row.id, 0)) for row in rows]


def umbrellas_in_force(session: Session) -> dict[str, Umbrella]:
    """Read the umbrellas under which people can register, by use case."""
    return {one.usecase: one for one in umbrellas(session) if one.state is UmbrellaState.in_force}


def _counts(session: Session, ids: Collection[str]) -> dict[str, int]:
    under = RegistrationRow.umbrella
    query = select(under, func.count()).where(under.in_(ids)).group_by(under)
    return {row[0]: row[1] for row in session.execute(query)}


def add_umbrella(session: Session, values: Mapping[str, object]) -> bool:
    """Write an umbrella that is asked for; False when its use case has one that has not ended."""
    statement = insert(UmbrellaRow).values(**values).on_conflict_do_nothing().returning(UmbrellaRow.id)
    return session.scalar(statement) is not None


def change_umbrella(session: Session, umbrella_id: str, values: Mapping[str, object]) -> None:
    """Write the approval or the end of an umbrella."""
    row = session.get_one(UmbrellaRow, umbrella_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def lock_umbrella(session: Session, umbrella_id: str) -> None:
    """Make others that would decide about this umbrella, or register under it, wait."""
    session.execute(select(UmbrellaRow.id).where(UmbrellaRow.id == umbrella_id).with_for_update())


def add_registration(session: Session, values: Mapping[str, object]) -> bool:
    """Write a registration; False when the same is there."""
    statement = insert(RegistrationRow).values(**values).on_conflict_do_nothing().returning(RegistrationRow.id)
    return session.scalar(statement) is not None


def registrations(session: Session, umbrella: Umbrella) -> list[Registration]:
    """Read who registered under an umbrella, oldest first."""
    query = select(RegistrationRow).where(RegistrationRow.umbrella == umbrella.id).order_by(RegistrationRow.id)
    return [
        Registration(
            id=row.id,
            umbrella=row.umbrella,
            department=row.department,
            person=row.person,
            what_for=row.what_for,
            registered_at=row.registered_at,
            is_lapsed=umbrella.state is not UmbrellaState.in_force,
        )
        for row in session.scalars(query)
    ]


def _umbrella(row: UmbrellaRow, case: UseCase, count: int) -> Umbrella:
    allowed = cast("UmbrellaTier", row.tier)
    return Umbrella(
        id=row.id,
        usecase=row.usecase,
        title=case.title,
        purpose=case.purpose,
        department=case.department,
        conditions=row.conditions,
        tier=allowed,
        tier_now=case.tier,
        state=umbrella_state(
            approved=row.approved_by is not None,
            ended=row.ended_at is not None or case.retired_at is not None,
            tier=case.tier,
            allowed=allowed,
            valid_until=row.valid_until,
            today=clock.now().date(),
        ),
        valid_until=row.valid_until,
        registrations=count,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        ended_because=row.ended_because,
    )
