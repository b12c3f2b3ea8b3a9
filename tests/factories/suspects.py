"""A version whose newest leakage report names suspicious columns."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import governance, registry
from headway.kernel.auth import SYSTEM
from headway.kernel.ids import Ref


def suspected(session: Session, *columns: str, version: str = "model:lead-scoring@1") -> None:
    """Write a leakage report that leaves columns open."""
    found = registry.get_version(session, version)
    governance.record_evidence(
        session,
        type="leakage_report",
        subject=Ref.parse(found.ref),
        subject_digest=found.digest,
        facts={
            "suspects": len(columns),
            "suspects_open": len(columns),
            "open_columns": governance.columns_text(columns),
        },
        producer=SYSTEM,
    )
