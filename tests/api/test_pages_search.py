"""Ctrl-K: every kind of object is found by words or by its id, and only by who may open it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from headway import collaboration, governance, identity
from headway.entrypoints.http import create_app
from headway.identity import Role
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.governance import ANA
from tests.factories.matrix import remembering
from tests.factories.pages import signed_in, text_of
from tests.factories.serving import deployed, prepare_keys, released


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    prepare_keys(parts)
    deployed(parts, released(parts))
    with parts.database.session() as session:
        verdict = governance.list_verdicts(session, limit=1).items[0]
        governance.request_approval(
            session,
            ANA,
            subject=Ref.parse(verdict.subject),
            subject_digest=verdict.subject_digest,
            environment="production",
            usecase=verdict.usecase,
        )
    ruled, _rules = remembering(parts)
    return create_app(ruled)


def test_objects_of_every_kind_are_found_by_words(parts: Parts, app: FastAPI) -> None:
    ada = signed_in(parts, "Ada Leadsdale", (Role.ai_office, None), app=app)
    assert ada.actor is not None
    with parts.database.session() as session:
        identity.add_department(session, ANA, slug="leads-desk", name="Leads desk")
        collaboration.create_task(session, ada.actor, title="Call the leads", subject=Ref("usecase", "leads"))
        collaboration.save_view(session, ada.actor, name="Leads of mine", page="/usecases", query="q=leads")
    shown = ada.text("/search?q=leads")
    for kind in ("Use cases", "Deployments", "People", "Departments", "Your tasks", "Saved views"):
        assert kind in shown, kind
    assert 'href="/usecases?q=leads"' in ada.get("/search?q=leads").text
    assert "Approvals" in ada.text("/search?q=lead-scoring")
    assert "Policies" in ada.text("/search?q=headway")
    assert "/help/reference/glossary" in ada.get("/search?q=glossary").text


def test_an_id_leads_to_its_thing_when_one_may_open_it(parts: Parts, app: FastAPI) -> None:
    sid = signed_in(parts, "Sid", (Role.data_scientist, "sales"), app=app)
    fay = signed_in(parts, "Fay", (Role.data_scientist, "finance"), app=app)
    with parts.database.session() as session:
        verdict = governance.list_verdicts(session, limit=1).items[0]
        approval = governance.list_approvals(session, limit=1).items[0]
    for id_, address in ((approval.id, f"/approvals/{approval.id}"), (verdict.id, f"/verdicts/{verdict.id}")):
        assert f'href="{address}"' in sid.get(f"/search?q={id_}").text
        assert f'href="{address}"' not in fay.get(f"/search?q={id_}").text
    assert f'href="/approvals/{approval.id}"' in sid.get(f"/search?q=approval:{approval.id}").text
    assert "Nothing found" in text_of(sid.get("/search?q=apr_" + "0" * 26).text)
