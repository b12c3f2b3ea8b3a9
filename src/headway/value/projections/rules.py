"""What must hold of assumptions and of a discount rate. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from headway.kernel.errors import Fault
from headway.value.projections.entities import Assumptions, Driver, Line, LineKind, Timing

MOST_DRIVERS, MOST_LINES, MOST_MONTHS, MOST_DRAWS = 40, 40, 240, 100_000
LEAST_DRAWS = 1_000
LARGEST = 1e12
"""So large a line may be; above it digits of cents would be lost."""
MOST_PERCENT = Decimal(50)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def faults(wanted: Assumptions) -> list[Fault]:
    """Find everything that is wrong with assumptions."""
    return [*_whole(wanted), *_drivers(wanted), *_lines(wanted)]


def rate_faults(percent: str, reason: str) -> list[Fault]:
    """Find everything that is wrong with a discount rate that somebody wants to set."""
    found = []
    try:
        number = Decimal(percent)
    except InvalidOperation:
        number = Decimal(-1)
    if not (number.is_finite() and 0 <= number <= MOST_PERCENT):
        message = f"write a percentage from 0 to {MOST_PERCENT}, such as 8.5"
        found.append(Fault(rule="discount_rate.percent", column="percent", value=percent, message=message))
    if not reason.strip():
        found.append(Fault(rule="discount_rate.reason", column="reason", message="give a reason"))
    return found


def _whole(wanted: Assumptions) -> Iterator[Fault]:
    if not _CURRENCY.fullmatch(wanted.currency):
        yield _fault("currency", "currency", "a currency is three capital letters, such as EUR")
    for name, value, least, most in (
        ("horizon_months", wanted.horizon_months, 1, MOST_MONTHS),
        ("draws", wanted.draws, LEAST_DRAWS, MOST_DRAWS),
    ):
        if not least <= value <= most:
            yield _fault(name, name, f"{name.replace('_', ' ')}: from {least} to {most}")
    if not 0.0 <= wanted.capacity_share <= 1.0:
        yield _fault("capacity_share", "capacity_share", "the share of capacity that is of use is from 0 to 1")
    if not 0 <= wanted.seed < 2**32:
        yield _fault("seed", "seed", "a seed is from 0 to 4294967295")


def _drivers(wanted: Assumptions) -> Iterator[Fault]:
    if not 1 <= len(wanted.drivers) <= MOST_DRIVERS:
        yield _fault("drivers", "drivers", f"name 1 to {MOST_DRIVERS} drivers")
    for name, times in Counter(one.name for one in wanted.drivers).items():
        if times > 1:
            yield _fault("driver_twice", "drivers", f"the driver {name} is there {times} times")
    used = {name for line in wanted.lines for name in line.drivers}
    for one in wanted.drivers:
        yield from _driver(one)
        if one.name not in used:
            yield _fault("driver_unused", "drivers", f"no line is made of the driver {one.name}; leave it out")


def _driver(one: Driver) -> Iterator[Fault]:
    if not _NAME.fullmatch(one.name):
        yield _fault("driver_name", "drivers", f"{one.name!r}: a name is lower case letters, digits and underscores")
    if not all(map(math.isfinite, (one.low, one.likely, one.high))):
        yield _fault("driver_finite", "drivers", f"{one.name}: low, likely and high are numbers")
    elif not one.low <= one.likely <= one.high:
        yield _fault("driver_order", "drivers", f"{one.name}: low, likely and high rise, and these do not")
    elif one.low < 0.0:
        yield _fault("driver_negative", "drivers", f"{one.name}: a driver is not below zero; make a cost of it")


def _lines(wanted: Assumptions) -> Iterator[Fault]:
    if not 1 <= len(wanted.lines) <= MOST_LINES:
        yield _fault("lines", "lines", f"name 1 to {MOST_LINES} lines")
    if not any(one.kind is LineKind.cost for one in wanted.lines):
        yield _fault("costs", "lines", "there is no cost; what brings something costs something")
    if all(one.kind is LineKind.cost for one in wanted.lines):
        yield _fault("benefits", "lines", "there is no benefit")
    for name, times in Counter(one.name for one in wanted.lines).items():
        if times > 1:
            yield _fault("line_twice", "lines", f"the line {name} is there {times} times")
    known = {one.name: one for one in wanted.drivers}
    for line in wanted.lines:
        yield from _line(line, known, wanted.horizon_months)


def _line(line: Line, known: dict[str, Driver], horizon: int) -> Iterator[Fault]:
    if not line.name.strip():
        yield _fault("line_name", "lines", "a line has a name")
    if not line.drivers or len(set(line.drivers)) < len(line.drivers):
        yield _fault("line_drivers", "lines", f"{line.name}: name at least one driver, and each once")
    missing = [name for name in line.drivers if name not in known]
    if missing:
        yield _fault("line_driver_unknown", "lines", f"{line.name}: no driver {', '.join(missing)}")
    elif math.prod(known[name].high for name in line.drivers) > LARGEST:
        yield _fault(
            "line_large", "lines", f"{line.name}: more than {LARGEST:.0f} in its currency cannot be told exactly"
        )
    least = 0 if line.timing is Timing.once else 1
    if not least <= line.first_month <= horizon:
        yield _fault("line_month", "lines", f"{line.name}: its first month is from {least} to {horizon}")
    if not 0 <= line.ramp_months <= horizon or (line.ramp_months and line.timing is Timing.once):
        yield _fault("line_ramp", "lines", f"{line.name}: only what falls due each year grows, within {horizon} months")


def _fault(rule: str, column: str, message: str) -> Fault:
    return Fault(rule=f"projection.{rule}", column=column, message=message)
