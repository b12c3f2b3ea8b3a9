"""What can be done about suggestions: look for them, see them, accept, refuse, take back, label rows."""

from headway.catalog.repairs.service.deciding import accept, get_act, list_acts, refuse, undo
from headway.catalog.repairs.service.finding import groups, is_looked_through, look, suggest
from headway.catalog.repairs.service.labelling import label, rows_to_label

__all__ = [
    "accept",
    "get_act",
    "groups",
    "is_looked_through",
    "label",
    "list_acts",
    "look",
    "refuse",
    "rows_to_label",
    "suggest",
    "undo",
]
