"""Many draws of what may come: net present value, payback, internal rate, and which driver moves it. Pure.

Lines are products of independent drivers, each once, so the net present value is linear in every driver: with all others at
their means it is exactly what is expected at that value. Tornado and shares of variance rest on it.
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, TypeVar

from headway.kernel.money import Money
from headway.numerics import (
    FloatArray,
    discount_factors,
    draw_between,
    internal_rate,
    mean_between,
    payback_month,
    sign_changes,
    variance_between,
)
from headway.value.projections.entities import (
    Assumptions,
    Band,
    Line,
    LineKind,
    LineWorth,
    Projected,
    Swing,
    Timing,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T", float, FloatArray)
BINS = 30
TENTHS = (0.1, 0.5, 0.9)


def simulate(given: Assumptions, yearly_rate: float) -> Projected:
    """Draw and count. The same assumptions, seed and rate give the same result.

    Each driver is drawn from a stream of its own, so that changing one leaves the draws of the others as they are.

    Args: given: without faults (``rules.faults``); yearly_rate: 0.08 for eight percent.
    """
    import numpy as np

    drawn = _draws(given)
    factors = discount_factors(given.horizon_months, yearly_rate)
    cash = [line for line in given.lines if line.kind is not LineKind.capacity]
    spare = [line for line in given.lines if line.kind is LineKind.capacity]
    amounts = np.stack([_sign(line) * _product(drawn, line) for line in cash], axis=1)
    months = np.stack([spread(line, given.horizon_months) for line in cash])
    npv = amounts @ (months @ factors)
    cumulative = amounts @ np.cumsum(months, axis=1)
    payback = payback_month(np.where(np.abs(cumulative) < 1e-9, 0.0, cumulative))
    means = {one.name: mean_between(one.low, one.likely, one.high, one.shape) for one in given.drivers}
    expected = np.asarray([_sign(line) * _product(means, line) for line in cash]) @ months
    turns = sign_changes(expected)
    irr = internal_rate(expected)
    counts, edges = np.histogram(npv, bins=BINS, range=_range(npv))
    return Projected(
        npv=_band(npv, given.currency),
        probability_of_loss=float(np.mean(npv < 0.0)),
        payback_months=_quantile_month(payback, 0.5),
        payback_months_late=_quantile_month(payback, 0.9),
        paid_back=float(np.mean(np.isfinite(payback))),
        irr=irr,
        irr_why=_why_no_rate(turns, irr),
        capacity=_capacity(given, drawn, spare, factors) if spare else None,
        lines=tuple(_worth(given, line, means, factors) for line in given.lines),
        swings=_swings(given, drawn, cash, factors, npv),
        cumulative=tuple(_band(cumulative[:, at], given.currency) for at in range(cumulative.shape[1])),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
    )


def spread(line: Line, horizon: int) -> FloatArray:
    """Say which part of a line's amount falls due at the end of each month.

    Returns: shape (horizon + 1,). In the ramp the k-th of n months brings k / (n + 1) of a full month.
    """
    import numpy as np

    made = np.zeros(horizon + 1)
    if line.timing is Timing.once:
        made[line.first_month] = 1.0
        return made
    past = np.arange(1, horizon - line.first_month + 2)
    made[line.first_month :] = np.minimum(1.0, past / (line.ramp_months + 1)) / 12.0
    return made


def _draws(given: Assumptions) -> dict[str, FloatArray]:
    import numpy as np

    made = {}
    for one in given.drivers:
        stream = np.random.SeedSequence([given.seed, zlib.crc32(one.name.encode())])
        generator = np.random.Generator(np.random.PCG64(stream))
        made[one.name] = draw_between(generator, one.low, one.likely, one.high, one.shape, count=given.draws)
    return made


def _product(values: Mapping[str, T], line: Line) -> T:
    made = values[line.drivers[0]]
    for name in line.drivers[1:]:
        made = made * values[name]
    return made


def _sign(line: Line) -> float:
    return -1.0 if line.kind is LineKind.cost else 1.0


def _worth(given: Assumptions, line: Line, means: dict[str, float], factors: FloatArray) -> LineWorth:
    share = given.capacity_share if line.kind is LineKind.capacity else 1.0
    worth = _sign(line) * share * _product(means, line) * float(spread(line, given.horizon_months) @ factors)
    return LineWorth(name=line.name, kind=line.kind, worth=_money(worth, given.currency))


def _capacity(given: Assumptions, drawn: dict[str, FloatArray], spare: list[Line], factors: FloatArray) -> Band:
    each = [_product(drawn, line) * float(spread(line, given.horizon_months) @ factors) for line in spare]
    total = each[0]
    for one in each[1:]:
        total = total + one
    return _band(given.capacity_share * total, given.currency)


def _swings(
    given: Assumptions, drawn: dict[str, FloatArray], cash: list[Line], factors: FloatArray, npv: FloatArray
) -> tuple[Swing, ...]:
    """How far each driver moves the expected net present value, the furthest first; those that are fixed are left out."""
    import numpy as np

    means = {one.name: mean_between(one.low, one.likely, one.high, one.shape) for one in given.drivers}
    weights = [_sign(line) * float(spread(line, given.horizon_months) @ factors) for line in cash]
    whole = float(np.var(npv))

    def expected(name: str, value: float) -> float:
        at = {**means, name: value}
        return sum(weight * _product(at, line) for weight, line in zip(weights, cash, strict=True))

    made = []
    for one in given.drivers:
        if one.high <= one.low or not any(one.name in line.drivers for line in cash):
            continue
        low, high = (float(value) for value in np.quantile(drawn[one.name], (0.1, 0.9)))
        slope = (expected(one.name, one.high) - expected(one.name, one.low)) / (one.high - one.low)
        alone = slope**2 * variance_between(one.low, one.likely, one.high, one.shape)
        ends = expected(one.name, low), expected(one.name, high)
        share = min(1.0, alone / whole) if whole > 0.0 else 0.0
        made.append((abs(ends[1] - ends[0]), one.name, ends, share))
    made.sort(key=lambda each: (-each[0], each[1]))
    return tuple(
        Swing(
            driver=name,
            at_low=_money(ends[0], given.currency),
            at_high=_money(ends[1], given.currency),
            share=share,
        )
        for _, name, ends, share in made
    )


def _band(values: FloatArray, currency: str) -> Band:
    import numpy as np

    p10, p50, p90 = (float(one) for one in np.quantile(values, TENTHS))
    return Band(
        p10=_money(p10, currency),
        p50=_money(p50, currency),
        p90=_money(p90, currency),
        mean=_money(float(np.mean(values)), currency),
    )


def _quantile_month(payback: FloatArray, share: float) -> int | None:
    import numpy as np

    found = float(np.quantile(payback, share, method="inverted_cdf"))
    return int(found) if math.isfinite(found) else None


def _range(values: FloatArray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high - low > 1e-6 * max(1.0, abs(low)) else (low - 1.0, high + 1.0)


def _why_no_rate(turns: int, irr: float | None) -> str | None:
    if turns > 1:
        return f"the expected flows turn {turns} times between paid and received, so that more than one rate may fit"
    if turns == 0:
        return "the expected flows never turn between paid and received"
    return "it is further away than any real rate" if irr is None else None


def _money(value: float, currency: str) -> str:
    return str(Money.of(1, currency).times(value))
