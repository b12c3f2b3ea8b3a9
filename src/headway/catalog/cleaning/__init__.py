"""Cleaning suggestions: cells of a table that are probably wrong, why, and how they could be repaired.

Works on a table alone: ``detect`` without labels, ``rows_to_label`` and ``detect_with`` with a steward's answers. Nothing is
changed unless ``apply`` is given a suggestion that names the cell.
"""

from headway.catalog.cleaning.detecting import Study, detect, detect_in, study
from headway.catalog.cleaning.entities import FINDINGS, Change, Detection, Finding, RuleKind, Suggestion
from headway.catalog.cleaning.learning import LABELS, Labels, detect_with, rows_to_label
from headway.catalog.cleaning.repairing import apply, read_as

__all__ = [
    "FINDINGS",
    "LABELS",
    "Change",
    "Detection",
    "Finding",
    "Labels",
    "RuleKind",
    "Study",
    "Suggestion",
    "apply",
    "detect",
    "detect_in",
    "detect_with",
    "read_as",
    "rows_to_label",
    "study",
]
