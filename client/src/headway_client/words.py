"""The closed sets of words that operations take."""

from __future__ import annotations

from typing import Literal

Environment = Literal["sandbox", "pilot", "production"]
Tier = Literal["prohibited", "high", "transparency", "minimal", "undecided"]
Role = Literal[
    "ai_office",
    "sponsor",
    "council",
    "department_head",
    "data_owner",
    "data_scientist",
    "auditor",
    "operator",
    "employee",
]
Language = Literal["en", "de"]
AlertKind = Literal["inputs", "scores", "missing", "unseen", "performance", "concept"]
AlertState = Literal["open", "acknowledged", "closed"]
Severity = Literal["warning", "serious"]
IncidentState = Literal["open", "contained", "corrected", "closed"]
IncidentSeverity = Literal["low", "medium", "high", "critical"]
AssessmentStanding = Literal["not_due", "due", "opened", "submitted", "signed", "returned", "outdated"]
RiskHarm = Literal["rights", "safety", "discrimination", "environment", "reputation"]
RiskState = Literal["open", "closed", "retired"]
Harm = Literal["death", "health", "critical_infrastructure", "fundamental_rights", "property_or_environment"]
RiskToPersons = Literal["unlikely", "likely", "high"]
FindingState = Literal["warned", "suspended", "cleared"]
ExceptionCondition = Literal["narrow_task", "improves_finished_work", "detects_patterns", "preparatory_task"]
