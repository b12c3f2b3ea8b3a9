"""Models: training runs, versions with their evaluation, cards and bundles, and releases into environments.

``train`` makes a model from rows and touches nothing; ``record_run`` keeps it as a version with evidence; a release
brings a version past the gate. Suspicious columns are named before any score is believed.
"""

from headway.registry.adapters import code_stamp, train
from headway.registry.entities import (
    BandRule,
    Excluded,
    Model,
    ModelRelease,
    ModelVersion,
    PolicySpec,
    Run,
    Suspect,
    TrainedModel,
    TrainingSpec,
)
from headway.registry.errors import (
    BadLabel,
    BadPolicy,
    NothingToLearn,
    ParityFailed,
    ReleaseState,
    UnknownModel,
    UnknownRelease,
    UnknownRun,
)
from headway.registry.jobs import training_job
from headway.registry.metrics import Interval, Metrics
from headway.registry.policy import policy_of_shares
from headway.registry.preparation import check_rows
from headway.registry.scoring import outcomes_of, reference_of, score_rows
from headway.registry.service.breaking import confirm_break_glass
from headway.registry.service.finding import find_models, find_releases, find_versions, release_states
from headway.registry.service.judged import JudgedRows, judged_rows_of
from headway.registry.service.models import (
    clear_suspect,
    find_version,
    get_model,
    get_version,
    list_models,
    list_versions,
    read_card,
    set_alias,
)
from headway.registry.service.releases import (
    approve_and_complete,
    approve_release,
    ask_release,
    complete_release,
    follow_approvals,
    get_release,
    list_releases,
    reject_release,
    release_to_sandbox,
    request_release,
    revoke_release,
)
from headway.registry.service.runs import get_run, jobs_of_usecase, list_runs, record_run
from headway.registry.service.training import TrainingWish, plan_training, train_product, train_rows

__all__ = [
    "BadLabel",
    "BadPolicy",
    "BandRule",
    "Excluded",
    "Interval",
    "JudgedRows",
    "Metrics",
    "Model",
    "ModelRelease",
    "ModelVersion",
    "NothingToLearn",
    "ParityFailed",
    "PolicySpec",
    "ReleaseState",
    "Run",
    "Suspect",
    "TrainedModel",
    "TrainingSpec",
    "TrainingWish",
    "UnknownModel",
    "UnknownRelease",
    "UnknownRun",
    "approve_and_complete",
    "approve_release",
    "ask_release",
    "check_rows",
    "clear_suspect",
    "code_stamp",
    "complete_release",
    "confirm_break_glass",
    "find_models",
    "find_releases",
    "find_version",
    "find_versions",
    "follow_approvals",
    "get_model",
    "get_release",
    "get_run",
    "get_version",
    "jobs_of_usecase",
    "judged_rows_of",
    "list_models",
    "list_releases",
    "list_runs",
    "list_versions",
    "outcomes_of",
    "plan_training",
    "policy_of_shares",
    "read_card",
    "record_run",
    "reference_of",
    "reject_release",
    "release_states",
    "release_to_sandbox",
    "request_release",
    "revoke_release",
    "score_rows",
    "set_alias",
    "train",
    "train_product",
    "train_rows",
    "training_job",
]
