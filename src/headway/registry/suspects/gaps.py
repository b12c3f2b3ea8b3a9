"""Columns whose gaps tell the answer: filled in only where something came of it, or only where nothing did."""

from __future__ import annotations

from collections.abc import Iterator

from headway.registry.entities import Suspect
from headway.registry.suspects.screening import Screening

TELLS = 0.5
"""Difference between the shares of gaps among the two answers from which gaps tell the label."""
EQUALS = 0.9
"""Difference from which gaps are nearly the label itself."""


def find(screening: Screening) -> Iterator[Suspect]:
    """Name columns that are missing for one answer and present for the other."""
    positive = screening.y == 1
    for column in screening.columns:
        if not 0 < column.present < screening.rows:
            continue
        among_yes = float(column.missing[positive].mean())
        among_no = float(column.missing[~positive].mean())
        gap = abs(among_yes - among_no)
        if gap >= TELLS:
            yield Suspect(
                column=column.name,
                kind="missing_tells_label",
                severity="strong" if gap >= EQUALS else "warning",
                reason=f"it is missing in {among_yes:.0%} of the positive rows and {among_no:.0%} of the others",
                evidence={"missing_positive": among_yes, "missing_negative": among_no},
            )
