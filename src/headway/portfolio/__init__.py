"""The portfolio: department solutions, and pilots that try them on a file.

``Solution`` is the manifest a department solution is made of; ``pilot_job`` takes a file to a deployment in the sandbox.
"""

from headway.portfolio.adapters import Shelf, load_solutions, shelf
from headway.portfolio.entities import LoadedSolution, Pilot, PilotRequest, PilotState
from headway.portfolio.errors import ExpectationsUnmet, PilotRunning, UnknownPilot
from headway.portfolio.jobs import pilot_job
from headway.portfolio.projection import Projection, project
from headway.portfolio.service import (
    find_pilots,
    get_pilot,
    get_report,
    list_pilots,
    retry_pilot,
    settle_pilots,
    start_pilot,
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
    "TrainingDefaults",
    "UnknownPilot",
    "find_pilots",
    "get_pilot",
    "get_report",
    "list_pilots",
    "load_solutions",
    "pilot_job",
    "project",
    "retry_pilot",
    "settle_pilots",
    "shelf",
    "start_pilot",
]
