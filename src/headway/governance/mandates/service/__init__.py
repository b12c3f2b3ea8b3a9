"""What is done with programmes and mandates."""

from headway.governance.mandates.service.appetites import (
    adopt_appetite,
    appetite_facts,
    appetite_use,
    confirm_appetite,
    estimate_stakes,
    get_appetite,
    get_stakes,
    list_appetites,
    passed_by,
)
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
    "adopt_appetite",
    "appetite_facts",
    "appetite_use",
    "change_programme",
    "confirm_appetite",
    "departments_under",
    "draft_mandate",
    "estimate_stakes",
    "facts_for",
    "get_appetite",
    "get_mandate",
    "get_programme",
    "get_stakes",
    "intake_of",
    "list_appetites",
    "list_mandates",
    "list_programmes",
    "mandate_envelope",
    "open_programme",
    "parents_of",
    "passed_by",
    "refuse_closed",
    "sign_mandate",
    "tell_due",
    "withdraw_mandate",
]
