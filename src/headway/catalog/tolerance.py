"""How many failures a rule bears, in the operators of the Open Data Contract Standard 3.1 (data quality, operators).

``mustBeBetween: [a, b]`` is, in the words of the standard, ``mustBeGreaterThan: a`` together with ``mustBeLessThan: b``: the
bounds themselves are outside. ``mustNotBeBetween`` is its opposite. Several operators in one rule must all hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from open_data_contract_standard.model import DataQuality

from headway.catalog.errors import InvalidContract

Unit = Literal["rows", "percent"]
_UNITS: Final[dict[str, Unit]] = {"": "rows", "rows": "rows", "row": "rows", "percent": "percent", "%": "percent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How many failures a rule bears: bounds on their number or on their share in per cent."""

    low: float = 0.0
    high: float = 0.0
    unit: Unit = "rows"
    open_low: bool = False
    open_high: bool = False
    negated: bool = False
    also: Tolerance | None = None

    def holds(self, failures: int, rows: int) -> bool:
        """Whether so many failures in so many rows are borne; of no rows, no per cent fail."""
        value = failures if self.unit == "rows" else 100.0 * failures / max(rows, 1)
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return (above and below) is not self.negated and (self.also is None or self.also.holds(failures, rows))


NONE_AT_ALL: Final = Tolerance()


def tolerance_of(quality: DataQuality, where: str) -> Tolerance:
    """What a rule bears; without any operator, nothing.

    Raises: InvalidContract: an operand that is no number, bounds in the wrong order, a unit that is not known.
    """
    unit = _UNITS.get((quality.unit or "").strip().lower())
    if unit is None:
        raise InvalidContract(f"{where}: the unit {quality.unit!r} is not known; use rows or percent")
    parts = _parts(quality, unit, where)
    if not parts:
        return Tolerance(unit=unit)
    made = parts[0]
    for one in parts[1:]:
        made = replace(one, also=made)
    return made


def in_words(tolerance: Tolerance) -> str:
    """What is borne in the operators of the standard, as ``mustBeLessThan 5 percent``.

    >>> in_words(NONE_AT_ALL)
    'mustBe 0 rows'
    """
    low, high = tolerance.low, tolerance.high
    if low == high:
        words = f"{'mustNotBe' if tolerance.negated else 'mustBe'} {low:g}"
    elif math.isinf(high):
        words = f"{'mustBeGreaterThan' if tolerance.open_low else 'mustBeGreaterOrEqualTo'} {low:g}"
    elif math.isinf(low):
        words = f"{'mustBeLessThan' if tolerance.open_high else 'mustBeLessOrEqualTo'} {high:g}"
    else:
        words = f"{'mustNotBeBetween' if tolerance.negated else 'mustBeBetween'} [{low:g}, {high:g}]"
    own = f"{words} {tolerance.unit}"
    return own if tolerance.also is None else f"{own}, {in_words(tolerance.also)}"


def plain_number(value: object, where: str) -> int | float:
    """A finite number as it stands in a contract; raises InvalidContract."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InvalidContract(f"{where} {value!r} is no number")
    return value


def _parts(quality: DataQuality, unit: Unit, where: str) -> list[Tolerance]:
    parts: list[Tolerance] = []
    for operand, negated in ((quality.mustBe, False), (quality.mustNotBe, True)):
        if operand is not None:
            number = plain_number(operand, where)
            parts.append(Tolerance(low=number, high=number, unit=unit, negated=negated))
    for bounds, negated in ((quality.mustBeBetween, False), (quality.mustNotBeBetween, True)):
        if bounds is not None:
            low, high = _ordered(bounds, where)
            parts.append(Tolerance(low=low, high=high, unit=unit, open_low=True, open_high=True, negated=negated))
    least = ((quality.mustBeGreaterThan, True), (quality.mustBeGreaterOrEqualTo, False))
    most = ((quality.mustBeLessThan, True), (quality.mustBeLessOrEqualTo, False))
    parts += [
        Tolerance(low=plain_number(bound, where), high=math.inf, unit=unit, open_low=is_open)
        for bound, is_open in least
        if bound is not None
    ]
    parts += [
        Tolerance(low=-math.inf, high=plain_number(bound, where), unit=unit, open_high=is_open)
        for bound, is_open in most
        if bound is not None
    ]
    return parts


def _ordered(bounds: Sequence[object], where: str) -> tuple[float, float]:
    low, high = (plain_number(bound, where) for bound in bounds)
    if low >= high:
        raise InvalidContract(
            f"{where}: the bounds {list(bounds)} stand in the wrong order; the smaller one comes first"
        )
    return low, high
