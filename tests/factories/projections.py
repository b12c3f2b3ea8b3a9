"""Assumptions for projections."""

from __future__ import annotations

from typing import Any

from headway.value.projections import Assumptions, Driver, Line, LineKind, Timing


def driver(name: str, low: float, likely: float | None = None, high: float | None = None, **more: Any) -> Driver:
    """A driver; certain when only one figure is given."""
    given = {"unit": "", "shape": "pert", "source": "", **more}
    likely = low if likely is None else likely
    return Driver(name=name, low=low, likely=likely, high=likely if high is None else high, **given)


def line(name: str, kind: str, *drivers: str, **more: Any) -> Line:
    """A line, each year from the first month on."""
    given = {"timing": Timing.per_year, "first_month": 1, "ramp_months": 0, **more}
    return Line(name=name, kind=LineKind(kind), drivers=drivers, **given)


def assumptions(**more: Any) -> Assumptions:
    """Leads that are called on the same day: revenue, time set free, a build and yearly costs."""
    given: dict[str, Any] = {
        "currency": "EUR",
        "horizon_months": 36,
        "capacity_share": 0.5,
        "drivers": (
            driver("sales_more", 200, 400, 900, unit="sales a year"),
            driver("margin", 80, 120, 150, unit="EUR per sale"),
            driver("hours", 500, 800, 1200, unit="hours a year", shape="triangular"),
            driver("hour_cost", 45),
            driver("build", 30_000, 40_000, 80_000, unit="EUR"),
            driver("running", 8_000, 10_000, 15_000, unit="EUR a year"),
        ),
        "lines": (
            line("More sales", "revenue", "sales_more", "margin", ramp_months=5),
            line("Time of the team", "capacity", "hours", "hour_cost"),
            line("Building it", "cost", "build", timing=Timing.once, first_month=0),
            line("Running it", "cost", "running"),
        ),
        "draws": 10_000,
        "seed": 7,
    }
    return Assumptions(**{**given, **more})


def body() -> dict[str, Any]:
    """The same as a body of the API."""
    import msgspec

    told: dict[str, Any] = msgspec.to_builtins(assumptions())
    return {"title": "First estimate", **told}
