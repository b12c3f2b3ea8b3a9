"""Use cases as people opened them, spoke about them and decided: from the file of the inventory to acts on the scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from headway.entrypoints.company import cast
from headway.entrypoints.company.plan import Plan
from headway.entrypoints.company.scene import Scene
from headway.solutions.sales import lead_scoring

Doing = Callable[[Scene], None]


class Act(NamedTuple):
    """What happens on a day at an hour. A quiet one changes nothing that anybody would have to be told."""

    day: float
    hour: float
    do: Doing
    is_quiet: bool = False


STORY = frozenset(
    ["lead-scoring", "cross-sell-scoring", "event-follow-up", "applicant-screening", "payment-fraud-check", "lead-scoring-south",
     "drafting-texts"]
)  # fmt: skip
"""Use cases that other parts of the company's story go on with."""
FIELDS = ("purpose", "success_measure", "people_affected")


def acts(plan: Plan) -> Iterator[Act]:
    """Everything that happened to the use cases of a plan, in the order of the file."""
    told = cast.read("inventory")
    yield from _supplied(told, plan)
    kept = [one for one in told["usecases"] if one["slug"] in STORY]
    others = [one for one in told["usecases"] if one["slug"] not in STORY]
    room = max(0, plan.usecases - len(kept))
    for number, case in enumerate([*kept, *others[:room]]):
        hour = 8 + (number * 7 % 40) / 5
        yield Act(float(case["day"]), hour, _open(case, told["risks"]))
        if case.get("tier") == "rules":
            yield Act(float(case["day"]), hour + 0.5, _classify(case["slug"]))
        elif "tier" in case:
            yield Act(float(case["day"]) + 2, hour, _decide_tier(case))
        for one in case.get("acts", ()):
            yield from _acts_of(case, one, hour, plan)


def _supplied(told: Mapping[str, Any], plan: Plan) -> Iterator[Act]:
    """Frameworks that the office looks at, vendors and systems, and the use cases that rest on them."""
    for one in told["packs"]:
        body = {"is_on": True, "reason": one["reason"]}
        yield Act(float(one["day"]), 9, _posting(one["by"], f"/packs/{one['pack']}/switch", body))
    for vendor in told["vendors"]:
        day = float(vendor["day"])
        body = {name: vendor[name] for name in ("slug", "name", "supplies", "contact", "exit_plan")}
        body["contract_ends"] = plan.day(vendor["contract_ends"]).isoformat()
        yield Act(day, 10, _posting(vendor["by"], "/vendors", body))
        yield Act(day + vendor["assessed"]["after"], 15, _assess(vendor["assessed"]["by"], vendor["slug"]))
    for system in told["systems"]:
        body = {name: system[name] for name in ("slug", "title", "kind", "vendor", "description")}
        yield Act(float(system["day"]), 11, _posting(system["by"], "/systems", body))
        for one in system["usecases"]:
            path = f"/systems/{system['slug']}/usecases"
            yield Act(float(one["day"]), 11, _posting(one["by"], path, {"usecase": one["usecase"]}))


def _posting(who: str, path: str, body: Mapping[str, object]) -> Doing:
    return lambda scene: _post(scene, who, path, body)


def _assess(who: str, vendor: str) -> Doing:
    def act(scene: Scene) -> None:
        digest = scene.as_(who).get(f"/vendors/{vendor}")["digest"]
        body = {"type": "vendor_assessment", "subject": f"vendor:{vendor}", "subject_digest": digest}
        _post(scene, who, "/evidence", body)

    return act


def _open(case: Mapping[str, Any], risks: Mapping[str, Mapping[str, object]]) -> Doing:
    def act(scene: Scene) -> None:
        facts = {**lead_scoring.solution.risk, **risks[case["risk"]], "departments": [case["department"].split("-")[0]]}
        people = {name: scene.people[case[name]].ref for name in ("owner", "sponsor") if name in case}
        body = {
            "slug": case["slug"],
            "title": case["title"],
            "department": case["department"],
            "solution": case.get("solution"),
            "risk": {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()},
            **{name: case[name] for name in (*FIELDS, "different") if name in case},
            **people,
        }
        scene.as_(case["by"]).post("/usecases", body)

    return act


def _classify(slug: str) -> Doing:
    return lambda scene: _post(scene, "jonas", f"/usecases/{slug}/tier", {})


def _decide_tier(case: Mapping[str, Any]) -> Doing:
    body = {"tier": case["tier"], "reasons": case["reasons"]}
    return lambda scene: _post(scene, case["decided_by"], f"/usecases/{case['slug']}/tier", body)


def _acts_of(case: Mapping[str, Any], told: Mapping[str, Any], hour: float, plan: Plan) -> Iterator[Act]:
    day, subject, slug = float(case["day"]) + told["after"], f"usecase:{case['slug']}", case["slug"]
    if "say" in told:
        yield Act(day, hour, lambda scene: say(scene, told["by"], subject, told["say"]))
    elif "settle" in told:
        yield Act(day, hour, lambda scene: _resolve(scene, told["by"], subject))
    elif "task" in told:
        yield from task(plan, day, hour, subject=subject, told=told)
    elif "retire" in told:
        yield Act(
            day, hour, lambda scene: _post(scene, told["by"], f"/usecases/{slug}/retire", {"reason": told["retire"]})
        )


def task(plan: Plan, day: float, hour: float, *, subject: str, told: Mapping[str, Any]) -> Iterator[Act]:
    """Somebody gives a task, and whoever has it ends it, unless it stays open.

    Args: told: ``by``, ``task``, ``for``; ``due`` and ``done`` in days from where ``after`` counts from; ``note``.
    """
    made: dict[str, str] = {}
    start = day - told["after"]

    def give(scene: Scene) -> None:
        body = {
            "title": told["task"],
            "subject": subject,
            "assignee": scene.people[told["for"]].ref,
            "due_on": plan.day(start + told["due"]).isoformat(),
            "note": told.get("hint", ""),
        }
        made["id"] = str(scene.as_(told["by"]).post("/tasks", body)["id"])

    yield Act(day, hour, give)
    if "done" in told:
        body = {"state": "done", "note": told.get("note", "")}
        yield Act(
            start + told["done"], hour, lambda scene: _post(scene, told["for"], f"/tasks/{made['id']}/state", body)
        )


def say(scene: Scene, who: str, subject: str, text: str) -> None:
    """Comment on a thing."""
    _post(scene, who, "/comments", {"subject": subject, "text": scene.words(text)})


def _resolve(scene: Scene, who: str, subject: str) -> None:
    threads = scene.as_(who).get("/comments", subject=subject)["items"]
    _post(scene, who, f"/comments/{threads[0]['id']}/resolve", {})


def _post(scene: Scene, who: str, path: str, body: object) -> None:
    scene.as_(who).post(path, body)
