"""Leads with a known model behind them: who buys with the recommended action, who without, and when it becomes known."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from headway.demo import drawing, spoiling, timing
from headway.demo.columns import Category, Column, Number
from headway.demo.frames import Flags, Floats, Frame, Values, take
from headway.demo.place import Made, Place

COLUMNS: Final[tuple[Column, ...]] = (
    Category(
        name="source",
        shares={"web form": 0.40, "event": 0.15, "partner": 0.15, "referral": 0.10, "cold list": 0.20},
    ),
    Category(
        name="industry",
        shares={"manufacturing": 0.30, "retail": 0.25, "software": 0.20, "health": 0.15, "public": 0.10},
    ),
    Category(name="job_level", shares={"staff": 0.45, "manager": 0.35, "director": 0.20}),
    Number(name="company_size", scale=66, spread=1.1, least=1),
    Number(name="pages_viewed", scale=5, most=40),
    Number(name="emails_opened", scale=2, most=12),
    Number(name="days_since_contact", scale=18, most=120, decimals=1, missing=0.08),
    Category(name="existing_customer", shares={"true": 0.2, "false": 0.8}, is_flag=True),
)
TIME: Final = "created_at"
ALL_COLUMNS: Final = {
    "leads": ("lead_id", TIME, *(column.name for column in COLUMNS), "action", "converted"),
    "outcomes": ("lead_id", "known_at", "converted"),
}
ACTIONS: Final = ("as usual", "call today")
ANSWERS: Final = ("no", "yes")
LEVELS: Final = {"leads.action": ACTIONS, "leads.converted": ANSWERS, "outcomes.converted": ANSWERS}
"""Values of columns that are not drawn."""
EFFECT: Final = "effect"
DAY: Final = 86_400


def make(place: Place, block: int, first: int, count: int) -> Made:
    """Make leads ``first`` to ``first + count`` of a place; a block always has the same bounds."""
    spec, model, region = place.spec, place.spec.leads, place.region
    chance = place.stream(block)
    at = timing.times(spec, region, first, place.rows, chance.random(count))
    drawn = drawing.inputs(place, COLUMNS, at, chance)
    weights = {**model.weights, **region.weights}
    without = drawing.total(place, weights, drawn, at, EFFECT)
    effect = drawing.total(place, weights, drawn, at, EFFECT, of=EFFECT)
    effect = effect + model.effect_sd * chance.standard_normal(count)
    propensity = drawing.share(
        np.log(model.action_share / (1 - model.action_share)) + model.action_by_score * (without - model.action_around)
    )
    acted = chance.random(count) < propensity
    fate = chance.random(count)  # one fate a person: who buys without the action also buys with a helpful one
    bought = {False: fate < drawing.share(without), True: fate < drawing.share(without + effect)}
    sold = np.where(acted, bought[True], bought[False])
    known = at + _delay(place, sold, chance.standard_exponential(count))
    ids = Values(kind="id", array=first + 1 + np.arange(count), prefix=_prefix(place))
    delivered = timing.arrives(place.events("outage"), at)
    truth = {
        "lead_id": ids,
        "delivered": Values(kind="flag", array=delivered),
        "propensity": Values(kind="number", array=propensity),
        "acted": Values(kind="flag", array=acted),
        "probability_without": Values(kind="number", array=drawing.share(without)),
        "probability_with": Values(kind="number", array=drawing.share(without + effect)),
        "sold_without": Values(kind="flag", array=bought[False]),
        "sold_with": Values(kind="flag", array=bought[True]),
        "known_at": Values(kind="time", array=known.astype(np.int64)),
    }
    answer = Values(kind="category", array=sold.astype(np.int64), levels=ANSWERS)
    leads = {
        "lead_id": ids,
        TIME: Values(kind="time", array=at.astype(np.int64)),
        **drawn,
        "action": Values(kind="category", array=acted.astype(np.int64), levels=ACTIONS),
        "converted": replace(answer, missing=known >= timing.end_of(spec)),
    }
    return _made(place, block, leads, answer, truth)


def _made(place: Place, block: int, leads: Frame, answer: Values, truth: Frame) -> Made:
    """Leave out what an outage lost, spoil what a quality fault spoils, and tell outcomes that are known."""
    known = truth["known_at"]
    arrived = truth["delivered"].array
    told = arrived & (known.array < timing.end_of(place.spec))
    outcomes = {"lead_id": leads["lead_id"], "known_at": known, "converted": answer}
    spoiled, faults = spoiling.spoil(place, block, leads, key="lead_id", time=TIME, among=arrived)
    return Made(
        data={"leads": take(spoiled, arrived), "outcomes": take(outcomes, told)},
        truth={"leads": truth, "leads-faults": faults},
    )


def _prefix(place: Place) -> str:
    return f"L-{place.department.name}-{place.region.name}-"


def _delay(place: Place, sold: Flags, wait: Floats) -> Floats:
    model = place.spec.leads
    days = np.minimum(model.delay_least_days + model.delay_mean_days * wait, model.window_days)
    return np.asarray(np.floor(np.where(sold, days, model.window_days) * DAY))
