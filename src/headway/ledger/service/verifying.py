"""Verification online: recompute the whole tree from the rows and compare it with every checkpoint ever signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from headway.kernel.crypto import SALT_BYTES, commitment
from headway.kernel.errors import Invalid
from headway.kernel.storage import Storage
from headway.ledger import store
from headway.ledger.adapters import published_note, published_sizes
from headway.ledger.entities import Checkpoint, FaultKind, LedgerFault, VerifyReport
from headway.ledger.leaf import event_leaf
from headway.ledger.merkle import Frontier
from headway.ledger.note import open_checkpoint, read_head

WINDOW = 1024
MAX_FAULTS = 100


@dataclass(slots=True, kw_only=True)
class _Run:
    """What a verification has seen so far."""

    session: Session
    storage: Storage
    trusted: Mapping[str, bytes]
    size: int
    published: set[int]
    frontier: Frontier = field(default_factory=Frontier)
    origin: str | None = None
    checkpoints: int = 0
    erased: int = 0
    faults: list[LedgerFault] = field(default_factory=list)

    def fault(
        self, kind: FaultKind, message: str, *, leaf: int | None = None, event: str | None = None, at: int | None = None
    ) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(
                LedgerFault(kind=kind, message=message, leaf_index=leaf, event_id=event, checkpoint_size=at)
            )


def _unheard(done: int, total: int) -> None:
    """Nobody asks how far it is."""


def verify(
    session: Session,
    storage: Storage,
    *,
    trusted: Mapping[str, bytes],
    progress: Callable[[int, int], None] = _unheard,
) -> VerifyReport:
    """Verify events, payloads, tree and checkpoints, those in object storage included; takes time linear in the log.

    Args: trusted: public keys that may have signed checkpoints, by key id. progress: told leaves done and all of them.
    Returns: a report; ``first_bad_leaf`` and ``first_bad_checkpoint`` name where the log stops being what was signed.
    """
    published = set(published_sizes(storage))
    stored, size = store.sizes(session)
    run = _Run(session=session, storage=storage, trusted=trusted, size=size, published=published)
    for start in range(0, size, WINDOW):
        if not _window(run, start, min(start + WINDOW, size)):
            break
        progress(min(start + WINDOW, size), size)
    _ends(run, stored)
    return VerifyReport(
        ok=not run.faults,
        origin=run.origin,
        size=run.frontier.size,
        root=run.frontier.root().hex(),
        checkpoints=run.checkpoints,
        waiting=store.count_waiting(session),
        erased=run.erased,
        first_bad_leaf=min((f.leaf_index for f in run.faults if f.leaf_index is not None), default=None),
        first_bad_checkpoint=min(
            (f.checkpoint_size for f in run.faults if f.checkpoint_size is not None), default=None
        ),
        faults=tuple(run.faults),
    )


def _window(run: _Run, start: int, end: int) -> bool:
    """Verify a stretch of leaves and the checkpoints in it; False when a leaf is missing and nothing can follow."""
    events = store.leaf_events(run.session, start, end)
    signed = {c.size: c for c in store.checkpoints(run.session, start, end)}
    stops = sorted({end, *signed, *(size for size in run.published if start < size <= end)})
    hashes = []
    for expected, event in zip(range(start, end), events, strict=False):
        if event.leaf_index != expected:
            break
        hashes.append(_leaf(run, expected, event))
    made: dict[tuple[int, int], bytes] = {}
    for stop in stops:
        if stop - start > len(hashes):
            break
        run.frontier, complete = run.frontier.append(hashes[run.frontier.size - start : stop - start])
        made |= complete
        _checkpoint(run, stop, signed.get(stop))
    if len(hashes) < end - start:
        missing = start + len(hashes)
        after = next((stop for stop in stops if stop > missing), None)
        run.fault("leaf", f"leaf {missing} is missing: it was deleted or moved", leaf=missing, at=after)
        return False
    _nodes(run, made)
    return True


def _leaf(run: _Run, index: int, event: store.StoredEvent) -> bytes:
    hash_ = event_leaf(event)
    if hash_ != event.leaf_hash:
        run.fault("leaf", f"event {event.id} is not what its leaf {index} holds", leaf=index, event=event.id)
    if not event.has_payload_row:
        run.fault("payload", f"the payload of event {event.id} was deleted", leaf=index, event=event.id)
    elif event.payload is None or event.salt is None:
        run.erased += 1
    elif len(event.salt) != SALT_BYTES or commitment(event.salt, event.payload.encode()) != event.commitment:
        run.fault("payload", f"the payload of event {event.id} was changed", leaf=index, event=event.id)
    return hash_


def _checkpoint(run: _Run, size: int, row: Checkpoint | None) -> None:
    """Compare a checkpoint, its copy in object storage and the tree as far as it was recomputed."""
    note = published_note(run.storage, size) if size in run.published else None
    if row is None and note is None:
        return
    run.checkpoints += 1
    if row is None:
        run.fault("checkpoint", f"object storage has a checkpoint of size {size} that the database lacks", at=size)
    elif note is None and size != run.size:
        run.fault("storage", f"the checkpoint of size {size} is missing in object storage", at=size)
    elif note is not None and note != row.note:
        run.fault(
            "storage", f"the checkpoint of size {size} in object storage is another than in the database", at=size
        )
    for where, text in (("object storage", note), ("the database", row.note if row else None)):
        if text is not None and not (where == "the database" and text == note):
            _note(run, size, where, text)
    if row is not None and _differs(row):
        run.fault("checkpoint", f"the row of checkpoint {size} says other things than its signed note", at=size)


def _note(run: _Run, size: int, where: str, text: str) -> None:
    try:
        head, _ = open_checkpoint(text, run.trusted)
    except Invalid as error:
        run.fault("signature", f"the checkpoint of size {size} in {where}: {error.message}", at=size)
        return
    run.origin = run.origin or head.origin
    if head.origin != run.origin:
        run.fault("checkpoint", f"the checkpoint of size {size} in {where} is of another log, {head.origin}", at=size)
    if head.size != size or head.root != run.frontier.root():
        run.fault(
            "checkpoint",
            f"the events do not have the root that the checkpoint of size {size} in {where} signed",
            at=size,
        )


def _differs(row: Checkpoint) -> bool:
    try:
        head = read_head(row.note)
    except Invalid:
        return True
    return (head.size, head.root.hex()) != (row.size, row.root)


def _nodes(run: _Run, made: dict[tuple[int, int], bytes]) -> None:
    """Compare the subtrees that this stretch completed with those stored for proofs."""
    stored = store.nodes(run.session, made)
    for node, hash_ in made.items():
        if stored.get(node) != hash_:
            level, index = node
            first, last = index << level, ((index + 1) << level) - 1
            run.fault("node", f"the stored hash over the leaves {first} to {last} is wrong; proofs that use it fail")


def _ends(run: _Run, stored: int) -> None:
    """What lies beyond the last checkpoint, and what should be in the tree but is not."""
    for size in sorted(run.published):
        if size > run.size:
            run.fault(
                "truncated",
                f"object storage holds a checkpoint of size {size}, the log in the database ends at {run.size}",
                at=size,
            )
    if stored > run.size:
        run.fault("leaf", f"the leaves from {run.size} on are covered by no checkpoint", leaf=run.size)
    for event_id in store.unsequenced(run.session, MAX_FAULTS):
        run.fault("unsequenced", f"event {event_id} has no leaf and does not wait for one", event=event_id)
