"""A platform that people have lived in: departments, one person of every role, a pilot, a release, decisions, words about them.

All of it is made by driving the API and the node, as users do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headway.entrypoints.pages.assessment_templates import BEGINNING
from headway.solutions.sales import lead_scoring
from headway_client import Client
from tests.factories import projections, risks
from tests.factories.running import Home, eventually
from tests.factories.two_people import complete_usecase

PASSWORD = "a long enough pass phrase for tests"
ROLES = {
    "ada": ("Ada Office", "ai_office", None),
    "grace": ("Grace Council", "council", None),
    "sven": ("Sven Sponsor", "sponsor", "sales"),
    "hedy": ("Hedy Head", "department_head", "sales"),
    "otto": ("Otto Owner", "data_owner", "sales"),
    "dora": ("Dora Scientist", "data_scientist", "sales"),
    "axel": ("Axel Auditor", "auditor", None),
    "olga": ("Olga Operator", "operator", None),
    "emil": ("Emil Employee", "employee", "sales"),
    "nora": ("Nora Nobody", None, None),
    "hugo": ("Hugo Hr", "department_head", "hr"),
    "felix": ("Felix Finance", "department_head", "finance"),
}


MEANS = {"budget": "120000 EUR", "value": "300000 EUR", "people": 1.5, "reason": "two engineers for a year"}
ROUND = {"title": "Winter", "starts": "2027-01-01", "ends": "2027-07-01", "limits": {"budget": "100000 EUR"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account."""

    ref: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LivedIn:
    """The platform and the names of what is in it."""

    home: Home
    url: str
    people: dict[str, Person]
    pilot: dict[str, Any]
    release: str
    approval: str
    version: str
    decisions: tuple[str, ...]
    plan: str
    waiver: str
    glass: str
    projection: str
    assessment: str
    risk: str
    allocation: str
    leads: Path

    def client(self, who: str) -> Client:
        """A client that acts as one of the people."""
        return client_as(self.url, self.people[who].email)


def live_in(home: Home) -> LivedIn:
    """Bring a home up and do on it what people do in their first days."""
    leads = home.path.parent / "leads.csv"
    lead_scoring.write_example(leads, rows=2000, seed=11)
    home.up()
    url = f"http://127.0.0.1:{home.environ['HEADWAY_PORT']}"
    with home.client() as local:
        people = _people(local)
    with client_as(url, people["dora"].email) as dora:
        pilot = _pilot(dora, leads)
    with client_as(url, people["ada"].email) as ada:
        complete_usecase(ada, pilot["usecase"])
        ada.post(
            "/usecases",
            {
                "slug": "churn-warning",
                "title": "Churn warning",
                "department": "sales",
                "purpose": "call before they leave",
            },
        )
        ada.post("/usecases", {"slug": "phone-bot", "title": "Phone bot", "department": "sales"})
        ada.post("/usecases/phone-bot/retire", {"reason": "the supplier ended it"})
        planned = ada.post(
            f"/usecases/{pilot['usecase']}/scale-plans", files={"file": leads}, data={"department": "finance"}
        )
        ada.wait(planned["job"])
        ada.post("/usecases", {"slug": "cv-screening", "title": "CV screening", "department": "hr"})
    version = f"model:{pilot['model']['name']}@{pilot['model']['version']}"
    with client_as(url, people["dora"].email) as dora:
        asked = dora.post("/releases", {"version": version, "environment": "pilot"})
        dora.post("/replays", files={"file": leads}, data=_past(pilot["usecase"]))
        waiver = dora.post("/waivers", _waiver(pilot["usecase"]))["id"]
    with client_as(url, people["ada"].email) as ada:
        ada.post(f"/waivers/{waiver}/grant", {"reason": "the parity report is due on Friday", "days": 5})
    with client_as(url, people["felix"].email) as felix:
        felix.post("/discount-rates", {"percent": "8.5", "reason": "the board's"})
    with client_as(url, people["ada"].email) as ada:
        ada.post("/assessors", {"seat": "privacy", "person": people["hedy"].ref})
        ada.post("/assessment-templates", {"text": BEGINNING})
    with client_as(url, people["hedy"].email) as hedy:
        assessed = hedy.post(f"/usecases/{pilot['usecase']}/assessments", {"template": "privacy"})["id"]
        risk = hedy.post(f"/usecases/{pilot['usecase']}/risks", risks.BODY)["id"]
        hedy.post(f"/usecases/{pilot['usecase']}/resources", MEANS)
        projected = hedy.post(f"/usecases/{pilot['usecase']}/projections", projections.body())["id"]
    with client_as(url, people["ada"].email) as ada:
        allocation = ada.post("/allocations", ROUND)["id"]
    with client_as(url, people["olga"].email) as olga:
        glass = olga.post("/break-glass", _emergency(pilot, version))["id"]
        token = olga.post("/grants", {"deployment": pilot["deployment"]["name"], "environment": "sandbox"})["token"]
    decisions = _decisions(home, pilot, token)
    return LivedIn(
        home=home,
        url=url,
        people=people,
        pilot=pilot,
        release=asked["id"],
        approval=str(asked.get("approval") or ""),
        version=version,
        decisions=decisions,
        plan=str(planned["plan"]),
        waiver=str(waiver),
        glass=str(glass),
        projection=str(projected),
        assessment=str(assessed),
        risk=str(risk),
        allocation=str(allocation),
        leads=leads,
    )


def _past(usecase: str) -> dict[str, object]:
    return {
        "usecase": usecase,
        "time": "created_at",
        "outcome": "converted",
        "subject": "lead_id",
        "exclude": ["onboarding_minutes"],
        "learn_share": 0.5,
        "value_per_success": "120 EUR",
        "cost_per_action": "4 EUR",
    }


def _waiver(usecase: str) -> dict[str, object]:
    return {
        "usecase": usecase,
        "environment": "production",
        "pack": "headway-core",
        "control": "HW-QUALITY",
        "reason": "the supplier repairs its export by the end of the month",
        "compensation": "two people of sales look at 50 leads of each day's list",
    }


def _emergency(pilot: dict[str, Any], version: str) -> dict[str, object]:
    return {
        "usecase": pilot["usecase"],
        "environment": "pilot",
        "subject": version,
        "subject_digest": pilot["model"]["digest"],
        "reason": "the list of this morning came out empty",
    }


def client_as(url: str, email: str) -> Client:
    """Sign in over the API and give a client."""
    with Client(url) as nobody:
        secret = nobody.post("/sessions", {"email": email, "password": PASSWORD})["secret"]
    return Client(url, secret)


def _people(local: Client) -> dict[str, Person]:
    for slug, name in (("sales", "Sales"), ("hr", "Human resources"), ("finance", "Finance")):
        local.post("/departments", {"slug": slug, "name": name})
    found = {}
    for key, (name, role, department) in ROLES.items():
        email = f"{key}@northwind.example"
        invited = local.post("/people", {"name": name, "email": email})
        ref = f"person:{invited['person']['id']}"
        if role is not None:
            local.post("/roles", {"principal": ref, "role": role, "department": department})
        local.post("/sessions/join", {"code": invited["code"], "password": PASSWORD})
        found[key] = Person(ref=ref, name=name, email=email)
    return found


def _pilot(client: Client, leads: Path) -> dict[str, Any]:
    form = {
        "solution": "sales.lead-scoring",
        "department": "sales",
        "label": "converted",
        "time": "created_at",
        "subject": "lead_id",
        "exclude": ["onboarding_minutes"],
        "value_per_success": "120 EUR",
        "cost_per_action": "4 EUR",
    }
    started = client.post("/pilots", files={"file": leads}, data=form)
    return client.wait(started["job"])


def _decisions(home: Home, pilot: dict[str, Any], token: str) -> tuple[str, ...]:
    """Ask the node for a few decisions and wait until the control plane knows them."""
    records = lead_scoring.example_records(8, seed=3)
    with home.node(token) as node:
        answers = eventually(lambda: node.decide(pilot["deployment"]["name"], records), seconds=60)
    ids = tuple(str(answer["decision"]) for answer in answers)
    with home.client() as client:
        eventually(lambda: client.get(f"/decisions/{ids[-1]}")["complete"], seconds=90)
    return ids
