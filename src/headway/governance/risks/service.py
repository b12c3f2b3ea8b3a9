"""The risk register of a use case: estimated in ranges, treated by people until a day, told as losses of a year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from headway import collaboration, identity, ledger
from headway.governance import store as governance_store
from headway.governance.risks import losses, rules, store
from headway.governance.risks.entities import Estimate, Register, Risk, Treatment
from headway.governance.risks.errors import RiskClosed, RiskInvalid, RiskUnknown
from headway.governance.risks.organisation import OFFER, RiskEntry, RiskTotal, entry, totals
from headway.governance.service.people import need_person
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.usecases import get_usecase
from headway.kernel import clock
from headway.kernel.arranging import arrange, narrow
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.listing import Found, ListQuery
from headway.numerics import FloatArray

LEAST_REASON = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskList:
    """A part of the list, and what all the risks that the question lets through cost together."""

    found: Found[RiskEntry]
    totals: tuple[RiskTotal, ...]
    overdue: int
    """Treatments whose day has passed, over all of them."""


def add_risk(session: Session, actor: Actor, *, usecase: str, estimate: Estimate) -> Risk:
    """Write a risk down; raises RiskInvalid with every fault, UseCaseUnknown, UseCaseRetired."""
    need_person(actor, "write a risk down")
    _check(estimate)
    case = get_usecase(session, usecase)
    refuse_retired(session, usecase)
    risk_id, now = new_id("rsk"), clock.now()
    store.add_risk(session, risk_id, usecase=case.slug, by=actor.ref, at=now)
    store.add_estimate(session, risk_id, 1, estimate, by=actor.ref, at=now)
    made = get_risk(session, risk_id)
    _tell(session, actor, "risk.added", made)
    return made


def estimate_risk(session: Session, actor: Actor, risk_id: str, estimate: Estimate) -> Risk:
    """Estimate a risk anew; what was thought before stays readable. Raises RiskUnknown, RiskClosed, RiskInvalid."""
    need_person(actor, "estimate a risk")
    _check(estimate)
    before = _open(session, risk_id)
    store.add_estimate(session, risk_id, before.version + 1, estimate, by=actor.ref, at=clock.now())
    made = get_risk(session, risk_id)
    _tell(session, actor, "risk.estimated", made)
    return made


def close_risk(session: Session, actor: Actor, risk_id: str, reason: str) -> Risk:
    """Close a risk that is none any more, with a reason; raises RiskUnknown, RiskClosed, RiskInvalid."""
    need_person(actor, "close a risk")
    _reason(reason, "reason")
    _open(session, risk_id)
    store.close_risk(session, risk_id, by=actor.ref, at=clock.now(), because=reason.strip())
    made = get_risk(session, risk_id)
    _tell(session, actor, "risk.closed", made, reason=reason.strip())
    return made


def treat_risk(
    session: Session,
    actor: Actor,
    risk_id: str,
    *,
    action: str,
    effect: str,
    owner: str,
    due_on: date,
    cost: str | None = None,
) -> Risk:
    """Say what is done about a risk, by whom, until when. Its owner has it as a task, and is told when it is overdue.

    Raises: RiskUnknown, RiskClosed, RiskInvalid with every fault.
    """
    need_person(actor, "treat a risk")
    found, today = _open(session, risk_id), clock.now().date()
    faults = rules.treatment_faults(action, effect, due_on, cost, today=today)
    person = identity.find_person(session, owner)
    if person is None:
        faults.append(Fault(rule="risks.owner", column="owner", value=owner, message=f"nobody active is {owner!r}"))
    if faults or person is None:
        raise RiskInvalid("; ".join(fault.message for fault in faults), faults=faults)
    one = Treatment(
        id=new_id("trm"),
        risk=risk_id,
        action=action.strip(),
        effect=effect.strip(),
        owner=person.ref,
        due_on=due_on,
        cost=cost,
        added_by=actor.ref,
        added_at=clock.now(),
        done_by=None,
        done_at=None,
        note=None,
        is_overdue=False,
    )
    task = collaboration.create_task(
        session,
        actor,
        title=one.action[:200],
        subject=Ref("usecase", found.usecase),
        assignee=person.ref,
        due_on=due_on,
        note=f"{found.estimate.title}: {one.effect}"[:1000],
    )
    store.add_treatment(session, one, task.id)
    made = get_risk(session, risk_id)
    _tell(session, actor, "risk.treated", made, treatment=one.id, owner=person.ref, due_on=due_on.isoformat())
    return made


def finish_treatment(session: Session, actor: Actor, treatment_id: str, note: str) -> Risk:
    """Say that it is done and how; its task ends. Raises RiskUnknown, RiskClosed, RiskInvalid."""
    need_person(actor, "finish a treatment")
    _reason(note, "note")
    found = store.get_treatment(session, treatment_id, clock.now().date())
    if found is None:
        raise RiskUnknown(f"no treatment {treatment_id}", values={"treatment": treatment_id})
    if found.done_at is not None:
        raise RiskClosed(f"{treatment_id} was done before", values={"treatment": treatment_id})
    task = store.end_treatment(session, treatment_id, by=actor.ref, at=clock.now(), note=note.strip())
    if collaboration.get_task(session, task).state is collaboration.TaskState.open:
        collaboration.end_task(session, actor, task, state=collaboration.TaskState.done, note=note.strip()[:500])
    made = get_risk(session, found.risk)
    _tell(session, actor, "risk.treatment_done", made, treatment=treatment_id, reason=note.strip())
    return made


def get_risk(session: Session, risk_id: str) -> Risk:
    """Read a risk as it is estimated now; raises RiskUnknown."""
    found = store.get_risk(session, risk_id, clock.now().date())
    if found is None:
        raise RiskUnknown(f"no risk {risk_id}", values={"risk": risk_id})
    return _drawn(found)[0]


def risk_of_treatment(session: Session, treatment_id: str) -> Risk:
    """Read the risk that a treatment is about; raises RiskUnknown."""
    found = store.get_treatment(session, treatment_id, clock.now().date())
    if found is None:
        raise RiskUnknown(f"no treatment {treatment_id}", values={"treatment": treatment_id})
    return get_risk(session, found.risk)


def register_of(session: Session, slug: str) -> Register:
    """Read the risks of a use case, what they cost together in a year, and what is overdue; raises UseCaseUnknown."""
    get_usecase(session, slug)
    kept = store.list_risks(session, slug, clock.now().date())
    drawn = [_drawn(one) for one in kept if one.closed_at is None]
    risks = tuple(risk for risk, _, _ in drawn)
    currencies = {one.estimate.currency for one in risks}
    is_one = len(currencies) == 1
    before = losses.together([one for _, one, _ in drawn]) if is_one else None
    after = losses.together([one for _, _, one in drawn]) if is_one else None
    return Register(
        usecase=slug,
        risks=tuple(sorted(risks, key=lambda one: -one.residual.expected)),
        closed=tuple(_drawn(one)[0] for one in kept if one.closed_at is not None),
        currency=next(iter(currencies)) if is_one else None,
        inherent=None if before is None else losses.exposure(before, sum(one.inherent.expected for one in risks)),
        residual=None if after is None else losses.exposure(after, sum(one.residual.expected for one in risks)),
        exceedance=None if before is None or after is None else losses.exceedance(before, after),
        overdue=tuple(one for risk in risks for one in risk.treatments if one.is_overdue),
    )


def find_risks(session: Session, asked: ListQuery) -> RiskList:
    """Search the risks of all use cases, the costliest first; open ones unless a ``state`` is asked for.

    Money sorts within its currency. Raises BadListing with every name that the list does not know.
    """
    if not asked.filters.get("state"):
        asked = replace(asked, filters={**asked.filters, "state": ("open",)})
    kept = store.every_risk(session, clock.now().date())
    cases = {one.slug: one for one in governance_store.every_usecase(session, {one.usecase for one in kept})}
    entries = [entry(one, cases[one.usecase]) for one in kept]
    through = narrow(entries, OFFER, asked)
    return RiskList(
        found=arrange(through, OFFER, asked), totals=totals(through), overdue=sum(one.overdue for one in through)
    )


def _drawn(kept: store.Kept) -> tuple[Risk, FloatArray, FloatArray]:
    """A risk with what a year of it costs, before and after what is done; drawn from the same streams."""
    one = kept.estimate
    before = losses.draw_years(kept.id, one.inherent_rate, one.inherent_impact)
    after = losses.draw_years(kept.id, one.residual_rate, one.residual_impact)
    made = Risk(
        **{name: getattr(kept, name) for name in store.Kept.__slots__},
        inherent=losses.exposure(before, losses.expected(one.inherent_rate, one.inherent_impact)),
        residual=losses.exposure(after, losses.expected(one.residual_rate, one.residual_impact)),
    )
    return made, before, after


def _open(session: Session, risk_id: str) -> Risk:
    found = get_risk(session, risk_id)
    if found.closed_at is not None:
        raise RiskClosed(f"{risk_id} was closed before", values={"risk": risk_id})
    return found


def _check(estimate: Estimate) -> None:
    if faults := rules.estimate_faults(estimate):
        raise RiskInvalid("; ".join(fault.message for fault in faults), faults=faults)


def _reason(text: str, name: str) -> None:
    if len(text.strip()) < LEAST_REASON:
        fault = Fault(rule=f"risks.{name}", column=name, message=f"write at least {LEAST_REASON} characters")
        raise RiskInvalid(fault.message, faults=[fault])


def _tell(session: Session, actor: Actor, event: str, one: Risk, **more: str) -> None:
    payload: dict[str, object] = {
        "usecase": one.usecase,
        "title": one.estimate.title,
        "version": one.version,
        "estimate_digest": digest(msgspec.to_builtins(one.estimate)),
        **more,
    }
    ledger.record(session, actor=actor, type=event, subject=Ref("risk", one.id), payload=payload)
