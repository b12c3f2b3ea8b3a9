"""Verdicts: what a gate said, signed, and the checks that a node makes before it believes one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from headway.kernel.crypto import Signer, dsse_open, dsse_sign
from headway.kernel.errors import Invalid
from headway.kernel.settings import Environment
from headway.runtime.entities import Verdict
from headway.runtime.errors import ReleaseRefused

VERDICT_TYPE = "application/vnd.headway.verdict+json"
SERVING_GATE = "pre_deploy"


def sign_verdict(signer: Signer, verdict: Verdict) -> bytes:
    """Wrap a verdict in a signed DSSE envelope; raises Invalid when it names another key."""
    if verdict.key_id != signer.key_id:
        raise Invalid(f"the verdict names key {verdict.key_id}, the signer is {signer.key_id}")
    return dsse_sign(signer, VERDICT_TYPE, msgspec.to_builtins(verdict))


def open_verdict(envelope: bytes, trusted: Mapping[str, bytes]) -> Verdict:
    """Read a signed verdict; raises ReleaseRefused (verdict_untrusted, verdict_malformed)."""
    try:
        payload = dsse_open(trusted, VERDICT_TYPE, envelope)
    except Invalid as error:
        raise ReleaseRefused("verdict_untrusted", f"the verdict is not believed: {error.message}") from error
    try:
        return msgspec.json.decode(payload, type=Verdict)
    except msgspec.MsgspecError as error:
        raise ReleaseRefused("verdict_malformed", f"the verdict cannot be read: {error}") from error


def check_verdict(
    verdict: Verdict, *, subject: str, environment: Environment, now: datetime, revoked: Collection[str] = ()
) -> None:
    """Return when the verdict allows to serve this subject here and now; raises ReleaseRefused with the reason."""
    if subject in revoked:
        raise ReleaseRefused("revoked", f"release {subject} was revoked", subject=subject)
    if verdict.subject_digest != subject:
        why = f"the verdict is about {verdict.subject_digest}, not about {subject}"
        raise ReleaseRefused("verdict_other_subject", why, subject=subject)
    if verdict.environment != environment:
        why = f"the verdict holds in {verdict.environment}, this is {environment}"
        raise ReleaseRefused("verdict_other_environment", why, subject=subject)
    if verdict.gate != SERVING_GATE:
        why = f"the verdict is of gate {verdict.gate}, serving needs {SERVING_GATE}"
        raise ReleaseRefused("verdict_other_gate", why, subject=subject)
    if verdict.result == "block":
        failed = ", ".join(control.id for control in verdict.controls if control.status in ("failed", "indeterminate"))
        raise ReleaseRefused("verdict_blocked", f"the gate blocks this release: {failed}", subject=subject)
    if now >= verdict.serve_until:
        why = f"the verdict ended at {verdict.serve_until.isoformat()}"
        raise ReleaseRefused("verdict_expired", why, subject=subject)
