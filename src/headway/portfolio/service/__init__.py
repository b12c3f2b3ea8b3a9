"""The verbs of the portfolio, one file an idea."""

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

__all__ = [
    "fail_pilot",
    "find_pilots",
    "finish_pilot",
    "get_pilot",
    "get_report",
    "list_pilots",
    "retry_pilot",
    "settle_pilots",
    "start_pilot",
]
