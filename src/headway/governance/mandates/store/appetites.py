"""Versions of the risk appetite, what is at stake in use cases, and which of them are live."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from headway.governance.mandates.appetite import Appetite, Limit, LimitKind, Stakes
from headway.governance.mandates.tables import AppetiteRow, StakesRow

# A use case is live from the first verdict above the sandbox that let it in, as long as one of them may be served.
_LIVE = text("""
with let_in as (
  select v.usecase, v.environment, v.subject_digest, v.issued_at, v.serve_until,
    row_number() over (partition by v.usecase, v.environment order by v.id desc) as place
  from governance.verdicts v
  where v.gate = 'pre_deploy' and v.environment <> 'sandbox' and v.result <> 'block'
)
select l.usecase, min(l.issued_at) as since
from let_in l join governance.usecases u on u.slug = l.usecase and u.retired_at is null
group by l.usecase
having bool_or(
  l.place = 1 and l.serve_until > :at
  and not exists (select from governance.revocations r where r.subject_digest = l.subject_digest)
)
""")


def live_since(session: Session, at: datetime) -> dict[str, datetime]:
    """Read which use cases are live above the sandbox, each with since when."""
    return {row.usecase: row.since for row in session.execute(_LIVE, {"at": at})}


def lock_appetites(session: Session) -> None:
    """Let nobody else adopt or confirm until this transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(hashtext('governance.appetites'))"))


def add_appetite(session: Session, values: Mapping[str, object]) -> None:
    """Write a version."""
    session.execute(insert(AppetiteRow).values(**values))


def confirm_appetite(session: Session, appetite_id: str, by: str, at: datetime) -> None:
    """Write who confirmed a version."""
    query = update(AppetiteRow).where(AppetiteRow.id == appetite_id)
    session.execute(query.values(confirmed_by=by, confirmed_at=at))


def appetites(session: Session) -> tuple[Appetite, ...]:
    """Read every version, newest first; of those that were confirmed the newest is in force."""
    query = select(AppetiteRow).order_by(AppetiteRow.version.desc()).execution_options(populate_existing=True)
    found, is_settled = [], False
    for row in session.scalars(query):
        one = _appetite(row)
        if is_settled:
            one = replace(one, state="superseded")
        elif one.confirmed_at is not None:
            one, is_settled = replace(one, state="in_force"), True
        found.append(one)
    return tuple(found)


def appetite_in_force(session: Session) -> Appetite | None:
    """Read the version that counts; None when none was ever confirmed."""
    query = select(AppetiteRow).where(AppetiteRow.confirmed_at.is_not(None)).order_by(AppetiteRow.version.desc())
    row = session.scalars(query.limit(1)).first()
    return replace(_appetite(row), state="in_force") if row else None


def next_version(session: Session) -> int:
    """The number of the next version."""
    return (session.scalar(select(func.max(AppetiteRow.version))) or 0) + 1


def add_stakes(session: Session, values: Mapping[str, object]) -> None:
    """Write an estimate."""
    session.execute(insert(StakesRow).values(**values))


def stakes_of(session: Session, usecases: Collection[str]) -> dict[str, Stakes]:
    """Read the newest estimate of each use case that has one."""
    newest = select(func.max(StakesRow.id)).where(StakesRow.usecase.in_(sorted(usecases))).group_by(StakesRow.usecase)
    return {
        row.usecase: Stakes(
            usecase=row.usecase,
            people=row.people,
            money_minor=row.money_minor,
            currency=row.currency,
            said_by=row.said_by,
            said_at=row.said_at,
        )
        for row in session.scalars(select(StakesRow).where(StakesRow.id.in_(newest)))
    }


def _appetite(row: AppetiteRow) -> Appetite:
    limits = tuple(
        Limit(
            kind=LimitKind(str(one["kind"])),
            scope=str(one["scope"]),
            most=int(str(one["most"])),
            currency=str(one["currency"]),
        )
        for one in row.limits
    )
    return Appetite(
        id=row.id,
        version=row.version,
        limits=limits,
        reason=row.reason,
        digest=row.digest,
        adopted_by=row.adopted_by,
        adopted_at=row.adopted_at,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        state="waiting",
    )
