"""Risk appetite: adopted by one person, confirmed by a sponsor, then asked at gates; and what is at stake in a use case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.governance import store as kept
from headway.governance.entities import UseCase
from headway.governance.errors import SamePerson, UseCaseUnknown
from headway.governance.mandates import appetite, store
from headway.governance.mandates.appetite import Appetite, Entry, Limit, LimitUse, Stakes
from headway.governance.mandates.errors import AppetiteClosed, AppetiteInvalid, AppetiteUnknown
from headway.governance.mandates.headroom import Headroom, ceilings
from headway.governance.mandates.service.holding import refuse_unheld
from headway.governance.mandates.service.programmes import parents_of
from headway.governance.service.people import need_person
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault, Scalar
from headway.kernel.ids import Ref, new_id


def adopt_appetite(session: Session, actor: Actor, limits: Sequence[Limit], reason: str) -> Appetite:
    """Adopt a version of the organisation's risk appetite; it counts once a sponsor, somebody else, has confirmed it.

    Raises: AppetiteInvalid with every fault; Denied when no person does it.
    """
    need_person(actor, "adopt a risk appetite")
    known = {one.slug for one in identity.list_departments(session)}
    if faults := appetite.faults(limits, reason, known):
        raise AppetiteInvalid("; ".join(one.message for one in faults), faults=faults)
    refuse_unheld(session, actor, "appetite")
    store.lock_appetites(session)
    version, said = store.next_version(session), reason.strip()
    body = appetite.body_of(version, limits, said)
    values = {
        "id": new_id("apt"),
        **body,
        "digest": digest(body),
        "adopted_by": actor.ref,
        "adopted_at": clock.now(),
    }
    store.add_appetite(session, values)
    made = get_appetite(session, version)
    _tell(session, actor, "appetite.adopted", made)
    return made


def confirm_appetite(session: Session, actor: Actor, version: int, *, digest: str) -> Appetite:
    """Put a version in force as a sponsor. Args: digest: of what was read.

    Raises: AppetiteUnknown; AppetiteClosed: it was confirmed, or a later one was; SamePerson; AppetiteInvalid; Denied.
    """
    need_person(actor, "confirm a risk appetite")
    store.lock_appetites(session)
    found = get_appetite(session, version)
    if found.state != "waiting":
        raise AppetiteClosed(f"version {version} is {found.state.replace('_', ' ')}", values={"version": version})
    if found.adopted_by == actor.ref:
        raise SamePerson(
            f"{actor.ref} adopted version {version} and cannot confirm it",
            hint="a sponsor, somebody else, must do it",
            values={"rule": "governance.two_people"},
        )
    if digest != found.digest:
        fault = Fault(rule="appetite.digest", column="digest", value=digest, message="this is not what was adopted")
        raise AppetiteInvalid("what you read is not what was adopted; read it anew", faults=[fault])
    store.confirm_appetite(session, found.id, actor.ref, clock.now())
    made = get_appetite(session, version)
    _tell(session, actor, "appetite.confirmed", made)
    return made


def list_appetites(session: Session) -> tuple[Appetite, ...]:
    """Read every version, newest first."""
    return store.appetites(session)


def get_appetite(session: Session, version: int) -> Appetite:
    """Read a version; raises AppetiteUnknown."""
    found = next((one for one in store.appetites(session) if one.version == version), None)
    if found is None:
        raise AppetiteUnknown(f"no version {version} of a risk appetite", values={"version": version})
    return found


def appetite_use(session: Session) -> tuple[LimitUse, ...]:
    """Say how far each limit in force is used now; nothing where there is no appetite."""
    found = store.appetite_in_force(session)
    if found is None:
        return ()
    return appetite.uses(found.limits, _live(session, clock.now()), parents_of(session))


def estimate_stakes(
    session: Session,
    actor: Actor,
    usecase: str,
    *,
    people: int | None = None,
    money_minor: int | None = None,
    currency: str | None = None,
) -> Stakes:
    """Say how many people a use case affects and how much money is at risk; limits of the appetite ask for it.

    Args: money_minor: what a year of wrong answers could cost, in the smallest unit of the currency; None: not known.
    Raises: UseCaseUnknown; AppetiteInvalid; Denied when no person says so.
    """
    need_person(actor, "estimate what is at stake")
    if kept.get_usecase(session, usecase) is None:
        raise UseCaseUnknown(f"no use case {usecase!r}", values={"slug": usecase})
    faults = [
        Fault(rule=f"stakes.{name}", column=name, message="write a whole number, 0 or more")
        for name, value in (("people", people), ("money_minor", money_minor))
        if value is not None and not 0 <= value <= appetite.LARGEST
    ]
    if (money_minor is None) != (currency is None):
        faults.append(Fault(rule="stakes.currency", column="currency", message="money has a currency"))
    if faults:
        raise AppetiteInvalid("; ".join(one.message for one in faults), faults=faults)
    said: dict[str, object] = {"people": people, "money_minor": money_minor, "currency": currency}
    store.add_stakes(
        session, {"id": new_id("stk"), "usecase": usecase, **said, "said_by": actor.ref, "said_at": clock.now()}
    )
    ledger.record(session, actor=actor, type="usecase.stakes_estimated", subject=Ref("usecase", usecase), payload=said)
    return store.stakes_of(session, [usecase])[usecase]


def get_stakes(session: Session, usecase: str) -> Stakes | None:
    """Read the newest estimate of a use case; None when nobody made one."""
    return store.stakes_of(session, [usecase]).get(usecase)


def passed_by(session: Session, case: UseCase) -> tuple[str, ...]:
    """Say which limits a use case passes, or would if it went live now."""
    found = store.appetite_in_force(session)
    return _passed(session, found, [case], clock.now())[case.slug] if found else ()


def appetite_facts(session: Session, cases: Sequence[UseCase], at: datetime) -> Mapping[str, Mapping[str, Scalar]]:
    """Say for each use case how many limits are set and how many it passes, with the reason and who mends it."""
    found = store.appetite_in_force(session)
    if found is None:
        return {}
    passed = _passed(session, found, cases, at)
    who = (
        f"the AI office ({found.adopted_by} adopted version {found.version}) and a sponsor mend it by another appetite"
    )
    return {
        slug: {
            "limits_set": len(found.limits),
            "limits_passed": len(told),
            **({"reason": f"{'; '.join(told)}. Less at stake, said anew, mends it; or {who}"} if told else {}),
        }
        for slug, told in passed.items()
    }


def headroom(session: Session, usecases: Iterable[str]) -> Headroom | None:
    """Say what the appetite in force leaves for use cases that may be given means; None: no appetite is in force."""
    found = store.appetite_in_force(session)
    if found is None:
        return None
    wanted = set(usecases)
    live = _live(session, clock.now())
    asked = [one for one in live if one.usecase in wanted]
    rest = wanted - {one.usecase for one in asked}
    asked += _entries(session, kept.every_usecase(session, rest), {}) if rest else ()
    return Headroom(version=found.version, ceilings=ceilings(found.limits, asked, live, parents_of(session)))


def _passed(session: Session, found: Appetite, cases: Sequence[UseCase], at: datetime) -> Mapping[str, tuple[str, ...]]:
    live = _live(session, at)
    parents = parents_of(session)
    known = {one.usecase: one for one in live}
    asked = [one for one in cases if one.slug not in known]
    known |= {one.usecase: one for one in _entries(session, asked, {})}
    return {one.slug: appetite.breaches(found.limits, known[one.slug], live, parents) for one in cases}


def _live(session: Session, at: datetime) -> tuple[Entry, ...]:
    since = store.live_since(session, at)
    return _entries(session, kept.every_usecase(session, since), since) if since else ()


def _entries(session: Session, cases: Sequence[UseCase], since: Mapping[str, datetime]) -> tuple[Entry, ...]:
    stakes = store.stakes_of(session, [one.slug for one in cases]) if cases else {}
    made = []
    for one in cases:
        said = stakes.get(one.slug)
        made.append(
            Entry(
                usecase=one.slug,
                title=one.title,
                department=one.department,
                tier=one.tier.value,
                since=since.get(one.slug),
                people=said.people if said else None,
                money_minor=said.money_minor if said else None,
                currency=said.currency if said else None,
            )
        )
    return tuple(made)


def _tell(session: Session, actor: Actor, event: str, found: Appetite) -> None:
    payload = {
        "version": found.version,
        "digest": found.digest,
        "limits": [appetite.plain(one) for one in found.limits],
        "adopted_by": found.adopted_by,
        "reason": found.reason,
    }
    ledger.record(session, actor=actor, type=event, subject=Ref("appetite", str(found.version)), payload=payload)
