"""A whole training run, from rows to a packed bundle, without a database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from headway import runtime
from headway.kernel.errors import Invalid
from headway.numerics import Calibration, FloatArray, Scores, calibrate
from headway.registry import parity
from headway.registry.entities import BandRule, PolicySpec, TrainedModel, TrainingSpec
from headway.registry.errors import BadPolicy, NothingToLearn, ParityFailed
from headway.registry.evidence import evidence_of
from headway.registry.train import fit_model
from tests.factories.training import CODE, contract, leads, spec


def train(frame: pl.DataFrame, wanted: TrainingSpec | None = None, **roles: str) -> TrainedModel:
    return fit_model(frame, contract(frame, roles), wanted or spec(), code=CODE)


@pytest.fixture(scope="module")
def plain() -> TrainedModel:
    return train(leads())


def test_equal_rows_settings_and_code_give_equal_bytes(plain: TrainedModel) -> None:
    again = train(leads())
    assert again.files == plain.files
    assert again.digests == plain.digests
    assert runtime.encode_release(again.release) == runtime.encode_release(plain.release)


@pytest.mark.parametrize(
    "other",
    [
        lambda: train(leads(seed=2)),
        lambda: train(leads(), spec(seed=8)),
        lambda: train(leads(), spec(exclude=("weight",))),
        lambda: fit_model(leads(), contract(leads()), spec(), code=replace(CODE, digest="sha256-" + "d" * 64)),
    ],
    ids=["rows", "seed", "settings", "code"],
)
def test_anything_else_gives_another_artefact(plain: TrainedModel, other: object) -> None:
    assert callable(other)
    assert other().digests.artefact != plain.digests.artefact


def test_the_snapshots_id_does_not_change_the_artefact(plain: TrainedModel) -> None:
    assert train(leads(), spec(snapshot="snp_1")).digests == plain.digests


def test_the_bundle_can_be_opened_and_scores_as_it_was_judged(plain: TrainedModel) -> None:
    bundle = runtime.pack_bundle(plain.files, plain.release)
    assert bundle.subject == plain.digests.artefact
    engine = runtime.load_engine(bundle.release, plain.files[bundle.release.model.path])
    compiled = runtime.compile_contract(json.loads(plain.files["contract.json"]), list(plain.features))
    batch = compiled.decode(b'{"visits": 6, "channel": "fair", "age": 51, "weight": 70.5, "is_customer": true}')
    record = json.loads(batch.input_json(0))
    rows = np.array([runtime.Encoder(bundle.release.features).row(record)[0]])
    scores = engine.score(rows, reasons=True)
    assert scores.contributions is not None
    assert scores.contributions.sum() == pytest.approx(scores.raw[0] - scores.base)
    assert 0 < calibrate(bundle.release.calibration, scores.raw)[0] < 1
    assert plain.parity.passed and plain.parity.edge_rows > 20


def test_the_model_finds_what_matters_and_says_so(plain: TrainedModel) -> None:
    assert 0.65 < plain.metrics.roc_auc < 0.9
    assert plain.importances[0].feature == "visits"
    noise = next(i for i in plain.importances if i.feature == "weight")
    assert noise.share < 0.1
    assert sum(i.share for i in plain.importances) == pytest.approx(1)
    assert plain.believable and plain.suspects == ()


def test_few_rows_of_a_linear_truth_take_the_simplest_learner(plain: TrainedModel) -> None:
    assert plain.learner == "logistic"
    assert "within one standard error" in plain.choice.reason
    assert plain.release.model.format == "additive-json"


def test_a_truth_that_is_no_line_takes_trees() -> None:
    frame = leads(4000)
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=4000), rng.normal(size=4000)
    won = rng.random(4000) < np.where(a * b > 0, 0.8, 0.1)
    made = train(frame.with_columns(a=pl.Series(a), b=pl.Series(b), won=pl.Series(np.where(won, "yes", "no"))))
    assert made.learner == "lightgbm"
    assert made.release.model.format == "lightgbm-text"
    assert made.parity.max_difference <= parity.TOLERANCE


def test_the_reference_row_is_the_usual_record(plain: TrainedModel) -> None:
    reference = plain.release.explanation.reference
    assert reference["channel"] == "web"
    assert reference["is_customer"] is False
    assert reference["visits"] == 4
    assert plain.release.explanation.reference_name == "median of the training rows"


def test_a_column_mostly_missing_is_missing_in_the_reference() -> None:
    frame = leads().with_columns(rarely=pl.when(pl.int_range(1200) % 3 == 0).then(pl.int_range(1200) % 7))
    assert train(frame).release.explanation.reference["rarely"] is None


def test_a_leak_makes_the_figures_unbelievable() -> None:
    frame = leads()
    won = (frame["won"] == "yes").cast(pl.Float64).to_numpy()
    leaked = frame.with_columns(seconds=pl.Series(won * 1.8 + np.random.default_rng(2).normal(0, 1, len(won))))
    made = train(leaked)
    assert not made.believable
    assert "seconds" in made.features, "the user decides, not the machine"
    assert made.warnings[0].startswith("Do not believe these figures yet: seconds")
    facts = {draft.type: draft.facts for draft in evidence_of(made, data_digest="d", card_digest="c")}
    assert facts["leakage_report"]["suspects_open"] == 1
    assert facts["leakage_report"]["open_columns"] == '["seconds"]'
    assert facts["eval_report"]["believable"] is False
    cleaned = train(leaked, spec(exclude=("seconds",)))
    assert cleaned.believable
    assert {e.column: e.by for e in cleaned.excluded} == {"seconds": "user"}


def test_identifiers_copies_and_dates_are_left_out_with_a_reason() -> None:
    frame = leads().with_columns(
        lead_id=pl.Series([f"L{n}" for n in range(1200)]),
        is_won=pl.col("won") == "yes",
        region=pl.lit("EU"),
        met_on=pl.lit(date(2026, 1, 1)),
    )
    made = train(frame)
    assert {e.column for e in made.excluded} == {"lead_id", "is_won", "region", "met_on"}
    assert {e.column: e.reason for e in made.excluded}["met_on"] == "columns of type date are not used as features"
    assert set(made.features) == {"visits", "channel", "age", "weight", "is_customer"}
    assert made.believable


def test_the_contracts_roles_are_not_features() -> None:
    frame = leads().with_columns(
        contacted=pl.Series([date(2025, 1, 1) + timedelta(days=n // 4) for n in range(1200)]),
        account=pl.Series([n % 40 for n in range(1200)]),
    )
    made = train(frame, None, contacted="time", account="subject")
    assert made.split.kind == "time" and made.split.by == "contacted"
    assert {e.column: e.by for e in made.excluded} == {"contacted": "role", "account": "role"}


def test_without_an_order_a_plain_warning_is_given_and_no_reason_is_invented(plain: TrainedModel) -> None:
    assert plain.split.kind == "random"
    assert "split at random" in " ".join(plain.warnings)
    facts = {draft.type: draft.facts for draft in evidence_of(plain, data_digest="d", card_digest="c")}
    assert facts["eval_report"]["split_reason"] == ""
    assert plain.comparison is None


def drifting(rows: int = 3000) -> pl.DataFrame:
    """Leads whose channel changes its meaning half way."""
    frame = leads(rows)
    rng = np.random.default_rng(9)
    late = np.arange(rows) > rows * 0.6
    likes = np.where(frame["channel"].to_numpy() == "fair", 0.75, 0.15)
    won = rng.random(rows) < np.where(late, 0.9 - likes, likes)
    return frame.with_columns(won=pl.Series(np.where(won, "yes", "no")))


def test_order_of_time_tells_how_much_lower_the_truth_is() -> None:
    made = train(drifting(), spec(ordered=True, calibration_share=0.1))
    assert made.comparison is not None
    assert made.comparison.ordered_auc == made.metrics.roc_auc
    assert made.comparison.drop > 0.05
    told = next(w for w in made.warnings if w.startswith("In order of time"))
    assert f"{made.comparison.drop:.3f} lower" in told
    assert told in made.files["card.md"].decode()


def test_times_as_text_order_the_rows_and_nonsense_is_refused() -> None:
    days = [(date(2025, 1, 1) + timedelta(days=n // 3)).strftime("%d.%m.%Y") for n in range(1200)]
    made = train(leads(when=days), spec(time="when"))
    assert made.split.by == "when"
    with pytest.raises(Invalid, match="texts that are no times, for example 'web'"):
        train(leads(), spec(time="channel"))


def test_every_wrong_column_name_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        train(leads(), spec(time="nope", subject="neither", exclude=("never", "won")))
    assert [(f.rule, f.column) for f in caught.value.faults] == [
        ("time", "nope"),
        ("subject", "neither"),
        ("exclude", "never"),
        ("exclude", "won"),
    ]


def test_nothing_left_to_learn_from_is_told() -> None:
    with pytest.raises(NothingToLearn, match="no column is left") as caught:
        train(leads().select("won").with_columns(same=pl.lit(1)))
    assert caught.value.faults[0].column == "same"


def test_a_policy_of_nonsense_is_refused_before_training() -> None:
    with pytest.raises(BadPolicy):
        train(leads(), spec(policy=PolicySpec(bands=(BandRule(name="a", action="x", top_share=0.2),))))


def test_missing_labels_are_left_out_and_told() -> None:
    frame = leads().with_columns(won=pl.when(pl.int_range(1200) % 10 > 0).then(pl.col("won")))
    made = train(frame)
    assert made.unlabelled_rows == 120
    assert "120 rows have no label and were left out." in made.warnings


def test_odd_column_names_and_values_pass_through() -> None:
    frame = (
        leads()
        .rename({"visits": "vis its, [n]:"})
        .with_columns(
            städte=pl.Series([("Köln", "Málaga", "東京", None)[n % 4] for n in range(1200)]),
            huge=pl.Series([2**53 - n % 5 for n in range(1200)]),
        )
    )
    made = train(frame)
    assert "vis its, [n]:" in made.features
    assert made.parity.passed


def test_a_category_seen_only_in_the_test_counts_as_missing() -> None:
    frame = leads().with_columns(place=pl.Series(["old"] * 700 + ["mid"] * 200 + ["new"] * 300))
    made = train(frame, spec(ordered=True))
    place = next(feature for feature in made.release.features if feature.name == "place")
    assert place.categories == ("old", "mid")


class Wrong:
    """An engine that is off by a little for missing values, in one of its two ways."""

    columns = ("f0",)
    reference: FloatArray | None = np.zeros(1)

    def __init__(self, *, missing: float, missing_alone: float) -> None:
        self.missing, self.missing_alone = missing, missing_alone

    def score(self, X: FloatArray, reasons: bool) -> Scores:
        return Scores(np.where(np.isnan(X[:, 0]), self.missing, X[:, 0]), None, 0.0)

    def explain_row(self, row: FloatArray, k: int) -> tuple[float, list[tuple[int, float]]]:
        return (self.missing_alone if np.isnan(row[0]) else float(row[0])), []


@pytest.mark.parametrize(("missing", "missing_alone"), [(1e-6, 0.0), (0.0, 1e-6)])
def test_an_engine_that_differs_on_edge_rows_is_refused(missing: float, missing_alone: float) -> None:
    policy = runtime.Policy(bands=(runtime.Band(name="all", at_least=None, action="x"),), default_action="x")
    with pytest.raises(ParityFailed, match="differ by 1e-06"):
        parity.compare(
            Wrong(missing=missing, missing_alone=missing_alone),
            lambda x: np.nan_to_num(x[:, 0], nan=0.0),
            np.linspace(-1, 1, 50)[:, None],
            features=(runtime.Feature(name="a", column="a", kind="number"),),
            policy=policy,
            calibration=Calibration(),
        )


def test_the_card_holds_the_figures_and_no_other(plain: TrainedModel) -> None:
    facts = json.loads(plain.files["card.json"])
    assert facts["metrics"]["roc_auc"] == plain.metrics.roc_auc
    assert facts["metrics"]["intervals"]["roc_auc"] == [
        plain.metrics.intervals["roc_auc"].low,
        plain.metrics.intervals["roc_auc"].high,
    ]
    text = plain.files["card.md"].decode()
    assert f"{plain.metrics.roc_auc:.4f}" in text
    for path in ("evaluation.json", "leakage.json", "parity.json", "training.json", "contract.json"):
        assert json.loads(plain.files[path]), path
