"""People and alerts: seeing them, taking them on, closing them with a reason."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.kernel import clock, listing
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.monitoring import store
from headway.monitoring.entities import Alert
from headway.monitoring.errors import AlertClosed
from headway.monitoring.service.following import facts_of
from headway.monitoring.tables import AlertRow


def find_alerts(session: Session, asked: ListQuery) -> Found[Alert]:
    """Search, filter, sort and leaf through alerts, the newest first; raises BadListing."""
    wanted = listing.involves(asked, "department")
    return store.find_alerts(session, asked, governance.usecase_departments(session) if wanted else {})


def get_alert(session: Session, alert_id: str) -> Alert:
    """Look at an alert; raises UnknownAlert."""
    return store.alert_of(store.need_alert(session, alert_id))


def acknowledge(session: Session, actor: Actor, alert_id: str, reason: str) -> Alert:
    """Say that somebody looks into an alert, and how; raises UnknownAlert, AlertClosed."""
    row = _unclosed(session, alert_id)
    row.state = "acknowledged"
    row.acknowledged_by, row.acknowledged_at, row.acknowledged_because = actor.ref, clock.now(), reason
    session.flush()
    payload = facts_of(row, reason=reason)
    ledger.record(session, actor=actor, type="alert.acknowledged", subject=Ref("alert", row.id), payload=payload)
    return store.alert_of(row)


def close(session: Session, actor: Actor, alert_id: str, reason: str) -> Alert:
    """Close an alert for good. While what it tells goes on unchanged, it is not told again.

    Raises: UnknownAlert, AlertClosed.
    """
    row = _unclosed(session, alert_id)
    row.state = "closed"
    row.closed_by, row.closed_at, row.closed_because = actor.ref, clock.now(), reason
    session.flush()
    payload = facts_of(row, reason=reason)
    ledger.record(session, actor=actor, type="alert.closed", subject=Ref("alert", row.id), payload=payload)
    return store.alert_of(row)


def _unclosed(session: Session, alert_id: str) -> AlertRow:
    row = store.need_alert(session, alert_id, lock=True)
    if row.state == "closed":
        raise AlertClosed(
            f"{alert_id} was closed by {row.closed_by}: {row.closed_because}",
            hint="a change that goes on in another way opens a new alert",
        )
    return row
