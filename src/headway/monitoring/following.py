"""How an alert goes on from day to day: opened once, kept while it lasts, ended when it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from headway.monitoring.entities import Alert, AlertState, Finding, Severity

QUIET_DAYS = 3
"""Judged days in a row without a finding after which it is over."""
SETTLING_DAYS = 28
"""While so young, the first day of a change is dated anew: more days show it better."""


class Step(StrEnum):
    """What a day does to an alert."""

    opens = "opens"
    goes_on = "goes_on"
    worsens = "worsens"
    rests = "rests"  # nothing was found, and it is not over yet
    ends = "ends"
    nothing = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An alert that is not over: open, acknowledged, or closed by a person while what it tells goes on."""

    alert: Alert
    quiet_days: int


def step_of(running: Running | None, finding: Finding | None) -> Step:
    """Say what a day does.

    What a person closed is not told again while it lasts, unless it grows serious or takes in more columns.
    """
    if finding is None:
        if running is None:
            return Step.nothing
        return Step.ends if running.quiet_days + 1 >= QUIET_DAYS else Step.rests
    if running is None:
        return Step.opens
    is_worse = finding.severity is Severity.serious and running.alert.severity is Severity.warning
    if running.alert.state is AlertState.closed:
        return Step.opens if is_worse or not set(finding.columns) <= set(running.alert.columns) else Step.goes_on
    return Step.worsens if is_worse else Step.goes_on


def columns_of(alert: Alert, finding: Finding) -> tuple[str, ...]:
    """The columns an alert was ever about, those found now first."""
    return tuple(dict.fromkeys((*finding.columns, *alert.columns)))
