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
)
from headway.portfolio.errors import ExpectationsUnmet, PilotRunning, StillAtWork, UnknownPilot
from headway.portfolio.jobs import pilot_job
from headway.portfolio.projection import Projection, project
from headway.portfolio.service import (
    board,
    count_stages,
    find_pilots,
    find_usecases,
    get_pilot,
    get_report,
    get_standing,
    list_pilots,
    print_report,
    repeat_pilot,
    retire_usecase,
    retry_pilot,
    settle_pilots,
    stages,
    start_from_upload,
    start_pilot,
    survey,
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
    "Shelf",
    "Solution",
    "Stage",
    "Standing",
    "StillAtWork",
    "TrainingDefaults",
    "UnknownPilot",
    "board",
    "count_stages",
    "document_of",
    "examples_of",
    "figures_of",
    "find_pilots",
    "find_usecases",
    "get_pilot",
    "get_report",
    "get_standing",
    "list_pilots",
    "load_solutions",
    "pilot_job",
    "print_report",
    "project",
    "repeat_pilot",
    "retire_usecase",
    "retry_pilot",
    "settle_pilots",
    "shelf",
    "stages",
    "start_from_upload",
    "start_pilot",
    "survey",
]
