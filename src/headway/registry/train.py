"""A training run from rows to a packed model: suspects first, then split, choice, calibration, metrics, parity, card.

Pure: the same frame, contract, spec and code stamp give byte-identical files and the same digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headway import runtime
from headway.kernel.canonical import canonical_json
from headway.numerics import Calibration, Engine, calibrate, plain_reference
from headway.registry import card, parity
from headway.registry.calibration import choose_calibration
from headway.registry.cautions import cautions_of
from headway.registry.comparison import compare_with_random
from headway.registry.digests import frame_digest, settings_digest
from headway.registry.entities import (
    CalibrationReport,
    Choice,
    Comparison,
    Digests,
    Importance,
    TrainedModel,
    TrainingSpec,
)
from headway.registry.features import encode_frame, freeze_features, plain_columns
from headway.registry.learners import Fitted, fit
from headway.registry.metrics import Metrics, calibration_curve, lift_table, measure, score_histogram
from headway.registry.policy import check_policy_spec, freeze_policy
from headway.registry.preparation import Prepared, prepare
from headway.registry.quick import cross_fit, halves_of
from headway.registry.reference import REFERENCE_NAME, reference_row
from headway.registry.selection import choose_learner
from headway.registry.split import Shares, Split, split_at_random, split_by_time

DRAFT_VERSION = "0"
EXPLAINED_ROWS = 1_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeStamp:
    """What code ran: digest of the package's sources, and versions of the libraries that compute."""

    digest: str
    libraries: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """A model fitted on a split, with the scores that everything after it needs."""

    model: Fitted
    choice: Choice
    calibration: Calibration
    calibration_report: CalibrationReport
    held_out: Floats  # calibrated probabilities of the calibration slice, from a model that did not see it
    test: Floats  # calibrated probabilities of the test rows


def fit_model(
    frame: pl.DataFrame, contract: Mapping[str, object], spec: TrainingSpec, *, code: CodeStamp
) -> TrainedModel:
    """Train, judge and pack a model.

    Args: frame: one row a case, as the data product's snapshot holds them; contract: its ODCS document.
    Raises: BadLabel, NothingToLearn, BadPolicy, Invalid: what is wrong with rows, contract or spec; ParityFailed.
    """
    check_policy_spec(spec.policy)
    prepared = prepare(frame, contract, spec)
    split = _split(prepared, spec)
    learning = prepared.frame[split.learning]
    features = freeze_features(learning, prepared.columns, spec.labels)
    runtime.compile_contract(dict(contract), [feature.column for feature in features])
    x = encode_frame(prepared.frame, features)
    fitted = _fit(x, prepared.y, split, features, spec)
    metrics = measure(prepared.y[split.test], fitted.test, resamples=spec.resamples, seed=spec.seed)
    policy, policy_warnings = freeze_policy(spec.policy, fitted.held_out)
    release = _release(spec, fitted, features, policy, learning)
    engine = runtime.load_engine(release, fitted.model.content)
    held = parity.compare(
        engine,
        fitted.model.raw,
        x[split.test],
        features=features,
        policy=policy,
        calibration=fitted.calibration,
    )
    comparison = _compare(prepared, split, metrics, fitted=fitted, features=features, x=x, spec=spec)
    draft = TrainedModel(
        spec=spec,
        learner=fitted.choice.learner,
        rows=frame.height,
        unlabelled_rows=prepared.label.missing,
        positive=prepared.label.positive,
        negative=prepared.label.negative,
        rate=prepared.label.rate,
        features=tuple(feature.name for feature in features),
        excluded=prepared.excluded,
        suspects=prepared.suspects,
        split=split.report,
        choice=fitted.choice,
        calibration=fitted.calibration_report,
        metrics=metrics,
        curve=calibration_curve(prepared.y[split.test], fitted.test),
        lift=lift_table(prepared.y[split.test], fitted.test),
        histogram=score_histogram(prepared.y[split.test], fitted.test),
        importances=_importances(engine, features, x[split.test]),
        comparison=comparison,
        parity=held,
        believable=_believable(prepared),
        warnings=policy_warnings,
        digests=Digests(data=frame_digest(frame), settings=settings_digest(spec), code=code.digest, artefact=""),
        release=release,
        files={
            fitted.model.path: fitted.model.content,
            card.REFERENCE_FILE: _reference(prepared.frame, features, fitted.test),
        },
    )
    return _pack(replace(draft, warnings=(*cautions_of(draft), *policy_warnings)), contract, code)


def judged_rows(
    frame: pl.DataFrame, contract: Mapping[str, object], spec: TrainingSpec
) -> tuple[pl.DataFrame, Floats, Split]:
    """Find the rows that a training run judged its model on: the same frame, contract and spec give the same rows.

    Returns: the rows with all their columns, their outcomes (1 is success), and the split.
    """
    prepared = prepare(frame, contract, spec)
    split = _split(prepared, spec)
    return prepared.frame[split.test], prepared.y[split.test], split


def _split(prepared: Prepared, spec: TrainingSpec) -> Split:
    shares = Shares(calibration=spec.calibration_share, test=spec.test_share)
    if prepared.times is not None:
        by = prepared.time_name or "time"
        return split_by_time(prepared.y, prepared.times, prepared.row_groups, shares, by=by)
    return split_at_random(
        prepared.y, prepared.feature_groups, shares, seed=spec.seed, scores=_quick_scores(prepared, spec.seed)
    )


def _quick_scores(prepared: Prepared, seed: int) -> Floats:
    x = encode_frame(prepared.frame, freeze_features(prepared.frame, prepared.columns))
    return cross_fit(x, prepared.y, halves_of(prepared.y, seed), seed).scores


def _fit(x: Floats, y: Floats, split: Split, features: tuple[runtime.Feature, ...], spec: TrainingSpec) -> _Fit:
    ordered = split.report.kind == "time"
    choice = choose_learner(features, x[split.train], y[split.train], ordered=ordered, seed=spec.seed)
    model = fit(choice.learner, features, x[split.train], y[split.train], seed=spec.seed)
    raw = model.raw(x[split.calibration])
    calibration, report = choose_calibration(y[split.calibration], raw, ordered=ordered, seed=spec.seed)
    held_out = calibrate(calibration, raw)
    if calibration.kind == "none":  # nothing was fitted on the calibration slice, so the model may learn from it too
        model = fit(choice.learner, features, x[split.learning], y[split.learning], seed=spec.seed)
    return _Fit(
        model=model,
        choice=choice,
        calibration=calibration,
        calibration_report=report,
        held_out=held_out,
        test=calibrate(calibration, model.raw(x[split.test])),
    )


def _release(
    spec: TrainingSpec,
    fitted: _Fit,
    features: tuple[runtime.Feature, ...],
    policy: runtime.Policy,
    learning: pl.DataFrame,
) -> runtime.Release:
    model = fitted.model
    return runtime.Release(
        model=runtime.ModelInfo(
            name=spec.name, version=DRAFT_VERSION, format=model.format, path=model.path, learner=model.learner
        ),
        files={},
        contract_path=card.CONTRACT_FILE,
        contract_digest="sha256-" + "0" * 64,  # the real one is filled in when the bundle is packed
        features=features,
        policy=policy,
        explanation=runtime.Explanation(
            reference=reference_row(learning, features), reference_name=REFERENCE_NAME, top_k=spec.top_reasons
        ),
        calibration=fitted.calibration,
        profile_ref=card.REFERENCE_FILE,
    )


def _reference(frame: pl.DataFrame, features: tuple[runtime.Feature, ...], scores: Floats) -> bytes:
    """What later decisions are compared with: all rows the model was made of, and the scores of those it never saw."""
    return canonical_json(plain_reference(runtime.make_reference(features, plain_columns(frame, features), scores)))


def _compare(
    prepared: Prepared,
    split: Split,
    metrics: Metrics,
    *,
    fitted: _Fit,
    features: tuple[runtime.Feature, ...],
    x: Floats,
    spec: TrainingSpec,
) -> Comparison | None:
    if split.report.kind != "time":
        return None
    return compare_with_random(
        split,
        metrics.roc_auc,
        learner=fitted.choice.learner,
        features=features,
        x=x,
        y=prepared.y,
        groups=prepared.feature_groups,
        shares=Shares(calibration=spec.calibration_share, test=spec.test_share),
        scores=_quick_scores(prepared, spec.seed),
        seed=spec.seed,
    )


def _importances(engine: Engine, features: tuple[runtime.Feature, ...], rows: Floats) -> tuple[Importance, ...]:
    """Mean absolute exact reason per feature over test rows, the largest first."""
    some = rows[:: max(1, len(rows) // EXPLAINED_ROWS)][:EXPLAINED_ROWS]
    contributions = engine.score(some, reasons=True).contributions
    if contributions is None:
        return ()
    means = np.abs(contributions).mean(0)
    total = float(means.sum()) or 1.0
    made = [
        Importance(feature=f.name, label=f.label or f.name, mean_absolute=float(mean), share=float(mean) / total)
        for f, mean in zip(features, means, strict=True)
    ]
    return tuple(sorted(made, key=lambda importance: -importance.mean_absolute))


def _believable(prepared: Prepared) -> bool:
    used = set(prepared.columns)
    return not any(s.severity == "strong" and s.column in used for s in prepared.suspects)


def _pack(draft: TrainedModel, contract: Mapping[str, object], code: CodeStamp) -> TrainedModel:
    files = {**draft.files, **card.files_of(draft, contract, code.libraries)}
    bundle = runtime.pack_bundle(files, draft.release)
    return replace(draft, files=files, release=bundle.release, digests=replace(draft.digests, artefact=bundle.subject))
