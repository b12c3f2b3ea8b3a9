"""Systems: what does the work of use cases, own or from a vendor; what a system settles about the use cases that rest on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import inventory, store
from headway.governance.entities import System, SystemKind
from headway.governance.errors import FactsInvalid, StillUsed, SystemRetired, SystemTaken, SystemUnknown
from headway.governance.service.retiring import refuse_retired
from headway.governance.service.usecases import settle
from headway.governance.service.vendors import hold_vendor, reason_of
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Fault
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page


def open_system(
    session: Session,
    actor: Actor,
    *,
    slug: str,
    title: str,
    kind: str,
    vendor: str | None = None,
    description: str | None = None,
    usecases: Sequence[str] = (),
) -> System:
    """Write a system down, and which use cases rest on it.

    Args: kind: one of SystemKind; ``vendor_supplied`` needs a vendor, ``generative`` may have one, ``own`` has none.
    Raises: FactsInvalid with every fault; SystemTaken; VendorUnknown; VendorRetired; and as ``link_system``.
    """
    said = _cleaned({"title": title, "kind": kind, "vendor": vendor, "description": description})
    _check(session, slug, said)
    now = clock.now()
    values = {"slug": slug, **said, "opened_by": actor.ref, "opened_at": now, "updated_at": now}
    if not store.add_system(session, values):
        raise SystemTaken(
            f"a system {slug!r} exists", hint="choose another name, or change the one there", values={"slug": slug}
        )
    ledger.record(session, actor=actor, type="system.opened", subject=ref(slug), payload=said)
    for usecase in sorted(set(usecases)):
        link_system(session, actor, slug, usecase)
    return get_system(session, slug)


def change_system(session: Session, actor: Actor, slug: str, *, changes: Mapping[str, str | None]) -> System:
    """Change fields of a system; None empties one. The tier of use cases whose facts move with it is decided anew.

    Raises: SystemUnknown; SystemRetired; FactsInvalid with every fault; VendorUnknown; VendorRetired; FactsContradict.
    """
    store.lock_system(session, slug)
    before, cleaned = _active(session, slug), _cleaned(changes)
    now = {"title": before.title, "kind": before.kind.value, "vendor": before.vendor, "description": before.description}
    _check(session, slug, {**now, **cleaned}, is_new_vendor=cleaned.get("vendor", before.vendor) != before.vendor)
    store.change_system(session, slug, {**cleaned, "updated_at": clock.now()})
    ledger.record(session, actor=actor, type="system.updated", subject=ref(slug), payload=cleaned)
    after = get_system(session, slug)
    if (after.kind, after.vendor) != (before.kind, before.vendor):
        for usecase in after.usecases:
            settle(session, actor, usecase)
    return after


def link_system(session: Session, actor: Actor, slug: str, usecase: str) -> System:
    """Say that a use case rests on a system; what the system settles is no longer asked of people.

    Raises: SystemUnknown; SystemRetired; UseCaseUnknown; UseCaseRetired; Conflict: it does already; FactsContradict.
    """
    store.lock_system(session, slug)
    _active(session, slug)
    store.lock_usecase(session, usecase)
    refuse_retired(session, usecase)
    if not store.add_link(session, slug, usecase):
        raise Conflict(f"{usecase} rests on {slug} already", values={"system": slug, "usecase": usecase})
    ledger.record(session, actor=actor, type="system.linked", subject=ref(slug), payload={"usecase": usecase})
    settle(session, actor, usecase)
    return get_system(session, slug)


def unlink_system(session: Session, actor: Actor, slug: str, usecase: str) -> System:
    """Say that a use case no longer rests on a system; what it alone settled is unknown again.

    Raises: SystemUnknown; UseCaseUnknown; Conflict: the use case does not rest on it.
    """
    store.lock_system(session, slug)
    get_system(session, slug)
    store.lock_usecase(session, usecase)
    if not store.remove_link(session, slug, usecase):
        raise Conflict(f"{usecase} does not rest on {slug}", values={"system": slug, "usecase": usecase})
    ledger.record(session, actor=actor, type="system.unlinked", subject=ref(slug), payload={"usecase": usecase})
    settle(session, actor, usecase)
    return get_system(session, slug)


def get_system(session: Session, slug: str) -> System:
    """Read a system; raises SystemUnknown."""
    found = store.get_system(session, slug)
    if found is None:
        raise SystemUnknown(f"no system {slug!r}", hint="'headway system list' names them", values={"slug": slug})
    return found


def list_systems(
    session: Session, *, vendor: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[System]:
    """Read systems by name."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_systems(session, vendor=vendor, after=cursor, limit=limit + 1)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].slug if len(found) > limit else None)


def find_systems(session: Session, asked: ListQuery) -> Found[System]:
    """Search, filter, sort and leaf through systems; raises BadListing."""
    return store.find_systems(session, asked)


def retire_system(session: Session, actor: Actor, slug: str, reason: str) -> System:
    """Retire a system on which nothing rests any more; the reason is kept.

    Raises: SystemUnknown; SystemRetired; StillUsed: a use case rests on it; FactsInvalid without a reason.
    """
    said = reason_of(reason)
    store.lock_system(session, slug)
    _active(session, slug)
    if rest := store.at_work_on(session, slug):
        raise StillUsed(
            f"{', '.join(rest)} still rest on {slug}",
            hint="take these use cases off the system first, or retire them",
            values={"system": slug, "usecases": ", ".join(rest)},
        )
    store.change_system(session, slug, {"retired_at": clock.now(), "retired_by": actor.ref, "retired_because": said})
    ledger.record(session, actor=actor, type="system.retired", subject=ref(slug), payload={"reason": said})
    return get_system(session, slug)


def reopen_system(session: Session, actor: Actor, slug: str, reason: str) -> System:
    """Take a retired system up again.

    Raises: SystemUnknown; Conflict: it is not retired; VendorRetired; FactsInvalid without a reason.
    """
    said = reason_of(reason)
    store.lock_system(session, slug)
    before = get_system(session, slug)
    if before.retired_at is None:
        raise Conflict(f"{slug} is not retired", values={"slug": slug})
    if before.vendor is not None:
        hold_vendor(session, before.vendor)
    store.change_system(session, slug, {"retired_at": None, "retired_by": None, "retired_because": None})
    ledger.record(session, actor=actor, type="system.reopened", subject=ref(slug), payload={"reason": said})
    return get_system(session, slug)


def ref(slug: str) -> Ref:
    """The reference of a system."""
    return Ref("system", slug)


def _active(session: Session, slug: str) -> System:
    found = get_system(session, slug)
    if found.retired_at is not None:
        raise SystemRetired(
            f"{slug} was retired on {found.retired_at:%Y-%m-%d}: {found.retired_because}",
            hint=f"take it up again first: headway system reopen {slug} --reason ...",
            values={"slug": slug},
        )
    return found


def _cleaned(said: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: (value.strip() or None) if value is not None else None for name, value in said.items()}


def _check(session: Session, slug: str, said: Mapping[str, str | None], *, is_new_vendor: bool = True) -> None:
    faults = inventory.entry_faults("system", slug, said, ("title", "kind"))
    faults += [
        Fault(rule="system.field", column=name, message=f"a system has no field {name!r}")
        for name in sorted(set(said) - set(store.SYSTEM_FIELDS))
    ]
    if faults := [*faults, *_kind_faults(said.get("kind"), said.get("vendor"))]:
        raise FactsInvalid("; ".join(fault.message for fault in faults), faults=faults)
    if is_new_vendor and (vendor := said.get("vendor")) is not None:
        hold_vendor(session, vendor)


def _kind_faults(kind: str | None, vendor: str | None) -> list[Fault]:
    if kind is not None and kind not in set(SystemKind):
        message = f"kind is one of {', '.join(SystemKind)}"
        return [Fault(rule="system.kind", column="kind", value=kind, message=message)]
    if kind == SystemKind.vendor_supplied and vendor is None:
        return [Fault(rule="system.vendor", column="vendor", message="name the vendor who supplies it")]
    if kind == SystemKind.own and vendor is not None:
        message = "an own system has no vendor; a system that somebody supplies is vendor_supplied"
        return [Fault(rule="system.vendor", column="vendor", value=vendor, message=message)]
    return []
