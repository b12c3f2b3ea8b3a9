"""Words for incidents: states, severities, harm, what clocks ask for; each with the tone and icon of its badge."""

from __future__ import annotations

from collections.abc import Mapping

from headway.entrypoints.pages.navigation import N_
from headway.incidents import ClockState, Harm, IncidentState, RiskToPersons, Severity

Badge = tuple[str, str, str]
"""Tone, icon and word."""

STATES: Mapping[str, Badge] = {
    IncidentState.open: ("bad", "circle-dashed", N_("open")),
    IncidentState.contained: ("warn", "hand-stop", N_("contained")),
    IncidentState.corrected: ("info", "check", N_("corrected")),
    IncidentState.closed: ("", "check", N_("closed")),
}
SEVERITIES: Mapping[str, Badge] = {
    Severity.low: ("", "point", N_("low")),
    Severity.medium: ("info", "flag", N_("medium")),
    Severity.high: ("warn", "alert-triangle", N_("high")),
    Severity.critical: ("bad", "alert-triangle", N_("critical")),
}
CLOCKS: Mapping[str, Badge] = {
    ClockState.running: ("warn", "clock", N_("runs")),
    ClockState.met: ("ok", "circle-check", N_("met")),
    ClockState.judged: ("", "gavel", N_("judged not due")),
    ClockState.stopped: ("", "x", N_("ruled out")),
    "late": ("bad", "alert-triangle", N_("has passed")),
}
ANSWERS: Mapping[str, Badge] = {
    "yes": ("warn", "check", N_("yes")),
    "unknown": ("warn", "help-circle", N_("nobody knows yet")),
    "no": ("", "x", N_("no")),
}
HARM: Mapping[str, str] = {
    Harm.death: N_("Somebody died"),
    Harm.health: N_("Somebody's health was seriously harmed"),
    Harm.critical_infrastructure: N_("Critical infrastructure was seriously disrupted"),
    Harm.fundamental_rights: N_("Duties that protect fundamental rights were breached"),
    Harm.property_or_environment: N_("Property or the environment was seriously harmed"),
}
RISKS: Mapping[str, str] = {
    RiskToPersons.unlikely: N_("unlikely"),
    RiskToPersons.likely: N_("likely"),
    RiskToPersons.high: N_("high"),
}
FACTS: Mapping[str, str] = {
    "severity": N_("how severe it is"),
    "harm": N_("what harm it did"),
    "widespread": N_("whether it is widespread"),
    "personal_data_breach": N_("whether personal data was breached"),
    "risk_to_persons": N_("the risk to persons"),
    "jurisdictions": N_("where the use case is used"),
    "tier": N_("the tier of the use case"),
    "roles": N_("the organisation's role"),
    "vendor_supplied": N_("whether a vendor supplies it"),
}
CONFIDENCE: Mapping[str, str] = {
    "verified": N_("read in the primary text"),
    "secondary": N_("from commentary that agrees"),
    "recall": N_("general knowledge: read the text first"),
}
NOTICE_KINDS: Mapping[str, str] = {"initial": N_("first report"), "follow_up": N_("follow-up report")}
YES_NO: tuple[tuple[str, str], ...] = (("yes", N_("Yes")), ("no", N_("No")))
