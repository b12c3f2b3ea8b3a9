"""Vendors, systems, and the use cases that rest on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, delete, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array, insert
from sqlalchemy.orm import Session

from headway.governance import inventory
from headway.governance.entities import System, SystemKind, Vendor
from headway.governance.tables import EvidenceRow, SystemRow, UseCaseRow, UseCaseSystemRow, VendorRow
from headway.kernel import listing
from headway.kernel.listing import Column, Found, Listing, ListQuery

ASSESSMENT = "vendor_assessment"
VENDOR_FIELDS = ("name", "supplies", "contact", "contract_ends", "exit_plan")
SYSTEM_FIELDS = ("title", "kind", "vendor", "description")


@dataclass(frozen=True, slots=True)
class Judged:
    """The time at which vendors are looked at, and how long an assessment counts."""

    at: datetime
    counts: timedelta


def _names(of: ColumnElement[str], where: ColumnElement[bool]) -> ScalarSelect[list[str]]:
    empty = array([], type_=of.type)
    return select(func.coalesce(func.array_agg(aggregate_order_by(of, of)), empty)).where(where).scalar_subquery()


_SYSTEMS = _names(SystemRow.slug, SystemRow.vendor == VendorRow.slug)  # type: ignore[arg-type]  # a column is an element
_USECASES = _names(UseCaseSystemRow.usecase, UseCaseSystemRow.system == SystemRow.slug)  # type: ignore[arg-type]
_ASSESSED = (
    select(func.max(EvidenceRow.made_at))
    .where(EvidenceRow.subject == literal("vendor:").op("||")(VendorRow.slug), EvidenceRow.type == ASSESSMENT)
    .scalar_subquery()
)
_SYSTEM_COUNT = select(func.count()).where(SystemRow.vendor == VendorRow.slug).scalar_subquery()
_RESTING = (
    select(func.count(func.distinct(UseCaseSystemRow.usecase)))
    .join(SystemRow, SystemRow.slug == UseCaseSystemRow.system)
    .where(SystemRow.vendor == VendorRow.slug)
    .scalar_subquery()
)
_SERVED = select(func.count()).where(UseCaseSystemRow.system == SystemRow.slug).scalar_subquery()


# --- vendors -----------------------------------------------------------------------------------------------------


def add_vendor(session: Session, values: Mapping[str, object]) -> bool:
    """Write a vendor; False when the name is taken."""
    statement = insert(VendorRow).values(**values).on_conflict_do_nothing().returning(VendorRow.slug)
    return session.scalar(statement) is not None


def lock_vendor(session: Session, slug: str, *, share: bool = False) -> None:
    """Make others that would change a vendor wait; those that only hold it do not wait for each other."""
    session.execute(select(VendorRow.slug).where(VendorRow.slug == slug).with_for_update(read=share))


def change_vendor(session: Session, slug: str, values: Mapping[str, object]) -> None:
    """Write changed fields of a vendor."""
    row = session.get_one(VendorRow, slug)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def get_vendor(session: Session, slug: str, judged: Judged) -> Vendor | None:
    """Read a vendor."""
    row = session.execute(_vendors().where(VendorRow.slug == slug)).one_or_none()
    return _vendor(judged, *row) if row else None


def list_vendors(session: Session, judged: Judged, *, after: str | None, limit: int) -> list[Vendor]:
    """Read vendors by name in addresses, those after ``after``."""
    query = _vendors().order_by(VendorRow.slug).limit(limit)
    if after is not None:
        query = query.where(VendorRow.slug > after)
    return [_vendor(judged, *row) for row in session.execute(query)]


_VENDOR_LIST = Listing(
    columns={
        "name": Column(of=VendorRow.name, is_searched=True, filter="contains"),
        "slug": Column(of=VendorRow.slug, is_searched=True, filter="exact"),
        "supplies": Column(of=VendorRow.supplies, is_searched=True, is_sorted=False),
        "contract_ends": Column(of=VendorRow.contract_ends, filter="dates"),
        "assessed_at": Column(of=_ASSESSED, filter="dates"),
        "systems": Column(of=_SYSTEM_COUNT, filter="numbers"),
        "usecases": Column(of=_RESTING, filter="numbers"),
        "retired": Column(of=VendorRow.retired_at.is_not(None), filter="exact", choices=("true", "false")),
    },
    key=(VendorRow.slug,),
    sort="name",
)


def find_vendors(session: Session, judged: Judged, asked: ListQuery) -> Found[Vendor]:
    """Read the vendors asked for."""
    found = listing.find(session, _vendors(), _VENDOR_LIST, asked)
    return listing.found_as(found, (_vendor(judged, *row) for row in found.items))


def resting_on(session: Session, vendor: str) -> list[str]:
    """Read the names of the use cases that a vendor's systems serve."""
    query = (
        select(UseCaseSystemRow.usecase)
        .join(SystemRow, SystemRow.slug == UseCaseSystemRow.system)
        .where(SystemRow.vendor == vendor)
        .distinct()
        .order_by(UseCaseSystemRow.usecase)
    )
    return list(session.scalars(query))


def _vendors() -> Select[*tuple[Any, ...]]:
    return select(VendorRow, _SYSTEMS, _ASSESSED).execution_options(populate_existing=True)


def _vendor(judged: Judged, row: VendorRow, systems: list[str], assessed_at: datetime | None) -> Vendor:
    said = {name: getattr(row, name) for name in VENDOR_FIELDS}
    until = assessed_at + judged.counts if assessed_at else None
    return Vendor(
        slug=row.slug,
        name=row.name,
        supplies=row.supplies,
        contact=row.contact,
        contract_ends=row.contract_ends,
        exit_plan=row.exit_plan,
        systems=tuple(systems),
        digest=inventory.vendor_digest(said),
        assessed_at=assessed_at,
        assessed_until=until,
        missing=() if row.retired_at else inventory.vendor_missing(said, until, judged.at),
        status="retired" if row.retired_at else "active",
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
        retired_by=row.retired_by,
        retired_because=row.retired_because,
    )


# --- systems -----------------------------------------------------------------------------------------------------


def add_system(session: Session, values: Mapping[str, object]) -> bool:
    """Write a system; False when the name is taken."""
    statement = insert(SystemRow).values(**values).on_conflict_do_nothing().returning(SystemRow.slug)
    return session.scalar(statement) is not None


def lock_system(session: Session, slug: str) -> None:
    """Make others that would change a system, or what rests on it, wait."""
    session.execute(select(SystemRow.slug).where(SystemRow.slug == slug).with_for_update())


def change_system(session: Session, slug: str, values: Mapping[str, object]) -> None:
    """Write changed fields of a system."""
    row = session.get_one(SystemRow, slug)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def get_system(session: Session, slug: str) -> System | None:
    """Read a system."""
    row = session.execute(_systems().where(SystemRow.slug == slug)).one_or_none()
    return _system(*row) if row else None


def list_systems(session: Session, *, vendor: str | None, after: str | None, limit: int) -> list[System]:
    """Read systems by name, those after ``after``."""
    query = _systems().order_by(SystemRow.slug).limit(limit)
    if vendor is not None:
        query = query.where(SystemRow.vendor == vendor)
    if after is not None:
        query = query.where(SystemRow.slug > after)
    return [_system(*row) for row in session.execute(query)]


_SYSTEM_LIST = Listing(
    columns={
        "title": Column(of=SystemRow.title, is_searched=True, filter="contains"),
        "slug": Column(of=SystemRow.slug, is_searched=True, filter="exact"),
        "kind": Column(of=SystemRow.kind, filter="exact", choices=tuple(SystemKind)),
        "vendor": Column(of=SystemRow.vendor, is_searched=True, filter="exact"),
        "description": Column(of=SystemRow.description, is_searched=True, is_sorted=False),
        "usecases": Column(of=_SERVED, filter="numbers"),
        "updated_at": Column(of=SystemRow.updated_at, filter="dates"),
        "retired": Column(of=SystemRow.retired_at.is_not(None), filter="exact", choices=("true", "false")),
    },
    key=(SystemRow.slug,),
    sort="title",
)


def find_systems(session: Session, asked: ListQuery) -> Found[System]:
    """Read the systems asked for."""
    found = listing.find(session, _systems(), _SYSTEM_LIST, asked)
    return listing.found_as(found, (_system(*row) for row in found.items))


def add_link(session: Session, system: str, usecase: str) -> bool:
    """Let a use case rest on a system; False when it does already."""
    values = {"system": system, "usecase": usecase}
    statement = insert(UseCaseSystemRow).values(**values).on_conflict_do_nothing().returning(UseCaseSystemRow.usecase)
    return session.scalar(statement) is not None


def remove_link(session: Session, system: str, usecase: str) -> bool:
    """Take a use case off a system; False when it does not rest on it."""
    there = (UseCaseSystemRow.system == system, UseCaseSystemRow.usecase == usecase)
    return session.scalar(delete(UseCaseSystemRow).where(*there).returning(UseCaseSystemRow.usecase)) is not None


def at_work_on(session: Session, system: str) -> list[str]:
    """Read the names of the use cases that a system serves and that are not retired."""
    query = (
        select(UseCaseSystemRow.usecase)
        .join(UseCaseRow, UseCaseRow.slug == UseCaseSystemRow.usecase)
        .where(UseCaseSystemRow.system == system, UseCaseRow.retired_at.is_(None))
        .order_by(UseCaseSystemRow.usecase)
    )
    return list(session.scalars(query))


def systems_in_use(session: Session, vendor: str) -> list[str]:
    """Read the names of a vendor's systems that are not retired."""
    query = select(SystemRow.slug).where(SystemRow.vendor == vendor, SystemRow.retired_at.is_(None))
    return list(session.scalars(query.order_by(SystemRow.slug)))


def _systems() -> Select[*tuple[Any, ...]]:
    return select(SystemRow, _USECASES).execution_options(populate_existing=True)


def _system(row: SystemRow, usecases: list[str]) -> System:
    return System(
        slug=row.slug,
        title=row.title,
        kind=SystemKind(row.kind),
        vendor=row.vendor,
        description=row.description,
        usecases=tuple(usecases),
        status="retired" if row.retired_at else "active",
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        retired_at=row.retired_at,
        retired_by=row.retired_by,
        retired_because=row.retired_because,
    )
