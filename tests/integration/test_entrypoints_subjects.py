"""What references name: every kind on real rows, who may read it, who answers for it, who may approve it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from headway import catalog, governance, identity, incidents, ledger, portfolio, registry, serving
from headway.dossiers.tables import DossierRow
from headway.entrypoints.pages.assessment_templates import BEGINNING
from headway.entrypoints.subjects import EverySubject
from headway.governance import assessments, mandates, risks
from headway.governance.tables import BreakGlassRow
from headway.identity import Role
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.subjects import UnknownSubject
from headway.kernel.web import Parts
from headway.portfolio.tables import PilotRow, ReplayRow
from headway.registry.entities import TrainedModel
from headway.registry.train import fit_model
from headway.scaling.tables import PlanRow
from headway.value import projections
from tests.factories.collaboration import colleague, open_leads, ruled
from tests.factories.council import before_council
from tests.factories.projections import assumptions
from tests.factories.risks import estimate
from tests.factories.serving import RECORD, SmallNode, deployed, granted, prepare_keys, released
from tests.factories.training import CODE, contract, leads, spec
from tests.factories.watched import alert_row


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    frame = leads()
    return fit_model(frame, contract(frame), spec(name="lead-scoring", ordered=True), code=CODE)


@dataclass(frozen=True, slots=True)
class World:
    """One thing of every kind, and who made them."""

    parts: Parts
    scientist: Actor
    refs: dict[str, str]


@pytest.fixture
def world(parts: Parts, trained: TrainedModel, tmp_path: Path) -> World:
    here = ruled(parts)
    here.jobs.define("pilot", lambda context, payload: {})
    open_leads(here.database)
    scientist = colleague(here.database, "Sam", Role.data_scientist)
    refs = {"usecase": "usecase:leads", "department": "department:sales", "person": scientist.ref}
    with here.database.session() as session:
        version = registry.record_run(
            session,
            scientist,
            here.storage,
            usecase="leads",
            spec=trained.spec,
            trained=trained,
            data_digest=digest("rows"),
        )
        release = registry.request_release(
            session, scientist, version=version.ref, environment="pilot", usecase="leads"
        )
        pilot = PilotRow(
            id="plt_1", name="Leads", solution="sales.lead-scoring", department="sales", state="running", job="job_1",
            filename="leads.csv", request={}, steps={}, started_by=scientist.ref, started_at=clock.now(),
        )  # fmt: skip
        replay = ReplayRow(
            id="rpl_1", usecase="leads", department="sales", state="running", job="job_1", filename="leads.csv", request={},
            started_by=scientist.ref, started_at=clock.now(),
        )  # fmt: skip
        plan = PlanRow(
            id="scp_1", usecase="leads", department="hr", version=version.ref, state="running", job="job_1", filename="leads.csv",
            request={}, steps={}, started_by=scientist.ref, started_at=clock.now(),
        )  # fmt: skip
        dossier = DossierRow(
            id="dsr_1", kind="model_risk", title="Model risk file", usecase="leads", department="hr", state="running", job="job_1",
            files=[], requirements=0, gaps=0, packs={}, made_by=scientist.ref, started_at=clock.now(),
        )  # fmt: skip
        session.add_all([pilot, replay, plan, dossier])
        job = here.jobs.enqueue(session, "pilot", {}, actor=scientist)
        event = ledger.find(session, limit=1).items[0].id
        pack = governance.list_packs(session)[0].id
        waiver = governance.request_waiver(
            session, scientist, usecase="leads", environment="pilot", pack="headway-core", control="HW-OWNER",
            reason="nobody owns it before the new year", compensation="the head of sales answers meanwhile",
        )  # fmt: skip
        governance.open_vendor(session, scientist, slug="acme", name="Acme")
        governance.open_system(session, scientist, slug="scorer", title="Scorer", kind="vendor_supplied", vendor="acme")
        projections.set_discount_rate(session, scientist, percent="8", reason="for this test")
        portfolio.request_resources(
            session, scientist, "leads", portfolio.Asked(budget="1 EUR", value="2 EUR", reason="for this test")
        )
        draft = portfolio.Draft(
            title="Winter", starts=date(2027, 1, 1), ends=date(2027, 7, 1), limits=portfolio.Limits()
        )
        round_ = portfolio.draft_allocation(session, scientist, draft)
        projected = projections.project(
            session, scientist, usecase="leads", title="First", assumptions=assumptions(draws=1000)
        )
        risk = risks.add_risk(session, scientist, usecase="leads", estimate=estimate())
        template = assessments.publish_template(session, scientist, BEGINNING).template
        assessed = assessments.open_assessment(session, scientist, usecase="leads", template="privacy")
        councils = before_council(session, scientist, "leads", "sales")
        session.add(
            BreakGlassRow(
                id="bgl_1", usecase="leads", environment="pilot", subject=version.ref, subject_digest=version.digest,
                reason="the model in place refuses everything", state="requested", requested_by=scientist.ref,
                requested_at=clock.now(),
            )
        )  # fmt: skip
        identity.ensure_department(session, scientist, "labs")
        mandates.open_programme(
            session, scientist, slug="labs", title="Labs", sponsor=scientist.ref, departments=["labs"]
        )
        limit = mandates.Limit(kind=mandates.LimitKind.people, scope="", most=9, currency="")
        mandates.adopt_appetite(session, scientist, [limit], "what the board can bear this year")
    refs |= {
        "programme": "programme:labs",
        "break-glass": "break-glass:bgl_1",
        "waiver": f"waiver:{waiver.id}",
        "council": f"council:{councils['council']}",
        "council-item": f"council-item:{councils['council_item']}",
        "council-meeting": f"council-meeting:{councils['meeting']}",
        "model": f"model:{version.model}",
        "version": version.ref,
        "run": f"run:{version.run}",
        "release": f"release:{release.id}",
        "approval": f"approval:{release.approval}",
        "system": "system:scorer",
        "vendor": "vendor:acme",
        "pilot": "pilot:plt_1",
        "replay": "replay:rpl_1",
        "scaleplan": "scaleplan:scp_1",
        "projection": f"projection:{projected.id}",
        "dossier": "dossier:dsr_1",
        "assessment": f"assessment:{assessed.id}",
        "assessment-template": f"assessment-template:{template.id}",
        "risk": f"risk:{risk.id}",
        "allocation": f"allocation:{round_.id}",
        "appetite": "appetite:1",
        "job": f"job:{job}",
        "event": f"event:{event}",
        "pack": f"pack:{pack}",
    }
    prepare_keys(here)
    deployed(here, released(here), name="scoring")
    granted(here, name="scoring")
    serving.publish_due(here)
    node = SmallNode(here, tmp_path / "node")
    [(decision, _)] = node.decide("scoring", [{**RECORD, "customer": "c-1"}])
    node.ship()
    serving.take_in(here.database, here.storage, catalog.lake_of(here), node.key)
    refs |= {"deployment": "deployment:sandbox/scoring", "decision": f"decision:{decision}", "alert": "alert:alr_1"}
    with here.database.session() as session:
        session.add(alert_row("scoring", version.ref))
        told = incidents.Wanted(title="Wrong leads", what="Leads came twice", concerns=("usecase:leads",))
        refs["incident"] = f"incident:{incidents.open_incident(session, scientist, told).id}"
        refs["verdict"] = f"verdict:{governance.list_verdicts(session, limit=1).items[0].id}"
    return World(here, scientist, refs)


def test_every_kind_is_described_with_what_reads_it(world: World) -> None:
    office = Actor(ref="person:x", name="X")
    with world.parts.database.session() as session:
        found = {kind: world.parts.subjects.describe(session, ref) for kind, ref in world.refs.items()}
    kinds = {ref.partition(":")[0] for ref in world.refs.values()} | {"product", "data-access", "contract-change"}
    assert (
        set(EverySubject(world.parts.authorizer, world.parts.jobs, lambda: catalog.lake_of(world.parts)).kinds) == kinds
    ), "a kind that is not tested here"
    told = {kind: (one.action, one.department) for kind, one in found.items()}
    assert told == {
        "usecase": ("usecase:read", "sales"),
        "department": ("department:read", "sales"),
        "person": ("person:read", None),
        "model": ("model:read", "sales"),
        "version": ("model:read", "sales"),
        "run": ("run:read", "sales"),
        "release": ("release:read", "sales"),
        "approval": ("release:read", "sales"),
        "verdict": ("gate:read", "sales"),
        "waiver": ("gate:read", "sales"),
        "programme": ("programme:read", "labs"),
        "council": ("council:read", "sales"),
        "council-item": ("council:read", "sales"),
        "council-meeting": ("council:read", "sales"),
        "system": ("system:read", None),
        "vendor": ("vendor:read", None),
        "break-glass": ("gate:read", "sales"),
        "pilot": ("pilot:read", "sales"),
        "replay": ("pilot:read", "sales"),
        "scaleplan": ("scale:read", "hr"),
        "projection": ("projection:read", "sales"),
        "dossier": ("dossier:read", "hr"),
        "assessment": ("assessment:read", "sales"),
        "assessment-template": ("policy:read", None),
        "risk": ("risk:read", "sales"),
        "allocation": ("allocation:read", None),
        "appetite": ("appetite:read", None),
        "job": ("job:read", None),
        "event": ("ledger:read", None),
        "pack": ("policy:read", None),
        "deployment": ("deployment:read", found["deployment"].department),
        "decision": ("decision:read", found["deployment"].department),
        "alert": ("alert:read", found["deployment"].department),
        "incident": ("incident:read", "sales"),
    }
    assert found["deployment"].department is not None
    for one in found.values():
        assert one.title and one.href.startswith("/") and one.href != "/", one
        with pytest.raises(Denied):
            world.parts.authorizer.check(office, one.action, one.resource)


def test_what_is_not_there_and_kinds_nobody_knows_are_one_error(world: World) -> None:
    missing = [
        "usecase:none", "product:none",
        "data-access:none", "contract-change:none", "model:none", "model:none@1", "model:lead-scoring@99", "release:none", "approval:none",
        "system:none", "vendor:none", "replay:none", "scaleplan:none", "waiver:none", "projection:none", "assessment:none",
        "allocation:none", "appetite:none", "appetite:99", "risk:none", "assessment-template:none",
        "break-glass:none",
        "run:none", "pilot:none", "deployment:none", "deployment:pilot/none", "department:none", "person:none", "pack:none",
        "event:none", "decision:none", "incident:none", "job:none", "token:tok_1", "moon:base", "nonsense", "", "usecase:a\0b",
    ]  # fmt: skip
    with world.parts.database.session() as session:
        for ref in missing:
            with pytest.raises(UnknownSubject):
                world.parts.subjects.describe(session, ref)
            assert world.parts.subjects.responsible(session, ref) == ()
            assert world.parts.subjects.approvers(session, ref) == ()
            assert not world.parts.subjects.may_read(session, world.scientist.ref, ref)


def test_those_who_made_or_asked_for_a_thing_answer_for_it(world: World) -> None:
    with world.parts.database.session() as session:
        for kind in (
            "version",
            "release",
            "approval",
            "waiver",
            "break-glass",
            "pilot",
            "job",
            "system",
            "vendor",
            "incident",
        ):
            assert world.scientist.ref in world.parts.subjects.responsible(session, world.refs[kind]), kind
        for kind in ("event", "pack", "person", "department"):
            assert world.parts.subjects.responsible(session, world.refs[kind]) == (), kind


def test_who_may_approve_is_who_the_rules_let_and_never_who_asked(world: World) -> None:
    database = world.parts.database
    seat, head = colleague(database, "Cora", Role.council), colleague(database, "Hedy", Role.department_head)
    colleague(database, "Hugo", Role.council, "hr")
    with database.session() as session:
        for kind in ("release", "approval", "break-glass"):
            found = world.parts.subjects.approvers(session, world.refs[kind])
            assert seat.ref in found and head.ref not in found and world.scientist.ref not in found
            assert [ref for ref in found if ref != seat.ref and not ref.startswith("person:local")] == []
        found = world.parts.subjects.approvers(session, world.refs["waiver"])
        assert seat.ref not in found, "a waiver is granted above the normal approvers"
        assert set(found) <= {"person:local"}


def test_an_alarm_goes_to_the_ai_office_and_the_operators_there(world: World) -> None:
    database = world.parts.database
    here, there = colleague(database, "Olga", Role.operator), colleague(database, "Otis", Role.operator, "hr")
    office, seat = colleague(database, "Ada", Role.ai_office), colleague(database, "Cora", Role.council)
    with database.session() as session:
        found = world.parts.subjects.overseers(session, world.refs["break-glass"])
        assert {here.ref, office.ref} <= set(found) and not {there.ref, seat.ref} & set(found)
        assert world.parts.subjects.overseers(session, "break-glass:none") == ()


def test_operators_are_those_of_the_place(world: World) -> None:
    opal = colleague(world.parts.database, "Opal", Role.operator)
    colleague(world.parts.database, "Fynn", Role.operator, "hr")
    with world.parts.database.session() as session:
        assert world.parts.subjects.operators(session, "usecase:leads") == (opal.ref,)
        assert world.parts.subjects.operators(session, "usecase:nothing") == ()


def test_who_may_read_follows_the_roles_held_now(world: World) -> None:
    stranger = colleague(world.parts.database, "Zed", Role.employee, "hr")
    with world.parts.database.session() as session:
        may_read = world.parts.subjects.may_read
        assert may_read(session, world.scientist.ref, "usecase:leads")
        assert may_read(session, world.scientist.ref, world.refs["job"]), "one's own job"
        assert may_read(session, stranger.ref, world.refs["appetite"]), "it is everybody's"
        assert not may_read(session, stranger.ref, "usecase:leads")
        assert not may_read(session, stranger.ref, world.refs["job"])
        assert not may_read(session, "person:none", "usecase:leads")


def test_nothing_is_known_without_somebody_who_knows(parts: Parts) -> None:
    with parts.database.session() as session:
        with pytest.raises(UnknownSubject):
            parts.subjects.describe(session, "usecase:leads")
        assert not parts.subjects.may_read(session, "person:x", Ref("usecase", "leads"))
