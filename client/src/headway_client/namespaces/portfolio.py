"""Operations about solutions and pilots."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from headway_client.answers.portfolio import (
    Allocation,
    LoadedSolution,
    Pilot,
    PilotReport,
    Replay,
    ResourceRequest,
    StartedPilot,
    StartedReplay,
)
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


class Allocations(Namespace[M]):
    """Means that use cases ask for, and the rounds in which they are given."""

    @post("/usecases/{slug}/resources")
    def request(
        self,
        slug: str,
        *,
        budget: str,
        reason: str,
        value: str | None = None,
        compute_hours: int = 0,
        people: float = 0.0,
        months: int = 12,
        risk: str | None = None,
        is_must: bool = False,
        requires: Sequence[str] = (),
    ) -> ResourceRequest:
        """Ask for budget, compute and people for a use case; money as ``120000 EUR``, by itself the value of its projection."""

    @lists("/usecases/{slug}/resources", is_paged=False)
    def requests(self, slug: str) -> Each[ResourceRequest]:
        """List what a use case asked for; the first, the newest, counts."""

    @lists("/allocations")
    def list(self) -> Each[Allocation]:
        """List rounds, newest first."""

    @post("/allocations")
    def draft(
        self,
        *,
        title: str,
        starts: date,
        ends: date,
        currency: str = "EUR",
        limits: Mapping[str, Any] | None = None,
        usecases: Sequence[str] = (),
        at_most_one: Sequence[Sequence[str]] = (),
    ) -> Allocation:
        """Draft a round: the best choice under the limits is worked out and kept with what was asked."""

    @get("/allocations/{allocation_id}")
    def show(self, allocation_id: str) -> Allocation:
        """Show a round with the best choice and, once decided, the choice that people made."""

    @post("/allocations/{allocation_id}/compare")
    def compare(self, allocation_id: str, *, chosen: Sequence[str]) -> Allocation:
        """Tell what another choice would take, bring and cost against the best one; nothing is kept."""

    @post("/allocations/{allocation_id}/decide")
    def decide(
        self, allocation_id: str, *, chosen: Sequence[str], reasons: Mapping[str, str] | None = None
    ) -> Allocation:
        """Decide a round that somebody else drafted; each difference from the best choice needs a reason."""
