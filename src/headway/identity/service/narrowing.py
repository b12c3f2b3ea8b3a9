"""The organisation's own rules: Cedar that only forbids, evaluated with the rules that come with this version."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.identity import store
from headway.identity.adapters import narrowed
from headway.identity.entities import Narrowing
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.ids import Ref


def narrow(session: Session, actor: Actor, *, source: Ref, policies: str) -> Narrowing:
    """Put rules of the organisation's own in force, in place of those before; without any, nothing is narrowed.

    Who calls this leaves the entry in the ledger: it knows what the rules were made of (``source``).
    Raises: NarrowingInvalid: no Cedar, not fit for the schema, or not only forbidding.
    """
    narrowed(policies)
    at = clock.now()
    version = store.add_narrowing(session, source=str(source), policies=policies, made_by=actor.ref, at=at)
    return Narrowing(version=version, source=str(source), policies=policies, made_by=actor.ref, made_at=at)


def narrowing_in_force(session: Session) -> Narrowing | None:
    """Read the organisation's own rules that are in force; None: there are none."""
    return store.narrowing(session, store.narrowing_version(session))


def refuse_bad_rules(policies: str) -> None:
    """Raise NarrowingInvalid when ``narrow`` would."""
    narrowed(policies)
