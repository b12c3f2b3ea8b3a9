"""What must hold of a risk and of what is done about it. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date

from headway.governance.risks.entities import Estimate, Range
from headway.governance.risks.losses import MOST_A_YEAR
from headway.kernel.errors import Fault, HeadwayError
from headway.kernel.money import Money

LEAST_TEXT, MOST_TEXT = 3, 2_000
MOST_MONEY = 1e12
_CURRENCY = re.compile(r"[A-Z]{3}")
TEXTS = ("title", "cause", "event", "consequence", "reason")


def estimate_faults(one: Estimate) -> list[Fault]:
    """Find everything that is wrong with an estimate."""
    found = [*_texts({name: getattr(one, name) for name in TEXTS})]
    if not _CURRENCY.fullmatch(one.currency):
        found.append(_fault("currency", "a currency is three capital letters, such as EUR"))
    for name, most in (
        ("inherent_rate", MOST_A_YEAR), ("inherent_impact", MOST_MONEY),
        ("residual_rate", MOST_A_YEAR), ("residual_impact", MOST_MONEY),
    ):  # fmt: skip
        found += _range(name, getattr(one, name), most)
    if not found:
        found += _worse(one)
    return found


def treatment_faults(action: str, effect: str, due_on: date, cost: str | None, *, today: date) -> list[Fault]:
    """Find everything that is wrong with something that is to be done."""
    found = [*_texts({"action": action, "effect": effect})]
    if due_on < today:
        found.append(_fault("due_on", "it is due on a day that has passed"))
    if cost is not None:
        try:
            is_negative = Money.parse(cost).minor < 0
        except HeadwayError as error:
            found.append(_fault("cost", error.message))
        else:
            found += [_fault("cost", "a cost is not below zero")] if is_negative else []
    return found


def _texts(texts: dict[str, str]) -> Iterator[Fault]:
    for name, text in texts.items():
        if not LEAST_TEXT <= len(text.strip()) <= MOST_TEXT or "\0" in text:
            yield _fault(name, f"{name.replace('_', ' ')}: write {LEAST_TEXT} to {MOST_TEXT} characters")


def _range(name: str, between: Range, most: float) -> Iterator[Fault]:
    told = name.replace("_", " ")
    if not (math.isfinite(between.low) and math.isfinite(between.high) and 0.0 < between.low <= between.high):
        yield _fault(name, f"{told}: low and high are above zero, and low is not above high")
    elif between.high > most:
        yield _fault(name, f"{told}: at most {most:g}")
    elif between.high > between.low * 10_000:
        yield _fault(name, f"{told}: high is more than 10,000 times low; that says nothing")


def _worse(one: Estimate) -> Iterator[Fault]:
    """What is done about a risk may do nothing; it does not make it worse."""
    for name in ("rate", "impact"):
        before, after = getattr(one, f"inherent_{name}"), getattr(one, f"residual_{name}")
        if after.high > before.high or after.low > before.low:
            yield _fault(f"residual_{name}", f"the residual {name} is above the inherent one")


def _fault(column: str, message: str) -> Fault:
    return Fault(rule=f"risks.{column}", column=column, message=message)
