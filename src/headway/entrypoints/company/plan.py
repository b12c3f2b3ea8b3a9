"""When the simulated company lived, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from headway import demo

NAME = "Northwind Group"
FOUNDED, HISTORY, LIVE = 75, 200, 425
"""Days from the founding of the home to the first decision; of leads before the founding; of decisions until today."""
DRIFT = 210
"""The day on which customers change, counted from the first decision."""
NOTICED, RETRAINED = 245, 325
"""The second version must decide before the first one's verdict ends, a year after it was given."""
LEADS_A_DAY = 38.0
EFFECT = 2.2
"""Log-odds that a call on the same day adds: so much that a fifth of the leads, held out, shows it."""
NORTH = 0.6
"""The region's share of all leads."""
OTHERS = {"applicants": 3000, "payments": 6000, "customers": 2000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A company to build. The same seed and last day give the same company."""

    seed: int = 7
    until: date
    """The first day that is no longer simulated: the day on which the company is built."""
    scale: float = 1.0
    """Leads in proportion to those of the whole company; 1 makes some 17,000 decisions."""
    usecases: int = 40
    """How many of the use cases are opened; those with a part in the story are always there."""

    every: int = 1
    """Days of leads about which is decided at once, in the evening of the last of them."""

    @property
    def month(self) -> int:
        """Days after which decisions are sealed and outcomes told; longer where decisions are few."""
        return max(30, 4 * self.every)

    @property
    def live(self) -> datetime:
        """Midnight before the first decision."""
        return midnight(self.until) - timedelta(days=LIVE)

    @property
    def founded(self) -> datetime:
        """When the home was made."""
        return self.at(-FOUNDED, 7)

    def at(self, day: float, hour: float = 0.0) -> datetime:
        """A time on a day, counted from the first decision."""
        return self.live + timedelta(days=day, hours=hour)

    def day(self, day: float) -> date:
        """A day, counted from the first decision."""
        return self.at(day).date()


def midnight(day: date) -> datetime:
    """The first moment of a day in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def spec_of(plan: Plan) -> demo.Spec:
    """The company for the simulator: Northwind Group with a stronger effect of the call, and what is planted."""
    data: dict[str, Any] = demo.northwind().plain()
    days = HISTORY + FOUNDED + LIVE
    leads = LEADS_A_DAY / NORTH * days * plan.scale
    tables = {"leads": leads, **{name: rows * max(plan.scale, 0.35) for name, rows in OTHERS.items()}}
    data |= {
        "seed": plan.seed,
        "start": plan.day(-HISTORY - FOUNDED),
        "days": days,
        "rows": round(sum(tables.values())),
        "departments": [_department(one, tables) for one in data["departments"] if set(one["tables"]) & set(tables)],
        "events": _events(plan),
    }
    data["leads"]["weights"] |= {"effect": EFFECT}
    return demo.read_spec(data)


def _department(given: dict[str, Any], tables: dict[str, float]) -> dict[str, Any]:
    kept = {name: tables[name] for name in given["tables"] if name in tables}
    # The season would look like drift, and growth like success: both are for companies of one's own.
    regions = [{**region, "season": 0.05, "growth": 0.0} for region in given["regions"]]
    return {**given, "tables": kept, "regions": regions}


def _events(plan: Plan) -> list[dict[str, Any]]:
    north = {"department": "sales", "region": "north", "table": "leads", "start": plan.day(DRIFT)}
    return [
        {
            "name": "more-web-leads", "kind": "drift", **north, "column": "source", "ramp_days": 14,
            "mix": {"web form": 0.68, "event": 0.06, "partner": 0.08, "referral": 0.05, "cold list": 0.13},
        },
        {
            "name": "web-leads-look-around", "kind": "concept_change", **north, "ramp_days": 14,
            "weights": {"pages_viewed": 0.02, "emails_opened": 0.34},
        },
        {
            "name": "older-applicants", "kind": "bias", "department": "people", "region": "south",
            "table": "applicants", "start": plan.day(-HISTORY), "weights": {"age_group=45 and over": -0.9},
        },
        {
            "name": "five-vendors", "kind": "fraud_ring", "department": "finance", "region": "north",
            "table": "payments", "start": plan.day(-FOUNDED), "share": 0.04, "members": 5,
        },
    ]  # fmt: skip
