"""The risks of all use cases in one list: what a year of each is expected to cost, and what is done about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal

from headway.governance.entities import UseCase
from headway.governance.risks import losses
from headway.governance.risks.entities import Harm, Severity
from headway.kernel.arranging import Offer

if TYPE_CHECKING:
    from headway.governance.risks.store import Kept

State = Literal["open", "closed", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskEntry:
    """A risk as the list of the organisation tells it; money is what a year is expected to cost, in ``currency``.

    ``state``: ``retired`` is an open risk of a use case that was retired. ``owners``: of treatments that are not done.
    """

    id: str
    title: str
    usecase: str
    usecase_title: str
    department: str
    tier: str
    state: State
    currency: str
    inherent: float
    residual: float
    reduction: float
    """What is done about it takes off: inherent less residual."""
    harms: Mapping[Harm, Severity]
    treatments: int
    """Not done yet."""
    overdue: int
    next_due: date | None
    owners: tuple[str, ...]
    estimated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTotal:
    """What the listed risks of one currency are expected to cost together in a year: expectations add up."""

    currency: str
    risks: int
    inherent: float
    residual: float


def entry(kept: Kept, case: UseCase) -> RiskEntry:
    """Tell a risk as one line."""
    told = kept.estimate
    todo = [one for one in kept.treatments if one.done_at is None]
    inherent = losses.expected(told.inherent_rate, told.inherent_impact)
    residual = losses.expected(told.residual_rate, told.residual_impact)
    state: State = "closed" if kept.closed_at else "retired" if case.retired_at else "open"
    return RiskEntry(
        id=kept.id,
        title=told.title,
        usecase=case.slug,
        usecase_title=case.title,
        department=case.department,
        tier=case.tier.value,
        state=state,
        currency=told.currency,
        inherent=inherent,
        residual=residual,
        reduction=inherent - residual,
        harms=told.harms,
        treatments=len(todo),
        overdue=sum(one.is_overdue for one in todo),
        next_due=min((one.due_on for one in todo), default=None),
        owners=tuple(dict.fromkeys(one.owner for one in todo)),
        estimated_at=kept.estimated_at,
    )


def totals(entries: Iterable[RiskEntry]) -> tuple[RiskTotal, ...]:
    """Add up by currency; amounts of different currencies are never added."""
    by: dict[str, list[RiskEntry]] = {}
    for one in entries:
        by.setdefault(one.currency, []).append(one)
    return tuple(
        RiskTotal(
            currency=name,
            risks=len(own),
            inherent=sum(one.inherent for one in own),
            residual=sum(one.residual for one in own),
        )
        for name, own in sorted(by.items())
    )


OFFER: Final[Offer[RiskEntry]] = Offer(
    filters={
        "department": lambda one: (one.department,),
        "tier": lambda one: (one.tier,),
        "usecase": lambda one: (one.usecase,),
        "owner": lambda one: one.owners,
        "state": lambda one: (one.state,),
        "harm": lambda one: tuple(harm.value for harm in one.harms),
        "overdue": lambda one: ("yes" if one.overdue else "no",),
        "treated": lambda one: ("yes" if one.residual < one.inherent else "no",),
    },
    sorts={
        "title": lambda one: one.title.lower(),
        "usecase": lambda one: one.usecase_title.lower(),
        "department": lambda one: one.department,
        "inherent": lambda one: (one.currency, one.inherent),
        "residual": lambda one: (one.currency, one.residual),
        "reduction": lambda one: (one.currency, one.reduction),
        "treatments": lambda one: one.treatments,
        "overdue": lambda one: one.overdue,
        "next_due": lambda one: one.next_due,
        "estimated_at": lambda one: one.estimated_at,
    },
    searched=lambda one: f"{one.title} {one.usecase_title} {one.usecase}",
    department=lambda one: one.department,
    key=lambda one: one.id,
    sort="residual",
    is_descending=True,
)
