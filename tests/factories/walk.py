"""Everybody at every page and operation: what they got, what the rules were asked, what was linked and offered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi.routing import APIRoute

from headway.entrypoints import pages
from headway.entrypoints.http import PREFIX, described
from headway.entrypoints.pages.viewer import SESSION_COOKIE
from tests.factories.asgi import AppTransport
from tests.factories.matrix import Asked, Holder, Remembering
from tests.factories.twins import Twin, filled

HOST = "http://headway.test"
# Streams do not end; files of the front end are no pages; these lead on to another page.
NOT_ASKED = re.compile(r"^/static|/stream$|^/resume/|/imports/\{|^/oidc|^/auth/|^/sign-in/oidc/|^/calendars/")


@dataclass(frozen=True, slots=True)
class Cell:
    """What somebody got at one address, and what the rules were asked meanwhile."""

    status: int
    asked: tuple[Asked, ...]
    text: str

    @property
    def is_refused(self) -> bool:
        """Whether the rules refused what the request depends on."""
        return any(one.must and not one.is_allowed for one in self.asked)


@dataclass(frozen=True, slots=True)
class Matrix:
    """All cells: by the name of who asked and the route."""

    things: dict[str, str]
    people: dict[str, Holder]
    operations: dict[tuple[str, str], Cell]
    pages: dict[tuple[str, str], Cell]
    rules: Remembering
    http: dict[str, httpx.Client]


def browser(app: Any, holder: Holder) -> httpx.Client:
    """A browser in which somebody is signed in."""
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin", "origin": HOST}
    client = httpx.Client(transport=AppTransport(app), base_url=HOST, headers=headers)
    client.cookies.set(SESSION_COOKIE, holder.secret, domain="headway.test")
    return client


def ask(client: httpx.Client, rules: Remembering, path: str, headers: dict[str, str]) -> Cell:
    with rules.listening() as heard:
        answer = client.get(path, headers=headers)
    return Cell(answer.status_code, tuple(heard), answer.text)


@cache
def operations() -> list[str]:
    """Every operation that reads."""
    found = described().openapi()["paths"]
    paths = [path.removeprefix(PREFIX) for path, methods in sorted(found.items()) if "get" in methods]
    return [path for path in paths if not NOT_ASKED.search(path)]


@cache
def page_paths() -> list[str]:
    """Every page."""
    routes = [route for router in pages.ROUTERS for route in router.routes]
    found = {route.path for route in routes if isinstance(route, APIRoute) and "GET" in route.methods}
    return sorted(path for path in found if not NOT_ASKED.search(path))


# What stands for a parameter, by the path up to it: the longest that fits.
NAMES = {
    "/alerts": "alert",
    "/approvals": "approval",
    "/break-glass": "glass",
    "/comments": "comment",
    "/contract-changes": "contract_change",
    "/council": "council_item",
    "/council-items": "council_item",
    "/councils": "council",
    "/meetings": "meeting",
    "/decisions": "decision",
    "/departments": "department",
    "/deployments": "deployment",
    "/identity-providers": "provider",
    "/dossiers": "dossier",
    "/incidents": "incident",
    "/jobs": "job",
    "/ledger": "event",
    "/intake": "department",
    "/mandates": "mandate",
    "/models": "model",
    "/allocations": "allocation",
    "/appetite": "appetite",
    "/appetites": "appetite",
    "/decision-rights": "rights",
    "/packs": "pack",
    "/people": "person",
    "/pilots": "pilot",
    "/policies": "pack",
    "/products": "product",
    "/data-access": "data_access",
    "/programmes": "programme",
    "/releases": "release",
    "/replays": "replay",
    "/runs": "run",
    "/scale-plans": "plan",
    "/systems": "system",
    "/shadow": "sighting",
    "/sightings": "sighting",
    "/tasks": "task",
    "/umbrellas": "umbrella",
    "/uploads": "upload",
    "/usecases": "usecase",
    "/vendors": "vendor",
    "/verdicts": "verdict",
    "/views": "view",
    "/waivers": "waiver",
    "/assessments": "assessment",
    "/assessment-templates": "template",
    "/projections": "projection",
    "/risks": "risk",
}
FIXED = {
    "{environment}": "sandbox",
    "{format}": "csv",
    "{file}": "document.md",
    "{kind}": "component-definition",
    "{path:path}": "reference/glossary",
    "{tag}": "usecases",
}
QUERIES = {
    "/comments": "subject=usecase:lead-scoring",
    "/comments/export": "subject=usecase:lead-scoring",
    "/ledger/consistency": "old={size}",
    "/permissions/explain": "action=usecase:read",
    "/usecases/{slug}/gate": "environment=sandbox",
    "/activity": "subject=usecase:lead-scoring",
    "/assessments": "usecase=lead-scoring",
}
PAGE_QUERIES = {
    "/policies/impact": "on=2027-12-02",
    "/gate": "subject=lead-scoring",
    "/kill-switch": "usecase=lead-scoring",
    "/replays/new": "usecase=lead-scoring",
    "/inputs/new": "kind=sql",
    "/together": "subject=usecase:lead-scoring",
    "/views/new": "address=/tasks",
    "/waivers/new": "usecase=lead-scoring",
    "/break-glass/new": "usecase=lead-scoring",
}


def address(path: str, things: dict[str, str], *, is_page: bool = False) -> str:
    """The address of a route for the things there are."""
    made = path
    for name in re.findall(r"\{[^}]+\}", path):
        fixed = {
            "{number}": "number",
            "{port}": "port",
            "{job_id}": "job",
            "{notice_id}": "notice",
            "{act_id}": "repair",
        }
        kind = fixed.get(name) or NAMES.get("/" + path.split("/")[1], "")
        named = things.get(kind)
        made = made.replace(name, FIXED.get(name) or named or "unknown")
    query = (PAGE_QUERIES if is_page else QUERIES).get(path)
    if path == "/pilots/new/positive":
        query = f"upload={things['upload']}&label=converted"
    return f"{made}?{query.format_map(things)}" if query else made


def unnamed(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^}]+\}", "{}", path)


def reads(matrix: Matrix, who: str, path: str) -> bool:
    """Whether the API gives somebody what is at an address."""
    bearer = {"authorization": f"Bearer {matrix.people[who].secret}", "accept": "application/json"}
    return ask(matrix.http[who], matrix.rules, PREFIX + path, bearer).status == 200


def called(matrix: Matrix, who: str, twin: Twin) -> str:
    """What the rules say to an operation that is not carried out."""
    bearer = {"authorization": f"Bearer {matrix.people[who].secret}", "accept": "application/json"}
    body = filled(twin.body, matrix.things) if twin.body is not None else None
    how = {"data": body, "files": {"none": ("", b"")}} if twin.is_form else {"json": body}
    with matrix.rules.listening(dry=True) as heard:
        matrix.http[who].request(twin.method, PREFIX + filled(twin.path, matrix.things), headers=bearer, **how)
    return said_by(heard)


SENT_ELSEWHERE = re.compile(r"^(https?:|mailto:|#|/static)|^/sign-in/")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "a" and (known.get("href") or "").startswith("/"):
            self.found.add(str(known["href"]).partition("#")[0])


def links_of(page: str) -> list[str]:
    """The addresses of our own that a page leads to."""
    reader = _Links()
    reader.feed(page)
    return sorted(reader.found)


def csrf_of(matrix: Matrix, who: str, path: str) -> str:
    """The token of a page as it was shown to somebody."""
    found = re.search(r'<meta name="csrf" content="([^"]+)"', matrix.pages[who, path].text)
    return found.group(1) if found else ""


def sent(matrix: Matrix, who: str, action: str, fields: dict[str, Any]) -> str:
    """What the rules say to a change that is not made: refused, allowed, or nothing."""
    with matrix.rules.listening(dry=True) as heard:
        matrix.http[who].post(action, data=fields)
    return said_by(heard)


def said_by(heard: list[Asked]) -> str:
    """What the rules answered in all: refused, allowed, or nothing."""
    if any(one.must and not one.is_allowed for one in heard):
        return "refused"
    return "allowed" if any(one.must and not one.action.endswith(":read") for one in heard) else "nothing"
