"""Acceptance 1: a mandate lapses, a seat is empty, a step is nobody's, a limit is passed; each blocks, says who mends it, and goes on.

The control plane runs in this process under a held clock, so that a mandate can lapse; commands and Chromium come over a socket.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from typer import Typer
from typer.testing import CliRunner

from headway import catalog, governance, identity
from headway.entrypoints.pages.viewer import SESSION_COOKIE
from headway.entrypoints.stack import listening
from headway.entrypoints.subjects import EverySubject
from headway.governance.cli import usecase_app
from headway.governance.cli.gates import gate_app
from headway.governance.council.cli import council_app
from headway.governance.mandates.cli import appetite_app, mandate_app, rights_app
from headway.identity import Role
from headway.kernel import clock, terminal
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs
from headway.kernel.web import Parts
from headway_client import Client, Conflict
from tests.factories.browser import Watched, watched
from tests.factories.council import HIGH_RISK
from tests.factories.governance import NOW, SUBJECT, SUBJECT_DIGEST, bring_evidence, open_usecase
from tests.factories.identity import local_owner

pytestmark = pytest.mark.e2e
PEOPLE: dict[str, tuple[str, Role, str | None]] = {
    "mira": ("Mira Office", Role.ai_office, None),
    "sue": ("Sue Sponsor", Role.sponsor, "sales"),
    "dana": ("Dana Builder", Role.data_scientist, None),
}
WHY = "what the board and the office agreed on in autumn"


@dataclass
class Desk:
    """One platform with its people, and its three doors."""

    parts: Parts
    url: str
    chromium: Chromium
    today: clock.FixedClock
    refs: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, name: str, role: Role | None, department: str | None = None) -> str:
        """Let somebody join."""
        owner = Actor(ref="person:local", name="Local owner")
        with self.parts.database.session() as session:
            if department:
                identity.ensure_department(session, owner, department)
            made = identity.add_person(session, owner, name=name, email=f"{key}@example.org").person
            if role is not None:
                identity.grant_role(session, owner, principal=Ref.parse(made.ref), role=role, department=department)
        self.refs[key] = made.ref
        return made.ref

    def secret(self, key: str) -> str:
        """A session that somebody opens now."""
        with self.parts.database.session() as session:
            person = identity.get_person(session, self.refs[key].partition(":")[2])
            return identity.open_session(session, person).secret

    def as_(self, key: str) -> Client:
        return Client(self.url, self.secret(key))

    def run(self, key: str, app: Typer, *words: str) -> tuple[int, str]:
        """A command as somebody types it, with its exit code and everything it said."""
        secret = self.secret(key)
        terminal.set_connector(lambda: Client(self.url, secret))
        done = CliRunner().invoke(app, list(words))
        error = "" if done.exception is None else f"{done.exception} {getattr(done.exception, 'hint', '')}"
        return done.exit_code, f"{done.output} {error}"

    def json(self, key: str, app: Typer, *words: str) -> Any:
        """What a command answers to a program."""
        secret = self.secret(key)
        terminal.set_connector(lambda: Client(self.url, secret))
        done = CliRunner().invoke(app, [*words, "--output", "json"])
        assert done.exit_code in (0, 5), (done.output, done.exception)
        return json.loads(done.stdout)

    def read(self, key: str, path: str) -> str:
        """What Chromium shows somebody at an address."""
        with watched(self.chromium, self.url) as window:
            self._enter(key, window)
            window.open(path)
            return window.page.inner_text("main")

    def push(self, key: str, path: str, action: str, **fields: str) -> str:
        """Fill in a form of a page, push its button, and read what comes."""
        with watched(self.chromium, self.url) as window:
            self._enter(key, window)
            window.open(path)
            form = window.page.locator(f'form[action="{action}"]')
            for name, value in fields.items():
                box = form.locator(f'[name="{name}"]')
                kind = box.evaluate("e => e.tagName")
                box.select_option(value) if kind == "SELECT" else box.fill(value)
            asks = form.get_attribute("data-confirm")
            form.locator("button.btn-primary").click()
            if asks:
                with window.page.expect_navigation():
                    window.page.get_by_role("button", name="Yes, do it").click()
            window.page.wait_for_load_state("load")
            window.rest()
            return window.page.inner_text("body")

    def _enter(self, key: str, window: Watched) -> None:
        cookie = {"name": SESSION_COOKIE, "value": self.secret(key), "url": self.url}
        window.page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture
def desk(parts: Parts, browser: Chromium) -> Iterator[Desk]:
    jobs = Jobs(parts.database)
    rules = identity.CedarAuthorizer(parts.database)
    subjects = EverySubject(rules, jobs, lambda: catalog.lake_of(parts))
    made = replace(parts, jobs=jobs, authorizer=rules, authenticate=identity.authenticate, subjects=subjects)
    jobs.bind(made)
    with clock.fixed(NOW) as today:
        local_owner(parts.database)
        with listening(made) as url:
            found = Desk(made, url, browser, today)
            for key, (name, role, department) in PEOPLE.items():
                found.add(key, name, role, department)
            yield found
    jobs.close()


@pytest.fixture
def built(desk: Desk) -> Desk:
    """A use case of high risk with everything that a release needs, but a yes."""
    owner, sponsor = desk.refs["dana"], desk.refs["sue"]
    with desk.parts.database.session() as session:
        open_usecase(session, risk=HIGH_RISK, owner=owner, sponsor=sponsor)
        governance.classify(session, Actor(ref=desk.refs["mira"], name="Mira Office"), "lead-scoring")
        bring_evidence(session)
    return desk


def ask(desk: Desk) -> dict[str, Any]:
    body = {"subject": str(SUBJECT), "subject_digest": SUBJECT_DIGEST, "environment": "production"}
    with desk.as_("dana") as dana:
        found: dict[str, Any] = dana.post("/approvals", {**body, "usecase": "lead-scoring"})
        return found


def gate(desk: Desk, control: str) -> dict[str, Any]:
    about = ("lead-scoring", "--environment", "production", "--digest", SUBJECT_DIGEST, "--subject", str(SUBJECT))
    found = desk.json("dana", gate_app, "check", *about)
    return next(one for one in found["controls"] if one["id"] == control)


def proposal(title: str) -> dict[str, str]:
    return {"slug": title.lower().replace(" ", "-"), "title": title, "department": "sales"}


def test_a_mandate_that_lapses_closes_intake_until_the_sponsor_signs_anew(desk: Desk) -> None:
    with desk.as_("mira") as mira:
        body = {"slug": "growth", "title": "Growth", "sponsor": desk.refs["sue"], "departments": ["sales"]}
        mira.post("/programmes", body)

    def draft() -> None:
        first, last = desk.today().date(), desk.today().date() + timedelta(days=20)
        words = (
            "growth",
            "--purpose",
            "Win more deals with less cold calling",
            "--budget-minor",
            "100",
            "--people",
            "1",
        )
        desk.json("mira", mandate_app, "draft", *words, "--from", str(first), "--until", str(last))
        with desk.as_("mira") as mira:
            made = mira.get("/programmes/growth")["draft"]["id"]
        assert "Signed and sealed" in desk.push("sue", "/programmes/growth", f"/mandates/{made}/sign")

    draft()
    with desk.as_("dana") as dana:
        dana.post("/usecases", proposal("Order calls of the day"))
    desk.today.advance(timedelta(days=21))
    with desk.as_("dana") as dana, pytest.raises(Conflict) as refused:
        dana.post("/usecases", proposal("Read scanned invoices"))
    assert refused.value.problem["code"] == "governance.intake_closed"
    assert "lapsed on" in str(refused.value) and "Sue Sponsor can mend it" in str(refused.value.hint)
    code, told = desk.run(
        "dana", usecase_app, "open", "forecast-spare-parts", "--title", "Forecast spare parts", "--department", "sales"
    )
    assert code != 0 and "lapsed on" in told and "Sue Sponsor" in told
    shown = desk.push("dana", "/usecases/new", "/usecases/new", title="Write the letters", department="sales")
    assert "intake is closed in sales" in shown and "Sue Sponsor" in shown and "person:" not in shown
    assert "Sue Sponsor can mend it" in desk.read("sue", "/programmes/growth")
    draft()
    assert "Proposed" in desk.push(
        "dana", "/usecases/new", "/usecases/new", title="Write the letters", department="sales"
    )


def test_a_step_that_nobody_holds_blocks_until_somebody_holds_it(built: Desk) -> None:
    desk = built
    desk.json("mira", rights_app, "set", "production", "--decides", "council")
    made = desk.json("mira", rights_app, "adopt", "--reason", WHY)
    assert "narrow by it at once" in desk.push("sue", "/decision-rights", f"/decision-rights/{made['version']}/confirm")
    found = gate(desk, "HW-RIGHTS-PRODUCTION")
    assert found["status"] == "failed" and "nobody decides in sales" in found["reason"]
    with pytest.raises(Conflict) as refused:
        ask(desk)
    told = " ".join((str(refused.value), *(one["message"] for one in refused.value.problem["faults"])))
    assert "nobody decides in sales" in told and "Mira Office" in told and "person:" not in told
    weak = desk.read("mira", "/decision-rights?department=sales")
    assert "Release to production" in weak and "nobody" in weak
    desk.add("cora", "Cora Council", Role.council)
    assert gate(desk, "HW-RIGHTS-PRODUCTION")["status"] == "passed"
    assert ask(desk)["state"] == "requested"
    assert "Cora Council" in desk.read("mira", "/decision-rights?department=sales")


def test_a_seat_that_is_empty_keeps_the_council_from_deciding_until_it_is_filled(built: Desk) -> None:
    desk = built
    desk.add("cora", "Cora Council", Role.council)
    desk.add("leo", "Leo Legal", Role.council)
    words = ("set", "ai-council", "--title", "AI council", "--seat", "legal", "--seat", "risk", "--quorum", "2")
    desk.json("mira", council_app, *words, "--required", "legal")
    desk.json("mira", council_app, "seat", "ai-council", "risk", desk.refs["cora"])
    approval = ask(desk)
    with desk.as_("mira") as mira:
        [item] = mira.get("/council-items")["items"]
        standing = mira.get(f"/council-items/{item['id']}")
    assert item["approval"] == approval["id"] and standing["tally"]["empty"] == ["legal"]
    said = "nobody can vote for the seat legal"
    assert any(said in one and "Mira Office" in one for one in standing["mend"])
    assert said in json.dumps(desk.json("mira", council_app, "item", item["id"]))
    shown = desk.read("mira", f"/council/{item['id']}")
    assert "Mira Office" in shown
    desk.json("mira", council_app, "seat", "ai-council", "legal", desk.refs["leo"])
    with desk.as_("leo") as leo:
        leo.post(
            f"/council-items/{item['id']}/votes", {"choice": "yes", "reason": "the law allows it", "seat": "legal"}
        )
        assert leo.get(f"/council-items/{item['id']}")["tally"]["empty"] == []


def test_a_limit_that_is_passed_blocks_until_another_appetite_holds(built: Desk) -> None:
    desk = built

    def in_force(most: str) -> None:
        made = desk.json("mira", appetite_app, "adopt", "--tier", f"high={most}", "--reason", WHY)
        assert "In force" in desk.push("sue", "/appetite", f"/appetite/{made['version']}/confirm")

    in_force("0")
    found = gate(desk, "HW-APPETITE")
    assert found["status"] == "failed" and "at most 0 live at once, this is number 1" in found["reason"]
    with pytest.raises(Conflict) as refused:
        ask(desk)
    told = " ".join((str(refused.value), *(one["message"] for one in refused.value.problem["faults"])))
    assert "tier high: at most 0" in told and "Mira Office" in told and "person:" not in told
    assert "tier high: at most 0" in desk.read("dana", "/usecases/lead-scoring/stakes")
    in_force("3")
    assert gate(desk, "HW-APPETITE")["status"] == "passed"
    assert ask(desk)["state"] == "requested"
