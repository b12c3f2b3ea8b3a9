"""Who answers for what at Northwind, and the data protection impact assessment of lead scoring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from headway.entrypoints.company.inventory import Act, Doing
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

REVIEW: dict[str, Any] = {
    "vendor": False,
    "generates": False,
    "access": "The team of data people and operations; roles are looked at each quarter. The node answers to the customer system alone.",
    "poisoning": "Whoever fills in forms on the web; a source that grows at once is an alert within a day.",
    "evasion": "Nobody outside gains from being called; a rank that is asked for by a seller is not taken in.",
    "leakage": "Sizes of companies that were bought. The model holds no record, and answers go back as an order alone.",
    "recovery": "The kill switch, and calls by the date on which leads came in, as before.",
    "tested": "Rights, limits and the switch in spring, by operations and one outside, without findings that stay open.",
}
LATER = "event-follow-up"
LATER_DPIA: dict[str, Any] = {
    **DPIA,
    "people": "Visitors who left their address at a fair",
    "operations": "Addresses of a fair are scored once, on the node, and go back as an order of calls; two years of fairs are learnt from.",
    "views": "The form at the stand says what addresses are used for; nobody was asked beyond that.",
}


def acts(plan: Plan) -> Iterator[Act]:
    """Seats are given, assessments are answered by one and signed by another, risks are written down; from then on nothing
    is released without its assessments.
    """
    yield Act(LIVE - 62, 9, _seats)
    yield Act(LIVE - 58, 10, _answering("ingrid", SLUG, "privacy", DPIA))
    yield Act(
        LIVE - 55,
        14,
        _signing(
            "samuel",
            SLUG,
            "privacy",
            "Read beside the contract of the data and the list of inputs; the opt-out is kept.",
        ),
    )
    yield Act(LIVE - 52, 10, lambda scene: _risks(scene, plan))
    yield Act(LIVE - 30, 10, _answering("nils", SLUG, "security", REVIEW))
    yield Act(
        LIVE - 29, 15, _signing("mira", SLUG, "security", "The findings of spring are closed; I have seen the report.")
    )
    yield Act(LIVE - 20, 9, _asked_for)
    yield Act(LIVE - 14, 9, _answering("ingrid", LATER, "privacy", LATER_DPIA))
    yield Act(LIVE - 13, 9, _answering("nils", LATER, "security", REVIEW))
    yield Act(
        LIVE - 12,
        11,
        _signing("samuel", LATER, "privacy", "The same data as lead scoring, for fewer people; the opt-out is kept."),
    )
    yield Act(
        LIVE - 11, 16, _signing("mira", LATER, "security", "It runs where lead scoring runs; nothing new is open.")
    )


def _seats(scene: Scene) -> None:
    for seat, who, department in SEATS:
        body = {"seat": seat, "person": scene.people[who].ref, "department": department}
        scene.as_("mira").post("/assessors", body)


def _answering(who: str, usecase: str, template: str, told: Mapping[str, Any]) -> Doing:
    """Whoever holds the seat opens an assessment, answers what the platform does not know, and submits it."""

    def act(scene: Scene) -> None:
        person = scene.as_(who)
        one = person.post(f"/usecases/{usecase}/assessments", {"template": template})["id"]
        needs = person.get(f"/usecases/{usecase}/assessments")["items"]
        asked = next(need["asked"] for need in needs if need["template"] == template)
        answers = {name: value for name, value in told.items() if name in asked}
        person.post(f"/assessments/{one}/answers", {"answers": answers})
        person.post(f"/assessments/{one}/submit", {})

    return act


def _signing(who: str, usecase: str, template: str, remark: str) -> Doing:
    """Another signs the one that waits."""

    def act(scene: Scene) -> None:
        person = scene.as_(who)
        found = person.get("/assessments", usecase=usecase)["items"]
        [one] = [one for one in found if (one["template"], one["state"]) == (template, "submitted")]
        person.post(f"/assessments/{one['id']}/sign", {"remark": remark})

    return act


def _asked_for(scene: Scene) -> None:
    reason = "The seats have shown on lead scoring that it takes days, not months: from now on nothing is released without them."
    scene.as_("mira").post("/packs/headway-assessments/switch", {"is_on": True, "reason": reason})


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
