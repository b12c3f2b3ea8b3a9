"""What can go wrong with keeping snapshots."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid


class RetentionInvalid(Invalid):
    """How long to keep snapshots makes no sense; the faults list all of it."""

    code = "catalog.retention_invalid"


class CompactionFailed(Conflict):
    """The rows that were put together are not those that were there; nothing was changed."""

    code = "catalog.compaction_failed"
