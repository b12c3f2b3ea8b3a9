"""What may be said of an incident, and what stands before its closing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from headway.incidents.entities import Clock, ClockState, Fact, Harm, Incident, RiskToPersons, Severity
from headway.kernel.errors import Fault

MOST_TITLE, MOST_TEXT, LEAST_TEXT = 200, 10_000, 10
MOST_CONCERNS = 100
AHEAD = timedelta(minutes=5)
"""How far clocks of machines may differ, when somebody tells of a time that is not over yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody reports. What they do not know stays None."""

    title: str
    what: str
    department: str | None = None
    concerns: tuple[str, ...] = ()
    severity: Severity | None = None
    harm: tuple[Harm, ...] | None = None
    widespread: bool | None = None
    personal_data_breach: bool | None = None
    risk_to_persons: RiskToPersons | None = None
    found_by: str | None = None
    found_at: datetime | None = None
    aware_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    alert: str | None = None


FIELDS = (
    "title",
    "what",
    "concerns",
    "severity",
    "harm",
    "widespread",
    "personal_data_breach",
    "risk_to_persons",
    "found_by",
    "found_at",
    "aware_at",
    "started_at",
    "ended_at",
    "cause",
)
"""What can be changed of an incident afterwards."""
MOMENTS = ("found_at", "aware_at", "started_at", "ended_at")


def faults(values: Mapping[str, object], now: datetime) -> list[Fault]:
    """Find everything that is wrong with what is said of an incident."""
    found = [*_texts(values), *_times(values, now)]
    concerns = values.get("concerns") or ()
    if isinstance(concerns, tuple) and len(concerns) > MOST_CONCERNS:
        found.append(_fault("concerns", f"name at most {MOST_CONCERNS} things it concerns"))
    if values.get("alert") is not None and not str(values["alert"]).startswith("alr_"):
        found.append(_fault("alert", "an alert's id begins with alr_"))
    return found


def _texts(values: Mapping[str, object]) -> Iterable[Fault]:
    limits = {"title": (1, MOST_TITLE), "what": (LEAST_TEXT, MOST_TEXT), "found_by": (1, MOST_TITLE)}
    if values.get("cause") is not None:
        limits["cause"] = (LEAST_TEXT, MOST_TEXT)
    for name, (least, most) in limits.items():
        if name in values and not least <= len(str(values[name] or "").strip()) <= most:
            yield _fault(name, f"{name.replace('_', ' ')}: write {least} to {most} characters")


def _times(values: Mapping[str, object], now: datetime) -> Iterable[Fault]:
    told = {name: at for name in MOMENTS if isinstance(at := values.get(name), datetime)}
    for name, at in told.items():
        if at.tzinfo is None:
            yield _fault(name, f"{name.replace('_', ' ')} needs a time zone")
            return
        if at > now + AHEAD:
            yield _fault(name, f"{name.replace('_', ' ')} has not come yet")
    if "started_at" in told and "ended_at" in told and told["ended_at"] < told["started_at"]:
        yield _fault("ended_at", "it ended before it started")
    if "started_at" in told and "aware_at" in told and told["aware_at"] < told["started_at"]:
        yield _fault("aware_at", "nobody can be aware of it before it started")


def _fault(name: str, message: str) -> Fault:
    return Fault(rule=f"incident.{name}", column=name, message=message)


def facts_of(incident: Incident) -> dict[str, Fact]:
    """The facts of the incident itself that clocks ask for."""
    return {
        "severity": incident.severity.value if incident.severity else None,
        "harm": None if incident.harm is None else tuple(one.value for one in incident.harm),
        "widespread": incident.widespread,
        "personal_data_breach": incident.personal_data_breach,
        "risk_to_persons": incident.risk_to_persons.value if incident.risk_to_persons else None,
    }


def before_closing(incident: Incident, clocks: Iterable[Clock], open_actions: Iterable[str] = ()) -> tuple[str, ...]:
    """Name everything that must be done before an incident can be closed."""
    missing = [] if incident.cause else ["write down the cause"]
    missing += [f"end the corrective action: {title}" for title in open_actions]
    for one in clocks:
        if one.state is ClockState.running:
            missing.append(f"meet {one.id} or judge it not due: {one.title}")
    return tuple(missing)
