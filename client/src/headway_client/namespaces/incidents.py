"""Operations about incidents."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

import builtins
from datetime import datetime
from typing import Literal

from headway_client.answers.incidents import (
    ClockSet,
    ClockSets,
    Containment,
    CountedDecisions,
    Deadlines,
    Incident,
    IncidentClock,
    IncidentPlace,
    Incidents,
    IncidentView,
    StartedCount,
)
from headway_client.operations import M, Namespace, get, patch, post
from headway_client.words import Harm, IncidentSeverity, IncidentState, RiskToPersons


class IncidentRegister(Namespace[M]):
    """What went wrong with what decides, the clocks it starts, and what is done about it."""

    @get("/incidents")
    def list(
        self,
        *,
        department: str | None = None,
        state: IncidentState | None = None,
        severity: IncidentSeverity | None = None,
        usecase: str | None = None,
        harm: Harm | None = None,
        late: bool | None = None,
        opened_by: str | None = None,
        search: str = "",
        sort: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> Incidents:
        """Search the register, the newest first; ``late=True`` keeps those with a clock that passed."""

    @post("/incidents")
    def report(
        self,
        *,
        title: str,
        what: str,
        department: str | None = None,
        concerns: builtins.list[str] | None = None,
        severity: IncidentSeverity | None = None,
        harm: builtins.list[Harm] | None = None,
        widespread: bool | None = None,
        personal_data_breach: bool | None = None,
        risk_to_persons: RiskToPersons | None = None,
        found_by: str | None = None,
        found_at: datetime | None = None,
        aware_at: datetime | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        alert: str | None = None,
    ) -> Incident:
        """Report an incident; every clock that may apply starts."""

    @get("/incidents/deadlines")
    def deadlines(self, *, department: str | None = None) -> Deadlines:
        """List everything of incidents that is due, the first first."""

    @get("/incidents/clocks")
    def clocks(self, *, department: str | None = None) -> ClockSets:
        """Show the files of clocks that count now."""

    @post("/incidents/clocks")
    def publish_clocks(self, *, text: str) -> ClockSet:
        """Publish a file of clocks (YAML); open incidents are asked anew."""

    @get("/incidents/{incident_id}")
    def show(self, incident_id: str) -> IncidentView:
        """Show an incident with its jurisdictions and clocks."""

    @patch("/incidents/{incident_id}")
    def update(
        self,
        incident_id: str,
        *,
        title: str | None = None,
        what: str | None = None,
        concerns: builtins.list[str] | None = None,
        severity: IncidentSeverity | None = None,
        harm: builtins.list[Harm] | None = None,
        widespread: bool | None = None,
        personal_data_breach: bool | None = None,
        risk_to_persons: RiskToPersons | None = None,
        found_by: str | None = None,
        found_at: datetime | None = None,
        aware_at: datetime | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        cause: str | None = None,
        reason: str = "",
    ) -> Incident:
        """Tell more of an incident; what is left out stays, None says that nobody knows any more."""

    @post("/incidents/{incident_id}/jurisdictions")
    def place(self, incident_id: str, *, jurisdiction: str, is_in: bool, reason: str) -> IncidentPlace:
        """Say whether an incident is in a jurisdiction, above what its use cases say."""

    @post("/incidents/{incident_id}/clocks/{clock_id}/judge")
    def judge_clock(self, incident_id: str, clock_id: str, *, reason: str) -> IncidentClock:
        """Judge a clock not due; it stays so."""

    @post("/incidents/{incident_id}/contained")
    def mark_contained(self, incident_id: str, *, reason: str) -> Incident:
        """Note that an incident does no more harm."""

    @post("/incidents/{incident_id}/corrected")
    def mark_corrected(self, incident_id: str, *, reason: str) -> Incident:
        """Note that the causes of an incident are mended."""

    @post("/incidents/{incident_id}/affected")
    def count_affected(self, incident_id: str) -> StartedCount:
        """Begin to count every decision that an incident touched; ``client.wait(started)`` waits for it."""

    @get("/incidents/{incident_id}/affected")
    def affected(self, incident_id: str) -> CountedDecisions:
        """Show what was counted last, and whether decisions arrived since."""

    @get("/incidents/{incident_id}/affected/list")
    def download_affected(
        self, incident_id: str, *, format: Literal["csv", "parquet"] = "csv", subjects: bool = False
    ) -> bytes:
        """Download every decision that an incident touched; ``subjects`` asks for personal data."""

    @get("/incidents/{incident_id}/containment")
    def containment(self, incident_id: str) -> Containment:
        """Show which deployments would be stopped now, which not, and why."""

    @post("/incidents/{incident_id}/containment")
    def contain(self, incident_id: str, *, reason: str) -> Containment:
        """Stop everything at work that an incident reaches; nodes follow within five seconds."""

    @post("/incidents/{incident_id}/close")
    def close(self, incident_id: str, *, reason: str) -> Incident:
        """Close an incident that somebody else opened."""

    @post("/incidents/{incident_id}/reopen")
    def reopen(self, incident_id: str, *, reason: str) -> Incident:
        """Open an incident again."""
