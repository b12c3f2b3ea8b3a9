"""Who is named by things as those who answer for them: who owns, sponsors or opened one, who began or asked for it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from headway import (
    catalog,
    dossiers,
    governance,
    incidents,
    monitoring,
    portfolio,
    registry,
    scaling,
    serving,
)
from headway.catalog import access, changes, odps
from headway.governance import assessments, council, mandates
from headway.kernel.ids import Ref
from headway.kernel.jobs import Jobs


def people_named(session: Session, jobs: Jobs, ref: Ref) -> Iterator[str | None]:
    """Who is named by a thing, as it was written down: references, mail addresses, names."""
    match ref.kind:
        case "usecase" | "council-item":
            yield from _of_case(session, ref.slug) if ref.kind == "usecase" else _of_item(session, ref.slug)
        case "model" if ref.mark is not None:
            version = registry.get_version(session, ref)
            yield version.made_by
            yield from _of_case(session, version.usecase)
        case "model":
            yield from _of_case(session, registry.get_model(session, ref.slug).usecase)
        case "release" | "approval" | "waiver" | "break-glass" | "programme" | "assessment" | "data-access":
            yield _requester(session, ref)
        case "verdict":
            yield governance.get_verdict(session, ref.slug).issued_by
        case "product" | "contract-change":
            yield from _of_product(session, ref)
        case "pilot" | "scaleplan" | "system" | "vendor" | "dossier":
            yield _began(session, ref)
        case "job":
            yield jobs.get(session, ref.slug).actor
        case "alert":
            alert = monitoring.get_alert(session, ref.slug)
            yield from people_named(session, jobs, Ref("deployment", f"{alert.environment}/{alert.deployment}"))
        case "incident":
            yield from _of_incident(session, ref.slug)
        case "deployment":
            environment, _, name = ref.slug.partition("/")
            found = serving.get_deployment(session, name, environment)
            yield found.created_by
            yield from _of_case(session, found.usecase)


def _of_item(session: Session, item_id: str) -> Iterator[str | None]:
    item = council.get_item(session, item_id)
    yield from (item.requested_by, *(one.owner for one in item.conditions))
    yield from _of_case(session, item.usecase)


def _requester(session: Session, ref: Ref) -> str:
    match ref.kind:
        case "release":
            named = registry.get_release(session, ref.slug).requested_by
        case "programme":
            named = mandates.get_programme(session, ref.slug).sponsor
        case "data-access":
            named = access.get_access(session, ref.slug).requested_by
        case "break-glass":
            named = governance.get_break_glass(session, ref.slug).requested_by
        case "assessment":
            one = assessments.get_assessment(session, ref.slug)
            named = one.submitted_by or one.opened_by
        case "waiver":
            named = governance.get_waiver(session, ref.slug).requested_by
        case _:
            named = governance.get_approval(session, ref.slug).requested_by
    return named


def _began(session: Session, ref: Ref) -> str:
    """Who started it or wrote it down."""
    if ref.kind == "pilot":
        return portfolio.get_pilot(session, ref.slug).started_by
    if ref.kind == "dossier":
        return dossiers.get_dossier(session, ref.slug).made_by
    if ref.kind == "scaleplan":
        return scaling.get_plan(session, ref.slug).started_by
    if ref.kind == "system":
        return governance.get_system(session, ref.slug).opened_by
    return governance.get_vendor(session, ref.slug).opened_by


def _of_product(session: Session, ref: Ref) -> Iterator[str | None]:
    """The owner and the steward of a product; of a change, also who proposed it."""
    slug = ref.slug
    if ref.kind == "contract-change":
        change = changes.get_change(session, slug)
        yield change.proposed_by
        slug = change.product
    product = catalog.get_product(session, slug)
    yield odps.said_of(session, slug).owner or product.registered_by
    yield product.steward


def _of_incident(session: Session, incident_id: str) -> Iterator[str | None]:
    found = incidents.get_incident(session, incident_id)
    yield found.opened_by
    for slug in found.usecases:
        yield from _of_case(session, slug)


def _of_case(session: Session, slug: str | None) -> Iterator[str | None]:
    if slug is not None:
        case = governance.get_usecase(session, slug)
        yield from (case.owner, case.sponsor, case.opened_by)
