"""Which minima make sense, and what a contract or a snapshot lacks of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Final

from headway.catalog.checks import CheckPlan
from headway.catalog.entities import RuleResult
from headway.catalog.minima.entities import Criticality, Dimension, Minimum, Shortfall
from headway.catalog.tolerance import Tolerance
from headway.kernel.errors import Fault

_COMPLETE: Final = ("required", "null_values", "missing_values")
_UNIQUE: Final = ("unique", "primary_key")
_WHOLE: Final = ("rows", "freshness")
_CLOSE: Final = 1e-12


def dimension_of(rule: str) -> Dimension | None:
    """The dimension of quality that a rule measures; rules of the whole table measure none but freshness."""
    if rule in _COMPLETE:
        return "completeness"
    if rule in _UNIQUE:
        return "uniqueness"
    return "freshness" if rule == "freshness" else None if rule in _WHOLE else "validity"


def minima_faults(minima: Mapping[Criticality, Minimum]) -> list[Fault]:
    """Values that make no sense, and a more critical product of which less is asked."""
    faults: list[Fault] = []
    for level, one in minima.items():
        for name in ("completeness", "validity", "uniqueness"):
            share = getattr(one, name)
            if share is not None and not 0 <= share <= 1:
                faults.append(
                    _fault(f"{level.value}.{name}", f"{level.value}: {name} is a share from 0 to 1, not {share:g}")
                )
        hours = one.freshness_hours
        if hours is not None and not (0 < hours < math.inf):
            faults.append(
                _fault(f"{level.value}.freshness_hours", f"{level.value}: freshness is a number of hours above 0")
            )
    order = [level for level in Criticality if level in minima]
    for lower, higher in itertools.pairwise(order):
        for field in fields(Minimum):
            less, more = getattr(minima[lower], field.name), getattr(minima[higher], field.name)
            if is_looser(field.name, more, less):
                words = f"{higher.value} asks for less {field.name} than {lower.value}: it may only ask for more"
                faults.append(_fault(f"{higher.value}.{field.name}", words))
    return faults


def is_looser(name: str, one: float | None, than: float | None) -> bool:
    """Whether a minimum asks for less than another."""
    if than is None:
        return False
    if one is None:
        return True
    return one > than if name == "freshness_hours" else one < than


def contract_shortfalls(plan: CheckPlan, minimum: Minimum, rows: int | None = None) -> tuple[Shortfall, ...]:
    """Every rule of a contract that bears more than the minimum lets it, and a freshness that is not promised or too old.

    Args: plan: compiled with a present time, so that freshness is in it. rows: of the table, without which a bound on the number
        of rows cannot be compared and is taken as it is where it is 0, else as too loose.
    """
    found = [
        one
        for rule in plan.rules
        if (one := _rule_shortfall(rule.rule, rule.id, rule.column, _borne(rule.tolerance, rows), minimum))
    ]
    if minimum.freshness_hours is not None:
        ages = [rule.oldest.total_seconds() / 3600 for rule in plan.rules if rule.oldest is not None]
        oldest = max(ages, default=None)
        if oldest is None or oldest > minimum.freshness_hours:
            promised = "no freshness" if oldest is None else f"rows of at most {oldest:g} hours"
            found.append(
                Shortfall(
                    dimension="freshness", of="contract", column=None, rule=None, found=oldest, wanted=minimum.freshness_hours,
                    message=f"the contract promises {promised}; at most {minimum.freshness_hours:g} hours are asked",
                )
            )  # fmt: skip
    return tuple(found)


def snapshot_shortfalls(
    results: Sequence[RuleResult], rows: int, age_hours: float, minimum: Minimum
) -> tuple[Shortfall, ...]:
    """Every rule that more rows of a snapshot break than the minimum lets them, and a snapshot that is too old."""
    found: list[Shortfall] = []
    for one in results:
        kind = dimension_of(one.rule)
        wanted = getattr(minimum, kind) if kind not in (None, "freshness") else None
        kept = 1 - one.failed_rows / max(rows, 1)
        if kind is not None and wanted is not None and kept < wanted - _CLOSE:
            words = f"{one.id}: {kept:.2%} of the rows keep it; at least {wanted:.2%} are asked"
            found.append(
                Shortfall(
                    dimension=kind,
                    of="snapshot",
                    column=one.column,
                    rule=one.id,
                    found=kept,
                    wanted=wanted,
                    message=words,
                )
            )
    if minimum.freshness_hours is not None and age_hours > minimum.freshness_hours:
        words = f"the newest file came {age_hours:.0f} hours ago; at most {minimum.freshness_hours:g} are asked"
        found.append(
            Shortfall(
                dimension="freshness", of="snapshot", column=None, rule=None, found=age_hours,
                wanted=minimum.freshness_hours, message=words,
            )
        )  # fmt: skip
    return tuple(found)


def faults_of(shortfalls: Iterable[Shortfall]) -> list[Fault]:
    """Shortfalls as faults of a contract."""
    return [Fault(rule=f"minima.{one.dimension}", column=one.column, message=one.message) for one in shortfalls]


def _rule_shortfall(kind: str, rule: str, column: str | None, borne: float, minimum: Minimum) -> Shortfall | None:
    dimension = dimension_of(kind)
    if dimension is None or dimension == "freshness":
        return None
    wanted: float | None = getattr(minimum, dimension)
    if wanted is None or borne <= 1 - wanted + _CLOSE:
        return None
    words = f"{rule}: the contract bears {borne:.2%} failures; at most {1 - wanted:.2%} are borne"
    return Shortfall(
        dimension=dimension, of="contract", column=column, rule=rule, found=1 - borne, wanted=wanted, message=words
    )


def _borne(tolerance: Tolerance, rows: int | None) -> float:
    """The greatest share of rows that may fail, 0 to 1."""
    if tolerance.negated:
        share = 1.0
    elif tolerance.unit == "percent":
        share = min(max(tolerance.high, 0.0) / 100, 1.0)
    elif tolerance.high <= 0:
        share = 0.0
    else:
        share = 1.0 if not rows else min(tolerance.high / rows, 1.0)
    return share if tolerance.also is None else min(share, _borne(tolerance.also, rows))


def _fault(column: str, words: str) -> Fault:
    return Fault(rule="minima", column=column, message=words)
