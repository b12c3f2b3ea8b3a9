"""Admissions: what a gate answers to those outside of our nodes, signed, good for minutes, believed by whoever has the key.

Pure but for the key. A subject is named by a digest (``sha256-HEX``, ``sha256:HEX``, ``image@sha256:HEX``), by a
reference with a version, or by its use case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from headway.governance.entities import Admission, AdmissionAnswer, Objection
from headway.governance.errors import AdmissionInvalid
from headway.kernel import clock
from headway.kernel.crypto import Signer, dsse_open, dsse_sign
from headway.kernel.errors import Invalid

ADMISSION_TYPE = "application/vnd.headway.admission+json"
VALID = timedelta(minutes=5)
_DIGEST = re.compile(r"(?:.*@)?sha256[:-](?P<hex>[0-9a-f]{64})", re.DOTALL)


def digest_in(text: str) -> str | None:
    """Read the digest that a text names a thing by; None when it names it otherwise."""
    found = _DIGEST.fullmatch(text.strip())
    return f"sha256-{found['hex']}" if found else None


def sign(signer: Signer, admission: Admission) -> AdmissionAnswer:
    """Sign an admission."""
    body = {
        **asdict(admission),
        "reasons": [asdict(one) for one in admission.reasons],
        "missing": list(admission.missing),
        "exceptions": list(admission.exceptions),
        "pack_digests": dict(admission.pack_digests),
        "at": clock.iso(admission.at),
        "valid_until": clock.iso(admission.valid_until),
    }
    return AdmissionAnswer(admission=admission, envelope=dsse_sign(signer, ADMISSION_TYPE, body).decode())


def opened(trusted: Mapping[str, bytes], text: bytes) -> Admission:
    """Read a signed admission: an envelope, or an answer that holds one.

    Args: trusted: raw public keys by key id.
    Raises: AdmissionInvalid: nobody trusted signed it, or it cannot be read.
    """
    try:
        outer = json.loads(text)
        envelope = outer["envelope"].encode() if isinstance(outer, dict) and "envelope" in outer else text
        return _read(json.loads(dsse_open(trusted, ADMISSION_TYPE, envelope)))
    except Invalid as error:
        raise AdmissionInvalid(f"the answer is not believed: {error.message}", hint=error.hint) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AdmissionInvalid(f"the answer cannot be read: {error}") from error


def objections(
    admission: Admission, *, now: datetime, subject: str | None = None, environment: str | None = None
) -> tuple[Objection, ...]:
    """Say why a believed admission does not let something in here and now; empty when it does.

    Args: subject: a text that names a digest, which must be the one asked for or the one found; environment: likewise.
    """
    found = [] if admission.allowed else list(admission.reasons)
    if not admission.allowed and not found:
        found.append(Objection(code="gate.refused", reason="it was refused"))
    if now >= admission.valid_until:
        found.append(
            Objection(code="gate.answer_over", reason=f"the answer ended at {clock.iso(admission.valid_until)}")
        )
    if environment is not None and environment != admission.environment:
        why = f"the answer is about {admission.environment}, not about {environment}"
        found.append(Objection(code="gate.other_environment", reason=why))
    if subject is not None and digest_in(subject) not in {admission.subject_digest, admission.image_digest} - {None}:
        why = f"the answer is about {admission.subject_digest or admission.subject}, not about {subject}"
        found.append(Objection(code="gate.other_subject", reason=why))
    return tuple(found)


def _read(body: Mapping[str, object]) -> Admission:
    values = dict(body)
    reasons = values.pop("reasons")
    missing, exceptions = values.pop("missing"), values.pop("exceptions")
    if (
        not isinstance(reasons, list)
        or not isinstance(missing, list)
        or not isinstance(exceptions, list)
        or not isinstance(values["allowed"], bool)
    ):
        raise TypeError("a field is of another kind")
    at, until = str(values.pop("at")), str(values.pop("valid_until"))
    return Admission(
        **values,  # type: ignore[arg-type]  # signed by a trusted key; a field too many or too few raises TypeError
        reasons=tuple(Objection(code=str(one["code"]), reason=str(one["reason"])) for one in reasons),
        missing=tuple(str(one) for one in missing),
        exceptions=tuple(str(one) for one in exceptions),
        at=datetime.fromisoformat(at),
        valid_until=datetime.fromisoformat(until),
    )
