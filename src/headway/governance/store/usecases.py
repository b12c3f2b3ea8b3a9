"""The inventory of use cases: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

from sqlalchemy import Select, func, select, text, true
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session

from headway.governance import derived, inventory
from headway.governance.entities import (
    DerivedFact,
    FactValue,
    SystemKind,
    SystemSummary,
    Tier,
    UseCase,
)
from headway.governance.tables import (
    SystemRow,
    TierDecisionRow,
    TierExceptionRow,
    UseCaseRow,
    UseCaseSystemRow,
)
from headway.kernel import clock

USE_CASE_FIELDS = (
    "title",
    "department",
    "solution",
    "purpose",
    "owner",
    "sponsor",
    "success_measure",
    "people_affected",
)


def add_usecase(session: Session, values: Mapping[str, object]) -> bool:
    """Write a use case; False when the name is taken."""
    said = cast("Mapping[str, str | None]", values)
    kept = {**values, "digest": inventory.material_digest(said, cast("Mapping[str, FactValue]", values["risk"]))}
    statement = insert(UseCaseRow).values(**kept).on_conflict_do_nothing().returning(UseCaseRow.slug)
    return session.scalar(statement) is not None


def lock_usecase(session: Session, slug: str) -> None:
    """Make others that would change this use case wait."""
    session.execute(select(UseCaseRow.slug).where(UseCaseRow.slug == slug).with_for_update())


def hold_usecase(session: Session, slug: str) -> None:
    """Make others that would change this use case wait; others that only hold it do not."""
    session.execute(select(UseCaseRow.slug).where(UseCaseRow.slug == slug).with_for_update(read=True))


def change_usecase(session: Session, slug: str, values: Mapping[str, object]) -> None:
    """Write changed fields of a use case."""
    row = session.get_one(UseCaseRow, slug)
    for name, value in values.items():
        setattr(row, name, value)
    mark = session.scalar(select(EXCEPTED).where(UseCaseRow.slug == slug))
    row.digest = _digest(row, _known(row, systems_of(session, slug), mark))
    session.flush()


def systems_of(session: Session, slug: str) -> tuple[SystemSummary, ...]:
    """Read the systems that serve a use case, by name."""
    return _summaries(session.scalar(select(SYSTEMS).where(UseCaseRow.slug == slug)) or ())


def get_usecase(session: Session, slug: str) -> UseCase | None:
    """Read a use case with the tier that counts."""
    row = session.execute(usecases().where(UseCaseRow.slug == slug)).one_or_none()
    return usecase_of(*row) if row else None


def list_usecases(session: Session, *, department: str | None, after: str | None, limit: int) -> list[UseCase]:
    """Read use cases by name, those after ``after``."""
    query = usecases().order_by(UseCaseRow.slug).limit(limit)
    if department is not None:
        query = query.where(UseCaseRow.department == department)
    if after is not None:
        query = query.where(UseCaseRow.slug > after)
    return [usecase_of(*row) for row in session.execute(query)]


def every_usecase(session: Session, only: Collection[str] | None = None) -> list[UseCase]:
    """Read the whole inventory with tiers, or some of it by name."""
    query = usecases().order_by(UseCaseRow.slug)
    if only is not None:
        query = query.where(UseCaseRow.slug.in_(sorted(only)))
    return [usecase_of(*row, trusted=True) for row in session.execute(query)]


def lock_inventory(session: Session) -> None:
    """Let nobody else write a use case until this transaction ends; reading goes on."""
    session.execute(text("lock table governance.usecases in share row exclusive mode"))


def usecase_names(session: Session, department: str) -> list[str]:
    """Read the names of a department's use cases."""
    return list(session.scalars(select(UseCaseRow.slug).where(UseCaseRow.department == department)))


def usecase_departments(session: Session) -> dict[str, str]:
    """Read the department of every use case, by its name."""
    rows = session.execute(select(UseCaseRow.slug, UseCaseRow.department)).all()
    return {row.slug: row.department for row in rows}


def usecase_titles(session: Session, slugs: Collection[str]) -> dict[str, str]:
    """Read the titles of some use cases, by their names."""
    rows = session.execute(select(UseCaseRow.slug, UseCaseRow.title).where(UseCaseRow.slug.in_(slugs))).all()
    return {row.slug: row.title for row in rows}


def retired_usecases(session: Session) -> list[str]:
    """Read the names of the use cases that are retired."""
    return list(session.scalars(select(UseCaseRow.slug).where(UseCaseRow.retired_at.is_not(None))))


NEWEST = (
    select(TierDecisionRow.tier, TierDecisionRow.usecase_digest, TierDecisionRow.facts_needed)
    .where(TierDecisionRow.usecase == UseCaseRow.slug)
    .order_by(TierDecisionRow.id.desc())
    .limit(1)
    .lateral("newest")
)
"""The newest tier decision of a use case, without the trace of its rules."""


SYSTEMS = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(SystemRow.slug, SystemRow.title, SystemRow.kind, SystemRow.vendor),
                SystemRow.slug,
            )
        )
    )
    .join(UseCaseSystemRow, UseCaseSystemRow.system == SystemRow.slug)
    .where(UseCaseSystemRow.usecase == UseCaseRow.slug)
    .correlate(UseCaseRow)
    .scalar_subquery()
)
"""The systems that serve a use case: name, title, kind and vendor of each, by name; null when there are none."""
EXCEPTED = (
    select(
        func.jsonb_build_array(
            TierExceptionRow.id,
            TierExceptionRow.basis,
            func.extract("epoch", func.coalesce(TierExceptionRow.ended_at, TierExceptionRow.ends_at)),
        )
    )
    .where(TierExceptionRow.usecase == UseCaseRow.slug, TierExceptionRow.ends_at.is_not(None))
    .order_by(TierExceptionRow.id.desc())
    .limit(1)
    .correlate(UseCaseRow)
    .scalar_subquery()
)
"""The newest exception that was accepted: its id, what it was assessed for, and until when it counts, in seconds."""
Named = list[list[str | None]]
Mark = list[object]


def usecases() -> Select[UseCaseRow, Named | None, Mark | None, str | None, str | None, list[str] | None]:
    """Select use cases beside their systems, exception and what their newest tier decision says; rows for ``usecase_of``."""
    decided = (NEWEST.c.tier, NEWEST.c.usecase_digest, NEWEST.c.facts_needed)
    query = select(UseCaseRow, SYSTEMS.label("systems"), EXCEPTED.label("excepted"), *decided).outerjoin(NEWEST, true())
    return query.execution_options(populate_existing=True)


def usecase_of(
    row: UseCaseRow,
    named: Named | None,
    mark: Mark | None,
    *decision: str | list[str] | None,
    trusted: bool = False,
) -> UseCase:
    """Make the entity of a row; a decision about another state of the use case does not count.

    Args: decision: tier, digest of the use case and facts needed of the newest one.
    trusted: take the digest as kept. Lists do; what a gate looks at is hashed anew.
    """
    decided, decided_of, needed = cast("tuple[str | None, str | None, list[str] | None]", decision)
    said: dict[str, str | None] = {name: getattr(row, name) for name in USE_CASE_FIELDS}
    systems = _summaries(named or ())
    known = _known(row, systems, mark)
    current = row.digest if trusted else _digest(row, known)
    counts = decided_of == current
    tier = Tier(decided) if decided is not None and counts else Tier.undecided
    return UseCase(
        slug=row.slug,
        title=row.title,
        department=row.department,
        solution=row.solution,
        purpose=row.purpose,
        owner=row.owner,
        sponsor=row.sponsor,
        success_measure=row.success_measure,
        people_affected=row.people_affected,
        risk=cast("Mapping[str, FactValue]", dict(row.risk)),
        derived=known,
        systems=systems,
        digest=current,
        tier=tier,
        missing=inventory.missing(said, tier, needed or () if counts else ()),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
        retired_by=row.retired_by,
        retired_because=row.retired_because,
    )


def exception_basis(row: UseCaseRow, systems: Sequence[SystemSummary]) -> str:
    """Hash what an exception is assessed for: all that a tier depends on but the exception itself."""
    said: dict[str, str | None] = {name: getattr(row, name) for name in inventory.MATERIAL}
    risk = {name: value for name, value in row.risk.items() if name != derived.EXCEPTED}
    return inventory.material_digest(
        said, cast("Mapping[str, FactValue]", risk), derived.derive(row.department, systems)
    )


def _known(row: UseCaseRow, systems: Sequence[SystemSummary], mark: Mark | None) -> tuple[DerivedFact, ...]:
    if mark is None:
        return derived.derive(row.department, systems)
    name, basis, until = mark
    counts = basis == exception_basis(row, systems) and clock.now().timestamp() < float(str(until))
    return derived.derive(row.department, systems, (str(name), counts))


def _digest(row: UseCaseRow, known: Sequence[DerivedFact]) -> str:
    said: dict[str, str | None] = {name: getattr(row, name) for name in inventory.MATERIAL}
    return inventory.material_digest(said, cast("Mapping[str, FactValue]", row.risk), known)


def _summaries(named: Iterable[Sequence[str | None]]) -> tuple[SystemSummary, ...]:
    return tuple(
        SystemSummary(slug=str(slug), title=str(title), kind=SystemKind(str(kind)), vendor=vendor)
        for slug, title, kind, vendor in named
    )
