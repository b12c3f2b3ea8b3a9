"""The ledger: an append-only Merkle log of everything that matters, provable without trusting who keeps it.

Others call ``record`` in their own transaction; the worker calls ``sequence``; anyone can ``prove`` and ``verify``.
"""

from headway.ledger.adapters import read_trust
from headway.ledger.entities import (
    Checkpoint,
    ConsistencyProof,
    Event,
    ExportReport,
    InclusionProof,
    LedgerFault,
    Revealed,
    VerifyReport,
)
from headway.ledger.errors import CheckpointNotFound, EventNotFound, LedgerBroken, NotErasable, NotYetSequenced
from headway.ledger.jobs import VERIFY, verify_job
from headway.ledger.service import (
    belong_to,
    belongs_to,
    check_proof,
    checkpoint,
    erase,
    export,
    find,
    find_events,
    follow,
    get_event,
    prove,
    prove_consistency,
    record,
    record_refusal,
    reveal,
    sequence,
    verify,
)

__all__ = [
    "VERIFY",
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
    "Revealed",
    "VerifyReport",
    "belong_to",
    "belongs_to",
    "check_proof",
    "checkpoint",
    "erase",
    "export",
    "find",
    "find_events",
    "follow",
    "get_event",
    "prove",
    "prove_consistency",
    "read_trust",
    "record",
    "record_refusal",
    "reveal",
    "sequence",
    "verify",
    "verify_job",
]
