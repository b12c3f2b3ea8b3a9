"""What training takes and gives: frozen values that cross every boundary of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from headway.kernel.errors import Scalar
from headway.kernel.settings import Environment
from headway.registry.metrics import CurvePoint, LiftRow, Metrics, ScoreHistogram
from headway.runtime import Release as RuntimeRelease

SuspectKind = Literal[
    "identifier",
    "constant",
    "near_constant",
    "too_many_values",
    "label_copy",
    "separates_alone",
    "carries_signal",
    "dominates_gain",
    "missing_tells_label",
    "named_after_outcome",
    "duplicate",
    "moves_with_time",
]
Severity = Literal["note", "warning", "strong"]
SplitKind = Literal["time", "random"]
LearnerName = Literal["logistic", "lightgbm"]
DEFAULT_SEED = 7


# --- what to train -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BandRule:
    """A band of scores before thresholds are known: the best share of subjects, or a probability, or the rest."""

    name: str
    action: str
    top_share: float | None = None
    at_least: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySpec:
    """What to do with scores: bands from the highest to the lowest, and what happens to those held out."""

    bands: tuple[BandRule, ...] = (
        BandRule(name="high", action="act_first", top_share=0.10),
        BandRule(name="medium", action="act", top_share=0.30),
        BandRule(name="low", action="wait"),
    )
    default_action: str = "as_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSpec:
    """All that decides a training run beside the rows themselves."""

    name: str  # slug of the registered model
    label: str
    positive: str | None = None
    product: str | None = None  # slug of the data product
    snapshot: str | None = None  # id of its snapshot
    solution: str | None = None
    time: str | None = None  # column that orders the rows
    ordered: bool = False  # the rows are in order of time as they stand
    split_reason: str | None = None  # why the rows have no order in time, in a person's words
    subject: str | None = None  # column naming the one decided about
    exclude: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None  # None: all columns that may be
    labels: Mapping[str, str] = field(default_factory=dict)  # words for people by column
    policy: PolicySpec = PolicySpec()
    top_reasons: int = 4
    test_share: float = 0.25
    calibration_share: float = 0.15
    resamples: int = 300
    seed: int = DEFAULT_SEED


# --- what came of it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A column to look at before any score is believed, with the figures that say why."""

    column: str
    kind: SuspectKind
    severity: Severity
    reason: str
    evidence: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A column the model does not see, and why."""

    column: str
    reason: str
    by: Literal["user", "rule", "role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitReport:
    """How rows were cut into training, calibration and test."""

    kind: SplitKind
    by: str | None  # the time column, "row order" or None
    train_rows: int
    calibration_rows: int
    test_rows: int
    train_rate: float
    calibration_rate: float
    test_rate: float
    repeated_rows: int  # rows whose features equal those of an earlier row
    repeats_across: int  # test rows whose features and label also stand in training
    unplaced_rows: int  # rows without a readable time


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One learner in cross-validation: means over folds with their standard errors."""

    learner: LearnerName
    mean_auc: float
    auc_error: float
    mean_log_loss: float
    log_loss_error: float
    folds: tuple[float, ...]  # AUC of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which learner was taken and why."""

    learner: LearnerName
    reason: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """Whether the scores were bent to probabilities, and what that was worth on rows not used for fitting."""

    kind: Literal["none", "sigmoid", "isotonic"]
    reason: str
    log_loss: Mapping[str, float]  # by kind, on the later part of the calibration slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The same learner judged on a random split and in order of time."""

    random_auc: float
    ordered_auc: float
    drop: float
    random_rate: float
    ordered_train_rate: float
    ordered_test_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityReport:
    """Headway's engine against the library that trained the model."""

    rows: int
    edge_rows: int
    max_difference: float
    decision_flips: int
    tolerance: float
    max_reason_gap: float  # largest |sum of reasons - (score - base)|
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """How much a feature moves the score on test rows: mean absolute reason, in log-odds."""

    feature: str
    label: str
    mean_absolute: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What the run was made of; equal data, settings and code give an equal artefact."""

    data: str
    settings: str
    code: str
    artefact: str  # subject of the bundle before it has a version's number


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedModel:
    """A model with everything known about it, not yet registered."""

    spec: TrainingSpec
    learner: LearnerName
    rows: int
    unlabelled_rows: int
    positive: str
    negative: str
    rate: float
    features: tuple[str, ...]
    excluded: tuple[Excluded, ...]
    suspects: tuple[Suspect, ...]
    split: SplitReport
    choice: Choice
    calibration: CalibrationReport
    metrics: Metrics
    curve: tuple[CurvePoint, ...]
    lift: tuple[LiftRow, ...]
    histogram: ScoreHistogram
    importances: tuple[Importance, ...]
    comparison: Comparison | None
    parity: ParityReport
    believable: bool  # False when a strong suspect is among the features
    warnings: tuple[str, ...]
    digests: Digests
    release: RuntimeRelease
    files: Mapping[str, bytes]


# --- what is kept ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A training run that ended with a model."""

    id: str
    model: str
    version: int
    usecase: str | None
    product: str | None
    snapshot: str | None
    learner: str
    settings: Mapping[str, object]
    metrics: Mapping[str, object]
    digests: Mapping[str, object]
    job: str | None
    made_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A registered model: a name under which versions are kept."""

    name: str
    usecase: str | None
    versions: int
    latest: int | None
    aliases: Mapping[str, int]
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersion:
    """One version: immutable, named by the digest of its release."""

    ref: str  # model:name@N
    model: str
    version: int
    digest: str  # subject of the bundle
    artefact: str  # the same without the version's number: equal for equal rows, settings and code
    learner: str
    run: str
    usecase: str | None
    report: Mapping[str, object]  # the model card's facts
    evidence: tuple[str, ...]
    made_by: str
    created_at: datetime


ReleaseStatus = Literal["requested", "approved", "rejected", "released"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRelease:
    """The way of one version into one environment."""

    id: str
    version: str  # model:name@N
    digest: str
    environment: Environment
    usecase: str
    status: ReleaseStatus
    requested_by: str
    approval: str | None
    break_glass: str | None  # by which it came in instead of an approval
    decided_by: str | None
    reason: str | None
    verdict: Mapping[str, object] | None
    created_at: datetime
    decided_at: datetime | None
    released_at: datetime | None
    revoked_at: datetime | None  # of the version, whatever environment it was released into
    revoked_by: str | None
    revoked_because: str | None
