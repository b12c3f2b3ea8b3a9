"""Every way from what an incident concerns to decisions: snapshot, contract, column, alert; each counted a second way."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from headway import catalog, incidents, runtime
from headway.catalog.tables import ContractRow, ProductRow, SnapshotRow
from headway.incidents import Wanted
from headway.incidents.errors import IncidentInvalid
from headway.incidents.service import affecting
from headway.kernel import clock
from headway.kernel.canonical import digest
from headway.kernel.database import Database
from headway.kernel.storage import Storage
from headway.monitoring.tables import AlertRow
from headway.registry.tables import ModelRow, RunRow, VersionRow
from headway.serving import columns
from headway.serving.tables import DeploymentRow
from tests.factories.governance import ANA, open_usecase
from tests.factories.inventory import deployment
from tests.factories.releases import CONTRACT, DRAFT, FEATURES, make_files

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)
WHAT = "A batch of rows was off by a factor of ten"


def bundle(number: int, *, drop: str | None = None, contract: dict[str, object] | None = None) -> runtime.Bundle:
    """A bundle that does not read a column, or was made under another contract."""
    features = tuple(one for one in FEATURES if one.column != drop)
    model = replace(DRAFT.model, version=str(number))
    files = make_files() if contract is None else make_files(contract_json=contract)
    reference = {name: value for name, value in DRAFT.explanation.reference.items() if name != drop}
    explained = replace(DRAFT.explanation, reference=reference)
    return runtime.pack_bundle(files, replace(DRAFT, model=model, features=features, explanation=explained))


OTHER_CONTRACT = {**CONTRACT, "version": "2.0.0"}
BUNDLES = {
    1: bundle(1),
    2: bundle(2, drop="job"),
    3: bundle(3, contract=OTHER_CONTRACT),
    4: bundle(4),
}
SNAPSHOT = {1: "snp_old", 2: "snp_old", 3: "snp_new", 4: "snp_new"}
RELEASE = {number: one.subject for number, one in BUNDLES.items()}


def planted(seed: int) -> list[dict[str, Any]]:
    dice, rows = Random(seed), []
    for number in range(600):
        at = START + timedelta(minutes=dice.randrange(60 * 24 * 60))
        version = dice.choice([1, 2, 3, 4, None])
        rows.append({
            **dict.fromkeys(columns.SCHEMAS[columns.DECISIONS].names),
            "id": f"dec_{number:06}", "at": at, "environment": "production", "deployment": f"leads-{version or 1}",
            "release": RELEASE[version] if version else None, "arm": "champion" if version else "hold_out", "action": "call",
            "flags": "[]", "node": "n", "segment": "s", "seq": number, "epoch": 1, "principal": "service:crm",
        })  # fmt: skip
    return rows


ROWS = planted(11)


@pytest.fixture
def lake(session: Session, database: Database, storage: Storage) -> catalog.Lake:
    """One data product with two snapshots, four versions in four deployments, and what they decided."""
    open_usecase(session, slug="leads", title="Leads")
    body = {
        "version": "1.0.0",
        "schema": [{"name": "t", "properties": [{"name": one} for one in ("age", "job", "since")]}],
    }
    by = {"created_at": START}
    hashed = digest("contract")
    session.execute(
        insert(ProductRow).values(
            slug="sales.leads", name="Leads", department="sales", contract_digest=hashed, snapshot_id="snp_new",
            registered_by=ANA.ref, updated_at=START, **by,
        )
    )  # fmt: skip
    made_by = {"product": "sales.leads", "digest": hashed, "version": "1.0.0", "made_by": ANA.ref}
    session.execute(insert(ContractRow).values(body=body, **made_by, **by))
    session.execute(insert(ModelRow).values(name="scores", usecase="leads", created_by=ANA.ref, **by))
    for name in ("snp_old", "snp_new"):
        session.execute(
            insert(SnapshotRow).values(
                id=name, product="sales.leads", digest=digest(name), lake_table="t", iceberg_snapshot_id=1, tag=name, mode="replace",
                file_key="k", file_digest=digest(name), filename="f.csv", file_kind="csv", rows=9, notes=[],
                created_by=ANA.ref, **by,
            )
        )  # fmt: skip
    for number, made in BUNDLES.items():
        _version(session, storage, number, made)
    lake = catalog.Lake(database, storage.url)
    lake.append(columns.DECISIONS, columns.table_of(columns.DECISIONS, ROWS), {})
    return lake


def _version(session: Session, storage: Storage, number: int, made: runtime.Bundle) -> None:
    for path, data in made.objects.items():
        storage.ensure(runtime.object_key(made.subject, path), data)
    known = {"model": "scores", "version": number, "usecase": "leads", "made_by": ANA.ref, "created_at": START}
    session.execute(
        insert(VersionRow).values(
            digest=made.subject, artefact=digest(f"a{number}"), learner="logistic", run=f"run_{number}", report={},
            evidence=[], **known,
        )
    )  # fmt: skip
    session.execute(
        insert(RunRow).values(
            id=f"run_{number}", product="sales.leads", snapshot=SNAPSHOT[number], learner="logistic", settings={},
            metrics={}, digests={}, **known,
        )
    )  # fmt: skip
    name, arms = f"leads-{number}", [{"name": "champion", "release": made.subject, "share": 0.9}]
    row = deployment(name, usecase="leads", release=made.subject, arms=arms, id=f"dep_{number}", created_at=START)
    session.execute(insert(DeploymentRow).values(**row))


def about(session: Session, storage: Storage, *concerns: str, **told: Any) -> str:
    wanted = Wanted(title="Off by ten", what=WHAT, concerns=concerns, **told)
    with clock.fixed(NOW):
        return incidents.open_incident(session, ANA, wanted, storage).id


def ids_of(test: Callable[[dict[str, Any]], bool]) -> list[str]:
    return [row["id"] for row in sorted(ROWS, key=lambda row: (row["at"], row["id"])) if test(row)]


def of_versions(*numbers: int) -> list[str]:
    wanted = {RELEASE[one] for one in numbers}
    return ids_of(lambda row: row["release"] in wanted)


@pytest.mark.parametrize(
    ("concern", "versions", "way"),
    [
        ("snapshot:snp_old", (1, 2), "snapshot:snp_old > run:run_1 > model:scores@1"),
        ("snapshot:snp_new", (3, 4), "snapshot:snp_new > run:run_3 > model:scores@3"),
        (f"product:sales.leads@{digest('snp_old')}", (1, 2), "product:sales.leads@"),
        ("column:sales.leads/job", (1, 3, 4), "column:sales.leads/job > run:run_1 > model:scores@1"),
        ("column:sales.leads/age", (1, 2, 3, 4), "column:sales.leads/age > "),
        (f"contract:{BUNDLES[3].release.contract_digest}", (3,), "contract:"),
        (f"contract:{BUNDLES[1].release.contract_digest}", (1, 2, 4), "contract:"),
        ("contract:sha256-" + "1" * 64, (), ""),
    ],
)
def test_a_way_finds_every_decision_and_no_other(  # noqa: PLR0917  a case a parameter
    session: Session, lake: catalog.Lake, storage: Storage, concern: str, versions: tuple[int, ...], way: str
) -> None:
    incident = about(session, storage, concern)
    with clock.fixed(NOW):
        made = incidents.count_affected(session, lake, ANA, incident, storage)
        data = incidents.write_affected(session, lake, ANA, incident, "parquet", storage, allow=lambda _: None)
    listed = pl.read_parquet(io.BytesIO(data))
    assert listed["id"].to_list() == of_versions(*versions)
    assert made.found.decisions == listed.height and (listed.height > 100) == bool(versions)
    assert incidents.get_incident(session, incident).usecases == (("leads",) if versions else ())
    assert listed.filter(pl.col("found_by_release").is_null()).height == 0
    if versions:
        assert any(one.startswith(way) for one in listed["found_by_release"].unique())
        assert {one.rpartition("model:scores@")[2] for one in listed["found_by_release"]} == set(map(str, versions))
    assert listed["found_by_deployment"].null_count() == listed["found_by_decision"].null_count() == listed.height


def test_a_bundle_that_cannot_be_read_counts_for_a_column_and_is_never_assumed_clean(
    session: Session, lake: catalog.Lake, storage: Storage
) -> None:
    storage.replace(runtime.object_key(RELEASE[2], "release.json"), b"{}")
    incident = about(session, storage, "column:sales.leads/job")
    with clock.fixed(NOW):
        found = incidents.count_affected(session, lake, ANA, incident, storage).found
    assert found.decisions == len(of_versions(1, 2, 3, 4))


def test_the_workbook_says_of_each_decision_by_what_it_was_found(
    session: Session, lake: catalog.Lake, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    single = of_versions(3)[0]
    incident = about(session, storage, "run:run_1", "deployment:production/leads-1", f"decision:{single}")
    with clock.fixed(NOW):
        data = incidents.write_affected(session, lake, ANA, incident, "xlsx", storage, allow=lambda _: None)
    rows = pl.read_excel(io.BytesIO(data)).to_dicts()
    by = {row["decision"]: row for row in rows}
    whole = ids_of(lambda row: row["release"] == RELEASE[1] or row["deployment"] == "leads-1")
    assert list(by) == sorted(
        [*whole, single], key=lambda name: next((r["at"], r["id"]) for r in ROWS if r["id"] == name)
    )
    held = ids_of(lambda row: row["release"] is None)[0]
    first = of_versions(1)[0]
    assert by[first]["found by its release"] == "run:run_1 > model:scores@1"
    assert (
        by[first]["found by its deployment"] == by[held]["found by its deployment"] == "deployment:production/leads-1"
    )
    assert by[held]["found by its release"] is None and by[single]["named itself"] == f"decision:{single}"
    assert "subject" not in rows[0]
    monkeypatch.setattr(affecting, "MOST_ROWS", 5)
    with pytest.raises(IncidentInvalid, match="more than a workbook holds"), clock.fixed(NOW):
        incidents.write_affected(session, lake, ANA, incident, "xlsx", storage, allow=lambda _: None)


def test_an_alert_opens_an_incident_about_the_release_that_it_names(
    session: Session, lake: catalog.Lake, storage: Storage
) -> None:
    session.execute(
        insert(AlertRow).values(
            id="alr_1", environment="production", deployment="leads-2", release=RELEASE[2], usecase="leads",
            version="model:scores@2", kind="unseen", severity="warning", state="open", since=date(2026, 3, 9),
            noticed_on=date(2026, 3, 12), last_seen=date(2026, 3, 12), quiet_days=0, is_over=False, columns=["job"], evidence={},
            opened_at=NOW,
        )
    )  # fmt: skip
    incident = about(session, storage, alert="alr_1")
    made = incidents.get_incident(session, incident)
    assert (made.alert, made.concerns, made.usecases) == ("alr_1", ("alert:alr_1",), ("leads",))
    with clock.fixed(NOW):
        found = incidents.count_affected(session, lake, ANA, incident, storage)
    assert found.found.decisions == len(of_versions(2)) and [one.way for one in found.reached] == [
        ("alert:alr_1", "model:scores@2")
    ]
    with pytest.raises(IncidentInvalid, match="alr_none"):
        about(session, storage, alert="alr_none")


def test_what_a_way_does_not_lead_to_is_refused_with_its_name(
    session: Session, lake: catalog.Lake, storage: Storage
) -> None:
    for concern in ("snapshot:snp_none", "column:sales.leads/wage", "column:none/age", "run:run_9", "product:none"):
        with pytest.raises(IncidentInvalid, match=r"none|wage|run_9"):
            about(session, storage, concern)
