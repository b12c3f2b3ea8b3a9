"""Answers: typed attributes over what the server said; lists; how they look in a notebook."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from headway_client import AsyncClient, Client, HeadwayError, Invalid, Page
from headway_client.answers.catalog import Registration
from headway_client.answers.governance import FactDefinition, UseCase
from headway_client.answers.identity import WhoAmI
from headway_client.answers.jobs import Started
from headway_client.answers.portfolio import PilotReport
from headway_client.answers.serving import DecisionChain

RAW = {
    "slug": "leads",
    "title": "Leads",
    "department": "sales",
    "tier": "minimal",
    "missing": ["owner"],
    "opened_at": "2026-03-02T12:00:00Z",
    "owner": None,
    "colour": "blue",
}
EVIL = "<script>alert(1)</script><img src=x onerror='alert(1)'>\"&"


def of(raw: Any, status: int = 200) -> Client:
    return Client("http://x", transport=httpx.MockTransport(lambda _: httpx.Response(status, json=raw)))


# ------------------------------------------------------------------------------------------------ one object
def test_fields_are_attributes_of_their_type_and_the_answer_stays_as_it_was() -> None:
    found = of(RAW).usecases.show("leads")
    assert (found.slug, found.missing, found.owner) == ("leads", ["owner"], None)
    assert found.opened_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert found["opened_at"] == "2026-03-02T12:00:00Z" and found.to_dict() == RAW == dict(found)
    assert json.loads(json.dumps(found.to_dict())) == RAW


def test_a_field_of_a_newer_server_is_reached_and_one_an_older_does_not_tell_is_explained() -> None:
    found = of(RAW).usecases.show("leads")
    assert found["colour"] == "blue" and "colour" in found and found.get("shape", "none") == "none"
    assert getattr(found, "colour") == "blue"  # noqa: B009  not a field that the class declares
    with pytest.raises(AttributeError, match="did not tell 'purpose' of this UseCase; it may be older"):
        _ = found.purpose
    with pytest.raises(AttributeError, match="UseCase has no field 'titel'"):
        getattr(found, "titel")  # noqa: B009  not a field


def test_answers_are_read_only_equal_by_content_and_survive_copying() -> None:
    found = UseCase(RAW)
    with pytest.raises(AttributeError, match="read-only"):
        found.slug = "other"
    with pytest.raises(AttributeError, match="read-only"):
        del found.slug
    found.to_dict()["slug"] = "other"
    assert found.slug == "leads"
    for again in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found), UseCase(dict(RAW))):  # noqa: S301  our own bytes
        assert again == found == RAW and type(again) is UseCase and hash(again) == hash(found)
    assert found != UseCase({**RAW, "title": "x"}) and found != WhoAmI(RAW)


def test_objects_inside_objects_are_answers_too() -> None:
    found = of({"ref": "person:a", "name": "A", "roles": [{"role": "council", "department": None}], "scopes": None})
    assert found.permissions.whoami().roles[0].role == "council"
    assert FactDefinition({"name": "n", "values": ["a"]}).values == ["a"]


def test_of_two_kinds_the_one_is_read_that_came() -> None:
    file = ("a.csv", b"a\n1\n")
    assert isinstance(of({"job": "job_1"}).products.register(file, department="d", name="n"), Started)
    whole = {"product": {"slug": "d.n"}, "snapshot": {}, "quality": {}, "created": True}
    made = of(whole).products.register(file, department="d", name="n")
    assert isinstance(made, Registration) and made.product.slug == "d.n"


def test_completion_in_a_notebook_offers_the_fields() -> None:
    assert {"slug", "opened_at", "to_dict", "colour"} <= set(dir(UseCase(RAW)))
    signature = str(__import__("inspect").signature(of(RAW).releases.approve))
    assert signature == "(release: 'str', *, reason: 'str') -> 'ModelRelease'"
    assert "somebody else asked for" in (of(RAW).releases.approve.__doc__ or "")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="names nothing"):
        of(RAW).usecases.show(name)


def test_names_are_quoted_in_paths() -> None:
    asked: list[str] = []

    def keep(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200, json=RAW)

    Client("http://x", transport=httpx.MockTransport(keep)).usecases.show("a/../b?c#d é")
    assert asked == ["/api/v1/usecases/a%2F..%2Fb%3Fc%23d%20%C3%A9"]


def test_a_change_to_none_is_sent_and_a_field_left_out_is_not() -> None:
    sent: list[Any] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json=RAW)

    client = Client("http://x", transport=httpx.MockTransport(keep))
    client.usecases.change("leads", owner=None, title="New")
    client.usecases.open(slug="leads", title="T", department="sales", owner=None)
    client.deployments.set_limit("leads", environment="sandbox", decisions_per_day=None)
    client.tokens.create(name="n", expires_at=datetime(2027, 1, 1, tzinfo=UTC), scopes=("a",))
    assert sent == [
        {"owner": None, "title": "New"},
        {"slug": "leads", "title": "T", "department": "sales"},
        {"environment": "sandbox", "decisions_per_day": None},
        {"name": "n", "expires_at": "2027-01-01T00:00:00+00:00", "scopes": ["a"]},
    ]


def test_documents_are_given_as_they_are() -> None:
    def give(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"# Card \xc3\xa9", headers={"content-type": "text/markdown; charset=utf-8"})

    client = Client("http://x", transport=httpx.MockTransport(give))
    assert client.models.card("m", 1) == "# Card é"
    assert client.ledger.export() == b"# Card \xc3\xa9"


# ------------------------------------------------------------------------------------------------ lists
class Shelf:
    """A list of numbered use cases that answers in pages, and counts how often it was asked."""

    def __init__(self, count: int) -> None:
        self.count, self.asked = count, list[dict[str, str]]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = dict(request.url.params)
        self.asked.append(params)
        start, limit = int(params.get("cursor", 0)), int(params.get("limit", 50))
        items = [{**RAW, "slug": f"u{i}"} for i in range(start, min(start + limit, self.count))]
        end = start + limit
        return httpx.Response(
            200, json={"items": items, "next": str(end) if end < self.count else None, "total": self.count}
        )


def test_a_list_is_gone_through_page_by_page() -> None:
    shelf = Shelf(1001)
    listing = Client("http://x", transport=httpx.MockTransport(shelf)).usecases.list(department="sales")
    assert shelf.asked == [], "nothing is asked before it is needed"
    assert [one.slug for one in listing] == [f"u{i}" for i in range(1001)]
    assert len(shelf.asked) == 6 and all(params["department"] == "sales" for params in shelf.asked)
    shelf.asked.clear()
    assert next(iter(listing)).slug == "u0" and len(shelf.asked) == 1
    first = listing.first()
    assert first is not None and first.slug == "u0"
    assert Client("http://x", transport=httpx.MockTransport(Shelf(0))).usecases.list().first() is None


def test_one_page_can_be_taken() -> None:
    listing = Client("http://x", transport=httpx.MockTransport(Shelf(25))).usecases.list()
    page = listing.page(limit=10)
    assert (len(page), page.next, page[0].slug, page["total"]) == (10, "10", "u0", 25)
    last = listing.page(limit=10, cursor="20")
    assert ([one.slug for one in last], last.next) == ([f"u{i}" for i in range(20, 25)], None)
    assert [len(each) for each in listing.pages(10)] == [10, 10, 5]
    assert isinstance(page, Page) and [one.slug for one in page[:2]] == ["u0", "u1"] and "more follow" in repr(page)


def test_the_async_list_does_the_same() -> None:
    async def go() -> None:
        shelf = Shelf(401)
        async with AsyncClient("http://x", transport=httpx.MockTransport(shelf)) as client:
            listing = client.usecases.list()
            assert [one.slug async for one in listing] == [f"u{i}" for i in range(401)]
            assert len(await listing.all()) == 401
            assert [len(page) async for page in listing.pages(300)] == [300, 101]
            first = await listing.first()
            assert first is not None and first.slug == "u0"
            assert len([item async for item in client.items("/usecases")]) == 401
            assert (await listing.to_polars()).shape[0] == 401

    asyncio.run(go())


# ------------------------------------------------------------------------------------------------ jobs
def job(**values: Any) -> dict[str, Any]:
    return {"id": "job_1", "status": "running", "message": "training", "result": None, "error": None, **values}


def waiting(*states: dict[str, Any]) -> tuple[Client, AsyncClient]:
    def transport() -> httpx.MockTransport:
        left = list(states)
        return httpx.MockTransport(lambda _: httpx.Response(200, json=left.pop(0)))

    return Client("http://x", transport=transport()), AsyncClient("http://x", transport=transport())


def test_waiting_tells_progress_and_gives_the_result() -> None:
    states = (job(), job(message="judging"), job(status="done", result={"pilot": "p"}))
    told: list[str] = []
    client, later = waiting(*states)
    started = Started({"job": "job_1"})
    assert client.wait(started, lambda seen: told.append(seen.message), every=0.001) == {"pilot": "p"}
    assert told == ["training", "judging", "training"]
    assert asyncio.run(later.wait("job_1", every=0.001)) == {"pilot": "p"}


def test_waiting_raises_what_the_job_failed_with() -> None:
    error = {"status": 422, "code": "registry.bad_label", "detail": "no such label", "hint": "look"}
    client, later = waiting(job(status="failed", error=error))
    with pytest.raises(Invalid, match="no such label") as caught:
        client.wait("job_1")
    assert caught.value.hint == "look"
    with pytest.raises(Invalid):
        asyncio.run(later.wait("job_1"))
    with pytest.raises(HeadwayError, match="was cancelled"):
        waiting(job(status="cancelled"))[0].wait("job_1")
    with pytest.raises(HeadwayError, match="still runs after"):
        waiting(job(), job())[0].wait("job_1", every=0.001, timeout=0)


# ------------------------------------------------------------------------------------------------ notebooks
class Tags(HTMLParser):
    """Collects what a browser would make of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


ALLOWED = {"table", "caption", "thead", "tbody", "tr", "th", "td", "p", "h3", "h4", "ul", "li"}


def evil(value: Any) -> Any:
    """The same shape, with markup in every text and name."""
    if isinstance(value, dict):
        return {name: evil(inner) for name, inner in value.items()} | {EVIL: EVIL}
    return [evil(inner) for inner in value] if isinstance(value, list) else EVIL


@pytest.mark.parametrize("shown", ["entity", "page", "listing", "chain", "report"])
def test_a_notebook_shows_text_and_nothing_of_it_is_markup(shown: str) -> None:
    chain = {"decision": "d", "verified": True, "links": [{"kind": "k", "ref": "r", "at": "t", "note": "n"}]}
    report = {
        "title": "t", "what_it_does": "w", "warnings": ["w"], "how_good": ["h"],
        "suspects": [{"column": "c", "reason": "r"}], "missing_before_production": ["m"],
    }  # fmt: skip
    raw = evil(RAW)
    listing = of({"items": [raw], "next": "more"}).usecases.list()
    made: dict[str, Any] = {
        "entity": UseCase(raw), "page": listing.page(), "listing": listing,
        "chain": DecisionChain(evil(chain)), "report": PilotReport(evil(report)),
    }  # fmt: skip
    html = made[shown]._repr_html_()
    assert {tag for tag, _ in Tags(html).found} <= ALLOWED
    assert all(set(attributes) <= {"scope"} for _, attributes in Tags(html).found)
    assert "&lt;script&gt;" in html


def test_a_chain_says_which_link_is_broken() -> None:
    links = [{"kind": k, "ref": k, "at": None, "note": "", "verified": v} for k, v in
             {"release": True, "model": False, "outcome": None}.items()]  # fmt: skip
    html = DecisionChain({"decision": "dec_1", "verified": False, "links": links})._repr_html_()
    assert html.index("holds") < html.index("BROKEN") < html.index("waits")
    assert "is broken" in html


def test_an_empty_list_says_so() -> None:
    assert "nothing here yet" in of({"items": [], "next": None}).usecases.list()._repr_html_()


def test_programs_have_readable_reprs() -> None:
    client = of(RAW)
    assert repr(client) == "<Client of http://x/api/v1>"
    assert repr(client.usecases).startswith("<UseCases: open, ")
    assert "token" not in repr(Client("http://x", "hwy_secret"))
    assert repr(UseCase({"slug": "leads"})) == "UseCase(slug='leads')"
    assert "/usecases" in repr(client.usecases.list())
