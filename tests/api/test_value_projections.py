"""Projections by API, page, terminal and client: at finance's rate alone, kept as they were made, beside what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner

from headway import governance, ledger
from headway.identity import Role
from headway.kernel import terminal
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.portfolio.cli import benefits_app
from headway.value import projections
from headway.value.projections.routes import router
from headway_client import Client as HeadwayClient
from tests.factories.asgi import AppTransport
from tests.factories.governance import open_usecase
from tests.factories.identity import api, client, join, local_owner
from tests.factories.pages import signed_in
from tests.factories.projections import assumptions, body

PLACE = "/usecases/lead-scoring/projections"
RATE = {"percent": "8.5", "reason": "board decision of January"}


def finance(parts: Parts) -> str:
    """The secret of the head of finance."""
    return join(parts.database, "Felix", (Role.department_head, "finance"))[1]


def opened(parts: Parts) -> None:
    with parts.database.session() as session:
        open_usecase(session)


def with_rate(parts: Parts) -> None:
    with parts.database.session() as session:
        projections.set_discount_rate(session, Actor(ref="person:felix", name="Felix"), **RATE)


def test_only_the_head_of_finance_sets_the_rate(parts: Parts) -> None:
    _, owner = local_owner(parts.database)
    _, sponsor = join(parts.database, "Claire", (Role.sponsor, "finance"))
    _, elsewhere = join(parts.database, "Ruth", (Role.department_head, "hr"))
    app = api(parts, [router])
    for secret in (owner, sponsor, elsewhere):
        with client(app, secret) as caller:
            refused = caller.post("/discount-rates", json=RATE)
            assert refused.status_code == 403, refused.text
    with client(app, finance(parts)) as caller:
        wrong = caller.post("/discount-rates", json={"percent": "80", "reason": " "})
        assert {fault["column"] for fault in wrong.json()["faults"]} == {"percent", "reason"}
        made = caller.post("/discount-rates", json=RATE)
        assert made.status_code == 201 and made.json()["percent"] == "8.5"
    with parts.database.session() as session:
        [event] = ledger.find(session, type="discount_rate.set").items
        assert event.payload is not None and event.payload["percent"] == "8.5"


def test_without_a_rate_nothing_is_projected_and_none_can_be_typed_in(parts: Parts) -> None:
    opened(parts)
    _, owner = local_owner(parts.database)
    with client(api(parts, [router]), owner) as caller:
        refused = caller.post(PLACE, json=body())
        assert refused.status_code == 409 and refused.json()["code"] == "value.discount_rate_missing"
        assert "head of the finance department" in refused.json()["hint"]
        with_rate(parts)
        typed = caller.post(PLACE, json={**body(), "discount_rate": 0.01})
        assert typed.status_code == 422
        made = caller.post(PLACE, json=body())
        assert made.status_code == 201 and made.json()["percent"] == "8.5", made.text
    insert = (
        "insert into value.projections (id, usecase, number, title, assumptions, discount_rate, percent, result, digest, made_by, "
        "made_at) select 'prj_x', usecase, 9, title, assumptions, discount_rate, '1', result, digest, made_by, made_at "
        "from value.projections"
    )
    with pytest.raises(IntegrityError, match="not one that finance set"), parts.database.session() as session:
        session.execute(text(insert))
    for change in (
        "update value.projections set title = 'other'",
        "delete from value.projections",
        "update value.discount_rates set percent = '1'",
    ):
        with pytest.raises(IntegrityError, match="never changed"), parts.database.session() as session:
            session.execute(text(change))


def test_it_is_brought_to_governance_as_evidence_once_a_pack_asks_for_it(parts: Parts) -> None:
    opened(parts)
    with_rate(parts)
    actor, owner = local_owner(parts.database)
    with client(api(parts, [router]), owner) as caller:
        before: dict[str, Any] = caller.post(PLACE, json=body()).json()
        assert before["evidence"] is None
        with parts.database.session() as session:
            governance.switch_pack(
                session, parts.signer, actor, "nist-ai-rmf", is_on=True, reason="the board asked for it"
            )
        after: dict[str, Any] = caller.post(PLACE, json=body()).json()
        assert after["number"] == 2 and after["result"] == before["result"] and after["digest"] == before["digest"]
        shown = caller.get(f"/projections/{after['id']}").json()
        assert shown == after
        assert [one["number"] for one in caller.get(PLACE).json()["items"]] == [2, 1]
    with parts.database.session() as session:
        [found] = governance.list_evidence(session, subject=Ref("usecase", "lead-scoring"), type="roi_projection").items
        case = governance.get_usecase(session, "lead-scoring")
    assert found.id == after["evidence"] and found.payload_digest == after["digest"]
    assert found.producer.startswith("service:") and found.subject_digest == case.digest
    assert found.facts["probability_of_loss"] == after["result"]["probability_of_loss"]
    assert found.facts["discount_rate"] == 8.5 and found.facts["horizon_months"] == 36


def test_others_read_and_do_not_make(parts: Parts) -> None:
    opened(parts)
    with_rate(parts)
    _, auditor = join(parts.database, "Amelie", (Role.auditor, None))
    _, elsewhere = join(parts.database, "Ruth", (Role.department_head, "hr"))
    _, head = join(parts.database, "Lena", (Role.department_head, "sales"))
    app = api(parts, [router])
    with client(app, head) as caller:
        made = caller.post(PLACE, json=body())
        assert made.status_code == 201
    with client(app, auditor) as caller:
        assert caller.get(PLACE).status_code == 200 and caller.post(PLACE, json=body()).status_code == 403
    with client(app, elsewhere) as caller:
        assert caller.get(f"/projections/{made.json()['id']}").status_code == 403


def test_the_page_makes_one_and_says_what_is_wrong_where_it_is(parts: Parts) -> None:
    opened(parts)
    head = signed_in(parts, "Felix Neumann", (Role.department_head, "finance"), (Role.department_head, "sales"))
    page = head.text("/usecases/lead-scoring/projection")
    assert "Finance has not set a discount rate" in page and "Project it" not in page
    assert "Nothing is projected yet" in page
    office = signed_in(parts, "Olga", (Role.ai_office, None))
    shown = office.text("/discount-rates")
    assert "The head of the department finance" in shown and "Set by" not in shown
    with_rate(parts)
    assert "board decision of January" in office.text("/discount-rates")
    head.get("/usecases/lead-scoring/projection")
    fields = {
        "title": "First estimate", "d0_name": "leads", "d0_likely": "x", "d1_name": "build", "d1_likely": "20000",
        "l0_name": "More sales", "l0_kind": "revenue", "l0_drivers": "leads",
        "l1_name": "Building it", "l1_kind": "cost", "l1_drivers": "build", "l1_timing": "once",
    }  # fmt: skip
    wrong = head.send("/usecases/lead-scoring/projection", **fields)
    assert wrong.status_code == 422 and 'title="write a number"' in wrong.text
    wrong = head.send("/usecases/lead-scoring/projection", **{**fields, "d0_likely": "10", "d0_low": "50"})
    assert wrong.status_code == 422 and "low, likely and high rise" in wrong.text
    fine = {**fields, "d0_low": "9000,5", "d0_likely": "15000", "d0_high": "30000"}
    made = head.send("/usecases/lead-scoring/projection", **fine)
    assert made.status_code == 200 and "Projected net present value" in made.text and "8.5 %" in made.text
    assert made.text.count("<svg") >= 6 and "Nothing is measured yet" in made.text
    assert 'value="9000.5"' in made.text  # the next one begins with this one
    with parts.database.session() as session:
        found = projections.newest_projection(session, "lead-scoring")
    assert found is not None and found.assumptions.drivers[0].low == 9000.5
    assert head.get(f"/projections/{found.id}").status_code == 200


def test_terminal_and_client_do_too(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(parts)
    _, token = local_owner(parts.database)
    app = api(parts, [])
    app.include_router(router, prefix="/api/v1")

    def at_its_place(secret: str) -> HeadwayClient:
        return HeadwayClient("http://headway", secret, transport=AppTransport(app))

    with at_its_place(finance(parts)) as caller:
        made = caller.discount_rates.set(percent="7", reason="finance")
        assert [one.id for one in caller.discount_rates.list()] == [made.id]
    with at_its_place(token) as caller:
        told = body()
        first = caller.projections.make(
            "lead-scoring",
            title="By the client",
            drivers=told["drivers"],
            lines=told["lines"],
            seed=7,
            horizon_months=36,
        )
        assert [one.id for one in caller.projections.list("lead-scoring")] == [first.id]
        assert caller.projections.show(first.id).result.npv == first.result.npv
        expected = projections.simulate(assumptions(), 0.07)
        assert first.result.npv.p50 == expected.npv.p50

    @contextmanager
    def connect() -> Iterator[HeadwayClient]:
        with at_its_place(token) as made_client:
            yield made_client

    monkeypatch.setattr(terminal, "connect", connect)
    file = tmp_path / "projection.json"
    file.write_text(json.dumps(told))
    done = CliRunner().invoke(benefits_app, ["project", "lead-scoring", str(file), "--title", "By the terminal"])
    assert done.exit_code == 0 and "nothing of it is measured" in done.output, done.output
    listed = CliRunner().invoke(benefits_app, ["projections", "lead-scoring", "--output", "json"])
    assert [one["number"] for one in json.loads(listed.output)["items"]] == [2, 1]
    shown = CliRunner().invoke(benefits_app, ["projection", first.id])
    assert "sales_more" in shown.output and "capacity, in no figure above" in shown.output
    assert "7" in CliRunner().invoke(benefits_app, ["discount-rates"]).output
    assert CliRunner().invoke(benefits_app, ["set-discount-rate", "5", "--reason", "x"]).exit_code != 0
