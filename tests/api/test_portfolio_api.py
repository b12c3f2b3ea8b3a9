"""Pilots and solutions over HTTP: what is refused at the door, what a started pilot leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Client, Response

from headway import portfolio
from headway.identity import Role
from headway.kernel.web import Parts
from headway.portfolio.routes import router
from tests.factories.identity import api, client, join, local_owner
from tests.factories.serving import count

FORM = {"solution": "sales.lead-scoring", "department": "sales", "label": "converted"}


@pytest.fixture
def ready(parts: Parts) -> Parts:
    parts.jobs.define("pilot", portfolio.pilot_job)
    return parts


@pytest.fixture
def owner(ready: Parts) -> Iterator[Client]:
    _, token = local_owner(ready.database)
    with client(api(ready, [router]), token) as made:
        yield made


def start(who: Client, **changes: Any) -> Response:
    return who.post("/pilots", data={**FORM, **changes}, files={"file": ("leads.csv", b"a,converted\n1,yes\n")})


def test_solutions_are_listed_with_their_package(owner: Client) -> None:
    [found] = [one for one in owner.get("/solutions").json()["items"] if one["id"] == "sales.lead-scoring"]
    assert (found["state"], found["reason"]) == ("loaded", None)
    assert found["package"].startswith("headway ")


def test_a_started_pilot_names_its_job_and_keeps_the_request(owner: Client, ready: Parts) -> None:
    made = start(owner, exclude=["x", "y"], value_per_success="120", cost_per_action="4 EUR", currency="eur")
    assert made.status_code == 202
    pilot = owner.get(f"/pilots/{made.json()['pilot']}").json()
    assert (pilot["state"], pilot["job"], pilot["name"]) == ("running", made.json()["job"], "lead-scoring")
    assert pilot["request"]["exclude"] == ["x", "y"]
    assert pilot["request"]["value_per_success"] == "120.00 EUR"
    assert ready.storage.exists(pilot["request"]["file_key"])
    assert [one["id"] for one in owner.get("/pilots").json()["items"]] == [pilot["id"]]
    report = owner.get(f"/pilots/{pilot['id']}/report")
    assert (report.status_code, report.json()["code"]) == (409, "portfolio.pilot_running")
    assert owner.post(f"/pilots/{pilot['id']}/retry").status_code == 409
    assert owner.get("/pilots/plt_none").status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "columns"),
    [
        ({"solution": "sales.none"}, 404, set()),
        ({"time": "t", "ordered": "true"}, 422, {"ordered"}),
        ({"name": "My Pilot"}, 422, {"name"}),
        ({"value_per_success": "120 EUR"}, 422, {"cost_per_action"}),
        ({"value_per_success": "120 EUR", "cost_per_action": "4 USD"}, 422, set()),
        ({"value_per_success": "much", "cost_per_action": "4 EUR"}, 422, set()),
        ({"department": "!!"}, 422, set()),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_kept(
    owner: Client, ready: Parts, changes: dict[str, str], status: int, columns: set[str]
) -> None:
    refused = start(owner, **changes)
    assert refused.status_code == status
    assert {fault.get("column") for fault in refused.json().get("faults", [])} - {None} == columns
    assert list(ready.storage.list("uploads")) == []
    with ready.database.session() as session:
        assert count(session, "portfolio.pilots") == 0


def test_a_pilot_is_started_by_those_who_build_in_that_department(ready: Parts) -> None:
    _, token = join(ready.database, "Eva", (Role.employee, "sales"))
    with client(api(ready, [router]), token) as employee:
        refused = start(employee)
        assert refused.status_code == 403
        assert "data_scientist" in refused.json()["hint"] or "role" in refused.json()["hint"]
    _, token = join(ready.database, "Dan", (Role.data_scientist, "sales"))
    with client(api(ready, [router]), token) as scientist:
        assert start(scientist).status_code == 202
        assert start(scientist, department="finance").status_code == 403
