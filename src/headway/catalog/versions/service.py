"""Versions of products: listed, deprecated with a last day, taken back, and looked up by those who read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import store as products
from headway.catalog.entities import DataProduct
from headway.catalog.service import get_product
from headway.catalog.versions import lifecycle, store
from headway.catalog.versions.entities import Deprecation, ProductVersion
from headway.catalog.versions.errors import DeprecationInvalid, NotDeprecated, VersionRetired, VersionUnknown
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import new_id


def list_versions(session: Session, slug: str) -> tuple[ProductVersion, ...]:
    """All versions of a product, the newest first; raises UnknownProduct."""
    product = get_product(session, slug)
    ended, rows = store.in_force(session, product.slug), store.newest_snapshots(session, product.slug)
    today, made = clock.now().date(), []
    for version, digest, body, by, at in store.contracts(session, product.slug):
        is_current = digest == product.contract_digest
        told = _holding(ended, version)
        day = today if told is None or not _is_awaited(session, product, told) else told.at.date()
        state = lifecycle.state_of(is_current=is_current, deprecation=told, day=day)
        made.append(
            ProductVersion(
                product=product.slug,
                version=version,
                contract_digest=digest,
                contract_id=str(body["id"]) if body.get("id") else None,
                table=odcs.table_of(body).name or "",
                state=state,
                made_by=by,
                made_at=at,
                snapshot_id=product.snapshot_id if is_current else rows.get(digest),
                deprecated_at=told.at if told else None,
                ends_on=told.ends_on if told else None,
                successor=told.successor if told else None,
                reason=told.reason if told else None,
            )
        )
    return tuple(reversed(made))


def deprecate(
    session: Session,
    actor: Actor,
    slug: str,
    *,
    ends_on: date,
    reason: str,
    version: str | None = None,
    successor: str | None = None,
    people: Sequence[str] = (),
) -> Deprecation:
    """Give a version, or the whole product, a last day after which reads are refused.

    Args: version: None means the whole product.  successor: a version of it, or another product by its slug.
    people: who is told.
    Raises: UnknownProduct; DeprecationInvalid with every fault.
    """
    product = get_product(session, slug)
    known = {one.version for one in list_versions(session, product.slug)}
    faults = lifecycle.faults(ends_on=ends_on, reason=reason, today=clock.now().date())
    if version is not None and version not in known:
        faults.append(_unknown("version", version, f"{product.slug} has no version {version}"))
    follows = None
    if successor is not None and successor in known - {version}:
        follows = successor
    elif successor is not None:
        other = successor.removeprefix("product:")
        if other == product.slug or not store.exists(session, other):
            words = f"{successor!r} is neither another version of {product.slug} nor another product"
            faults.append(_unknown("successor", successor, words))
        follows = f"product:{other}"
    _refuse(faults)
    return _enter(
        session, actor, product, version=version, ends_on=ends_on, successor=follows, reason=reason, people=people
    )


def reinstate(session: Session, actor: Actor, slug: str, *, reason: str, version: str | None = None) -> Deprecation:
    """Take a deprecation back; raises UnknownProduct, NotDeprecated, DeprecationInvalid."""
    product = get_product(session, slug)
    _refuse(lifecycle.reason_faults(reason))
    if (version or "") not in store.in_force(session, product.slug):
        raise NotDeprecated(f"{product.slug}{f'@{version}' if version else ''} is not deprecated")
    return _enter(session, actor, product, version=version, ends_on=None, successor=None, reason=reason)


def supersede(
    session: Session, actor: Actor, product: DataProduct, *, version: str, ends_on: date, reason: str, successor: str
) -> Deprecation:
    """Deprecate the version that a breaking one takes the place of."""
    return _enter(session, actor, product, version=version, ends_on=ends_on, successor=successor, reason=reason)


def deprecation_of(session: Session, product: DataProduct, version: str | None = None) -> Deprecation | None:
    """The deprecation that holds for a version (None: the current one), or None; of its own and the product's the earlier."""
    return _holding(store.in_force(session, product.slug), version or product.contract_version)


def at_version(session: Session, product: DataProduct, version: str | None) -> DataProduct:
    """The product as it was at a version: that version's contract and the newest rows held to it.

    Raises: VersionUnknown: no such version, or no rows of it.  VersionRetired: its last day is over.
    """
    need_unretired(session, product, version)
    if version in (None, product.contract_version):
        return product
    snapshots = store.newest_snapshots(session, product.slug)
    for known, digest, body, _, _ in store.contracts(session, product.slug):
        if known == version and digest in snapshots:
            return replace(
                product,
                columns=tuple(odcs.kinds_of(body)),
                contract=body,
                contract_version=known,
                contract_digest=digest,
                snapshot_id=snapshots[digest],
            )
    raise VersionUnknown(
        f"{product.slug} has no rows of a version {version}", hint=f"headway product versions {product.slug}"
    )


def promised_snapshots(session: Session, slug: str) -> frozenset[str]:
    """The newest snapshot of each version that ends on a day to come: until then its rows are promised to readers."""
    today, ends = clock.now().date(), store.in_force(session, slug)
    newest, known = store.newest_snapshots(session, slug), store.contracts(session, slug)
    return frozenset(
        newest[digest]
        for version, digest, _, _, _ in known
        if digest in newest and (told := ends.get(version)) and told.ends_on is not None and told.ends_on >= today
    )


def was_current_after(session: Session, product: DataProduct, version: str, moment: str | None) -> bool:
    """Whether a version was still the newest at a moment (RFC 3339): a grant made later does not reach back to it."""
    if moment is None:
        return False
    rows = store.contracts(session, product.slug)
    begun = next((at for known, _, _, _, at in rows if known == version), None)
    later = [at for _, _, _, _, at in rows if begun is not None and at > begun]
    return begun is not None and (not later or clock.parse(moment) < min(later))


def need_unretired(session: Session, product: DataProduct, version: str | None = None) -> None:
    """Refuse a version whose last day is over, and name what takes its place; raises VersionRetired."""
    found = deprecation_of(session, product, version)
    if found is None or found.ends_on is None or found.ends_on >= clock.now().date():
        return
    if _is_awaited(session, product, found):
        return
    what = f"{product.slug}@{version or product.contract_version}" if found.version else product.slug
    raise VersionRetired(
        f"{what} was read until {found.ends_on}",
        hint=f"read {_named(product, found.successor)} instead"
        if found.successor
        else "ask its owner what takes its place",
        values={"product": product.slug, "version": found.version, "successor": found.successor},
    )


def warning(session: Session, product: DataProduct, version: str | None = None) -> dict[str, str]:
    """The HTTP headers that warn those who read a version; empty when nothing is deprecated."""
    found = deprecation_of(session, product, version)
    if found is None:
        return {}
    address = None
    if found.successor is not None:
        other = found.successor.removeprefix("product:")
        is_product = found.successor.startswith("product:")
        address = f"/api/v1/products/{other}" if is_product else f"/api/v1/products/{product.slug}/rows?version={other}"
    return lifecycle.headers(found, address)


def _holding(known: Mapping[str, Deprecation], version: str) -> Deprecation | None:
    found = [known[one] for one in dict.fromkeys((version, "")) if one in known]
    return min(found, key=lambda one: one.ends_on or date.max, default=None)


def _is_awaited(session: Session, product: DataProduct, told: Deprecation) -> bool:
    """Whether the successor has no rows yet: a version is not taken away from its readers before there is another."""
    follows = products.contract_to_keep(session, product.slug)
    return follows is not None and told.version == product.contract_version and told.successor == follows.get("version")


def _named(product: DataProduct, successor: str) -> str:
    return successor.removeprefix("product:") if successor.startswith("product:") else f"{product.slug}@{successor}"


def _enter(
    session: Session,
    actor: Actor,
    product: DataProduct,
    *,
    version: str | None,
    ends_on: date | None,
    successor: str | None,
    reason: str,
    people: Sequence[str] = (),
) -> Deprecation:
    made = Deprecation(
        id=new_id("dpr"),
        product=product.slug,
        version=version or "",
        made_by=actor.ref,
        at=clock.now(),
        ends_on=ends_on,
        successor=successor,
        reason=reason.strip(),
    )
    store.add(session, made)
    ledger.record(
        session,
        actor=actor,
        type="product.deprecated" if ends_on else "product.reinstated",
        subject=product.ref,
        payload={
            "product": product.slug,
            "version": made.version or product.contract_version,
            "is_whole": version is None,
            "until": ends_on.isoformat() if ends_on else None,
            "successor": successor,
            "people": list(people),
            "reason": made.reason,
        },
    )
    return made


def _unknown(column: str, value: str, words: str) -> Fault:
    return Fault(rule=f"deprecation.{column}", column=column, value=value, message=words)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise DeprecationInvalid("; ".join(fault.message for fault in faults), faults=faults)
