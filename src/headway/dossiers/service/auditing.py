"""Counting a bias audit from a file of people, and bringing it as evidence; the people of the file are not kept."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session

from headway import governance
from headway.dossiers import auditing
from headway.dossiers.auditing import AuditWanted, BiasAudit
from headway.dossiers.entities import Audited
from headway.dossiers.errors import AuditInvalid, AuditNotAsked
from headway.dossiers.service.making import MAKER
from headway.kernel.auth import Actor
from headway.kernel.canonical import sha256
from headway.kernel.errors import Fault
from headway.kernel.ids import Ref

if TYPE_CHECKING:
    import polars as pl

TYPE: Final = "bias_audit"
MOST_BYTES: Final = 64 * 1024 * 1024


def audit_bias(session: Session, actor: Actor, *, usecase: str, data: bytes, wanted: AuditWanted) -> Audited:
    """Count a CSV file of people who were assessed, one row each, and bring the audit as evidence about the use case.

    The platform counts, so that nobody types a ratio; the file is named by its digest and not kept. Who made the audit,
    and that they are independent, is attested by a person (``auditor_attestation``).
    Raises: UseCaseUnknown; AuditNotAsked: no pack that is on knows such evidence; AuditInvalid with every fault.
    """
    case = governance.get_usecase(session, usecase)
    if not any(kind.name == TYPE for pack in governance.list_packs(session) for kind in pack.evidence_types):
        hint = "switch on nyc-ll144 or another pack that asks for bias_audit"
        raise AuditNotAsked("no pack that is on asks for a bias audit", hint=hint)
    found = _count(data, wanted)
    evidence = governance.record_evidence(
        session,
        type=TYPE,
        subject=Ref("usecase", case.slug),
        subject_digest=case.digest,
        facts=auditing.facts_of(found, actor.ref),
        producer=MAKER,
        payload_digest=sha256(data),
    )
    return Audited(evidence=evidence.id, file_digest=sha256(data), audit=found)


def _count(data: bytes, wanted: AuditWanted) -> BiasAudit:
    frame = _read(data)
    if wrong := auditing.faults(wanted, frame.columns):
        raise _invalid(wrong)
    found = auditing.count(frame, wanted)
    if isinstance(found, list):
        raise _invalid(found)
    return found


def _read(data: bytes) -> pl.DataFrame:
    import polars as pl

    if len(data) > MOST_BYTES:
        raise _invalid([_file(f"a file has at most {MOST_BYTES // 1024 // 1024} MB")])
    try:
        frame = pl.read_csv(io.BytesIO(data), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise _invalid([_file(f"it cannot be read as CSV: {str(error).splitlines()[0]}")]) from error
    if not frame.height:
        raise _invalid([_file("it has no row")])
    return frame


def _file(message: str) -> Fault:
    return Fault(rule="bias_audit.file", column="file", message=message)


def _invalid(faults: list[Fault]) -> AuditInvalid:
    return AuditInvalid("; ".join(fault.message for fault in faults), faults=faults)
