"""Prices and demand: what was asked for a product in a channel, and how many units were bought, with known elasticity."""

from __future__ import annotations

from typing import Final

import numpy as np

from headway.demo import drawing
from headway.demo.columns import Category, Column
from headway.demo.frames import Values
from headway.demo.place import Made, Place

LIST_PRICES: Final = {"drill": 89.0, "lamp": 24.0, "pump": 140.0, "shelf": 45.0, "glove": 9.0, "ladder": 75.0}
COLUMNS: Final[tuple[Column, ...]] = (
    Category(
        name="product", shares={"drill": 0.15, "lamp": 0.2, "pump": 0.1, "shelf": 0.15, "glove": 0.3, "ladder": 0.1}
    ),
    Category(name="channel", shares={"shop": 0.5, "web": 0.4, "phone": 0.1}),
    Category(name="promoted", shares={"true": 0.15, "false": 0.85}, is_flag=True),
)
FILES: Final = {
    "demand": (
        "offer_id",
        "offered_at",
        *(column.name for column in COLUMNS),
        "list_price",
        "price",
        "units",
        "revenue",
    )
}
SLOPE: Final = "elasticity"
WEIGHTS: Final = {
    "intercept": 1.0,
    "product=glove": 0.9,
    "product=pump": -0.6,
    "channel=web": 0.2,
    "channel=phone": -0.5,
    "promoted=true": 0.35,
    "elasticity": -1.4,
    "elasticity:product=glove": 0.6,
    "elasticity:product=pump": -0.5,
}
"""Log of the expected units at list price, and the elasticities of price; a spec may have its own under ``weights.demand``."""
SPREAD: Final = 0.15


def make(place: Place, block: int, first: int, count: int) -> Made:
    """Make a block of offers: prices lie around the list price, units are Poisson; an offer may sell nothing."""
    chance, at, ids = drawing.begin(place, block, first, count, "D")
    drawn = drawing.inputs(place, COLUMNS, at, chance)
    weights = {**WEIGHTS, **place.spec.weights.get("demand", {})}
    product = drawn["product"]
    listed = np.array([LIST_PRICES[level] for level in product.levels])[product.array]
    price = np.maximum(np.round(listed * np.exp(SPREAD * chance.standard_normal(count)), 2), 0.01)
    slope = drawing.total(place, weights, drawn, at, SLOPE, of=SLOPE)
    expected = np.exp(drawing.total(place, weights, drawn, at, SLOPE) + slope * np.log(price / listed))
    units = _poisson(np.minimum(expected, 1e6), chance)
    data = {
        "offer_id": ids,
        "offered_at": drawing.when(at),
        **drawn,
        "list_price": Values(kind="number", array=listed),
        "price": Values(kind="number", array=price),
        "units": Values(kind="integer", array=units),
        "revenue": Values(kind="number", array=np.round(units * price, 2)),
    }
    truth = {
        "expected_units": Values(kind="number", array=expected),
        "elasticity": Values(kind="number", array=slope),
    }
    return drawing.made(place, block, data, truth, at)


def _poisson(expected: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Draw counts with a stream of their own: how many draws one takes depends on its mean."""
    return np.random.Generator(np.random.Philox(int(chance.integers(2**63)))).poisson(expected)
