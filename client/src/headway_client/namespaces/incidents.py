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
    Lifted,
    Lifting,
    Notice,
    Notices,
    StartedCount,
)
from headway_client.calls import File
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
        self, incident_id: str, *, format: Literal["csv", "parquet", "xlsx"] = "csv", subjects: bool = False
    ) -> bytes:
        """Download every decision that an incident touched; ``subjects`` asks for personal data."""

    @get("/incidents/{incident_id}/containment")
    def containment(self, incident_id: str) -> Containment:
        """Show which deployments would be stopped now, which not, and why."""

    @post("/incidents/{incident_id}/containment")
    def contain(self, incident_id: str, *, reason: str) -> Containment:
        """Stop everything at work that an incident reaches; nodes follow within five seconds."""

    @get("/incidents/{incident_id}/lifting")
    def lifting(self, incident_id: str) -> Lifting:
        """Show what lifting the containment would let decide again, and the actions that must be ended first."""

    @post("/incidents/{incident_id}/lifting")
    def lift(self, incident_id: str, *, reason: str) -> Lifted:
        """Lift the containment: what the incident stopped decides again, where its verdict holds."""

    @post("/incidents/{incident_id}/notices")
    def draft_notices(self, incident_id: str, *, clock: str | None = None) -> Notices:
        """Draft the notification that a clock asks for, or those of all running clocks. Nothing is sent."""

    @get("/incidents/{incident_id}/notices")
    def notices(self, incident_id: str) -> Notices:
        """List the drafts of an incident, the newest first, each with what was sent."""

    @get("/incidents/{incident_id}/notices/{notice_id}")
    def notice(self, incident_id: str, notice_id: str) -> Notice:
        """Show a draft with every fact, its record, and the gaps."""

    @get("/incidents/{incident_id}/notices/{notice_id}/document")
    def write_notice(self, incident_id: str, notice_id: str, *, format: Literal["pdf", "txt"] = "pdf") -> bytes:
        """Download a draft as it was kept, as tagged PDF or plain text."""

    @post("/incidents/{incident_id}/notices/{notice_id}/sent", files=("file",))
    def mark_sent(
        self,
        incident_id: str,
        notice_id: str,
        *,
        sent_at: datetime,
        to: str,
        reference: str | None = None,
        file: File | None = None,
    ) -> Notice:
        """Note that a person sent a draft, which meets its clock; a file may prove it."""

    @get("/incidents/{incident_id}/notices/{notice_id}/proof")
    def proof(self, incident_id: str, notice_id: str) -> bytes:
        """Download the file that proves a sending."""

    @post("/incidents/{incident_id}/close")
    def close(self, incident_id: str, *, reason: str) -> Incident:
        """Close an incident that somebody else opened."""

    @post("/incidents/{incident_id}/reopen")
    def reopen(self, incident_id: str, *, reason: str) -> Incident:
        """Open an incident again."""
