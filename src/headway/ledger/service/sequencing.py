"""The sequencer: puts waiting events into the tree and signs a checkpoint, one process at a time.

Events, leaves and the checkpoint's row are made in one transaction; the checkpoint's object follows. A crash between
the two is healed by the next run, before anything else is signed. Nothing is signed on a tree that is not the one the
last checkpoint signed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from headway.kernel import clock
from headway.kernel.crypto import Signer
from headway.kernel.database import Database
from headway.kernel.errors import Invalid
from headway.kernel.ids import new_id
from headway.kernel.storage import Storage
from headway.ledger import store
from headway.ledger.adapters import publish_checkpoint, published_sizes
from headway.ledger.entities import Checkpoint, TreeHead
from headway.ledger.errors import LedgerBroken
from headway.ledger.leaf import event_leaf
from headway.ledger.merkle import Frontier, cover, frontier_nodes
from headway.ledger.note import open_checkpoint, sign_checkpoint
from headway.ledger.service.recording import belongs_to

LOCK = 0x6865_6164_0002
BATCH = 10_000
WINDOW = 1024
_HINT = "run 'headway ledger verify'; restore the database from a backup that is newer than the checkpoint"


def sequence(
    database: Database, storage: Storage, signer: Signer, *, trusted: Mapping[str, bytes] | None = None
) -> Checkpoint | None:
    """Put up to 10,000 waiting events into the tree and sign the result.

    Args: trusted: public keys that may have signed earlier checkpoints; the signer's own is always one of them.
    Returns: the new checkpoint; None when nothing waits or another process is at it.
    Raises: LedgerBroken: the stored tree is not the one last signed, or storage holds other or later checkpoints.
    """
    keys = {**(trusted or {}), signer.key_id: signer.public}
    with database.session() as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
            return None
        last = store.last_checkpoint(session)
        if last is not None:
            _publish(storage, last)
        if not store.has_waiting(session):
            return None
        frontier = _stored_frontier(session, storage, last, keys)
        made = _integrate(session, frontier, last.origin if last else _new_origin(), signer)
    _publish(storage, made)
    return made


def _new_origin() -> str:
    """Name a new log; that of a simulated company says so in every checkpoint that is signed."""
    return f"headway/{'simulated-company/' if belongs_to() else ''}{new_id('log')}"


def _publish(storage: Storage, checkpoint: Checkpoint) -> None:
    other = publish_checkpoint(storage, checkpoint.size, checkpoint.note)
    if other is not None:
        raise LedgerBroken(
            f"object storage holds another checkpoint of size {checkpoint.size} than the database",
            hint=_HINT,
            values={"checkpoint": checkpoint.size},
        )


def _stored_frontier(
    session: Session, storage: Storage, last: Checkpoint | None, keys: Mapping[str, bytes]
) -> Frontier:
    """Read the frontier of the stored tree after making sure that it is the tree that was signed last."""
    size = last.size if last else 0
    later = max(published_sizes(storage, after=size), default=None)
    if later is not None:
        raise LedgerBroken(
            f"object storage holds a checkpoint of size {later}, but the log in the database ends at {size}: "
            "the log was truncated, or an old backup was restored",
            hint=_HINT,
            values={"checkpoint": later, "size": size},
        )
    if last is not None:
        _check_signature(last, keys)
    stored, _ = store.sizes(session)
    if stored != size:
        raise LedgerBroken(
            f"the last checkpoint signed {size} leaves, the database holds {stored}",
            hint=_HINT,
            values={"checkpoint": size, "size": stored},
        )
    wanted = frontier_nodes(size)
    found = store.nodes(session, wanted)
    missing = [node for node in wanted if node not in found]
    frontier = Frontier(size, tuple(found[node] for node in wanted if node in found))
    if missing or (last is not None and frontier.root().hex() != last.root):
        raise LedgerBroken(
            f"the stored tree does not have the root that the checkpoint of size {size} signed",
            hint=_HINT,
            values={"checkpoint": size},
        )
    for start in _windows(size):
        _check_window(session, start, min(start + WINDOW, size))
    return frontier


def _check_signature(last: Checkpoint, keys: Mapping[str, bytes]) -> None:
    try:
        head, _ = open_checkpoint(last.note, keys)
    except Invalid as error:
        raise LedgerBroken(
            f"the checkpoint of size {last.size}: {error.message}",
            hint=error.hint or _HINT,
            values={"checkpoint": last.size},
        ) from error
    if (head.size, head.root.hex()) != (last.size, last.root):
        raise LedgerBroken(
            f"the row of the checkpoint of size {last.size} says other things than its signed note",
            hint=_HINT,
            values={"checkpoint": last.size},
        )


def _windows(size: int) -> set[int]:
    """Choose where to compare events with leaves: the newest leaves, and an older stretch nobody can foresee."""
    count = -(-size // WINDOW)
    return {(count - 1) * WINDOW, secrets.randbelow(count) * WINDOW} if count else set()


def _check_window(session: Session, start: int, end: int) -> None:
    events = store.leaf_events(session, start, end)
    hashes = []
    for index, event in zip(range(start, end), events, strict=False):
        hash_ = event_leaf(event)
        if event.leaf_index != index or event.leaf_hash != hash_:
            raise LedgerBroken(
                f"event {event.id} at leaf {event.leaf_index} is not what was signed: its row was changed or moved",
                hint=_HINT,
                values={"event": event.id, "leaf": event.leaf_index},
            )
        hashes.append(hash_)
    wanted = cover((start, end))
    stored = store.nodes(session, wanted)
    if len(events) != end - start or Frontier().append(hashes)[0].peaks != tuple(stored.get(n) for n in wanted):
        raise LedgerBroken(
            f"the events of the leaves {start} to {end - 1} do not have the hash that was signed",
            hint=_HINT,
            values={"leaf": start},
        )


def _integrate(session: Session, frontier: Frontier, origin: str, signer: Signer) -> Checkpoint:
    events = store.take_waiting(session, BATCH)
    leaves = [
        (
            event.id,
            event_leaf(event),
        )
        for event in events
    ]
    grown, complete = frontier.append(hash_ for _, hash_ in leaves)
    store.add_leaves(session, frontier.size, leaves)
    store.add_nodes(session, complete)
    head = TreeHead(origin=origin, size=grown.size, root=grown.root())
    checkpoint = Checkpoint(
        origin=origin,
        size=grown.size,
        root=head.root.hex(),
        at=clock.now(),
        key_id=signer.key_id,
        note=sign_checkpoint(head, signer),
    )
    store.add_checkpoint(session, checkpoint)
    return checkpoint
