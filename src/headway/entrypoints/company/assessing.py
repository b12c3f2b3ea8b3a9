"""Who answers for what at Northwind, and the data protection impact assessment of lead scoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import LIVE, Plan
from headway.entrypoints.company.scene import Scene

SLUG = "lead-scoring"
SEATS = (
    ("risk", "priya", None), ("legal", "tomas", None), ("privacy", "ingrid", None), ("privacy", "samuel", None),
    ("security", "nils", None), ("hr", "ruth", None), ("finance", "felix", None), ("risk", "lena", "sales-north"),
)  # fmt: skip
DPIA: dict[str, Any] = {
    "people": "Business contacts who asked for an offer in the North",
    "special": False,
    "automated": False,
    "operations": "Leads come from the customer system each evening, are scored on the node and go back as an order of calls. "
    "Decisions are kept as the ledger's rules say; nothing leaves the group.",
    "interest": "Legitimate interest (Art. 6(1)(f)): calling first who is likely to buy.",
    "necessity": "Each column was tried without; gender and age are not among the inputs, names and addresses neither.",
    "proportionality": "Nobody is refused an offer. Who is ranked low is called later, not never.",
    "risks": "Being called more often than one likes; being called later for reasons that one cannot see.",
    "measures": "An opt-out that the contract of the data keeps, reasons with each decision, a hold-out that shows unequal treatment.",
    "officer": "Go on, and say in the privacy notice that calls are ordered by a score.",
    "views": "Two customers' panels were asked in spring. They asked for the opt-out, and have it.",
    "residual": "low",
    "consulted": False,
}


def acts(plan: Plan) -> Iterator[Act]:
    """Seats are given, the assessment is answered by one and signed by another, and risks are written down."""
    yield Act(LIVE - 62, 9, _seats)
    yield Act(LIVE - 58, 10, _answer)
    yield Act(LIVE - 55, 14, _sign)
    yield Act(LIVE - 52, 10, lambda scene: _risks(scene, plan))


def _seats(scene: Scene) -> None:
    for seat, who, department in SEATS:
        body = {"seat": seat, "person": scene.people[who].ref, "department": department}
        scene.as_("mira").post("/assessors", body)


def _answer(scene: Scene) -> None:
    ingrid = scene.as_("ingrid")
    one = ingrid.post(f"/usecases/{SLUG}/assessments", {"template": "privacy"})["id"]
    needs = ingrid.get(f"/usecases/{SLUG}/assessments")["items"]
    asked = next(need["asked"] for need in needs if need["template"] == "privacy")
    answers = {name: value for name, value in DPIA.items() if name in asked}
    ingrid.post(f"/assessments/{one}/answers", {"answers": answers})
    ingrid.post(f"/assessments/{one}/submit", {})


def _sign(scene: Scene) -> None:
    samuel = scene.as_("samuel")
    [one] = samuel.get("/assessments", usecase=SLUG)["items"]
    remark = "Read beside the contract of the data and the list of inputs; the opt-out is kept."
    samuel.post(f"/assessments/{one['id']}/sign", {"remark": remark})


def _risks(scene: Scene, plan: Plan) -> None:
    """Three risks as the department sees them; one treatment stays undone, and its day passes before the company is shown."""
    lena = scene.as_("lena")
    for told in RISKS:
        body = {name: value for name, value in told.items() if name != "treatments"}
        risk = lena.post(f"/usecases/{SLUG}/risks", body)["id"]
        for action, effect, who, day, cost in told["treatments"]:
            treated = {"action": action, "effect": effect, "owner": scene.people[who].ref, "cost": cost}
            lena.post(f"/risks/{risk}/treatments", {**treated, "due_on": plan.day(LIVE + day).isoformat()})


def _between(low: float, high: float) -> dict[str, float]:
    return {"low": low, "high": high}


RISKS: tuple[dict[str, Any], ...] = (
    {
        "title": "Customers change and the order of calls is wrong for weeks",
        "cause": "Leads come from elsewhere than the model has learnt from",
        "event": "The order is hardly better than chance until somebody notices",
        "consequence": "Sales that are not made in the meantime",
        "inherent_rate": _between(0.5, 2.0), "inherent_impact": _between(8_000, 60_000),
        "residual_rate": _between(0.5, 2.0), "residual_impact": _between(1_500, 12_000),
        "reason": "It happened once in the year, and monitoring noticed it within five weeks.",
        "treatments": [("Train again within two months of an alert", "Weeks, not quarters", "dana", 20, "6000 EUR")],
    },
    {
        "title": "The node does not answer during the working day",
        "cause": "An outage of the data centre, or a release that does not start",
        "event": "Leads come without an order for a day or two",
        "consequence": "The team calls in the order of arrival, as before",
        "inherent_rate": _between(0.5, 6.0), "inherent_impact": _between(300, 4_000),
        "residual_rate": _between(0.2, 2.0), "residual_impact": _between(300, 4_000),
        "reason": "The operators' log of the last two years.",
        "treatments": [("Keep a second node in the other hall", "One hall may fail", "nils", -10, "4000 EUR")],
    },
    {
        "title": "Contacts are called although they opted out",
        "cause": "The opt-out is kept in two systems and one is late",
        "event": "Dozens of people are called who said no",
        "consequence": "Complaints, a fine, and trust that is lost",
        "inherent_rate": _between(0.1, 1.0), "inherent_impact": _between(5_000, 150_000),
        "residual_rate": _between(0.02, 0.2), "residual_impact": _between(5_000, 150_000),
        "harms": {"rights": "serious", "reputation": "serious"},
        "reason": "Counsel's experience with two fines in the sector.",
        "treatments": [("Read the opt-out from one system only", "No list can be late", "otto", 45, None)],
    },
)  # fmt: skip
