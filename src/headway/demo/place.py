"""What a table's generator is told, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headway.demo import streams
from headway.demo.frames import Frame
from headway.demo.spec import Department, Event, EventKind, Region, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One table of one department in one region, and how many rows it has."""

    spec: Spec
    department: Department
    region: Region
    table: str
    rows: int

    @property
    def folder(self) -> str:
        """Where its files lie, below ``data`` and ``truth``."""
        return f"{self.department.name}/{self.region.name}"

    def stream(self, block: int, *purpose: str) -> np.random.Generator:
        """The stream of one block; a purpose of its own has a stream of its own."""
        return streams.stream(self.spec.seed, self.table, self.department.name, self.region.name, block, *purpose)

    def events(self, kind: EventKind, column: str | None = None) -> tuple[Event, ...]:
        """The events of a kind that are planted here, in the order of the spec."""
        return tuple(
            event
            for event in self.spec.events
            if event.kind == kind
            and event.department == self.department.name
            and event.region in (None, self.region.name)
            and event.table == self.table
            and column in (None, event.column)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Rows of one block: tables as the company has them, and the truth about them. Each data frame has a ``time`` column."""

    data: Mapping[str, Frame]
    truth: Mapping[str, Frame]
