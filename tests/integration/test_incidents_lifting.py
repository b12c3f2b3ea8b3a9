"""What an incident stopped decides again when its corrective actions have ended, by another than who stopped it, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import collaboration, governance, identity, incidents, ledger, serving
from headway.incidents import Wanted
from headway.incidents.errors import ActionsOpen, IncidentInvalid, SamePerson, WrongState
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Resource
from headway.kernel.canonical import digest
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.registry.tables import ModelRow, VersionRow
from headway.serving import KeptStopped
from headway.serving.service import deployments
from headway.serving.tables import DeploymentRow
from tests.factories.governance import ANA, BEN, open_usecase
from tests.factories.inventory import deployment

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
BAD, ALSO_BAD, GOOD = digest("bad"), digest("also bad"), digest("good")
asked: list[tuple[str, str]] = []


def everything(action: str, resource: Resource) -> None:
    asked.append((action, resource.id))


@pytest.fixture(autouse=True)
def _verdicts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Verdicts hold here; whether they do is governance's, and tested there."""
    asked.clear()
    monkeypatch.setattr(deployments, "need_verdict", lambda *_: "ver_1")
    monkeypatch.setattr(deployments, "prove", lambda *_: None)
    with clock.fixed(NOW):
        yield


@pytest.fixture
def incident(session: Session) -> str:
    """An incident about the model's versions 1 and 2, at work in the sandbox and in production, and stopped by Ben in both."""
    open_usecase(session, slug="leads", title="Leads")
    session.execute(insert(ModelRow).values(name="scores", usecase="leads", created_by=ANA.ref, created_at=NOW))
    for number, bundle in ((1, BAD), (2, ALSO_BAD), (3, GOOD)):
        session.execute(
            insert(VersionRow).values(
                model="scores", version=number, digest=bundle, artefact=bundle, learner="logistic", run=f"run_{number}",
                usecase="leads", report={}, evidence=[], made_by=ANA.ref, created_at=NOW,
            )
        )  # fmt: skip
    for environment, release in (("sandbox", BAD), ("production", BAD), ("pilot", GOOD)):
        arms = [{"name": "champion", "release": release, "share": 1.0}]
        ends = NOW + timedelta(days=9) if environment == "sandbox" else None
        made = deployment(
            "leads", usecase="leads", environment=environment, release=release, arms=arms, id=f"dep_{environment}",
            expires_at=ends,
        )  # fmt: skip
        session.execute(insert(DeploymentRow).values(**made))
    wanted = Wanted(title="Off by ten", what="Scores are off by ten", concerns=("model:scores@1", "model:scores@2"))
    made_id = incidents.open_incident(session, ANA, wanted).id
    incidents.contain(session, BEN, made_id, "wrong scores", permit=everything)
    return made_id


def state(session: Session, environment: str) -> str:
    return serving.get_deployment(session, "leads", environment).state.value


def task(session: Session, incident: str) -> str:
    who = identity.add_person(session, ANA, name="Otto", email="otto@example.org").person
    about = Ref("incident", incident)
    return collaboration.create_task(session, ANA, title="Check the unit", subject=about, assignee=who.ref).id


def test_the_right_ones_were_stopped_and_the_incident_shows_by_whom(session: Session, incident: str) -> None:
    assert [state(session, one) for one in ("sandbox", "production", "pilot")] == ["suspended", "suspended", "active"]
    stops = incidents.view_incident(session, incident).stops
    assert {(one.environment, one.stopped_by, one.lifted_at) for one in stops} == {
        ("sandbox", BEN.ref, None), ("production", BEN.ref, None),
    }  # fmt: skip
    assert serving.get_deployment(session, "leads", "production").kept_by == (f"incident:{incident}",)


def test_until_it_is_lifted_nobody_resumes_it_or_puts_what_it_reaches_to_work(session: Session, incident: str) -> None:
    with pytest.raises(KeptStopped, match=incident):
        serving.resume(session, ANA, name="leads", environment="production", reason="it is fine")
    for name in ("leads", "leads-again"):
        for release, version in ((BAD, "1"), (ALSO_BAD, "2")):
            with pytest.raises(KeptStopped):
                deploy(session, name, release, version)
    # a version that it does not reach is how it is mended
    made = deploy(session, "leads", GOOD, "3")
    assert (made.state, made.kept_by) == ("active", ())
    planned = {one.environment: one for one in incidents.lifting_of(session, incident).lifts}
    assert "already, with model:scores@3" in planned["production"].why and planned["sandbox"].resumes


def deploy(session: Session, name: str, release: str, version: str) -> serving.Deployment:
    return serving.deploy(
        session, ANA, name=name, usecase="leads", version=Ref("model", "scores", version), subject_digest=release,
        environment="production", holdout_share=0.0, subject_field=None,
    )  # fmt: skip


def test_retiring_and_deploying_anew_is_no_way_around(session: Session, incident: str) -> None:
    serving.retire(session, ANA, name="leads", environment="production", reason="away with it")
    with pytest.raises(KeptStopped):
        deploy(session, "leads", BAD, "1")
    done = {one.environment: one for one in incidents.lift(session, ANA, incident, "mended", permit=everything)}
    assert done["production"].told == "it was retired since"
    assert deploy(session, "leads", BAD, "1").state == "active"


def test_open_corrective_actions_refuse_with_their_names(session: Session, incident: str) -> None:
    action = task(session, incident)
    assert incidents.lifting_of(session, incident).open_actions == ("Check the unit",)
    with pytest.raises(ActionsOpen, match="Check the unit"):
        incidents.lift(session, ANA, incident, "mended", permit=everything)
    assert state(session, "production") == "suspended"
    collaboration.end_task(session, ANA, action, state=collaboration.TaskState.done)
    incidents.lift(session, ANA, incident, "mended", permit=everything)
    assert state(session, "production") == "active"


def test_another_lifts_it_with_a_reason_and_the_ledger_tells(session: Session, incident: str) -> None:
    with pytest.raises(IncidentInvalid):
        incidents.lift(session, ANA, incident, " ", permit=everything)
    with pytest.raises(SamePerson):
        incidents.lift(session, BEN, incident, "mended", permit=everything)
    with pytest.raises(Denied):
        incidents.lift(session, SYSTEM, incident, "mended", permit=everything)

    def no_resuming(action: str, resource: Resource) -> None:
        if action == "deployment:resume":
            raise Denied(f"{action} on {resource.id}")

    with pytest.raises(Denied):
        incidents.lift(session, ANA, incident, "mended", permit=no_resuming)
    assert state(session, "sandbox") == "suspended", "nothing was done"
    asked.clear()
    done = incidents.lift(session, ANA, incident, "the unit is checked", permit=everything)
    assert {one.told for one in done} == {"it decides again, with model:leads@1"}
    assert ("incident:lift", incident) in asked and ("deployment:resume", "production/leads") in asked
    resumed = serving.get_deployment(session, "leads", "production")
    assert (resumed.state, resumed.kept_by, resumed.reason) == (
        "active", (), f"the unit is checked (incident {incident} lifted)",
    )  # fmt: skip
    [stop] = [one for one in incidents.view_incident(session, incident).stops if one.environment == "production"]
    assert (stop.lifted_by, stop.lifted_because) == (ANA.ref, "the unit is checked")
    entry = next(
        one for one in ledger.find(session, subject=f"incident:{incident}").items if one.type == "incident.lifted"
    )
    assert (entry.payload or {})["lifted"] == ["production/leads", "sandbox/leads"]
    with pytest.raises(WrongState, match="nothing is stopped"):
        incidents.lift(session, ANA, incident, "again", permit=everything)


def test_whom_it_stays_with_is_kept_by_the_table_too(session: Session, incident: str) -> None:
    lifted = "update incidents.stops set lifted_at = now(), lifted_because = 'x', told = 'x', lifted_by = '{}' where environment = '{}'"
    for who, match in ((BEN.ref, "lifted_by_another"), ("service:x", "lifted_by_a_person")):
        with pytest.raises(IntegrityError, match=match), session.begin_nested():
            session.execute(text(lifted.format(who, "production")))
    session.execute(text(lifted.format(BEN.ref, "sandbox")))
    for change in (
        "update incidents.stops set reason = 'x'",
        lifted.format(ANA.ref, "sandbox"),
        "delete from incidents.stops",
    ):
        with pytest.raises(IntegrityError, match="only lifted, once"), session.begin_nested():
            session.execute(text(change))


def test_what_has_no_verdict_any_more_stays_and_says_so(
    session: Session, incident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_session: Session, _digest: str, environment: str, _now: datetime) -> str:
        if environment == "production":
            raise serving.NoVerdict("the verdict for production ended")
        return "ver_1"

    monkeypatch.setattr(deployments, "need_verdict", ended)
    done = {one.environment: one.told for one in incidents.lift(session, ANA, incident, "mended", permit=everything)}
    assert done["production"] == "it stays suspended: the verdict for production ended"
    assert (state(session, "production"), state(session, "sandbox")) == ("suspended", "active")
    assert serving.get_deployment(session, "leads", "production").kept_by == ()


def test_an_incident_about_all_that_a_name_decides_lets_no_release_take_it(session: Session) -> None:
    open_usecase(session, slug="leads", title="Leads")
    arms = [{"name": "champion", "release": BAD, "share": 1.0}]
    session.execute(insert(DeploymentRow).values(**deployment("leads", usecase="leads", release=BAD, arms=arms)))
    wanted = Wanted(title="Off by ten", what="Scores are off by ten", concerns=("deployment:production/leads",))
    made = incidents.open_incident(session, ANA, wanted).id
    incidents.contain(session, BEN, made, "wrong scores", permit=everything)
    with pytest.raises(KeptStopped):
        deploy(session, "leads", GOOD, "3")
    assert deploy(session, "other", GOOD, "3").state == "active"
    governance.get_usecase(session, "leads")
    incidents.lift(session, ANA, made, "mended", permit=everything)
    assert state(session, "production") == "active"
