"""What each port of a product does with bad rows: chosen by the product's owner, one of three ways."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy.orm import Session

from headway import ledger
from headway.catalog.batches import store
from headway.catalog.batches.entities import UPLOAD, Enforcement, Mode
from headway.catalog.quarantine.errors import MendInvalid
from headway.catalog.service import get_product
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault

_PORT: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?")


def list_enforcements(session: Session, slug: str) -> tuple[Enforcement, ...]:
    """What each port does; the port of uploads is always named, by default it warns. Raises UnknownProduct."""
    chosen = store.enforcements(session, get_product(session, slug).slug)
    if any(one.port == UPLOAD for one in chosen):
        return chosen
    usual = Enforcement(product=slug, port=UPLOAD, mode=Mode.warn, reason="", set_by=None, set_at=None)
    return (usual, *chosen)


def set_enforcement(session: Session, actor: Actor, slug: str, *, port: str, mode: Mode, reason: str) -> Enforcement:
    """Choose what a port does with bad rows, from the next batch on; raises UnknownProduct, MendInvalid."""
    get_product(session, slug)
    faults = []
    if not _PORT.fullmatch(port):
        words = f"{port!r} is no name of a port: use small letters, digits and - . _"
        faults.append(Fault(rule="enforcement.port", column="port", value=port, message=words))
    if not reason.strip() or len(reason) > 2_000:
        words = "say why, in at most 2000 characters"
        faults.append(Fault(rule="enforcement.reason", column="reason", message=words))
    if faults:
        raise MendInvalid("; ".join(fault.message for fault in faults), faults=faults)
    before = store.enforcement(session, slug, port)
    made = Enforcement(product=slug, port=port, mode=mode, reason=reason.strip(), set_by=actor.ref, set_at=clock.now())
    store.save_enforcement(session, made)
    payload = {
        "port": port,
        "mode": mode.value,
        "before": before.mode.value if before else Mode.warn.value,
        "reason": made.reason,
    }
    ledger.record(
        session, actor=actor, type="product.enforced", subject=get_product(session, slug).ref, payload=payload
    )
    return made
