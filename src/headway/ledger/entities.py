"""What the ledger hands out: events, checkpoints, proofs and the report of a verification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """What a checkpoint says: which log, how many leaves, which root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed statement about the whole log up to ``size``; ``note`` is the signed text."""

    origin: str
    size: int
    root: str
    at: datetime
    key_id: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One recorded fact. ``payload`` is None after erasure; ``leaf_index`` is None until a checkpoint covers it."""

    id: str
    type: str
    actor: str
    subject: str
    at: datetime
    commitment: str
    payload: Mapping[str, object] | None
    is_personal: bool
    is_erased: bool
    leaf_index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """Shows that an event is in the log ``checkpoint`` signs: hash ``leaf``, climb ``path``, arrive at the root."""

    event_id: str
    leaf: str
    leaf_hash: str
    leaf_index: int
    tree_size: int
    root: str
    path: tuple[str, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """An event to hand to somebody outside: its proof, and what the commitment in its leaf opens to.

    ``salt`` (base64) and ``payload`` (the very text that was committed to) are None where they were erased.
    """

    proof: InclusionProof
    salt: str | None
    payload: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    """Shows that the log of ``old_size`` leaves is the start of the log of ``new_size``."""

    old_size: int
    new_size: int
    old_root: str
    new_root: str
    path: tuple[str, ...]


FaultKind = Literal["leaf", "payload", "node", "checkpoint", "storage", "signature", "truncated", "unsequenced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFault:
    """One thing that does not hold: what, and at which leaf or checkpoint size it was first seen."""

    kind: FaultKind
    message: str
    leaf_index: int | None
    event_id: str | None
    checkpoint_size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What a verification found. ``first_bad_*`` name the place to look at; None when all holds."""

    ok: bool
    origin: str | None
    size: int
    root: str
    checkpoints: int
    waiting: int
    erased: int
    first_bad_leaf: int | None
    first_bad_checkpoint: int | None
    faults: tuple[LedgerFault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What was written into a bundle."""

    path: str
    size: int
    checkpoints: int
    erased: int
