"""The risk register over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.governance.entities import Tier
from headway.governance.risks import service
from headway.governance.risks.entities import Estimate, Harm, Range, Register, Risk, Severity
from headway.governance.risks.organisation import RiskEntry, RiskTotal
from headway.governance.routes.intake import somewhere
from headway.governance.service.usecases import get_usecase
from headway.kernel.auth import Resource
from headway.kernel.listing import ListQuery
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import CurrentActor, HereParts, Permit, Tx

router = APIRouter(tags=["risks"])
Text = Annotated[str, Field(max_length=2000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Between(_Body):
    """A 90 % interval: one case in twenty lies below it, one above."""

    low: float
    high: float

    def told(self) -> Range:
        """The interval as it is kept."""
        return Range(low=self.low, high=self.high)


class RiskWanted(_Body):
    """What can happen, why, with what consequence; how often a year and for how much money, before and after treatment."""

    title: Text
    cause: Text
    event: Text
    consequence: Text
    currency: Annotated[str, Field(min_length=3, max_length=3)] = "EUR"
    inherent_rate: Between
    inherent_impact: Between
    residual_rate: Between | None = None
    residual_impact: Between | None = None
    harms: dict[Harm, Severity] = {}
    reason: Text

    def told(self) -> Estimate:
        """The estimate as it is kept; without residual figures nothing is done yet."""
        return Estimate(
            title=self.title.strip(),
            cause=self.cause.strip(),
            event=self.event.strip(),
            consequence=self.consequence.strip(),
            currency=self.currency.upper(),
            inherent_rate=self.inherent_rate.told(),
            inherent_impact=self.inherent_impact.told(),
            residual_rate=(self.residual_rate or self.inherent_rate).told(),
            residual_impact=(self.residual_impact or self.inherent_impact).told(),
            harms=dict(self.harms),
            reason=self.reason.strip(),
        )


class TreatmentWanted(_Body):
    """What is done, what it is for, by whom, until when, at what cost."""

    action: Text
    effect: Text
    owner: Annotated[str, Field(min_length=1, max_length=200)]
    due_on: date
    cost: Annotated[str, Field(max_length=40)] | None = None


class Reason(_Body):
    """Why a risk is closed."""

    reason: Text


class Note(_Body):
    """How a treatment was done."""

    note: Text


class RisksFound(BaseModel):
    """The part of the organisation's list that was asked for; ``totals`` and ``overdue`` are over all that the question lets through."""

    items: list[RiskEntry]
    total: int
    is_more: bool
    totals: list[RiskTotal]
    overdue: int


@router.get("/risks")
def find_risks(
    *,
    tx: Tx,
    permit: Permit,
    actor: CurrentActor,
    here: HereParts,
    department: str | None = None,
    tier: Tier | None = None,
    usecase: str | None = None,
    owner: str | None = None,
    state: Literal["open", "closed", "retired"] = "open",
    harm: Harm | None = None,
    overdue: bool | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    sort: str = "",
    descending: bool = True,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> RisksFound:
    """List the risks of all use cases that you may read, the costliest first; ``owner``: of a treatment that is not done."""
    told = {"department": department, "tier": tier, "usecase": usecase, "owner": owner, "state": state, "harm": harm}
    told["overdue"] = None if overdue is None else "yes" if overdue else "no"
    asked = ListQuery(
        search=search,
        filters={name: (str(value),) for name, value in told.items() if value is not None},
        sort=sort,
        descending=descending,
        offset=offset,
        limit=limit,
        within=somewhere(here, tx, actor, permit, "risk:read"),
    )
    made = service.find_risks(tx, asked)
    found = made.found
    return RisksFound(
        items=list(found.items),
        total=found.total,
        is_more=found.is_more,
        totals=list(made.totals),
        overdue=made.overdue,
    )


@router.get("/usecases/{slug}/risks")
def show_register(slug: str, tx: Tx, permit: Permit) -> Register:
    """Show the risks of a use case, what a year of them costs, and what is overdue."""
    permit("risk:read", about(tx, slug))
    return service.register_of(tx, slug)


@router.post("/usecases/{slug}/risks", status_code=status.HTTP_201_CREATED)
def add_risk(slug: str, body: RiskWanted, tx: Tx, permit: Permit, actor: CurrentActor) -> Risk:
    """Write a risk down."""
    permit("risk:manage", about(tx, slug))
    return service.add_risk(tx, actor, usecase=slug, estimate=body.told())


@router.get("/risks/{risk_id}")
def show_risk(risk_id: str, tx: Tx, permit: Permit) -> Risk:
    """Show a risk as it is estimated now."""
    found = service.get_risk(tx, risk_id)
    permit("risk:read", about(tx, found.usecase))
    return found


@router.post("/risks/{risk_id}/estimates", status_code=status.HTTP_201_CREATED)
def estimate_risk(risk_id: str, body: RiskWanted, tx: Tx, permit: Permit, actor: CurrentActor) -> Risk:
    """Estimate a risk anew; what was thought before stays readable."""
    permit("risk:manage", about(tx, service.get_risk(tx, risk_id).usecase))
    return service.estimate_risk(tx, actor, risk_id, body.told())


@router.post("/risks/{risk_id}/treatments", status_code=status.HTTP_201_CREATED)
def treat_risk(risk_id: str, body: TreatmentWanted, tx: Tx, permit: Permit, actor: CurrentActor) -> Risk:
    """Say what is done about a risk; its owner has it as a task."""
    permit("risk:manage", about(tx, service.get_risk(tx, risk_id).usecase))
    return service.treat_risk(
        tx,
        actor,
        risk_id,
        action=body.action,
        effect=body.effect,
        owner=body.owner,
        due_on=body.due_on,
        cost=body.cost,
    )


@router.post("/risks/{risk_id}/close")
def close_risk(risk_id: str, body: Reason, tx: Tx, permit: Permit, actor: CurrentActor) -> Risk:
    """Close a risk that is none any more."""
    permit("risk:manage", about(tx, service.get_risk(tx, risk_id).usecase))
    return service.close_risk(tx, actor, risk_id, body.reason)


@router.post("/treatments/{treatment_id}/done")
def finish_treatment(treatment_id: str, body: Note, tx: Tx, permit: Permit, actor: CurrentActor) -> Risk:
    """Say that a treatment is done, and how."""
    permit("risk:manage", about(tx, service.risk_of_treatment(tx, treatment_id).usecase))
    return service.finish_treatment(tx, actor, treatment_id, body.note)


def about(session: Session, slug: str) -> Resource:
    """What the rules are asked about risks of a use case."""
    return Resource(kind="risk", id=slug, department=get_usecase(session, slug).department)
