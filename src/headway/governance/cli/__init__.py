"""Governance at the terminal: ``headway usecase | gate | verdict | approval | waiver | break-glass | policy`` and the inventory."""

from headway.governance.cli import packs as _packs  # noqa: F401  its commands join policy_app
from headway.governance.cli.approvals import approval_app
from headway.governance.cli.break_glass import break_glass_app
from headway.governance.cli.exceptions import exception_app
from headway.governance.cli.gates import BLOCKED, gate_app
from headway.governance.cli.intake import umbrella_app
from headway.governance.cli.policies import policy_app
from headway.governance.cli.shadow import shadow_app
from headway.governance.cli.systems import system_app, vendor_app
from headway.governance.cli.usecases import usecase_app
from headway.governance.cli.verdicts import verdict_app
from headway.governance.cli.waivers import waiver_app

__all__ = [
    "BLOCKED",
    "approval_app",
    "break_glass_app",
    "exception_app",
    "gate_app",
    "policy_app",
    "shadow_app",
    "system_app",
    "umbrella_app",
    "usecase_app",
    "vendor_app",
    "verdict_app",
    "waiver_app",
]
