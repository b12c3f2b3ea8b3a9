"""Errors of the HTTP application itself."""

from __future__ import annotations

from headway.kernel.errors import Conflict


class StillRunning(Conflict):
    """The first request with the same Idempotency-Key has not ended yet; ask again soon for its answer."""

    code = "idempotency.still_running"
