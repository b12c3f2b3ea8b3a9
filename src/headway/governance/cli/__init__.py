"""``headway usecase | gate | verdict | approval | policy``: governance at the terminal."""

from headway.governance.cli import packs as _packs  # noqa: F401  its commands join policy_app
from headway.governance.cli.approvals import approval_app
from headway.governance.cli.gates import BLOCKED, gate_app, verdict_app
from headway.governance.cli.policies import policy_app
from headway.governance.cli.usecases import usecase_app

__all__ = ["BLOCKED", "approval_app", "gate_app", "policy_app", "usecase_app", "verdict_app"]
