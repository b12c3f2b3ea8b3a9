"""Value: what a deployment was worth, measured by its hold-out, beside what its pilot promised.

``measure`` reads outcomes by arm from serving and judges them; everything else here is pure.
"""

from headway.value.comparison import compare, needed
from headway.value.entities import (
    ArmValue,
    DeploymentValue,
    Effect,
    EvidenceLevel,
    Group,
    Need,
    Promise,
    Range,
    RatioCheck,
    Step,
    Worth,
)
from headway.value.ratio import check_ratio
from headway.value.service import measure

__all__ = [
    "ArmValue",
    "DeploymentValue",
    "Effect",
    "EvidenceLevel",
    "Group",
    "Need",
    "Promise",
    "Range",
    "RatioCheck",
    "Step",
    "Worth",
    "check_ratio",
    "compare",
    "measure",
    "needed",
]
