"""Export: everything an auditor needs to verify the log without this system."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from headway.kernel.canonical import canonical_json
from headway.kernel.storage import Storage
from headway.ledger import store
from headway.ledger.adapters import BundleWriter, published_note, published_sizes
from headway.ledger.entities import ExportReport
from headway.ledger.leaf import leaf_bytes

WINDOW = 1024


def export(session: Session, storage: Storage, path: Path, *, trusted: Mapping[str, bytes]) -> ExportReport:
    """Write the log up to its newest checkpoint into a zip file at ``path``.

    The bundle holds leaves, payloads that are not erased with their salts, every checkpoint in database or object
    storage, and the public keys. It is written as it is stored, right or wrong: judging is for the verifier.
    """
    last = store.last_checkpoint(session)
    size = last.size if last else 0
    notes = {c.size: c.note for c in store.checkpoints(session, 0, size)}
    for published in published_sizes(storage):
        if published not in notes:
            notes[published] = published_note(storage, published) or ""
    counted = {"erased": 0}
    with BundleWriter(path) as bundle:
        bundle.about(last.origin if last else None, size, trusted)
        bundle.lines("leaves.jsonl", _leaves(session, size))
        bundle.lines("payloads.jsonl", _payloads(session, size, counted))
        bundle.lines("checkpoints.jsonl", (canonical_json({"size": s, "note": notes[s]}) for s in sorted(notes)))
    return ExportReport(path=str(path), size=size, checkpoints=len(notes), erased=counted["erased"])


def _stored(session: Session, size: int) -> Iterator[store.StoredEvent]:
    for start in range(0, size, WINDOW):
        yield from store.leaf_events(session, start, min(start + WINDOW, size))


def _leaves(session: Session, size: int) -> Iterator[bytes]:
    for event in _stored(session, size):
        yield leaf_bytes(event)


def _payloads(session: Session, size: int, counted: dict[str, int]) -> Iterator[bytes]:
    for event in _stored(session, size):
        if event.payload is None or event.salt is None:
            counted["erased"] += 1
            continue
        salt = base64.b64encode(event.salt).decode()
        yield canonical_json({"id": event.id, "salt": salt, "payload": event.payload})
