"""Approvals: what waits for the yes of others, and one page with all that a yes or no rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from headway import documents, governance, registry
from headway.entrypoints.pages import exports, govern, quorum, words
from headway.entrypoints.pages.forms import Form
from headway.entrypoints.pages.model_figures import cautions, figures
from headway.entrypoints.pages.people_names import named_controls, names
from headway.entrypoints.pages.tables import Column, Filter, TableView, query_of, view_of
from headway.entrypoints.pages.usecase import proofs_of
from headway.entrypoints.pages.viewer import CurrentViewer, OwnForm, Viewer
from headway.governance import Approval, ApprovalState, UseCase, mandates
from headway.kernel.auth import Resource
from headway.kernel.errors import HeadwayError
from headway.kernel.ids import Ref
from headway.kernel.listing import Found, ListQuery
from headway.kernel.web import Tx
from headway.registry import ModelRelease

router = APIRouter(include_in_schema=False)
FILTERS = ("state", "environment", "department")
MOST_WAITING = 200
STATES = tuple(ApprovalState)


@router.get("/approvals")
def show_approvals(request: Request, viewer: CurrentViewer, tx: Tx) -> Response:
    """What waits for one's own answer, then all approvals that one may see."""
    within = govern.need_somewhere(viewer, tx, "release:read")
    query = query_of(request, sort="requested_at", descending=True, filters=FILTERS, within=within)
    found = governance.find_approvals(tx, query)
    if exports.is_wanted(request):
        return exports.download(viewer, _view(request, viewer, tx, found), _cells(tx, found))
    waiting = waiting_for(viewer, tx, within)
    listed = [*found.items, *waiting]
    return viewer.page(
        "approvals/list.html",
        title=viewer.gettext("Approvals"),
        table=_view(request, viewer, tx, found),
        waiting=waiting,
        titles=titles_of(tx, {one.usecase for one in listed}),
        people=names(tx, [ref for one in listed for ref in (one.requested_by, one.approved_by, one.rejected_by)]),
    )


def waiting_for(viewer: Viewer, tx: Session, within: frozenset[str] | None) -> list[Approval]:
    """The open requests that somebody may answer, the oldest first; not their own, nor what they said yes to."""
    query = ListQuery(
        filters={"state": (ApprovalState.requested.value,)}, sort="requested_at", limit=MOST_WAITING, within=within
    )
    departments, found = governance.usecase_departments(tx), governance.find_approvals(tx, query).items
    lanes = mandates.lanes_of(tx, {one.usecase for one in found})
    return [
        one
        for one in found
        if one.requested_by != viewer.actor.ref
        and not quorum.has_voted(one, viewer.actor.ref)
        and viewer.may("release:approve", resource(one, departments.get(one.usecase), lanes.get(one.usecase, "")))
    ]


def resource(approval: Approval, department: str | None, lane: str) -> Resource:
    """What the rules are asked about when an approval is to be read or answered."""
    return Resource(
        kind="approval",
        id=approval.id,
        department=department,
        attributes={"requested_by": approval.requested_by, "environment": approval.environment, "lane": lane},
    )


def titles_of(session: Session, slugs: set[str]) -> dict[str, str]:
    """The titles of use cases by name."""
    return dict(governance.usecase_titles(session, slugs))


def _cells(tx: Session, found: Found[Approval]) -> Iterator[tuple[documents.Value, ...]]:
    rows = exports.all_rows(found, lambda query: governance.find_approvals(tx, query))
    people = names(tx, [ref for one in rows for ref in (one.requested_by, one.approved_by, one.rejected_by)])
    titles = titles_of(tx, {one.usecase for one in rows})
    for one in rows:
        decider = one.approved_by or one.rejected_by
        yield (
            titles.get(one.usecase, one.usecase),
            one.subject,
            one.environment,
            one.state.value,
            f"{len(one.votes)}/{one.needed}",
            people[one.requested_by],
            one.requested_at,
            people[decider] if decider else None,
        )


def _view(request: Request, viewer: Viewer, tx: Session, found: Found[Approval]) -> TableView:
    said = viewer.gettext
    states = {"requested": said("Open"), "approved": said("Approved"), "rejected": said("Rejected")}
    return view_of(
        request,
        found,
        name="approvals",
        caption=said("Approvals"),
        columns=(
            Column(name="usecase", label=said("Use case")),
            Column(name="subject", label=said("Version")),
            Column(name="environment", label=said("Environment")),
            Column(name="state", label=said("State")),
            Column(name="votes", label=said("Yes"), is_sortable=False),
            Column(name="requested_by", label=said("Asked by"), is_sortable=False),
            Column(name="requested_at", label=said("Asked"), kind="date"),
            Column(name="decided_by", label=said("Decided by"), is_sortable=False, is_wide=True),
        ),
        filters=(
            Filter(name="state", label=said("All states"), choices=tuple(states.items())),
            Filter(
                name="environment",
                label=said("All environments"),
                choices=tuple((name, said(govern.ENVIRONMENTS[name])) for name in govern.ABOVE_SANDBOX),
            ),
            Filter(
                name="department",
                label=said("All departments"),
                choices=tuple(govern.department_choices(viewer, tx, "release:read")),
            ),
        ),
        empty={
            "title": said("Nobody asked for an approval yet"),
            "text": said("Above the sandbox other people say yes. Somebody asks on the page of a use case."),
            "href": "/usecases?stage=pilot",
            "action": said("Use cases in pilot"),
            "icon": "gavel",
        },
    )


# --- one approval ------------------------------------------------------------------------------------------------


@router.get("/approvals/{approval_id}")
def show_approval(approval_id: str, viewer: CurrentViewer, tx: Tx) -> Response:
    """What is asked, what it rests on, and how it was answered."""
    found = governance.get_approval(tx, approval_id)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("release:read", resource(found, case.department, mandates.lane_of(case.tier)))
    return _page(viewer, tx, found, case)


@router.post("/approvals/{approval_id}/approve")
def approve(approval_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say yes with a reason; with the last yes needed it is released at once when the gate lets it in."""
    found, form = governance.get_approval(tx, approval_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    viewer.permit("release:approve", resource(found, case.department, mandates.lane_of(case.tier)))
    here, release = viewer.parts, release_of(tx, found.id)
    try:
        with tx.begin_nested():
            if release is None:
                given = governance.approve(tx, viewer.actor, approval_id, form.text("reason"))
                return viewer.go(f"/approvals/{approval_id}", quorum.voted_said(viewer, given))
            done = registry.approve_and_complete(
                tx, here.storage, here.signer, viewer.actor, release.id, reason=form.text("reason")
            )
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/approvals/{approval_id}", said_of(viewer, tx, done))


@router.post("/approvals/{approval_id}/reject")
def reject(approval_id: str, viewer: CurrentViewer, tx: Tx, data: OwnForm) -> Response:
    """Say no with a reason, or take an own request back."""
    found, form = governance.get_approval(tx, approval_id), Form.of(data)
    case = governance.get_usecase(tx, found.usecase)
    if found.requested_by != viewer.actor.ref:
        viewer.permit("release:reject", resource(found, case.department, mandates.lane_of(case.tier)))
    release = release_of(tx, found.id)
    try:
        with tx.begin_nested():
            if release is None:
                governance.reject(tx, viewer.actor, approval_id, form.text("reason"))
            else:
                registry.reject_release(tx, viewer.actor, release.id, form.text("reason"))
    except HeadwayError as error:
        return _page(viewer, tx, found, case, form.take(error), status=error.status)
    return viewer.go(f"/approvals/{approval_id}", viewer.gettext("Rejected; the reason is kept with it"))


def said_of(viewer: Viewer, tx: Session, release: ModelRelease) -> str:
    """What to say after a release moved, or got one yes of several."""
    if release.status == "requested" and release.approval:
        return quorum.voted_said(viewer, governance.get_approval(tx, release.approval))
    if release.status == "released":
        return viewer.gettext("Released into %(environment)s", environment=release.environment)
    return viewer.gettext("Approved. The gate does not let it in yet; what it asks for is listed here")


def release_of(session: Session, approval_id: str) -> ModelRelease | None:
    """The release that an approval was asked for; None when something else asked."""
    query = ListQuery(filters={"approval": (approval_id,)}, limit=1)
    return next(iter(registry.find_releases(session, query).items), None)


def question(
    viewer: Viewer, tx: Session, case: UseCase, *, subject: str, digest: str, environment: str
) -> dict[str, Any]:
    """What somebody reads before a yes or no: the version, its figures, the gate, the evidence."""
    version = registry.find_version(tx, digest)
    gate = None
    if viewer.may("gate:evaluate", govern.about(case)):
        asked = governance.evaluate_gate(
            tx, environment=environment, subject=Ref.parse(subject), subject_digest=digest, usecase=case.slug
        )
        gate = replace(asked, controls=named_controls(tx, asked.controls))
    proofs = proofs_of(tx, case, digest) if viewer.may("evidence:read", govern.about(case)) else []
    with words.speaking(viewer.looks.language):
        told = figures(version) if version else []
    return {
        "version": version,
        "gate": gate,
        "proofs": proofs,
        "figures": told,
        "cautions": cautions(version) if version else [],
        "departments": govern.department_names(tx),
    }


def _page(
    viewer: Viewer, tx: Session, found: Approval, case: UseCase, form: Form | None = None, *, status: int = 200
) -> Response:
    shown = question(
        viewer, tx, case, subject=found.subject, digest=found.subject_digest, environment=found.environment
    )
    is_open = found.state is ApprovalState.requested
    is_own = found.requested_by == viewer.actor.ref
    has_voted = quorum.has_voted(found, viewer.actor.ref)
    here = resource(found, case.department, mandates.lane_of(case.tier))
    proofs = shown["proofs"]
    refs = [
        *(vote.person for vote in found.votes),
        found.requested_by,
        found.approved_by,
        found.rejected_by,
        case.owner,
        case.sponsor,
    ]
    return viewer.page(
        "approvals/show.html",
        status=status,
        title=viewer.gettext("%(title)s into %(place)s?", title=case.title, place=found.environment),
        crumbs=[(viewer.gettext("Approvals"), "/approvals")],
        approval=found,
        case=case,
        release=release_of(tx, found.id),
        form=form or Form(),
        is_own=is_own,
        has_voted=has_voted,
        missing=governance.votes_missing(found),
        changed=governance.changed_since(tx, found) if is_open else (),
        since=[one for one in proofs if one.evidence.made_at > found.requested_at],
        may_approve=is_open and not is_own and not has_voted and viewer.may("release:approve", here),
        may_reject=is_open and (is_own or viewer.may("release:reject", here)),
        people=names(tx, [*refs, *(one.evidence.producer for one in proofs)]),
        **shown,
    )
