"""Incidents: what went wrong with what decides, which clocks that starts where, whom it touched, what was stopped and mended.

It stands above serving and monitoring, because it reads decisions and stops deployments. ``open_incident`` and what follows
change the register; every clock is a pure answer of ``clocks.readings`` to what is known.
"""

from headway.incidents.entities import (
    Answer,
    Clock,
    ClockRule,
    ClockSet,
    ClockState,
    Deadline,
    Harm,
    Incident,
    IncidentState,
    IncidentView,
    Place,
    Reading,
    RiskToPersons,
    Severity,
    Unit,
)
from headway.incidents.errors import (
    ClocksInvalid,
    ClocksPublished,
    IncidentInvalid,
    SamePerson,
    UnknownClock,
    UnknownIncident,
    WrongState,
)
from headway.incidents.saying import Wanted
from headway.incidents.service.reading import need_readable
from headway.incidents.service.registering import (
    close_incident,
    find_incidents,
    get_incident,
    incidents_about,
    mark_contained,
    mark_corrected,
    open_incident,
    place_incident,
    reopen_incident,
    report_resource,
    resource_of,
    update_incident,
    view_incident,
)
from headway.incidents.service.timing import deadlines, judge_clock, publish_clocks, read, remind_due, sets_in_force
from headway.incidents.service.tracing import KINDS

__all__ = [
    "KINDS",
    "Answer",
    "Clock",
    "ClockRule",
    "ClockSet",
    "ClockState",
    "ClocksInvalid",
    "ClocksPublished",
    "Deadline",
    "Harm",
    "Incident",
    "IncidentInvalid",
    "IncidentState",
    "IncidentView",
    "Place",
    "Reading",
    "RiskToPersons",
    "SamePerson",
    "Severity",
    "Unit",
    "UnknownClock",
    "UnknownIncident",
    "Wanted",
    "WrongState",
    "close_incident",
    "deadlines",
    "find_incidents",
    "get_incident",
    "incidents_about",
    "judge_clock",
    "mark_contained",
    "mark_corrected",
    "need_readable",
    "open_incident",
    "place_incident",
    "publish_clocks",
    "read",
    "remind_due",
    "reopen_incident",
    "report_resource",
    "resource_of",
    "sets_in_force",
    "update_incident",
    "view_incident",
]
