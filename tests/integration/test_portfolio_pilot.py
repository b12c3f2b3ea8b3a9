"""A pilot from its file to a decision with a whole chain of evidence, on a real database, storage and lake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from headway import catalog, identity, ledger, portfolio, serving
from headway.kernel import clock
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.canonical import file_digest
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.solutions.sales import lead_scoring
from tests.factories.serving import SmallNode, prepare_keys

ACTOR = Actor(ref="person:tester", name="Tester", roles=(RoleGrant(role="ai_office"),))


@pytest.fixture
def running(parts: Parts) -> Iterator[Parts]:
    prepare_keys(parts)
    parts.jobs.define("pilot", portfolio.pilot_job)
    yield parts


def request_for(parts: Parts, path: Path, **changes: object) -> portfolio.PilotRequest:
    digest = file_digest(path)
    key = "uploads/" + digest.removeprefix("sha256-")
    parts.storage.ensure(key, path)
    asked: dict[str, object] = {
        "name": "lead-scoring",
        "solution": "sales.lead-scoring",
        "department": "sales",
        "filename": path.name,
        "file_key": key,
        "file_digest": digest,
        "label": "converted",
        "positive": None,
        "time": "created_at",
        "ordered": False,
        "subject": "lead_id",
        "exclude": (),
        "value_per_success": "120.00 EUR",
        "cost_per_action": "4.00 EUR",
        **changes,
    }
    return portfolio.PilotRequest(**asked)  # type: ignore[arg-type]


def run(parts: Parts, request: portfolio.PilotRequest) -> dict[str, Any]:
    with parts.database.session() as session:
        started = portfolio.start_pilot(session, ACTOR, parts.jobs, portfolio.shelf(None), request=request)
    return parts.jobs.run_now("pilot", {"pilot": started.id}, ACTOR)


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "leads.csv"
    lead_scoring.write_example(path, rows=1500, seed=5)
    return path


def test_decision_has_a_whole_chain_to_the_file(running: Parts, leads: Path, tmp_path: Path) -> None:
    result = run(running, request_for(running, leads))
    name = result["deployment"]["name"]
    with running.database.session() as session:
        token = identity.create_token(session, ACTOR, owner=Ref.parse("service:crm"), name="crm", scopes=("decide",))
        serving.grant(
            session,
            ACTOR,
            name=name,
            environment="sandbox",
            token_hash=token.hash,
            principal="service:crm",
            scopes=[serving.Scope.decide],
            expires_at=clock.now() + timedelta(days=1),
        )
    assert [one.environment for one in serving.publish_due(running)] == ["sandbox"]
    node = SmallNode(running, tmp_path / "node")
    made = node.decide(name, lead_scoring.example_records(40, seed=2))
    assert {decision.arm for _, decision in made} == {"champion", "hold_out"}
    node.ship()
    lake = catalog.lake_of(running)
    report = serving.take_in(running.database, running.storage, lake, node.key)
    assert (report.decisions, report.refused) == (40, ())

    for arm in ("champion", "hold_out"):
        decision = next(found for found, decision in made if decision.arm == arm)
        with running.database.session() as session:
            before = serving.decision_chain(session, running, decision)
        assert before.verified, [one for one in before.links if one.verified is False]
        if arm == "champion":
            assert not before.complete, "the ledger has no checkpoint over these events yet"
        ledger.sequence(running.database, running.storage, running.signer)
        with running.database.session() as session:
            chain = serving.decision_chain(session, running, decision)
        print([(one.kind, one.ref, one.verified, one.note) for one in chain.links])
        assert chain.complete and chain.verified
        assert {one.kind for one in chain.links} >= {
            "principal", "decision", "segment", "snapshot", "deployment", "release", "verdict", "pack", "model", "run",
            "product", "contract", "quality", "usecase", "tier", "ledger",
        }  # fmt: skip
