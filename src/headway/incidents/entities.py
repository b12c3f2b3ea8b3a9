"""The words of incidents: what happened, where it stands, which clocks run, in which jurisdictions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from headway.kernel.settings import Environment
from headway.serving import DecisionsInScope

Fact = str | bool | tuple[str, ...] | None
"""What is known of one thing a clock asks for; None: nobody knows yet."""
Confidence = Literal["verified", "secondary", "recall"]


class IncidentState(StrEnum):
    """Open is looked into, contained does no more harm, corrected has its causes mended, closed was signed off by another."""

    open = "open"
    contained = "contained"
    corrected = "corrected"
    closed = "closed"


class Severity(StrEnum):
    """How bad it is in the organisation's own eyes."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


class Harm(StrEnum):
    """What an incident led to, as Art. 3(49) of the AI Act sorts it; death stands alone because its clock does."""

    death = "death"
    health = "health"
    critical_infrastructure = "critical_infrastructure"
    fundamental_rights = "fundamental_rights"
    property_or_environment = "property_or_environment"


class RiskToPersons(StrEnum):
    """How a breach of personal data may touch those it is about, as Art. 33 and 34 of the GDPR ask it."""

    unlikely = "unlikely"
    likely = "likely"
    high = "high"


class Answer(StrEnum):
    """Whether a clock applies; what nobody knows runs until somebody does."""

    yes = "yes"
    unknown = "unknown"
    no = "no"


class ClockState(StrEnum):
    """Where a clock stands: it runs, was met, was judged not due by a person, or stopped because facts rule it out."""

    running = "running"
    met = "met"
    judged = "judged"
    stopped = "stopped"


class Unit(StrEnum):
    """What a clock counts in."""

    hours = "hours"
    calendar_days = "calendar_days"
    business_days = "business_days"


Start = Literal["aware", "occurred", "opened"]
MetBy = Literal["authority", "persons", "provider", "deployer", "internal", "cause", "containment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to the facts: whether one of ``values`` is, or is among, what is known of ``fact``."""

    fact: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """A duty with a time limit: ``when`` must all hold, each an alternative of tests. ``to`` says whom it is owed."""

    id: str
    title: str
    source: str
    confidence: Confidence
    jurisdiction: str
    starts: Start
    amount: int
    unit: Unit
    met_by: MetBy
    to: str
    valid_from: date | None
    valid_until: date | None
    note: str
    when: tuple[tuple[Question, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSet:
    """A file of clocks as it was published; another content needs another version."""

    id: str
    version: str
    title: str
    as_of: date
    note: str
    time_zone: str
    holidays: tuple[date, ...]
    nothing_known: tuple[tuple[str, str], ...]
    """Jurisdictions that were looked at and have no clock here, each with what was found."""
    clocks: tuple[ClockRule, ...]
    digest: str
    published_by: str | None
    """None: it comes with Headway."""
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the inventory knows of one use case concerned; an incident without one has a case of which nothing is known."""

    usecase: str | None
    facts: tuple[tuple[str, Fact], ...]
    jurisdictions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a clock says of an incident: whether it applies, why, and from when until when it would run."""

    rule: ClockRule
    set: str
    set_digest: str
    answer: Answer
    why: str
    missing: tuple[str, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A jurisdiction of an incident: whether it is in it, from what that follows, or who said so and why."""

    jurisdiction: str
    answer: Answer
    sources: tuple[str, ...]
    said_by: str | None
    said_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock of an incident. ``is_late``: it runs and its time is over. ``missing``: facts that nobody has told yet."""

    id: str
    incident: str
    title: str
    source: str
    confidence: Confidence
    jurisdiction: str
    met_by: MetBy
    to: str
    note: str
    set: str
    set_digest: str
    state: ClockState
    answer: Answer
    why: str
    missing: tuple[str, ...]
    since: datetime
    until: datetime
    is_late: bool
    settled_by: str | None
    settled_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One entry of the register. What nobody has said yet is None; the clocks then take the strictest reading."""

    id: str
    title: str
    what: str
    department: str
    concerns: tuple[str, ...]
    """References to what it is about: use cases, deployments, versions, runs, snapshots, contracts, data products."""
    usecases: tuple[str, ...]
    """The use cases that these lead to."""
    severity: Severity | None
    harm: tuple[Harm, ...] | None
    """None: not judged yet; empty: judged, and none of them."""
    widespread: bool | None
    personal_data_breach: bool | None
    risk_to_persons: RiskToPersons | None
    found_by: str
    found_at: datetime
    aware_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    state: IncidentState
    cause: str | None
    alert: str | None
    opened_by: str
    opened_at: datetime
    changed_at: datetime
    contained_at: datetime | None
    corrected_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None
    closed_because: str | None
    next_due: datetime | None
    """When the first of its running clocks ends."""
    running: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """That an incident stopped a deployment, and by whom that was lifted; until then nobody resumes it."""

    incident: str
    deployment_id: str
    environment: Environment
    deployment: str
    stopped_by: str
    stopped_at: datetime
    reason: str
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None
    told: str | None
    """What lifting did: that it decides again, or why it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """An incident with its jurisdictions and clocks, and what still stands between it and its closing."""

    incident: Incident
    places: tuple[Place, ...]
    clocks: tuple[Clock, ...]
    stops: tuple[Stop, ...]
    before_closing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A release, a deployment's name or a single decision that an incident reaches, and the references that lead there."""

    kind: Literal["release", "deployment", "decision"]
    ref: str
    way: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """The decisions that an incident touched, as they were counted at one moment; kept so."""

    id: str
    incident: str
    counted_at: datetime
    counted_by: str
    since: datetime | None
    until: datetime | None
    reached: tuple[Reached, ...]
    found: DecisionsInScope


@dataclass(frozen=True, slots=True, kw_only=True)
class ToStop:
    """A deployment that an incident may have to do with: whether it would be stopped, and why or why not."""

    environment: Environment
    deployment: str
    usecase: str
    department: str | None
    version: str
    state: str
    why: str
    reason: str | None
    """Why it is suspended, if it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """What stopping would stop, or has stopped, and what stays with its reason."""

    incident: str
    stops: tuple[ToStop, ...]
    stays: tuple[ToStop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToLift:
    """A deployment that an incident stopped: whether lifting lets it decide again, and why or why not."""

    environment: Environment
    deployment: str
    department: str | None
    version: str | None
    resumes: bool
    why: str
    stopped_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifting:
    """What lifting the containment of an incident would do, and the corrective actions that must be ended first."""

    incident: str
    lifts: tuple[ToLift, ...]
    open_actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Something of an incident that is due: a clock, or a corrective action."""

    incident: str
    title: str
    department: str
    kind: Literal["clock", "action"]
    name: str
    what: str
    due: datetime
    is_late: bool
    jurisdiction: str | None
    owner: str | None
