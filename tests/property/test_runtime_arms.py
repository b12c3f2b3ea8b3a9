"""Arms are sticky, keep their shares and know nothing of each other's experiments."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway import runtime
from headway.runtime import Arm, DeploymentMalformed
from headway.runtime.arms import bounds

N = 20_000


def arms(*shares: float) -> tuple[Arm, ...]:
    return tuple(Arm(name=f"arm{i}", release=None, share=share) for i, share in enumerate(shares))


splits = st.lists(st.integers(0, 10_000), max_size=4).map(
    lambda cuts: [b - a for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 10_000], strict=True)]
)


@given(split=splits, salt=st.text(min_size=1, max_size=10), subject=st.text())
def test_a_subject_keeps_its_arm(split: list[int], salt: str, subject: str) -> None:
    made = arms(*(part / 10_000 for part in split))
    chosen = runtime.choose_arm(salt, subject, made)
    assert chosen == runtime.choose_arm(salt, subject, made)
    assert next(arm for arm in made if arm.name == chosen).share > 0


def test_buckets_are_those_of_keyed_blake2b() -> None:
    # A change of these numbers would move every subject of every running experiment.
    assert [runtime.bucket("salt", f"customer-{i}") for i in range(4)] == [2596, 9199, 25, 2983]


@pytest.mark.parametrize("salt", ["a", "b", "release-2026"])
@pytest.mark.parametrize("shares", [(0.9, 0.1), (0.5, 0.3, 0.2), (0.9999, 0.0001), (1.0,), (0.0, 1.0)])
def test_shares_are_kept(salt: str, shares: tuple[float, ...]) -> None:
    made = arms(*shares)
    counted = [runtime.choose_arm(salt, f"customer-{i}", made) for i in range(N)]
    for arm in made:
        deviation = abs(counted.count(arm.name) / N - arm.share)
        assert deviation <= 4.5 * sqrt(arm.share * (1 - arm.share) / N), "further off than chance explains"


def test_a_new_salt_deals_anew_and_independently() -> None:
    made = arms(0.5, 0.5)
    first = [runtime.choose_arm("one", str(i), made) for i in range(N)]
    second = [runtime.choose_arm("two", str(i), made) for i in range(N)]
    both = sum(a == b == "arm0" for a, b in zip(first, second, strict=True)) / N
    assert abs(both - 0.25) < 4.5 * sqrt(0.25 * 0.75 / N)


def test_moving_a_share_between_neighbours_moves_nobody_else() -> None:
    before, after = arms(0.8, 0.1, 0.1), arms(0.7, 0.2, 0.1)
    for i in range(N):
        was, now = (runtime.choose_arm("s", str(i), made) for made in (before, after))
        assert was == now or (was, now) == ("arm0", "arm1")


@pytest.mark.parametrize("shares", [(), (0.5,), (0.5, 0.6), (1.5, -0.5), (0.33333, 0.66667), (float("nan"),)])
def test_shares_that_do_not_add_up_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(DeploymentMalformed):
        bounds(arms(*shares))


def test_two_arms_of_one_name_are_refused() -> None:
    with pytest.raises(DeploymentMalformed):
        bounds((Arm(name="a", release=None, share=0.5), Arm(name="a", release=None, share=0.5)))
