"""All SQL of the ledger: rows inside, entities and plain values out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery
from headway.ledger.entities import Checkpoint, Event
from headway.ledger.merkle import Node
from headway.ledger.note import read_head
from headway.ledger.tables import CheckpointRow, EventRow, LeafRow, NodeRow, PayloadRow, WaitingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event with everything kept about it: payload, salt, its place in the tree and the hash kept there."""

    id: str
    type: str
    actor: str
    subject: str
    at: datetime
    commitment: bytes
    salt: bytes | None
    payload: str | None
    has_payload_row: bool
    leaf_index: int | None
    leaf_hash: bytes | None


def add_event(session: Session, event: StoredEvent, *, is_personal: bool) -> None:
    """Write an event, its payload and its place in the queue of the sequencer, in one statement."""
    facts = {name: getattr(event, name) for name in ("id", "type", "actor", "subject", "at", "commitment")}
    kept = {"event_id": event.id, "salt": event.salt, "payload": event.payload, "is_personal": is_personal}
    session.execute(
        insert(WaitingRow)
        .values(event_id=event.id)
        .add_cte(insert(EventRow).values(facts).cte("event"), insert(PayloadRow).values(kept).cte("payload"))
    )


def erase_payload(session: Session, event_id: str) -> None:
    """Forget salt and payload of an event."""
    session.execute(update(PayloadRow).where(PayloadRow.event_id == event_id).values(salt=None, payload=None))


def get_event(session: Session, event_id: str) -> Event | None:
    """Read one event."""
    row = session.execute(_events().where(EventRow.id == event_id)).one_or_none()
    return _event(row) if row else None


def get_stored(session: Session, event_id: str) -> StoredEvent | None:
    """Read everything kept about one event."""
    row = session.execute(_events().where(EventRow.id == event_id)).one_or_none()
    return _stored(row) if row else None


def find_events(
    session: Session,
    *,
    subject: str | None,
    types: Collection[str] | None,
    actor: str | None,
    before: str | None,
    limit: int,
) -> list[Event]:
    """Read events, newest first, older than the id ``before``."""
    query = _events().order_by(EventRow.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(EventRow.subject == subject)
    if types is not None:
        query = query.where(EventRow.type.in_(types))
    if actor is not None:
        query = query.where(EventRow.actor == actor)
    if before is not None:
        query = query.where(EventRow.id < before)
    return [_event(row) for row in session.execute(query)]


_LISTED = Listing(
    columns={
        "id": Column(of=EventRow.id, is_searched=True),
        "type": Column(of=EventRow.type, is_searched=True, filter="prefix"),
        "actor": Column(of=EventRow.actor, is_searched=True, filter="exact"),
        "subject": Column(of=EventRow.subject, is_searched=True, filter="prefix"),
        "at": Column(of=EventRow.at, filter="dates"),
    },
    key=(EventRow.id,),
    sort="id",
    descending=True,
)


def list_events(session: Session, asked: ListQuery) -> Found[Event]:
    """Read the events asked for, the newest first unless another order is wanted."""
    found = listing.find(session, _events(), _LISTED, asked)
    return listing.found_as(found, (_event(row) for row in found.items))


def events_from(session: Session, start: int, limit: int) -> list[Event]:
    """Read events in the order of their leaves, from the leaf ``start`` on."""
    query = _events().where(LeafRow.index >= start).order_by(LeafRow.index).limit(limit)
    return [_event(row) for row in session.execute(query)]


def take_waiting(session: Session, limit: int) -> list[StoredEvent]:
    """Take the oldest waiting events out of the queue, in its order."""
    oldest = select(WaitingRow.position).order_by(WaitingRow.position).limit(limit)
    taken = session.execute(
        delete(WaitingRow).where(WaitingRow.position.in_(oldest)).returning(WaitingRow.position, WaitingRow.event_id)
    ).all()
    order = [event_id for _, event_id in sorted((position, event_id) for position, event_id in taken)]
    found = {row[0].id: _stored(row) for row in session.execute(_events().where(EventRow.id.in_(order)))}
    return [found[event_id] for event_id in order]


def has_waiting(session: Session) -> bool:
    """Tell whether an event waits for the sequencer."""
    return bool(session.scalar(select(exists(select(WaitingRow.position)))))


def count_waiting(session: Session) -> int:
    """Count the events that no checkpoint covers yet."""
    return session.scalar(select(func.count()).select_from(WaitingRow)) or 0


def unsequenced(session: Session, limit: int) -> list[str]:
    """Name events that neither have a leaf nor wait for one: somebody took them out of the queue."""
    has_leaf = exists(select(LeafRow.index).where(LeafRow.event_id == EventRow.id))
    waits = exists(select(WaitingRow.position).where(WaitingRow.event_id == EventRow.id))
    return list(session.scalars(select(EventRow.id).where(~has_leaf, ~waits).order_by(EventRow.id).limit(limit)))


def add_leaves(session: Session, start: int, leaves: Sequence[tuple[str, bytes]]) -> None:
    """Write event ids and leaf hashes at consecutive places of the tree."""
    session.execute(
        insert(LeafRow),
        [{"index": start + i, "event_id": event_id, "hash": hash_} for i, (event_id, hash_) in enumerate(leaves)],
    )


def add_nodes(session: Session, nodes: dict[Node, bytes]) -> None:
    """Write hashes of subtrees that became complete."""
    if nodes:
        rows = [{"level": level, "index": index, "hash": hash_} for (level, index), hash_ in nodes.items()]
        session.execute(insert(NodeRow), rows)


def nodes(session: Session, wanted: Iterable[Node]) -> dict[Node, bytes]:
    """Read subtree hashes, those of level 0 from the leaves; what is not stored is left out."""
    upper, leaves = [], []
    for level, index in wanted:
        if level:
            upper.append((level, index))
        else:
            leaves.append(index)
    found: dict[Node, bytes] = {}
    if leaves:
        for index, hash_ in session.execute(select(LeafRow.index, LeafRow.hash).where(LeafRow.index.in_(leaves))):
            found[0, index] = hash_
    if upper:
        query = select(NodeRow.level, NodeRow.index, NodeRow.hash)
        for level, index, hash_ in session.execute(query.where(tuple_(NodeRow.level, NodeRow.index).in_(upper))):
            found[level, index] = hash_
    return found


def leaf_events(session: Session, start: int, end: int) -> list[StoredEvent]:
    """Read the events of the leaves ``start`` to ``end`` (not included), in order."""
    query = _events().where(LeafRow.index >= start, LeafRow.index < end).order_by(LeafRow.index)
    return [_stored(row) for row in session.execute(query)]


def sizes(session: Session) -> tuple[int, int]:
    """Read at one moment: how many leaves are stored, and the size of the last checkpoint."""
    leaves = select(func.coalesce(func.max(LeafRow.index) + 1, 0)).scalar_subquery()
    signed = select(func.coalesce(func.max(CheckpointRow.size), 0)).scalar_subquery()
    row = session.execute(select(leaves, signed)).one()
    return row[0], row[1]


def add_checkpoint(session: Session, checkpoint: Checkpoint) -> None:
    """Write a signed checkpoint."""
    session.execute(
        insert(CheckpointRow).values(
            size=checkpoint.size,
            root=bytes.fromhex(checkpoint.root),
            at=checkpoint.at,
            key_id=checkpoint.key_id,
            note=checkpoint.note,
        )
    )


def last_checkpoint(session: Session) -> Checkpoint | None:
    """Read the newest checkpoint."""
    row = session.scalars(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1)).one_or_none()
    return _checkpoint(row) if row else None


def checkpoints(session: Session, after: int, upto: int) -> list[Checkpoint]:
    """Read the checkpoints with after < size <= upto, smallest first."""
    query = select(CheckpointRow).where(CheckpointRow.size > after, CheckpointRow.size <= upto)
    return [_checkpoint(row) for row in session.scalars(query.order_by(CheckpointRow.size))]


def _events() -> Select[EventRow, bytes | None, str | None, bool | None, int | None, bytes | None]:
    return (
        select(EventRow, PayloadRow.salt, PayloadRow.payload, PayloadRow.is_personal, LeafRow.index, LeafRow.hash)
        .outerjoin(PayloadRow, PayloadRow.event_id == EventRow.id)
        .outerjoin(LeafRow, LeafRow.event_id == EventRow.id)
    )


def _event(row: Row[EventRow, bytes | None, str | None, bool | None, int | None, bytes | None]) -> Event:
    event, _, payload, is_personal, index, _ = row
    return Event(
        id=event.id,
        type=event.type,
        actor=event.actor,
        subject=event.subject,
        at=event.at,
        commitment=event.commitment.hex(),
        payload=json.loads(payload) if payload is not None else None,
        is_personal=bool(is_personal),
        is_erased=payload is None,
        leaf_index=index,
    )


def _stored(row: Row[EventRow, bytes | None, str | None, bool | None, int | None, bytes | None]) -> StoredEvent:
    event, salt, payload, is_personal, index, hash_ = row
    return StoredEvent(
        id=event.id,
        type=event.type,
        actor=event.actor,
        subject=event.subject,
        at=event.at,
        commitment=event.commitment,
        salt=salt,
        payload=payload,
        has_payload_row=is_personal is not None,
        leaf_index=index,
        leaf_hash=hash_,
    )


def _checkpoint(row: CheckpointRow) -> Checkpoint:
    return Checkpoint(
        origin=read_head(row.note).origin,
        size=row.size,
        root=row.root.hex(),
        at=row.at,
        key_id=row.key_id,
        note=row.note,
    )
