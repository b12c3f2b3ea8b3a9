"""Monitoring: whether what a deployment decides about is still what its model was made for, and whether it is still right.

``judge`` compares the profiles of each day with the reference in the bundle, and outcomes with what the model foresaw; it
opens an alert once, with its evidence, and ends it when it is over. ``overview`` shows what was judged.
"""

from headway.monitoring.drift import Watched
from headway.monitoring.entities import (
    SCORES,
    Alert,
    AlertKind,
    AlertState,
    Bin,
    ColumnFigures,
    DayFigures,
    DayLine,
    Distance,
    Expected,
    Monitoring,
    Performance,
    Rate,
    Rehearsed,
    RunReport,
    Severity,
    title_of,
)
from headway.monitoring.errors import AlertClosed, UnknownAlert
from headway.monitoring.jobs import monitoring_job, watch_due
from headway.monitoring.performance import is_settled, perform, wilson
from headway.monitoring.rehearsal import rehearse, scored_days
from headway.monitoring.service import acknowledge, close, due, find_alerts, get_alert, judge, overview, start
from headway.monitoring.service.running import JOB

__all__ = [
    "JOB",
    "SCORES",
    "Alert",
    "AlertClosed",
    "AlertKind",
    "AlertState",
    "Bin",
    "ColumnFigures",
    "DayFigures",
    "DayLine",
    "Distance",
    "Expected",
    "Monitoring",
    "Performance",
    "Rate",
    "Rehearsed",
    "RunReport",
    "Severity",
    "UnknownAlert",
    "Watched",
    "acknowledge",
    "close",
    "due",
    "find_alerts",
    "get_alert",
    "is_settled",
    "judge",
    "monitoring_job",
    "overview",
    "perform",
    "rehearse",
    "scored_days",
    "start",
    "title_of",
    "watch_due",
    "wilson",
]
