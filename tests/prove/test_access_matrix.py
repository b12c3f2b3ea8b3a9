"""Every page and every operation that reads, by role and place: the answer is what the rules said, and pages show what may be done.

The full dose asks with everybody: each role there, elsewhere and everywhere, and nobody's. The small dose asks with a few.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from headway.entrypoints import pages
from headway.entrypoints.http import PREFIX, create_app
from headway.kernel.auth import SYSTEM
from headway.kernel.crypto import Signer
from headway.kernel.jobs import Jobs
from headway.kernel.settings import Settings
from headway.kernel.storage import Storage
from headway.kernel.web import Parts
from tests.conftest import AllowAll, copied
from tests.factories.matrix import (
    A_FEW,
    ELSEWHERE,
    EVERYBODY,
    THERE,
    furnish,
    holders,
    remembering,
)
from tests.factories.pages import changes_of
from tests.factories.twins import TWINS, filled
from tests.factories.walk import (
    NOT_ASKED,
    SENT_ELSEWHERE,
    Matrix,
    address,
    ask,
    browser,
    called,
    csrf_of,
    links_of,
    operations,
    page_paths,
    reads,
    sent,
    unnamed,
)

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]
IS_FULL = os.environ.get("HEADWAY_PROVE_DOSE", "small") == "full"
HOST = "http://headway.test"
# What anybody may read, signed in or not; and what every signed-in person reads about themselves or the organisation's tree.
OPEN_PAGES = {"/sign-in", "/sign-in/link", "/join", "/setup"}
LEADING_ON = {
    "/inbox/count",
    "/jobs/{job_id}/ended",
    "/pilots/{pilot_id}/ended",
    "/replays/{replay_id}/ended",
    "/scale-plans/{plan_id}/ended",
}
OWN_PAGES = {
    "/",
    "/access",
    "/api-reference",
    "/api-reference/{tag}",
    "/calendar",
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
OWN_OPERATIONS = {"/departments", "/permissions/explain", "/whoami"}
# Kept for who made them: others are told that there is no such thing, or that it is not theirs.
PRIVATE = {
    "/views/{view_id}",
    "/inbox/{notification_id}",
    "/usecases/import/{import_id}",
    "/people/import/{import_id}",
    "/resume/{form_id}",
}
# Who may not read is told that there is no such product; which products one reads, no rule of a route says.
TOLD_ABSENT = {"/products/{slug}/rows"}
# Nothing is kept at these: who may read is told so, everybody else is refused.
EMPTY = {"/meetings/{meeting_id}/minutes/{number}/{file}", "/products/{slug}/quarantine/row"}
# Changes to oneself: they ask nothing of the rules.
OWN_CHANGES = re.compile(
    r"^/(sign-in|sign-out|sign-in/.*|join|language|theme|setup|views.*|settings.*|inbox.*|calendar.*)$"
)
# Changes of pages without an operation of their own: steps of a form, acts of several kinds at one address, one's own settings.
ALONE = {
    "/shadow/import", "/decision-rights/draft/file",
    "/inbox/read", "/inbox/{}/{}", "/join", "/language", "/settings/looks", "/settings/notifications", "/settings/notifications/webhooks",
    "/settings/notifications/webhooks/{}/remove", "/settings/password", "/setup", "/setup/council",
    "/setup/council/quorum", "/setup/organisation", "/sign-in",
    "/sign-in/link", "/sign-out", "/views", "/views/{}/{}", "/together/comments/{}/{}", "/usecases/board", "/usecases/check",
    "/usecases/import", "/usecases/import/{}/apply", "/usecases/{}/bias-audits",  # the last needs its file before it asks
    "/people/import", "/people/import/{}/apply", "/pilots/new/file", "/products/new", "/products/{}/quarantine/file",
    "/deployments/{}/outcomes", "/releases/{}/gate", "/people/{}/sessions/{}/end",
}  # fmt: skip
# Sent, since a file goes with it, and yet only a question: nothing is changed.
QUESTIONS = {"/policies/impact", "/allocations/{}/compare"}
# What is asked about is named by who asks, who may ask about something and not about everything.
ABOUT_WHAT_IS_NAMED = {"/gate"}
# What somebody said is theirs, and a meeting is led from the chair's seat or by the AI office: the rules let all speak there, the
# service keeps others from it, and pages show it to nobody else.
LEFT_TO_THE_SERVICE = re.compile(
    r"^/together/comments/\w+/(edit|delete)$|^/councils/[\w-]+/meetings$|^/meetings/\w+/(open|move|cancel|strike)$"
)


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
    people = {holder.name: holder for holder in holders(parts, EVERYBODY if IS_FULL else A_FEW)}
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


def test_the_answer_is_what_the_rules_said(matrix: Matrix) -> None:
    wrong = []
    for kind, cells in (("operation", matrix.operations), ("page", matrix.pages)):
        for (who, path), cell in cells.items():
            fine = (403,) if cell.is_refused else (200, 303)
            if path in PRIVATE | EMPTY and not cell.is_refused:
                fine = (403, 404) if path in PRIVATE else (404,)
            if path in TOLD_ABSENT:
                fine = (200, 404)
            if cell.status not in fine:
                refused = [one for one in cell.asked if one.must and not one.is_allowed]
                wrong.append((kind, path, who, cell.status, refused[:2]))
    assert len(operations()) > 80 and len(page_paths()) > 80
    assert not wrong, told(wrong)


def test_every_address_asks_the_rules_unless_it_is_known_not_to(matrix: Matrix) -> None:
    silent_pages = {path for path in page_paths() if not any(matrix.pages[who, path].asked for who in matrix.people)}
    silent = {path for path in operations() if not any(matrix.operations[who, path].asked for who in matrix.people)}
    assert not silent - OWN_OPERATIONS - PRIVATE
    assert not silent_pages - OPEN_PAGES - OWN_PAGES - LEADING_ON


def test_nobody_reads_more_than_themselves(matrix: Matrix) -> None:
    given = {path for path in operations() if matrix.operations["nobody", path].status == 200}
    shown = {path for path in page_paths() if matrix.pages["nobody", path].status == 200}
    assert given - OWN_OPERATIONS == {
        "/calendar", "/contract-changes", "/data-access", "/data-access/waiting", "/inbox", "/inbox/unread", "/preferences",
        "/sessions", "/tasks",
        "/tokens", "/views", "/watches", "/webhooks",
    } & set(operations())  # fmt: skip
    assert shown - OPEN_PAGES - OWN_PAGES - LEADING_ON <= {
        "/tasks", "/views/new", "/inbox", "/inbox/count", "/tokens", "/tokens/new", "/settings/notifications",
        "/incidents", "/incidents/new", "/contract-changes", "/data-access", "/queries",
    }  # fmt: skip


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
    assert not wrong, told(wrong)


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
            if action in forms and said == "refused" and action not in ABOUT_WHAT_IS_NAMED:
                refused.setdefault((path, action), set()).add(who)
            if action not in forms and said == "allowed" and not LEFT_TO_THE_SERVICE.search(action):
                hidden.setdefault((path, action), set()).add(who)
    assert offered
    assert not refused, told(refused)
    assert not hidden, told(hidden)


# Addresses that pages and the API share, and yet answer differently, as they should: the tree of departments is open to who holds a role;
# what is one's own needs no right there, and a page is about oneself.
EACH_PLACE = (f"department={THERE}", f"department={ELSEWHERE}")
# Lists that the API gives by something else than a department.
PARTS = {
    "/approvals": ("usecase=lead-scoring",),
    "/waivers": ("usecase=lead-scoring",),
    "/dossiers": ("usecase=lead-scoring",),
    "/break-glass": ("usecase=lead-scoring",),
    "/decisions": ("deployment=lead-scoring&environment=sandbox",),
}
NO_TWINS = {"/incidents", "/inbox", "/jobs", "/tasks", "/tokens", "/views", "/departments", "/comments/{}"}
NAMED_OTHERWISE = {"/assessments": "/assessment-needs", "/products/{}/quarantine": "/products/{}/batches"}
"""Pages whose address another operation has: what they show is given under this one."""


def test_pages_and_api_show_the_same_to_everybody(matrix: Matrix) -> None:
    """A page about a thing is shown to those whom the API gives it; a list, to those who may read any of it."""
    pages_by, operations_by = ({unnamed(path): path for path in paths} for paths in (page_paths(), operations()))
    shared = sorted((set(pages_by) & set(operations_by)) - NO_TWINS)
    wrong = []
    for path in shared:
        for who in matrix.people:
            shown = matrix.pages[who, pages_by[path]].status == 200
            asked = NAMED_OTHERWISE.get(path, path)
            given = matrix.operations[who, operations_by[asked]].status == 200
            if not given and "{" not in path:
                given = any(reads(matrix, who, f"{asked}?{part}") for part in PARTS.get(path, EACH_PLACE))
            if matrix.people[who].place == ELSEWHERE and path in PARTS:
                continue  # there is none of these elsewhere to ask for
            if shown != given:
                wrong.append((path, who, "page" if shown else "api"))
    assert len(shared) >= 25
    assert not wrong, told(wrong)


def test_pages_and_api_let_the_same_people_change_things(matrix: Matrix) -> None:
    wrong = []
    for twin in TWINS:
        for who in matrix.people:
            by_page = sent(
                matrix,
                who,
                filled(twin.page, matrix.things),
                {**filled(twin.fields, matrix.things), "csrf": csrf_of(matrix, who, "/")},
            )
            by_api = called(matrix, who, twin)
            if by_page != by_api or by_page == "nothing":
                wrong.append((twin.page, twin.path, who, by_page, by_api))
    assert not wrong, told(wrong)


def test_every_change_of_a_page_has_its_twin_or_is_known_to_have_none(matrix: Matrix) -> None:
    routes = [route for router in pages.ROUTERS for route in router.routes]
    changes = {unnamed(route.path) for route in routes if isinstance(route, APIRoute) and "POST" in route.methods}
    assert changes - {unnamed(twin.page) for twin in TWINS} - ALONE - QUESTIONS == set()


def told(wrong: Iterable[Any]) -> str:
    """What is wrong, a line each."""
    lines = wrong.items() if isinstance(wrong, dict) else wrong
    return "\n" + "\n".join(str(line) for line in lines)
