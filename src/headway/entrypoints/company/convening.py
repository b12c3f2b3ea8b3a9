"""The council of Human Resources: a case that was refused once comes again, one member steps back, and a split vote asks for more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import LIVE, Plan
from headway.entrypoints.company.scene import Scene
from headway.kernel import clock

SLUG, CASE = "people-council", "applicant-screening"
SEATS = (("legal", "tomas"), ("risk", "priya"), ("validator", "samuel"))
DEPUTY = ("risk", "ingrid")
MET = LIVE - 40
"""The day of its first meeting; it meets every four weeks from then on."""
REVIEWS = (
    ("ruth", "owner", True, "A recruiter reads every application; the order only says which first. We invite by the new rules since May."),
    ("tomas", "legal", True, "Annex III, number 4(a). Lawful for a pilot if applicants are told and can ask for a person."),
    ("samuel", "validator", True, "Scored again on the spring's applicants: the order holds, the gap between ages is smaller, not gone."),
)  # fmt: skip
CONDITION = "Compare invitations by age group each month of the pilot and show them to the works council"
VOTES = (
    ("samuel", "no", "The gap is still there. I would wait for a version that never saw the old invitations."),
    (
        "ingrid",
        "yes",
        "The risk is small while a person reads everything, and what the condition shows each month we can stop.",
    ),
    ("tomas", "yes", "Lawful as a pilot, with the notice and the condition."),
)


def acts(plan: Plan) -> Iterator[Act]:
    """Set up, asked, reviewed, met, decided; the meeting after that is called off, for nothing is before it."""
    told: dict[str, str] = {}
    yield Act(LIVE - 62, 9, lambda scene: _set_up(scene, plan))
    yield Act(LIVE - 58, 11, lambda scene: _ask(scene, told))
    yield Act(LIVE - 55, 10, lambda scene: _review(scene, told))
    yield Act(MET, 9, lambda scene: _meet(scene, told))
    yield Act(MET + 1, 15, lambda scene: _approve(scene, told))
    yield Act(LIVE - 15, 10, _call_off)


def _set_up(scene: Scene, plan: Plan) -> None:
    mira = scene.as_("mira")
    rules: dict[str, Any] = {
        "title": "Council of Human Resources", "department": "hr", "seats": [seat for seat, _ in SEATS], "quorum": 3,
        "required": ["legal", "validator"], "reviews": ["owner", "legal", "validator"], "chair": "legal", "tie": "rejected",
        "days": 30, "every_weeks": 4, "first_meeting": clock.iso(plan.at(MET, 9)), "zone": "Europe/Berlin",
    }  # fmt: skip
    mira.put(f"/councils/{SLUG}", rules)
    for seat, who in SEATS:
        mira.post(f"/councils/{SLUG}/seats", {"seat": seat, "person": scene.people[who].ref})
    seat, who = DEPUTY
    mira.post(f"/councils/{SLUG}/seats", {"seat": seat, "person": scene.people[who].ref, "kind": "deputy"})


def _ask(scene: Scene, told: dict[str, str]) -> None:
    """Yusuf asks for a pilot with the version that was refused for production."""
    yusuf = scene.as_("yusuf")
    yusuf.post("/releases", {"version": f"model:{CASE}@1", "environment": "pilot"})
    [item] = yusuf.get("/council-items", usecase=CASE)["items"]
    told["item"] = str(item["id"])


def _review(scene: Scene, told: dict[str, str]) -> None:
    place = f"/council-items/{told['item']}"
    scene.as_("priya").post(f"{place}/recusals", {"reason": "My brother is among the applicants of the South."})
    for who, part, supports, text in REVIEWS:
        scene.as_(who).post(f"{place}/reviews", {"part": part, "supports": supports, "text": text})
    wanted = {"text": CONDITION, "owner": scene.people["ruth"].ref, "days": 45}
    scene.as_("ingrid").post(f"{place}/conditions", wanted)


def _meet(scene: Scene, told: dict[str, str]) -> None:
    """The chair opens the first meeting of the rhythm; all who may are there, and two of three say yes."""
    tomas = scene.as_("tomas")
    planned = tomas.get(f"/councils/{SLUG}/meetings", state="planned")["items"]
    told["meeting"] = str(min(planned, key=lambda one: str(one["starts_at"]))["id"])
    place = f"/meetings/{told['meeting']}"
    tomas.post(f"{place}/open")
    for who in ("ingrid", "samuel"):
        scene.as_(who).post(f"{place}/attendance", {})
    for who, choice, reason in VOTES:
        scene.as_(who).post(f"/council-items/{told['item']}/votes", {"choice": choice, "reason": reason})
    tomas.post(f"{place}/close")
    tomas.post(f"{place}/minutes", {"locale": "en"})


def _approve(scene: Scene, told: dict[str, str]) -> None:
    scene.as_("tomas").post(f"/meetings/{told['meeting']}/minutes/1/approve")


def _call_off(scene: Scene) -> None:
    tomas = scene.as_("tomas")
    planned = tomas.get(f"/councils/{SLUG}/meetings", state="planned")["items"]
    first = min(planned, key=lambda one: str(one["starts_at"]))
    tomas.post(f"/meetings/{first['id']}/cancel", {"reason": "Nothing is before us; what is due is due later."})
