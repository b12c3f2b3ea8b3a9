"""Means and limits of the organisation: programmes with a sponsor's signed mandate.

A department whose programme has no mandate in force takes nothing in.
"""

from headway.governance.mandates.entities import IntakeStanding, Mandate, MandateState, Programme
from headway.governance.mandates.errors import (
    IntakeClosed,
    MandateClosed,
    MandateInvalid,
    MandateUnknown,
    NotTheSponsor,
    ProgrammeTaken,
    ProgrammeUnknown,
)
from headway.governance.mandates.known import UNSET, Facts
from headway.governance.mandates.service import (
    MANDATE_TYPE,
    change_programme,
    departments_under,
    draft_mandate,
    facts_for,
    get_mandate,
    get_programme,
    intake_of,
    list_mandates,
    list_programmes,
    mandate_envelope,
    open_programme,
    refuse_closed,
    sign_mandate,
    tell_due,
    withdraw_mandate,
)

__all__ = [
    "MANDATE_TYPE",
    "UNSET",
    "Facts",
    "IntakeClosed",
    "IntakeStanding",
    "Mandate",
    "MandateClosed",
    "MandateInvalid",
    "MandateState",
    "MandateUnknown",
    "NotTheSponsor",
    "Programme",
    "ProgrammeTaken",
    "ProgrammeUnknown",
    "change_programme",
    "departments_under",
    "draft_mandate",
    "facts_for",
    "get_mandate",
    "get_programme",
    "intake_of",
    "list_mandates",
    "list_programmes",
    "mandate_envelope",
    "open_programme",
    "refuse_closed",
    "sign_mandate",
    "tell_due",
    "withdraw_mandate",
]
