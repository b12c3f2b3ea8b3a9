"""What can be done with rows that were set aside, and with the ports that set them aside."""

from headway.catalog.quarantine.service.enforcing import list_enforcements, set_enforcement
from headway.catalog.quarantine.service.mending import (
    counts_by_rule,
    dismiss,
    fix,
    fix_by_file,
    get_row,
    list_batches,
    list_rows,
)
from headway.catalog.quarantine.service.remembering import take_again
from headway.catalog.quarantine.service.replaying import replay

__all__ = [
    "counts_by_rule",
    "dismiss",
    "fix",
    "fix_by_file",
    "get_row",
    "list_batches",
    "list_enforcements",
    "list_rows",
    "replay",
    "set_enforcement",
    "take_again",
]
