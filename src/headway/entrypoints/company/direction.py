"""Who answers for means, how much risk is taken on and who decides what: mandates, one of which ends soon, appetite, decision rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headway.entrypoints.company.inventory import Act, Doing
from headway.entrypoints.company.plan import LIVE, Plan
from headway.entrypoints.company.scene import Scene

SOON = 20
"""Days from today to the last one of the mandate that ends soon."""
PROGRAMMES: Mapping[str, tuple[str, str, Sequence[str], str, int, float, int]] = {
    "sell-better": (
        "Sell better",
        "claire",
        ("sales",),
        "Call first whoever is likely to buy, and measure what it brings",
        45_000_000,
        4.5,
        LIVE + 300,
    ),
    "people-and-money": (
        "People and money",
        "henrik",
        ("hr", "finance"),
        "Pay no invoice twice, and let nobody wait for an answer to an application",
        20_000_000,
        2.0,
        LIVE + SOON,
    ),
}
"""Title, sponsor, departments, purpose, budget in cents, people, the last day of the mandate."""
LIMITS: Sequence[Mapping[str, Any]] = (
    {"kind": "tier", "scope": "high", "most": 2},
    {"kind": "department", "scope": "sales", "most": 4},
    {"kind": "department", "scope": "finance", "most": 2},
)
ROWS: Sequence[Mapping[str, Any]] = (
    {"stage": "intake", "decides": ["ai_office", "council"], "told": ["sponsor"]},
    {"stage": "pattern", "decides": ["council"]},
    {"stage": "pilot", "proposes": ["data_scientist"], "decides": ["council"], "told": ["sponsor"]},
    {
        "stage": "production",
        "proposes": ["data_scientist"],
        "decides": ["council"],
        "told": ["sponsor", "department_head"],
    },
    {"stage": "retirement", "decides": ["department_head", "sponsor"]},
    {"stage": "waiver", "proposes": ["data_scientist", "department_head"], "decides": ["ai_office"]},
    {"stage": "emergency", "decides": ["council"], "reviews": ["council"]},
    {"stage": "allocation", "proposes": ["ai_office"], "decides": ["council"]},
    {"stage": "appetite", "proposes": ["ai_office"], "decides": ["sponsor"]},
)


def acts(plan: Plan) -> Iterator[Act]:
    """Programmes are opened and signed for within the hour, so that nothing stands still; then limits, then rights."""
    for number, slug in enumerate(PROGRAMMES):
        yield Act(60, 9 + number, _opening(plan, slug))
    yield Act(70, 9, _appetite)
    yield Act(80, 9, _rights)


def _opening(plan: Plan, slug: str) -> Doing:
    return lambda scene: _programme(scene, plan, slug)


def _programme(scene: Scene, plan: Plan, slug: str) -> None:
    title, who, departments, purpose, budget, people, last = PROGRAMMES[slug]
    mira, sponsor = scene.as_("mira"), scene.people[who]
    body = {"slug": slug, "title": title, "sponsor": sponsor.ref, "departments": departments}
    mira.post("/programmes", body)
    terms = {"purpose": purpose, "budget_minor": budget, "currency": "EUR", "people": people}
    days = {"valid_from": plan.day(60).isoformat(), "valid_until": plan.day(last).isoformat()}
    made = mira.post(f"/programmes/{slug}/mandates", {**terms, **days})
    scene.as_(who).post(f"/mandates/{made['id']}/sign", {"digest": made["digest"]})


def _appetite(scene: Scene) -> None:
    reason = "More than this our council and our data people cannot watch over in a year"
    made = scene.as_("mira").post("/appetites", {"limits": LIMITS, "reason": reason})
    scene.as_("henrik").post(f"/appetites/{made['version']}/confirm", {"digest": made["digest"]})


def _rights(scene: Scene) -> None:
    mira = scene.as_("mira")
    mira.put("/decision-rights/draft", {"rows": ROWS})
    made = mira.post("/decision-rights", {"reason": "Who builds does not decide, and everybody can read who does"})
    scene.as_("claire").post(f"/decision-rights/{made['version']}/confirm", {"digest": made["digest"]})
