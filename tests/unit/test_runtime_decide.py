"""Decisions: score, band, action, reasons, arm and flags, for one record and for many."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from headway import numerics, runtime
from headway.runtime import ContractBroken, Decider, Decision, Deployment, DeploymentMalformed, LoadedRelease
from tests.factories.boosters import Recipe, train
from tests.factories.releases import (
    CONTRACT,
    DRAFT,
    FEATURES,
    MODEL,
    NOW,
    RECORD,
    make_deployment,
    make_files,
    make_loaded,
    make_objects,
    open_objects,
)

LOADED = make_loaded()


def decider(deployment: Deployment | None = None, *loaded: LoadedRelease) -> Decider:
    releases = {one.subject: one for one in loaded or (LOADED,)}
    return Decider(deployment or make_deployment(LOADED.subject), releases)


def decide(made: Decider, *records: dict[str, object], subject: str | None = None) -> list[Decision]:
    batch = made.decode(json.dumps(records).encode())
    return made.decide(batch, [f"dec_{i}" for i in range(len(records))], subject)


def test_a_decision_says_everything() -> None:
    (made,) = decide(decider(), RECORD)
    terms = {"age": 0.82, "balance": 1.0, "job": -0.3, "since": 2.015, "is_client": 0.75, "channel": 0.2}
    reference = {"age": 0.8, "balance": 0.0, "job": 0.3, "since": 2.012, "is_client": 0.0, "channel": 0.2}
    raw = -0.5 + sum(terms.values())
    assert made.score == pytest.approx(1 / (1 + np.exp(-raw)))
    assert (made.band, made.action, made.arm, made.subject) == ("high", "call", "arm0", "c-1001")
    assert (made.release, made.version, made.verdict) == (LOADED.subject, "model:lead-scoring@3", "ver_1")
    assert made.reference == "median lead" and made.flags == ()
    assert [(r.feature, r.value, r.direction) for r in made.reasons] == [
        ("balance", 1200.5, "raises"),
        ("is_client", True, "raises"),
        ("job", "nurse", "lowers"),
    ]
    assert [r.contribution for r in made.reasons] == pytest.approx(
        [terms[n] - reference[n] for n in ("balance", "is_client", "job")]
    )


def test_reasons_show_values_as_people_know_them() -> None:
    everything = make_loaded(explanation=replace(DRAFT.explanation, top_k=9))
    (made,) = decide(decider(make_deployment(everything.subject), everything), RECORD)
    shown = {reason.feature: (reason.label, reason.value) for reason in made.reasons}
    assert shown["age"] == ("Age in years", 41)
    assert type(shown["age"][1]) is int
    assert shown["since_year"] == ("since_year", "2015-06-30")
    json.loads(msgspec.json.encode(made))


@pytest.mark.parametrize(
    ("balance", "band", "action"), [(5000, "high", "call"), (10, "middle", "mail"), (-10, "low", "wait")]
)
def test_bands_lead_to_actions(balance: float, band: str, action: str) -> None:
    record = RECORD | {"balance": balance, "since": "2000-01-01", "is_client": False, "age": 18}
    loaded = make_loaded(calibration=numerics.Calibration(kind="sigmoid", slope=2.0, intercept=-3.5))
    (made,) = decide(decider(make_deployment(loaded.subject), loaded), record)
    assert (made.band, made.action) == (band, action)


def test_a_floor_belongs_to_its_band() -> None:
    assert runtime.choose_band(DRAFT.policy, 0.8).name == "high"
    assert runtime.choose_band(DRAFT.policy, np.nextafter(0.8, 0)).name == "middle"


def test_a_deployments_policy_goes_before_the_releases() -> None:
    policy = runtime.Policy(bands=(runtime.Band(name="all", at_least=None, action="visit"),), default_action="none")
    (made,) = decide(decider(make_deployment(LOADED.subject, policy=policy)), RECORD)
    assert (made.band, made.action) == ("all", "visit")


def test_the_held_out_get_the_default_action_and_no_score() -> None:
    arms = (runtime.Arm(name="a", release=LOADED.subject, share=0), runtime.Arm(name="hold_out", release=None, share=1))
    (made,) = decide(decider(make_deployment(LOADED.subject, arms=arms)), RECORD)
    assert made.flags == ("hold_out",)
    assert made.action == "mail"
    assert made.arm == "hold_out" and made.subject == "c-1001"
    assert (made.score, made.band, made.release, made.verdict, made.reasons) == (None, None, None, None, ())


def test_arms_share_the_subjects_and_keep_them() -> None:
    other = make_loaded(model=replace(DRAFT.model, version="4"))
    made = decider(make_deployment(LOADED.subject, other.subject, None), LOADED, other)
    records = [RECORD | {"customer": f"c-{i}"} for i in range(300)]
    together = decide(made, *records)
    versions = {"arm0": "model:lead-scoring@3", "arm1": "model:lead-scoring@4", "hold_out": None}
    assert {d.arm for d in together} == set(versions)
    assert all(d.version == versions[d.arm] for d in together)
    assert [d.subject for d in together] == [f"c-{i}" for i in range(300)]
    for i in (0, 7, 299):
        assert decide(made, records[i]) == [together[i]], "one record alone is decided like one among many"


def test_the_subject_is_the_records_then_the_requests_then_the_decisions() -> None:
    anonymous = {k: v for k, v in RECORD.items() if k != "customer"}
    first, second = decide(decider(), RECORD, anonymous, subject="given")
    assert (first.subject, second.subject) == ("c-1001", "given")
    (third,) = decide(decider(), anonymous)
    assert third.subject == "dec_0" and third.flags == ("no_subject",)
    (nobody,) = decide(decider(), RECORD | {"customer": ""})
    assert nobody.subject == "dec_0" and nobody.flags == ("no_subject",)
    (zero,) = decide(decider(make_deployment(LOADED.subject, subject_field="ticket")), anonymous | {"ticket": 0})
    assert zero.subject == "0"
    (fourth,) = decide(decider(make_deployment(LOADED.subject, subject_field=None)), anonymous | {"subject": 17})
    assert fourth.subject == "17"


def test_unseen_categories_are_flagged_and_scored_as_missing() -> None:
    seen, unseen = decide(decider(), RECORD, RECORD | {"job": "poet"})
    assert seen.flags == ()
    assert unseen.flags == ("unseen_category:job",)
    assert seen.score is not None and unseen.score is not None and seen.score != unseen.score


def test_faulty_records_are_not_decided() -> None:
    with pytest.raises(ContractBroken):
        decide(decider(), RECORD, {"age": 1})


def test_arms_of_two_contracts_hold_a_record_to_both() -> None:
    schema = json.loads(json.dumps(CONTRACT))
    schema["schema"][0]["properties"] += [{"name": "score", "logicalType": "number", "required": True}]
    schema["schema"][0]["properties"][0]["logicalTypeOptions"] = {"minimum": 30}
    score = runtime.Feature(name="score", column="score", kind="number")
    wider = replace(
        DRAFT,
        features=(*FEATURES, score),
        explanation=replace(DRAFT.explanation, reference={**DRAFT.explanation.reference, "score": 0.0}),
    )
    columns = [*(f.name for f in FEATURES), "score"]
    bundle = runtime.pack_bundle(make_files(contract_json=schema, model_json={**MODEL, "columns": columns}), wider)
    other = open_objects(make_objects(bundle), bundle.subject)
    made = decider(make_deployment(LOADED.subject, other.subject), LOADED, other)
    with pytest.raises(ContractBroken) as caught:
        decide(made, RECORD | {"age": 29}, RECORD | {"age": 17, "score": 1})
    assert {(f.row, f.column, f.message) for f in caught.value.faults} == {
        (1, "age", "age must be at least 30"),
        (1, "score", "score is required"),
        (2, "age", "age must be at least 30"),
        (2, "age", "age must be at least 18"),
    }
    decisions = decide(made, *(RECORD | {"score": 0.5, "customer": f"c-{i}"} for i in range(40)))
    assert {d.release for d in decisions} == {LOADED.subject, other.subject}
    batch = made.decode(json.dumps(RECORD | {"score": 0.5}).encode())
    assert json.loads(batch.input_json(0)) == RECORD | {"score": 0.5}


def test_a_decider_ends_with_its_first_verdict_or_limit() -> None:
    assert decider().serves_until == NOW + timedelta(days=90)
    limits = runtime.Limits(expires_at=NOW + timedelta(days=14))
    assert decider(make_deployment(LOADED.subject, limits=limits)).serves_until == NOW + timedelta(days=14)


@pytest.mark.parametrize(
    "wrong",
    [
        make_deployment("sha256-" + "9" * 64),
        make_deployment(None, policy=DRAFT.policy),
        make_deployment(LOADED.subject, salt=""),
        make_deployment(LOADED.subject, policy=runtime.Policy(bands=(), default_action="")),
    ],
)
def test_contradictory_deployments_are_refused(wrong: Deployment) -> None:
    with pytest.raises(DeploymentMalformed):
        decider(wrong)


def test_a_lightgbm_release_decides_as_lightgbm_predicts() -> None:
    recipe = Recipe(seed=8, rows=400, columns=4, categorical=1, categories=6, rounds=20)
    booster, rows = train(recipe)
    names = ["a", "b", "c", "kind"]
    features = (
        *(runtime.Feature(name=name, column=name, kind="number") for name in names[:3]),
        runtime.Feature(name="kind", column="kind", kind="category", categories=tuple("uvwxyz")),
    )
    contract = {
        "schema": [
            {
                "properties": [{"name": name, "logicalType": "number"} for name in names[:3]]
                + [{"name": "kind", "logicalType": "string"}]
            }
        ]
    }
    draft = replace(
        DRAFT,
        model=runtime.ModelInfo(name="m", version="1", format="lightgbm-text", path="model.txt"),
        features=features,
        explanation=runtime.Explanation(reference=dict.fromkeys(names), reference_name="nothing known", top_k=4),
    )
    files = {"model.txt": booster.model_to_string().encode(), "contract.json": json.dumps(contract).encode()}
    bundle = runtime.pack_bundle(files, draft)
    loaded = open_objects(make_objects(bundle), bundle.subject)
    records = [
        {
            name: None if np.isnan(v) else ("uvwxyz"[int(v)] if name == "kind" else v)
            for name, v in zip(names, row, strict=True)
        }
        for row in rows.tolist()
    ]
    decisions = decide(decider(make_deployment(bundle.subject), loaded), *records)
    scores = np.array([d.score for d in decisions], dtype=np.float64)
    np.testing.assert_allclose(scores, booster.predict(rows), rtol=0, atol=1e-12)
    base = loaded.engine.score(np.full((1, 4), np.nan), reasons=False).raw[0]
    for decision, chance in zip(decisions, booster.predict(rows, raw_score=True), strict=True):
        assert sum(r.contribution for r in decision.reasons) == pytest.approx(chance - base, abs=1e-9)
