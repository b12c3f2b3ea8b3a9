"""What a worker counts about itself, and how Prometheus reads it: counting is addition, a scrape does the work."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Figures:
    """Counts of one worker; touched by its event loop only."""

    def __init__(self) -> None:
        self.decisions: Counter[tuple[str, str, str]] = Counter()  # deployment, arm, action
        self.outcomes: Counter[str] = Counter()  # deployment
        self.refusals: Counter[str] = Counter()  # code
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def took(self, seconds: float) -> None:
        """Count the time of one answered decision request."""
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Exposition:
    """The page that Prometheus reads."""

    def __init__(self, figures: Figures, gauges: Callable[[], Iterable[tuple[str, str, float]]]) -> None:
        """Args: gauges: name, help and value of what is looked up at each scrape."""
        self._figures, self._gauges = figures, gauges
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def page(self) -> bytes:
        """Write the page."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """Promise nothing beforehand: labels appear as they are counted."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """List the metrics with their values now."""
        figures = self._figures
        decisions = CounterMetricFamily("headway_decisions", "Decisions made.", labels=["deployment", "arm", "action"])
        for labels, count in list(figures.decisions.items()):
            decisions.add_metric(labels, count)
        yield decisions
        for name, text, label, counted in (
            ("headway_outcomes", "Outcomes taken in.", "deployment", figures.outcomes),
            ("headway_refusals", "Requests refused.", "code", figures.refusals),
        ):
            family = CounterMetricFamily(name, text, labels=[label])
            for value, count in list(counted.items()):
                family.add_metric([value], count)
            yield family
        yield self._histogram()
        for name, text, number in self._gauges():
            yield GaugeMetricFamily(name, text, value=number)

    def _histogram(self) -> Metric:
        total, buckets = 0, []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._figures.buckets, strict=True):
            total += count
            buckets.append((bound, total))
        return HistogramMetricFamily(
            "headway_decision_seconds",
            "Time from a request's body being read to its answer being durable.",
            buckets=buckets,
            sum_value=self._figures.seconds,
        )
