"""Setting minima and criticality, and telling what a product lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog import contract as odcs
from headway.catalog import store as products
from headway.catalog.checks import compile_contract
from headway.catalog.entities import DataProduct, ProductSnapshot, QualityReport
from headway.catalog.errors import InvalidContract, UnknownProduct
from headway.catalog.minima import rules, store
from headway.catalog.minima.entities import Criticality, MinimaVersion, Minimum, ProductMinimum, Shortfall
from headway.catalog.minima.errors import MinimaInvalid
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref, new_id


def list_minima(session: Session) -> tuple[MinimaVersion, ...]:
    """All versions of the minima, the one that counts last first."""
    return store.versions(session)


def set_minima(
    session: Session, actor: Actor, minima: Mapping[Criticality, Minimum], *, valid_from: date, reason: str
) -> MinimaVersion:
    """Ask more or less of all products from a day on; what was asked before that day stays as it was.

    Raises: MinimaInvalid: with every fault; a more critical product may not be asked for less than another.
    """
    faults = rules.minima_faults(minima) + _reason_faults(reason)
    if valid_from < clock.now().date():
        faults.append(Fault(rule="minima", column="valid_from", message="minima count from today or a later day on"))
    if not minima:
        faults.append(Fault(rule="minima", column="minima", message="name at least one criticality"))
    _refuse(faults)
    made = MinimaVersion(
        id=new_id("min"),
        valid_from=valid_from,
        minima=dict(minima),
        reason=reason.strip(),
        set_by=actor.ref,
        set_at=clock.now(),
    )
    store.add_version(session, made)
    payload = {
        "valid_from": valid_from.isoformat(),
        "minima": {level.value: asdict(one) for level, one in minima.items()},
        "reason": made.reason,
    }
    ledger.record(session, actor=actor, type="minima.set", subject=Ref("minima", made.id), payload=payload)
    return made


def set_criticality(session: Session, actor: Actor, slug: str, *, level: Criticality, reason: str) -> ProductMinimum:
    """Say how critical a product is; raises UnknownProduct, MinimaInvalid."""
    product = _product(session, slug)
    _refuse(_reason_faults(reason))
    before = store.level_of(session, slug)
    store.save_level(session, slug, store.Level(level, actor.ref, clock.now(), reason.strip()))
    payload = {"level": level.value, "before": before.level.value, "reason": reason.strip()}
    ledger.record(session, actor=actor, type="product.rated", subject=product.ref, payload=payload)
    return of_product(session, slug)


def of_product(session: Session, slug: str) -> ProductMinimum:
    """How critical a product is, what is asked of it today, and what its contract and newest snapshot lack of that."""
    product = _product(session, slug)
    snapshot = products.snapshot(session, product.snapshot_id or "")
    report = products.report(session, product.snapshot_id or "", product.contract_digest)
    return _told(session, product, snapshot, report)


def lacking(
    session: Session, product: DataProduct, snapshot: ProductSnapshot, report: QualityReport
) -> tuple[Fault, ...]:
    """What a product lacks of its minimum with a snapshot that was just registered."""
    return tuple(rules.faults_of(_told(session, product, snapshot, report).shortfalls))


def need_no_loosening(session: Session, slug: str, contract: odcs.Contract) -> None:
    """Refuse a contract that bears more than the product's minimum lets it; raises InvalidContract with every fault."""
    minimum, _ = _minimum(session, slug)
    if minimum is None:
        return
    found = rules.contract_shortfalls(compile_contract(contract, now=clock.now()), minimum)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        level = store.level_of(session, slug).level.value
        raise InvalidContract(
            f"the contract is looser than the organisation's minimum for products that are {level}: {found[0].message}{more}",
            hint="tighten the contract; a contract may only ask for more than the minimum",
            faults=rules.faults_of(found),
        )


def _told(
    session: Session, product: DataProduct, snapshot: ProductSnapshot | None, report: QualityReport | None
) -> ProductMinimum:
    rated = store.level_of(session, product.slug)
    minimum, version = _minimum(session, product.slug)
    found: tuple[Shortfall, ...] = ()
    if minimum is not None:
        plan = compile_contract(product.contract, now=clock.now())
        found = rules.contract_shortfalls(plan, minimum, report.rows if report else None)
    if minimum is not None and snapshot is not None and report is not None:
        age = (clock.now() - snapshot.created_at).total_seconds() / 3600
        found += rules.snapshot_shortfalls(report.rules, report.rows, age, minimum)
    return ProductMinimum(
        product=product.slug,
        criticality=rated.level,
        set_by=rated.set_by,
        set_at=rated.set_at,
        reason=rated.reason,
        minimum=minimum,
        version=version,
        shortfalls=found,
    )


def _minimum(session: Session, slug: str) -> tuple[Minimum | None, str | None]:
    version = store.in_force(session, clock.now().date())
    level = store.level_of(session, slug).level
    return (version.minima.get(level), version.id) if version is not None else (None, None)


def _product(session: Session, slug: str) -> DataProduct:
    found = products.product(session, slug)
    if found is None:
        raise UnknownProduct(f"there is no data product {slug!r}", hint="'headway product list' names them")
    return found


def _reason_faults(reason: str) -> list[Fault]:
    if reason.strip() and len(reason) <= 2_000:
        return []
    return [Fault(rule="minima", column="reason", message="say why, in at most 2000 characters")]


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise MinimaInvalid("; ".join(fault.message for fault in faults), faults=faults)
