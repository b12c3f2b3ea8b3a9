"""Payments and expenses, with rings of fraud that can be planted: several parties, one account or receipt, just below a limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np

from headway.demo import drawing, lookup, timing
from headway.demo.columns import Category, Column, Number
from headway.demo.frames import Array, Floats, Values
from headway.demo.place import Made, Place
from headway.demo.spec import Event

MEMBERS: Final = 5
ROWS_A_PARTY: Final = 50
STRANGERS: Final = 10_000_000
"""Numbers that no honest party has; members of rings are among them."""
FAR: Final = 10**9
"""More than the receipts of any ring."""


@dataclass(frozen=True, slots=True)
class Outlay:
    """A kind of money that goes out; called, it makes the rows of a block."""

    table: str
    key: str
    time: str
    letter: str
    party: str
    party_letter: str
    shared: str
    """What a ring has in common: honest parties have an account of their own, honest expenses a receipt of their own."""
    is_of_party: bool
    """Whether ``shared`` belongs to the party, as an account does, or to the row, as a receipt does."""
    limit: float
    """Below this amount nobody looks twice."""
    columns: tuple[Column, ...]

    @property
    def files(self) -> dict[str, tuple[str, ...]]:
        """The file of this table and its columns."""
        names = (column.name for column in self.columns)
        return {self.table: (self.key, self.time, self.party, self.shared, *names)}

    def __call__(self, place: Place, block: int, first: int, count: int) -> Made:
        """Make rows ``first`` to ``first + count`` of a place."""
        chance, at, ids = drawing.begin(place, block, first, count, self.letter)
        drawn = drawing.inputs(place, self.columns, at, chance)
        parties, rings = max(1, place.rows // ROWS_A_PARTY), place.events("fraud_ring")
        party = (parties * chance.random(count) ** 2).astype(np.int64)  # a few have much of it
        mark = party if self.is_of_party else first + np.arange(count)
        ring: Array = np.zeros(count, dtype=np.int64)
        amount = drawn["amount"].array
        for number, event in enumerate(rings, start=1):
            own = place.stream(block, "ring", event.name)
            hit = timing.holds(event, at) & (own.random(count) < (event.share or 0.0)) & (ring == 0)
            ring[hit] = number
            member = parties + _before(place, event) + (own.random(count) * _size(event)).astype(np.int64)
            party, mark = np.where(hit, member, party), np.where(hit, self._common(place, event, own, count), mark)
            amount = np.where(hit, self._inconspicuous(own.random(count)), amount)
        party = lookup.scattered(_key(place, self.party), party, parties + STRANGERS)  # their numbers tell nothing
        data = {
            self.key: ids,
            self.time: drawing.when(at),
            self.party: Values(kind="id", array=party + 1, prefix=_prefix(place, self.party_letter)),
            self.shared: Values(kind="text", array=self._marks(place, mark)),
            **drawn,
            "amount": replace(drawn["amount"], array=amount),
        }
        names = ("", *(event.name for event in rings))
        truth = {
            "is_fraud": Values(kind="flag", array=ring > 0),
            "ring": Values(kind="category", array=ring, levels=names, missing=ring == 0),
        }
        return drawing.made(place, block, data, truth, at)

    def _common(self, place: Place, event: Event, own: np.random.Generator, count: int) -> Array:
        """What the members of a ring have in common: one account, or receipts that each turn up about six times."""
        ring = place.events("fraud_ring").index(event) + 1
        end = event.until or place.spec.start + timedelta(days=place.spec.days)
        rows = (event.share or 0.0) * place.rows * (end - event.start).days / place.spec.days
        several = 1 if self.is_of_party else max(1, round(rows / 6))
        return np.asarray(-(ring * FAR + (own.random(count) * several).astype(np.int64)))

    def _inconspicuous(self, chance: Floats) -> Floats:
        return np.round(self.limit * (0.9 + 0.0999 * chance), 2)

    def _marks(self, place: Place, mark: Array) -> Array:
        """A text of 12 digits for each number: the same number has the same."""
        found = (
            (lookup.chances(_key(place, self.shared), mark.astype(np.int64)) * 10**12).astype(np.int64).astype(np.str_)
        )
        return np.asarray(np.strings.add(f"{self.letter}00", np.strings.zfill(found, 12)))


def _size(event: Event) -> int:
    return event.members or MEMBERS


def _before(place: Place, event: Event) -> int:
    """How many members the rings before this one have: no party is in two."""
    rings = place.events("fraud_ring")
    return sum(_size(one) for one in rings[: rings.index(event)])


def _key(place: Place, purpose: str) -> int:
    return lookup.key(place.spec.seed, place.table, place.department.name, place.region.name, purpose)


def _prefix(place: Place, letter: str) -> str:
    return f"{letter}-{place.department.name}-{place.region.name}-"


PAYMENTS: Final = Outlay(
    "payments", "payment_id", "paid_at", "B", "payee", "V", "account", True, 10_000.0,
    (
        Number(name="amount", scale=900, spread=1.3, least=1, most=500_000, decimals=2),
        Category(name="cost_centre", shares={"plant": 0.4, "office": 0.3, "transport": 0.2, "marketing": 0.1}),
        Category(name="method", shares={"transfer": 0.85, "card": 0.1, "cheque": 0.05}),
    ),
)  # fmt: skip
EXPENSES: Final = Outlay(
    "expenses", "expense_id", "spent_at", "X", "employee", "P", "receipt", False, 50.0,
    (
        Number(name="amount", scale=38, spread=0.9, least=1, most=5_000, decimals=2),
        Category(name="purpose", shares={"travel": 0.45, "meal": 0.3, "lodging": 0.15, "material": 0.1}),
        Category(name="paid_by", shares={"card": 0.7, "cash": 0.3}),
    ),
)  # fmt: skip
