"""Operations about rows that were set aside, and about the ports that set them aside."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from headway_client.answers.quarantine import (
    Batch,
    Dismissed,
    Enforcement,
    Enforcements,
    Mended,
    QuarantinedRow,
    Replayed,
)
from headway_client.calls import File
from headway_client.operations import Each, M, Namespace, get, lists, post

RowState = Literal["open", "fixed", "replayed", "dismissed"]
Mode = Literal["block", "quarantine", "warn"]


class Quarantine(Namespace[M]):
    """Bad rows of products: looked at, mended, given up, let in; and what each port does with them."""

    @lists("/products/{slug}/quarantine")
    def rows(
        self,
        slug: str,
        *,
        state: RowState | None = None,
        rule: str | None = None,
        column: str | None = None,
        batch: str | None = None,
    ) -> Each[QuarantinedRow]:
        """List the rows that were set aside, with values and reasons; without a state those that wait."""

    @get("/products/{slug}/quarantine/rows")
    def download(
        self,
        slug: str,
        *,
        format: Literal["csv", "xlsx"] = "csv",
        state: RowState | None = None,
        rule: str | None = None,
        column: str | None = None,
        batch: str | None = None,
    ) -> bytes:
        """Give whole rows that were set aside as CSV or Excel, to be corrected and brought back."""

    @lists("/products/{slug}/batches")
    def batches(self, slug: str) -> Each[Batch]:
        """List the files some of whose rows did not enter, newest first, with what became of their rows."""

    @post("/products/{slug}/quarantine/fix")
    def fix(self, slug: str, *, edits: Sequence[Mapping[str, Any]], reason: str) -> Mended:
        """Change values of rows that wait; an edit is ``{"batch": ..., "row": ..., "values": {column: text or None}}``."""

    @post("/products/{slug}/quarantine/fix-file", files=("file",))
    def fix_by_file(self, slug: str, file: File, *, reason: str, batch: str | None = None) -> Mended:
        """Take a corrected download back: cells that differ are changed, and the rows held to the contract at once."""

    @post("/products/{slug}/quarantine/dismiss")
    def dismiss(self, slug: str, *, batch: str, rows: Sequence[int], reason: str) -> Dismissed:
        """Give up rows that wait, with a reason."""

    @post("/products/{slug}/quarantine/replay")
    def replay(self, slug: str, *, batch: str | None = None, reason: str = "") -> Replayed:
        """Let the rows that pass now enter as a new snapshot, once; the others stay, with new reasons."""

    @get("/products/{slug}/enforcement")
    def enforcement(self, slug: str) -> Enforcements:
        """Tell what each port does with a batch whose rows break the contract."""

    @post("/products/{slug}/enforcement")
    def enforce(self, slug: str, *, mode: Mode, reason: str, port: str = "upload") -> Enforcement:
        """Choose what a port does with bad rows: ``block``, ``quarantine`` or ``warn``."""
