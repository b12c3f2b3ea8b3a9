"""Use cases of the ledger, one file per idea."""

from headway.ledger.service.exporting import export
from headway.ledger.service.proving import check_proof, checkpoint, prove, prove_consistency, reveal
from headway.ledger.service.recording import (
    belong_to,
    belongs_to,
    erase,
    find,
    find_events,
    follow,
    get_event,
    record,
    record_refusal,
)
from headway.ledger.service.sequencing import sequence
from headway.ledger.service.verifying import verify

__all__ = [
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
    "record",
    "record_refusal",
    "reveal",
    "sequence",
    "verify",
]
