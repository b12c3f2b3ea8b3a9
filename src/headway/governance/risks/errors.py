"""What can be wrong with the risk register."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class RiskUnknown(NotFound):
    """No such risk, or no such treatment."""

    code = "risks.unknown"


class RiskInvalid(Invalid):
    """A risk has a cause, an event and a consequence, and ranges above zero that rise."""

    code = "risks.invalid"


class RiskClosed(Conflict):
    """What is closed or done is not changed any more."""

    code = "risks.closed"
