"""Risk appetite: limits of the organisation, how far each is used, and which of them one use case passes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from headway.governance.entities import Tier
from headway.kernel.errors import Fault
from headway.kernel.money import Money

LARGEST = 10**15
MOST_LIMITS = 200
LEAST_REASON = 20
_CURRENCY = re.compile(r"[A-Z]{3}")


class LimitKind(StrEnum):
    """What a limit counts: use cases live at once in a tier or department; people or money of each use case."""

    tier = "tier"
    department = "department"
    people = "people"
    money = "money"


COUNTED = (LimitKind.tier, LimitKind.department)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit: ``most`` may be, and 0 means none. ``scope``: the tier or department counted, empty for people and money.

    Money is in the smallest unit of ``currency``, which is empty otherwise.
    """

    kind: LimitKind
    scope: str
    most: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What somebody estimates is at stake in a use case; None: nobody said so."""

    usecase: str
    people: int | None
    money_minor: int | None
    currency: str | None
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A use case as limits see it. ``since``: when it first went live above the sandbox; None: it is not live."""

    usecase: str
    title: str
    department: str
    tier: str
    since: datetime | None
    people: int | None
    money_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """How far a limit is used by what is live: a count, or the largest of what each use case says. None: nobody said."""

    limit: Limit
    used: int | None
    is_passed: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appetite:
    """A version of the organisation's risk appetite, never changed; it counts once a sponsor confirmed it.

    ``state``: waits for a sponsor, in force, or superseded by a later one; told, never stored.
    """

    id: str
    version: int
    limits: tuple[Limit, ...]
    reason: str
    digest: str
    adopted_by: str
    adopted_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    state: Literal["waiting", "in_force", "superseded"]


def faults(limits: Sequence[Limit], reason: str, departments: Iterable[str]) -> list[Fault]:
    """Find everything that is wrong with an appetite before it is adopted."""
    found, known = [], set(departments)
    for one in limits:
        scopes = _scopes(one.kind, known)
        if one.scope not in scopes:
            found.append(_fault(one.kind.value, f"{one.scope!r} is no {one.kind.value} that can be limited"))
        if not 0 <= one.most <= LARGEST:
            found.append(_fault(one.kind.value, "a limit is a whole number, 0 or more"))
        if (one.kind is LimitKind.money) != bool(_CURRENCY.fullmatch(one.currency)):
            found.append(_fault(one.kind.value, "money, and nothing else, has a currency of three letters"))
    named = [(one.kind, one.scope) for one in limits]
    if len(named) != len(set(named)):
        found.append(_fault("limits", "a limit is named twice"))
    if not 1 <= len(limits) <= MOST_LIMITS:
        found.append(_fault("limits", f"name 1 to {MOST_LIMITS} limits"))
    if len(reason.strip()) < LEAST_REASON:
        found.append(_fault("reason", f"say in at least {LEAST_REASON} characters why these limits"))
    return found


def _scopes(kind: LimitKind, departments: set[str]) -> set[str]:
    if kind is LimitKind.tier:
        return {tier.value for tier in Tier if tier not in (Tier.undecided, Tier.prohibited)}
    return departments if kind is LimitKind.department else {""}


def _fault(column: str, message: str) -> Fault:
    return Fault(rule=f"appetite.{column}", column=column, message=message)


def uses(limits: Iterable[Limit], entries: Sequence[Entry], parents: Mapping[str, str | None]) -> tuple[LimitUse, ...]:
    """Say how far every limit is used by what is live, oldest entries first."""
    live = sorted((one for one in entries if one.since is not None), key=_age)
    found = []
    for limit in limits:
        within = tuple(one for one in live if counts(limit, one, parents))
        told = [value_of(limit, one) for one in within]
        used = len(within) if limit.kind in COUNTED else max((one for one in told if one is not None), default=None)
        is_passed = any(_breach(limit, one, live, parents) is not None for one in within)
        found.append(LimitUse(limit=limit, used=used, is_passed=is_passed, entries=within))
    return tuple(found)


def breaches(
    limits: Iterable[Limit], entry: Entry, entries: Sequence[Entry], parents: Mapping[str, str | None]
) -> tuple[str, ...]:
    """Say which limits one use case passes, or would pass if it went live now; what nobody knows is not passed as fine.

    Of those that are live at once the later one is over: who came before keeps its place.
    """
    live = [one for one in entries if one.since is not None and one.usecase != entry.usecase]
    told = (_breach(one, entry, live, parents) for one in limits if counts(one, entry, parents))
    return tuple(one for one in told if one is not None)


def _breach(limit: Limit, entry: Entry, live: Iterable[Entry], parents: Mapping[str, str | None]) -> str | None:
    if limit.kind in COUNTED:
        others = [one for one in live if one.usecase != entry.usecase and counts(limit, one, parents)]
        place = 1 + sum(1 for one in others if entry.since is None or _age(one) < _age(entry))
        return (
            None
            if place <= limit.most
            else f"{named(limit)}: at most {limit.most} live at once, this is number {place}"
        )
    value = value_of(limit, entry)
    most = _amount(limit, limit.most)
    if value is None:
        return f"{named(limit)}: at most {most} for each use case, and nobody estimated how many or how much it is here"
    return (
        None
        if value <= limit.most
        else f"{named(limit)}: at most {most} for each use case, here {_amount(limit, value)}"
    )


def counts(limit: Limit, entry: Entry, parents: Mapping[str, str | None]) -> bool:
    """Whether a limit is about a use case."""
    if limit.kind is LimitKind.tier:
        return entry.tier == limit.scope
    if limit.kind is LimitKind.department:
        at: str | None = entry.department
        while at is not None and at != limit.scope:
            at = parents.get(at)
        return at == limit.scope
    return True


def value_of(limit: Limit, entry: Entry) -> int | None:
    """What a use case says of what a limit is about; money in another currency than the limit's is not known."""
    if limit.kind is LimitKind.money:
        return entry.money_minor if entry.currency == limit.currency else None
    return entry.people if limit.kind is LimitKind.people else None


def _amount(limit: Limit, value: int) -> str:
    return str(Money(value, limit.currency)) if limit.kind is LimitKind.money else f"{value:,}"


def _age(entry: Entry) -> tuple[float, str]:
    return (entry.since.timestamp() if entry.since else float("inf"), entry.usecase)


def named(limit: Limit) -> str:
    """Name a limit in words."""
    return {
        LimitKind.tier: f"tier {limit.scope}",
        LimitKind.department: f"department {limit.scope}",
        LimitKind.people: "people affected",
        LimitKind.money: "money at risk",
    }[limit.kind]


def body_of(version: int, limits: Sequence[Limit], reason: str) -> dict[str, object]:
    """Write what is adopted and confirmed, as plain data."""
    return {"version": version, "limits": [plain(one) for one in limits], "reason": reason}


def plain(limit: Limit) -> dict[str, object]:
    """Write a limit as plain data."""
    return {"kind": limit.kind.value, "scope": limit.scope, "most": limit.most, "currency": limit.currency}
