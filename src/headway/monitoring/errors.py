"""Errors of monitoring."""

from headway.kernel.errors import Conflict, NotFound


class UnknownAlert(NotFound):
    """No alert has this id, or the asker may not know that it does."""

    code = "monitoring.unknown_alert"


class AlertClosed(Conflict):
    """A closed alert is not answered again."""

    code = "monitoring.alert_closed"
