"""Gates beyond our nodes over HTTP: the signed answer for pipelines, the webhook for clusters, what an image carries."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from headway import identity
from headway.governance import kubernetes, service
from headway.governance.entities import AdmissionAnswer, FoundSubject, Gate, ImageBinding
from headway.kernel.auth import Actor, Resource
from headway.kernel.settings import Environment
from headway.kernel.web import CurrentActor, HereParts, Parts, Permit, Tx

admissions = APIRouter(prefix="/admissions", tags=["gates"])
bindings = APIRouter(prefix="/image-bindings", tags=["gates"])

Name = Annotated[str, Field(min_length=1, max_length=500)]
ASK = "gate:evaluate"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AdmissionWanted(_Body):
    """What shall be put to work, and where.

    ``subject``: a digest, an image by digest, a reference with a version, or a use case. ``problems``: what the asker
    found wrong with the artefact; any of them refuses it.
    """

    subject: Name
    environment: Environment
    gate: Gate = "pre_deploy"
    problems: list[Annotated[str, Field(max_length=300)]] = Field(default_factory=list, max_length=20)


class BindingWanted(_Body):
    """An image by digest, and the digest of the bundle that it carries."""

    image: Name
    bundle: Name


@admissions.post("")
def admit(body: AdmissionWanted, tx: Tx, here: HereParts, actor: CurrentActor, permit: Permit) -> AdmissionAnswer:
    """Ask whether something may be put to work now; the answer is signed and counts for minutes, a refusal is kept."""
    found = service.find_subject(tx, body.subject, body.environment)
    if found.usecase is not None or not asks_somewhere(tx, here, actor):
        permit(ASK, resource_of(tx, found))
    asked = service.Asked(
        found=found, environment=body.environment, gate=body.gate, problems=tuple(body.problems), via="gate check"
    )
    return service.admit(tx, here.signer, actor, asked, halted_by(tx, here))


@admissions.post("/kubernetes", include_in_schema=False)
def review(
    *,
    body: Annotated[dict[str, object], Body()],
    tx: Tx,
    here: HereParts,
    actor: CurrentActor,
    permit: Permit,
    environment: Environment | None = None,
    annotations: Annotated[str, Query(pattern="^(trusted|untrusted)$")] = "untrusted",
) -> dict[str, object]:
    """Answer an AdmissionReview of a cluster, admission.k8s.io/v1."""
    if not asks_somewhere(tx, here, actor):
        permit(ASK, Resource(kind="gate", id="kubernetes"))
    asked = kubernetes.read(body, trust_annotation=annotations == "trusted")
    webhook = service.Webhook(
        environment=environment,
        may=lambda found: found.usecase is None or here.authorizer.allows(actor, ASK, resource_of(tx, found)),
        halted=halted_by(tx, here),
    )
    return service.answer_review(tx, here.signer, actor, asked, webhook)


@bindings.post("", status_code=status.HTTP_201_CREATED)
def bind_image(body: BindingWanted, tx: Tx, actor: CurrentActor, here: HereParts, permit: Permit) -> ImageBinding:
    """Say which bundle an image carries; for the service of a build, never for a person."""
    bundle = service.find_subject(tx, body.bundle, "production")
    if bundle.usecase is not None or not binds_somewhere(tx, here, actor):
        permit("image:bind", resource_of(tx, bundle, kind="image"))
    return service.bind_image(tx, actor, image=body.image, bundle=body.bundle)


def halted_by(tx: Session, here: Parts) -> service.Halted:
    """What of a digest is suspended, told by what serves."""
    return lambda digest, environment: here.halted(tx, digest, environment)


def asks_somewhere(tx: Session, here: Parts, actor: Actor) -> bool:
    """Whether somebody may ask the gate in any department, so that they are told of what nobody knows."""
    return identity.departments_where(here.authorizer, tx, actor, ASK) != frozenset()


def binds_somewhere(tx: Session, here: Parts, actor: Actor) -> bool:
    """Whether somebody may bind images in any department: most images are bound before anything judged their bundle."""
    return identity.departments_where(here.authorizer, tx, actor, "image:bind") != frozenset()


def resource_of(tx: Session, found: FoundSubject, *, kind: str = "gate") -> Resource:
    """What the rules are asked about: the use case that something was judged for."""
    if found.usecase is None:
        return Resource(kind=kind, id="unknown")
    return Resource(kind=kind, id=found.usecase, department=service.get_usecase(tx, found.usecase).department)
