"""Asking for promotion, and the way of one version into one environment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from headway import governance, registry
from headway.entrypoints.pages import govern, quorum
from headway.entrypoints.pages.approvals import question, said_of
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.people_names import names
from headway.entrypoints.pages.usecase_todo import ask_gate, versions_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import Approval, UseCase
from headway.kernel.auth import Resource
from headway.kernel.errors import Fault, HeadwayError, Invalid
from headway.kernel.settings import Environment
from headway.kernel.web import Tx
from headway.registry import ModelRelease, ModelVersion

router = APIRouter(include_in_schema=False)
PROMOTED: dict[str, Environment] = {"pilot": "pilot", "production": "production"}


# --- ask ---------------------------------------------------------------------------------------------------------


@router.get("/usecases/{slug}/promote")
def show_promote(
    slug: str, viewer: CurrentViewer, tx: Tx, version: str = "", environment: str = "production"
) -> Response:
    """Choose a version and where it shall go, and see what the gate says of it."""
    case = governance.get_usecase(tx, slug)
    chosen = PROMOTED.get(environment, "production")
    viewer.permit("release:request", govern.about(case, "release", environment=chosen))
    return _promote_page(viewer, tx, case, Form.filled({"version": version or None, "environment": chosen}))


@router.post("/usecases/{slug}/promote")
def promote(slug: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask for the release; a second person decides, and the gate."""
    case, form = governance.get_usecase(tx, slug), Form.of(data)
    environment = PROMOTED.get(form.text("environment"))
    viewer.permit("release:request", govern.about(case, "release", environment=environment or "production"))
    here = viewer.parts
    try:
        if environment is None:
            told = viewer.gettext("Choose where it shall go")
            raise Invalid(told, faults=[Fault(rule="release.environment", column="environment", message=told)])
        with tx.begin_nested():
            asked = registry.ask_release(
                tx,
                here.storage,
                here.signer,
                viewer.actor,
                version=form.text("version"),
                environment=environment,
                usecase=slug,
            )
    except HeadwayError as error:
        return _promote_page(viewer, tx, case, form.take(error), status=error.status)
    if asked.status == "released":
        return viewer.go(f"/releases/{asked.id}", said_of(viewer, tx, asked))
    return viewer.go(f"/releases/{asked.id}", viewer.gettext("Asked. Somebody else decides now"))


def _promote_page(viewer: Viewer, tx: Session, case: UseCase, form: Form, status: int = 200) -> Response:
    versions = versions_of(tx, case.slug)
    version = _chosen(versions, form.text("version"))
    environment = PROMOTED.get(form.text("environment"), "production")
    if version is not None:
        form = replace(form, values={**form.values, "version": [version.ref]})
    may_ask = version is not None and viewer.may("gate:evaluate", govern.about(case))
    return viewer.page(
        "releases/promote.html",
        status=status,
        title=viewer.gettext("Ask for promotion"),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        case=case,
        form=form,
        versions=[(one.ref, f"{one.model} {one.version}") for one in versions],
        version=version,
        environment=environment,
        needed=next(one.needed for one in governance.list_quorums(tx) if one.environment == environment),
        gate=ask_gate(tx, case, version, environment) if version and may_ask else None,
    )


def _chosen(versions: Sequence[ModelVersion], ref: str) -> ModelVersion | None:
    """The version meant, else the newest."""
    return next((one for one in versions if one.ref == ref), versions[0] if versions else None)


# --- one release -------------------------------------------------------------------------------------------------


@router.get("/releases/{release_id}")
def show_release(release_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """How far a release is, what the gate says, and what can be done."""
    found = registry.get_release(tx, release_id)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("release:read", resource(found, case))
    return _page(viewer, tx, found, case)


@router.post("/releases/{release_id}/approvals")
def approve(release_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Approve a release that somebody else asked for; the last yes needed releases it at once if the gate lets it in."""
    found, form = registry.get_release(tx, release_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("release:approve", resource(found, case))
    here = viewer.parts
    try:
        with tx.begin_nested():
            done = registry.approve_and_complete(
                tx, here.storage, here.signer, viewer.actor, release_id, reason=form.text("reason")
            )
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/releases/{release_id}", said_of(viewer, tx, done))


@router.post("/releases/{release_id}/rejection")
def reject(release_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Reject a release, or take an own request back."""
    found, form = registry.get_release(tx, release_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("release:reject", resource(found, case))
    try:
        with tx.begin_nested():
            registry.reject_release(tx, viewer.actor, release_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/releases/{release_id}", viewer.gettext("Rejected; the reason is kept with it"))


@router.post("/releases/{release_id}/revocation")
def revoke(release_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Stop a released version for good."""
    found, form = registry.get_release(tx, release_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("release:revoke", resource(found, case))
    try:
        with tx.begin_nested():
            registry.revoke_release(tx, viewer.actor, release_id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/releases/{release_id}", viewer.gettext("Revoked: nodes refuse it within seconds"))


@router.post("/releases/{release_id}/gate")
def ask_again(release_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Ask the gate again about a release that was approved and held up."""
    found, form = registry.get_release(tx, release_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("release:request", govern.about(case, "release", environment=found.environment))
    here = viewer.parts
    try:
        with tx.begin_nested():
            done = registry.ask_release(
                tx,
                here.storage,
                here.signer,
                viewer.actor,
                version=found.version,
                environment=found.environment,
                usecase=found.usecase,
            )
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/releases/{done.id}", said_of(viewer, tx, done))


def resource(release: ModelRelease, case: UseCase) -> Resource:
    """What the rules are asked about when a release is to be read or moved."""
    return govern.about(case, "release", release.id, environment=release.environment, requested_by=release.requested_by)


def _page(
    viewer: Viewer, tx: Session, found: ModelRelease, case: UseCase, form: Form | None = None, *, status: int = 200
) -> Response:
    shown = question(viewer, tx, case, subject=found.version, digest=found.digest, environment=found.environment)
    is_own, here = found.requested_by == viewer.actor.ref, resource(found, case)
    is_open = found.status in ("requested", "approved")
    approval = governance.get_approval(tx, found.approval) if found.approval else None
    has_voted = approval is not None and quorum.has_voted(approval, viewer.actor.ref)
    votes = approval.votes if approval else ()
    refs = [found.requested_by, found.decided_by, found.revoked_by, *(vote.person for vote in votes)]
    return viewer.page(
        "releases/show.html",
        status=status,
        title=viewer.gettext("%(title)s into %(place)s", title=case.title, place=found.environment),
        crumbs=[(viewer.gettext("Use cases"), "/usecases"), (case.title, f"/usecases/{case.slug}")],
        release=found,
        case=case,
        form=form or Form(),
        approval=approval,
        has_voted=has_voted,
        missing=governance.votes_missing(approval) if approval else 0,
        steps=_steps(viewer, found, approval),
        is_own=is_own,
        may_approve=found.status == "requested" and not (is_own or has_voted) and viewer.may("release:approve", here),
        may_reject=is_open and viewer.may("release:reject", here),
        may_ask=found.status == "approved" and viewer.may("release:request", here),
        may_revoke=found.status == "released" and not found.revoked_at and viewer.may("release:revoke", here),
        may_deploy=found.status == "released"
        and not found.revoked_at
        and viewer.may("deployment:deploy", govern.about(case, "deployment", environment=found.environment)),
        people=names(tx, [*refs, *(one.evidence.producer for one in shown["proofs"])]),
        **shown,
    )


def _steps(viewer: Viewer, release: ModelRelease, approval: Approval | None) -> list[tuple[str, str, str]]:
    said = viewer.gettext
    order = ("requested", "approved", "released")
    at = order.index(release.status) + 1 if release.status in order else 1
    titles = (said("Asked for"), said("Approved by others"), said("Let in by the gate and signed"))
    votes = quorum.votes_said(viewer, approval) if approval and approval.needed > 1 else ""
    steps = [
        (title, "done" if place < at else "now" if place == at else "later", votes if place == 1 else "")
        for place, title in enumerate(titles)
    ]
    if release.status == "rejected":
        steps[1] = (said("Rejected"), "failed", release.reason or "")
    if release.revoked_at:
        steps.append((said("Revoked"), "failed", release.revoked_because or ""))
    return steps
