"""Means asked for, rounds drafted with the best choice, and the choice that people make."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.governance import UseCase, mandates, risks
from headway.kernel import clock, ids
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import Ref
from headway.kernel.money import Money
from headway.kernel.paging import MAX_LIMIT, Page
from headway.portfolio.allocation import store
from headway.portfolio.allocation.contending import contention, differences
from headway.portfolio.allocation.entities import (
    Allocation,
    AllocationState,
    Limits,
    Need,
    Overlap,
    ResourceRequest,
    ValueSource,
)
from headway.portfolio.allocation.optimum import optimise, price
from headway.portfolio.errors import AllocationDecided, AllocationInvalid
from headway.value import projections

MOST_AMOUNT = 10**15
"""Largest amount in minor units: sums of a round stay exact in the solver's numbers."""
LONGEST_MONTHS = 120
MOST = 1000
MOST_OVERLAPS = 500
"""Five hundred use cases of one solution make 124,750 pairs, which nobody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a proposal asks for, as people say it; ``people`` in full-time equivalents."""

    budget: str
    reason: str
    value: str | None = None
    """None: the mean of the newest projection."""
    compute_hours: int = 0
    people: float = 0.0
    months: int = 12
    risk: str | None = None
    """Loss of a year that stays after treatment; None: what the risk register expects, nothing where it is empty."""
    is_must: bool = False
    requires: tuple[str, ...] = ()


def request_resources(session: Session, actor: Actor, usecase: str, asked: Asked) -> ResourceRequest:
    """Keep what a use case asks for; what it asked before stays to be read, the newest counts.

    Raises: governance.UseCaseUnknown; governance.UseCaseRetired. AllocationInvalid: with every fault.
    """
    case = governance.get_usecase(session, usecase)
    if case.retired_at is not None:
        raise AllocationInvalid(
            f"{usecase} is retired and can be given nothing", hint="'headway usecase reopen' takes it up again"
        )
    made = _request(session, actor, case, asked)
    store.add_request(session, made)
    payload = {
        "budget": made.budget, "currency": made.currency, "compute_hours": made.compute_hours, "people": made.people,
        "months": made.months, "value": made.value, "value_source": made.value_source.value, "is_must": made.is_must,
    }  # fmt: skip
    ledger.record(session, actor=actor, type="resources.requested", subject=Ref("usecase", usecase), payload=payload)
    return made


def _request(session: Session, actor: Actor, case: UseCase, asked: Asked) -> ResourceRequest:
    faults: list[Fault] = []
    budget = _money("budget", asked.budget, faults)
    value, projection = _value(session, case, asked, faults)
    risk = (
        _residual(session, case, budget.currency if budget.minor else value.currency)
        if asked.risk is None
        else (_money("risk", asked.risk, faults))
    )
    if len({one.currency for one in (budget, value) if one.minor}) > 1:
        faults.append(_fault("currency", "value", str(value), "budget and value must be in one currency"))
    if budget.minor < 0 or risk.minor < 0:
        faults.append(_fault("range", "budget", asked.budget, "budget and risk must not be negative"))
    if not 1 <= asked.months <= LONGEST_MONTHS:
        faults.append(_fault("range", "months", str(asked.months), f"months must lie between 1 and {LONGEST_MONTHS}"))
    if not 0 <= asked.compute_hours <= 10**9 or not 0 <= asked.people <= 10**6:
        faults.append(_fault("range", "people", str(asked.people), "compute hours and people must not be negative"))
    if len(asked.reason.strip()) < 3:
        faults.append(_fault("reason", "reason", asked.reason, "say what the means are for"))
    for name in asked.requires:
        if name == case.slug or not governance.usecase_titles(session, [name]):
            faults.append(_fault("unknown", "requires", name, f"{name!r} is no other use case"))
    if faults:
        raise AllocationInvalid("; ".join(one.message for one in faults), faults=faults)
    return ResourceRequest(
        id=ids.new_id("rrq"),
        usecase=case.slug,
        department=case.department,
        budget=budget.minor,
        currency=budget.currency if budget.minor else value.currency,
        compute_hours=asked.compute_hours,
        people=round(asked.people * 100),
        months=asked.months,
        value=value.minor,
        value_source=ValueSource.projection if projection else ValueSource.claim,
        projection=projection,
        risk=risk.minor,
        is_must=asked.is_must,
        reason=asked.reason.strip(),
        requires=tuple(dict.fromkeys(asked.requires)),
        requested_by=actor.ref,
        requested_at=clock.now(),
    )


def _value(session: Session, case: UseCase, asked: Asked, faults: list[Fault]) -> tuple[Money, str | None]:
    """What it is expected to bring: what was said, else the mean net present value of the newest projection."""
    if asked.value is not None:
        return _money("value", asked.value, faults), None
    found = projections.newest_projection(session, case.slug)
    if found is None:
        words = f"say what {case.slug} is expected to bring: there is no projection of it"
        faults.append(_fault("value", "value", "", words))
        return Money(0, "EUR"), None
    return Money.parse(found.result.npv.mean), found.id


def _residual(session: Session, case: UseCase, currency: str) -> Money:
    """What the risk register expects a year to cost after treatment; nothing where it counts in another currency."""
    register = risks.register_of(session, case.slug)
    if register.residual is None or register.currency != currency:
        return Money(0, currency)
    return Money.of(1, currency).times(register.residual.expected)


def _money(name: str, text: str, faults: list[Fault]) -> Money:
    try:
        found = Money.parse(text)
    except Invalid as error:
        faults.append(_fault("money", name, text, error.message))
        return Money(0, "EUR")
    if abs(found.minor) > MOST_AMOUNT:
        faults.append(_fault("range", name, text, f"{name} is more than can be counted exactly"))
    return found


def minor(text: str | None, currency: str) -> int | None:
    """Read an amount of a limit in minor units of the round's currency; raises AllocationInvalid for another one."""
    if text is None:
        return None
    found = Money.parse(text, currency)
    if found.currency != currency:
        fault = _fault("currency", "limits", text, f"the round counts in {currency}, not in {found.currency}")
        raise AllocationInvalid(fault.message, faults=[fault])
    return found.minor


def _fault(rule: str, column: str, value: str, message: str) -> Fault:
    return Fault(rule=rule, column=column, value=value, message=message)


def list_requests(session: Session, usecase: str) -> tuple[ResourceRequest, ...]:
    """Read what a use case asked for, the newest, which counts, first."""
    return store.requests_of(session, usecase, governance.get_usecase(session, usecase).department)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a round is drafted with; without use cases named, all that asked for something and are not retired."""

    title: str
    starts: date
    ends: date
    limits: Limits
    currency: str = "EUR"
    usecases: tuple[str, ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()


def draft_allocation(session: Session, actor: Actor, draft: Draft) -> Allocation:
    """Take what was asked for as it stands now, work out the best choice under the limits, and keep both.

    What the risk appetite in force leaves is taken as limits by itself, whatever the draft says of it.
    Raises: AllocationInvalid: with every fault. AllocationImpossible: what must be done does not fit.
    """
    requests = _requests(session, draft)
    _check(draft, requests)
    mandates.refuse_unheld(session, actor, "allocation")
    needs = tuple(_need(one, draft.at_most_one) for one in requests)
    limits = replace(draft.limits, appetite=mandates.headroom(session, [one.usecase for one in needs]))
    best = optimise(needs, limits)
    names = {one.usecase for one in needs}
    made = Allocation(
        id=ids.new_id("alo"),
        title=draft.title.strip(),
        state=AllocationState.drafted,
        starts=draft.starts,
        ends=draft.ends,
        currency=draft.currency,
        limits=limits,
        needs=needs,
        contention=contention(needs, limits),
        overlaps=_overlaps(session, names),
        best=best,
        choice=None,
        differences=(),
        cost_of_difference=None,
        drafted_by=actor.ref,
        drafted_at=clock.now(),
        decided_by=None,
        decided_at=None,
    )
    store.add_allocation(session, made)
    payload: dict[str, object] = {"title": made.title, "usecases": len(needs), "best_value": best.used.value}
    payload |= {"chosen": list(best.chosen), "currency": draft.currency}
    payload["appetite"] = limits.appetite.version if limits.appetite else None
    ledger.record(session, actor=actor, type="allocation.drafted", subject=Ref("allocation", made.id), payload=payload)
    return made


def _overlaps(session: Session, names: Collection[str]) -> tuple[Overlap, ...]:
    """Pairs that may do the same work, those that share most first; of very many, the first ``MOST_OVERLAPS``."""
    found = sorted(governance.overlaps(session, names), key=lambda one: (-one[2].count("; "), one))
    return tuple(Overlap(usecase=a, other=b, why=why) for a, b, why in found[:MOST_OVERLAPS])


def _requests(session: Session, draft: Draft) -> tuple[ResourceRequest, ...]:
    departments = governance.usecase_departments(session)
    retired = governance.retired_usecases(session)
    wanted = draft.usecases or tuple(departments)
    kept = {name: departments[name] for name in wanted if name in departments and name not in retired}
    return store.newest_requests(session, kept)


def _check(draft: Draft, requests: Sequence[ResourceRequest]) -> None:
    faults = []
    if len(draft.title.strip()) < 3:
        faults.append(_fault("title", "title", draft.title, "name the round"))
    if draft.starts >= draft.ends:
        faults.append(_fault("period", "ends", str(draft.ends), "the round must end after it starts"))
    asked = {one.usecase for one in requests}
    for name in sorted(set(draft.usecases) - asked):
        faults.append(_fault("unknown", "usecases", name, f"{name} asked for nothing, or is retired or unknown"))
    for name in sorted({one for group in draft.at_most_one for one in group} - asked):
        faults.append(_fault("unknown", "at_most_one", name, f"{name} is not in this round"))
    for one in requests:
        if one.currency != draft.currency:
            words = f"{one.usecase} asks in {one.currency}, the round counts in {draft.currency}"
            faults.append(_fault("currency", "currency", one.currency, words))
    if not requests:
        faults.append(_fault("empty", "usecases", "", "nobody asked for anything yet"))
    if len(requests) > MOST:
        faults.append(_fault("range", "usecases", str(len(requests)), f"a round holds {MOST} use cases at most"))
    if faults:
        raise AllocationInvalid("; ".join(one.message for one in faults), faults=faults)


def _need(one: ResourceRequest, at_most_one: Collection[Sequence[str]]) -> Need:
    others = {name for group in at_most_one if one.usecase in group for name in group} - {one.usecase}
    return Need(
        usecase=one.usecase,
        department=one.department,
        budget=one.budget,
        compute_hours=one.compute_hours,
        people=one.people,
        value=one.value,
        risk=one.risk,
        is_must=one.is_must,
        requires=one.requires,
        excludes=tuple(sorted(others)),
    )


def compare_choice(session: Session, allocation_id: str, chosen: Collection[str]) -> Allocation:
    """Tell what another choice would take, bring and cost against the best one; nothing is kept.

    Raises: UnknownAllocation. AllocationInvalid: a name that is not in the round.
    """
    found = store.get_allocation(session, allocation_id)
    plan = price(found.needs, found.limits, chosen)
    return replace(found, choice=plan, cost_of_difference=found.best.used.value - plan.used.value)


def decide_allocation(
    session: Session, actor: Actor, allocation_id: str, *, chosen: Collection[str], reasons: Mapping[str, str]
) -> Allocation:
    """Keep what people chose beside the best choice, with what the difference costs and why it is made.

    A choice may go past a limit when reasons are given for it: the limit is shown as broken, not hidden.
    Raises: UnknownAllocation; AllocationDecided. AllocationInvalid: a difference without a reason, a name not in the round.
    """
    found = store.get_allocation(session, allocation_id, lock=True)
    if found.decided_at is not None:
        raise AllocationDecided(
            f"{allocation_id} was decided on {found.decided_at:%Y-%m-%d}", hint="draft another round"
        )
    plan = price(found.needs, found.limits, chosen)
    made = replace(
        found,
        state=AllocationState.decided,
        choice=plan,
        differences=differences(found.best, plan, reasons),
        cost_of_difference=found.best.used.value - plan.used.value,
        decided_by=actor.ref,
        decided_at=clock.now(),
    )
    store.decide(session, made, plan)
    payload: dict[str, object] = {"chosen": list(plan.chosen), "cost": made.cost_of_difference}
    payload |= {"currency": made.currency, "differs": [one.usecase for one in made.differences]}
    payload["past_limits"] = sorted({one.limit for one in plan.breaches})
    ledger.record(session, actor=actor, type="allocation.decided", subject=Ref("allocation", made.id), payload=payload)
    return made


def get_allocation(session: Session, allocation_id: str) -> Allocation:
    """Read a round; raises UnknownAllocation."""
    return store.get_allocation(session, allocation_id)


def list_allocations(session: Session, *, limit: int = 50, cursor: str | None = None) -> Page[Allocation]:
    """Read rounds, the newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_allocations(session, limit=limit + 1, before=cursor)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)
