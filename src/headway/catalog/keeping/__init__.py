"""Keeping: how long the snapshots of products are kept, compaction of their files, and giving up what is old.

What is current, tagged by a training run, cited by evidence or read through a grant is never given up.
"""

from headway.catalog.keeping.entities import Compaction, Expiry, KeptSnapshot, Retention, SnapshotList
from headway.catalog.keeping.errors import CompactionFailed, RetentionInvalid
from headway.catalog.keeping.jobs import KEEP, keep_due, keep_job
from headway.catalog.keeping.service import compact, expire, get_retention, list_kept, set_retention

__all__ = [
    "KEEP",
    "Compaction",
    "CompactionFailed",
    "Expiry",
    "KeptSnapshot",
    "Retention",
    "RetentionInvalid",
    "SnapshotList",
    "compact",
    "expire",
    "get_retention",
    "keep_due",
    "keep_job",
    "list_kept",
    "set_retention",
]
