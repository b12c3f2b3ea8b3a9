"""Programmes with the departments they name, and all that was ever drafted and signed for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from headway.governance.mandates import standing
from headway.governance.mandates.entities import Mandate, MandateState, Programme
from headway.governance.mandates.tables import MandateRow, ProgrammeDepartmentRow, ProgrammeRow

Notice = Literal["ending", "lapsed"]


def has_programmes(session: Session) -> bool:
    """Tell whether there is any programme."""
    return bool(session.scalar(select(exists(select(ProgrammeRow.slug)))))


def add_programme(session: Session, values: Mapping[str, object]) -> bool:
    """Write a programme; False when the name is taken."""
    query = upsert(ProgrammeRow).values(**values).on_conflict_do_nothing().returning(ProgrammeRow.slug)
    return session.scalar(query) is not None


def change_programme(session: Session, slug: str, values: Mapping[str, object]) -> None:
    """Write other values of a programme."""
    session.execute(update(ProgrammeRow).where(ProgrammeRow.slug == slug).values(**values))


def lock_programme(session: Session, slug: str) -> None:
    """Make others that would change a programme or its mandates wait."""
    session.execute(select(ProgrammeRow.slug).where(ProgrammeRow.slug == slug).with_for_update())


def set_departments(session: Session, slug: str, departments: Collection[str]) -> list[str]:
    """Write which departments a programme names; returns those that another one names, and then nothing is changed."""
    row = ProgrammeDepartmentRow
    taken = select(row.department).where(row.department.in_(sorted(departments)), row.programme != slug)
    if others := list(session.scalars(taken.order_by(row.department))):
        return others
    session.execute(delete(row).where(row.programme == slug))
    if departments:
        session.execute(insert(row), [{"department": one, "programme": slug} for one in sorted(departments)])
    return []


def programmes(session: Session, day: date, slug: str | None = None) -> tuple[Programme, ...]:
    """Read every programme, or one, as it stands on a day, by name."""
    query = select(ProgrammeRow).order_by(ProgrammeRow.slug)
    rows = list(session.scalars(query if slug is None else query.where(ProgrammeRow.slug == slug)))
    if not rows:
        return ()
    names = [row.slug for row in rows]
    places: defaultdict[str, list[str]] = defaultdict(list)
    named = select(ProgrammeDepartmentRow).where(ProgrammeDepartmentRow.programme.in_(names))
    for row in session.scalars(named.order_by(ProgrammeDepartmentRow.department)):
        places[row.programme].append(row.department)
    given: defaultdict[str, list[Mandate]] = defaultdict(list)
    for mandate in mandates_of(session, day, names):
        given[mandate.programme].append(mandate)
    return tuple(standing.settled(_programme(row, tuple(places[row.slug])), given[row.slug], day) for row in rows)


def mandates_of(session: Session, day: date, names: Collection[str]) -> tuple[Mandate, ...]:
    """Read all mandates of some programmes as they stand on a day, oldest first."""
    query = select(MandateRow).where(MandateRow.programme.in_(sorted(names))).order_by(MandateRow.id)
    return tuple(_mandate(row, day) for row in session.scalars(query.execution_options(populate_existing=True)))


def get_mandate(session: Session, mandate_id: str, day: date, *, lock: bool = False) -> Mandate | None:
    """Read a mandate as it stands on a day; ``lock`` makes others that would answer it wait."""
    row = session.get(MandateRow, mandate_id, with_for_update=lock or None, populate_existing=True)
    return _mandate(row, day) if row else None


def add_mandate(session: Session, mandate: Mandate) -> bool:
    """Write a draft; False when the programme has one that waits."""
    values = {name: getattr(mandate, name) for name in Mandate.__dataclass_fields__ if name != "state"}
    values["departments"] = list(mandate.departments)
    query = upsert(MandateRow).values(**values).on_conflict_do_nothing().returning(MandateRow.id)
    return session.scalar(query) is not None


def change_mandate(session: Session, mandate_id: str, values: Mapping[str, object]) -> None:
    """Write a signature or a withdrawal."""
    session.execute(update(MandateRow).where(MandateRow.id == mandate_id).values(**values))


def envelope_of(session: Session, mandate_id: str) -> bytes | None:
    """Read the signed envelope of a mandate."""
    return session.scalar(select(MandateRow.envelope).where(MandateRow.id == mandate_id))


def due_mandates(session: Session, day: date) -> list[tuple[Mandate, Notice]]:
    """Read the signed mandates that end soon or ended, and of which nobody was told so yet."""
    row, soon = MandateRow, day + standing.SOON
    kept = select(row).where(row.signed_at.is_not(None), row.withdrawn_at.is_(None), row.valid_from <= day)
    ending = kept.where(row.valid_until.between(day, soon), row.told_ending_at.is_(None)).order_by(row.id)
    lapsed = kept.where(row.valid_until < day, row.told_lapsed_at.is_(None)).order_by(row.id)
    found: list[tuple[Mandate, Notice]] = [(_mandate(one, day), "ending") for one in session.scalars(ending)]
    return found + [(_mandate(one, day), "lapsed") for one in session.scalars(lapsed)]


def mark_told(session: Session, mandate_id: str, notice: Notice, at: datetime) -> bool:
    """Note that people were told; False when somebody else did so meanwhile."""
    column = MandateRow.told_ending_at if notice == "ending" else MandateRow.told_lapsed_at
    query = update(MandateRow).where(MandateRow.id == mandate_id, column.is_(None)).values({column: at})
    return session.scalar(query.returning(MandateRow.id)) is not None


def _programme(row: ProgrammeRow, departments: tuple[str, ...]) -> Programme:
    return Programme(
        slug=row.slug,
        title=row.title,
        sponsor=row.sponsor,
        departments=departments,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        state=MandateState.none,
        mandate=None,
        draft=None,
        ends_on=None,
        closed=None,
    )


def _mandate(row: MandateRow, day: date) -> Mandate:
    told = {name: getattr(row, name) for name in Mandate.__dataclass_fields__ if name not in ("state", "departments")}
    made = Mandate(**told, departments=tuple(row.departments), state=MandateState.drafted)
    return replace(made, state=standing.state_of(made, day))
