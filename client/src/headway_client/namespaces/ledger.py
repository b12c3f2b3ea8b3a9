"""Operations about the ledger."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from headway_client.answers.ledger import Checkpoint, ConsistencyProof, Event, InclusionProof, VerifyReport
from headway_client.operations import Each, M, Namespace, get, lists, post


class Ledger(Namespace[M]):
    """The append-only record of everything that changed."""

    @lists("/ledger/events")
    def events(self, *, subject: str | None = None, type: str | None = None, actor: str | None = None) -> Each[Event]:
        """List events, newest first."""

    @get("/ledger/events/{event_id}")
    def event(self, event_id: str) -> Event:
        """Show one event."""

    @get("/ledger/events/{event_id}/proof")
    def proof(self, event_id: str) -> InclusionProof:
        """Prove that an event is in the log."""

    @post("/ledger/events/{event_id}/erase")
    def erase(self, event_id: str, *, reason: str) -> Event:
        """Forget the personal payload of an event; its proofs stay valid."""

    @get("/ledger/checkpoint")
    def checkpoint(self) -> Checkpoint:
        """Show the newest signed checkpoint."""

    @get("/ledger/consistency")
    def consistency(self, *, old: int, new: int | None = None) -> ConsistencyProof:
        """Prove that the log at an old checkpoint is the start of the log at a newer one."""

    @post("/ledger/verify")
    def verify(self) -> VerifyReport:
        """Verify the whole log, its payloads and every checkpoint, those in object storage included."""

    @get("/ledger/export")
    def export(self) -> bytes:
        """Export the log as a zip that verifies without this system."""
