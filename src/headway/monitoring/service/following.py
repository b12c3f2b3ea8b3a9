"""Carrying alerts on: what a day's finding, or the lack of one, does to the row, the ledger and those who are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.kernel import clock, ids
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.ids import Ref
from headway.monitoring import store
from headway.monitoring.entities import SCORES, AlertKind, Finding, title_of
from headway.monitoring.following import SETTLING_DAYS, Running, Step, columns_of, step_of
from headway.monitoring.store import Where
from headway.monitoring.tables import AlertRow

OVER = "the change is over: {days} days in a row showed none"
REPLACED = "replaced: {version} decides now"
RETIRED = "the deployment was retired"


@dataclass(slots=True, kw_only=True)
class Followed:
    """The alerts of a release while its days are judged, and what came of them."""

    session: Session
    where: Where
    usecase: str
    version: str
    rows: dict[AlertKind, AlertRow]
    opened: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def day(self, kinds: tuple[AlertKind, ...], found: dict[AlertKind, Finding], day: date, *, is_whole: bool) -> None:
        """Take in what was found on a day, or was not."""
        for kind in kinds:
            self._step(kind, found.get(kind), day, is_whole)

    def _step(self, kind: AlertKind, finding: Finding | None, day: date, is_whole: bool) -> None:
        row = self.rows.get(kind)
        if finding is None and row is not None and (not is_whole or (row.quiet_on is not None and day <= row.quiet_on)):
            return  # a day that is not over, or was counted before, says nothing about an end
        running = Running(alert=store.alert_of(row), quiet_days=row.quiet_days) if row is not None else None
        step = step_of(running, finding)
        if step is Step.opens and finding is not None:
            if row is not None:
                row.is_over = True
            self.rows[kind] = self._open(finding, day)
        elif row is not None and finding is not None:
            self._go_on(row, finding, day, worsens=step is Step.worsens)
        elif row is not None and step in (Step.rests, Step.ends):
            row.quiet_days, row.quiet_on = row.quiet_days + 1, day
            if step is Step.ends:
                self._end(row)
        self.session.flush()

    def _open(self, finding: Finding, day: date) -> AlertRow:
        row = AlertRow(
            id=ids.new_id("alr"),
            **self.where.values,
            usecase=self.usecase,
            version=self.version,
            kind=finding.kind.value,
            severity=finding.severity.value,
            state="open",
            since=finding.since,
            noticed_on=day,
            last_seen=day,
            quiet_days=0,
            quiet_on=None,
            is_over=False,
            columns=list(finding.columns),
            evidence=dict(finding.evidence),
            opened_at=clock.now(),
        )
        store.add_alert(self.session, row)
        note(self.session, SYSTEM, row, "alert.opened", evidence=dict(finding.evidence))
        self.opened.append(row.id)
        return row

    def _go_on(self, row: AlertRow, finding: Finding, day: date, *, worsens: bool) -> None:
        alert = store.alert_of(row)
        row.last_seen, row.quiet_days, row.quiet_on = max(day, row.last_seen), 0, None
        row.evidence, row.columns = dict(finding.evidence), list(columns_of(alert, finding))
        if day <= row.noticed_on + timedelta(days=SETTLING_DAYS) and finding.columns[:1] == alert.columns[:1]:
            row.since = finding.since
        if worsens:
            row.severity = finding.severity.value
            note(self.session, SYSTEM, row, "alert.worsened", evidence=dict(finding.evidence))

    def _end(self, row: AlertRow) -> None:
        row.is_over = True
        del self.rows[AlertKind(row.kind)]
        if row.state != "closed":
            end(self.session, row, OVER.format(days=row.quiet_days))
            self.ended.append(row.id)


def end(session: Session, row: AlertRow, reason: str) -> None:
    """Close an alert without a person, saying why."""
    row.state, row.is_over = "closed", True
    row.closed_by, row.closed_at, row.closed_because = SYSTEM.ref, clock.now(), reason
    session.flush()
    note(session, SYSTEM, row, "alert.ended", reason=reason)


def note(session: Session, actor: Actor, row: AlertRow, type: str, **more: object) -> None:
    """Leave the ledger's entry of what the platform does to an alert."""
    ledger.record(session, actor=actor, type=type, subject=Ref("alert", row.id), payload=facts_of(row, **more))


def facts_of(row: AlertRow, **more: object) -> dict[str, object]:
    """What the ledger's entries about an alert hold."""
    return {
        "deployment": f"{row.environment}/{row.deployment}",
        "usecase": row.usecase,
        "version": row.version,
        "kind": row.kind,
        "about": title_of(AlertKind(row.kind)),
        "severity": row.severity,
        "since": row.since.isoformat(),
        "noticed_on": row.noticed_on.isoformat(),
        "columns": [name for name in row.columns if name != SCORES],
        **more,
    }
