"""Answering a cluster: everything that would run must be let in by the gate, image by image."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from headway.governance import kubernetes
from headway.governance.entities import Admission, FoundSubject, Refusal
from headway.governance.kubernetes import Review, Wanted
from headway.governance.service.admitting import Asked, Halted, admit, find_subject
from headway.governance.service.refusing import note_refusal
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer
from headway.kernel.ids import Ref
from headway.kernel.settings import ENVIRONMENTS

VIA = "kubernetes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """How a cluster asks. ``environment`` was fixed where the webhook is set up; ``may`` says of which use cases it may ask."""

    environment: str | None
    may: Callable[[FoundSubject], bool]
    halted: Halted


def answer_review(
    session: Session, signer: Signer, actor: Actor, review: Review, webhook: Webhook
) -> dict[str, object]:
    """Answer an AdmissionReview; each image that is not let in is told to the ledger, unless it is a dry run."""
    environment, why = _environment(review, webhook.environment)
    if review.operation == "DELETE" or review.is_unchanged:
        return kubernetes.answer(review.uid)
    if environment is None or why is not None or review.fault is not None:
        told = why or str(review.fault)
        _note(session, actor, review, environment, code="gate.review", reason=told)
        return kubernetes.answer(review.uid, message=f"{review.about}: {told}")
    admitted: list[Admission] = []
    refused: list[str] = []
    for wanted in dict.fromkeys(review.wanted):
        one = _ask(session, signer, actor, review, wanted, environment, webhook)
        if isinstance(one, str):
            refused.append(f"{wanted.place}: {one}")
        else:
            admitted.append(one)
    if refused:
        return kubernetes.answer(review.uid, message=f"{review.about} into {environment}: " + "; ".join(refused))
    return kubernetes.answer(review.uid, warnings=_warnings(admitted), notes=_notes(admitted, environment))


def _ask(  # noqa: PLR0917  one image, with all that belongs to the question
    session: Session,
    signer: Signer,
    actor: Actor,
    review: Review,
    wanted: Wanted,
    environment: str,
    webhook: Webhook,
) -> Admission | str:
    if wanted.digest is None:
        why = f"{wanted.name[:200] or 'an image without a name'} is not named by its digest (name@sha256:...)"
        _note(session, actor, review, environment, code="gate.no_digest", reason=why)
        return why
    found = find_subject(session, wanted.digest, environment)
    if not webhook.may(found):
        why = f"{actor.name} may not ask the gate about the use case {found.usecase}"
        _note(session, actor, review, environment, code="gate.not_asked", reason=why)
        return why
    asked = Asked(found=found, environment=environment, via=VIA, is_trial=review.is_dry_run)
    given = admit(session, signer, actor, asked, webhook.halted).admission
    return given if given.allowed else "; ".join(one.reason for one in given.reasons)


def _environment(review: Review, fixed: str | None) -> tuple[str | None, str | None]:
    named = sorted({*review.environments, *([fixed] if fixed else [])})
    if not named:
        return None, f"no environment is named: label it {kubernetes.ENVIRONMENT}, or add ?environment= to the webhook"
    if len(named) > 1:
        return None, f"it names several environments: {', '.join(named)}"
    if named[0] not in ENVIRONMENTS:
        return None, f"{named[0][:60]!r} is no environment"
    return named[0], None


def _note(session: Session, actor: Actor, review: Review, environment: str | None, *, code: str, reason: str) -> None:
    if review.is_dry_run:
        return
    place = Ref("environment", environment) if environment else Ref("platform", "headway")
    refusal = Refusal(
        subject=str(place), environment=environment, code=code, reason=reason, via=VIA, resource=review.about[:200]
    )
    note_refusal(session, actor, refusal)


def _warnings(admitted: list[Admission]) -> list[str]:
    return [
        f"the gate warns about {one.usecase}: see verdict {one.verdict}" for one in admitted if one.result == "warn"
    ]


def _notes(admitted: list[Admission], environment: str) -> Mapping[str, str]:
    verdicts = sorted({one.verdict for one in admitted if one.verdict})
    return {"environment": environment, "verdicts": " ".join(verdicts), "admissions": " ".join(a.id for a in admitted)}
