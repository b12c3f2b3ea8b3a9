"""What the company's data products are for and who looks after them; and one contract that is to promise less, with its consumers' word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import LIVE, Plan
from headway.entrypoints.company.scene import Scene

STEWARDS: dict[str, tuple[str, dict[str, Any]]] = {
    "sales": (
        "otto",
        {
            "steward": "dana",
            "domain": "Customers and leads",
            "purpose": "Tell which leads are worth a call, and forecast what comes of them",
            "limitations": "Leads of the own shops only; partners keep theirs",
            "classification": "confidential",
            "tags": ["leads", "crm"],
            "freshness_hours": 24 * 7,
            "completeness": 0.98,
        },
    ),
    "hr": (
        "hana",
        {
            "steward": "eva",
            "domain": "People",
            "purpose": "See how applications go through, and whether everybody is treated alike",
            "limitations": "Never for pay or promotion",
            "classification": "restricted",
            "tags": ["applicants"],
            "freshness_hours": 24 * 90,
        },
    ),
    "finance": (
        "paul",
        {
            "steward": "yusuf",
            "domain": "Payments",
            "purpose": "Find payments that should be looked at before they leave",
            "classification": "confidential",
            "tags": ["payments"],
            "freshness_hours": 24 * 30,
            "completeness": 0.99,
        },
    ),
}
"""By department: who owns, and what they say; stewards by their key."""
NOTICE = timedelta(days=30)
WHY = "The new lead form asks less: from next month a value may be left out in one lead of a hundred"
AGREED = "One in a hundred does not change our figures"


def acts(plan: Plan) -> Iterator[Act]:
    """Described, a change proposed to those who read, and agreed to by all of them."""
    proposed: list[str] = []
    yield Act(LIVE - 7, 9, _describe)
    yield Act(LIVE - 3, 9, lambda scene: _propose(scene, proposed))
    yield Act(LIVE - 2, 10, lambda scene: _answer(scene, proposed))


def _first_of(scene: Scene, key: str, department: str) -> str:
    """The first product of a department or one below it."""
    offers = scene.as_(key).get("/data-access/offers", limit=1000)["items"]
    return next(str(one["product"]) for one in offers if str(one["department"]).split("-")[0] == department)


def _describe(scene: Scene) -> None:
    for department, (owner, said) in STEWARDS.items():
        body = said | {"owner": scene.people[owner].ref, "steward": scene.people[said["steward"]].ref}
        scene.as_(owner).put(f"/products/{_first_of(scene, owner, department)}/descriptor", body)


def _propose(scene: Scene, proposed: list[str]) -> None:
    """The first column that must be there and plays no part of its own may be missing in one row of a hundred."""
    otto = scene.as_("otto")
    product = _first_of(scene, "otto", "sales")
    columns = otto.get(f"/products/{product}")["contract"]["schema"][0]["properties"]
    free = [one["name"] for one in columns if one.get("required") and not one.get("unique") and not _has_part(one)]
    until = (scene.time().date() + NOTICE).isoformat()
    body = {"columns": [{"column": free[0], "missing_percent": 1}], "reason": WHY, "answer_by": until, "keep_days": 60}
    proposed.append(str(otto.post(f"/products/{product}/contract/changes", body)["id"]))


def _has_part(one: dict[str, Any]) -> bool:
    own = {custom["property"]: custom["value"] for custom in one.get("customProperties", ())}
    return bool(own.get("role", "feature") != "feature")


def _answer(scene: Scene, proposed: list[str]) -> None:
    keys = {person.ref: key for key, person in scene.people.items()}
    for change in proposed:
        for answer in scene.as_("otto").get(f"/contract-changes/{change}")["answers"]:
            scene.as_(keys[answer["consumer"]]).post(f"/contract-changes/{change}/accept", {"reason": AGREED})
