"""Answers about incidents: the register, jurisdictions, clocks, deadlines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from headway_client.answer import Answer


class Incident(Answer):
    """One entry of the register; what is None nobody knows yet."""

    id: str
    title: str
    what: str
    department: str
    concerns: list[str]
    usecases: list[str]
    severity: str | None
    harm: list[str] | None
    widespread: bool | None
    personal_data_breach: bool | None
    risk_to_persons: str | None
    found_by: str
    found_at: datetime
    aware_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    state: str
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
    running: int
    late: int


class IncidentPlace(Answer):
    """A jurisdiction of an incident: whether it is in it, and from what or whom that follows."""

    jurisdiction: str
    answer: str
    sources: list[str]
    said_by: str | None
    said_at: datetime | None
    reason: str | None


class IncidentClock(Answer):
    """A clock of an incident; ``missing`` names what nobody has told yet."""

    id: str
    incident: str
    title: str
    source: str
    confidence: str
    jurisdiction: str
    met_by: str
    to: str
    note: str
    set: str
    set_digest: str
    state: str
    answer: str
    why: str
    missing: list[str]
    since: datetime
    until: datetime
    is_late: bool
    settled_by: str | None
    settled_at: datetime | None
    reason: str | None


class StoppedByIncident(Answer):
    """A deployment that an incident stopped; ``told`` says what lifting did."""

    incident: str
    deployment_id: str
    environment: str
    deployment: str
    stopped_by: str
    stopped_at: datetime
    reason: str
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None
    told: str | None


class IncidentView(Answer):
    """An incident with its jurisdictions and clocks, and what stands before its closing."""

    incident: Incident
    places: list[IncidentPlace]
    clocks: list[IncidentClock]
    stops: list[StoppedByIncident]
    before_closing: list[str]


class ReachedByIncident(Answer):
    """What an incident reaches, and the references that lead there."""

    kind: str
    ref: str
    way: list[str]


class DecisionCount(Answer):
    """How many decisions share a value of one kind."""

    kind: str
    value: str | None
    decisions: int
    subjects: int


class DecisionsInScope(Answer):
    """What was found, of what was taken in."""

    decisions: int
    subjects: int
    without_subject: int
    first: datetime | None
    last: datetime | None
    beside: int
    counts: list[DecisionCount]
    version: str | None


class AffectedDecisions(Answer):
    """The decisions that an incident touched, as they were counted at one moment."""

    id: str
    incident: str
    counted_at: datetime
    counted_by: str
    since: datetime | None
    until: datetime | None
    reached: list[ReachedByIncident]
    found: DecisionsInScope


class CountedDecisions(Answer):
    """What was counted last, and whether decisions arrived since."""

    affected: AffectedDecisions | None
    is_stale: bool


class StartedCount(Answer):
    """A count that was begun; ``client.wait(started)`` waits for it."""

    job: str


class DeploymentToStop(Answer):
    """A deployment that an incident may have to do with, and why it is stopped or stays."""

    environment: str
    deployment: str
    usecase: str
    department: str | None
    version: str
    state: str
    why: str
    reason: str | None


class Containment(Answer):
    """What stopping would stop, or has stopped, and what stays."""

    incident: str
    stops: list[DeploymentToStop]
    stays: list[DeploymentToStop]


class DeploymentToLift(Answer):
    """A deployment that an incident stopped: whether lifting lets it decide again, and why or why not."""

    environment: str
    deployment: str
    department: str | None
    version: str | None
    resumes: bool
    why: str
    stopped_by: str


class Lifting(Answer):
    """What lifting would do, and the corrective actions that must be ended first."""

    incident: str
    lifts: list[DeploymentToLift]
    open_actions: list[str]


class Lifted(Answer):
    """What was lifted, each with what became of it."""

    items: list[StoppedByIncident]


class StatedFact(Answer):
    """A fact of a draft, and the record and field that hold it."""

    says: str
    value: str
    record: str
    field: str
    digest: str | None


class NoticeLine(Answer):
    """What the records answer to one line of a form."""

    id: str
    title: str
    source: str
    confidence: str
    facts: list[StatedFact]


class NoticeGap(Answer):
    """Something that no record holds, and how it comes to be known."""

    line: str
    what: str
    mend: str


class NoticeDraft(Answer):
    """A notification as the records fill it."""

    form: str
    form_digest: str
    title: str
    note: str
    kind: str
    incident: str
    clock: str
    lines: list[NoticeLine]
    gaps: list[NoticeGap]


class NoticeSending(Answer):
    """When somebody sent a notification, to whom, under which number, with which proof."""

    sent_at: datetime
    to: str
    reference: str | None
    file: str | None
    file_digest: str | None
    noted_by: str
    noted_at: datetime


class Notice(Answer):
    """A draft that is kept; ``is_current``: the records still say the same."""

    id: str
    incident: str
    clock: str
    number: int
    draft: NoticeDraft
    digest: str
    made_by: str
    made_at: datetime
    is_current: bool
    sending: NoticeSending | None


class Notices(Answer):
    """Drafts of notifications."""

    items: list[Notice]


class Incidents(Answer):
    """The part of the register that was asked for; ``total`` is exact up to 10,000."""

    items: list[Incident]
    total: int
    is_more: bool
    query: dict[str, Any]


class Deadline(Answer):
    """Something of an incident that is due."""

    incident: str
    title: str
    department: str
    kind: str
    name: str
    what: str
    due: datetime
    is_late: bool
    jurisdiction: str | None
    owner: str | None


class Deadlines(Answer):
    """What is due, the first first."""

    items: list[Deadline]


class ClockQuestion(Answer):
    """One question of a clock to the facts."""

    fact: str
    values: list[str | bool]


class ClockRule(Answer):
    """A duty with a time limit, its source and how well that was read."""

    id: str
    title: str
    source: str
    confidence: str
    jurisdiction: str
    starts: str
    amount: int
    unit: str
    met_by: str
    to: str
    valid_from: date | None
    valid_until: date | None
    note: str
    when: list[list[ClockQuestion]]


class ClockSet(Answer):
    """A file of clocks; without ``published_by`` it comes with Headway."""

    id: str
    version: str
    title: str
    as_of: date
    note: str
    time_zone: str
    holidays: list[date]
    nothing_known: list[list[str]]
    clocks: list[ClockRule]
    digest: str
    published_by: str | None
    published_at: datetime | None


class ClockSets(Answer):
    """The files of clocks that count now."""

    items: list[ClockSet]
