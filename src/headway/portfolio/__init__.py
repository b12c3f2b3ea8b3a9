"""The portfolio: department solutions, and pilots that try them on a file.

``Solution`` is the manifest a department solution is made of; ``pilot_job`` takes a file to a deployment in the sandbox.
"""

from headway.portfolio.adapters import Shelf, load_solutions, shelf
from headway.portfolio.charts import examples_of, figures_of
from headway.portfolio.document import document_of
from headway.portfolio.entities import (
    Blocker,
    BlockerKind,
    LoadedSolution,
    Pilot,
    PilotRequest,
    PilotState,
    Stage,
    Standing,
    UseCaseValue,
)
from headway.portfolio.errors import ExpectationsUnmet, PilotRunning, StillAtWork, UnknownPilot, UnknownReplay
from headway.portfolio.jobs import pilot_job
from headway.portfolio.projection import Projection, project
from headway.portfolio.replay.entities import Replay, ReplayRequest, ReplayState
from headway.portfolio.replay.jobs import replay_job
from headway.portfolio.replay.service import JOB as REPLAY
from headway.portfolio.replay.service import get_replay, list_replays, start_replay
from headway.portfolio.service import (
    board,
    count_stages,
    deployment_value,
    find_pilots,
    find_usecases,
    get_pilot,
    get_report,
    get_standing,
    list_pilots,
    print_report,
    promise_of,
    repeat_pilot,
    retire_usecase,
    retry_pilot,
    settle_pilots,
    stages,
    start_from_upload,
    start_pilot,
    survey,
    usecase_value,
    valued_deployments,
)
from headway.portfolio.solution import (
    API,
    Band,
    ContractExpectations,
    DecisionRules,
    FeatureRules,
    Indicator,
    LearningPath,
    Solution,
    TrainingDefaults,
)

__all__ = [
    "API",
    "REPLAY",
    "Band",
    "Blocker",
    "BlockerKind",
    "ContractExpectations",
    "DecisionRules",
    "ExpectationsUnmet",
    "FeatureRules",
    "Indicator",
    "LearningPath",
    "LoadedSolution",
    "Pilot",
    "PilotRequest",
    "PilotRunning",
    "PilotState",
    "Projection",
    "Replay",
    "ReplayRequest",
    "ReplayState",
    "Shelf",
    "Solution",
    "Stage",
    "Standing",
    "StillAtWork",
    "TrainingDefaults",
    "UnknownPilot",
    "UnknownReplay",
    "UseCaseValue",
    "board",
    "count_stages",
    "deployment_value",
    "document_of",
    "examples_of",
    "figures_of",
    "find_pilots",
    "find_usecases",
    "get_pilot",
    "get_replay",
    "get_report",
    "get_standing",
    "list_pilots",
    "list_replays",
    "load_solutions",
    "pilot_job",
    "print_report",
    "project",
    "promise_of",
    "repeat_pilot",
    "replay_job",
    "retire_usecase",
    "retry_pilot",
    "settle_pilots",
    "shelf",
    "stages",
    "start_from_upload",
    "start_pilot",
    "start_replay",
    "survey",
    "usecase_value",
    "valued_deployments",
]
