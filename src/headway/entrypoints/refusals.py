"""Refusals at the edge of the control plane: each leaves an entry in the ledger, in a transaction of its own."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request

from headway import governance, identity, ledger
from headway.governance import GateRefused
from headway.kernel.auth import Actor
from headway.kernel.errors import Denied, HeadwayError

API = "/api/"


def record(request: Request, error: HeadwayError) -> None:
    """Tell the ledger when a rule or a gate refused; the request's own transaction was rolled back, or will be.

    Args: error: any; what is no refusal leaves no entry.
    """
    if not isinstance(error, Denied | GateRefused):
        return
    path = request.url.path
    actor: Actor | str = getattr(request.state, "actor", None) or "service:anonymous"
    action = str(error.values.get("action") or f"{request.method} {path}")
    resource = str(error.values.get("resource") or path)
    with request.app.state.parts.database.session() as session:
        if isinstance(error, GateRefused):
            via = "api" if path.startswith(API) else "page"
            refusal = governance.refusal_of(error, via=via, action=action, resource=resource)
            governance.note_refusal(session, actor, refusal)
        else:
            ledger.record_refusal(session, actor=actor, error=error, action=action, resource=resource)


def tell_by_name(request: Request, error: HeadwayError) -> None:
    """Name people in what a gate's refusal says to readers; the ledger keeps references, so that names stay erasable."""
    texts = (error.message, error.hint or "", *(fault.message for fault in error.faults))
    if not isinstance(error, GateRefused) or not any("person:" in one for one in texts):
        return
    with request.app.state.parts.database.session() as session:
        error.message = identity.by_name(session, error.message)
        error.hint = identity.by_name(session, error.hint) if error.hint else error.hint
        error.faults = tuple(replace(fault, message=identity.by_name(session, fault.message)) for fault in error.faults)
