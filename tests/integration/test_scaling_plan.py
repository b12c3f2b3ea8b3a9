"""A plan to take a use case to another region: from its file to the check of its forecast, on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from headway import catalog, governance, ledger, scaling
from headway.kernel.canonical import sha256
from headway.kernel.crypto import Signer
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref
from headway.kernel.web import Parts
from tests.factories.planned import ACTOR, begun, piloted, planned, platform
from tests.factories.regions import Regions, regions


@pytest.fixture(scope="module")
def company() -> Regions:
    return regions(5, rows=9_000)


@pytest.fixture(scope="module")
def ready(
    postgres_url: str,
    migrated_template: str,
    signer: Signer,
    company: Regions,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("scaling")
    with platform(postgres_url, migrated_template, signer, folder) as parts:
        yield piloted(parts, company, folder)


def test_a_plan_without_labels_maps_and_forecasts_and_labels_confirm_it(
    ready: Parts, company: Regions, tmp_path: Path
) -> None:
    parts, outcome = ready, company.columns["converted"]
    plan = planned(parts, company.south.drop(outcome), tmp_path)
    assert plan.state == "done" and plan.result is not None and plan.check is not None
    result = plan.result
    found = {one["ours"]: one["theirs"] for one in result["mapping"]["pairs"]}
    assert found == {name: company.columns[name] for name in found if name != "converted"} | {"converted": None}
    assert result["forecast"]["low"] < result["forecast"]["auc"] < result["forecast"]["high"]
    assert "cannot be seen without labels" in result["forecast"]["assumption"]
    assert plan.check["state"] == "waiting" and plan.check["more"] > 20
    assert result["proposal"]["is_measured"] is False
    labels = {one["name"]: one["state"] for one in result["readiness"]}
    assert labels["columns"] == "ok" and labels["labels"] == "doubt"
    assert labels["quality"] == "ok"  # the regions number their leads in ways of their own

    asked = tmp_path / "labels.csv"
    with parts.database.session() as session:
        wanted = scaling.rows_to_label(session, parts.storage, plan.id, limit=300)
    truth = company.south[outcome].to_list()
    wanted.with_columns(pl.Series("outcome", [truth[row - 1] for row in wanted["row"]])).write_csv(asked)
    with parts.database.session() as session:
        after = scaling.bring_labels(session, parts.storage, ACTOR, plan.id, path=asked, filename="labels.csv")
    assert after.check is not None and after.check["labels"] == 300
    assert after.check["state"] in ("stands", "open")
    with parts.database.session() as session:  # the same file again changes nothing
        again = scaling.bring_labels(session, parts.storage, ACTOR, plan.id, path=asked, filename="labels.csv")
        assert again.check == after.check and len(scaling.list_labels(session, plan.id)) == 1
        follow = scaling.rows_to_label(session, parts.storage, plan.id, limit=300)
    assert not set(follow["row"]) & set(wanted["row"])
    _kept_as_evidence(parts, plan)


def _kept_as_evidence(parts: Parts, plan: scaling.ScalePlan) -> None:
    kept_plan = parts.storage.get(f"scaling/{plan.id}/plan.json")
    assert sha256(kept_plan) == plan.digest and json.loads(kept_plan)["department"] == "sales-south"
    with parts.database.session() as session:
        [evidence] = [
            one
            for one in governance.list_evidence(session, subject=Ref.parse(plan.version)).items
            if one.type == "transfer_plan" and one.payload_digest == plan.digest
        ]
        assert evidence.payload_digest == plan.digest and evidence.producer == "service:scaling"
        said = [one.type for one in ledger.find(session, subject=Ref("scaleplan", plan.id)).items]
    assert sorted(said) == ["scaleplan.finished", "scaleplan.labelled", "scaleplan.started"]


def test_labels_in_the_file_choose_the_way(ready: Parts, company: Regions, tmp_path: Path) -> None:
    plan = planned(ready, company.south, tmp_path)
    assert plan.result is not None and plan.check is not None
    assert plan.result["proposal"]["is_measured"] is True
    assert {one["way"] for one in plan.result["comparison"]["tried"]} == {
        "reuse",
        "recalibrate",
        "fine_tune",
        "retrain",
    }
    realised, forecast = plan.result["realised"], plan.result["forecast"]
    assert realised["low"] < forecast["high"] and forecast["low"] < realised["high"]
    assert plan.check["labels"] == 1000


def test_a_person_says_what_no_name_tells(ready: Parts, company: Regions, tmp_path: Path) -> None:
    strange = company.south.rename({company.columns["company_size"]: "zzz"}).with_columns(pl.col("zzz") * 1000)
    plan = planned(ready, strange, tmp_path)
    assert plan.result is not None
    pair = next(one for one in plan.result["mapping"]["pairs"] if one["ours"] == "company_size")
    assert pair["theirs"] is None
    said = (scaling.ColumnSaid(ours="company_size", theirs="zzz", factor=0.001),)
    again = planned(ready, strange, tmp_path, columns=said)
    assert again.result is not None
    pair = next(one for one in again.result["mapping"]["pairs"] if one["ours"] == "company_size")
    assert (pair["theirs"], pair["by"], pair["factor"]) == ("zzz", "person", 0.001)
    assert pair["difference"] < 0.3


def test_a_column_that_is_not_there_fails_the_plan_and_says_so(ready: Parts, company: Regions, tmp_path: Path) -> None:
    said = (scaling.ColumnSaid(ours="company_size", theirs="nothing", factor=1.0),)
    with pytest.raises(Invalid, match="the file has no column 'nothing'"):
        planned(ready, company.south, tmp_path, columns=said)
    with ready.database.session() as session:
        [plan], _ = scaling.list_plans(session, limit=1)
        assert plan.state == "failed" and plan.error is not None
        assert not catalog.list_products(session, department="sales-south").items


def test_a_cancelled_job_ends_its_plan_and_a_retired_use_case_is_not_scaled(
    ready: Parts, company: Regions, tmp_path: Path
) -> None:
    started = begun(ready, company.south, tmp_path)
    with ready.database.session() as session:
        assert scaling.settle_plans(session, ready.jobs) == []
        ready.jobs.cancel(session, started.job)
    with ready.database.session() as session:
        [ended] = scaling.settle_plans(session, ready.jobs)
        assert (ended.id, ended.state) == (started.id, "failed")
        with pytest.raises(scaling.PlanNotReady):
            scaling.rows_to_label(session, ready.storage, started.id)
        with pytest.raises(scaling.UnknownPlan):
            scaling.get_plan(session, "scp_none")
    with pytest.raises(Invalid):
        begun(ready, company.south, tmp_path, department="Sales South")


def test_too_few_rows_and_strange_files_are_refused(ready: Parts, company: Regions, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="too few"):
        planned(ready, company.south.head(150), tmp_path)
    strange = pl.DataFrame({"x": [f"text {at} of nobody" for at in range(300)]})
    with pytest.raises(Invalid, match="none of the model's columns"):
        planned(ready, strange, tmp_path)
