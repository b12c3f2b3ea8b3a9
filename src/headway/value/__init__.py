"""Value: what a deployment was worth, measured by its hold-out, beside what its pilot promised.

``measure`` reads outcomes by arm from serving and judges them; everything else here is pure.
"""

from headway.value.comparison import compare, needed
from headway.value.entities import (
    ArmValue,
    Computing,
    DeploymentValue,
    Effect,
    EvidenceLevel,
    Group,
    Need,
    Promise,
    Range,
    Rates,
    RatioCheck,
    RunningCost,
    Step,
    Worth,
)
from headway.value.errors import RatesInvalid
from headway.value.ratio import check_ratio
from headway.value.service import list_rates, measure, set_rates

__all__ = [
    "ArmValue",
    "Computing",
    "DeploymentValue",
    "Effect",
    "EvidenceLevel",
    "Group",
    "Need",
    "Promise",
    "Range",
    "Rates",
    "RatesInvalid",
    "RatioCheck",
    "RunningCost",
    "Step",
    "Worth",
    "check_ratio",
    "compare",
    "list_rates",
    "measure",
    "needed",
    "set_rates",
]
