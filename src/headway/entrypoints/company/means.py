"""What use cases ask for, and two rounds: one in which the council chose otherwise than the best choice, and one that waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headway.entrypoints.company.inventory import Act, Doing
from headway.entrypoints.company.plan import Plan
from headway.entrypoints.company.scene import Scene

BUDGET = "200000 EUR"
ASKED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "lead-scoring": (
        "lena",
        {"budget": "30000 EUR", "value": "90000 EUR", "people": 0.2, "reason": "keep it where it is, for another year"},
    ),
    "lead-scoring-south": (
        "marco",
        {
            "budget": "60000 EUR",
            "value": "150000 EUR",
            "people": 0.5,
            "reason": "take over the lead score of the North",
        },
    ),
    "cross-sell-scoring": (
        "lena",
        {"budget": "90000 EUR", "value": "260000 EUR", "people": 1.0, "reason": "bring it to where sellers work"},
    ),
    "payment-fraud-check": (
        "felix",
        {
            "budget": "80000 EUR",
            "value": "120000 EUR",
            "people": 0.8,
            "is_must": True,
            "reason": "the bank asks for it",
        },
    ),
    "applicant-screening": (
        "ruth",
        {
            "budget": "50000 EUR",
            "value": "40000 EUR",
            "people": 0.5,
            "risk": "30000 EUR",
            "reason": "another year of trial",
        },
    ),
}
CHOSEN = ("lead-scoring", "lead-scoring-south", "payment-fraud-check")
"""What the council chose: the South, which can begin at once, and not the use case that was expected to bring most."""
REASONS = {
    "cross-sell-scoring": "Its data owner is on leave; it may ask again.",
    "lead-scoring-south": "The South has waited for a year, and everything is there.",
}


def acts(plan: Plan) -> Iterator[Act]:
    """Heads ask, the office drafts, the council decides; before this year ends the next round is drafted."""
    for number, (usecase, (who, body)) in enumerate(ASKED.items()):
        yield Act(378, 9 + number, _asking(who, usecase, body))
    yield Act(386, 10, lambda scene: _draft(scene, plan, "Second half of the year", 400))
    yield Act(390, 15, _decide)
    yield Act(410, 9, _asking("lena", "cross-sell-scoring", {**ASKED["cross-sell-scoring"][1], "budget": "100000 EUR"}))
    yield Act(412, 10, lambda scene: _draft(scene, plan, "What is left of the year", 430))


def _asking(who: str, usecase: str, body: Mapping[str, Any]) -> Doing:
    def act(scene: Scene) -> None:
        scene.as_(who).post(f"/usecases/{usecase}/resources", body)

    return act


def _draft(scene: Scene, plan: Plan, title: str, day: int) -> None:
    days = {"starts": plan.day(day).isoformat(), "ends": plan.day(day + 180).isoformat()}
    scene.as_("mira").post("/allocations", {"title": title, **days, "limits": {"budget": BUDGET, "people": 2.5}})


def _decide(scene: Scene) -> None:
    priya = scene.as_("priya")
    round_ = priya.get("/allocations")["items"][0]
    priya.post(f"/allocations/{round_['id']}/decide", {"chosen": CHOSEN, "reasons": REASONS})
