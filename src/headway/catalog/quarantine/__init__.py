"""The quarantine of data products: bad rows that a port set aside, mended, given up, or let in by a replay.

A port blocks, sets aside or warns, as the product's owner chose. A row keeps what came, what was made of it, by whom and why.
"""

from headway.catalog.batches.entities import (
    UPLOAD,
    WAITING,
    Batch,
    Enforcement,
    Mode,
    Outcome,
    QuarantinedRow,
    Reason,
    RowState,
)
from headway.catalog.quarantine.entities import Again, Dismissed, Edit, Mended, QuarantinePage, Replayed
from headway.catalog.quarantine.errors import BatchSuperseded, BatchUnknown, MendInvalid, StillBroken
from headway.catalog.quarantine.service import (
    counts_by_rule,
    dismiss,
    fix,
    fix_by_file,
    get_row,
    list_batches,
    list_enforcements,
    list_rows,
    replay,
    set_enforcement,
    take_again,
)
from headway.catalog.quarantine.service.ground import Places
from headway.catalog.quarantine.sheets import MOST, as_csv, as_workbook, header, line

__all__ = [
    "MOST",
    "UPLOAD",
    "WAITING",
    "Again",
    "Batch",
    "BatchSuperseded",
    "BatchUnknown",
    "Dismissed",
    "Edit",
    "Enforcement",
    "MendInvalid",
    "Mended",
    "Mode",
    "Outcome",
    "Places",
    "QuarantinePage",
    "QuarantinedRow",
    "Reason",
    "Replayed",
    "RowState",
    "StillBroken",
    "as_csv",
    "as_workbook",
    "counts_by_rule",
    "dismiss",
    "fix",
    "fix_by_file",
    "get_row",
    "header",
    "line",
    "list_batches",
    "list_enforcements",
    "list_rows",
    "replay",
    "set_enforcement",
    "take_again",
]
