"""Admitting: the gate's answer for what runs elsewhere. It rests on a verdict that counts and on a gate asked anew.

Fail closed: what is not known, was revoked, has run out, is suspended or does not pass any more is not let in, and
each refusal is in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from headway.governance import admissions, store
from headway.governance.entities import (
    Admission,
    AdmissionAnswer,
    FoundSubject,
    Gate,
    GateResult,
    Objection,
    Refusal,
    VerdictRecord,
)
from headway.governance.service.binding import find_binding
from headway.governance.service.breaking import lapsed_exceptions
from headway.governance.service.gating import evaluate_gate, not_passed
from headway.governance.service.operating import operate_suspensions
from headway.governance.service.refusing import note_refusal
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.crypto import Signer
from headway.kernel.errors import Invalid
from headway.kernel.ids import Ref, new_id

SERVING_GATE: Gate = "pre_deploy"
Halted = Callable[[str, str], Sequence[str]]
"""Says, for a digest and an environment, what of it is suspended; whoever runs things knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to put to work, and how they came to ask.

    ``problems``: what the asker found wrong with the artefact itself; it can only lead to a refusal. ``is_trial``: nobody
    wants to put it to work yet, so that a refusal is not told to the ledger.
    """

    found: FoundSubject
    environment: str
    gate: Gate = SERVING_GATE
    problems: tuple[str, ...] = ()
    via: str = "gate check"
    is_trial: bool = False


def find_subject(session: Session, subject: str, environment: str) -> FoundSubject:
    """Find what a name means: a digest, an image by digest, a reference with a version, or a use case's last release."""
    asked = subject.strip()
    digest = admissions.digest_in(asked)
    if digest is not None:
        return _by_digest(session, asked, digest, environment)
    if ":" in asked:
        return _by_reference(session, asked, environment)
    last = store.list_verdicts(
        session, usecase=asked, subject_digest=None, environment=environment, before=None, limit=1
    )
    if not last:
        known = asked in store.usecase_titles(session, {asked})
        why = f"nothing of {asked} was ever let into {environment}" if known else f"nobody knows {asked!r}"
        return FoundSubject(asked=asked, usecase=asked if known else None, why=why)
    return FoundSubject(asked=asked, digest=last[0].subject_digest, usecase=asked)


def admit(session: Session, signer: Signer, actor: Actor, asked: Asked, halted: Halted) -> AdmissionAnswer:
    """Answer whether something may be put to work now, signed; a refusal is told to the ledger.

    Raises: FactsInvalid: there is no such environment.
    """
    at, found = clock.now(), asked.found
    verdict = _verdict(session, found, asked.environment)
    result = None
    if found.digest is not None and found.usecase is not None:
        result = evaluate_gate(
            session,
            gate=asked.gate,
            environment=asked.environment,
            subject=Ref.parse(verdict.subject) if verdict else Ref("bundle", found.digest),
            subject_digest=found.digest,
            usecase=found.usecase,
            now=at,
        )
    reasons = tuple(_objections(session, asked, verdict, result, at))
    if found.digest is not None:
        why = (Objection(code="gate.suspended", reason=one) for one in halted(found.digest, asked.environment))
        reasons += tuple(why)
    if reasons and not asked.is_trial:
        note_refusal(session, actor, _refusal(asked, reasons[0]), at=at)
    return admissions.sign(signer, _admission(asked, actor, signer, reasons, _Answered(at, verdict, result)))


@dataclass(frozen=True, slots=True)
class _Answered:
    at: datetime
    verdict: VerdictRecord | None
    result: GateResult | None


def _by_digest(session: Session, asked: str, digest: str, environment: str) -> FoundSubject:
    usecase = _usecase(session, digest, environment)
    binding = None if usecase is not None else find_binding(session, digest)
    if binding is not None:
        carried = binding.bundle_digest
        return FoundSubject(
            asked=asked, digest=carried, usecase=_usecase(session, carried, environment), binding=binding
        )
    return FoundSubject(asked=asked, digest=digest, usecase=usecase)


def _by_reference(session: Session, asked: str, environment: str) -> FoundSubject:
    try:
        about = Ref.parse(asked)
    except Invalid as error:
        return FoundSubject(asked=asked, why=error.message)
    if about.mark is None:
        return FoundSubject(asked=asked, why=f"{asked} names no version: write {asked}@N, or the digest")
    digests = store.digests_of(session, str(about))
    if len(digests) == 1:
        return _by_digest(session, asked, digests[0], environment)
    why = f"nobody knows {asked}" if not digests else f"{asked} stands for several digests: name the one you mean"
    return FoundSubject(asked=asked, why=why)


def _usecase(session: Session, digest: str, environment: str) -> str | None:
    """The use case that a digest was last judged for: in this environment, else in any."""
    for place in (environment, None):
        last = store.list_verdicts(
            session, usecase=None, subject_digest=digest, environment=place, before=None, limit=1
        )
        if last:
            return last[0].usecase
    return None


def _verdict(session: Session, found: FoundSubject, environment: str) -> VerdictRecord | None:
    if found.digest is None:
        return None
    listed = store.list_verdicts(
        session, usecase=None, subject_digest=found.digest, environment=environment, before=None, limit=20
    )
    return next((one for one in listed if one.gate == SERVING_GATE), None)


def _objections(
    session: Session, asked: Asked, verdict: VerdictRecord | None, result: GateResult | None, at: datetime
) -> Iterable[Objection]:
    found = asked.found
    yield from (Objection(code="gate.changed", reason=one) for one in asked.problems)
    if found.why is not None or found.digest is None:
        yield Objection(code="gate.unknown_subject", reason=found.why or f"nobody knows {found.asked}")
        return
    named = {found.digest, *([found.binding.image_digest] if found.binding else [])}
    for revoked in store.list_revocations(session, named):
        yield Objection(code="gate.revoked", reason=f"{revoked.subject_digest} was revoked: {revoked.reason}")
    if verdict is None:
        told = f"no gate has let {found.digest} into {asked.environment}"
        yield Objection(code="gate.no_verdict", reason=told)
    elif verdict.serve_until <= at:
        told = f"the verdict for {asked.environment} ended at {clock.iso(verdict.serve_until)}"
        yield Objection(code="gate.over", reason=told)
    if verdict is not None and (lapsed := lapsed_exceptions(session, verdict.exceptions)):
        yield Objection(code="gate.over", reason=f"the verdict rests on what was ended: {', '.join(lapsed)}")
    yield from _held(session, found, asked.environment)
    if result is not None and result.result == "block":
        yield from _blocked(result)


def _held(session: Session, found: FoundSubject, environment: str) -> Iterable[Objection]:
    """What the operate gate suspended, whether or not a deployment of ours runs it."""
    if found.usecase is None:
        return
    for (_, place, digest), one in operate_suspensions(session, found.usecase).items():
        if (place, digest) == (environment, found.digest):
            yield Objection(code="gate.suspended", reason=f"the operate gate suspends it: {one.control}, {one.reason}")


def _blocked(result: GateResult) -> Iterable[Objection]:
    faults = not_passed(result)
    yield from (Objection(code="gate.blocked", reason=f"{one.rule}: {one.message}") for one in faults)
    if not faults:
        told = result.missing[0] if result.missing else f"the gate {result.gate} blocks it"
        yield Objection(code="gate.blocked", reason=told)


def _refusal(asked: Asked, first: Objection) -> Refusal:
    found = asked.found
    about = Ref("bundle", found.digest) if found.digest else Ref("environment", asked.environment)
    return Refusal(
        subject=str(about),
        environment=asked.environment,
        code=first.code,
        reason=first.reason,
        via=asked.via,
        usecase=found.usecase,
        subject_digest=found.digest,
        resource=found.asked[:200],
    )


def _admission(
    asked: Asked, actor: Actor, signer: Signer, reasons: tuple[Objection, ...], answered: _Answered
) -> Admission:
    found, verdict, result = asked.found, answered.verdict, answered.result
    passes = "warn" if result is not None and result.result == "warn" else "pass"
    return Admission(
        id=new_id("adm"),
        subject=found.asked,
        subject_digest=found.digest,
        image_digest=found.binding.image_digest if found.binding else None,
        environment=asked.environment,
        gate=asked.gate,
        usecase=found.usecase,
        allowed=not reasons,
        result="block" if reasons else "warn" if passes == "warn" else "pass",
        reasons=reasons,
        missing=result.missing if result else (),
        verdict=verdict.id if verdict else None,
        binding=found.binding.id if found.binding else None,
        exceptions=verdict.exceptions if verdict else (),
        pack_digests=result.pack_digests if result else {},
        facts_digest=result.facts_digest if result else None,
        asked_by=actor.ref,
        at=answered.at,
        valid_until=answered.at + admissions.VALID,
        key_id=signer.key_id,
    )
