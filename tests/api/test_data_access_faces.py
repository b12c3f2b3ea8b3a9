"""Access to data products over HTTP, at the terminal and with the client, with the rules in force."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from httpx import Client

from headway import catalog, collaboration, identity, ledger
from headway.catalog.access.routes import router as access_router
from headway.catalog.routes import router as catalog_router
from headway.identity import Role
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.collaboration import ruled
from tests.factories.identity import api, client, join, local_owner

LATER = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
ASKED = {"purpose": "See which channels bring customers", "until": LATER}


class Company(NamedTuple):
    """Who asks, who owns, who governs, and their clients."""

    app: FastAPI
    parts: Parts
    office: Client
    owner: Client
    head: Client
    asker: Client
    people: dict[str, Actor]


@pytest.fixture
def company(parts: Parts) -> Company:
    """Sales with a product; an analyst of finance who asks for it."""
    parts.jobs.define(catalog.REGISTER, catalog.register_job)
    app = api(parts, [catalog_router, access_router])
    local_owner(parts.database)
    people, clients = {}, {}
    for name, role, place in (
        ("Ada", Role.ai_office, None),
        ("Olga", Role.data_owner, "sales"),
        ("Hans", Role.department_head, "sales"),
        ("Ben", Role.employee, "finance"),
        ("Mia", Role.data_owner, "finance"),
    ):
        people[name], secret = join(parts.database, name, (role, place))
        clients[name] = client(app, secret)
    made = Company(app, parts, clients["Ada"], clients["Olga"], clients["Hans"], clients["Ben"], people)
    head = "lead_id,email,channel,visits"
    lines = [head, *(f"L-{n:03d},p{n}@example.org,{('web', 'fair')[n % 2]},{n % 9}" for n in range(50))]
    data = {"department": "sales", "name": "leads"}
    answer = made.owner.post("/products", files={"file": ("leads.csv", "\n".join(lines).encode())}, data=data)
    assert answer.status_code == 201, answer.text
    return made


def sql(http: Client, text: str, **more: Any) -> Any:
    return http.post("/sql", json={"sql": text} | more)


def grant(company: Company, **given: Any) -> dict[str, Any]:
    asked = company.asker.post("/products/sales.leads/access", json=ASKED).json()
    made = company.owner.post(f"/data-access/{asked['id']}/approve", json=given)
    assert made.status_code == 200, made.text
    answer: dict[str, Any] = made.json()
    return answer


def test_the_whole_way_from_asking_to_reading_to_withdrawal(company: Company) -> None:
    assert sql(company.asker, "SELECT * FROM sales.leads").status_code == 404
    assert company.asker.get("/data-access/offers").json()["items"] == [
        {"product": "sales.leads", "name": "leads", "department": "sales", "state": None, "until": None}
    ]
    asked = company.asker.post("/products/sales.leads/access", json=ASKED)
    assert asked.status_code == 201
    assert [one["id"] for one in company.head.get("/data-access/waiting").json()["items"]] == [asked.json()["id"]]
    assert company.asker.get("/data-access/waiting").json() == {"items": []}
    assert company.office.get("/data-access/waiting").json() == {"items": []}
    place = f"/data-access/{asked.json()['id']}"
    for who in (company.asker, company.office):
        refused = who.post(f"{place}/approve", json={})
        assert refused.status_code == 403, refused.text
    given = {"hidden": ["visits"], "row_filter": "channel = 'web'", "reason": "For the study of channels"}
    assert company.head.post(f"{place}/approve", json=given).json()["state"] == "granted"

    found = sql(company.asker, "SELECT *, 1 AS one FROM sales.leads ORDER BY lead_id", limit=2).json()
    assert [column["name"] for column in found["columns"]] == ["lead_id", "email", "channel", "one"]
    assert found["rows"] == [["L-000", "***", "web", 1], ["L-002", "***", "web", 1]]
    assert (found["row_count"], found["is_cut"], found["masked"]) == (2, True, {"sales.leads": ["email"]})

    uses = company.owner.get("/products/sales.leads/uses").json()["items"]
    assert [(one["reader"], one["rows"], one["columns"]) for one in uses] == [
        (company.people["Ben"].ref, 2, ["lead_id", "email", "channel"])
    ]
    assert company.asker.get("/products/sales.leads/uses").status_code == 403
    assert company.asker.get("/products/sales.leads/access").status_code == 403
    assert [one["state"] for one in company.owner.get("/products/sales.leads/access").json()["items"]] == ["granted"]
    assert [one["state"] for one in company.asker.get("/data-access").json()["items"]] == ["granted"]
    assert company.owner.post(f"{place}/withdraw", json={"reason": "The study is over"}).json()["state"] == "withdrawn"
    assert sql(company.asker, "SELECT * FROM sales.leads").status_code == 404


def test_every_form_of_the_rows_shows_the_same(company: Company) -> None:
    grant(company, hidden=["lead_id"], row_filter="visits > 6", unmasked=["email"])
    asked = {"sql": "SELECT * FROM sales.leads", "format": "arrow"}
    stream = company.asker.post("/sql", json=asked)
    assert stream.headers["content-type"] == "application/vnd.apache.arrow.stream"
    frame = pl.read_ipc_stream(io.BytesIO(stream.content)).sort("email")
    assert (frame.columns, frame.height) == (["email", "channel", "visits"], sum(n % 9 > 6 for n in range(50)))
    for form, read in (
        ("csv", lambda data: pl.read_csv(io.BytesIO(data))),
        ("arrow", lambda data: pl.read_ipc_stream(io.BytesIO(data))),
        ("parquet", lambda data: pl.from_arrow(pq.read_table(io.BytesIO(data)))),
    ):
        answer = company.asker.get("/products/sales.leads/rows", params={"format": form})
        assert answer.status_code == 200, answer.text
        assert read(answer.content).sort("email").equals(frame), form
        assert f"sales.leads.{'arrows' if form == 'arrow' else form}" in answer.headers["content-disposition"]
    sample = company.asker.get("/products/sales.leads/sample", params={"limit": 3}).json()
    assert (sample["columns"], len(sample["rows"])) == (["email", "channel", "visits"], 3)
    ways = [one["way"] for one in company.owner.get("/products/sales.leads/uses").json()["items"]]
    assert ways == ["sample", "download", "download", "download", "sql"]


def test_what_tells_values_of_rows_is_closed_to_who_has_no_part_in_the_product(company: Company) -> None:
    _, secret = join(company.parts.database, "Vera", (Role.auditor, "sales"))
    auditor = client(company.app, secret)
    for who in (auditor, company.office):
        assert who.get("/products/sales.leads").status_code == 200
        assert who.get("/products/sales.leads/quality").json()["faults"] == []
        for path in ("sample", "quality/faults", "quality/faults?format=csv"):
            assert who.get(f"/products/sales.leads/{path}").status_code == 403, path
        for path in ("sales.leads/rows", "sales.nothing/rows"):
            assert who.get(f"/products/{path}").status_code == 404
    assert auditor.get("/products/sales.leads/uses").status_code == 200
    assert company.head.get("/products/sales.leads/sample").status_code == 200


def test_csv_gives_no_formula_to_a_spreadsheet(company: Company) -> None:
    lines = b"k,note\n1,=1+1\n2,@cmd\n3,-5\n4,plain\n5,+49\n"
    data = {"department": "sales", "name": "notes"}
    assert company.owner.post("/products", files={"file": ("n.csv", lines)}, data=data).status_code == 201
    text = company.owner.get("/products/sales.notes/rows", params={"format": "csv"}).text
    assert [line.split(",")[1] for line in text.splitlines()] == ["note", "'=1+1", "'@cmd", "-5", "plain", "+49"]


def test_a_service_reads_with_a_token_that_may_query_only(company: Company) -> None:
    asked = company.asker.post("/products/sales.leads/access", json=ASKED | {"service": "robot"})
    assert asked.status_code == 403  # who may make no token of the service does not ask for it
    _, secret = join(company.parts.database, "Otto", (Role.operator, None))
    operator = client(company.app, secret)
    asked = operator.post("/products/sales.leads/access", json=ASKED | {"service": "robot"})
    assert asked.status_code == 201, asked.text
    company.owner.post(f"/data-access/{asked.json()['id']}/approve", json={})
    tokens = {}
    with company.parts.database.session() as session:
        who = Actor(ref="person:local", name="Local owner")
        for scope in ("data:query", "data:follow"):
            made = identity.create_token(session, who, owner=Ref.parse("service:robot"), name=scope, scopes=(scope,))
            tokens[scope] = client(company.app, made.secret)
    assert sql(tokens["data:query"], "SELECT count(*) FROM sales.leads").json()["rows"] == [[50]]
    assert tokens["data:query"].get("/data-access").status_code == 403
    assert sql(tokens["data:follow"], "SELECT count(*) FROM sales.leads").status_code == 403
    assert [one["grantee"] for one in tokens["data:follow"].get("/data-access").json()["items"]] == ["service:robot"]


def test_owners_are_told_of_a_request_and_askers_of_the_answer(company: Company) -> None:
    grant(company)
    here = ruled(company.parts)
    ledger.sequence(here.database, here.storage, here.signer, trusted={here.signer.key_id: here.signer.public})
    for _ in range(10):
        with here.database.session() as session:
            if not collaboration.tell(session, here.subjects, has_mail=False):
                break
    with here.database.session() as session:
        seen = {
            name: [(one.topic.value, one.type) for one in collaboration.list_inbox(session, who).items]
            for name, who in company.people.items()
        }
    assert ("approval", "data.requested") in seen["Olga"]
    assert ("approval", "data.requested") in seen["Hans"]
    assert ("answer", "data.granted") in seen["Ben"]
    assert not any(type_.startswith("data.") for _, type_ in seen["Mia"])


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"purpose": "short", "until": LATER}, "access.purpose"),
        ({"purpose": "See which channels bring customers", "until": date(2020, 1, 1).isoformat()}, "access.until"),
    ],
)
def test_a_request_that_says_too_little_is_refused_with_every_fault(
    company: Company, body: dict[str, str], rule: str
) -> None:
    answer = company.asker.post("/products/sales.leads/access", json=body)
    assert answer.status_code == 422
    assert [fault["rule"] for fault in answer.json()["faults"]] == [rule]
