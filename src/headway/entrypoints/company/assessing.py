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
    """Seats are given, the assessment is answered by one and signed by another, and gates begin to ask for such."""
    yield Act(LIVE - 62, 9, _seats)
    yield Act(LIVE - 58, 10, _answer)
    yield Act(LIVE - 55, 14, _sign)


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
