"""Projections: what a use case is expected to bring and to cost, drawn from what people think likely; never measured.

The discount rate is finance's. ``project`` keeps a projection and brings it to governance as evidence.
"""

from headway.value.projections.entities import (
    Assumptions,
    Band,
    DiscountRate,
    Driver,
    Line,
    LineKind,
    LineWorth,
    Projected,
    Projection,
    Swing,
    Timing,
)
from headway.value.projections.errors import (
    AssumptionsInvalid,
    DiscountRateInvalid,
    DiscountRateMissing,
    ProjectionUnknown,
)
from headway.value.projections.service import (
    discount_rate,
    get_projection,
    list_discount_rates,
    list_projections,
    newest_projection,
    project,
    set_discount_rate,
)
from headway.value.projections.simulating import simulate

__all__ = [
    "Assumptions",
    "AssumptionsInvalid",
    "Band",
    "DiscountRate",
    "DiscountRateInvalid",
    "DiscountRateMissing",
    "Driver",
    "Line",
    "LineKind",
    "LineWorth",
    "Projected",
    "Projection",
    "ProjectionUnknown",
    "Swing",
    "Timing",
    "discount_rate",
    "get_projection",
    "list_discount_rates",
    "list_projections",
    "newest_projection",
    "project",
    "set_discount_rate",
    "simulate",
]
