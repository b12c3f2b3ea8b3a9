"""One example of each kind of chart, for the style page, the browser suite, and whoever looks for the right kind."""

from __future__ import annotations

import math
from datetime import date, timedelta

from headway.documents.charts.bars import BarChart, Bars
from headway.documents.charts.calibration import CalibrationBin, CalibrationChart
from headway.documents.charts.chart import Chart
from headway.documents.charts.contributions import ContributionChart, Reason
from headway.documents.charts.gains import GainsChart, GainsPoint, LiftChart, LiftGroup
from headway.documents.charts.heatmap import HeatmapChart, HeatRow
from headway.documents.charts.histogram import Counts, HistogramChart
from headway.documents.charts.line import Event, LineChart, Rule, Series
from headway.documents.charts.multiples import MultiplesChart, Panel
from headway.documents.charts.sparkline import SparklineChart
from headway.documents.charts.stacked import StackedChart
from headway.documents.charts.waterfall import Step, WaterfallChart
from headway.documents.entities import PERCENT, Number, Unit

_START = date(2026, 1, 5)
_EUROS = Unit(kind="money", currency="EUR", digits=0)


def gallery() -> dict[str, Chart]:
    """Examples by name; their figures are made up and say so nowhere else."""
    return {
        "line": _line(),
        "lines": _lines(),
        "bars": _bars(),
        "bars-horizontal": _importances(),
        "contributions": _contributions(),
        "stacked": _stacked(),
        "stacked-shares": _shares(),
        "histogram": _histogram(),
        "calibration": _calibration(),
        "gains": _gains(),
        "lift": _lift(),
        "waterfall": _waterfall(),
        "heatmap": _heatmap(),
        "heatmap-diverging": _differences(),
        "sparkline": SparklineChart(title="Decisions a day", values=tuple(_wave(20, 400, 60, 9.0))),
        "multiples": _multiples(),
        "empty": LineChart(title="Outcomes a week", x=(), series=()),
    }


def _wave(count: int, level: float, size: float, period: float) -> list[float]:
    return [level + size * math.sin(at * 2 * math.pi / period) + size * at / count for at in range(count)]


def _line() -> Chart:
    weeks = 26
    middle = _wave(weeks, 0.12, 0.008, 11.0)
    gap = {9, 10}
    values = tuple(None if at in gap else v for at, v in enumerate(middle))
    spread = [0.018 - 0.0004 * at for at in range(weeks)]
    return LineChart(
        title="Conversion rate of recommended calls",
        x=tuple(_START + timedelta(weeks=at) for at in range(weeks)),
        series=(
            Series(
                name="Conversion rate",
                values=values,
                low=tuple(None if v is None else v - s for v, s in zip(values, spread, strict=True)),
                high=tuple(None if v is None else v + s for v, s in zip(values, spread, strict=True)),
            ),
        ),
        unit=PERCENT,
        y_label="Conversions per call, with 95 % interval",
        rules=(Rule(name="Target 13 %", value=0.13),),
        events=(Event(name="Version 2 released", at=_START + timedelta(weeks=14, days=2)),),
    )


def _lines() -> Chart:
    names = (("EMEA", 8200.0, 900.0, 13.0), ("Americas", 6100.0, 700.0, 8.0), ("Asia-Pacific", 3900.0, 500.0, 17.0))
    days = 90
    return LineChart(
        title="Decisions a day by region",
        x=tuple(_START + timedelta(days=at) for at in range(days)),
        series=tuple(Series(name=n, values=tuple(_wave(days, level, size, p))) for n, level, size, p in names),
        y_label="Decisions a day",
        zero=True,
    )


def _bars() -> Chart:
    values = (0.142, 0.118, 0.131, 0.096, 0.124)
    return BarChart(
        title="Success rate by department",
        categories=("Field sales", "Inside sales", "Partners", "Key accounts", "Service"),
        series=(
            Bars(
                name="Success rate",
                values=values,
                low=tuple(v - 0.016 for v in values),
                high=tuple(v + 0.018 for v in values),
            ),
        ),
        unit=PERCENT,
        label="Successes per case, with 95 % interval",
    )


def _importances() -> Chart:
    shares = (
        ("Outcome of the last campaign", 0.27),
        ("Days since the last contact", 0.19),
        ("Number of employees", 0.14),
        ("Average yearly balance of the account", 0.11),
        ("Job", 0.08),
        ("Month", 0.05),
    )
    return BarChart(
        title="What it looks at",
        categories=tuple(name for name, _ in shares),
        series=(Bars(name="Share of all reasons", values=tuple(share for _, share in shares)),),
        unit=PERCENT,
        horizontal=True,
        label="Share of all reasons",
    )


def _contributions() -> Chart:
    reasons = (
        ("Outcome of the last campaign", 1.31, "success"),
        ("Days since the last contact", 0.42, "12"),
        ("Contacts in this campaign", -0.38, "6"),
        ("Job", -0.12, "blue-collar"),
        ("Month", 0.09, "March"),
    )
    return ContributionChart(
        title="Why this lead is called first",
        reference=-2.04,
        score=-0.65,
        reasons=tuple(Reason(label=label, amount=amount, value=value) for label, amount, value in reasons),
        unit=Unit(digits=2),
        reference_name="Reference lead",
        score_name="This lead",
    )


_QUARTERS = ("Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025", "Q1 2026", "Q2 2026")
_STAGES = (
    ("Idea", (12, 14, 11, 15, 13, 16)),
    ("Pilot", (4, 5, 7, 6, 8, 9)),
    ("Production", (1, 2, 4, 6, 9, 12)),
    ("Retired", (0, 0, 1, 1, 2, 3)),
)


def _stacked() -> Chart:
    series = tuple(Bars(name=name, values=values) for name, values in _STAGES)
    return StackedChart(title="Use cases by stage", categories=_QUARTERS, series=series, label="Use cases")


def _shares() -> Chart:
    series = tuple(Bars(name=name, values=values) for name, values in _STAGES)
    return StackedChart(title="Stages of use cases as shares", categories=_QUARTERS, series=series, share=True)


def _histogram() -> Chart:
    edges = tuple(at / 20 for at in range(21))
    failed = tuple(round(900 * math.exp(-(((at - 2.4) / 2.6) ** 2)) + 40 * math.exp(-at / 9)) for at in range(20))
    won = tuple(round(90 * math.exp(-(((at - 7.5) / 4.2) ** 2)) + 3) for at in range(20))
    return HistogramChart(
        title="Scores by outcome",
        edges=edges,
        groups=(Counts(name="No contract", counts=failed), Counts(name="Contract", counts=won)),
        unit=PERCENT,
        share=True,
        label="Share of each group",
        x_label="Score",
        rules=(Rule(name="Call", value=0.34), Rule(name="Call first", value=0.52)),
    )


def _calibration() -> Chart:
    points = (
        (0.02, 0.018, 4200), (0.05, 0.047, 3900), (0.09, 0.101, 2800), (0.14, 0.128, 1900), (0.21, 0.24, 1100),
        (0.33, 0.30, 640), (0.46, 0.51, 310), (0.61, 0.55, 120),
    )  # fmt: skip
    bins = tuple(CalibrationBin(predicted=p, observed=o, rows=rows) for p, o, rows in points)
    return CalibrationChart(title="Are the probabilities true?", bins=bins)


def _gains() -> Chart:
    points = tuple(GainsPoint(taken=at / 10, found=1 - (1 - at / 10) ** 2.6) for at in range(1, 11))
    return GainsChart(title="What calling the best first finds", points=points)


def _lift() -> Chart:
    lifts = (3.1, 1.9, 1.3, 1.0, 0.8, 0.6, 0.5, 0.4, 0.25, 0.15)
    groups = tuple(
        LiftGroup(name=f"{at + 1}", lift=lift, rate=lift * 0.117, captured=sum(lifts[: at + 1]) / sum(lifts))
        for at, lift in enumerate(lifts)
    )
    return LiftChart(
        title="Success by tenth of the score", groups=groups, group_label="Tenth, best first", label="Times the average"
    )


def _waterfall() -> Chart:
    return WaterfallChart(
        title="From gross to measured benefit",
        steps=(
            Step(name="Gross benefit", amount=412_000, is_total=True),
            Step(name="Not beyond hold-out", amount=-148_000),
            Step(name="Cost to run", amount=-36_500),
            Step(name="Cost to train", amount=-12_400),
            Step(name="New regions", amount=58_000),
            Step(name="Net benefit", is_total=True),
        ),
        unit=_EUROS,
    )


def _heatmap() -> Chart:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    rows = []
    for at, hour in enumerate(("06–09", "09–12", "12–15", "15–18", "18–21")):
        values: list[Number] = [round(40 + 160 * math.exp(-((at - 1.6) ** 2) / 2) - 12 * d) for d in range(5)]
        rows.append(HeatRow(name=hour, values=(*values, 12 + 4 * at, None if at == 4 else 6 + at)))
    return HeatmapChart(title="Decisions by hour and day", columns=days, rows=tuple(rows), row_label="Hour")


def _differences() -> Chart:
    columns = ("Age 18–34", "Age 35–54", "Age 55 and over", "Women", "Men")
    rows = (
        HeatRow(name="Field sales", values=(0.021, -0.004, -0.018, 0.006, -0.006)),
        HeatRow(name="Inside sales", values=(-0.012, 0.003, 0.009, -0.031, 0.03)),
        HeatRow(name="Partners", values=(0.004, 0.001, -0.006, None, 0.002)),
    )
    return HeatmapChart(
        title="Difference of the selection rate to all", columns=columns, rows=rows, unit=PERCENT, middle=0.0
    )


def _multiples() -> Chart:
    names = ("Field sales", "Inside sales", "Partners", "Key accounts", "Service", "Telesales")
    months = tuple(date(2025 + (at + 6) // 12, (at + 6) % 12 + 1, 1) for at in range(14))
    panels = tuple(
        Panel(
            name=name,
            values=tuple(
                None if (at, month) == (3, 5) else v
                for month, v in enumerate(_wave(14, 0.08 + 0.012 * at, 0.012, 5.0 + at))
            ),
        )
        for at, name in enumerate(names)
    )
    rule = Rule(name="Company", value=0.12)
    return MultiplesChart(title="Success rate by department", x=months, panels=panels, unit=PERCENT, rule=rule)
