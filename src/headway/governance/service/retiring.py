"""Retiring a use case: it stays in the inventory with the reason, and nothing new is released for it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.governance import mandates, store
from headway.governance.entities import UseCase
from headway.governance.errors import FactsInvalid, UseCaseRetired
from headway.governance.service.usecases import get_usecase, ref
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Fault


def retire_usecase(session: Session, actor: Actor, slug: str, reason: str) -> UseCase:
    """Retire a use case; the reason is kept.

    Raises: UseCaseUnknown; UseCaseRetired: it is already; FactsInvalid without a reason.
    """
    said = _reason(reason)
    store.lock_usecase(session, slug)
    refuse_retired(session, slug)
    store.change_usecase(session, slug, {"retired_at": clock.now(), "retired_by": actor.ref, "retired_because": said})
    ledger.record(session, actor=actor, type="usecase.retired", subject=ref(slug), payload={"reason": said})
    return get_usecase(session, slug)


def reopen_usecase(session: Session, actor: Actor, slug: str, reason: str) -> UseCase:
    """Take a retired use case up again.

    Raises: UseCaseUnknown; Conflict: it is not retired; IntakeClosed; FactsInvalid without a reason.
    """
    said = _reason(reason)
    store.lock_usecase(session, slug)
    before = get_usecase(session, slug)
    if before.retired_at is None:
        raise Conflict(f"{slug} is not retired", values={"slug": slug})
    mandates.refuse_closed(session, before.department)
    store.change_usecase(session, slug, {"retired_at": None, "retired_by": None, "retired_because": None})
    payload = {"reason": said, "retired_at": before.retired_at, "retired_because": before.retired_because}
    ledger.record(session, actor=actor, type="usecase.reopened", subject=ref(slug), payload=payload)
    return get_usecase(session, slug)


def refuse_retired(session: Session, slug: str) -> None:
    """Raise UseCaseRetired when a use case is retired; while this transaction lasts nobody can retire it.

    Raises: UseCaseUnknown.
    """
    store.hold_usecase(session, slug)
    found = get_usecase(session, slug)
    if found.retired_at is not None:
        raise UseCaseRetired(
            f"{slug} was retired on {found.retired_at:%Y-%m-%d}: {found.retired_because}",
            hint=f"take it up again first: headway usecase reopen {slug} --reason ...",
            values={"usecase": slug, "retired_by": found.retired_by},
        )


def _reason(reason: str) -> str:
    if not (said := reason.strip()):
        fault = Fault(rule="usecase.reason", column="reason", message="give a reason")
        raise FactsInvalid("give a reason", faults=[fault])
    return said
