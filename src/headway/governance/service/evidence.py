"""Evidence: written once, by whom its type allows, read by gates."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import facts as known_facts
from headway.governance import policy, store
from headway.governance.entities import Evidence, EvidenceType
from headway.governance.errors import EvidenceRefused, FactsInvalid
from headway.governance.operating import RENEWED
from headway.governance.service.packs import list_packs
from headway.governance.service.vendors import get_vendor
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.canonical import digest
from headway.kernel.errors import Fault, Scalar
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page

ORGANISATION = Ref.parse(store.ORGANISATION)
"""The subject of evidence that counts for every use case; only types with the scope ``organisation`` do."""
DIGEST = re.compile(r"sha256-[0-9a-f]{64}")


def record_evidence(
    session: Session,
    *,
    type: str,
    subject: Ref,
    subject_digest: str,
    facts: Mapping[str, Scalar],
    producer: Actor,
    payload_digest: str | None = None,
) -> Evidence:
    """Write evidence about a subject of one digest. NaN, infinities and None are kept as unknown.

    Args: producer: a service (``kernel.auth.SYSTEM`` or a job's own) for types that only jobs write, a person for
    types that people attest; payload_digest: of the full report, where there is one.
    Raises: EvidenceRefused: the producer may not write this type. FactsInvalid: with every fault.
    """
    kind = evidence_type(session, type)
    _check_producer(kind, producer)
    faults = _digest_faults(subject_digest, payload_digest) + known_facts.evidence_faults(facts, kind)
    if faults:
        raise FactsInvalid(f"evidence {type}: " + "; ".join(f.message for f in faults), faults=faults)
    evidence = Evidence(
        id=new_id("evd"),
        type=type,
        subject=str(subject),
        subject_digest=subject_digest,
        facts={name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in facts.items()},
        producer=producer.ref,
        made_at=clock.now(),
        payload_digest=payload_digest,
    )
    store.add_evidence(session, evidence)
    payload = {
        "evidence": evidence.id,
        "type": type,
        "subject_digest": subject_digest,
        "facts_digest": digest(dict(evidence.facts)),
        "payload_digest": payload_digest,
    }
    kind_of_event = "evidence.renewed" if type in RENEWED else "evidence.recorded"
    ledger.record(session, actor=producer, type=kind_of_event, subject=subject, payload=payload)
    return evidence


def record_proof(
    session: Session, *, type: str, subject: Ref, subject_digest: str, facts: Mapping[str, Scalar], producer: Actor
) -> Evidence | None:
    """Write what the platform proves of its own work, unless no pack that is on asks for it; raises as ``record_evidence``."""
    if type not in policy.evidence_types(list_packs(session)):
        return None
    return record_evidence(
        session, type=type, subject=subject, subject_digest=subject_digest, facts=facts, producer=producer
    )


def attest(
    session: Session,
    actor: Actor,
    *,
    type: str,
    subject: Ref,
    subject_digest: str,
    facts: Mapping[str, Scalar],
    payload_digest: str | None = None,
) -> Evidence:
    """Write evidence that a person attests. Types that jobs write are refused to everybody who comes this way.

    Raises: as ``record_evidence``; VendorUnknown when it is about a vendor that nobody wrote down.
    """
    kind = evidence_type(session, type)
    if kind.producer != "human" or not actor.is_person:
        raise _refused(kind, actor)
    if subject.kind == "vendor":
        get_vendor(session, subject.slug)
    return record_evidence(
        session,
        type=type,
        subject=subject,
        subject_digest=subject_digest,
        facts=facts,
        producer=actor,
        payload_digest=payload_digest,
    )


def evidence_type(session: Session, name: str) -> EvidenceType:
    """Read what packs say of a type of evidence; raises FactsInvalid when none knows it."""
    types = policy.evidence_types(list_packs(session))
    if name not in types:
        message = f"no pack knows evidence of type {name!r}"
        raise FactsInvalid(
            message, hint="known: " + ", ".join(sorted(types)), faults=[Fault(rule="evidence.type", message=message)]
        )
    return types[name]


def list_evidence(
    session: Session,
    *,
    subject: Ref | None = None,
    subject_digest: str | None = None,
    type: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Evidence]:
    """Read evidence, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.list_evidence(
        session,
        subject=str(subject) if subject else None,
        subject_digest=subject_digest,
        type=type,
        before=cursor,
        limit=limit + 1,
    )
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def digests_in_use(session: Session, subject: Ref, *, besides: Actor) -> frozenset[str]:
    """Name the digests of a subject that something rests on: a verdict cites evidence about them, or others than one producer
    wrote some. What they name must stay."""
    return frozenset(store.digests_in_use(session, str(subject), besides.ref))


def _check_producer(kind: EvidenceType, producer: Actor) -> None:
    if producer.is_person == (kind.producer == "auto"):
        raise _refused(kind, producer)


def _refused(kind: EvidenceType, producer: Actor) -> EvidenceRefused:
    who = "a job" if kind.producer == "auto" else "a person"
    return EvidenceRefused(
        f"only {who} can write evidence of type {kind.name}; {producer.ref} is none",
        hint="run the job that measures it" if kind.producer == "auto" else "a person must attest it",
        values={"rule": "governance.producer", "type": kind.name, "producer": producer.ref},
    )


def _digest_faults(subject_digest: str, payload_digest: str | None) -> list[Fault]:
    given = {"subject_digest": subject_digest, "payload_digest": payload_digest}
    return [
        Fault(rule="evidence.digest", column=name, value=value, message=f"{name} must be sha256- and 64 hex digits")
        for name, value in given.items()
        if value is not None and not DIGEST.fullmatch(value)
    ]
