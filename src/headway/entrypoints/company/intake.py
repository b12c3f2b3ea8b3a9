"""What people did besides opening use cases: an umbrella and who registered, somebody who joined, tools that were seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headway.entrypoints.company import cast
from headway.entrypoints.company.inventory import Act, Doing
from headway.entrypoints.company.plan import Plan
from headway.entrypoints.company.scene import Scene


def acts(plan: Plan) -> Iterator[Act]:
    """Everything of the file, by its days."""
    told = cast.read("intake")
    yield from _umbrella(plan, told["umbrella"])
    for one in told["joins"]:
        yield Act(one["day"], 11, _join(one))
    for one in told["reports"]:
        yield Act(one["day"], 14, _report(one))
        if "settle" in one:
            yield Act(one["settle"]["day"], 9, _settle(one))
    yield Act(told["gateway"]["day"], 16, _log(plan, told["gateway"]))


def _umbrella(plan: Plan, told: dict[str, Any]) -> Iterator[Act]:
    slug, day = told["usecase"], float(told["day"])
    until = plan.day(day + told["lasts"]).isoformat()
    body = {"conditions": told["conditions"], "tier": told["tier"], "valid_until": until}
    yield Act(day, 10, lambda scene: _post(scene, told["by"], f"/usecases/{slug}/umbrella", body))
    yield Act(
        day + 2, 15, lambda scene: _post(scene, told["approved_by"], f"/umbrellas/{_named(scene, slug)}/approve", {})
    )
    for one in told["registrations"]:
        yield Act(day + one["after"], 13, _register(slug, one))


def _named(scene: Scene, slug: str) -> str:
    return str(scene.as_("mira").get("/umbrellas", usecase=slug)["items"][0]["id"])


def _register(slug: str, one: dict[str, Any]) -> Doing:
    body = {"department": one["department"], "what_for": one["for"]}
    return lambda scene: _post(scene, one["by"], f"/umbrellas/{_named(scene, slug)}/registrations", body)


def _join(one: dict[str, Any]) -> Doing:
    body = {"department": one["department"], "what_for": one["for"]}
    return lambda scene: _post(scene, one["by"], f"/usecases/{one['usecase']}/join", body)


def _report(one: dict[str, Any]) -> Doing:
    body: dict[str, Any] = {name: one[name] for name in ("tool", "department", "unnamed") if name in one}
    body["what_for"] = one["for"]
    return lambda scene: _post(scene, one["by"], "/sightings", body)


def _settle(one: dict[str, Any]) -> Doing:
    told = one["settle"]

    def act(scene: Scene) -> None:
        office = scene.as_(told["by"])
        waiting = office.get("/sightings", state="open")["items"]
        [found] = [
            item for item in waiting if (item["tool"], item["department"]) == (one["known_as"], one["department"])
        ]
        body: dict[str, str] = {"outcome": told["outcome"]}
        if "umbrella" in told:
            body["umbrella"] = _named(scene, told["umbrella"])
        if "reason" in told:
            body["reason"] = told["reason"]
        office.post(f"/sightings/{found['id']}/settle", body)

    return act


def _log(plan: Plan, told: dict[str, Any]) -> Doing:
    rows = [
        f"{plan.day(told['day'] - one['ago']).isoformat()},{one['host']},{one['department']},{one['count']}"
        for one in told["rows"]
    ]
    text = "\n".join(["time,host,department,count", *rows, ""])

    def act(scene: Scene) -> None:
        scene.as_(told["by"]).post("/sightings/import", files={"file": ("gateway.csv", text.encode())})

    return act


def _post(scene: Scene, who: str, path: str, body: object) -> None:
    scene.as_(who).post(path, body)
