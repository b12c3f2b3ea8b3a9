"""One use case: where it stands, what it lacks, the evidence and the gates, and everything that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, portfolio, registry, serving
from headway.entrypoints.pages import govern, supplied
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase_todo import ask_gate, newest_version, todo, versions_of
from headway.entrypoints.pages.viewer import CurrentViewer, Viewer
from headway.governance import BreakGlass, Evidence, EvidenceType, UseCase, Waiver
from headway.kernel import clock
from headway.kernel.auth import Resource
from headway.kernel.ids import Ref
from headway.kernel.listing import ListQuery
from headway.kernel.paging import MAX_LIMIT
from headway.kernel.web import Tx
from headway.portfolio import Stage

router = APIRouter(include_in_schema=False)
RECENT = 20
WAY = (Stage.proposed, Stage.pilot, Stage.approval, Stage.live)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A piece of evidence with what its type says of it."""

    evidence: Evidence
    title: str
    until: datetime | None  # how long it counts; None without an age limit
    is_fresh: bool


@router.get("/usecases/{slug}")
def show_usecase(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Where a use case stands and what is missing before production."""
    standing = portfolio.get_standing(tx, slug)
    case = standing.usecase
    viewer.permit("usecase:read", govern.about(case))
    version = newest_version(tx, slug)
    may_link = viewer.may("usecase:update", govern.about(case)) and case.retired_at is None
    relations, umbrella = (
        governance.relations_of(tx, slug),
        next(iter(governance.list_umbrellas(tx, usecase=slug)), None),
    )
    may_see_gates = viewer.may("gate:read", govern.about(case))
    refs = [case.owner, case.sponsor, case.opened_by, case.retired_by, *(one.who for one in standing.blockers)]
    refs += [one.person for one in relations.joins]
    return viewer.page(
        "usecases/show.html",
        **frame(viewer, tx, case, "overview", standing.stage),
        standing=standing,
        version=version,
        todo=todo(viewer, tx, case, version),
        steps=_steps(viewer, standing.stage),
        findings=governance.open_findings(tx, slug) if may_see_gates else (),
        people=names(tx, refs),
        waivers=_waivers(viewer, tx, case),
        relations=relations,
        umbrella=umbrella,
        titles=governance.usecase_titles(
            tx, {name for one in relations.distinctions for name in (one.usecase, one.other)}
        ),
        glass=_glass(viewer, tx, case),
        solutions=dict(govern.solution_choices(viewer)),
        kinds={kind.value: viewer.gettext(word) for kind, word in supplied.KINDS.items()},
        offered=supplied.system_choices(tx, {one.slug for one in case.systems}) if may_link else (),
        may_link=may_link,
        may_add_system=viewer.may("system:manage", Resource(kind="system", id="new")),
    )


def _waivers(viewer: Viewer, tx: Session, case: UseCase) -> Sequence[Waiver]:
    """The waivers in force of a use case, for whoever may see what gates say."""
    if not viewer.may("gate:read", govern.about(case)):
        return ()
    query = ListQuery(filters={"usecase": (case.slug,), "standing": ("in_force", "ending")}, limit=RECENT)
    return governance.find_waivers(tx, query).items


def _glass(viewer: Viewer, tx: Session, case: UseCase) -> Sequence[BreakGlass]:
    """The break-glass of a use case that waits for a confirmation or a review, for whoever may see what gates say."""
    if not viewer.may("gate:read", govern.about(case)):
        return ()
    query = ListQuery(filters={"usecase": (case.slug,), "standing": ("requested", "open", "overdue")}, limit=RECENT)
    return governance.find_break_glass(tx, query).items


@router.get("/usecases/{slug}/pitfalls")
def show_pitfalls(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What makes pilots stall and shows here, as a part of the page; its gates are asked for it."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:read", govern.about(case))
    return viewer.page(
        "usecases/pitfalls.html", title=viewer.gettext("Pitfalls"), found=portfolio.find_pitfalls(tx, slug)
    )


def frame(viewer: Viewer, tx: Session, case: UseCase, tab: str, stage: Stage | None = None) -> dict[str, Any]:
    """What every page of one use case shows: title, breadcrumb, tier, stage, tabs and what may be done."""
    here = govern.about(case)
    return {
        "title": case.title,
        "crumbs": [(viewer.gettext("Use cases"), "/usecases")],
        "case": case,
        "stage": stage or portfolio.stages(tx, [case.slug])[case.slug],
        "tab": tab,
        "next_step": _next_step(viewer, tx, case),
        "departments": govern.department_names(tx),
        "may": {
            "edit": viewer.may("usecase:update", here),
            "retire": viewer.may("usecase:retire", here),
            "join": case.retired_at is None and viewer.may_somewhere("usecase:open"),
            "stop": viewer.may("deployment:suspend", here),
            "pilot": viewer.may("pilot:start", govern.about(case, "pilot")),
            "promote": viewer.may("release:request", govern.about(case, "release", environment="production")),
            "evidence": viewer.may("evidence:read", here),
            "attest": viewer.may("evidence:record", here),
            "gate": viewer.may("gate:evaluate", here),
            "waive": viewer.may("waiver:request", here),
            "break": viewer.may("break_glass:request", govern.about(case, "break_glass", environment="production")),
            "verdicts": viewer.may("gate:read", here),
            "documents": viewer.may("dossier:read", govern.about(case, "dossier")),
            "value": all(viewer.may(f"{kind}:read", govern.about(case, kind)) for kind in ("decision", "outcome")),
            "assessments": viewer.may("assessment:read", govern.about(case, "assessment")),
            "risks": viewer.may("risk:read", govern.about(case, "risk")),
            "projections": viewer.may("projection:read", govern.about(case, "projection")),
            "means": viewer.may("allocation:read", here),
            "releases": viewer.may("release:read", govern.about(case, "release")),
        },
    }


def _next_step(viewer: Viewer, tx: Session, case: UseCase) -> str | None:
    """Where a use case in approval goes on: the answer that it waits for, the gate, or its deployment."""
    if not viewer.may("release:read", govern.about(case, "release")):
        return None
    query = ListQuery(filters={"usecase": (case.slug,), "environment": govern.ABOVE_SANDBOX}, limit=1)
    newest = next(iter(registry.find_releases(tx, query).items), None)
    if newest is None or newest.status == "rejected":
        return None
    if newest.status == "requested" and newest.approval:
        return f"/approvals/{newest.approval}"
    may_deploy = viewer.may("deployment:deploy", govern.about(case, "deployment", environment=newest.environment))
    is_ready = newest.status == "released" and newest.revoked_at is None and may_deploy
    return f"/deployments/new?usecase={case.slug}" if is_ready else f"/releases/{newest.id}"


def _steps(viewer: Viewer, stage: Stage) -> list[tuple[str, str, str]]:
    if stage is Stage.retired:
        return [(viewer.gettext(govern.STAGES[stage]), "now", "")]
    at = WAY.index(stage)
    states = ["done" if place < at else "now" if place == at else "later" for place in range(len(WAY))]
    return [(viewer.gettext(govern.STAGES[one]), state, "") for one, state in zip(WAY, states, strict=True)]


# --- evidence and gates ------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/evidence")
def show_evidence(slug: str, viewer: CurrentViewer, tx: Tx, environment: str = "production") -> Response:
    """The evidence about a use case and its newest version, and what the gates make of it."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("evidence:read", govern.about(case))
    chosen = environment if environment in govern.ENVIRONMENTS else "production"
    version = newest_version(tx, slug)
    proofs = proofs_of(tx, case, version.digest if version else None)
    may_ask = version is not None and viewer.may("gate:evaluate", govern.about(case))
    return viewer.page(
        "usecases/evidence.html",
        **frame(viewer, tx, case, "evidence"),
        version=version,
        environment=chosen,
        environments=govern.ENVIRONMENTS,
        gate=ask_gate(tx, case, version, chosen) if version and may_ask else None,
        proofs=proofs,
        people=names(tx, [one.evidence.producer for one in proofs]),
        human=[kind for kind in evidence_types(tx).values() if kind.producer == "human"],
    )


def evidence_types(session: Session) -> dict[str, EvidenceType]:
    """The types of evidence that the packs in force know, by name."""
    return {kind.name: kind for pack in governance.list_packs(session) for kind in pack.evidence_types}


def proofs_of(session: Session, case: UseCase, subject_digest: str | None) -> list[Proof]:
    """Evidence about a use case, about a version by its digest, and about the data it was trained on; newest first."""
    about_it = [Ref("usecase", case.slug), *(Ref("vendor", one.vendor) for one in case.systems if one.vendor)]
    found = [row for ref in about_it for row in governance.list_evidence(session, subject=ref, limit=MAX_LIMIT).items]
    if subject_digest:
        about = governance.list_evidence(session, subject_digest=subject_digest, limit=MAX_LIMIT).items
        found += about
        card = next((one for one in about if one.type == "dataset_card"), None)
        data = card.facts.get("data_digest") if card else None
        if isinstance(data, str):
            found += governance.list_evidence(session, subject_digest=data, limit=MAX_LIMIT).items
    kinds = evidence_types(session)
    unique = {one.id: one for one in found}
    return [_proof(one, kinds.get(one.type)) for one in sorted(unique.values(), key=lambda one: one.id, reverse=True)]


def _proof(evidence: Evidence, kind: EvidenceType | None) -> Proof:
    age = timedelta(days=kind.freshness_days) if kind and kind.freshness_days else None
    until = evidence.made_at + age if age else None
    return Proof(
        evidence=evidence,
        title=kind.title if kind else evidence.type,
        until=until,
        is_fresh=until is None or until > clock.now(),
    )


# --- what hangs on it --------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/work")
def show_work(slug: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """Pilots, versions, releases, deployments, approvals and verdicts of a use case."""
    case = governance.get_usecase(tx, slug)
    viewer.permit("usecase:read", govern.about(case))
    query = ListQuery(filters={"usecase": (slug,)}, limit=RECENT)
    framed = frame(viewer, tx, case, "work")

    def may(action: str) -> bool:
        return viewer.may(action, govern.about(case, action.partition(":")[0]))

    approvals = governance.find_approvals(tx, query).items if may("release:read") else ()
    return viewer.page(
        "usecases/work.html",
        **framed,
        pilots=portfolio.find_pilots(tx, query).items if may("pilot:read") else None,
        replays=portfolio.list_replays(tx, usecase=slug, limit=RECENT)[0] if may("pilot:read") else None,
        may_replay=may("pilot:start") and case.retired_at is None,
        versions=versions_of(tx, slug, RECENT) if may("model:read") else None,
        releases=registry.find_releases(tx, query).items if may("release:read") else None,
        deployments=serving.find_deployments(tx, query).items if may("deployment:read") else None,
        approvals=approvals if may("release:read") else None,
        verdicts=governance.list_verdicts(tx, usecase=slug, limit=RECENT).items if may("gate:read") else None,
        people=names(tx, [one.requested_by for one in approvals]),
    )
