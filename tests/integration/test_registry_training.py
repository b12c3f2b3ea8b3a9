"""Training on a registered data product: the job, the lake's tag, and the public data set that is known best."""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl
import pytest

from headway import catalog, governance, registry
from headway.kernel.errors import HeadwayError, Invalid, NotFound
from headway.kernel.web import Parts
from headway.registry.entities import TrainedModel, TrainingSpec
from tests.factories.governance import ANA, open_usecase
from tests.factories.training import contract, leads

BANK = Path(__file__).resolve().parents[3] / "shared" / "data" / "lead-scoring-bank-marketing"


@pytest.fixture
def product(parts: Parts, tmp_path: Path) -> str:
    """Leads as a product of the sales department, with a use case."""
    source = tmp_path / "leads.csv"
    leads().write_csv(source)
    with parts.database.session() as session:
        open_usecase(session)
        made = catalog.register_product(
            session,
            ANA,
            parts.storage,
            catalog.lake_of(parts),
            source=source,
            filename="leads.csv",
            department="sales",
            name="leads",
            label="won",
            positive="yes",
        )
    return made.product.slug


def plan(parts: Parts, **wish: object) -> TrainingSpec:
    with parts.database.session() as session:
        return registry.plan_training(session, registry.TrainingWish(**wish))  # type: ignore[arg-type]  # made of words


def test_what_is_not_said_comes_from_the_contract(parts: Parts, product: str) -> None:
    made = plan(parts, product=product, usecase="lead-scoring")
    assert (made.name, made.label, made.positive) == ("lead-scoring", "won", "yes")
    assert made.snapshot is not None
    assert plan(parts, product=product).name == "leads"
    with pytest.raises(NotFound):
        plan(parts, product="sales.nothing")
    with pytest.raises(NotFound):
        plan(parts, product=product, usecase="nothing")


def test_the_job_trains_and_keeps_a_version_of_the_snapshot(parts: Parts, product: str) -> None:
    parts.jobs.define("training", registry.training_job)
    made = plan(parts, product=product, usecase="lead-scoring")
    result = parts.jobs.run_now("training", {"spec": msgspec.to_builtins(made), "usecase": "lead-scoring"}, ANA)
    assert result["version"] == "model:lead-scoring@1"
    with parts.database.session() as session:
        run = registry.get_run(session, result["run"])
        snapshot = catalog.get_snapshot(session, made.snapshot or "")
        evidence = governance.list_evidence(session, subject_digest=result["digest"], type="dataset_card").items
        quality = governance.list_evidence(session, subject_digest=snapshot.digest, type="data_quality_report").items
    assert (run.product, run.snapshot, run.usecase) == (product, made.snapshot, "lead-scoring")
    assert evidence[0].facts["data_digest"] == snapshot.digest
    assert len(quality) == 1, "a gate finds the quality of the data through the dataset card"
    tags = [tag for found in catalog.lake_of(parts).snapshots(snapshot.table) for tag in found.tags]
    assert f"training-{run.id}" in tags


def test_a_step_that_runs_twice_trains_once(parts: Parts, product: str) -> None:
    made = plan(parts, product=product)
    first = registry.train_product(parts, ANA, usecase=None, spec=made, run_id="run-1")
    second = registry.train_product(parts, ANA, usecase=None, spec=made, run_id="run-1")
    assert second == first
    with parts.database.session() as session:
        assert len(registry.list_runs(session).items) == 1


def test_a_training_that_fails_leaves_nothing_behind(parts: Parts, product: str) -> None:
    made = plan(parts, product=product, label="channel")
    with pytest.raises(HeadwayError, match="3 values"):
        registry.train_product(parts, ANA, usecase=None, spec=made)
    with parts.database.session() as session:
        assert registry.list_models(session).items == ()
        assert registry.list_runs(session).items == ()
    assert list(parts.storage.list("bundles")) == []


def test_a_snapshot_of_another_product_is_refused(parts: Parts, product: str) -> None:
    with pytest.raises((Invalid, NotFound)):
        plan(parts, product=product, snapshot="snp_of_another")


# --- bank marketing ----------------------------------------------------------------------------------------------


def bank(**changes: object) -> TrainedModel:
    path = BANK / "bank_additional_full.parquet"
    if not path.exists():
        pytest.skip("the public data sets are not beside the project (../shared/data)")
    frame = pl.read_parquet(path)
    wanted = TrainingSpec(**({"name": "lead-scoring", "label": "y", "resamples": 100} | changes))  # type: ignore[arg-type]
    return registry.train(frame, contract(frame), wanted)


@pytest.mark.e2e
def test_bank_marketing_without_duration_reaches_the_figure_of_the_field() -> None:
    made = bank(exclude=("duration",))
    assert made.metrics.roc_auc >= 0.8
    assert made.learner == "lightgbm"
    assert made.believable
    assert made.calibration.kind == "none"
    assert {s.severity for s in made.suspects} <= {"note"}
    assert made.parity.passed


@pytest.mark.e2e
def test_bank_marketing_names_duration_and_nothing_silly() -> None:
    made = bank()
    strong = [suspect.column for suspect in made.suspects if suspect.severity != "note"]
    assert strong == ["duration"]
    assert made.suspects[0].kind == "carries_signal"
    assert not made.believable


@pytest.mark.e2e
def test_bank_marketing_in_order_of_time_tells_how_much_lower_the_truth_is() -> None:
    made = bank(exclude=("duration",), ordered=True)
    assert made.comparison is not None
    assert made.comparison.random_auc >= 0.78
    assert made.comparison.drop > 0.05
    assert any(warning.startswith("In order of time the AUC is") for warning in made.warnings)
    assert {s.column for s in made.suspects if s.kind == "moves_with_time"} >= {"euribor3m", "emp.var.rate"}
