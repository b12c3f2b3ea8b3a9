"""Columns that tell the date: a model learns the calendar from them and fails when the calendar moves on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from headway.registry.entities import Suspect
from headway.registry.metrics import roc_auc
from headway.registry.suspects.screening import Screening

MOVES = 0.95
"""AUC with which a column tells the first third of the rows from the last third."""


def find(screening: Screening) -> Iterator[Suspect]:
    """Name columns from which early and late rows can be told apart; nothing when the order is not known."""
    if screening.order is None:
        return
    third = screening.rows // 3
    rows = np.concatenate([screening.order[:third], screening.order[-third:]])
    late = np.repeat([0.0, 1.0], third)
    for column in screening.columns:
        if column.is_text:
            continue
        values = column.numbers[rows]
        known = ~np.isnan(values)
        auc = roc_auc(late[known], values[known])
        if np.isfinite(auc) and max(auc, 1 - auc) >= MOVES:
            strength = max(auc, 1 - auc)
            yield Suspect(
                column=column.name,
                kind="moves_with_time",
                severity="note",
                reason=f"it tells early rows from late ones (AUC {strength:.2f}): a model may learn the date from it",
                evidence={"auc_early_late": float(strength)},
            )
