"""Vendors: who supplies systems from outside, until when, and how to go on without them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import inventory, policy, store
from headway.governance.entities import Vendor
from headway.governance.errors import FactsInvalid, StillUsed, VendorRetired, VendorTaken, VendorUnknown
from headway.governance.service.packs import list_packs
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Fault
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page

VendorValue = str | date | None


def open_vendor(
    session: Session,
    actor: Actor,
    *,
    slug: str,
    name: str,
    supplies: str | None = None,
    contact: str | None = None,
    contract_ends: date | None = None,
    exit_plan: str | None = None,
) -> Vendor:
    """Write a vendor down; what nobody knows stays None and is named in ``missing``.

    Raises: FactsInvalid with every fault; VendorTaken.
    """
    said = _cleaned(
        {
            "name": name,
            "supplies": supplies,
            "contact": contact,
            "contract_ends": contract_ends,
            "exit_plan": exit_plan,
        }
    )
    _check(slug, said)
    now = clock.now()
    values = {"slug": slug, **said, "opened_by": actor.ref, "opened_at": now, "updated_at": now}
    if not store.add_vendor(session, values):
        raise VendorTaken(
            f"a vendor {slug!r} exists", hint="choose another name, or change the one there", values={"slug": slug}
        )
    ledger.record(session, actor=actor, type="vendor.opened", subject=ref(slug), payload=_plain(said), personal=True)
    return get_vendor(session, slug)


def change_vendor(session: Session, actor: Actor, slug: str, *, changes: Mapping[str, VendorValue]) -> Vendor:
    """Change fields of a vendor; None empties one.

    Raises: VendorUnknown; VendorRetired; FactsInvalid with every fault.
    """
    store.lock_vendor(session, slug)
    before = _active(session, slug)
    cleaned = _cleaned(changes)
    _check(slug, {"name": before.name, **cleaned})
    store.change_vendor(session, slug, {**cleaned, "updated_at": clock.now()})
    payload = _plain(cleaned)
    ledger.record(session, actor=actor, type="vendor.updated", subject=ref(slug), payload=payload, personal=True)
    return get_vendor(session, slug)


def get_vendor(session: Session, slug: str) -> Vendor:
    """Read a vendor; raises VendorUnknown."""
    found = store.get_vendor(session, slug, _judged(session))
    if found is None:
        raise VendorUnknown(f"no vendor {slug!r}", hint="'headway vendor list' names them", values={"slug": slug})
    return found


def list_vendors(session: Session, *, limit: int = 50, cursor: str | None = None) -> Page[Vendor]:
    """Read vendors by their name in addresses."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_vendors(session, _judged(session), after=cursor, limit=limit + 1)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].slug if len(found) > limit else None)


def find_vendors(session: Session, asked: ListQuery) -> Found[Vendor]:
    """Search, filter, sort and leaf through vendors; raises BadListing."""
    return store.find_vendors(session, _judged(session), asked)


def usecases_of_vendor(session: Session, slug: str) -> frozenset[str]:
    """Name the use cases that rest on a vendor: those that one of its systems serves. Raises VendorUnknown."""
    get_vendor(session, slug)
    return frozenset(store.resting_on(session, slug))


def retire_vendor(session: Session, actor: Actor, slug: str, reason: str) -> Vendor:
    """Retire a vendor from whom nothing comes any more; the reason is kept.

    Raises: VendorUnknown; VendorRetired; StillUsed: a system of theirs is not retired; FactsInvalid without a reason.
    """
    said = reason_of(reason)
    store.lock_vendor(session, slug)
    _active(session, slug)
    if rest := store.systems_in_use(session, slug):
        raise StillUsed(
            f"{slug} still supplies {', '.join(rest)}",
            hint="retire these systems first, or name another vendor for them",
            values={"vendor": slug, "systems": ", ".join(rest)},
        )
    store.change_vendor(session, slug, {"retired_at": clock.now(), "retired_by": actor.ref, "retired_because": said})
    ledger.record(session, actor=actor, type="vendor.retired", subject=ref(slug), payload={"reason": said})
    return get_vendor(session, slug)


def reopen_vendor(session: Session, actor: Actor, slug: str, reason: str) -> Vendor:
    """Take a retired vendor up again. Raises: VendorUnknown; Conflict: it is not retired; FactsInvalid without a reason."""
    said = reason_of(reason)
    store.lock_vendor(session, slug)
    if get_vendor(session, slug).retired_at is None:
        raise Conflict(f"{slug} is not retired", values={"slug": slug})
    store.change_vendor(session, slug, {"retired_at": None, "retired_by": None, "retired_because": None})
    ledger.record(session, actor=actor, type="vendor.reopened", subject=ref(slug), payload={"reason": said})
    return get_vendor(session, slug)


def hold_vendor(session: Session, slug: str) -> None:
    """Raise VendorUnknown, or VendorRetired when it is retired; while this transaction lasts nobody can retire it."""
    store.lock_vendor(session, slug, share=True)
    _active(session, slug)


def ref(slug: str) -> Ref:
    """The reference of a vendor."""
    return Ref("vendor", slug)


def reason_of(reason: str) -> str:
    """The reason as it is kept; raises FactsInvalid when it is empty."""
    if not (said := reason.strip()):
        fault = Fault(rule="reason", column="reason", message="give a reason")
        raise FactsInvalid("give a reason", faults=[fault])
    return said


def _active(session: Session, slug: str) -> Vendor:
    found = get_vendor(session, slug)
    if found.retired_at is not None:
        raise VendorRetired(
            f"{slug} was retired on {found.retired_at:%Y-%m-%d}: {found.retired_because}",
            hint=f"take it up again first: headway vendor reopen {slug} --reason ...",
            values={"slug": slug},
        )
    return found


def _judged(session: Session) -> store.Judged:
    kind = policy.evidence_types(list_packs(session)).get(store.ASSESSMENT)
    days = kind.freshness_days if kind and kind.freshness_days else 365
    return store.Judged(clock.now(), timedelta(days=days))


def _cleaned(said: Mapping[str, VendorValue]) -> dict[str, VendorValue]:
    return {name: (value.strip() or None) if isinstance(value, str) else value for name, value in said.items()}


def _plain(said: Mapping[str, VendorValue]) -> dict[str, str | None]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def _check(slug: str, said: Mapping[str, VendorValue]) -> None:
    texts = {name: value for name, value in _plain(said).items() if name != "contract_ends"}
    faults = inventory.entry_faults("vendor", slug, texts, ("name",))
    faults += [
        Fault(rule="vendor.field", column=name, message=f"a vendor has no field {name!r}")
        for name in sorted(set(said) - set(store.VENDOR_FIELDS))
    ]
    if faults:
        raise FactsInvalid("; ".join(fault.message for fault in faults), faults=faults)
