"""Rows of governance; they never leave it. One file an idea; take them from here."""

from __future__ import annotations

from headway.governance.tables.exceptions import BreakGlassRow, WaiverRow
from headway.governance.tables.gates import (
    ApprovalRow,
    EvidenceRow,
    FindingRow,
    QuorumRow,
    RefusalRow,
    RevocationRow,
    VerdictRow,
    VoteRow,
)
from headway.governance.tables.intake import (
    DistinctionRow,
    GatewayLogRow,
    JoinRow,
    RegistrationRow,
    SightingReportRow,
    SightingRow,
    UmbrellaRow,
)
from headway.governance.tables.inventory import (
    RETIRED_WHOLE,
    SystemRow,
    TierDecisionRow,
    TierExceptionRow,
    UseCaseRow,
    UseCaseSystemRow,
    VendorRow,
)
from headway.governance.tables.packs import PackRow, PackSignatureRow, PackSwitchRow
from headway.governance.tables.places import SCHEMA, USE_CASE

__all__ = [
    "RETIRED_WHOLE",
    "SCHEMA",
    "USE_CASE",
    "ApprovalRow",
    "BreakGlassRow",
    "DistinctionRow",
    "EvidenceRow",
    "FindingRow",
    "GatewayLogRow",
    "JoinRow",
    "PackRow",
    "PackSignatureRow",
    "PackSwitchRow",
    "QuorumRow",
    "RefusalRow",
    "RegistrationRow",
    "RevocationRow",
    "SightingReportRow",
    "SightingRow",
    "SystemRow",
    "TierDecisionRow",
    "TierExceptionRow",
    "UmbrellaRow",
    "UseCaseRow",
    "UseCaseSystemRow",
    "VendorRow",
    "VerdictRow",
    "VoteRow",
    "WaiverRow",
]
