"""The council through its API, terminal and client, with the real rules of who may what."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Client
from typer.testing import CliRunner

from headway import governance
from headway.governance import routes
from headway.governance.council.cli import council_app
from headway.governance.council.routes import routers
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.canonical import sha256
from headway.kernel.database import Database
from headway.kernel.web import Parts
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.council import HIGH_RISK
from tests.factories.governance import SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.identity import api, client, join
from tests.factories.pages import application

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
        self.secrets: dict[str, str] = {}

    def add(self, name: str, *roles: tuple[Role, str | None]) -> None:
        actor, secret = join(self.database, name, *roles)
        self.people[name.lower()] = (actor, client(self.app, secret))
        self.secrets[name.lower()] = secret

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
    given = {"owner": "olga@example.org", "reason": "she writes the page"}
    office.ask("dora", "POST", f"/council-conditions/{condition}/give", given, status=403)
    for who in ("emil", "olga"):
        given = {"owner": office.ref(who), "reason": f"{who} writes the page"}
        assert office.ask("pia", "POST", f"/council-conditions/{condition}/give", given)["owner"] == office.ref(who)
    office.ask("olga", "POST", f"/council-conditions/{condition}/met", {"evidence": "the notice is up"})
    office.ask("olga", "POST", f"/council-conditions/{condition}/accept", REASON, status=403)
    office.ask("pia", "POST", f"/council-conditions/{condition}/return", {"reason": "not on the German page"})
    office.ask("olga", "POST", f"/council-conditions/{condition}/met", {"evidence": "on both pages"})
    office.ask("pia", "POST", f"/council-conditions/{condition}/accept", REASON)
    story = office.ask("leo", "GET", f"{place}/story")
    assert story["state"] == "approved" and len(story["lines"]) == 14
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


def test_a_meeting_by_the_api_from_calling_it_to_approved_minutes(office: Office) -> None:
    set_up(office)
    item = opened(office)
    at = clock.iso(clock.now() + timedelta(hours=1))
    office.ask("pia", "POST", "/councils/ai/meetings", {"starts_at": at}, status=403)
    meeting = office.ask("ada", "POST", "/councils/ai/meetings", {"starts_at": at, "place": "Room 3"})["id"]
    place = f"/meetings/{meeting}"
    later = clock.iso(clock.now() + timedelta(hours=2))
    office.ask("leo", "POST", f"{place}/move", {"starts_at": later, **REASON})
    office.ask("leo", "POST", f"{place}/strike", {"item": item, **REASON})
    office.ask("leo", "PUT", f"{place}/agenda", {"items": [item]})
    office.ask("emil", "GET", place, status=403)
    office.ask("pia", "POST", f"{place}/open", status=403)
    office.ask("leo", "POST", f"{place}/open")
    office.ask("pia", "POST", f"{place}/attendance", {})
    shown = office.ask("pia", "GET", place)
    assert (shown["present"], shown["needed"], shown["has_quorum"]) == (2, 2, True)
    assert [one["item"] for one in shown["agenda"]] == [item]
    office.ask("olga", "POST", f"/council-items/{item}/reviews", {"part": "owner", "supports": True, "text": "ready"})
    office.ask("leo", "POST", f"/council-items/{item}/reviews", {"part": "legal", "supports": True, "text": "lawful"})
    for name in ("leo", "pia", "rita"):
        done = office.ask(name, "POST", f"/council-items/{item}/votes", {"choice": "yes", **REASON})
    assert done["state"] == "approved" and done["meeting"] is None, "Rita, who was not there, cast the last vote"
    assert {one["meeting"] for one in done["votes"]} == {meeting, None}
    office.ask("leo", "POST", f"{place}/close")
    made = office.ask("leo", "POST", f"{place}/minutes", {"locale": "de"})
    answer = office.people["pia"][1].get(f"{place}/minutes/1/minutes.pdf")
    assert answer.headers["content-type"] == "application/pdf" and sha256(answer.content) == made["pdf"]
    office.ask("pia", "POST", f"{place}/minutes/1/approve", status=403)
    office.ask("leo", "POST", f"{place}/minutes/1/approve")
    assert office.ask("pia", "GET", "/councils/ai/meetings?state=held")["items"][0]["minutes"][0][
        "approved_by"
    ] == office.ref("leo")


def test_everybody_has_a_calendar_of_their_own_whose_address_is_told_once(office: Office) -> None:
    set_up(office)
    made = office.ask("leo", "POST", "/calendar")
    assert made["path"].startswith("/calendars/") and made["path"].endswith(".ics")
    assert office.ask("leo", "GET", "/calendar") == {"made_at": made["made_at"], "path": None}
    assert office.ask("pia", "GET", "/calendar") == {"made_at": None, "path": None}
    assert office.ask("leo", "POST", "/calendar")["path"] != made["path"]
    assert office.ask("leo", "DELETE", "/calendar")["made_at"] is None


def test_the_commands_of_the_council(
    office: Office, parts: Parts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every command, typed by those who would type it, against the real API."""
    app = application(parts)

    def types(who: str, line: str) -> Any:
        def connect() -> HeadwayClient:
            return HeadwayClient("http://headway", office.secrets[who], transport=AppTransport(app))

        monkeypatch.setattr(terminal, "connect", connect)
        words = [*shlex.split(line), *([] if "download" in line else ["--output", "json"])]
        done = CliRunner().invoke(council_app, words)
        assert done.exit_code == 0, (line, done.output, done.exception)
        return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout

    seats = "--seat legal --seat privacy --seat risk --quorum 2 --required legal --review legal --review owner --chair legal"
    types("ada", f"set ai --title 'AI council' {seats} --tie chair --days 7")
    for seat, name in (("legal", "leo"), ("privacy", "pia"), ("risk", "rita")):
        types("ada", f"seat ai {seat} {office.ref(name)}")
    types("ada", f"seat ai risk {office.ref('pia')} --deputy")
    types("ada", f"unseat ai risk {office.ref('pia')}")
    until = clock.iso(clock.now() + timedelta(days=5))
    [given] = types("rita", f"delegate ai --seat risk --to {office.ref('pia')} --until {until}")["delegations"]
    types("rita", f"undelegate ai {given['id']}")
    assert types("leo", "show ai")["seats"] == ["legal", "privacy", "risk"] and types("leo", "list")["items"]
    item = opened(office)
    at = clock.iso(clock.now() + timedelta(hours=1))
    meeting = types("leo", f"meeting plan ai --at {at}")["id"]
    types("leo", f"meeting move {meeting} --at {at} --reason 'the room is taken' --place 'Room 3'")
    types("leo", f"meeting strike {meeting} {item} --reason 'not read yet'")
    types("leo", f"meeting agenda {meeting} {item}")
    types("leo", f"meeting open {meeting}")
    types("pia", f"meeting attend {meeting}")
    assert types("leo", f"meeting show {meeting}")["has_quorum"]
    types("olga", f"review {item} --part owner --text 'the team is ready'")
    types("leo", f"review {item} --part legal --text lawful --against")
    condition = types("pia", f"condition {item} --text 'tell people' --owner {office.ref('olga')} --days 0")["id"]
    types("rita", f"recuse {item} --reason 'my sister leads the vendor'")
    types("leo", f"vote {item} yes --reason 'lawful with the notice'")
    assert types("pia", f"vote {item} yes --reason 'with the condition'")["state"] == "approved"
    assert types("leo", f"item {item}")["item"]["meeting"] == meeting
    assert types("leo", f"story {item}")["state"] == "approved" and types("leo", "queue --state approved")["items"]
    assert types("leo", "conditions")["items"][0]["id"] == condition
    types("olga", f"met {condition} --evidence 'it is on the page'")
    types("pia", f"return {condition} --reason 'not in German'")
    types("olga", f"met {condition} --evidence 'in both languages'")
    types("pia", f"accept {condition} --reason 'seen'")
    types("leo", f"meeting close {meeting}")
    types("leo", f"meeting minutes {meeting} --locale de")
    types("leo", f"meeting approve {meeting} --number 1")
    types("pia", f"meeting download {meeting} --number 1 --file minutes.docx --to {tmp_path / 'minutes.docx'}")
    assert (tmp_path / "minutes.docx").read_bytes().startswith(b"PK")
    other = types("leo", f"meeting plan ai --at {at}")["id"]
    types("leo", f"meeting cancel {other} --reason 'nobody has time'")
    assert [one["state"] for one in types("leo", "meeting list ai")["items"]] == ["cancelled", "held"]
    assert types("leo", "calendar renew")["path"] and types("leo", "calendar show")["made_at"]
    assert types("leo", "calendar end")["made_at"] is None
    assert types("ada", "figures")["decided"] == 1
    assert types("ada", "lanes") == {"by_rules": 0, "by_people": 0, "share": None, "patterns": [], "others": []}
    types("ada", "end ai --reason 'no longer needed'")
