"""The council through its API, terminal and client, with the real rules of who may what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from httpx import Client

from headway import governance
from headway.governance import routes
from headway.governance.council.routes import routers
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.database import Database
from headway.kernel.web import Parts
from tests.factories.council import HIGH_RISK
from tests.factories.governance import SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.identity import api, client, join

REASON = {"reason": "read the papers"}
RULES = {
    "title": "AI council", "seats": ["legal", "privacy", "risk"], "quorum": 2, "required": ["legal"],
    "reviews": ["legal", "owner"], "chair": "legal", "tie": "chair", "days": 7,
}  # fmt: skip


class Office:
    """People who are signed in."""

    def __init__(self, parts: Parts, database: Database) -> None:
        self.app = api(parts, (*routes.routers, *routers))
        self.database = database
        self.people: dict[str, tuple[Any, Client]] = {}

    def add(self, name: str, *roles: tuple[Role, str | None]) -> None:
        actor, secret = join(self.database, name, *roles)
        self.people[name.lower()] = (actor, client(self.app, secret))

    def ref(self, name: str) -> str:
        return str(self.people[name][0].ref)

    def ask(self, who: str, method: str, path: str, body: object = None, *, status: int | None = None) -> Any:
        answer = self.people[who][1].request(method, path, json=body)
        assert answer.status_code == status if status else answer.status_code < 300, answer.text
        return answer.json()


@pytest.fixture
def office(parts: Parts, database: Database) -> Office:
    made = Office(parts, database)
    made.add("Ada", (Role.ai_office, None))
    for name in ("Leo", "Pia", "Rita"):
        made.add(name, (Role.council, None))
    made.add("Dora", (Role.data_scientist, "sales"), (Role.council, None))
    made.add("Olga", (Role.department_head, "sales"))
    made.add("Emil", (Role.employee, "sales"))
    with database.session() as session:
        open_usecase(session, risk=HIGH_RISK, owner=made.ref("olga"))
        governance.classify(session, made.people["ada"][0], "lead-scoring")
        bring_evidence(session)
    return made


def set_up(office: Office) -> None:
    office.ask("ada", "PUT", "/councils/ai", RULES)
    for seat, name in (("legal", "leo"), ("privacy", "pia"), ("risk", "rita")):
        office.ask("ada", "POST", "/councils/ai/seats", {"seat": seat, "person": office.ref(name)})


def opened(office: Office) -> str:
    wanted = {
        "subject": str(SUBJECT), "subject_digest": SUBJECT_DIGEST, "environment": "production", "usecase": "lead-scoring",
    }  # fmt: skip
    office.ask("dora", "POST", "/approvals", wanted)
    return str(office.ask("leo", "GET", "/council-items?state=open")["items"][0]["id"])


def test_a_case_goes_through_the_council_by_the_api(office: Office) -> None:
    set_up(office)
    item = opened(office)
    place = f"/council-items/{item}"
    office.ask("olga", "POST", f"{place}/reviews", {"part": "owner", "supports": True, "text": "the team is ready"})
    office.ask("leo", "POST", f"{place}/reviews", {"part": "legal", "supports": True, "text": "lawful with notice"})
    wanted = {"text": "tell people that a model ranks them", "owner": office.ref("olga"), "days": 0}
    condition = office.ask("pia", "POST", f"{place}/conditions", wanted)["id"]
    office.ask("rita", "POST", f"{place}/recusals", {"reason": "my sister leads the vendor"})
    office.ask("dora", "POST", f"{place}/votes", {"choice": "yes", **REASON}, status=403)
    office.ask("emil", "GET", place, status=403)
    office.ask("rita", "POST", f"{place}/votes", {"choice": "yes", **REASON}, status=409)
    office.ask("leo", "POST", f"{place}/votes", {"choice": "yes", **REASON})
    shown = office.ask("pia", "GET", place)
    assert (shown["own_seats"], shown["tally"]["waiting"], shown["tally"]["empty"]) == (
        ["privacy"],
        ["privacy"],
        ["risk"],
    )
    assert any("Ada" in line for line in shown["mend"]), "the AI office can fill the seat"
    done = office.ask("pia", "POST", f"{place}/votes", {"choice": "yes", **REASON})
    assert (done["state"], done["why"][0]) == ("approved", "2 yes, 0 no, 0 abstain")
    assert office.ask("pia", "GET", f"/approvals/{done['approval']}")["state"] == "approved"
    missed = office.ask("leo", "GET", "/council-conditions?usecase=lead-scoring")["items"]
    assert [one["id"] for one in missed] == [condition]
    office.ask("olga", "POST", f"/council-conditions/{condition}/met", {"evidence": "the notice is up"})
    office.ask("olga", "POST", f"/council-conditions/{condition}/accept", REASON, status=403)
    office.ask("pia", "POST", f"/council-conditions/{condition}/return", {"reason": "not on the German page"})
    office.ask("olga", "POST", f"/council-conditions/{condition}/met", {"evidence": "on both pages"})
    office.ask("pia", "POST", f"/council-conditions/{condition}/accept", REASON)
    story = office.ask("leo", "GET", f"{place}/story")
    assert story["state"] == "approved" and len(story["lines"]) == 12
    figures = office.ask("ada", "GET", "/councils/figures")
    assert (figures["decided"], figures["open"], figures["conditions_open"]) == (1, 0, 0)


def test_seats_and_rules_are_the_ai_offices_and_every_fault_is_told(office: Office) -> None:
    office.ask("leo", "PUT", "/councils/ai", RULES, status=403)
    wrong = {**RULES, "seats": ["legal", "moon"], "quorum": 1, "chair": "risk", "days": 99}
    faults = office.ask("ada", "PUT", "/councils/ai", wrong, status=422)["faults"]
    assert {one["column"] for one in faults} == {"seats", "quorum", "chair", "days"}
    set_up(office)
    office.ask("ada", "PUT", "/councils/second", RULES, status=409)
    until = clock.iso(clock.now() + timedelta(days=5))
    handed = {"seat": "privacy", "taker": office.ref("dora"), "until": until}
    [given] = office.ask("pia", "POST", "/councils/ai/delegations", handed)["delegations"]
    office.ask("leo", "POST", f"/councils/ai/delegations/{given['id']}/end", status=403)
    office.ask("pia", "POST", f"/councils/ai/delegations/{given['id']}/end")
    office.ask("ada", "POST", "/councils/ai/seats/leave", {"seat": "risk", "person": office.ref("rita")})
    shown = office.ask("leo", "GET", "/councils/ai")
    assert [one["seat"] for one in shown["members"] if one["until"] is None] == ["legal", "privacy"]
    ended = office.ask("ada", "POST", "/councils/ai/end", {"reason": "no longer needed"})
    assert ended["ended_at"]
