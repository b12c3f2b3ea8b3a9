"""Requests and grants: a person asks with a purpose and a last day, the owner answers, the grant ends or is withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog.access import adapters, policy, standing, store
from headway.catalog.access.entities import AccessState, DataAccess, DataUse, Offer, Policy
from headway.catalog.access.errors import AccessClosed, AccessInvalid, AccessUnknown
from headway.catalog.service import get_product
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, Fault
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import Page

_OPEN = Policy(hidden=(), masked=(), unmasked=(), row_filter=None)


def request_access(
    session: Session, actor: Actor, product: str, *, purpose: str, until: date, service: str | None = None
) -> DataAccess:
    """Ask for access to a product, for oneself or for a service account.

    Args: until: the last day, in UTC.  service: the name of the account.
    Raises: UnknownProduct; AccessInvalid with every fault; AccessClosed: the same was asked and waits for its answer.
    """
    _need_person(actor, "ask for data")
    today = clock.now().date()
    _refuse(standing.asking_faults(purpose=purpose, until=until, today=today))
    slug = get_product(session, product).slug
    grantee = str(Ref("service", service)) if service else actor.ref
    store.lock_asking(session, slug, grantee)
    for one in store.accesses(session, today, product=slug, grantee=grantee).items:
        if one.state is AccessState.asked:
            raise AccessClosed(
                f"{one.id} asks for the same and waits for its answer",
                hint="take it back first: headway product access withdraw",
                values={"access": one.id},
            )
    made = DataAccess(
        id=new_id("acc"),
        product=slug,
        grantee=grantee,
        requested_by=actor.ref,
        requested_at=clock.now(),
        purpose=purpose.strip(),
        wanted_until=until,
        until=until,
        policy=_OPEN,
        answered_by=None,
        answered_at=None,
        answer=None,
        withdrawn_by=None,
        withdrawn_at=None,
        withdrawn_because=None,
        state=AccessState.asked,
    )
    store.add_access(session, made)
    _tell(session, actor, "data.requested", made)
    return made


def approve(
    session: Session, actor: Actor, access_id: str, *, given: Policy, until: date | None = None, reason: str = ""
) -> DataAccess:
    """Grant what was asked for, as the product's owner.

    Args: given: what stays hidden; a policy that names nothing shows every row, and masks restricted columns.
    until: a last day before the one that was wanted.
    Raises: AccessUnknown; AccessClosed: answered, taken back or over; AccessInvalid with every fault; Denied: one's own.
    """
    _need_person(actor, "grant access to data")
    found = _to_answer(session, actor, access_id)
    columns = odcs.columns_of(get_product(session, found.product).contract)
    last = until or found.wanted_until
    faults = standing.until_faults(last, clock.now().date()) + standing.policy_faults(given, columns)
    if last > found.wanted_until:
        words = f"the last day is {found.wanted_until} or before: nobody gets more than they asked for"
        faults.append(Fault(rule="access.until", column="until", value=str(last), message=words))
    _refuse(faults + policy.filter_faults(given.row_filter, columns))
    if given.row_filter is not None:
        adapters.check_filter(given, columns)
    plain = {name: getattr(given, name) for name in Policy.__dataclass_fields__}
    values = {
        "policy": {**plain, **{name: list(plain[name]) for name in ("hidden", "masked", "unmasked")}},
        "until": last,
    }
    return _answered(session, actor, found, is_approved=True, reason=reason, values=values)


def reject(session: Session, actor: Actor, access_id: str, reason: str) -> DataAccess:
    """Refuse what was asked for, with a reason; raises AccessUnknown, AccessClosed, AccessInvalid, Denied."""
    _need_person(actor, "refuse access to data")
    _refuse(standing.reason_faults(reason))
    return _answered(session, actor, _to_answer(session, actor, access_id), is_approved=False, reason=reason, values={})


def withdraw(session: Session, actor: Actor, access_id: str, reason: str) -> DataAccess:
    """End a grant at once, or take a request back, with a reason; raises AccessUnknown, AccessClosed, AccessInvalid."""
    _need_person(actor, "withdraw access to data")
    _refuse(standing.reason_faults(reason))
    found = _locked(session, access_id)
    if found.state not in (AccessState.asked, AccessState.granted):
        raise AccessClosed(f"{access_id} is {found.state.value}", values={"access": access_id})
    values = {"withdrawn_by": actor.ref, "withdrawn_at": clock.now(), "withdrawn_because": reason.strip()}
    store.change_access(session, access_id, values)
    made = get_access(session, access_id)
    _tell(session, actor, "data.withdrawn", made)
    return made


def get_access(session: Session, access_id: str) -> DataAccess:
    """Read a request or grant as it stands now; raises AccessUnknown."""
    found = store.get_access(session, access_id, clock.now().date())
    if found is None:
        raise AccessUnknown(f"there is no request for data {access_id!r}", values={"access": access_id})
    return found


def list_accesses(session: Session, product: str, *, limit: int = 50, cursor: str | None = None) -> Page[DataAccess]:
    """Requests and grants of a product, newest first; raises UnknownProduct."""
    slug = get_product(session, product).slug
    return store.accesses(session, clock.now().date(), product=slug, limit=limit, cursor=cursor)


def own_accesses(session: Session, who: str, *, limit: int = 50, cursor: str | None = None) -> Page[DataAccess]:
    """Requests and grants that somebody asked for or holds, newest first."""
    return store.accesses(session, clock.now().date(), involving=who, limit=limit, cursor=cursor)


def list_waiting(session: Session, products: Collection[str] | None = None) -> tuple[DataAccess, ...]:
    """Requests that wait for an answer, oldest first."""
    return store.waiting(session, clock.now().date(), products)


def list_offers(session: Session, who: str, *, limit: int = 50, cursor: str | None = None) -> Page[Offer]:
    """Products that may be asked for, by name, with how far one's own access to each is."""
    day = clock.now().date()
    own: dict[str, DataAccess] = {}
    for one in reversed(store.accesses(session, day, grantee=who).items):
        own[one.product] = one
    found = store.offers(session, None, limit, cursor)
    items = []
    for slug, name, department in found.items:
        held = own.get(slug)
        state, until = (held.state, held.until) if held else (None, None)
        items.append(Offer(product=slug, name=name, department=department, state=state, until=until))
    return Page(items=tuple(items), next=found.next)


def list_uses(session: Session, product: str, *, limit: int = 50, cursor: str | None = None) -> Page[DataUse]:
    """Who read a product, newest first; raises UnknownProduct."""
    return store.uses(session, get_product(session, product).slug, limit, cursor)


def tell_due(session: Session, actor: Actor) -> int:
    """Tell, once each, of grants that end within seven days and of those that ended; returns how many."""
    now, told = clock.now(), 0
    for one, notice in store.due(session, now.date()):
        if store.mark_told(session, one.id, notice, now):
            _tell(session, actor, "data.ending" if notice == "ending" else "data.ended", one)
            told += 1
    return told


def _answered(
    session: Session, actor: Actor, found: DataAccess, *, is_approved: bool, reason: str, values: dict[str, object]
) -> DataAccess:
    answer = {
        "is_approved": is_approved,
        "answered_by": actor.ref,
        "answered_at": clock.now(),
        "answer": reason.strip(),
    }
    store.change_access(session, found.id, {**values, **answer})
    made = get_access(session, found.id)
    _tell(session, actor, "data.granted" if is_approved else "data.rejected", made)
    return made


def _to_answer(session: Session, actor: Actor, access_id: str) -> DataAccess:
    found = _locked(session, access_id)
    if actor.ref in (found.requested_by, found.grantee):
        raise Denied(
            "nobody answers what they asked for themselves",
            hint="another data owner or the head of the department must answer it",
            values={"rule": "data-by-another", "access": access_id},
        )
    if found.state is not AccessState.asked:
        raise AccessClosed(f"{access_id} is {found.state.value}", values={"access": access_id})
    return found


def _locked(session: Session, access_id: str) -> DataAccess:
    found = store.get_access(session, access_id, clock.now().date(), lock=True)
    if found is None:
        raise AccessUnknown(f"there is no request for data {access_id!r}", values={"access": access_id})
    return found


def _need_person(actor: Actor, what: str) -> None:
    if not actor.is_person:
        raise Denied(f"a person must {what}", hint="sign in and do it yourself", values={"rule": "people-decide"})


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise AccessInvalid("; ".join(fault.message for fault in faults), faults=faults)


def _tell(session: Session, actor: Actor, event: str, about: DataAccess) -> None:
    payload = {
        "access": about.id,
        "product": about.product,
        "grantee": about.grantee,
        "requested_by": about.requested_by,
        "purpose": about.purpose,
        "until": about.until.isoformat(),
        "hidden": list(about.policy.hidden),
        "masked": list(about.policy.masked),
        "unmasked": list(about.policy.unmasked),
        "row_filter": about.policy.row_filter,
        "reason": about.withdrawn_because or about.answer,
    }
    ledger.record(session, actor=actor, type=event, subject=Ref("data-access", about.id), payload=payload)
