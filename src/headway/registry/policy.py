"""Freezes a decision policy: shares of subjects become thresholds on the calibrated probability."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headway.kernel.errors import Fault
from headway.registry.entities import BandRule, PolicySpec
from headway.registry.errors import BadPolicy
from headway.runtime import Band, Policy


def check_policy_spec(spec: PolicySpec) -> None:
    """Raise BadPolicy naming every fault of a policy before it is used."""
    faults = []
    if not spec.bands or not _is_rest(spec.bands[-1]):
        faults.append("the last band takes the rest and has neither top_share nor at_least")
    for band in spec.bands[:-1]:
        if (band.top_share is None) == (band.at_least is None):
            faults.append(f"band {band.name!r} needs either top_share or at_least")
        if not 0 < (band.top_share if band.top_share is not None else band.at_least or 0.5) < 1:
            faults.append(f"band {band.name!r} needs a number between 0 and 1")
    shares = [band.top_share for band in spec.bands if band.top_share is not None]
    if any(upper >= lower for upper, lower in itertools.pairwise(shares)):
        faults.append("top_share counts from the best and must rise from band to band")
    if len({band.name for band in spec.bands}) != len(spec.bands):
        faults.append("two bands have the same name")
    if faults:
        raise BadPolicy("; ".join(faults), faults=[Fault(rule="policy", message=fault) for fault in faults])


def policy_of_shares(bands: Sequence[tuple[str, str, float]], default_action: str) -> PolicySpec:
    """Make a policy of bands given as (name, action, share of the subjects), best first; the last takes the rest."""
    rules, reached = [], 0.0
    for name, action, share in bands[:-1]:
        reached += share
        rules.append(BandRule(name=name, action=action, top_share=round(reached, 9)))
    name, action, _ = bands[-1]
    return PolicySpec(bands=(*rules, BandRule(name=name, action=action)), default_action=default_action)


def freeze_policy(spec: PolicySpec, scores: NDArray[np.float64]) -> tuple[Policy, tuple[str, ...]]:
    """Turn shares into thresholds.

    Args: scores: calibrated probabilities of rows that the model did not learn from.
    Returns: the policy, and a warning for each band that vanished because too many scores are equal.
    """
    check_policy_spec(spec)
    bands: list[Band] = []
    warnings: list[str] = []
    for rule in spec.bands:
        floor = _floor(rule, scores)
        if floor is not None and bands and bands[-1].at_least is not None and floor >= bands[-1].at_least:
            warnings.append(
                f"band {rule.name!r} is left out: too many rows have the same score to tell it from {bands[-1].name!r}"
            )
            continue
        bands.append(Band(name=rule.name, at_least=floor, action=rule.action))
    return Policy(bands=tuple(bands), default_action=spec.default_action), tuple(warnings)


def _floor(rule: BandRule, scores: NDArray[np.float64]) -> float | None:
    if rule.top_share is not None:
        return float(np.quantile(scores, 1 - rule.top_share, method="higher"))
    return rule.at_least


def _is_rest(band: BandRule) -> bool:
    return band.top_share is None and band.at_least is None
