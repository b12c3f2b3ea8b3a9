"""SQL of bodies, items, votes and conditions: rows inside, entities out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.dml import ReturningUpdate

from headway.governance.council import lanes
from headway.governance.council.entities import (
    Body,
    Capacity,
    Choice,
    Condition,
    Delegation,
    Item,
    ItemState,
    Lane,
    Member,
    MemberKind,
    Recusal,
    Review,
    Rules,
    SeatVote,
)
from headway.governance.council.tables import (
    BodyRow,
    ConditionRow,
    DelegationRow,
    ItemRow,
    MemberRow,
    RecusalRow,
    ReviewRow,
    SeatVoteRow,
)
from headway.governance.tables import UseCaseRow
from headway.kernel import listing
from headway.kernel.database import Base
from headway.kernel.listing import Column, Found, Listing, ListQuery

R = TypeVar("R", bound=Base)
TextColumn = InstrumentedAttribute[str]
TimeColumn = InstrumentedAttribute[datetime]
UNDECIDED = (ItemState.open.value, ItemState.escalated.value)


def add(session: Session, row: Base) -> None:
    """Write a row."""
    session.add(row)
    session.flush()


_LISTING = Listing(
    columns={
        "id": Column(of=ItemRow.id, is_searched=True),
        "usecase": Column(of=ItemRow.usecase, is_searched=True, filter="exact"),
        "department": Column(of=UseCaseRow.department, filter="exact"),
        "council": Column(of=ItemRow.body, filter="exact"),
        "environment": Column(of=ItemRow.environment, filter="exact"),
        "state": Column(of=ItemRow.state, filter="exact", choices=tuple(ItemState)),
        "lane": Column(of=ItemRow.lane, filter="exact", choices=tuple(Lane)),
        "opened_at": Column(of=ItemRow.opened_at, filter="dates"),
        "closes_at": Column(of=ItemRow.closes_at, filter="dates"),
        "decided_at": Column(of=ItemRow.decided_at, filter="dates"),
    },
    key=(ItemRow.id,),
    sort="id",
    descending=True,
    department=UseCaseRow.department,
)


# --- bodies ------------------------------------------------------------------------------------------------------


def put_body(session: Session, slug: str, values: Mapping[str, object]) -> None:
    """Write a body, or write it anew."""
    row = session.get(BodyRow, slug)
    if row is None:
        session.add(BodyRow(slug=slug, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()


def has_bodies(session: Session) -> bool:
    """Tell whether any council is in force."""
    return session.scalar(select(BodyRow.slug).where(BodyRow.ended_at.is_(None)).limit(1)) is not None


def bodies(session: Session, slugs: Collection[str] | None = None) -> list[Body]:
    """Read the councils by name, with everybody who is or was in a seat."""
    query = select(BodyRow).order_by(BodyRow.slug)
    rows = list(session.scalars(query if slugs is None else query.where(BodyRow.slug.in_(sorted(slugs)))))
    members = children(session, MemberRow, MemberRow.body, [row.slug for row in rows], MemberRow.id)
    handed = children(session, DelegationRow, DelegationRow.body, [row.slug for row in rows], DelegationRow.id)
    return [_body(row, members.get(row.slug, ()), handed.get(row.slug, ())) for row in rows]


def end_member(session: Session, *, body: str, seat: str, person: str, at: datetime) -> int:
    """Write that somebody left a seat; gives how many places they had in it."""
    query = (
        update(MemberRow)
        .where(MemberRow.body == body, MemberRow.seat == seat, MemberRow.person == person, MemberRow.until.is_(None))
        .values(until=at)
        .returning(MemberRow.id)
    )
    return _count(session, query)


def end_delegation(session: Session, delegation_id: str, at: datetime) -> int:
    """Write an earlier end."""
    query = update(DelegationRow).where(DelegationRow.id == delegation_id, DelegationRow.until > at)
    return _count(session, query.values(until=at).returning(DelegationRow.id))


def _count(session: Session, query: ReturningUpdate[str]) -> int:
    return len(session.execute(query, execution_options={"synchronize_session": "fetch"}).all())


# --- items -------------------------------------------------------------------------------------------------------


def get_item(session: Session, item_id: str, *, lock: bool = False) -> Item | None:
    """Read an item; ``lock`` makes others that would vote on it or decide it wait."""
    row = session.get(ItemRow, item_id, with_for_update=lock or None, populate_existing=True)
    return _items(session, [row])[0] if row else None


def item_of(session: Session, approval: str, *, lock: bool = False) -> Item | None:
    """Read the item that decides an approval."""
    query = select(ItemRow).where(ItemRow.approval == approval)
    row = session.scalars(query.with_for_update() if lock else query).first()
    return _items(session, [row])[0] if row else None


def list_items(
    session: Session,
    *,
    body: str | None = None,
    usecase: str | None = None,
    states: Collection[str] | None = None,
    lane: Lane | None = None,
    ids: Collection[str] | None = None,
    decided: tuple[datetime, datetime] | None = None,
    before: str | None = None,
    limit: int = 1000,
) -> list[Item]:
    """Read items, newest first. Args: ids: only these; decided: from, until."""
    query = select(ItemRow).order_by(ItemRow.id.desc()).limit(limit)
    for column, value in ((ItemRow.body, body), (ItemRow.usecase, usecase), (ItemRow.lane, lane)):
        if value is not None:
            query = query.where(column == value)
    if states is not None:
        query = query.where(ItemRow.state.in_(sorted(states)))
    if ids is not None:
        query = query.where(ItemRow.id.in_(sorted(ids)))
    if decided is not None:
        query = query.where(ItemRow.decided_at >= decided[0], ItemRow.decided_at < decided[1])
    if before is not None:
        query = query.where(ItemRow.id < before)
    return _items(session, session.scalars(query))


def find_items(session: Session, asked: ListQuery) -> Found[Item]:
    """Read the items asked for, newest first unless another order is wanted."""
    found = listing.find(session, select(ItemRow).join(UseCaseRow, UseCaseRow.slug == ItemRow.usecase), _LISTING, asked)
    return listing.found_as(found, _items(session, [row[0] for row in found.items]))


def due_items(session: Session, at: datetime) -> list[str]:
    """Name the open items whose time is over; those that another transaction works on are left to it."""
    query = select(ItemRow.id).where(ItemRow.state == ItemState.open.value, ItemRow.closes_at <= at)
    return list(session.scalars(query.order_by(ItemRow.id).with_for_update(skip_locked=True)))


def change_item(session: Session, item_id: str, values: Mapping[str, object]) -> None:
    """Write what became of an item."""
    row = session.get_one(ItemRow, item_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def requesters(session: Session, body: str) -> frozenset[str]:
    """Name who asked for what is undecided before a body."""
    query = select(ItemRow.requested_by).where(ItemRow.body == body, ItemRow.state.in_(UNDECIDED))
    return frozenset(session.scalars(query))


def count_lanes(session: Session, body: str | None = None) -> dict[tuple[str, str], int]:
    """Count items by lane and state."""
    query = select(ItemRow.lane, ItemRow.state, func.count()).group_by(ItemRow.lane, ItemRow.state)
    if body is not None:
        query = query.where(ItemRow.body == body)
    return {(lane, state): number for lane, state, number in session.execute(query)}


# --- conditions --------------------------------------------------------------------------------------------------


def get_condition(session: Session, condition_id: str, *, lock: bool = False) -> Condition | None:
    """Read a condition."""
    row = session.get(ConditionRow, condition_id, with_for_update=lock or None, populate_existing=True)
    if row is None:
        return None
    return _condition(row, session.get_one(ItemRow, row.item).usecase)


def change_condition(session: Session, condition_id: str, values: Mapping[str, object]) -> None:
    """Write what became of a condition."""
    row = session.get_one(ConditionRow, condition_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def open_conditions(session: Session, usecases: Collection[str] | None = None) -> list[Condition]:
    """Read the conditions of approved items that nobody has accepted yet, the first that is due first."""
    query = (
        select(ConditionRow, ItemRow.usecase)
        .join(ItemRow, ItemRow.id == ConditionRow.item)
        .where(ConditionRow.due_at.is_not(None), ConditionRow.accepted_at.is_(None))
        .order_by(ConditionRow.due_at, ConditionRow.id)
    )
    if usecases is not None:
        query = query.where(ItemRow.usecase.in_(sorted(usecases)))
    return [_condition(row, usecase) for row, usecase in session.execute(query)]


# --- rows and entities -------------------------------------------------------------------------------------------


def rules_as_json(rules: Rules) -> dict[str, object]:
    """The rules as they are kept with an item."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(rules).items()}


def rules_of(kept: Mapping[str, Any]) -> Rules:
    """The rules that were kept."""
    told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    return Rules(**told)


def children(
    session: Session, row: type[R], column: TextColumn, keys: Iterable[str], order: TextColumn | TimeColumn
) -> dict[str, list[R]]:
    """Read the rows that belong to others, by those."""
    wanted = sorted(set(keys))
    found: dict[str, list[R]] = {}
    if wanted:
        for one in session.scalars(select(row).where(column.in_(wanted)).order_by(order)):
            found.setdefault(getattr(one, column.key), []).append(one)
    return found


def _body(row: BodyRow, members: Iterable[MemberRow], handed: Iterable[DelegationRow]) -> Body:
    return Body(
        slug=row.slug,
        title=row.title,
        department=row.department,
        quorum=row.quorum,
        required=tuple(row.required),
        reviews=tuple(row.reviews),
        tie=row.tie,  # type: ignore[arg-type]  # a constraint holds the words
        chair=row.chair,
        days=row.days,
        seats=tuple(row.seats),
        members=tuple(
            Member(seat=one.seat, person=one.person, kind=MemberKind(one.kind), since=one.since, until=one.until)
            for one in members
        ),
        delegations=tuple(
            Delegation(id=one.id, seat=one.seat, giver=one.giver, taker=one.taker, since=one.since, until=one.until)
            for one in handed
        ),
        every_weeks=row.every_weeks,
        first_meeting=row.first_meeting,
        zone=row.zone,
        minutes_long=row.minutes_long,
        ended_at=row.ended_at,
        high_risk_lacks=lanes.high_risk_lacks(required=tuple(row.required), reviews=tuple(row.reviews)),
    )


def _items(session: Session, rows: Iterable[ItemRow]) -> list[Item]:
    listed = list(rows)
    ids = [row.id for row in listed]
    recusals = children(session, RecusalRow, RecusalRow.item, ids, RecusalRow.person)
    reviews = children(session, ReviewRow, ReviewRow.item, ids, ReviewRow.at)
    votes = children(session, SeatVoteRow, SeatVoteRow.item, ids, SeatVoteRow.at)
    conditions = children(session, ConditionRow, ConditionRow.item, ids, ConditionRow.id)
    return [
        Item(
            id=row.id,
            body=row.body,
            lane=Lane(row.lane),
            state=ItemState(row.state),
            approval=row.approval,
            subject=row.subject,
            usecase=row.usecase,
            environment=row.environment,
            requested_by=row.requested_by,
            opened_at=row.opened_at,
            closes_at=row.closes_at,
            rules=rules_of(row.rules),
            recusals=tuple(_recusal(one) for one in recusals.get(row.id, ())),
            reviews=tuple(_review(one) for one in reviews.get(row.id, ())),
            votes=tuple(_vote(one) for one in votes.get(row.id, ())),
            conditions=tuple(_condition(one, row.usecase) for one in conditions.get(row.id, ())),
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            why=tuple(row.why),
            meeting=row.meeting,
        )
        for row in listed
    ]


def _recusal(row: RecusalRow) -> Recusal:
    return Recusal(person=row.person, reason=row.reason, is_automatic=row.is_automatic, at=row.at)


def _review(row: ReviewRow) -> Review:
    return Review(part=row.part, person=row.person, supports=row.supports, text=row.text, at=row.at)


def _vote(row: SeatVoteRow) -> SeatVote:
    return SeatVote(
        seat=row.seat,
        person=row.person,
        capacity=Capacity(row.capacity),
        choice=Choice(row.choice),
        reason=row.reason,
        at=row.at,
        meeting=row.meeting,
    )


def _condition(row: ConditionRow, usecase: str) -> Condition:
    return Condition(
        id=row.id,
        item=row.item,
        usecase=usecase,
        text=row.text,
        owner=row.owner,
        days=row.days,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        due_at=row.due_at,
        met_by=row.met_by,
        met_at=row.met_at,
        evidence=row.evidence,
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
    )
