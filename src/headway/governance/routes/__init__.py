"""Governance over HTTP: the inventory, tiers, packs, evidence, gates, approvals and verdicts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway.governance import mandates, service
from headway.governance.entities import (
    Approval,
    ApprovalState,
    Coverage,
    Evidence,
    FactValue,
    Gate,
    GateResult,
    Quorum,
    Revocation,
    Tier,
    TierDecision,
    UseCase,
    VerdictRecord,
)
from headway.governance.routes import (
    admissions,
    break_glass,
    exceptions,
    imports,
    intake,
    packs,
    sightings,
    systems,
    waivers,
)
from headway.kernel.auth import Resource
from headway.kernel.errors import Scalar
from headway.kernel.ids import Ref
from headway.kernel.paging import MAX_LIMIT, Page
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, Permit, Tx

usecases = APIRouter(prefix="/usecases", tags=["usecases"])
quorums = APIRouter(prefix="/quorums", tags=["policy"])
evidence = APIRouter(prefix="/evidence", tags=["evidence"])
approvals = APIRouter(prefix="/approvals", tags=["approvals"])
verdicts = APIRouter(prefix="/verdicts", tags=["verdicts"])
revocations = APIRouter(prefix="/revocations", tags=["verdicts"])
routers = (
    imports.router,
    exceptions.router,
    intake.router,
    admissions.admissions,
    admissions.bindings,
    usecases,
    intake.umbrellas,
    sightings.router,
    systems.vendors,
    systems.systems,
    packs.router,
    quorums,
    evidence,
    approvals,
    waivers.router,
    break_glass.router,
    verdicts,
    revocations,
)

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Text = Annotated[str, Field(max_length=2000)]
Digest = Annotated[str, Field(pattern=r"^sha256-[0-9a-f]{64}$")]
Risk = dict[str, FactValue]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewUseCase(_Body):
    """A new entry of the inventory; leave out what nobody knows."""

    slug: str = Field(min_length=1, max_length=100)
    title: Text
    department: str
    solution: str | None = None
    purpose: Text | None = None
    owner: Text | None = None
    sponsor: Text | None = None
    success_measure: Text | None = None
    people_affected: Text | None = None
    risk: Risk = Field(default_factory=dict)
    products: list[str] = Field(default_factory=list, max_length=20)
    """References of data that it would use; entries that rest on the same are told."""
    different: Annotated[str, Field(max_length=500)] | None = None
    """Why it is another one than an entry that is very like it; without this one is refused."""


class UseCaseChange(_Body):
    """Fields to change; null empties one. Risk facts are merged, null makes one unknown."""

    title: Text | None = None
    department: str | None = None
    solution: str | None = None
    purpose: Text | None = None
    owner: Text | None = None
    sponsor: Text | None = None
    success_measure: Text | None = None
    people_affected: Text | None = None
    risk: Risk = Field(default_factory=dict)


class TierChoice(_Body):
    """Empty: let the rules decide. With a tier and reasons: the caller decides."""

    tier: Tier | None = None
    reasons: Text = ""


class Attestation(_Body):
    """Evidence that a person attests."""

    type: str
    subject: str
    subject_digest: Digest
    facts: dict[str, Scalar] = Field(default_factory=dict)
    payload_digest: Digest | None = None


class QuorumWanted(_Body):
    """How many different people besides the requester must say yes, and why that changes."""

    needed: int
    reason: Text = Field(min_length=1)


class ApprovalWanted(_Body):
    """What others are asked to approve."""

    subject: str
    subject_digest: Digest
    environment: Environment
    usecase: str


class Answer(_Body):
    """Why somebody approves or rejects."""

    reason: Text = Field(min_length=1)


def _of(session: Session, slug: str, **attributes: str) -> Resource:
    found = service.get_usecase(session, slug)
    asked = {"lane": mandates.lane_of(found.tier), **attributes}
    return Resource(kind="usecase", id=slug, department=found.department, attributes=asked)


# --- use cases ---------------------------------------------------------------------------------------------------


@usecases.post("", status_code=status.HTTP_201_CREATED)
def open_usecase(body: NewUseCase, tx: Tx, actor: CurrentActor, permit: Permit) -> UseCase:
    """Open a use case; refused when one very like it is there and nobody said why this one is different."""
    permit("usecase:open", Resource(kind="usecase", id=body.slug, department=body.department))
    return service.propose_usecase(tx, actor, **body.model_dump())


@usecases.get("")
def list_usecases(
    *, tx: Tx, permit: Permit, department: str | None = None, limit: Limit = 50, cursor: str | None = None
) -> Page[UseCase]:
    """List use cases by name."""
    permit(
        "usecase:read", Resource(kind="usecase", id="all", department=department, attributes={"filter": "department"})
    )
    return service.list_usecases(tx, department=department, limit=limit, cursor=cursor)


@usecases.get("/{slug}")
def show_usecase(slug: str, tx: Tx, permit: Permit) -> UseCase:
    """Show a use case, its tier, and what is missing."""
    permit("usecase:read", _of(tx, slug))
    return service.get_usecase(tx, slug)


@usecases.patch("/{slug}")
def change_usecase(slug: str, body: UseCaseChange, tx: Tx, actor: CurrentActor, permit: Permit) -> UseCase:
    """Change fields of a use case."""
    permit("usecase:update", _of(tx, slug))
    changes = body.model_dump(exclude_unset=True, exclude={"risk"})
    if "department" in changes:
        permit("usecase:update", Resource(kind="usecase", id=slug, department=changes["department"]))
    return service.update_usecase(tx, actor, slug, changes=changes, risk=body.risk)


@usecases.get("/{slug}/tier")
def list_tiers(slug: str, tx: Tx, permit: Permit) -> Page[TierDecision]:
    """List the tier decisions of a use case with their traces, newest first."""
    permit("usecase:read", _of(tx, slug))
    return Page(items=tuple(service.list_decisions(tx, slug)), next=None)


@usecases.post("/{slug}/tier", status_code=status.HTTP_201_CREATED)
def decide_tier(slug: str, body: TierChoice, tx: Tx, actor: CurrentActor, permit: Permit) -> TierDecision:
    """Let the rules decide the tier, or decide it in person with reasons."""
    if body.tier is None:
        permit("usecase:update", _of(tx, slug))
        return service.classify(tx, actor, slug)
    permit("tier:decide", _of(tx, slug))
    return service.decide_tier(tx, actor, slug, tier=body.tier, reasons=body.reasons)


@usecases.get("/{slug}/coverage")
def cover_usecase(
    *,
    slug: str,
    tx: Tx,
    permit: Permit,
    environment: Environment = "production",
    subject_digest: Annotated[str | None, Query(pattern=r"^sha256-[0-9a-f]{64}$")] = None,
    pack: Annotated[list[str] | None, Query()] = None,
) -> Coverage:
    """Tell what proofs there are for every control of the packs that are on, and of others named; nothing is stored."""
    permit("gate:evaluate", _of(tx, slug))
    return service.cover_usecase(
        tx, slug, environment=environment, subject_digest=subject_digest, packs=tuple(pack or ())
    )


@usecases.get("/{slug}/gate")
def ask_gate(
    *,
    slug: str,
    environment: Environment,
    tx: Tx,
    permit: Permit,
    subject_digest: Annotated[str | None, Query(pattern=r"^sha256-[0-9a-f]{64}$")] = None,
    subject: str | None = None,
    gate: Gate = "pre_deploy",
) -> GateResult:
    """Ask a gate about a subject; without a digest, about the one this use case had a verdict for last."""
    permit("gate:evaluate", _of(tx, slug))
    return service.check_gate(
        tx,
        usecase=slug,
        environment=environment,
        gate=gate,
        subject=Ref.parse(subject) if subject else None,
        subject_digest=subject_digest,
    )


# --- quorums and evidence ------------------------------------------------------------------------------------------


@quorums.get("")
def list_quorums(tx: Tx, permit: Permit) -> Page[Quorum]:
    """List how many people besides the requester must say yes, in each environment above the sandbox."""
    permit("policy:read", Resource(kind="policy", id="quorum"))
    return Page(items=service.list_quorums(tx), next=None)


@quorums.put("/{environment}")
def set_quorum(environment: Environment, body: QuorumWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Quorum:
    """Change how many people must say yes; raising it holds for open requests too."""
    permit("quorum:set", Resource(kind="quorum", id=environment))
    return service.set_quorum(tx, actor, environment, needed=body.needed, reason=body.reason)


@evidence.get("")
def list_evidence(
    *,
    tx: Tx,
    permit: Permit,
    subject: str | None = None,
    subject_digest: str | None = None,
    type: str | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Evidence]:
    """List evidence, newest first."""
    permit("evidence:read", Resource(kind="evidence", id="all"))
    about = Ref.parse(subject) if subject else None
    return service.list_evidence(
        tx, subject=about, subject_digest=subject_digest, type=type, limit=limit, cursor=cursor
    )


@evidence.post("", status_code=status.HTTP_201_CREATED)
def attest(body: Attestation, tx: Tx, actor: CurrentActor, permit: Permit) -> Evidence:
    """Attest evidence in person; what jobs measure is refused here."""
    about = Ref.parse(body.subject)
    permit(
        "evidence:record", _of(tx, about.slug) if about.kind == "usecase" else Resource(kind="evidence", id=body.type)
    )
    return service.attest(
        tx,
        actor,
        type=body.type,
        subject=about,
        subject_digest=body.subject_digest,
        facts=body.facts,
        payload_digest=body.payload_digest,
    )


# --- approvals ---------------------------------------------------------------------------------------------------


@approvals.get("")
def list_approvals(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    subject_digest: str | None = None,
    environment: Environment | None = None,
    state: ApprovalState | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[Approval]:
    """List approvals, newest first."""
    permit("release:read", _of(tx, usecase) if usecase else Resource(kind="approval", id="all"))
    return service.list_approvals(
        tx,
        usecase=usecase,
        subject_digest=subject_digest,
        environment=environment,
        state=state,
        limit=limit,
        cursor=cursor,
    )


@approvals.post("", status_code=status.HTTP_201_CREATED)
def request_approval(body: ApprovalWanted, tx: Tx, actor: CurrentActor, permit: Permit) -> Approval:
    """Ask for the yes of as many others as the quorum says."""
    permit("release:request", _of(tx, body.usecase, environment=body.environment))
    return service.request_approval(
        tx,
        actor,
        subject=Ref.parse(body.subject),
        subject_digest=body.subject_digest,
        environment=body.environment,
        usecase=body.usecase,
    )


@approvals.get("/{approval_id}")
def show_approval(approval_id: str, tx: Tx, permit: Permit) -> Approval:
    """Show an approval."""
    permit("release:read", _approval(tx, approval_id))
    return service.get_approval(tx, approval_id)


@approvals.post("/{approval_id}/approve")
def approve(approval_id: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit) -> Approval:
    """Say yes; it counts once enough others did. Refused to whoever asked or voted, and when anything changed since."""
    permit("release:approve", _approval(tx, approval_id))
    return service.approve(tx, actor, approval_id, body.reason)


@approvals.post("/{approval_id}/reject")
def reject(approval_id: str, body: Answer, tx: Tx, actor: CurrentActor, permit: Permit) -> Approval:
    """Say no, or take back an own request."""
    found = service.get_approval(tx, approval_id)
    if found.requested_by != actor.ref:
        permit("release:reject", _approval(tx, approval_id))
    return service.reject(tx, actor, approval_id, body.reason)


def _approval(session: Session, approval_id: str) -> Resource:
    found = service.get_approval(session, approval_id)
    case = service.get_usecase(session, found.usecase)
    asked = {"requested_by": found.requested_by, "environment": found.environment}
    return Resource(
        kind="approval",
        id=approval_id,
        department=case.department,
        attributes={**asked, "lane": mandates.lane_of(case.tier)},
    )


# --- verdicts ----------------------------------------------------------------------------------------------------


@verdicts.get("")
def list_verdicts(
    *,
    tx: Tx,
    permit: Permit,
    usecase: str | None = None,
    subject_digest: str | None = None,
    environment: Environment | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[VerdictRecord]:
    """List verdicts, newest first."""
    permit("gate:read", _of(tx, usecase) if usecase else Resource(kind="verdict", id="all"))
    return service.list_verdicts(
        tx, usecase=usecase, subject_digest=subject_digest, environment=environment, limit=limit, cursor=cursor
    )


@verdicts.get("/{verdict_id}")
def show_verdict(verdict_id: str, tx: Tx, permit: Permit) -> VerdictRecord:
    """Explain a verdict: every control with its reason, the facts, the packs, the approvals."""
    found = service.get_verdict(tx, verdict_id)
    permit("gate:read", _of(tx, found.usecase))
    return found


@verdicts.get("/{verdict_id}/envelope", response_class=Response)
def show_envelope(verdict_id: str, tx: Tx, permit: Permit) -> Response:
    """Give the signed DSSE envelope of a verdict."""
    permit("gate:read", _of(tx, service.get_verdict(tx, verdict_id).usecase))
    return Response(service.get_envelope(tx, verdict_id), media_type="application/vnd.dsse.envelope.v1+json")


@revocations.get("")
def list_revocations(tx: Tx, permit: Permit) -> Page[Revocation]:
    """List every revoked subject, oldest first."""
    permit("gate:read", Resource(kind="verdict", id="all"))
    return Page(items=service.list_revocations(tx), next=None)
