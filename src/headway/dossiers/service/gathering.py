"""Gathering what the records hold of a use case, through the front doors of the domains that keep it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy.orm import Session

from headway import catalog, governance, identity, incidents, ledger, monitoring, portfolio, registry, scaling, serving
from headway.dossiers.records import Records
from headway.governance import Evidence, System, UseCase, Vendor, assessments, risks
from headway.kernel.errors import NotFound
from headway.kernel.ids import Ref
from headway.kernel.jobs import taken_by
from headway.kernel.listing import ListQuery
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.settings import ENVIRONMENTS
from headway.kernel.web import Parts
from headway.registry import ModelVersion, Run

MOST = 100


def gather(session: Session, parts: Parts, usecase: str) -> Records:
    """Read everything about a use case that a document may rest on; raises UseCaseUnknown."""
    case = governance.get_usecase(session, usecase)
    asked = ListQuery(filters={"usecase": (usecase,)}, limit=MOST)
    deployments = serving.find_deployments(session, asked).items
    versions = _versions(session, usecase)
    version = _at_work(deployments, versions)
    run = registry.get_run(session, version.run) if version else None
    product, snapshot, quality = _data(session, run)
    systems = tuple(governance.get_system(session, one.slug) for one in case.systems)
    vendors = tuple(
        governance.get_vendor(session, slug) for slug in dict.fromkeys(one.vendor for one in systems) if slug
    )
    evidence = _evidence(session, case, version, systems, vendors)
    live = [one for one in deployments if one.state != "retired"]
    register = risks.register_of(session, usecase)
    approvals = governance.list_approvals(session, usecase=usecase, limit=MOST).items
    departments = {one.slug: one.name for one in identity.list_departments(session)}
    records = Records(
        organisation=departments[identity.ROOT],
        department=departments.get(case.department, case.department),
        case=case,
        decision=governance.get_decision(session, usecase),
        packs=governance.list_packs(session),
        evidence=evidence,
        version=version,
        versions=versions,
        run=run,
        cpu_seconds=_computing(session, run),
        product=product,
        snapshot=snapshot,
        quality=quality,
        releases=registry.find_releases(session, asked).items,
        approvals=approvals,
        verdicts=governance.list_verdicts(session, usecase=usecase, limit=MOST).items,
        deployments=deployments,
        decided={one.id: _decided(session, one) for one in deployments},
        waivers=governance.list_waivers(session, usecase=usecase, limit=MOST).items,
        glass=governance.list_break_glass(session, usecase=usecase, limit=MOST).items,
        exceptions=governance.list_exceptions(session, usecase),
        findings=governance.open_findings(session, usecase),
        systems=systems,
        vendors=vendors,
        monitorings=tuple(
            monitoring.overview(session, parts.storage, name=one.name, environment=one.environment) for one in live
        ),
        alerts=monitoring.find_alerts(session, asked).items,
        values=portfolio.usecase_value(session, catalog.lake_of(parts), usecase).deployments,
        plans=tuple(scaling.list_plans(session, usecase=usecase, limit=MOST)[0]),
        needs=assessments.of_usecase(session, usecase),
        assessed=_assessed(session, usecase),
        questions={
            one.id: {each.id: each.text for each in one.questions} for one in assessments.list_templates(session)
        },
        register=register if register.risks or register.closed else None,
        incidents=incidents.incidents_about(session, {usecase}, limit=MOST),
        entries=_entries(session, case, deployments, systems, vendors),
        people={},
    )
    return _with_names(session, records)


def _assessed(session: Session, usecase: str) -> dict[str, assessments.Assessment]:
    made: dict[str, assessments.Assessment] = {}
    for one in assessments.list_assessments(session, usecase, limit=MAX_LIMIT):
        if one.state == "signed":
            made.setdefault(one.template, one)
    return made


def _versions(session: Session, usecase: str) -> tuple[ModelVersion, ...]:
    asked = ListQuery(filters={"usecase": (usecase,)}, limit=MOST)
    return tuple(sorted(registry.find_versions(session, asked).items, key=lambda one: one.created_at, reverse=True))


def _at_work(deployments: Iterable[serving.Deployment], versions: tuple[ModelVersion, ...]) -> ModelVersion | None:
    live = sorted(
        (one for one in deployments if one.state != "retired"),
        key=lambda one: (ENVIRONMENTS.index(one.environment), one.id),
    )
    known = {one.ref: one for one in versions}
    return known.get(live[-1].version) if live and live[-1].version in known else next(iter(versions), None)


def _computing(session: Session, run: Run | None) -> float | None:
    if run is None or run.job is None:
        return None
    return next((seconds for _, seconds in taken_by(session, {run.job}).values()), None)


def _data(
    session: Session, run: Run | None
) -> tuple[catalog.DataProduct | None, catalog.ProductSnapshot | None, catalog.QualityReport | None]:
    if run is None or run.product is None:
        return None, None, None
    slug = run.product.removeprefix("product:")
    product, snapshot, quality = None, None, None
    with suppress(NotFound):
        product = catalog.get_product(session, slug)
        if run.snapshot:
            snapshot = catalog.get_snapshot(session, run.snapshot)
        quality = catalog.quality_of(session, slug, run.snapshot)
    return product, snapshot, quality


def _evidence(
    session: Session,
    case: UseCase,
    version: ModelVersion | None,
    systems: tuple[System, ...],
    vendors: tuple[Vendor, ...],
) -> tuple[Evidence, ...]:
    about = [Ref("usecase", case.slug), *(Ref("system", one.slug) for one in systems)]
    about += [Ref("vendor", one.slug) for one in vendors]
    found = [one for ref in about for one in governance.list_evidence(session, subject=ref, limit=MAX_LIMIT).items]
    if version:
        of_it = governance.list_evidence(session, subject_digest=version.digest, limit=MAX_LIMIT).items
        card = next((one for one in of_it if one.type == "dataset_card"), None)
        found += of_it
        if card and isinstance(data := card.facts.get("data_digest"), str):
            found += governance.list_evidence(session, subject_digest=data, limit=MAX_LIMIT).items
    for kind in ("management_review", "policy_document"):  # of the whole organisation
        found += governance.list_evidence(session, type=kind, limit=1).items
    return tuple(sorted({one.id: one for one in found}.values(), key=lambda one: one.id, reverse=True))


def _decided(session: Session, deployment: serving.Deployment) -> int:
    counted = serving.decisions_by_day(
        session,
        name=deployment.name,
        environment=deployment.environment,
        first_day=deployment.created_at.date(),
    )
    return sum(counted.values())


def _entries(
    session: Session,
    case: UseCase,
    deployments: Iterable[serving.Deployment],
    systems: Iterable[System],
    vendors: Iterable[Vendor],
) -> dict[str, str]:
    refs = [f"usecase:{case.slug}", *(f"deployment:{one.environment}/{one.name}" for one in deployments)]
    refs += [*(f"system:{one.slug}" for one in systems), *(f"vendor:{one.slug}" for one in vendors)]
    made: dict[str, str] = {}
    for ref in dict.fromkeys(refs):
        found = [one for one in ledger.find(session, subject=ref, limit=MOST).items if is_about_it(one.type)]
        if found:
            made[ref] = found[0].id
    return made


def is_about_it(type: str) -> bool:
    """Whether an entry tells of a change of the thing itself, not of a document made or a look taken."""
    return not type.startswith(("dossier.", "access.", "comment.", "task.", "gate."))


def _with_names(session: Session, records: Records) -> Records:
    from dataclasses import replace

    case = records.case
    refs = {case.owner, case.sponsor, case.opened_by, *(one.producer for one in records.evidence)}
    refs |= {one.made_by for one in records.versions} | {records.run.made_by if records.run else None}
    refs |= {records.decision.decider if records.decision else None}
    refs |= {one.requested_by for one in records.approvals}
    refs |= {person for one in records.assessed.values() for person in (one.submitted_by, one.signed_by)}
    refs |= {
        treatment.owner for one in (records.register.risks if records.register else ()) for treatment in one.treatments
    }
    refs |= {vote.person for one in records.approvals for vote in one.votes}
    people = sorted(one for one in refs if one and one.startswith("person:"))
    return replace(records, people=identity.names_of(session, people))
