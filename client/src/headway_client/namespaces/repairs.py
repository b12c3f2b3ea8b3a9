"""Operations about suggestions, repairs and labels."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headway_client.answers.jobs import Started
from headway_client.answers.repairs import (
    CleaningSuggestion,
    LabelsKept,
    LabelTask,
    RepairAct,
    RepairPage,
    SuggestionGroups,
)
from headway_client.operations import Each, M, Namespace, get, lists, post


class Repairs(Namespace[M]):
    """Cells that are probably wrong: see them, accept or refuse repairs, take them back, label rows."""

    @lists("/products/{slug}/suggestions")
    def suggestions(
        self,
        slug: str,
        *,
        column: str | None = None,
        kind: str | None = None,
        least: float | None = None,
        sure: float | None = None,
    ) -> Each[CleaningSuggestion]:
        """List cells that are probably wrong, with reasons and proposed repairs; nothing is changed."""

    @get("/products/{slug}/suggestions/groups")
    def groups(self, slug: str, *, least: float | None = None, sure: float | None = None) -> SuggestionGroups:
        """Count the suggestions by column and reason, with examples."""

    @post("/products/{slug}/suggestions")
    def look(self, slug: str) -> Started:
        """Begin to look through the current snapshot, as a job; large products need it."""

    @post("/products/{slug}/repairs")
    def accept(
        self,
        slug: str,
        *,
        reason: str,
        column: str | None = None,
        kind: str | None = None,
        least: float = 0.5,
        sure: float = 0.0,
        cells: Sequence[Mapping[str, Any]] = (),
        snapshot: str | None = None,
    ) -> RepairAct:
        """Accept suggestions that fulfil all that is named: their repairs make a new snapshot.

        ``cells`` as ``[{"row": 7, "column": "city"}]``; ``least`` is the lowest probability that a cell is wrong, ``sure``
        that its repair is right.
        """

    @post("/products/{slug}/suggestions/refuse")
    def refuse(
        self,
        slug: str,
        *,
        reason: str,
        column: str | None = None,
        kind: str | None = None,
        least: float = 0.5,
        sure: float = 0.0,
        cells: Sequence[Mapping[str, Any]] = (),
        snapshot: str | None = None,
    ) -> RepairAct:
        """Refuse suggestions: they are not made again for the same value."""

    @lists("/products/{slug}/repairs")
    def list(self, slug: str) -> Each[RepairAct]:
        """List what was accepted, refused and taken back, the newest first."""

    @get("/products/{slug}/repairs/{act_id}")
    def show(self, slug: str, act_id: str, *, limit: int | None = None, cursor: str | None = None) -> RepairPage:
        """Show one act with its cells."""

    @post("/products/{slug}/repairs/{act_id}/undo")
    def undo(self, slug: str, act_id: str, *, reason: str) -> RepairAct:
        """Take accepted repairs back: the rows before them become current again, as a new snapshot."""

    @get("/products/{slug}/labels")
    def rows_to_label(self, slug: str, *, count: int | None = None) -> LabelTask:
        """Name rows whose labels would teach most, and the labels there are."""

    @post("/products/{slug}/labels")
    def label(self, slug: str, *, rows: Sequence[Mapping[str, Any]], snapshot: str | None = None) -> LabelsKept:
        """Say of rows which cells are wrong and what would be right: ``[{"row": 7, "wrong": {"city": "Boston"}}]``."""
