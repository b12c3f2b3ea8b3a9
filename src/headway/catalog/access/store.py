"""All SQL on requests, grants and uses: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, Literal, cast

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from headway.catalog.access import standing
from headway.catalog.access.entities import AccessState, DataAccess, DataUse, Policy, Way
from headway.catalog.access.tables import AccessRow, UseRow
from headway.catalog.tables import ProductRow
from headway.kernel.paging import Page

Notice = Literal["ending", "ended"]


def lock_asking(session: Session, product: str, grantee: str) -> None:
    """Let one transaction at a time ask for access of somebody to a product; held until the transaction ends."""
    key = f"access:{product}:{grantee}"
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def add_access(session: Session, made: DataAccess) -> None:
    """Write a request."""
    kept = set(AccessRow.__mapper__.columns.keys())
    values = {name: getattr(made, name) for name in DataAccess.__dataclass_fields__ if name in kept}
    session.add(AccessRow(**{**values, "policy": asdict(made.policy)}))
    session.flush()


def get_access(session: Session, access_id: str, day: date, *, lock: bool = False) -> DataAccess | None:
    """Read one as it stands on a day; ``lock`` makes others that would answer it wait."""
    row = session.get(AccessRow, access_id, with_for_update=lock or None, populate_existing=True)
    return _access(row, day) if row else None


def change_access(session: Session, access_id: str, values: Mapping[str, object]) -> None:
    """Write an answer or a withdrawal."""
    session.execute(update(AccessRow).where(AccessRow.id == access_id).values(**values))


def accesses(
    session: Session,
    day: date,
    *,
    product: str | None = None,
    involving: str | None = None,
    grantee: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page[DataAccess]:
    """Requests and grants, newest first: of a product, or which somebody asked for or holds."""
    asked = select(AccessRow).order_by(AccessRow.id.desc()).execution_options(populate_existing=True)
    if product is not None:
        asked = asked.where(AccessRow.product == product)
    if involving is not None:
        asked = asked.where((AccessRow.requested_by == involving) | (AccessRow.grantee == involving))
    if grantee is not None:
        asked = asked.where(AccessRow.grantee == grantee)
    if cursor is not None:
        asked = asked.where(AccessRow.id < cursor)
    rows = list(session.scalars(asked.limit(limit + 1) if limit is not None else asked))
    shown = tuple(_access(row, day) for row in rows[:limit])
    return Page(items=shown, next=shown[-1].id if limit is not None and len(rows) > limit else None)


def waiting(session: Session, day: date, products: Collection[str] | None = None) -> tuple[DataAccess, ...]:
    """Requests that nobody answered yet, oldest first; of some products or all."""
    row = AccessRow
    asked = select(row).where(row.is_approved.is_(None), row.withdrawn_at.is_(None), row.until >= day)
    if products is not None:
        asked = asked.where(row.product.in_(sorted(products)))
    return tuple(_access(one, day) for one in session.scalars(asked.order_by(row.id)))


def offers(
    session: Session, departments: Collection[str] | None, limit: int, cursor: str | None
) -> Page[tuple[str, str, str]]:
    """Slug, name and department of products in the order of their slugs; of some departments or all."""
    asked = select(ProductRow.slug, ProductRow.name, ProductRow.department).order_by(ProductRow.slug).limit(limit + 1)
    if departments is not None:
        asked = asked.where(ProductRow.department.in_(sorted(departments)))
    if cursor is not None:
        asked = asked.where(ProductRow.slug > cursor)
    rows = [(slug, name, department) for slug, name, department in session.execute(asked)]
    return Page(items=tuple(rows[:limit]), next=rows[limit - 1][0] if len(rows) > limit else None)


def due(session: Session, day: date) -> list[tuple[DataAccess, Notice]]:
    """Grants that end soon or ended, and of which nobody was told so yet."""
    row = AccessRow
    kept = select(row).where(row.is_approved.is_(True), row.withdrawn_at.is_(None)).order_by(row.id)
    ending = kept.where(row.until.between(day, day + standing.SOON), row.told_ending_at.is_(None))
    ended = kept.where(row.until < day, row.told_ended_at.is_(None))
    found: list[tuple[DataAccess, Notice]] = [(_access(one, day), "ending") for one in session.scalars(ending)]
    return found + [(_access(one, day), "ended") for one in session.scalars(ended)]


def mark_told(session: Session, access_id: str, notice: Notice, at: datetime) -> bool:
    """Note that people were told; False when somebody else did so meanwhile."""
    column = AccessRow.told_ending_at if notice == "ending" else AccessRow.told_ended_at
    query = update(AccessRow).where(AccessRow.id == access_id, column.is_(None)).values({column: at})
    return session.scalar(query.returning(AccessRow.id)) is not None


def add_use(session: Session, made: DataUse) -> None:
    """Write a reading."""
    values: dict[str, Any] = {name: getattr(made, name) for name in DataUse.__dataclass_fields__}
    session.add(UseRow(**{**values, "columns": list(made.columns)}))
    session.flush()


def uses(session: Session, product: str, limit: int, cursor: str | None) -> Page[DataUse]:
    """Readings of a product, newest first."""
    asked = select(UseRow).where(UseRow.product == product).order_by(UseRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        asked = asked.where(UseRow.id < cursor)
    rows = list(session.scalars(asked))
    shown = tuple(_use(row) for row in rows[:limit])
    return Page(items=shown, next=shown[-1].id if len(rows) > limit else None)


def count_uses(session: Session, access_ids: Collection[str]) -> Mapping[str, tuple[int, datetime]]:
    """How often grants were used, and when last, by id; unused ones are left out."""
    asked = (
        select(UseRow.access, func.count(), func.max(UseRow.at))
        .where(UseRow.access.in_(sorted(access_ids)))
        .group_by(UseRow.access)
    )
    return {str(access): (int(count), last) for access, count, last in session.execute(asked)}


def _access(row: AccessRow, day: date) -> DataAccess:
    names = [name for name in DataAccess.__dataclass_fields__ if name not in ("policy", "state")]
    plain = cast(Mapping[str, Any], row.policy)
    policy = Policy(
        hidden=tuple(plain["hidden"]),
        masked=tuple(plain["masked"]),
        unmasked=tuple(plain["unmasked"]),
        row_filter=plain["row_filter"],
    )
    made = DataAccess(**{name: getattr(row, name) for name in names}, policy=policy, state=AccessState.asked)
    state = standing.state_of(is_approved=row.is_approved, withdrawn_at=row.withdrawn_at, until=row.until, day=day)
    return replace(made, state=state)


def _use(row: UseRow) -> DataUse:
    return DataUse(
        id=row.id,
        product=row.product,
        access=row.access,
        reader=row.reader,
        at=row.at,
        way=cast(Way, row.way),
        columns=tuple(row.columns),
        rows=row.rows,
        statement_digest=row.statement_digest,
        snapshot=row.snapshot,
    )
