"""What is done with programmes and mandates."""

from headway.governance.mandates.service.knowing import facts_for
from headway.governance.mandates.service.mandates import (
    MANDATE_TYPE,
    draft_mandate,
    get_mandate,
    list_mandates,
    mandate_envelope,
    sign_mandate,
    tell_due,
    withdraw_mandate,
)
from headway.governance.mandates.service.programmes import (
    change_programme,
    departments_under,
    get_programme,
    intake_of,
    list_programmes,
    open_programme,
    parents_of,
    refuse_closed,
)

__all__ = [
    "MANDATE_TYPE",
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
    "parents_of",
    "refuse_closed",
    "sign_mandate",
    "tell_due",
    "withdraw_mandate",
]
