"""Descriptors: put together from what people say and what is known, changed, written and read as ODPS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
from sqlalchemy.orm import Session

from headway import identity, ledger
from headway.catalog import connectors, versions
from headway.catalog import contract as odcs
from headway.catalog import service as catalog_service
from headway.catalog.adapters.lake import Lake
from headway.catalog.changes.editing import CLASSIFICATIONS
from headway.catalog.entities import DataProduct, ProductSnapshot
from headway.catalog.odps import document, levels, ports, store
from headway.catalog.odps.entities import Descriptor, Said, ServiceLevel, Targets
from headway.catalog.odps.errors import DescriptorInvalid
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, NotFound

_MOST_ROWS = 5_000_000
_MOST_TEXT = 4000
_TEXTS = ("domain", "purpose", "limitations", "usage", "type")


def describe(session: Session, lake: Lake, slug: str) -> Descriptor:
    """Describe a product as it stands now; raises UnknownProduct."""
    product = catalog_service.get_product(session, slug)
    said, by, at = store.read(session, product.slug)
    known = versions.list_versions(session, product.slug)
    current = next((one for one in known if one.contract_digest == product.contract_digest), None)
    return Descriptor(
        product=product.slug,
        name=product.name,
        department=product.department,
        version=product.contract_version,
        status=current.state.value if current else "active",
        said=said,
        owner=said.owner or product.registered_by,
        input_ports=ports.input_ports(product, connectors.list_ports(session, product.slug)),
        output_ports=ports.output_ports(known),
        management_ports=ports.management_ports(product),
        service_levels=_service_levels(session, lake, product, said.targets),
        created_at=product.created_at,
        updated_by=by,
        updated_at=at,
    )


def edit(session: Session, actor: Actor, slug: str, said: Said) -> Said:
    """Write what is said of a product.

    Args: said: ``owner`` and ``steward`` as references, mail addresses or names.
    Raises: UnknownProduct; DescriptorInvalid with every fault.
    """
    product = catalog_service.get_product(session, slug)
    before, _, _ = store.read(session, product.slug)
    faults = _faults(said)
    people: dict[str, str | None] = {}
    for field in ("owner", "steward"):
        named = getattr(said, field)
        found = identity.find_person(session, named) if named else None
        if named and found is None:
            faults.append(Fault(rule="odps.person", column=field, value=named, message=f"nobody is known as {named!r}"))
        people[field] = found.ref if found else None
    if faults:
        raise DescriptorInvalid("; ".join(one.message for one in faults), faults=faults)
    made = replace(said, owner=people["owner"], steward=people["steward"])
    if made == before:
        return before
    store.write(session, product.slug, made, actor.ref, clock.now())
    ledger.record(
        session,
        actor=actor,
        type="product.described",
        subject=product.ref,
        payload={
            "product": product.slug,
            "owner": made.owner,
            "steward": made.steward,
            "person": made.steward if made.steward != before.steward else None,
            **{name: getattr(made, name) for name in (*_TEXTS, "classification")},
            "tags": list(made.tags),
            "freshness_hours": made.targets.freshness_hours,
            "completeness": made.targets.completeness,
            "latency_hours": made.targets.latency_hours,
        },
    )
    return made


def import_odps(session: Session, actor: Actor, slug: str, text: str) -> Said:
    """Write what a document of the Open Data Product Standard says of a product; raises UnknownProduct, DescriptorInvalid."""
    product = catalog_service.get_product(session, slug)
    said = document.from_odps(
        text, product=product.slug, department=product.department, find=lambda named: _ref_of(session, named)
    )
    before, _, _ = store.read(session, product.slug)
    if said.owner == product.registered_by and before.owner is None:
        said = replace(said, owner=None)  # the file names who registered it, as it was written without an owner
    return edit(session, actor, product.slug, said)


def export_odps(session: Session, lake: Lake, slug: str, base_url: str | None) -> str:
    """Write a product's descriptor as YAML of the Open Data Product Standard; raises UnknownProduct."""
    one = describe(session, lake, slug)
    people = identity.people_of(session, [who for who in (one.owner, one.said.steward) if who])
    named = {ref: (person.email or ref, person.name) for ref, person in people.items()}
    return document.to_yaml(document.to_odps(one, named=named, base_url=base_url))


def said_of(session: Session, slug: str) -> Said:
    """What is said of a product; raises UnknownProduct."""
    return store.read(session, catalog_service.get_product(session, slug).slug)[0]


def _ref_of(session: Session, named: str) -> str | None:
    if named.startswith("service:"):
        return None
    found = identity.find_person(session, named)
    return found.ref if found else None


def _faults(said: Said) -> list[Fault]:
    found = [
        Fault(rule="odps.text", column=name, message=f"{name} has at most {_MOST_TEXT:,} characters")
        for name in _TEXTS
        if len(getattr(said, name) or "") > _MOST_TEXT
    ]
    found += [Fault(rule="odps.level", column=name, message=words) for name, words in levels.faults_of(said.targets)]
    if said.classification is not None and said.classification not in CLASSIFICATIONS:
        words = f"the classification is one of {', '.join(CLASSIFICATIONS)}, not {said.classification!r}"
        found.append(Fault(rule="odps.classification", column="classification", message=words))
    return found


def _service_levels(
    session: Session, lake: Lake, product: DataProduct, targets: Targets
) -> tuple[ServiceLevel, ServiceLevel, ServiceLevel]:
    snapshot = catalog_service.get_snapshot(session, product.snapshot_id) if product.snapshot_id else None
    at = snapshot.created_at if snapshot else None
    try:
        report = catalog_service.quality_of(session, product.slug)
    except NotFound:
        report = None
    return (
        levels.freshness(targets.freshness_hours, registered_at=at, now=clock.now()),
        levels.completeness(
            targets.completeness,
            rules=report.rules if report else None,
            rows=report.rows if report else 0,
            checked_at=report.checked_at if report else None,
        ),
        levels.latency(
            targets.latency_hours,
            newest_row=_newest_row(lake, product, snapshot) if snapshot else None,
            registered_at=at,
        ),
    )


def _newest_row(lake: Lake, product: DataProduct, snapshot: ProductSnapshot) -> datetime | None:
    """The latest time in the contract's column of time; None without one, and in tables too large to look through here."""
    name = odcs.roles_of(product.contract).time
    if name is None or snapshot.rows > _MOST_ROWS:
        return None
    column = pl.DataFrame(lake.scan(snapshot.table, snapshot_id=snapshot.iceberg_snapshot_id, columns=[name]))[name]
    newest = column.max() if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime) else None
    if isinstance(newest, datetime):
        return newest.replace(tzinfo=UTC) if newest.tzinfo is None else newest.astimezone(UTC)
    return datetime(newest.year, newest.month, newest.day, tzinfo=UTC) if isinstance(newest, date) else None
