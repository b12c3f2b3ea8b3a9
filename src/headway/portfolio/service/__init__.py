"""The verbs of the portfolio, one file an idea."""

from headway.portfolio.service.benefit import deployment_value, promise_of, usecase_value, valued_deployments
from headway.portfolio.service.knowing import known_at_intake
from headway.portfolio.service.looking import find_pitfalls
from headway.portfolio.service.pilots import (
    fail_pilot,
    find_pilots,
    finish_pilot,
    get_pilot,
    get_report,
    list_pilots,
    retry_pilot,
    settle_pilots,
    start_pilot,
)
from headway.portfolio.service.printing import print_report
from headway.portfolio.service.standing import (
    board,
    count_stages,
    find_usecases,
    get_standing,
    retire_usecase,
    stages,
    survey,
)
from headway.portfolio.service.starting import repeat_pilot, start_from_upload

__all__ = [
    "board",
    "count_stages",
    "deployment_value",
    "fail_pilot",
    "find_pilots",
    "find_pitfalls",
    "find_usecases",
    "finish_pilot",
    "get_pilot",
    "get_report",
    "get_standing",
    "known_at_intake",
    "list_pilots",
    "print_report",
    "promise_of",
    "repeat_pilot",
    "retire_usecase",
    "retry_pilot",
    "settle_pilots",
    "stages",
    "start_from_upload",
    "start_pilot",
    "survey",
    "usecase_value",
    "valued_deployments",
]
