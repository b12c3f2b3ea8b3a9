"""What lead scoring was expected to bring before it was live: finance's rate, and a projection that the hold-out can be held beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import LEADS_A_DAY, Plan
from headway.entrypoints.company.scene import Scene

SLUG = "lead-scoring"
UPLIFT = {"low": 0.015, "likely": 0.04, "high": 0.085}
"""More sales a lead, as the team thought; the effect that is planted lies inside."""


def acts(plan: Plan) -> Iterator[Act]:
    """Finance sets the rate, the head of the department projects, and finance changes the rate a year later."""
    yield Act(-60, 9, lambda scene: _rate(scene, "9", "What the group asks of projects since the loan of last spring."))
    yield Act(-34, 11, lambda scene: _project(scene, plan))
    yield Act(300, 9, lambda scene: _rate(scene, "8.5", "The bank lowered what it asks of us."))


def _rate(scene: Scene, percent: str, reason: str) -> None:
    scene.as_("felix").post("/discount-rates", {"percent": percent, "reason": reason})


def _project(scene: Scene, plan: Plan) -> None:
    scene.as_("lena").post(f"/usecases/{SLUG}/projections", assumed(plan))


def assumed(plan: Plan) -> dict[str, Any]:
    """What Lena Brandt and her team thought likely, before the first decision."""
    leads = LEADS_A_DAY * 365 * plan.scale
    return {
        "title": "Lead scoring in the North, before it goes live",
        "currency": "EUR",
        "horizon_months": 36,
        "capacity_share": 0.5,
        "seed": 7,
        "drivers": [
            {"name": "leads", "unit": "leads a year", "low": leads * 0.85, "likely": leads, "high": leads * 1.1,
             "source": "the customer system, last year"},
            {"name": "uplift", "unit": "more sales a lead", **UPLIFT, "source": "the pilot's report, halved"},
            {"name": "value_per_sale", "unit": "EUR", "likely": 120.0, "source": "finance, contribution margin"},
            {"name": "calls", "unit": "more calls a lead", "low": 0.05, "likely": 0.1, "high": 0.25,
             "source": "Ben and Carla"},
            {"name": "cost_per_call", "unit": "EUR", "likely": 4.0, "source": "finance"},
            {"name": "build", "unit": "EUR", "low": 18e3 * plan.scale, "likely": 25e3 * plan.scale, "high": 48e3 * plan.scale,
             "source": "Dana, days of the team"},
            {"name": "running", "unit": "EUR a year", "low": 4e3 * plan.scale, "likely": 6e3 * plan.scale,
             "high": 11e3 * plan.scale, "source": "operations"},
            {"name": "hours", "unit": "hours a year", "low": 150.0, "likely": 300.0, "high": 500.0, "shape": "triangular",
             "source": "Lena, a guess"},
            {"name": "hour_cost", "unit": "EUR", "likely": 48.0, "source": "finance"},
        ],
        "lines": [
            {"name": "More sales", "kind": "revenue", "drivers": ["leads", "uplift", "value_per_sale"], "first_month": 2,
             "ramp_months": 3},
            {"name": "Time of sorting lists", "kind": "capacity", "drivers": ["hours", "hour_cost"]},
            {"name": "More calls", "kind": "cost", "drivers": ["leads", "calls", "cost_per_call"], "first_month": 2},
            {"name": "Building it", "kind": "cost", "drivers": ["build"], "timing": "once"},
            {"name": "Running it", "kind": "cost", "drivers": ["running"]},
        ],
    }  # fmt: skip
