"""What can be wrong with projections."""

from __future__ import annotations

from headway.kernel.errors import Conflict, Invalid, NotFound


class AssumptionsInvalid(Invalid):
    """Drivers rise from low over likely to high, lines name drivers that are there, and costs are among them."""

    code = "value.assumptions_invalid"


class DiscountRateInvalid(Invalid):
    """A discount rate is a percentage from 0 to 50 a year, from a day on, set with a reason."""

    code = "value.discount_rate_invalid"


class DiscountRateMissing(Conflict):
    """Nobody of finance has set the discount rate, and a projection takes none from anybody else."""

    code = "value.discount_rate_missing"


class ProjectionUnknown(NotFound):
    """No such projection."""

    code = "value.projection_unknown"
