"""The verbs of monitoring, one file an idea."""

from headway.monitoring.service.answering import acknowledge, close, find_alerts, get_alert
from headway.monitoring.service.judging import judge
from headway.monitoring.service.reading import overview, score_bins
from headway.monitoring.service.running import due, start

__all__ = ["acknowledge", "close", "due", "find_alerts", "get_alert", "judge", "overview", "score_bins", "start"]
