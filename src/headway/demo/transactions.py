"""Transactions: what customers bought, booked on one of their records; who buys often is known, and so is who a record is of."""

from __future__ import annotations

from typing import Final

import numpy as np

from headway.demo import drawing, lookup, masters, planning, records
from headway.demo.columns import Category, Column
from headway.demo.demand import LIST_PRICES
from headway.demo.frames import Values
from headway.demo.lookup import Numbers
from headway.demo.place import Made, Place

COLUMNS: Final[tuple[Column, ...]] = (
    Category(
        name="product", shares={"drill": 0.15, "lamp": 0.2, "pump": 0.1, "shelf": 0.15, "glove": 0.3, "ladder": 0.1}
    ),
    Category(name="channel", shares={"shop": 0.45, "web": 0.45, "phone": 0.1}),
)
FILES: Final = {
    "transactions": (
        "transaction_id",
        "bought_at",
        masters.CUSTOMERS.key,
        *(column.name for column in COLUMNS),
        "units",
        "price",
        "amount",
    )
}
SEGMENTS: Final = ("loyal", "regular", "rare")
PEOPLE: Final = (0.1, 0.3, 0.6)
"""Share of the customers in each segment."""
BOUGHT: Final = (0.45, 0.37, 0.18)
"""Share of the transactions of each; those booked on a double follow the people instead."""
UNITS: Final = (2.5, 1.2, 0.4)
"""Expected units beyond the first."""
DISCOUNT: Final = 0.08
"""Spread of the price around the list price, as a standard deviation of its logarithm."""


def make(place: Place, block: int, first: int, count: int) -> Made:
    """Make a block of purchases; a share of them, as large as that of doubles, is booked on a double of the customer."""
    chance, at, ids = drawing.begin(place, block, first, count, "T")
    drawn = drawing.inputs(place, COLUMNS, at, chance)
    customers = customers_of(place)
    index, entity = _buyers(customers, chance, count)
    segment = segments(customers, entity)
    extra = np.random.Generator(np.random.Philox(int(chance.integers(2**63)))).poisson(np.array(UNITS)[segment])
    product = drawn["product"]
    listed = np.array([LIST_PRICES[level] for level in product.levels])[product.array]
    price = np.maximum(np.round(listed * np.exp(DISCOUNT * chance.standard_normal(count)), 2), 0.01)
    numbers = records.numbers_of(customers, index)
    data = {
        "transaction_id": ids,
        "bought_at": drawing.when(at),
        masters.CUSTOMERS.key: Values(
            kind="id", array=numbers + 1, prefix=records.prefix(customers, masters.CUSTOMERS.letter)
        ),
        **drawn,
        "units": Values(kind="integer", array=1 + extra),
        "price": Values(kind="number", array=price),
        "amount": Values(kind="number", array=np.round((1 + extra) * price, 2)),
    }
    truth = {
        "entity": Values(kind="id", array=entity + 1, prefix=records.prefix(customers, "E" + masters.CUSTOMERS.letter)),
        "segment": Values(kind="category", array=segment, levels=SEGMENTS),
    }
    return drawing.made(place, block, data, truth, at)


def customers_of(place: Place) -> Place:
    """The customers of the same department and region."""
    return next(
        one for one in planning.places(place.spec) if (one.table, one.folder) == (masters.CUSTOMERS.table, place.folder)
    )


def segments(customers: Place, entity: Numbers) -> Numbers:
    """The segment of each customer: a place in a fixed order of them all decides, and never changes."""
    total = records.different(customers)
    ends = np.cumsum(PEOPLE)[:-1] * total
    return np.asarray(np.searchsorted(ends, lookup.gathered(_key(customers), entity, total), side="right"))


def _buyers(customers: Place, chance: np.random.Generator, count: int) -> tuple[Numbers, Numbers]:
    """The record that each purchase is booked on, by index, and the customer it is of."""
    total = records.different(customers)
    ends = np.concatenate([[0.0], np.cumsum(PEOPLE)]) * total
    segment = np.searchsorted(np.cumsum(BOUGHT)[:-1], chance.random(count), side="right")
    low, high = ends[segment], ends[segment + 1]
    position = np.minimum((low + chance.random(count) * (high - low)).astype(np.int64), total - 1)
    entity = lookup.scattered(_key(customers), position, total)
    doubles = customers.rows - total
    on_double = (chance.random(count) < customers.spec.records.duplicate_share) & (doubles > 0)
    which = total + (chance.random(count) * doubles).astype(np.int64)
    index = np.where(on_double, which, entity)
    return index, np.where(on_double, records.entities(customers, np.minimum(which, customers.rows - 1))[0], entity)


def _key(customers: Place) -> int:
    names = (customers.department.name, customers.region.name)
    return lookup.key(customers.spec.seed, customers.table, *names, "segment")
