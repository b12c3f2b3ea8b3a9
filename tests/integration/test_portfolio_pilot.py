"""A pilot from its file to a decision with a whole chain of evidence, on a real database, storage and lake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from headway import catalog, governance, identity, ledger, portfolio, serving
from headway.kernel import clock
from headway.kernel.auth import Actor, RoleGrant
from headway.kernel.canonical import file_digest
from headway.kernel.errors import Conflict, HeadwayError, Invalid
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from headway.portfolio.service import steps
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


def test_a_cancelled_job_ends_its_pilot(running: Parts, leads: Path) -> None:
    asked = request_for(running, leads)
    with running.database.session() as session:
        started = portfolio.start_pilot(session, ACTOR, running.jobs, portfolio.shelf(None), request=asked)
        assert portfolio.settle_pilots(session, running.jobs) == []
    with running.database.session() as session:
        running.jobs.cancel(session, started.job)
    with running.database.session() as session:
        [ended] = portfolio.settle_pilots(session, running.jobs)
        assert (ended.id, ended.state) == (started.id, portfolio.PilotState.failed)
    with running.database.session() as session:
        assert portfolio.settle_pilots(session, running.jobs) == []


def run(parts: Parts, request: portfolio.PilotRequest) -> dict[str, Any]:
    with parts.database.session() as session:
        started = portfolio.start_pilot(session, ACTOR, parts.jobs, portfolio.shelf(None), request=request)
    return parts.jobs.run_now("pilot", {"pilot": started.id}, ACTOR)


def few_rows(path: Path, label: str) -> Path:
    """A file of 300 rows whose label takes the values that ``label`` lists."""
    values = label.split(",")
    lines = [f"{i % 7},{'abc'[i % 3]},{values[i % len(values)]}" for i in range(300)]
    path.write_text("\n".join(["x,kind,won", *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("x,y,z", {}),
        ("first,second", {}),
        ("yes,no", {"time": "kind"}),
        ("2026-01-01,2026-01-02", {}),
        ("yes" + ",no" * 40, {}),
    ],
)
def test_a_file_that_cannot_be_trained_on_leaves_nothing(
    running: Parts, tmp_path: Path, label: str, changes: dict[str, object]
) -> None:
    path = few_rows(tmp_path / "few.csv", label)
    asked = request_for(running, path, **{"label": "won", "time": None, "subject": None, **changes})
    with pytest.raises(Invalid):
        run(running, asked)
    with running.database.session() as session:
        assert catalog.list_products(session).items == ()
        assert governance.list_usecases(session).items == ()
    assert not running.storage.exists(asked.file_key)


def test_a_refused_pilot_leaves_a_known_product_as_it_was(running: Parts, tmp_path: Path) -> None:
    path = few_rows(tmp_path / "few.csv", "yes,no")
    good = {"label": "won", "time": None, "subject": None}
    with running.database.session() as session:
        catalog.register_product(
            session,
            ACTOR,
            running.storage,
            catalog.lake_of(running),
            source=path,
            filename=path.name,
            department="sales",
            name="few",
            label="won",
            exclude=(),
        )
        before = catalog.get_product(session, "sales.few")
    for changes in ({"time": "kind"}, {"exclude": ("nope",)}, {"positive": "maybe"}):
        with pytest.raises(Invalid):
            run(running, request_for(running, path, **{**good, **changes}))
    with running.database.session() as session:
        assert catalog.get_product(session, "sales.few") == before
        assert governance.list_usecases(session).items == ()


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
    made = node.decide(name, lead_scoring.example_records(40, seed=2, with_leak=True))
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
        assert chain.complete and chain.verified
        assert {one.kind for one in chain.links} >= {
            "principal", "decision", "segment", "snapshot", "deployment", "release", "verdict", "pack", "model", "run",
            "product", "contract", "quality", "usecase", "tier", "ledger",
        }  # fmt: skip


def test_a_pilot_finds_what_was_planted_and_says_so(running: Parts, leads: Path) -> None:
    result = run(running, request_for(running, leads, exclude=(lead_scoring.PLANTED_LEAK,)))
    truth = lead_scoring.make_leads(1500, seed=5)
    planted = {fault.row for fault in truth.faults}
    assert result["quality"]["failed_rows"] == len(planted)
    assert result["tier"] == "minimal"
    assert result["split"]["kind"] == "time"
    low, high = result["metrics"]["intervals"]["roc_auc"]
    assert low <= result["metrics"]["roc_auc"] <= high < 0.9, "no model ranks much better than the truth"
    assert high > 0.7
    assert {one["column"] for one in result["excluded"]} >= {lead_scoring.PLANTED_LEAK}
    assert set(result["verdict"]) == {"environment", "result", "missing"}
    assert "token" not in result["deployment"]
    with running.database.session() as session:
        page = catalog.faults(session, running.storage, result["product"])
        assert {(fault.row, fault.column) for fault in page.items} == {
            (fault.row, fault.column) for fault in truth.faults
        }
        text, facts = portfolio.get_report(session, running.storage, result["pilot"])
        pilot = portfolio.get_pilot(session, result["pilot"])
    assert pilot.state is portfolio.PilotState.done
    assert facts["projection"]["label"] == "projected"
    assert len(portfolio.figures_of(facts)) == 4
    tested = result["metrics"]["n_test"]
    assert sum(facts["histogram"]["positives"]) + sum(facts["histogram"]["negatives"]) == tested
    assert sum(row["rows"] for row in facts["lift"]) == sum(point["rows"] for point in facts["curve"]) == tested
    with running.database.session() as session:
        printed = portfolio.print_report(session, result["pilot"])
    assert printed.startswith(b"%PDF-1.7")
    assert "EUR" in text
    assert len(facts["examples"]) == 3
    scores = [one["score"] for one in facts["examples"]]
    assert scores == sorted(scores, reverse=True)


def test_a_suspected_pilot_projects_no_money(running: Parts, leads: Path) -> None:
    result = run(running, request_for(running, leads))
    assert lead_scoring.PLANTED_LEAK in {one["column"] for one in result["suspects"]}
    with running.database.session() as session:
        text, facts = portfolio.get_report(session, running.storage, result["pilot"])
    assert facts["projection"] is None
    assert "EUR" not in text


def test_a_pilot_run_twice_does_each_step_once(running: Parts, leads: Path) -> None:
    result = run(running, request_for(running, leads))
    again = running.jobs.run_now("pilot", {"pilot": result["pilot"]}, ACTOR)
    assert again == result
    with running.database.session() as session:
        assert len(ledger.find(session, type="run.recorded").items) == 1
        assert len(ledger.find(session, type="deployment.created").items) == 1
        assert len(ledger.find(session, type="pilot.finished").items) == 1


BROKEN = {
    "empty.csv": b"",
    "no_label.csv": b"a,b\n1,2\n" * 300,
    "ragged.csv": b"converted,b\n1,2\n3,4,5\n" + b"0,1\n" * 300,
    "few.csv": b"converted,b\n" + b"1,2\n0,1\n" * 30,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_learnt_from_fails_the_pilot_with_a_reason(
    running: Parts, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    request = request_for(running, path, time=None, subject=None)
    with running.database.session() as session:
        started = portfolio.start_pilot(session, ACTOR, running.jobs, portfolio.shelf(None), request=request)
    with pytest.raises(HeadwayError):
        running.jobs.run_now("pilot", {"pilot": started.id}, ACTOR)
    with running.database.session() as session:
        pilot = portfolio.get_pilot(session, started.id)
        assert pilot.state is portfolio.PilotState.failed
        assert pilot.error is not None and pilot.error["status"] == 422 and pilot.error["detail"]
        assert serving.list_deployments(session)[0] == []
        products = catalog.list_products(session).items
        assert len(ledger.find(session, type="pilot.failed").items) == 1
        if name == "few.csv":
            assert "needs at least 200" in pilot.error["detail"]
        assert products == ()
        assert list(running.storage.list("uploads")) == []
        with pytest.raises(portfolio.PilotRunning, match="failed on its file"):
            portfolio.retry_pilot(session, ACTOR, running.jobs, started.id)


def test_a_failed_pilot_goes_on_where_it_stood(running: Parts, leads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Conflict("the gate is out of order")

    with monkeypatch.context() as patched:
        patched.setattr(steps, "release", broken)
        with running.database.session() as session:
            started = portfolio.start_pilot(
                session, ACTOR, running.jobs, portfolio.shelf(None), request=request_for(running, leads)
            )
        with pytest.raises(HeadwayError, match="out of order"):
            running.jobs.run_now("pilot", {"pilot": started.id}, ACTOR)
    with running.database.session() as session:
        assert portfolio.get_pilot(session, started.id).state is portfolio.PilotState.failed
        assert serving.list_deployments(session)[0] == []
        portfolio.retry_pilot(session, ACTOR, running.jobs, started.id)
    result = running.jobs.run_now("pilot", {"pilot": started.id}, ACTOR)
    assert result["deployment"]["name"] == "lead-scoring"
    with running.database.session() as session:
        assert len(ledger.find(session, type="run.recorded").items) == 1


def test_a_second_pilot_of_the_name_makes_the_next_version_of_the_same_use_case(running: Parts, leads: Path) -> None:
    first = run(running, request_for(running, leads))
    second = run(running, request_for(running, leads, exclude=(lead_scoring.PLANTED_LEAK,)))
    assert (first["usecase"], first["model"]["version"]) == ("lead-scoring", 1)
    assert (second["usecase"], second["model"]["version"]) == ("lead-scoring", 2)
    assert second["deployment"]["id"] == first["deployment"]["id"]
    with running.database.session() as session:
        shown = serving.get_deployment(session, "lead-scoring", "sandbox")
    assert shown.release == second["model"]["digest"]


def test_a_name_of_another_department_is_refused(running: Parts, leads: Path) -> None:
    run(running, request_for(running, leads))
    with pytest.raises(HeadwayError, match="belongs to"):
        run(running, request_for(running, leads, department="marketing"))
