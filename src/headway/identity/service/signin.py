"""Signing in with a password, slowed down after failures; signing out."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.adapters import check_password, hash_password, is_outdated
from headway.identity.entities import NewToken, SessionLimits
from headway.identity.errors import TooManyAttempts
from headway.identity.service.sessions import DEFAULT_LIMITS, open_session
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.ids import Ref

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 5
SOURCE_LIMIT = 100


def sign_in(
    session: Session,
    *,
    email: str,
    password: str,
    source: str,
    agent: str = "",
    limits: SessionLimits = DEFAULT_LIMITS,
    replaces: str | None = None,
) -> NewToken | None:
    """Check mail address and password.

    Args: source: address that the attempt comes from; replaces: secret of the session that this device had before.
    Returns: a session's token; None when the two do not belong together. The failure is counted in this transaction,
    so the caller must commit it.
    Raises: TooManyAttempts: 5 failures for the account, or 100 from the source, in 15 minutes.
    """
    address = email.strip().lower()
    account_key, source_key = _key("account", address), _key("source", source)
    store.lock(session, account_key)
    _check_rate(session, account_key, ACCOUNT_LIMIT)
    _check_rate(session, source_key, SOURCE_LIMIT)
    found = store.account(session, address)
    person, password_hash = found if found and found[0].is_active else (None, None)
    if not check_password(password_hash, password) or person is None or password_hash is None:
        _count(session, account_key, source_key)
        return None
    if is_outdated(password_hash):
        store.set_password(session, person.id, hash_password(password))
    store.clear_failures(session, account_key)
    return open_session(session, person, how="password", source=source, agent=agent, limits=limits, replaces=replaces)


def _check_rate(session: Session, key: str, limit: int) -> None:
    if store.count_failures(session, key, clock.now() - WINDOW) >= limit:
        minutes = int(WINDOW.total_seconds() // 60)
        raise TooManyAttempts("too many failed attempts to sign in", hint=f"try again in {minutes} minutes")


def _count(session: Session, account_key: str, source_key: str) -> None:
    store.add_failure(session, (account_key, source_key), clock.now())
    failures = store.count_failures(session, account_key, clock.now() - WINDOW)
    if failures == ACCOUNT_LIMIT:
        subject = Ref("account", account_key.removeprefix("account-")[:16])
        payload = {"failures": failures, "minutes": int(WINDOW.total_seconds() // 60)}
        ledger.record(session, actor=SYSTEM, type="account.locked", subject=subject, payload=payload)


def _key(kind: str, text: str) -> str:
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()}"
