"""How requests and grants stand on a day, and what is wrong with what people ask or answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from headway.catalog.access.entities import AccessState, DataAccess, Policy
from headway.catalog.contract import Column
from headway.kernel.errors import Fault

SOON: Final = timedelta(days=7)
"""How long before its end the holder of a grant is told."""
LONGEST: Final = timedelta(days=366 * 2)
LEAST_PURPOSE, LEAST_REASON, MOST_TEXT = 10, 10, 2000


def state_of(*, is_approved: bool | None, withdrawn_at: datetime | None, until: date, day: date) -> AccessState:
    """Tell how something asked for stands on a day.

    Args: is_approved: the owner's answer, None while there is none.
    """
    if withdrawn_at is not None:
        return AccessState.withdrawn
    if is_approved is False:
        return AccessState.rejected
    if until < day:
        return AccessState.ended
    return AccessState.asked if is_approved is None else AccessState.granted


def counting(known: Iterable[DataAccess]) -> DataAccess | None:
    """Choose the grant that counts: of those in force the one answered last, so that a newer answer replaces an older."""
    held = [one for one in known if one.state is AccessState.granted]
    return max(held, key=lambda one: (str(one.answered_at), one.id), default=None)


def asking_faults(*, purpose: str, until: date, today: date) -> list[Fault]:
    """Find everything that is wrong with a request."""
    faults = []
    if not LEAST_PURPOSE <= len(purpose.strip()) <= MOST_TEXT:
        words = f"say in {LEAST_PURPOSE} to {MOST_TEXT:,} characters what the data is for"
        faults.append(Fault(rule="access.purpose", column="purpose", message=words))
    return faults + until_faults(until, today)


def until_faults(until: date, today: date) -> list[Fault]:
    """Find what is wrong with a last day."""
    if today <= until <= today + LONGEST:
        return []
    words = f"the last day lies from {today} to {today + LONGEST}, not on {until}"
    return [Fault(rule="access.until", column="until", value=str(until), message=words)]


def reason_faults(reason: str) -> list[Fault]:
    """Find what is wrong with a reason."""
    if LEAST_REASON <= len(reason.strip()) <= MOST_TEXT:
        return []
    words = f"say in {LEAST_REASON} to {MOST_TEXT:,} characters why"
    return [Fault(rule="access.reason", column="reason", message=words)]


def policy_faults(policy: Policy, columns: Sequence[Column]) -> list[Fault]:
    """Find columns of a policy that the product does not have, that are named twice over, and a policy that hides all."""
    known = {column.name for column in columns}
    lists = (("hidden", policy.hidden), ("masked", policy.masked), ("unmasked", policy.unmasked))
    faults = [
        Fault(rule="access.unknown_column", column=which, value=name, message=f"the product has no column {name!r}")
        for which, names in lists
        for name in names
        if name not in known
    ]
    named = [name for _, names in lists for name in names]
    for name in sorted({name for name in named if named.count(name) > 1}):
        words = f"column {name!r} is named twice: it is hidden, masked or shown"
        faults.append(Fault(rule="access.column_twice", column="policy", value=name, message=words))
    if known and known <= set(policy.hidden):
        faults.append(Fault(rule="access.nothing_left", column="hidden", message="every column would be hidden"))
    return faults


def masked_of(policy: Policy, columns: Iterable[Column]) -> tuple[str, ...]:
    """Name the columns whose values a reader sees masked: those the policy names, and restricted ones it does not unmask."""
    return tuple(
        column.name
        for column in columns
        if column.name not in policy.hidden
        and (column.name in policy.masked or (column.is_restricted and column.name not in policy.unmasked))
    )
