"""Decisions that an incident touched are found, every one: planted in files of the lake and counted apart, in Python."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from headway import catalog, collaboration, identity, incidents, serving
from headway.incidents import Wanted
from headway.incidents.errors import IncidentInvalid, WrongState
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.canonical import digest
from headway.kernel.database import Database
from headway.kernel.errors import Denied
from headway.kernel.ids import Ref
from headway.kernel.storage import Storage
from headway.registry.tables import ModelRow, RunRow, VersionRow
from headway.serving import columns
from headway.serving.tables import DeploymentRow
from tests.factories.governance import ANA, BEN, open_usecase
from tests.factories.inventory import deployment

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)
BAD, GOOD, OTHER = digest("bad bundle"), digest("good bundle"), digest("another bundle")
WHAT = "A batch of rows was off by a factor of ten"


def versions(session: Session) -> None:
    """Versions 1 and 3 of a model learnt from the bad snapshot of the product, version 2 from a good one."""
    session.execute(insert(ModelRow).values(name="scores", usecase="leads", created_by=ANA.ref, created_at=START))
    for number, bundle, snapshot in ((1, BAD, "snp_bad"), (2, GOOD, "snp_good"), (3, OTHER, "snp_bad")):
        session.execute(
            insert(VersionRow).values(
                model="scores", version=number, digest=bundle, artefact=digest(f"a{number}"), learner="logistic",
                run=f"run_{number}", usecase="leads", report={}, evidence=[], made_by=ANA.ref, created_at=START,
            )
        )  # fmt: skip
        session.execute(
            insert(RunRow).values(
                id=f"run_{number}", model="scores", version=number, usecase="leads", product="sales.leads",
                snapshot=snapshot, learner="logistic", settings={}, metrics={}, digests={}, made_by=ANA.ref, created_at=START,
            )
        )  # fmt: skip


def place(session: Session, name: str, usecase: str, release: str, **changes: Any) -> None:
    arms = [{"name": "champion", "release": release, "share": 0.8}, {"name": "hold_out", "release": None, "share": 0.2}]
    made = deployment(name, usecase=usecase, release=release, created_at=START, arms=arms, **changes)
    session.execute(insert(DeploymentRow).values(**made))


def rows_of(count: int, seed: int) -> list[dict[str, Any]]:
    """Decisions of three deployments by three releases and a hold-out, at random over sixty days."""
    dice, found = Random(seed), []
    for number in range(count):
        release = dice.choice([BAD, GOOD, None])
        found.append({
            **dict.fromkeys(columns.SCHEMAS[columns.DECISIONS].names),
            "id": f"dec_{seed}{number:06}", "at": START + timedelta(minutes=dice.randrange(60 * 24 * 60)),
            "environment": dice.choice(["pilot", "production"]), "deployment": dice.choice(["leads", "calls", "quotes"]),
            "release": release, "arm": "champion" if release else "hold_out", "band": dice.choice(["high", "low", None]),
            "action": dice.choice(["call", "wait"]), "score": dice.random() if release else None,
            "flags": "[]", "node": "n", "segment": "s", "seq": number, "epoch": 1, "principal": "service:crm",
        })  # fmt: skip
    return found


def put(lake: catalog.Lake, rows: list[dict[str, Any]], *, erased: Collection[str] = ()) -> None:
    lake.append(columns.DECISIONS, columns.table_of(columns.DECISIONS, rows), {})
    sides = [
        {
            **dict.fromkeys(columns.SCHEMAS[columns.INPUTS].names),
            **{name: row[name] for name in ("id", "at", "environment", "deployment")},
            "subject": f"s-{int(row['id'][-3:]) % 97}",
        }
        for row in rows
        if row["id"] not in erased
    ]
    lake.append(columns.INPUTS, columns.table_of(columns.INPUTS, sides), {})


ROWS = [*rows_of(700, 1), *rows_of(500, 2)]
LATER = rows_of(200, 3)
ERASED = {row["id"] for row in ROWS[::10]}


@pytest.fixture
def lake(session: Session, database: Database, storage: Storage) -> catalog.Lake:
    """Two use cases in two departments; one serves the bad version in two deployments, the other in one."""
    open_usecase(session, slug="leads", title="Leads")
    open_usecase(session, slug="quotes", title="Quotes")
    versions(session)
    for environment in ("pilot", "production"):
        place(session, "leads", "leads", BAD, environment=environment, id=f"dep_l{environment}")
        place(session, "calls", "leads", GOOD, environment=environment, id=f"dep_c{environment}")
        place(session, "quotes", "quotes", BAD, environment=environment, id=f"dep_q{environment}", state="suspended")
    made = catalog.Lake(database, storage.url)
    put(made, ROWS[:700], erased=ERASED)
    put(made, ROWS[700:], erased=ERASED)
    return made


def about(session: Session, *concerns: str, **told: Any) -> str:
    with clock.fixed(NOW):
        return incidents.open_incident(
            session, ANA, Wanted(title="Off by ten", what=WHAT, concerns=concerns, **told)
        ).id


def counted(session: Session, lake: catalog.Lake, incident: str) -> incidents.Affected:
    with clock.fixed(NOW):
        return incidents.count_affected(session, lake, ANA, incident)


def truth(test: Any, rows: list[dict[str, Any]] = ROWS) -> list[dict[str, Any]]:
    return [row for row in rows if test(row)]


def by(found: incidents.Affected, kind: str) -> dict[str | None, int]:
    return {one.value: one.decisions for one in found.found.counts if one.kind == kind}


def test_every_decision_of_a_version_is_found_wherever_it_decided(session: Session, lake: catalog.Lake) -> None:
    made = counted(session, lake, about(session, "run:run_1"))
    bad = truth(lambda row: row["release"] == BAD)
    known = {f"s-{int(row['id'][-3:]) % 97}" for row in bad if row["id"] not in ERASED}
    assert made.found.decisions == len(bad) > 300
    assert made.found.subjects == len(known)
    assert made.found.without_subject == sum(row["id"] in ERASED for row in bad) > 20
    assert made.found.beside == len(ROWS) - len(bad), "all deployments served it; the rest was not touched"
    assert (made.found.first, made.found.last) == (min(row["at"] for row in bad), max(row["at"] for row in bad))
    for kind, of in (("band", "band"), ("action", "action"), ("arm", "arm")):
        values = {row[of] for row in bad}
        assert by(made, kind) == {value: sum(row[of] == value for row in bad) for value in values}
    assert by(made, "deployment") == Counter(f"{row['environment']}/{row['deployment']}" for row in bad)
    assert by(made, "usecase")["quotes"] == len(truth(lambda row: row["deployment"] == "quotes", bad))
    assert [one.way for one in made.reached] == [("run:run_1", "model:scores@1")]


def test_from_a_data_product_through_its_runs_and_only_in_the_time(session: Session, lake: catalog.Lake) -> None:
    since, until = START + timedelta(days=10), START + timedelta(days=20)
    made = counted(session, lake, about(session, "model:scores", started_at=since, ended_at=until))
    expected = truth(lambda row: row["release"] in (BAD, GOOD, OTHER) and since <= row["at"] <= until)
    assert made.found.decisions == len(expected) > 50
    assert {one.ref for one in made.reached} == {BAD, GOOD, OTHER}


def test_a_whole_deployment_counts_with_its_hold_out(session: Session, lake: catalog.Lake) -> None:
    made = counted(session, lake, about(session, "deployment:production/leads"))
    there = truth(lambda row: (row["environment"], row["deployment"]) == ("production", "leads"))
    assert made.found.decisions == len(there) and by(made, "arm")["hold_out"] > 0 and made.found.beside == 0
    case = counted(session, lake, about(session, "usecase:leads"))
    assert case.found.decisions == len(truth(lambda row: row["deployment"] in ("leads", "calls")))
    one = counted(session, lake, about(session, f"decision:{ROWS[5]['id']}"))
    assert (one.found.decisions, one.found.beside > 0) == (1, True)


def test_a_name_that_was_used_again_belongs_to_whoever_had_it_then(session: Session, lake: catalog.Lake) -> None:
    turn = START + timedelta(days=30)
    session.execute(text("update serving.deployments set state = 'retired' where id = 'dep_lproduction'"))
    arms = [{"name": "champion", "release": GOOD, "share": 1.0}]
    again = deployment("leads", usecase="quotes", environment="production", release=GOOD, id="dep_new", arms=arms)
    session.execute(insert(DeploymentRow).values(**{**again, "created_at": turn}))
    made = counted(session, lake, about(session, "usecase:quotes"))
    expected = truth(
        lambda row: (
            row["deployment"] == "quotes"
            or (row["deployment"] == "leads" and row["environment"] == "production" and row["at"] >= turn)
        )
    )
    assert made.found.decisions == len(expected)


def test_decisions_that_arrive_later_are_found_by_counting_anew(session: Session, lake: catalog.Lake) -> None:
    incident = about(session, "model:scores@1")
    first = counted(session, lake, incident)
    assert not incidents.is_stale(lake, first)
    put(lake, LATER)
    assert incidents.is_stale(lake, first)
    second = counted(session, lake, incident)
    assert second.found.decisions == first.found.decisions + len(truth(lambda row: row["release"] == BAD, LATER))
    assert incidents.latest_affected(session, incident) == second
    with pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("delete from incidents.affected"))


def test_the_list_holds_every_one_and_subjects_only_when_asked(
    session: Session, lake: catalog.Lake, tmp_path: Any
) -> None:
    incident = about(session, "model:scores@1")
    bad = truth(lambda row: row["release"] == BAD)
    told: list[Collection[str | None]] = []
    data = incidents.write_affected(session, lake, ANA, incident, "csv", allow=told.append)
    listed = list(csv.DictReader(io.StringIO(data.decode())))
    assert [row["id"] for row in listed] == [row["id"] for row in sorted(bad, key=lambda row: (row["at"], row["id"]))]
    assert "subject" not in listed[0] and set(told[0]) == {"sales"}
    whole = incidents.write_affected(session, lake, ANA, incident, "parquet", allow=lambda _: None, with_subjects=True)
    frame = pl.read_parquet(io.BytesIO(whole))
    assert frame.height == len(bad) and frame["subject"].null_count() == sum(row["id"] in ERASED for row in bad)

    def refuse(departments: Collection[str | None]) -> None:
        raise Denied(f"not {departments}")

    with pytest.raises(Denied):
        incidents.write_affected(session, lake, ANA, incident, "csv", allow=refuse)


def test_nothing_concerned_is_refused_and_an_empty_lake_has_none(
    session: Session, database: Database, storage: Storage
) -> None:
    empty = catalog.Lake(database, storage.url)
    with pytest.raises(IncidentInvalid, match="nobody has said"):
        counted(session, empty, about(session))
    open_usecase(session, slug="leads", title="Leads")
    assert counted(session, empty, about(session, "usecase:leads")).found.decisions == 0


def test_stopping_stops_what_it_reaches_and_says_what_stays(session: Session, lake: catalog.Lake) -> None:
    incident = about(session, "run:run_1")
    planned = incidents.containment_of(session, incident)
    assert {(one.environment, one.deployment) for one in planned.stops} == {("pilot", "leads"), ("production", "leads")}
    why = {(one.environment, one.deployment): one.why for one in planned.stays}
    assert "another version" in why["production", "calls"] and "suspended already" in why["pilot", "quotes"]

    def nobody(action: str, resource: Resource) -> None:
        raise Denied(f"{action} on {resource.id}")

    with pytest.raises(Denied):
        incidents.contain(session, BEN, incident, "stop it", permit=nobody)
    assert serving.get_deployment(session, "leads", "production").state == "active"
    asked: list[str] = []
    with clock.fixed(NOW):
        done = incidents.contain(session, BEN, incident, "wrong data", permit=lambda action, of: asked.append(of.id))
    assert sorted(asked) == ["pilot/leads", "production/leads"] and len(done.stops) == 2
    stopped = serving.get_deployment(session, "leads", "production")
    assert (stopped.state, stopped.reason) == ("suspended", f"wrong data (incident {incident})")
    assert serving.get_deployment(session, "calls", "production").state == "active"
    assert incidents.get_incident(session, incident).state == "contained"
    assert incidents.containment_of(session, incident).stops == ()


def test_tasks_on_an_incident_are_its_corrective_actions(session: Session, lake: catalog.Lake) -> None:
    incident = about(session, "run:run_1", severity=incidents.Severity.low, harm=())
    with clock.fixed(NOW):
        who = identity.add_person(session, ANA, name="Otto", email="otto@example.org").person
        about_it = Ref("incident", incident)
        task = collaboration.create_task(
            session, ANA, title="Check the unit in the contract", subject=about_it, assignee=who.ref, due_on=NOW.date()
        )
        incidents.update_incident(session, ANA, incident, {"cause": "a unit was changed in the source"})
        assert (
            "end the corrective action: Check the unit in the contract"
            in incidents.view_incident(session, incident).before_closing
        )
        with pytest.raises(WrongState, match="Check the unit"):
            incidents.mark_corrected(session, ANA, incident, "mended")
        due = {one.name: one for one in incidents.deadlines(session)}
        assert (due[task.id].kind, due[task.id].owner, due[task.id].what) == ("action", who.ref, task.title)
        collaboration.end_task(session, ANA, task.id, state=collaboration.TaskState.done)
        assert incidents.mark_corrected(session, ANA, incident, "mended").state == "corrected"
