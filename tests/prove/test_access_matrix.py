"""Every page and every operation that reads, by role and place: the answer is what the rules said, and pages show what may be done.

A full dose only. It is not green yet: what it found is listed in docs/reference/features.md, and the issue of the pages stays open for it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from headway.entrypoints import pages
from headway.entrypoints.http import PREFIX, create_app, described
from headway.entrypoints.pages.viewer import SESSION_COOKIE
from headway.kernel.auth import SYSTEM
from headway.kernel.crypto import Signer
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from tests.conftest import AllowAll, copied
from tests.factories.asgi import AppTransport
from tests.factories.matrix import Asked, Holder, Remembering, furnish, holders, remembering
from tests.factories.pages import changes_of

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(os.environ.get("HEADWAY_PROVE_DOSE", "small") != "full", reason="a full dose: make prove"),
]
HOST = "http://headway.test"
# What anybody may read, signed in or not; and what every signed-in person reads about themselves or the organisation's tree.
OPEN_PAGES = {"/sign-in", "/join", "/setup"}
OWN_PAGES = {
    "/",
    "/access",
    "/api-reference",
    "/api-reference/{tag}",
    "/help",
    "/help/{path:path}",
    "/jobs",
    "/jobs/stream",
    "/jobs/tray",
    "/search",
    "/session",
    "/settings",
    "/signed-in",
    "/style",
    "/style/charts",
    "/views",
}
OWN_OPERATIONS = {"/departments", "/departments/{slug}", "/permissions/explain", "/whoami"}
# Kept for who made them: others are told that there is no such thing, or that it is not theirs.
PRIVATE = {"/views/{view_id}", "/inbox/{notification_id}", "/usecases/imports/{import_id}", "/resume/{form_id}"}
# Streams do not end; files of the front end are no pages; these lead on to another page.
NOT_ASKED = re.compile(r"^/static|/stream$|^/resume/|/imports/\{|^/oidc|^/auth/")
# Changes to oneself: they ask nothing of the rules.
OWN_CHANGES = re.compile(r"^/(sign-in|sign-out|sign-in/.*|join|language|theme|setup|views.*|settings.*|inbox.*)$")


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


@pytest.fixture(scope="module")
def furnished(
    postgres_url: str, migrated_template: str, tmp_path_factory: pytest.TempPathFactory, signer: Signer
) -> Iterator[tuple[Parts, dict[str, str]]]:
    """The parts of a control plane on a database of this module's own, with one thing of each kind."""
    folder = tmp_path_factory.mktemp("matrix")
    with copied(postgres_url, migrated_template) as database:
        storage, jobs = Storage((folder / "storage").as_uri()), Jobs(database)
        made = Parts(
            settings=Settings(home=folder / "home", database_url=database.url, storage_url=storage.url),
            database=database,
            storage=storage,
            signer=signer,
            jobs=jobs,
            authorizer=AllowAll(),
            authenticate=lambda session, token: SYSTEM,
        )
        jobs.bind(made)
        yield made, furnish(made, folder)
        jobs.close()


@pytest.fixture(scope="module")
def matrix(furnished: tuple[Parts, dict[str, str]]) -> Iterator[Matrix]:
    """Everybody at every address, once."""
    parts, things = furnished
    ruled, rules = remembering(parts)
    people = {holder.name: holder for holder in holders(parts)}
    app = create_app(ruled)
    clients = {name: browser(app, holder) for name, holder in people.items()}
    made = Matrix(things, people, {}, {}, rules, clients)
    for name, client in clients.items():
        bearer = {"authorization": f"Bearer {people[name].secret}", "accept": "application/json"}
        for path in operations():
            made.operations[name, path] = ask(client, rules, PREFIX + address(path, things), bearer)
        for path in page_paths():
            made.pages[name, path] = ask(client, rules, address(path, things, is_page=True), {})
    yield made
    for client in clients.values():
        client.close()


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
    "/approvals": "approval",
    "/comments": "comment",
    "/decisions": "decision",
    "/departments": "department",
    "/deployments": "deployment",
    "/identity-providers": "provider",
    "/jobs": "job",
    "/ledger": "event",
    "/models": "model",
    "/packs": "pack",
    "/people": "person",
    "/pilots": "pilot",
    "/policies": "pack",
    "/products": "product",
    "/releases": "release",
    "/runs": "run",
    "/tasks": "task",
    "/uploads": "upload",
    "/usecases": "usecase",
    "/verdicts": "verdict",
    "/views": "view",
}
FIXED = {"{environment}": "sandbox", "{path:path}": "reference/glossary", "{tag}": "usecases"}
QUERIES = {
    "/comments": "subject=usecase:lead-scoring",
    "/comments/export": "subject=usecase:lead-scoring",
    "/ledger/consistency": "old=1",
    "/permissions/explain": "action=usecase:read",
    "/usecases/{slug}/gate": "environment=sandbox",
    "/activity": "subject=usecase:lead-scoring",
}
PAGE_QUERIES = {"/together": "subject=usecase:lead-scoring", "/views/new": "page=/usecases"}


def address(path: str, things: dict[str, str], *, is_page: bool = False) -> str:
    """The address of a route for the things there are."""
    made = path
    for name in re.findall(r"\{[^}]+\}", path):
        named = things["number"] if name == "{number}" else things.get(NAMES.get("/" + path.split("/")[1], ""))
        made = made.replace(name, FIXED.get(name) or named or "unknown")
    query = (PAGE_QUERIES if is_page else QUERIES).get(path)
    if path == "/pilots/new/positive":
        query = f"upload={things['upload']}&label=converted"
    return f"{made}?{query}" if query else made


def test_the_answer_is_what_the_rules_said(matrix: Matrix) -> None:
    wrong = []
    for kind, cells in (("operation", matrix.operations), ("page", matrix.pages)):
        for (who, path), cell in cells.items():
            fine = (403,) if cell.is_refused else (200, 303) if path not in PRIVATE else (403, 404)
            if cell.status not in fine:
                refused = [one for one in cell.asked if one.must and not one.is_allowed]
                wrong.append((kind, path, who, cell.status, refused[:2]))
    assert len(matrix.operations) > 1500 and len(matrix.pages) > 800
    assert wrong == [], wrong


def test_every_address_asks_the_rules_unless_it_is_known_not_to(matrix: Matrix) -> None:
    silent_pages = {path for path in page_paths() if not any(matrix.pages[who, path].asked for who in matrix.people)}
    silent = {path for path in operations() if not any(matrix.operations[who, path].asked for who in matrix.people)}
    assert silent - OWN_OPERATIONS - PRIVATE == set(), silent
    assert silent_pages - OPEN_PAGES - OWN_PAGES == set(), silent_pages


def test_nobody_reads_more_than_themselves(matrix: Matrix) -> None:
    given = {path for path in operations() if matrix.operations["nobody", path].status == 200}
    shown = {path for path in page_paths() if matrix.pages["nobody", path].status == 200}
    assert given - OWN_OPERATIONS == {
        "/inbox", "/inbox/unread", "/preferences", "/sessions", "/tasks", "/tokens", "/views", "/watches", "/webhooks",
    } & set(operations())  # fmt: skip
    assert shown - OPEN_PAGES - OWN_PAGES <= {"/tasks", "/views/new", "/inbox", "/inbox/count", "/tokens"}


def test_no_link_leads_to_a_refusal(matrix: Matrix) -> None:
    wrong: dict[tuple[str, str], set[str]] = {}
    for who in matrix.people:
        known = {address(path, matrix.things, is_page=True): matrix.pages[who, path] for path in page_paths()}
        for path in page_paths():
            cell = matrix.pages[who, path]
            for link in links_of(cell.text) if cell.status == 200 else ():
                if NOT_ASKED.search(link) or SENT_ELSEWHERE.search(link):
                    continue
                if link not in known:
                    known[link] = ask(matrix.http[who], matrix.rules, link, {})
                if known[link].status == 403:
                    wrong.setdefault((path, re.sub(r"_[0-9a-z]{26}", "_ID", link)), set()).add(who)
    assert wrong == {}, wrong


def test_each_form_shown_leads_to_what_its_reader_may_do_and_what_one_may_do_is_shown(matrix: Matrix) -> None:
    shown = {(who, path): changes_of(cell.text) for (who, path), cell in matrix.pages.items() if cell.status == 200}
    offered: dict[str, dict[str, dict[str, Any]]] = {}
    for (_, path), forms in shown.items():
        for action, fields in forms.items():
            if not OWN_CHANGES.search(action):
                offered.setdefault(path, {}).setdefault(action, fields)
    refused, hidden = {}, {}
    for (who, path), forms in shown.items():
        for action, fields in offered.get(path, {}).items():
            said = sent(matrix, who, action, {**forms.get(action, fields), "csrf": csrf_of(matrix, who, path)})
            if action in forms and said == "refused":
                refused.setdefault((path, action), set()).add(who)
            if action not in forms and said == "allowed":
                hidden.setdefault((path, action), set()).add(who)
    assert offered
    assert (refused, hidden) == ({}, {}), (refused, hidden)


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
    if any(one.must and not one.is_allowed for one in heard):
        return "refused"
    return "allowed" if any(one.must and not one.action.endswith(":read") for one in heard) else "nothing"
