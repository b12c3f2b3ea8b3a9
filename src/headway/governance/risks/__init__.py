"""The risk register: what can go wrong with a use case, in ranges of events a year and of money, and what is done about it.

No ordinals are multiplied: money is drawn, harms that are no money stand beside it.
"""

from headway.governance.risks.entities import (
    Estimate,
    Exceedance,
    Exposure,
    Harm,
    Range,
    Register,
    Risk,
    Severity,
    Treatment,
)
from headway.governance.risks.errors import RiskClosed, RiskInvalid, RiskUnknown
from headway.governance.risks.organisation import RiskEntry, RiskTotal
from headway.governance.risks.service import (
    RiskList,
    add_risk,
    close_risk,
    estimate_risk,
    find_risks,
    finish_treatment,
    get_risk,
    register_of,
    risk_of_treatment,
    treat_risk,
)

__all__ = [
    "Estimate",
    "Exceedance",
    "Exposure",
    "Harm",
    "Range",
    "Register",
    "Risk",
    "RiskClosed",
    "RiskEntry",
    "RiskInvalid",
    "RiskList",
    "RiskTotal",
    "RiskUnknown",
    "Severity",
    "Treatment",
    "add_risk",
    "close_risk",
    "estimate_risk",
    "find_risks",
    "finish_treatment",
    "get_risk",
    "register_of",
    "risk_of_treatment",
    "treat_risk",
]
