"""Shares of subjects become thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from headway.registry.entities import BandRule, PolicySpec
from headway.registry.errors import BadPolicy
from headway.registry.policy import check_policy_spec, freeze_policy, policy_of_shares
from headway.runtime import choose_band

SCORES = np.random.default_rng(0).beta(1, 5, 5000)


def test_the_best_share_falls_into_the_first_band() -> None:
    policy, warnings = freeze_policy(PolicySpec(), SCORES)
    assert warnings == ()
    names = [choose_band(policy, float(score)).name for score in SCORES]
    assert names.count("high") == pytest.approx(500, abs=1)
    assert names.count("medium") == pytest.approx(1000, abs=1)
    assert policy.default_action == "as_before"


def test_probabilities_are_kept_as_they_are() -> None:
    spec = PolicySpec(
        bands=(BandRule(name="call", action="call", at_least=0.4), BandRule(name="mail", action="mail")),
        default_action="mail",
    )
    policy, _ = freeze_policy(spec, SCORES)
    assert [band.at_least for band in policy.bands] == [0.4, None]


def test_a_band_that_equal_scores_swallow_is_left_out_and_told() -> None:
    policy, warnings = freeze_policy(PolicySpec(), np.r_[np.full(900, 0.1), np.full(600, 0.7)])
    assert [band.name for band in policy.bands] == ["high", "low"]
    assert len(warnings) == 1 and "'medium' is left out" in warnings[0]


def test_shares_of_a_solution_become_a_policy() -> None:
    spec = policy_of_shares([("a", "call", 0.1), ("b", "mail", 0.2), ("c", "wait", 0.7)], "as_before")
    assert [(band.name, band.top_share) for band in spec.bands] == [("a", 0.1), ("b", 0.3), ("c", None)]
    check_policy_spec(spec)


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ((), "last band takes the rest"),
        ((BandRule(name="a", action="x", top_share=0.1),), "last band takes the rest"),
        ((BandRule(name="a", action="x"), BandRule(name="b", action="x")), "either top_share or at_least"),
        ((BandRule(name="a", action="x", top_share=1.5), BandRule(name="b", action="x")), "between 0 and 1"),
        (
            (
                BandRule(name="a", action="x", top_share=0.3),
                BandRule(name="b", action="x", top_share=0.2),
                BandRule(name="c", action="x"),
            ),
            "must rise",
        ),
        ((BandRule(name="a", action="x", top_share=0.3), BandRule(name="a", action="x")), "same name"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(bands: tuple[BandRule, ...], words: str) -> None:
    with pytest.raises(BadPolicy, match=words):
        check_policy_spec(PolicySpec(bands=bands))
