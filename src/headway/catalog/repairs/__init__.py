"""Repairs: cells that are probably wrong, and what a steward decides about them.

Accepted repairs make a new snapshot, held to the contract like any; each act is kept with its cells and can be taken back.
"""

from headway.catalog.repairs.entities import (
    ActKind,
    Choice,
    Label,
    LabelTask,
    RepairAct,
    RepairPage,
    RowToLabel,
    Suggestion,
    SuggestionGroup,
    SuggestionGroups,
    SuggestionPage,
)
from headway.catalog.repairs.errors import (
    ActUnknown,
    CannotUndo,
    LabelInvalid,
    NothingChosen,
    NotLookedThrough,
    SnapshotMoved,
)
from headway.catalog.repairs.jobs import LOOK, look_job
from headway.catalog.repairs.service import (
    accept,
    get_act,
    groups,
    is_looked_through,
    label,
    list_acts,
    look,
    refuse,
    rows_to_label,
    suggest,
    undo,
)
from headway.catalog.service.renewing import Data

__all__ = [
    "LOOK",
    "ActKind",
    "ActUnknown",
    "CannotUndo",
    "Choice",
    "Data",
    "Label",
    "LabelInvalid",
    "LabelTask",
    "NotLookedThrough",
    "NothingChosen",
    "RepairAct",
    "RepairPage",
    "RowToLabel",
    "SnapshotMoved",
    "Suggestion",
    "SuggestionGroup",
    "SuggestionGroups",
    "SuggestionPage",
    "accept",
    "get_act",
    "groups",
    "is_looked_through",
    "label",
    "list_acts",
    "look",
    "look_job",
    "refuse",
    "rows_to_label",
    "suggest",
    "undo",
]
