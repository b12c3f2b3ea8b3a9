"""Operations about monitoring: what was judged of deployments, and alerts."""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from headway_client.answers.monitoring import Alert, Alerts, Monitoring, StartedRun
from headway_client.operations import M, Namespace, get, post
from headway_client.words import AlertKind, AlertState, Environment, Severity


class Monitors(Namespace[M]):
    """Whether deployments decide about what their models were made for, and how right they are."""

    @get("/deployments/{name}/monitoring")
    def show(self, name: str, *, environment: Environment = "sandbox", days: int = 90) -> Monitoring:
        """Show drift by day, realised performance by week, and the alerts of the release at work now."""

    @post("/deployments/{name}/monitoring/run")
    def run(self, name: str, *, environment: Environment) -> StartedRun:
        """Judge a deployment now; ``client.wait(started)`` waits for what it found."""


class AlertList(Namespace[M]):
    """What monitoring wants somebody to look at."""

    @get("/alerts")
    def list(
        self,
        *,
        department: str | None = None,
        deployment: str | None = None,
        environment: Environment | None = None,
        usecase: str | None = None,
        kind: AlertKind | None = None,
        severity: Severity | None = None,
        state: AlertState | None = None,
        search: str = "",
        sort: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> Alerts:
        """Search alerts, the newest first; ``sort="-since"`` falls."""

    @get("/alerts/{alert_id}")
    def show(self, alert_id: str) -> Alert:
        """Show an alert with its evidence."""

    @post("/alerts/{alert_id}/acknowledge")
    def acknowledge(self, alert_id: str, *, reason: str) -> Alert:
        """Say that you look into an alert, and how."""

    @post("/alerts/{alert_id}/close")
    def close(self, alert_id: str, *, reason: str) -> Alert:
        """Close an alert for good; what it tells is not told again while it goes on unchanged."""
