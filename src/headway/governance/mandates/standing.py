"""How mandates stand on a day, which programme a department belongs to, and whether its intake is open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from headway.governance.mandates.entities import IntakeStanding, Mandate, MandateState, Programme
from headway.kernel.errors import Fault

SOON = timedelta(days=30)
LONGEST = timedelta(days=3 * 366)
LEAST_PURPOSE = 20
MOST_TEXT = 2_000
LARGEST_BUDGET = 10**15
LARGEST_TEAM = 100_000.0
_CURRENCY = re.compile(r"[A-Z]{3}")
_SIGNED = ("id", "programme", "sponsor", "purpose", "budget_minor", "currency", "people", "drafted_by")


def body_of(mandate: Mandate) -> dict[str, object]:
    """Write what a sponsor signs, as plain data."""
    told: dict[str, object] = {name: getattr(mandate, name) for name in _SIGNED}
    return told | {
        "departments": list(mandate.departments),
        "valid_from": mandate.valid_from.isoformat(),
        "valid_until": mandate.valid_until.isoformat(),
    }


def faults(
    *, purpose: str, budget_minor: int, currency: str, people: float, valid_from: date, valid_until: date, today: date
) -> list[Fault]:
    """Find everything that is wrong with a mandate before it is drafted."""
    found = []
    if not LEAST_PURPOSE <= len(purpose.strip()) <= MOST_TEXT:
        found.append(_fault("purpose", f"say in {LEAST_PURPOSE} to {MOST_TEXT} characters what the programme is for"))
    if not 0 <= budget_minor <= LARGEST_BUDGET:
        found.append(_fault("budget_minor", "the budget is an amount in the smallest unit of the currency, 0 or more"))
    if not _CURRENCY.fullmatch(currency):
        found.append(_fault("currency", "write the currency by its three letters, as EUR"))
    if not 0 <= people <= LARGEST_TEAM:
        found.append(_fault("people", "people are counted in full-time equivalents, 0 or more"))
    if valid_until < valid_from:
        found.append(_fault("valid_until", "it ends before it begins"))
    elif valid_until < today:
        found.append(_fault("valid_until", f"it would be over already; today is {today}"))
    elif valid_until - valid_from > LONGEST:
        found.append(_fault("valid_until", "a mandate lasts three years at most; then the sponsor signs a new one"))
    return found


def _fault(column: str, message: str) -> Fault:
    return Fault(rule=f"mandate.{column}", column=column, message=message)


def state_of(mandate: Mandate, day: date) -> MandateState:
    """Say how one mandate stands on a day."""
    if mandate.withdrawn_at is not None:
        return MandateState.withdrawn
    if mandate.signed_at is None:
        return MandateState.drafted
    if day < mandate.valid_from:
        return MandateState.to_come
    if day > mandate.valid_until:
        return MandateState.lapsed
    return MandateState.ending if mandate.valid_until - day <= SOON else MandateState.in_force


def settled(programme: Programme, mandates: Sequence[Mandate], day: date) -> Programme:
    """Say how a programme stands on a day by all its mandates, oldest first."""
    told = [replace(one, state=state_of(one, day)) for one in mandates]
    draft = next((one for one in reversed(told) if one.state is MandateState.drafted), None)
    signed = [one for one in told if one.signed_at is not None]
    counting = [one for one in signed if one.state.is_open]
    if counting:
        found = max(counting, key=lambda one: (one.signed_at, one.id))
        last = _covered_until(signed, day)
        state = MandateState.ending if last - day <= SOON else MandateState.in_force
        made = replace(programme, state=state, mandate=found, draft=draft, ends_on=last, closed=None)
        return replace(made, closed=_uncovered(made))
    lasting = max(signed, key=lambda one: (one.signed_at, one.id), default=None)
    state = lasting.state if lasting else MandateState.drafted if draft else MandateState.none
    made = replace(programme, state=state, mandate=lasting, draft=draft, ends_on=None, closed=None)
    return replace(made, closed=_why(made))


def _covered_until(signed: Iterable[Mandate], day: date) -> date:
    """The last day, from this one on, up to which one signed mandate follows another without a day between."""
    last = day
    for one in sorted((m for m in signed if m.withdrawn_at is None), key=lambda m: m.valid_from):
        if one.valid_from <= last + timedelta(days=1):
            last = max(last, one.valid_until)
    return last


def _why(programme: Programme) -> str:
    name, mandate = f"the programme {programme.title}", programme.mandate
    match programme.state:
        case MandateState.lapsed if mandate:
            told = f"the mandate of {name} lapsed on {mandate.valid_until + timedelta(days=1)}"
        case MandateState.withdrawn if mandate:
            told = f"the mandate of {name} was withdrawn: {mandate.withdrawn_because}"
        case MandateState.to_come if mandate:
            told = f"the mandate of {name} begins on {mandate.valid_from}"
        case MandateState.drafted:
            return f"the mandate of {name} is drafted, and the sponsor has not signed it"
        case _:
            return f"{name} has no mandate"
    return f"{told}; a new one waits for the sponsor's signature" if programme.draft else told


def _uncovered(programme: Programme) -> str | None:
    """Name departments that the programme took on after its mandate was signed; None when there are none."""
    more = sorted(set(programme.departments) - set(programme.mandate.departments if programme.mandate else ()))
    return f"the sponsor's mandate does not name {', '.join(more)}, which joined the programme later" if more else None


def nearest(department: str, parents: Mapping[str, str | None], programmes: Iterable[Programme]) -> Programme | None:
    """Find the programme that a department belongs to: its own, else that of the nearest department above it."""
    naming = {place: one for one in programmes for place in one.departments}
    at: str | None = department
    while at is not None:
        if at in naming:
            return naming[at]
        at = parents.get(at)
    return None


def intake_of(department: str, parents: Mapping[str, str | None], programmes: Iterable[Programme]) -> IntakeStanding:
    """Say whether a department takes in what is new; one that no programme covers does."""
    programme = nearest(department, parents, programmes)
    if programme is None:
        return IntakeStanding(department=department, programme=None, is_open=True, reason=None, mender=None)
    reason = programme.closed
    if reason is not None and programme.state.is_open and _is_named(department, parents, programme):
        reason = None  # what is not signed for is another department of the programme
    return IntakeStanding(
        department=department,
        programme=programme.slug,
        is_open=reason is None,
        reason=reason,
        mender=None if reason is None else programme.sponsor,
    )


def _is_named(department: str, parents: Mapping[str, str | None], programme: Programme) -> bool:
    """Whether the department by which another one belongs to the programme stands in the mandate that counts."""
    at: str | None = department
    while at is not None and at not in programme.departments:
        at = parents.get(at)
    return programme.mandate is not None and at in programme.mandate.departments
