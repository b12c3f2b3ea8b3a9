"""The ledger: an append-only Merkle log of everything that matters, provable without trusting who keeps it.

Others call ``record`` in their own transaction; the worker calls ``sequence``; anyone can ``prove`` and ``verify``.
"""

from headway.ledger.entities import (
    Checkpoint,
    ConsistencyProof,
    Event,
    ExportReport,
    InclusionProof,
    LedgerFault,
    VerifyReport,
)
from headway.ledger.errors import CheckpointNotFound, EventNotFound, LedgerBroken, NotErasable, NotYetSequenced
from headway.ledger.service.recording import erase, find, get_event, record, record_refusal

__all__ = [
    "Checkpoint",
    "CheckpointNotFound",
    "ConsistencyProof",
    "Event",
    "EventNotFound",
    "ExportReport",
    "InclusionProof",
    "LedgerBroken",
    "LedgerFault",
    "NotErasable",
    "NotYetSequenced",
    "VerifyReport",
    "erase",
    "find",
    "get_event",
    "record",
    "record_refusal",
]
