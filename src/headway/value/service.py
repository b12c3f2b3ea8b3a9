"""What a deployment was worth: its arms read from serving, judged by pure rules; and what computing costs."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from headway import catalog, ledger, serving
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, Fault, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.money import Money
from headway.kernel.settings import Environment
from headway.value import running, store
from headway.value.entities import Computing, DeploymentValue, Metered, Promise, Rates, RunningCost
from headway.value.errors import RatesInvalid
from headway.value.judging import judge
from headway.value.running import running_cost


def measure(
    session: Session,
    lake: catalog.Lake,
    *,
    name: str,
    environment: Environment,
    promise: Promise | None = None,
    window_days: int | None = None,
    jobs: Computing | None = None,
) -> DeploymentValue:
    """Compare a deployment's champion with its hold-out by the outcomes known now; reading leaves no entry.

    Args: promise: what a pilot projected, and by which outcome a success is known.
        jobs: what the use case's jobs took; without it the running cost is left out.
    Raises: serving.UnknownDeployment.
    """
    positive = promise.positive if promise else None
    found = serving.outcomes_by_arm(
        session, lake, name=name, environment=environment, positive=positive, window_days=window_days
    )
    return judge(found, promise, _running(session, found, jobs) if jobs is not None else None)


def _running(session: Session, found: serving.OutcomesByArm, jobs: Computing) -> RunningCost | None:
    """Price what a deployment took since its arms were last set, and its part of the use case's jobs."""
    rates = store.list_rates(session)
    if not rates:
        return None
    deployment, first_day = found.deployment, found.since.date()
    is_over = deployment.state is serving.DeploymentState.retired
    counted = serving.decisions_by_day(
        session, name=deployment.name, environment=deployment.environment, first_day=first_day
    )
    metered = Metered(
        jobs=tuple((day, taken / jobs.shared_by) for day, taken in jobs.taken),
        job_count=len(jobs.taken),
        decisions=tuple(counted.items()),
        first_day=first_day,
        last_day=max(first_day, (deployment.changed_at if is_over else clock.now()).date()),
        shared_by=jobs.shared_by,
    )
    return running_cost(rates, metered)


def list_rates(session: Session) -> tuple[Rates, ...]:
    """Read all rates, those of the latest day first."""
    return tuple(store.list_rates(session))


def set_rates(
    session: Session,
    actor: Actor,
    *,
    cpu_hour: str,
    thousand_decisions: str,
    month: str,
    valid_from: date | None = None,
    reason: str,
) -> Rates:
    """Say what computing costs from a day on, today if none is named; what was set before stays readable.

    Raises: RatesInvalid: with every fault; Denied when no person sets them.
    """
    amounts = {"cpu_hour": cpu_hour, "thousand_decisions": thousand_decisions, "month": month}
    if found := [*running.faults(amounts, reason), *_other_currency(session, cpu_hour)]:
        raise RatesInvalid("; ".join(fault.message for fault in found), faults=found)
    if not actor.is_person:
        raise Denied(
            f"only a person can set rates; {actor.ref} is none",
            hint="sign in as a person",
            values={"rule": "governance.people_only"},
        )
    now = clock.now()
    made = Rates(
        id=new_id("rat"),
        valid_from=valid_from or now.date(),
        **{name: str(Money.parse(text)) for name, text in amounts.items()},
        set_by=actor.ref,
        set_at=now,
        reason=reason.strip(),
    )
    store.add_rates(session, made)
    told = {name: getattr(made, name) for name in (*running.AMOUNTS, "reason")}
    payload = {**told, "valid_from": made.valid_from.isoformat()}
    ledger.record(session, actor=actor, type="rates.set", subject=Ref("rates", made.id), payload=payload)
    return made


def _other_currency(session: Session, amount: str) -> list[Fault]:
    """A fault where rates were set in another currency before: sums over time would join two."""
    before = store.list_rates(session)
    try:
        wanted = Money.parse(amount).currency
    except Invalid:
        return []
    known = Money.parse(before[0].month).currency if before else wanted
    if known == wanted:
        return []
    return [Fault(rule="rates.currency", column="cpu_hour", message=f"rates are kept in {known} here, not in {wanted}")]
