"""Signing in with a password, slowed down after failures; signing out."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway.identity import store
from headway.identity.adapters import check_password, hash_password, is_outdated
from headway.identity.entities import NewToken, SessionLimits
from headway.identity.service import throttle
from headway.identity.service.sessions import DEFAULT_LIMITS, open_session


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
    account_key, source_key = throttle.key("account", address), throttle.key("source", source)
    store.lock(session, account_key)
    throttle.check_rate(session, account_key, throttle.ACCOUNT_LIMIT)
    throttle.check_rate(session, source_key, throttle.SOURCE_LIMIT)
    found = store.account(session, address)
    person, password_hash = found if found and found[0].is_active else (None, None)
    if not check_password(password_hash, password) or person is None or password_hash is None:
        throttle.count(session, account_key, source_key)
        return None
    if is_outdated(password_hash):
        store.set_password(session, person.id, hash_password(password))
    store.clear_failures(session, account_key)
    return open_session(session, person, how="password", source=source, agent=agent, limits=limits, replaces=replaces)
