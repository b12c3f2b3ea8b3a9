"""Data products over HTTP, with the rules in force: shapes, statuses, permissions, downloads."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client

from headway import catalog
from headway.catalog.repairs.routes import router as repairs_router
from headway.catalog.routes import router
from headway.identity import Role
from headway.kernel.auth import Actor
from headway.kernel.web import Parts
from tests.factories.identity import api, client, join, local_owner

FORM = {"department": "Sales", "name": "Leads", "label": "won"}


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    """The catalog's API."""
    parts.jobs.define(catalog.REGISTER, catalog.register_job)
    return api(parts, [router, repairs_router])


@pytest.fixture
def owner(app: FastAPI, parts: Parts) -> Client:
    """The local owner, who may do everything."""
    return client(app, local_owner(parts.database)[1])


def leads(rows: int = 120, *, broken: bool = False) -> bytes:
    lines = ["lead_id,email,channel,visits,won"]
    for n in range(rows):
        visits = "many" if broken and n == 4 else "" if broken and n == 6 else n % 9
        lines.append(f"L-{n:04d},p{n}@example.org,{('web', 'fair')[n % 2]},{visits},{('yes', 'no')[n % 3 > 0]}")
    return ("\n".join(lines) + "\n").encode()


def add(http: Client, data: bytes, filename: str = "leads.csv", **form: str) -> Any:
    return http.post("/products", files={"file": (filename, data)}, data=FORM | form)


def test_a_file_is_registered_and_can_be_read_in_every_way(owner: Client) -> None:
    answer = add(owner, leads())
    assert answer.status_code == 201
    made = answer.json()
    assert made["product"]["slug"] == "sales.leads"
    assert set(made) == {"product", "snapshot", "quality", "created", "batch", "lacks"}
    assert [one["slug"] for one in owner.get("/products").json()["items"]] == ["sales.leads"]
    assert owner.get("/products/sales.leads").json() == made["product"]
    assert owner.get("/products/sales.leads/quality").json() == made["quality"]
    snapshots = owner.get("/products/sales.leads/snapshots").json()
    assert snapshots == {"items": [made["snapshot"]], "next": None}
    contract = owner.get("/products/sales.leads/contract")
    assert contract.json() == made["product"]["contract"]
    as_yaml = owner.get("/products/sales.leads/contract", params={"format": "yaml"})
    assert as_yaml.headers["content-type"].startswith("application/yaml")
    assert as_yaml.text.startswith("version: 1.0.0\nkind: DataContract\n")
    sample = owner.get("/products/sales.leads/sample", params={"limit": 1}).json()
    assert sample["masked"] == ["email"]
    assert sample["rows"] == [
        {"lead_id": "L-0000", "email": "a9@aaaaaaa.aaa", "channel": "web", "visits": 0, "won": "yes"}
    ]


def test_the_same_file_again_answers_200(owner: Client) -> None:
    first, again = add(owner, leads()), add(owner, leads())
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["snapshot"] == first.json()["snapshot"]


def test_faults_are_paged_and_come_as_csv(owner: Client) -> None:
    add(owner, leads())
    add(owner, leads(broken=True))
    page = owner.get("/products/sales.leads/quality/faults", params={"limit": 1}).json()
    assert (page["total"], page["next"]) == (2, "1")
    assert page["items"][0] == {
        "rule": "type",
        "message": "row 5, column visits: 'many' breaks the rule type (is of type integer)",
        "row": 5,
        "column": "visits",
        "value": "many",
    }
    rest = owner.get("/products/sales.leads/quality/faults", params={"cursor": page["next"]}).json()
    assert [(one["row"], one["rule"], one["value"]) for one in rest["items"]] == [(7, "required", None)]
    assert owner.get("/products/sales.leads/quality/faults", params={"cursor": "x"}).status_code == 422
    export = owner.get("/products/sales.leads/quality/faults", params={"format": "csv"})
    assert export.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(export.text)))
    assert [(line["row"], line["column"], line["rule"], line["value"]) for line in lines] == [
        ("5", "visits", "type", "many"),
        ("7", "visits", "required", ""),
    ]


def misspelt(rows: int = 120) -> bytes:
    """Leads whose fair is misspelt once, and whose visits are out of all proportion once."""
    return leads(rows).replace(b"L-0005,p5@example.org,fair,5", b"L-0005,p5@example.org,fairr,5000000")


def test_probably_wrong_cells_are_listed_with_reasons_and_nothing_is_changed(owner: Client) -> None:
    made = add(owner, misspelt()).json()
    page = owner.get("/products/sales.leads/suggestions").json()
    assert page["masked"] == ["email"]
    assert page["snapshot_id"] == made["snapshot"]["id"]
    told = {(one["row"], one["column"], one["kind"], one["old"], one["action"], one["new"]) for one in page["items"]}
    assert told == {
        (6, "channel", "dictionary", "fairr", "replace", "fair"),
        (6, "visits", "outlier", "5000000", None, None),
    }
    assert page["total"] == 2
    assert all(one["evidence"] and 0.5 <= one["confidence"] <= 1 for one in page["items"])
    again = owner.get("/products/sales.leads/sample", params={"limit": 6}).json()["rows"][5]
    assert again["channel"] == "fairr"
    assert owner.get("/products/sales.leads").json() == made["product"]


def test_suggestions_are_paged_and_narrowed(owner: Client) -> None:
    add(owner, misspelt())
    first = owner.get("/products/sales.leads/suggestions", params={"limit": 1}).json()
    rest = owner.get("/products/sales.leads/suggestions", params={"limit": 1, "cursor": first["next"]}).json()
    assert [one["column"] for page in (first, rest) for one in page["items"]] == ["channel", "visits"]
    assert rest["next"] is None
    narrow = owner.get("/products/sales.leads/suggestions", params={"column": "visits"}).json()
    assert [one["column"] for one in narrow["items"]] == ["visits"]
    assert owner.get("/products/sales.leads/suggestions", params={"least": 1}).json()["items"] == []
    for wrong in ({"column": "nothing"}, {"cursor": "x"}, {"least": 2}):
        assert owner.get("/products/sales.leads/suggestions", params=wrong).status_code == 422


def test_a_broken_file_is_refused_with_row_and_reason_and_nothing_is_kept(owner: Client, parts: Parts) -> None:
    answer = add(owner, b"a,b\n1,2\n3\n", label="a")
    assert answer.status_code == 422
    body = answer.json()
    assert body["code"] == "catalog.unreadable_file"
    assert body["faults"] == [
        {"rule": "ragged_row", "row": 2, "message": "row 2 has 1 value where the header names 2 columns"}
    ]
    assert owner.get("/products").json()["items"] == []
    assert list(parts.storage.list("")) == []


@pytest.mark.parametrize(
    ("data", "form", "code"),
    [
        (b"", {}, "catalog.unreadable_file"),
        (b"%PDF-1.7", {}, "catalog.unreadable_file"),
        (leads(), {"label": "nothing"}, "catalog.unknown_column"),
        (leads(), {"positive": "maybe"}, "catalog.unknown_column"),
        (leads(), {"name": "!!!"}, "invalid"),
    ],
)
def test_what_cannot_be_used_is_answered_422_with_a_stable_code(
    owner: Client, data: bytes, form: dict[str, str], code: str
) -> None:
    answer = add(owner, data, **form)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_other_columns_are_a_conflict(owner: Client) -> None:
    add(owner, leads())
    answer = add(owner, leads().replace(b"channel", b"source"))
    assert (answer.status_code, answer.json()["code"]) == (409, "catalog.columns_differ")


def test_a_file_over_the_limit_is_answered_413(app: FastAPI, owner: Client, parts: Parts) -> None:
    from dataclasses import replace

    app.state.parts = replace(app.state.parts, settings=replace(parts.settings, max_upload_bytes=100))
    answer = add(owner, leads())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_unknown_products_are_answered_404(owner: Client) -> None:
    for path in ("", "/contract", "/quality", "/quality/faults", "/sample", "/snapshots", "/suggestions"):
        answer = owner.get(f"/products/sales.nothing{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "catalog.unknown_product")


def test_roles_decide_who_may_register_and_read(app: FastAPI, owner: Client, parts: Parts) -> None:
    add(owner, leads())
    _, data_owner = join(parts.database, "Dora", (Role.data_owner, "sales"))
    _, elsewhere = join(parts.database, "Hal", (Role.data_owner, "hr"))
    _, employee = join(parts.database, "Emil", (Role.employee, "sales"))
    assert add(client(app, data_owner), leads(60)).status_code == 201
    assert client(app, data_owner).get("/products/sales.leads").status_code == 200
    for secret in (elsewhere, employee):
        assert add(client(app, secret), leads(50)).status_code == 403
        assert client(app, secret).get("/products/sales.leads/sample").status_code == 403
        assert client(app, secret).get("/products/sales.leads/suggestions").status_code == 403
    assert client(app, data_owner).get("/products", params={"department": "sales"}).status_code == 200
    assert client(app, None).get("/products").status_code == 401


CONTRACT = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "x",
    "version": "1.0.0",
    "status": "draft",
    "schema": [
        {
            "name": "x",
            "properties": [{"name": "n", "logicalType": "integer", "logicalTypeOptions": {"maximum": 3}}],
        }
    ],
}


def test_a_file_is_held_to_a_contract_and_neither_is_kept(owner: Client, parts: Parts) -> None:
    files = {"file": ("x.csv", b"n\n1\n9\n"), "contract": ("c.yaml", json.dumps(CONTRACT).encode())}
    report = owner.post("/contracts/check", files=files).json()
    assert (report["score"], report["passed"], report["quarantine"]) == (0.5, False, 1)
    assert [(one["id"], one["threshold"], one["cost"]) for one in report["rules"] if one["failed"]] == [
        ("n.maximum", "mustBe 0 rows", 0.5)
    ]
    assert [(one["row"], one["rule"], one["value"]) for one in report["faults"]] == [(2, "maximum", "9")]
    assert list(parts.storage.list("")) == []
    files["contract"] = ("c.yaml", b"kind: Table\n")
    assert owner.post("/contracts/check", files=files).json()["code"] == "catalog.invalid_contract"


def test_a_product_can_begin_with_a_contract(owner: Client) -> None:
    files = {"file": ("x.csv", b"n\n1\n9\n"), "contract": ("c.yaml", json.dumps(CONTRACT).encode())}
    made = owner.post("/products", files=files, data={"department": "hr", "name": "x"}).json()
    assert made["product"]["contract"]["id"] == "x"
    assert made["quality"]["failed_rows"] == 1


def test_in_the_background_a_job_does_it(app: FastAPI, owner: Client, parts: Parts) -> None:
    answer = add(owner, leads(), background="true")
    assert answer.status_code == 202
    with parts.database.session() as session:
        assert parts.jobs.get(session, answer.json()["job"]).name == catalog.REGISTER


def test_the_job_registers_and_forgets_files_it_cannot_read(parts: Parts, tmp_path: Path) -> None:
    ann = Actor(ref="person:ann", name="Ann")
    parts.jobs.define(catalog.REGISTER, catalog.register_job)
    parts.storage.create("uploads/good", leads())
    parts.storage.create("uploads/bad", b"a,b\n1\n")
    options = {"department": "sales", "name": "leads", "label": "won"}
    done = parts.jobs.run_now(catalog.REGISTER, {"key": "uploads/good", "filename": "x.csv", "options": options}, ann)
    assert (done["product"], done["rows"], done["score"]) == ("sales.leads", 120, 1.0)
    with pytest.raises(Exception, match="row 1 has 1 value") as caught:
        parts.jobs.run_now(catalog.REGISTER, {"key": "uploads/bad", "filename": "y.csv", "options": options}, ann)
    assert getattr(caught.value, "code", None) == "catalog.unreadable_file"
    assert not parts.storage.exists("uploads/bad")


TYPED = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: {version}\nstatus: draft\nschema: [{{name: x, properties: [{one}]}}]\n"


def typed(one: str, version: str = "1.0.0") -> tuple[str, bytes]:
    return "c.yaml", TYPED.format(version=version, one=one).encode()


def test_a_contract_is_inferred_and_nothing_is_kept(owner: Client, parts: Parts) -> None:
    made = owner.post(
        "/contracts/infer", files={"file": ("leads.csv", leads(200))}, data={"department": "Sales"}
    ).json()
    contract = made["contract"]
    assert (contract["id"], contract["team"], contract["status"]) == ("sales.leads", {"name": "sales"}, "draft")
    assert made["rows"] == 200
    assert "servers" not in contract
    checked = {"file": ("leads.csv", leads(200)), "contract": ("c.yaml", made["yaml"].encode())}
    assert owner.post("/contracts/check", files=checked).json()["passed"]
    assert list(parts.storage.list("")) == []
    assert owner.get("/products").json()["items"] == []
    alone = owner.post("/contracts/infer", files={"file": ("leads.csv", leads(200))}).json()["contract"]
    assert (alone["id"], alone.get("team"), alone.get("domain")) == ("leads", None, None)


def test_a_contract_is_held_to_the_protocol_and_a_dictionary(owner: Client) -> None:
    files = {"contract": typed("{name: cust_no, description: who}")}
    plain = owner.post("/contracts/lint", files=files).json()
    assert [one["rule"] for one in plain["findings"]] == ["description_missing", "owner_missing"]
    files["dictionary"] = ("d.yaml", b"customer number: {synonyms: [cust_no]}")
    held = owner.post("/contracts/lint", files=files).json()
    assert held["findings"][-1]["mend"] == "call it customer_number"
    assert (held["errors"], held["warnings"], held["passed"]) == (2, 1, False)
    files["dictionary"] = ("d.yaml", b"- a")
    refused = owner.post("/contracts/lint", files=files)
    assert (refused.status_code, refused.json()["code"]) == (422, "catalog.invalid_dictionary")


def test_two_contracts_are_compared(owner: Client) -> None:
    files = {"old": typed("{name: n, required: true}"), "new": typed("{name: n}", "1.1.0")}
    found = owner.post("/contracts/diff", files=files).json()
    assert [one["kind"] for one in found["changes"]] == ["required_removed"]
    assert (found["breaking"], found["bump"], found["version_needed"]) == (True, "major", "2.0.0")
    assert "need at least 2.0.0" in found["fault"]
    files["new"] = ("c.yaml", b"kind: Table")
    assert owner.post("/contracts/diff", files=files).json()["code"] == "catalog.invalid_contract"


@pytest.mark.parametrize("path", ["infer", "lint", "diff"])
def test_contracts_are_for_those_who_read_products(app: FastAPI, parts: Parts, path: str) -> None:
    files = {name: typed("{name: n}") for name in ("file", "contract", "old", "new")}
    assert client(app, None).post(f"/contracts/{path}", files=files).status_code == 401
