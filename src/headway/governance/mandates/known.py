"""What gates know of mandates, as facts for rules (``facts.ORGANISATION_FACTS``); where nothing is set up, nothing applies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from headway.governance.mandates.entities import IntakeStanding
from headway.kernel.errors import Scalar

Facts = Mapping[str, Mapping[str, Scalar]]

UNSET: Final[Facts] = {"mandate": {"is_needed": False}, "appetite": {"limits_set": 0}, "rights": {"is_set": False}}


def of_mandate(found: IntakeStanding) -> Mapping[str, Scalar]:
    """Say whether the department's programme has a mandate in force."""
    if found.programme is None:
        return UNSET["mandate"]
    told: dict[str, Scalar] = {"is_needed": True, "in_force": found.is_open}
    return told if found.is_open else told | {"reason": f"{found.reason}; {found.mender} mends it by signing a mandate"}
