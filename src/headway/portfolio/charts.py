"""The charts of a pilot's report, drawn from its facts; a report of an older pilot lacks those whose figures were not kept. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headway.documents import (
    PERCENT,
    BarChart,
    Bars,
    CalibrationBin,
    CalibrationChart,
    Chart,
    ContributionChart,
    Counts,
    Figure,
    GainsChart,
    GainsPoint,
    HistogramChart,
    Reason,
    Rule,
    figure,
)

SHOWN_FEATURES = 10
Facts = Mapping[str, Any]


def figures_of(facts: Facts, locale: str = "en") -> dict[str, Figure]:
    """The charts of a report for a page: gains, calibration, scores by outcome, importances, as far as there are figures."""
    return {name: figure(chart, locale=locale, name=f"report-{name}") for name, chart in charts_of(facts).items()}


def examples_of(facts: Facts, locale: str = "en") -> tuple[tuple[Facts, Figure | None], ...]:
    """The examples of a report, each with its reasons as bars; None for a report that was written before they were kept."""
    return tuple((one, _example(one, at, locale)) for at, one in enumerate(facts["examples"]))


def _example(one: Facts, at: int, locale: str) -> Figure | None:
    if not one.get("amounts"):
        return None
    chart = ContributionChart(
        title=one["place"],
        reference=one["reference"],
        score=one["raw"],
        reasons=tuple(Reason(label=r["label"], value=r["value"], amount=r["amount"]) for r in one["amounts"]),
    )
    return figure(chart, locale=locale, name=f"example-{at}")


def charts_of(facts: Facts) -> dict[str, Chart]:
    """The charts of a report by name, in the order of reading."""
    kinds: dict[str, Callable[[Facts], Chart | None]] = {
        "gains": _gains,
        "calibration": _calibration,
        "scores": _scores,
        "importances": _importances,
    }
    made = {name: draw(facts) for name, draw in kinds.items()}
    return {name: chart for name, chart in made.items() if chart is not None}


def _gains(facts: Facts) -> Chart | None:
    rows = facts.get("lift") or ()
    whole = sum(row["rows"] for row in rows)
    if not whole or any(row["captured"] is None for row in rows):
        return None
    taken, points = 0, []
    for row in rows:
        taken += row["rows"]
        points.append(GainsPoint(taken=taken / whole, found=min(1.0, row["captured"])))
    unit, success = facts["unit"], facts["success"]
    return GainsChart(
        title="What acting on the best first finds",
        points=tuple(points),
        taken_label=f"Share of {unit}s taken, best first",
        found_label=f"Share of {success}s found",
    )


def _calibration(facts: Facts) -> Chart | None:
    curve = facts.get("curve")
    if not curve:
        return None
    bins = tuple(CalibrationBin(predicted=p["predicted"], observed=p["observed"], rows=p["rows"]) for p in curve)
    return CalibrationChart(title="Are its probabilities true?", bins=bins)


def _scores(facts: Facts) -> Chart | None:
    histogram = facts.get("histogram")
    if not histogram:
        return None
    label = facts["label"]
    rules = [(band["name"], band["at_least"]) for band in facts["bands"] if band["at_least"] is not None]
    top = histogram["edges"][-1]
    return HistogramChart(
        title="Scores by outcome",
        edges=tuple(histogram["edges"]),
        groups=(
            Counts(name=f"{label['column']} = {label['negative']}", counts=tuple(histogram["negatives"])),
            Counts(name=f"{label['column']} = {label['positive']}", counts=tuple(histogram["positives"])),
        ),
        unit=PERCENT,
        share=True,
        label="Share of each group, test rows",
        x_label="Score",
        rules=tuple(Rule(name=f"Band {name}", value=at) for name, at in rules if 0 < at < top),
    )


def _importances(facts: Facts) -> Chart | None:
    told = [one for one in facts["importances"] if one["share"] > 0][:SHOWN_FEATURES]
    if not told:
        return None
    return BarChart(
        title="What it looks at",
        categories=tuple(one["label"] for one in told),
        series=(Bars(name="Share of all reasons", values=tuple(one["share"] for one in told)),),
        unit=PERCENT,
        horizontal=True,
        label="Share of all reasons",
        category_label="Column",
    )
