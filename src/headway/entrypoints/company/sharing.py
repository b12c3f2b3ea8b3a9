"""Data that leaves its department: Finance asks Sales and is granted some of it, asks Human Resources and is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from headway.entrypoints.company.inventory import Act
from headway.entrypoints.company.plan import LIVE, Plan
from headway.entrypoints.company.scene import Scene

ASKER = "gosia"
WANTED = (
    ("sales", "otto", "Forecast next quarter's revenue from how leads come in and what becomes of them"),
    ("hr", "hana", "See whether hiring plans fit the budget of the coming year"),
)
"""Whose data, who answers for it, and what it is for."""
GRANTED = "Counts by source are fine. The identifiers of leads stay with us."
REFUSED = "Applications are about people who applied for a job, not for a budget. Ask us for the head counts instead."


def acts(plan: Plan) -> Iterator[Act]:
    """Asked, answered, and read in the last days."""
    asked: dict[str, dict[str, str]] = {}
    yield Act(LIVE - 6, 10, lambda scene: _ask(scene, plan, asked))
    yield Act(LIVE - 5, 11, lambda scene: _answer(scene, asked))
    yield Act(LIVE - 4, 9, lambda scene: _read(scene, asked))


def _ask(scene: Scene, plan: Plan, asked: dict[str, dict[str, str]]) -> None:
    gosia = scene.as_(ASKER)
    offers = gosia.get("/data-access/offers", limit=1000)["items"]
    until = (plan.day(LIVE) + timedelta(days=80)).isoformat()
    for department, _, purpose in WANTED:
        found = [one["product"] for one in offers if one["department"].split("-")[0] == department]
        asked[department] = gosia.post(f"/products/{found[0]}/access", {"purpose": purpose, "until": until})


def _answer(scene: Scene, asked: dict[str, dict[str, str]]) -> None:
    (sales, otto, _), (hr, hana, _) = WANTED
    given = {"hidden": [_subject(scene, asked[sales]["product"])], "reason": GRANTED}
    scene.as_(otto).post(f"/data-access/{asked[sales]['id']}/approve", given)
    scene.as_(hana).post(f"/data-access/{asked[hr]['id']}/reject", {"reason": REFUSED})


def _subject(scene: Scene, product: str) -> str:
    """The column that names whom a row is about, else the first."""
    columns = scene.as_("otto").get(f"/products/{product}")["contract"]["schema"][0]["properties"]
    named = [
        one["name"]
        for one in columns
        if any(own["property"] == "role" and own["value"] == "subject" for own in one.get("customProperties", ()))
    ]
    return str((named or [one["name"] for one in columns])[0])


def _read(scene: Scene, asked: dict[str, dict[str, str]]) -> None:
    product = asked["sales"]["product"]
    for sql in (f'SELECT count(*) AS leads FROM "{product}"', f'SELECT * FROM "{product}" LIMIT 100'):  # noqa: S608
        scene.as_(ASKER).post("/sql", {"sql": sql})
