"""Proofs from the stored tree: that an event is in the log, and that an old log is the start of a new one."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway.kernel.errors import Invalid
from headway.ledger import store
from headway.ledger.entities import Checkpoint, ConsistencyProof, InclusionProof, Revealed
from headway.ledger.errors import CheckpointNotFound, EventNotFound, LedgerBroken, NotYetSequenced
from headway.ledger.leaf import leaf_bytes
from headway.ledger.merkle import (
    Span,
    consistency_spans,
    cover,
    hashes,
    inclusion_spans,
    leaf_hash,
    verify_inclusion,
)
from headway.ledger.note import open_checkpoint


def checkpoint(session: Session) -> Checkpoint:
    """Read the newest checkpoint; raises CheckpointNotFound before the first."""
    last = store.last_checkpoint(session)
    if last is None:
        raise CheckpointNotFound("the ledger has no checkpoint yet", hint="the worker signs one within seconds")
    return last


def prove(session: Session, event_id: str) -> InclusionProof:
    """Prove that an event is in the log that the newest checkpoint signs.

    Raises: EventNotFound, NotYetSequenced.
    """
    event = store.get_stored(session, event_id)
    if event is None:
        raise EventNotFound(f"the ledger has no event {event_id}")
    if event.leaf_index is None or event.leaf_hash is None:
        raise NotYetSequenced(
            f"event {event_id} is recorded and waits for the next checkpoint", hint="try again in a few seconds"
        )
    last = checkpoint(session)
    path = _span_hashes(session, inclusion_spans(event.leaf_index, last.size))
    return InclusionProof(
        event_id=event_id,
        leaf=leaf_bytes(event).decode(),
        leaf_hash=event.leaf_hash.hex(),
        leaf_index=event.leaf_index,
        tree_size=last.size,
        root=last.root,
        path=tuple(step.hex() for step in path),
        checkpoint=last.note,
    )


def reveal(session: Session, event_id: str) -> Revealed:
    """Give an event's proof with its salt and payload, so that its commitment can be checked without this system.

    Raises: EventNotFound, NotYetSequenced.
    """
    proof, event = prove(session, event_id), store.get_stored(session, event_id)
    if event is None or event.salt is None or event.payload is None:
        return Revealed(proof=proof, salt=None, payload=None)
    return Revealed(proof=proof, salt=base64.b64encode(event.salt).decode(), payload=event.payload)


def check_proof(proof: InclusionProof, trusted: Mapping[str, bytes]) -> bool:
    """Tell from a proof alone whether its event is in a log that a trusted key signed.

    Args: trusted: raw public keys by key id.
    """
    try:
        head, _ = open_checkpoint(proof.checkpoint, trusted)
    except Invalid:
        return False
    leaf = leaf_hash(proof.leaf.encode())
    path = [bytes.fromhex(step) for step in proof.path]
    is_same = leaf.hex() == proof.leaf_hash and head.size == proof.tree_size
    return is_same and verify_inclusion(leaf, proof.leaf_index, head.size, path, head.root)


def prove_consistency(session: Session, old_size: int, new_size: int | None = None) -> ConsistencyProof:
    """Prove that the log at checkpoint ``old_size`` is the start of the log at ``new_size`` (default: the newest).

    Raises: CheckpointNotFound, Invalid: the old size is larger than the new.
    """
    new = checkpoint(session) if new_size is None else _checkpoint_of(session, new_size)
    old = _checkpoint_of(session, old_size)
    if old.size > new.size:
        raise Invalid(f"a log of {old.size} leaves cannot be the start of one of {new.size}")
    path = _span_hashes(session, consistency_spans(old.size, new.size))
    return ConsistencyProof(
        old_size=old.size,
        new_size=new.size,
        old_root=old.root,
        new_root=new.root,
        path=tuple(step.hex() for step in path),
    )


def _checkpoint_of(session: Session, size: int) -> Checkpoint:
    found = store.checkpoints(session, size - 1, size)
    if not found:
        raise CheckpointNotFound(f"the ledger has no checkpoint of size {size}")
    return found[0]


def _span_hashes(session: Session, spans: tuple[Span, ...]) -> tuple[bytes, ...]:
    wanted = [node for span in spans for node in cover(span)]
    found = store.nodes(session, wanted)
    missing = next((node for node in wanted if node not in found), None)
    if missing is not None:
        raise LedgerBroken(
            f"the stored tree lacks the hash of level {missing[0]} at {missing[1]}",
            hint="run 'headway ledger verify'",
        )
    return hashes(spans, found)
