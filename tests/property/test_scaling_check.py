"""The check of a forecast holds its error whenever one looks: over many streams, and whatever the batches."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headway import numerics
from headway.scaling.sequential import State, Tolerance, check
from tests.factories.dose import IS_FULL

TOLERANCE = Tolerance.of(0.0, 0.0)
STREAMS = 400 if IS_FULL else 60


def stream(
    seed: int, labels: int, shift: float = 0.0, slope: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Forecasts, outcomes and directions of a stream whose truth is the forecast moved by a shift and a slope."""
    draw = np.random.default_rng(seed)
    sides = draw.normal(size=(2_000, 3))
    raw = -1.6 + sides @ [0.9, 0.5, 0.0]
    truth = numerics.sigmoid(-1.6 + shift + slope * (raw + 1.6))
    y = (draw.random(2_000) < truth).astype(np.float64)
    p = numerics.sigmoid(raw)
    return p[:labels], y[:labels], sides[:labels], p


def test_a_right_forecast_is_seldom_rejected_at_any_moment() -> None:
    """Where the forecast is off by all that is tolerated, so that every bit of the error would show."""
    found = [check(*_stream(seed, 300, TOLERANCE.shift, float(np.exp(-TOLERANCE.slope)))) for seed in range(STREAMS)]
    fallen = sum(one.state is State.falls for one in found)
    assert fallen <= 0.05 * STREAMS + 2.0 * np.sqrt(0.05 * STREAMS)


def test_a_move_that_matters_is_seldom_let_stand() -> None:
    for shift, slope in ((0.8, 1.0), (-0.8, 1.0), (0.0, 0.4)):
        found = [check(*_stream(seed, 300, shift, slope)) for seed in range(STREAMS // 2)]
        assert sum(one.state is State.stands for one in found) <= 0.05 * STREAMS / 2 + 2.0 * np.sqrt(0.05 * STREAMS / 2)


def _stream(
    seed: int, labels: int, shift: float, slope: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, Tolerance]:
    return (*stream(seed, labels, shift, slope), TOLERANCE)


@given(seed=st.integers(0, 10_000), labels=st.integers(1, 120), before=st.integers(0, 119))
def test_what_was_seen_before_does_not_change_with_later_labels(seed: int, labels: int, before: int) -> None:
    p, y, sides, everywhere = stream(seed, labels, 0.5)
    cut = min(before, labels - 1)
    whole, early = (
        check(p, y, sides, everywhere, TOLERANCE),
        check(p[:cut], y[:cut], sides[:cut], everywhere, TOLERANCE),
    )
    np.testing.assert_allclose(whole.against[:cut], early.against, atol=1e-9)
    np.testing.assert_allclose(whole.for_it[:cut], early.for_it, atol=1e-9)
    if early.state is State.falls:
        assert whole.state is State.falls and whole.decided_at == early.decided_at
