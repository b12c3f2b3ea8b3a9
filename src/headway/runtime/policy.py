"""From a score to the band it falls into and the action recommended there."""

from __future__ import annotations

from headway.runtime.entities import Band, Policy
from headway.runtime.errors import DeploymentMalformed
from headway.runtime.release import policy_problems


def choose_band(policy: Policy, score: float) -> Band:
    """Find the highest band whose floor the score reaches."""
    for band in policy.bands:
        if band.at_least is None or score >= band.at_least:
            return band
    raise DeploymentMalformed("the policy has no lowest band")


def check_policy(policy: Policy) -> None:
    """Raise DeploymentMalformed naming every contradiction in a policy."""
    problems = list(policy_problems(policy))
    if problems:
        raise DeploymentMalformed("; ".join(problems))
