"""Operations about solutions and pilots."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence

from headway_client.answers.portfolio import LoadedSolution, Pilot, PilotReport, Replay, StartedPilot, StartedReplay
from headway_client.calls import File
from headway_client.operations import Each, M, Namespace, get, lists, post


class Solutions(Namespace[M]):
    """Installed solutions."""

    @lists("/solutions", is_paged=False)
    def list(self) -> Each[LoadedSolution]:
        """List installed solutions: those that loaded, from where, and why others did not."""


class Pilots(Namespace[M]):
    """Solutions tried on files, in the sandbox."""

    @post("/pilots", files=("file",))
    def start(
        self,
        file: File | None = None,
        *,
        upload: str | None = None,
        solution: str,
        department: str,
        label: str,
        positive: str | None = None,
        time: str | None = None,
        ordered: bool = False,
        subject: str | None = None,
        exclude: Sequence[str] | None = None,
        value_per_success: str | None = None,
        cost_per_action: str | None = None,
        currency: str | None = None,
        name: str | None = None,
    ) -> StartedPilot:
        """Start a pilot in the sandbox from a file or an upload; ``client.wait(started)`` waits for its result."""

    @lists("/pilots")
    def list(self, *, department: str | None = None) -> Each[Pilot]:
        """List pilots, newest first."""

    @get("/pilots/{pilot_id}")
    def show(self, pilot_id: str) -> Pilot:
        """Show a pilot with its result or the reason of its failure."""

    @post("/pilots/{pilot_id}/retry")
    def retry(self, pilot_id: str) -> StartedPilot:
        """Take a failed pilot up again where it failed."""

    @post("/pilots/{pilot_id}/repeat")
    def repeat(self, pilot_id: str, *, exclude: Sequence[str] = ()) -> StartedPilot:
        """Start a pilot like this one from the same file, with more columns left out."""

    @get("/pilots/{pilot_id}/report", fixed={"format": "json"})
    def report(self, pilot_id: str) -> PilotReport:
        """Show a pilot's report as plain values."""

    @get("/pilots/{pilot_id}/report", fixed={"format": "md"})
    def report_markdown(self, pilot_id: str) -> str:
        """Show a pilot's report as Markdown."""

    @get("/pilots/{pilot_id}/report", fixed={"format": "pdf"})
    def report_pdf(self, pilot_id: str) -> bytes:
        """Give a pilot's report as a tagged PDF."""


class Replays(Namespace[M]):
    """A past time as contract, monitoring and hold-out would have seen it."""

    @post("/replays", files=("file",))
    def start(
        self,
        file: File | None = None,
        *,
        usecase: str,
        time: str,
        outcome: str,
        positive: str | None = None,
        subject: str | None = None,
        exclude: Sequence[str] | None = None,
        told: str | None = None,
        delay_days: int = 0,
        learn_share: float = 1 / 3,
        hold_out_share: float = 0.1,
        value_per_success: str | None = None,
        cost_per_action: str | None = None,
    ) -> StartedReplay:
        """Replay the past of a file for a use case; ``client.wait(started)`` waits for it."""

    @lists("/replays")
    def list(self, *, usecase: str | None = None) -> Each[Replay]:
        """List replays, newest first."""

    @get("/replays/{replay_id}")
    def show(self, replay_id: str) -> Replay:
        """Show a replay with what it tells, or the reason of its failure."""
