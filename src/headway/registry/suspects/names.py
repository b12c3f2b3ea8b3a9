"""Columns whose names speak of after the outcome."""

from __future__ import annotations

from collections.abc import Iterator

from headway.registry.entities import Suspect
from headway.registry.suspects.screening import Screening
from headway.registry.suspects.words import speaks_of_after


def find(screening: Screening) -> Iterator[Suspect]:
    """Name columns by the words in their names."""
    for column in screening.columns:
        word = speaks_of_after(column.name)
        if word is not None:
            yield Suspect(
                column=column.name,
                kind="named_after_outcome",
                severity="warning",
                reason=f"its name says {word!r}, which is often known only after the outcome",
                evidence={"word": word},
            )
