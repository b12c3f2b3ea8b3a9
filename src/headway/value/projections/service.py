"""Projections: made by people from what they assume, at the rate that finance set, and brought to governance as evidence."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import msgspec
from sqlalchemy.orm import Session

from headway import governance, ledger
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Denied, Fault, Scalar
from headway.kernel.ids import Ref, new_id
from headway.kernel.money import Money
from headway.value.projections import rules, store
from headway.value.projections.entities import Assumptions, DiscountRate, Projected, Projection
from headway.value.projections.errors import (
    AssumptionsInvalid,
    DiscountRateInvalid,
    DiscountRateMissing,
    ProjectionUnknown,
)
from headway.value.projections.simulating import simulate


class Basis(NamedTuple):
    """What evidence names: the use case, its digest, and the digest of the projection."""

    usecase: str
    usecase_digest: str
    digest: str


EVIDENCE = "roi_projection"
LONGEST_TITLE = 200
MOST = 100


def set_discount_rate(
    session: Session, actor: Actor, *, percent: str, valid_from: date | None = None, reason: str
) -> DiscountRate:
    """Say what finance asks of money a year from a day on, today if none is named; earlier rates stay readable.

    Raises: DiscountRateInvalid with every fault; Denied when no person sets it.
    """
    if found := rules.rate_faults(percent, reason):
        raise DiscountRateInvalid("; ".join(fault.message for fault in found), faults=found)
    _need_person(actor, "set the discount rate")
    now = clock.now()
    made = DiscountRate(
        id=new_id("dsr"),
        valid_from=valid_from or now.date(),
        percent=percent.strip(),
        set_by=actor.ref,
        set_at=now,
        reason=reason.strip(),
    )
    store.add_discount_rate(session, made)
    payload = {"percent": made.percent, "valid_from": made.valid_from.isoformat(), "reason": made.reason}
    ledger.record(
        session, actor=actor, type="discount_rate.set", subject=Ref("discount-rate", made.id), payload=payload
    )
    return made


def list_discount_rates(session: Session) -> tuple[DiscountRate, ...]:
    """Read all rates, those of the latest day first."""
    return tuple(store.list_discount_rates(session))


def discount_rate(session: Session) -> DiscountRate | None:
    """Read the rate in force today; None when nobody has set one."""
    return store.rate_on(session, clock.now().date())


def project(session: Session, actor: Actor, *, usecase: str, title: str, assumptions: Assumptions) -> Projection:
    """Work a projection out at the discount rate in force today, keep it, and bring it to governance as evidence.

    Raises: AssumptionsInvalid with every fault; DiscountRateMissing; governance.UseCaseUnknown; Denied when no person asks.
    """
    found = rules.faults(assumptions)
    if not 1 <= len(title.strip()) <= LONGEST_TITLE:
        message = f"a title has 1 to {LONGEST_TITLE} characters"
        found.append(Fault(rule="projection.title", column="title", message=message))
    if found:
        raise AssumptionsInvalid("; ".join(fault.message for fault in found), faults=found)
    _need_person(actor, "make a projection")
    case = governance.get_usecase(session, usecase)
    rate = discount_rate(session)
    if rate is None:
        raise DiscountRateMissing(
            "nobody of finance has set the discount rate",
            hint="the head of the finance department sets it: headway benefit set-discount-rate",
            values={"usecase": case.slug},
        )
    result = simulate(assumptions, float(rate.percent) / 100.0)
    content = {
        "usecase": case.slug,
        "assumptions": msgspec.to_builtins(assumptions),
        "percent": rate.percent,
        "result": msgspec.to_builtins(result),
    }
    content_digest = digest(content)
    about = Basis(usecase=case.slug, usecase_digest=case.digest, digest=content_digest)
    proof = _evidence(session, actor, assumptions=assumptions, rate=rate, result=result, about=about)
    made = Projection(
        id=new_id("prj"),
        usecase=case.slug,
        number=store.next_number(session, case.slug),
        title=title.strip(),
        assumptions=assumptions,
        discount_rate=rate.id,
        percent=rate.percent,
        result=result,
        digest=content_digest,
        made_by=actor.ref,
        made_at=clock.now(),
        evidence=proof.id if proof else None,
    )
    store.add_projection(session, made)
    _tell(session, actor, made)
    return made


def get_projection(session: Session, projection_id: str) -> Projection:
    """Read a projection; raises ProjectionUnknown."""
    found = store.get_projection(session, projection_id)
    if found is None:
        raise ProjectionUnknown(f"no projection {projection_id}", values={"projection": projection_id})
    return found


def list_projections(session: Session, usecase: str, *, limit: int = MOST) -> tuple[Projection, ...]:
    """Read the projections of a use case, newest first; raises governance.UseCaseUnknown."""
    governance.get_usecase(session, usecase)
    return tuple(store.list_projections(session, usecase, max(1, min(limit, MOST))))


def newest_projection(session: Session, usecase: str) -> Projection | None:
    """Read the projection that counts for a use case."""
    return next(iter(store.list_projections(session, usecase, 1)), None)


def _evidence(
    session: Session, actor: Actor, *, assumptions: Assumptions, rate: DiscountRate, result: Projected, about: Basis
) -> governance.Evidence | None:
    """Write it in the name of whom its type asks for; nothing while no pack that is on knows the type."""
    kinds = {kind.name: kind for pack in governance.list_packs(session) for kind in pack.evidence_types}
    if EVIDENCE not in kinds:
        return None
    amounts = {f"npv_{name}": float(Money.parse(getattr(result.npv, name)).amount) for name in ("p10", "p50", "p90")}
    facts: dict[str, Scalar] = {
        **amounts,
        "currency": assumptions.currency,
        "probability_of_loss": result.probability_of_loss,
        "payback_months": result.payback_months,
        "horizon_months": assumptions.horizon_months,
        "discount_rate": float(rate.percent),
    }
    return governance.record_evidence(
        session,
        type=EVIDENCE,
        subject=Ref("usecase", about.usecase),
        subject_digest=about.usecase_digest,
        facts=facts,
        producer=SYSTEM if kinds[EVIDENCE].producer == "auto" else actor,
        payload_digest=about.digest,
    )


def _tell(session: Session, actor: Actor, made: Projection) -> None:
    payload = {
        "usecase": made.usecase,
        "number": made.number,
        "digest": made.digest,
        "npv_p50": made.result.npv.p50,
        "probability_of_loss": round(made.result.probability_of_loss, 4),
        "percent": made.percent,
        "evidence": made.evidence,
    }
    ledger.record(session, actor=actor, type="projection.made", subject=Ref("projection", made.id), payload=payload)


def _need_person(actor: Actor, what: str) -> None:
    if not actor.is_person:
        raise Denied(
            f"only a person can {what}; {actor.ref} is none",
            hint="sign in as a person",
            values={"rule": "governance.people_only"},
        )
