"""Runs, versions, evidence and releases on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import governance, ledger, registry, runtime
from headway.governance import Status
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.clock import FixedClock
from headway.kernel.crypto import Signer
from headway.kernel.errors import Denied, Invalid
from headway.kernel.ids import Ref
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.storage import Storage
from headway.registry.entities import ModelVersion, TrainedModel
from headway.registry.service.releases import approve_and_complete
from headway.registry.service.runs import TRAINER
from headway.registry.train import fit_model
from tests.factories.governance import ANA, BEN, open_usecase
from tests.factories.training import CODE, contract, leads, spec

SNAPSHOT = digest("a snapshot")


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    frame = leads()
    return fit_model(frame, contract(frame), spec(name="lead-scoring", ordered=True), code=CODE)


@pytest.fixture(autouse=True)
def today(fixed_clock: FixedClock) -> Iterator[FixedClock]:
    yield fixed_clock


@pytest.fixture
def usecase(session: Session) -> str:
    slug = open_usecase(session).slug
    governance.classify(session, ANA, slug)
    return slug


@pytest.fixture
def version(session: Session, storage: Storage, trained: TrainedModel, usecase: str) -> ModelVersion:
    governance.record_evidence(
        session,
        type="data_quality_report",
        subject=Ref("product", "sales.leads"),
        subject_digest=SNAPSHOT,
        facts={"contract_checked": True, "quality_score": 0.99, "rows": 1200, "failed_rows": 12},
        producer=TRAINER,
    )
    return keep(session, storage, trained, usecase)


def keep(session: Session, storage: Storage, trained: TrainedModel, usecase: str | None, **more: str) -> ModelVersion:
    return registry.record_run(
        session,
        ANA,
        storage,
        usecase=usecase,
        spec=trained.spec,
        trained=trained,
        data_digest=SNAPSHOT,
        **more,
    )


def test_a_run_becomes_a_version_with_bundle_and_evidence(
    session: Session, storage: Storage, trained: TrainedModel, version: ModelVersion
) -> None:
    assert version.ref == "model:lead-scoring@1"
    release = runtime.read_release(storage.get(runtime.object_key(version.digest, "release.json")))
    assert (release.model.name, release.model.version) == ("lead-scoring", "1")
    assert runtime.release_subject(release) == version.digest
    evidence = {e.type: e for e in governance.list_evidence(session, subject_digest=version.digest).items}
    assert set(evidence) == {"eval_report", "leakage_report", "parity_report", "dataset_card", "model_card"}
    assert {e.producer for e in evidence.values()} == {"service:training"}
    assert evidence["dataset_card"].facts["data_digest"] == SNAPSHOT
    assert evidence["eval_report"].facts["roc_auc"] == trained.metrics.roc_auc
    assert set(version.evidence) == {e.id for e in evidence.values()}
    events = [e.type for e in ledger.find(session, subject=Ref.parse(version.ref)).items]
    assert "model.version_registered" in events
    assert registry.read_card(session, storage, version.ref).startswith("# lead-scoring")


def test_an_equal_training_gives_the_same_version_and_a_run_of_its_own(
    session: Session, storage: Storage, trained: TrainedModel, version: ModelVersion, usecase: str
) -> None:
    again = keep(session, storage, trained, usecase)
    assert again == version
    runs = registry.list_runs(session, model="lead-scoring").items
    assert len(runs) == 2 and {run.version for run in runs} == {1}
    assert registry.get_model(session, "lead-scoring").versions == 1


def test_a_run_of_the_same_id_is_kept_once(
    session: Session, storage: Storage, trained: TrainedModel, usecase: str
) -> None:
    for _ in range(2):
        keep(session, storage, trained, usecase, run_id="run-job_1", job="job_1")
    assert [run.id for run in registry.list_runs(session).items] == ["run-job_1"]
    assert registry.get_run(session, "run-job_1").job == "job_1"
    assert registry.get_run(session, "run-job_1").digests["data"] == trained.digests.data


def test_versions_count_up_and_are_found_by_number_name_and_digest(
    session: Session, storage: Storage, version: ModelVersion, usecase: str
) -> None:
    frame = leads(seed=2)
    other = fit_model(frame, contract(frame), spec(name="lead-scoring"), code=CODE)
    second = keep(session, storage, other, usecase)
    assert second.ref == "model:lead-scoring@2"
    assert registry.get_version(session, "model:lead-scoring") == second
    assert registry.get_version(session, Ref("model", "lead-scoring", "1")) == version
    assert registry.get_version(session, f"model:lead-scoring@{version.digest}") == version
    assert registry.find_version(session, second.digest) == second
    page = registry.list_versions(session, "lead-scoring", limit=1)
    assert page.items == (second,)
    assert registry.list_versions(session, "lead-scoring", limit=1, cursor=page.next).items == (version,)
    for wrong in ("model:lead-scoring@9", "model:nothing", f"model:other@{version.digest}"):
        with pytest.raises(registry.UnknownModel):
            registry.get_version(session, wrong)
    with pytest.raises(Invalid):
        registry.get_version(session, "product:sales.leads")


def test_an_alias_moves_and_leaves_a_trace(session: Session, version: ModelVersion) -> None:
    model = registry.set_alias(session, ANA, model="lead-scoring", alias="champion", version=1)
    assert model.aliases == {"champion": 1}
    with pytest.raises(registry.UnknownModel):
        registry.set_alias(session, ANA, model="lead-scoring", alias="champion", version=7)
    with pytest.raises(Invalid):
        registry.set_alias(session, ANA, model="lead-scoring", alias="7", version=1)
    events = ledger.find(session, subject=Ref("model", "lead-scoring"), type="model.alias_moved").items
    assert len(events) == 1


@pytest.mark.parametrize("table", ["versions", "runs"])
def test_what_was_registered_cannot_be_changed(session: Session, version: ModelVersion, table: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        session.execute(text(f"update registry.{table} set learner = 'better'"))  # noqa: S608  a fixed name


# --- releases ----------------------------------------------------------------------------------------------------


def test_the_sandbox_warns_and_lets_in(
    session: Session, storage: Storage, signer: Signer, trained: TrainedModel
) -> None:
    open_usecase(session, complete=False)
    version = keep(session, storage, trained, "lead-scoring")
    release = registry.release_to_sandbox(session, storage, signer, ANA, version.ref)
    assert release.status == "released"
    assert release.verdict is not None and release.verdict["result"] == "warn"
    loaded = runtime.load_release(storage, version.digest, "sandbox", {signer.key_id: signer.public}, clock.now())
    assert loaded.release.model.name == "lead-scoring"
    with pytest.raises(runtime.ReleaseRefused):
        runtime.load_release(storage, version.digest, "production", {signer.key_id: signer.public}, clock.now())


def test_production_takes_two_people_and_the_gate(
    session: Session, storage: Storage, signer: Signer, version: ModelVersion
) -> None:
    asked = registry.ask_release(session, storage, signer, ANA, version=version.ref, environment="production")
    assert asked.status == "requested"
    assert registry.ask_release(session, storage, signer, ANA, version=version.ref, environment="production") == asked
    with pytest.raises(registry.ReleaseState, match="waits for 1 more person"):
        registry.complete_release(session, storage, signer, ANA, asked.id)
    with pytest.raises(governance.SamePerson):
        approve_and_complete(session, storage, signer, ANA, asked.id, reason="mine")
    released = approve_and_complete(session, storage, signer, BEN, asked.id, reason="read the card")
    assert (released.status, released.decided_by, released.reason) == ("released", BEN.ref, "read the card")
    assert released.verdict is not None and released.verdict["result"] == "pass"
    assert released.verdict["approvals"] == [asked.approval]
    runtime.load_release(storage, version.digest, "production", {signer.key_id: signer.public}, clock.now())
    with pytest.raises(registry.ReleaseState):
        registry.reject_release(session, BEN, asked.id, "too late")
    types = {e.type for e in ledger.find(session, subject=Ref.parse(version.ref), limit=50).items}
    assert types >= {"release.requested", "release.approved", "release.released", "verdict.issued"}


def test_under_a_quorum_of_two_the_first_yes_releases_nothing_and_the_second_does(
    session: Session, storage: Storage, signer: Signer, version: ModelVersion
) -> None:
    governance.set_quorum(session, ANA, "production", needed=2, reason="customers are affected")
    asked = registry.ask_release(session, storage, signer, ANA, version=version.ref, environment="production")
    first = approve_and_complete(session, storage, signer, BEN, asked.id, reason="read the card")
    assert (first.status, first.decided_by, first.verdict) == ("requested", None, None)
    with pytest.raises(registry.ReleaseState, match="waits for 1 more person"):
        registry.complete_release(session, storage, signer, ANA, asked.id)
    assert registry.ask_release(session, storage, signer, ANA, version=version.ref, environment="production") == first
    with pytest.raises(governance.AlreadyVoted):
        approve_and_complete(session, storage, signer, BEN, asked.id, reason="read it again")
    assert not storage.exists(runtime.object_key(version.digest, "verdict.production.dsse"))
    cleo = Actor(ref="person:cleo", name="Cleo")
    released = approve_and_complete(session, storage, signer, cleo, asked.id, reason="figures hold")
    assert (released.status, released.decided_by, released.reason) == ("released", cleo.ref, "figures hold")
    assert released.verdict is not None and released.verdict["approvals"] == [asked.approval]


def test_a_blocked_gate_leaves_the_approval_standing_and_names_the_controls(
    session: Session, storage: Storage, signer: Signer, trained: TrainedModel, usecase: str
) -> None:
    version = keep(session, storage, trained, usecase)  # without evidence about the quality of its data
    asked = registry.request_release(session, ANA, version=version.ref, environment="production")
    answered = approve_and_complete(session, storage, signer, BEN, asked.id, reason="read the card")
    assert answered.status == "approved"
    with pytest.raises(governance.GateBlocked) as caught:
        registry.ask_release(session, storage, signer, ANA, version=version.ref, environment="production")
    assert {fault.rule for fault in caught.value.faults} == {"HW-CONTRACT", "HW-QUALITY"}
    assert not storage.exists(runtime.object_key(version.digest, "verdict.production.dsse"))
    again = registry.reject_release(session, ANA, asked.id, "bring the data quality first")
    assert again.status == "rejected"
    assert registry.request_release(session, ANA, version=version.ref, environment="production").id != asked.id


def test_a_strong_suspect_keeps_a_model_out_of_production(
    session: Session, storage: Storage, signer: Signer, usecase: str
) -> None:
    frame = leads()
    leaked = frame.with_columns(seconds=(frame["won"] == "yes").cast(int) * 90 + frame["weight"])
    model = fit_model(leaked, contract(leaked), spec(name="lead-scoring", ordered=True), code=CODE)
    assert not model.believable
    version = keep(session, storage, model, usecase)
    result = governance.evaluate_gate(
        session,
        environment="production",
        subject=Ref.parse(version.ref),
        subject_digest=version.digest,
        usecase=usecase,
    )
    failed = {c.id for c in result.controls if c.status is Status.failed}
    assert "HW-LEAKS" in failed
    with pytest.raises(governance.FactsInvalid, match="open are: seconds"):
        registry.clear_suspect(session, BEN, version=version.ref, column="weight", reason="weighed before the call")
    made = registry.clear_suspect(
        session, BEN, version=version.ref, column="seconds", reason="measured before the call, not after"
    )
    assert (made.producer, made.subject, made.subject_digest) == (BEN.ref, version.ref, version.digest)
    cleared = governance.evaluate_gate(
        session,
        environment="production",
        subject=Ref.parse(version.ref),
        subject_digest=version.digest,
        usecase=usecase,
    )
    assert next(c.status for c in cleared.controls if c.id == "HW-LEAKS") is Status.passed
    assert "evidence.recorded" in {e.type for e in ledger.find(session, subject=Ref.parse(version.ref)).items}


def test_a_revoked_version_stops_everywhere_and_is_never_released_again(
    session: Session, storage: Storage, signer: Signer, version: ModelVersion
) -> None:
    wanted = registry.request_release(session, ANA, version=version.ref, environment="pilot")
    with pytest.raises(registry.ReleaseState, match="is requested"):
        registry.revoke_release(session, BEN, wanted.id, "too early")
    released = registry.release_to_sandbox(session, storage, signer, ANA, version.ref)
    revoked = registry.revoke_release(session, BEN, released.id, " it leaks ")
    assert (revoked.status, revoked.revoked_by, revoked.revoked_because) == ("released", BEN.ref, "it leaks")
    assert registry.revoke_release(session, ANA, released.id, "again") == revoked
    assert registry.get_release(session, released.id) == revoked
    assert {r.revoked_because for r in registry.list_releases(session).items} == {"it leaks"}, "pilot's request too"
    [told] = ledger.find(session, subject=Ref.parse(version.ref), type="release.revoked").items
    assert told.payload is not None and told.payload["reason"] == "it leaks"
    for environment in ENVIRONMENTS:
        with pytest.raises(governance.SubjectRevoked):
            registry.ask_release(session, storage, signer, ANA, version=version.ref, environment=environment)
    with pytest.raises(governance.SubjectRevoked):
        registry.approve_release(session, BEN, wanted.id, "fine")


def test_a_revocation_needs_a_reason(session: Session, storage: Storage, signer: Signer, version: ModelVersion) -> None:
    released = registry.release_to_sandbox(session, storage, signer, ANA, version.ref)
    with pytest.raises(governance.FactsInvalid):
        registry.revoke_release(session, BEN, released.id, "  ")
    with pytest.raises(registry.UnknownRelease):
        registry.revoke_release(session, BEN, "rel_nothing", "why not")


def test_the_database_itself_refuses_one_person_and_changed_history(
    session: Session, storage: Storage, signer: Signer, version: ModelVersion
) -> None:
    asked = registry.request_release(session, ANA, version=version.ref, environment="production")
    move = text("update registry.releases set status = 'approved', decided_by = :who where id = :id")
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(move, {"who": ANA.ref, "id": asked.id})
    with pytest.raises(IntegrityError, match="released_with_verdict"), session.begin_nested():
        session.execute(
            text("update registry.releases set status = 'released', decided_by = :who where id = :id"),
            {"who": BEN.ref, "id": asked.id},
        )
    released = registry.release_to_sandbox(session, storage, signer, ANA, version.ref)
    for change in ("status = 'requested', verdict = null", "environment = 'production'"):
        with pytest.raises(IntegrityError, match="closed release"), session.begin_nested():
            session.execute(text(f"update registry.releases set {change} where id = :id"), {"id": released.id})  # noqa: S608


def test_a_version_is_released_only_for_its_own_use_case(
    session: Session, storage: Storage, trained: TrainedModel, version: ModelVersion
) -> None:
    open_usecase(session, slug="churn")
    with pytest.raises(Denied) as caught:
        registry.request_release(session, ANA, version=version.ref, environment="sandbox", usecase="churn")
    assert caught.value.values["rule"] == "registry.own_usecase"


def test_a_version_without_a_use_case_needs_one_named(
    session: Session, storage: Storage, trained: TrainedModel, usecase: str
) -> None:
    version = keep(session, storage, trained, None)
    with pytest.raises(Invalid, match="for no use case"):
        registry.request_release(session, ANA, version=version.ref, environment="sandbox")
    asked = registry.request_release(session, ANA, version=version.ref, environment="sandbox", usecase=usecase)
    page = registry.list_releases(session, model="lead-scoring", status="requested")
    assert [release.id for release in page.items] == [asked.id]
    with pytest.raises(registry.ReleaseState, match="needs no approval"):
        registry.approve_release(session, BEN, asked.id, "fine")
