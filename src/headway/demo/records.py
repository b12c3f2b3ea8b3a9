"""Master records with planted duplicates and mistakes: customers, vendors, employees, products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from headway.demo import lookup, mistakes, timing
from headway.demo.frames import Array, Flags, Floats, Frame, Values, take
from headway.demo.lookup import Numbers
from headway.demo.mistakes import Mistake
from headway.demo.place import Made, Place

TIME: Final = "created_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Some entities of a place, by their numbers: whatever is asked of one is always answered the same."""

    place: Place
    numbers: Numbers

    def chance(self, purpose: str) -> Floats:
        """A uniform number for each entity."""
        return lookup.chances(_key(self.place, "entity", purpose), self.numbers)

    def pick(self, purpose: str, words: Sequence[str]) -> Array:
        """A word for each entity, all equally often."""
        return np.array(words, dtype=np.str_)[(self.chance(purpose) * len(words)).astype(np.int64)]

    def digits(self, purpose: str, count: int) -> Array:
        """A text of digits for each entity."""
        return np.strings.zfill((self.chance(purpose) * 10**count).astype(np.int64).astype(np.str_), count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a master record: its true value for each entity, and the mistakes that people make in it."""

    name: str
    make: Callable[[Identities], Array]
    mistakes: tuple[Mistake, ...] = ()
    decimals: int | None = None
    """None for texts, else the column is a number."""


@dataclass(frozen=True, slots=True)
class Master:
    """A kind of master record; called, it makes the rows of a block."""

    table: str
    key: str
    letter: str
    fields: tuple[Field, ...]

    @property
    def files(self) -> dict[str, tuple[str, ...]]:
        """The file of this table and its columns."""
        return {self.table: (self.key, TIME, *(field.name for field in self.fields))}

    def __call__(self, place: Place, block: int, first: int, count: int) -> Made:
        """Make records ``first`` to ``first + count`` of a place."""
        numbers = first + np.arange(count)
        index = lookup.scattered(_key(place, "order"), numbers, place.rows)
        entity, again = entities(place, index)
        chance = place.stream(block).random(count)
        at = timing.times(place.spec, place.region, first, place.rows, chance)
        ids = Values(kind="id", array=numbers + 1, prefix=prefix(place, self.letter))
        arrived = timing.arrives(place.events("outage"), at)
        columns, faults = self._columns(place, index, entity, again)
        data: Frame = {self.key: ids, TIME: Values(kind="time", array=at.astype(np.int64)), **columns}
        truth = {
            self.key: ids,
            "entity": Values(kind="id", array=entity + 1, prefix=prefix(place, "E" + self.letter)),
            "is_duplicate": Values(kind="flag", array=again),
            "delivered": Values(kind="flag", array=arrived),
        }
        listed = _listed(self.key, ids, [(name, hit & arrived, *rest) for name, hit, *rest in faults])
        return Made(data={self.table: take(data, arrived)}, truth={self.table: truth, f"{self.table}-faults": listed})

    def _columns(
        self, place: Place, index: Numbers, entity: Numbers, again: Flags
    ) -> tuple[dict[str, Values], list[tuple[str, Flags, Any, Any, Any]]]:
        """The columns as they arrive, and for each that can be wrong: where it is, how, the truth, and what arrives."""
        who, model = Identities(place=place, numbers=entity), place.spec.records
        share = np.where(again, model.duplicate_error_share, model.error_share)
        columns, faults = {}, []
        for field in self.fields:
            true = field.make(who)
            if field.decimals is not None:
                columns[field.name] = Values(kind="number", array=np.round(true.astype(np.float64), field.decimals))
                continue
            arriving, how = _mistaken(place, field, true, index, share)
            columns[field.name] = Values(kind="text", array=arriving, missing=arriving == "")
            faults.append((field.name, arriving != true, how, true, arriving))
        return columns, faults


def different(place: Place) -> int:
    """How many entities the records of a place are of; the other records are of one of these once more."""
    return place.rows - round(place.rows * place.spec.records.duplicate_share)


def numbers_of(place: Place, index: Numbers) -> Numbers:
    """The numbers, from 0, of the records with these indices: below ``different`` the first record of each entity."""
    return lookup.gathered(_key(place, "order"), index, place.rows)


def entities(place: Place, index: Numbers) -> tuple[Numbers, Flags]:
    """Which entity each record is of, and whether it is one more record of it."""
    firsts = different(place)
    again = index >= firsts
    other = (lookup.chances(_key(place, "duplicate of"), index) * firsts).astype(np.int64)
    return np.where(again, other, index), again


def _mistaken(place: Place, field: Field, true: Array, index: Numbers, share: Floats) -> tuple[Array, Array]:
    hit = lookup.chances(_key(place, "mistake", field.name), index) < share
    which = (lookup.chances(_key(place, "which", field.name), index) * max(1, len(field.mistakes))).astype(np.int64)
    where = lookup.chances(_key(place, "where", field.name), index)
    arriving = mistakes.wider(true)
    for number, mistake in enumerate(field.mistakes):
        rows = hit & (which == number)
        arriving[rows] = mistakes.make(mistake, true[rows], where[rows])
    return arriving, which


def _listed(key: str, ids: Values, faults: list[tuple[Any, ...]]) -> dict[str, Values]:
    counts = [int(hit.sum()) for _, hit, *_ in faults]
    if not sum(counts):
        return {}
    names = tuple(name for name, *_ in faults)
    return {
        key: Values(kind="id", prefix=ids.prefix, array=np.concatenate([ids.array[hit] for _, hit, *_ in faults])),
        "column": Values(kind="category", array=np.repeat(np.arange(len(names)), counts), levels=names),
        "true_value": Values(kind="text", array=np.concatenate([true[hit] for _, hit, _, true, _ in faults])),
        "arriving_value": Values(kind="text", array=np.concatenate([came[hit] for _, hit, _, _, came in faults])),
    }


def prefix(place: Place, letter: str) -> str:
    """What the keys of a place begin with."""
    return f"{letter}-{place.department.name}-{place.region.name}-"


def _key(place: Place, *purpose: str) -> int:
    return lookup.key(place.spec.seed, place.table, place.department.name, place.region.name, *purpose)
