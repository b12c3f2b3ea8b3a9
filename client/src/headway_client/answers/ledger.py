"""Answers about the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headway_client.answer import Answer


class Event(Answer):
    """One recorded fact. ``payload`` is None after erasure; ``leaf_index`` is None until a checkpoint covers it."""

    id: str
    type: str
    actor: str
    subject: str
    at: datetime
    commitment: str
    payload: dict[str, Any] | None
    is_personal: bool
    is_erased: bool
    leaf_index: int | None


class InclusionProof(Answer):
    """Shows that an event is in the log ``checkpoint`` signs: hash ``leaf``, climb ``path``, arrive at the root."""

    event_id: str
    leaf: str
    leaf_hash: str
    leaf_index: int
    tree_size: int
    root: str
    path: list[str]
    checkpoint: str


class Checkpoint(Answer):
    """A signed statement about the whole log up to ``size``; ``note`` is the signed text."""

    origin: str
    size: int
    root: str
    at: datetime
    key_id: str
    note: str


class ConsistencyProof(Answer):
    """Shows that the log of ``old_size`` leaves is the start of the log of ``new_size``."""

    old_size: int
    new_size: int
    old_root: str
    new_root: str
    path: list[str]


class LedgerFault(Answer):
    """One thing that does not hold: what, and at which leaf or checkpoint size it was first seen."""

    kind: str
    message: str
    leaf_index: int | None
    event_id: str | None
    checkpoint_size: int | None


class VerifyReport(Answer):
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
    faults: list[LedgerFault]
