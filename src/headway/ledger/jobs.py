"""The durable job that verifies a long ledger."""

from __future__ import annotations

from typing import Any

import msgspec

from headway.kernel.jobs import JobContext
from headway.ledger.adapters import read_trust
from headway.ledger.service import verify

VERIFY = "ledger.verify"


def verify_job(context: JobContext, payload: dict[str, Any]) -> dict[str, Any]:
    """Verify the whole log with the keys trusted here; takes no payload and returns a VerifyReport as plain values."""
    parts = context.parts
    trusted = {**read_trust(parts.settings.trust_file), parts.signer.key_id: parts.signer.public}

    def run() -> dict[str, Any]:
        with parts.database.session() as session:
            report = verify(
                session,
                parts.storage,
                trusted=trusted,
                progress=lambda done, total: context.progress(done, total, "verifying"),
            )
        plain: dict[str, Any] = msgspec.to_builtins(report)
        return plain

    return context.step("verifying", run)
