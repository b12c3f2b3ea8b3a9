"""Answers about what was measured by a hold-out, and what a pilot promised."""

from __future__ import annotations

from datetime import date, datetime

from headway_client.answer import Answer


class MoneyRange(Answer):
    """An expected amount of money with its interval, each written like ``120.00 EUR``."""

    expected: str
    low: str
    high: str


class Promise(Answer):
    """What a pilot projected from the two amounts that a person gave."""

    pilot: str
    pilot_name: str
    made_this_version: bool
    value_per_success: str
    cost_per_action: str
    cases: int
    gain: MoneyRange | None
    effect: float | None
    positive: str | None


class Effect(Answer):
    """A difference of means with its interval by Welch."""

    difference: float
    low: float
    high: float
    degrees: float
    level: float


class RatioCheck(Answer):
    """Whether counts fell as planned; ``holds`` is False below p = 0.001."""

    statistic: float
    degrees: int
    p: float
    holds: bool


class Need(Answer):
    """How many subjects with an outcome a comparison needs to find a difference as small as ``detectable``."""

    detectable: float
    power: float
    champion: int
    hold_out: int
    champion_more: int
    hold_out_more: int


class ValueStep(Answer):
    """A step of the waterfall from what was projected to what was measured."""

    name: str
    amount: str
    is_total: bool


class Worth(Answer):
    """What the champion's cases were worth against the same cases held out."""

    cases: int
    actions: int
    actions_without: int
    gain: MoneyRange
    cost: str
    running: str | None
    net: MoneyRange
    steps: list[ValueStep]


class Rates(Answer):
    """What computing costs from a day on; amounts are written like ``1.20 EUR``."""

    id: str
    valid_from: date
    cpu_hour: str
    thousand_decisions: str
    month: str
    set_by: str
    set_at: datetime
    reason: str


class RunningCost(Answer):
    """What running a deployment cost: jobs, decisions and time as they were metered, priced by the rates of each day."""

    rates: str
    jobs: int
    cpu_seconds: float
    jobs_cost: str
    decisions: int
    decisions_cost: str
    days: int
    time_cost: str
    total: str
    shared_by: int


class ArmValue(Answer):
    """One arm: how many subjects, of how many the outcome is known, and what it was."""

    arm: str
    share: float
    subjects: int
    decisions: int
    actions: int
    due: int
    known: int
    known_share: float | None
    successes: int | None
    mean: float | None
    low: float | None
    high: float | None
    median_delay_days: float | None


class DeploymentValue(Answer):
    """What a deployment was worth, as far as outcomes tell by now; ``level`` says how far it may be believed, ``why`` why."""

    deployment: str
    environment: str
    usecase: str
    version: str
    state: str
    since: datetime
    window_days: int | None
    measure: str
    level: str
    why: list[str]
    champion: ArmValue
    hold_out: ArmValue | None
    effect: Effect | None
    amount_effect: Effect | None
    ratio: RatioCheck | None
    known_ratio: RatioCheck | None
    need: Need | None
    worth: Worth | None
    running: RunningCost | None
    promise: Promise | None
    free_action: str | None
    unread: int
    switched: int


class UseCaseValue(Answer):
    """What a use case was worth: what was promised, and each deployment's measure, the furthest environment first."""

    usecase: str
    promise: Promise | None
    deployments: list[DeploymentValue]


class DiscountRate(Answer):
    """What finance asks of money a year, in percent, from a day on."""

    id: str
    valid_from: date
    percent: str
    set_by: str
    set_at: datetime
    reason: str


class Driver(Answer):
    """A figure that nobody knows exactly."""

    name: str
    unit: str
    low: float
    likely: float
    high: float
    shape: str
    source: str


class Line(Answer):
    """A benefit or a cost: the product of its drivers."""

    name: str
    kind: str
    drivers: list[str]
    timing: str
    first_month: int
    ramp_months: int


class Assumptions(Answer):
    """Everything that somebody assumed."""

    currency: str
    horizon_months: int
    capacity_share: float
    drivers: list[Driver]
    lines: list[Line]
    draws: int
    seed: int


class Band(Answer):
    """An amount that varies, by percentiles of the draws."""

    p10: str
    p50: str
    p90: str
    mean: str


class Swing(Answer):
    """What one driver does to the net present value."""

    driver: str
    at_low: str
    at_high: str
    share: float


class LineWorth(Answer):
    """The expected present value of one line."""

    name: str
    kind: str
    worth: str


class Projected(Answer):
    """What the draws say; all of it projected, none of it measured."""

    npv: Band
    probability_of_loss: float
    payback_months: int | None
    payback_months_late: int | None
    paid_back: float
    irr: float | None
    irr_why: str | None
    capacity: Band | None
    lines: list[LineWorth]
    swings: list[Swing]
    cumulative: list[Band]
    edges: list[float]
    counts: list[int]


class Projection(Answer):
    """A projection as it was made; the newest of a use case counts."""

    id: str
    usecase: str
    number: int
    title: str
    assumptions: Assumptions
    discount_rate: str
    percent: str
    result: Projected
    digest: str
    made_by: str
    made_at: datetime
    evidence: str | None
