"""Slowing down whoever tries passwords and codes: so many failures an account and a source, then a wait."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.errors import CodeRefused, TooManyAttempts, WrongPassword
from headway.kernel import clock
from headway.kernel.auth import SYSTEM
from headway.kernel.database import Database
from headway.kernel.ids import Ref

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 5
SOURCE_LIMIT = 100


def key(kind: str, text: str) -> str:
    """Name an account or a source without naming it."""
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()}"


def check_rate(session: Session, key: str, limit: int, *, what: str = "failed attempts to sign in") -> None:
    """Refuse to go on when there were as many in the last quarter of an hour; raises TooManyAttempts."""
    if store.count_failures(session, key, clock.now() - WINDOW) >= limit:
        minutes = int(WINDOW.total_seconds() // 60)
        raise TooManyAttempts(f"too many {what}", hint=f"try again in {minutes} minutes")


def count(session: Session, account_key: str, source_key: str) -> None:
    """Count a failure against an account and a source; the one that closes the account is recorded."""
    store.add_failure(session, (account_key, source_key), clock.now())
    failures = store.count_failures(session, account_key, clock.now() - WINDOW)
    if failures == ACCOUNT_LIMIT:
        subject = Ref("account", account_key.partition("-")[2][:16])
        payload = {"failures": failures, "minutes": int(WINDOW.total_seconds() // 60)}
        ledger.record(session, actor=SYSTEM, type="account.locked", subject=subject, payload=payload)


@contextmanager
def attempt(database: Database, *, source: str, account: str | None = None) -> Iterator[Session]:
    """A transaction in which somebody shows a one-time code, or ``account`` their password once more.

    One that is refused is counted after the roll-back, in a transaction of its own.

    Raises: TooManyAttempts: 100 failures from the source, or 5 for the account, in 15 minutes.
    """
    source_key = key("source", source)
    account_key = key("again", account) if account else None
    try:
        with database.session() as session:
            check_rate(session, source_key, SOURCE_LIMIT)
            if account_key:
                store.lock(session, account_key)
                check_rate(session, account_key, ACCOUNT_LIMIT)
            yield session
            if account_key:
                store.clear_failures(session, account_key)
    except (CodeRefused, WrongPassword):
        with database.session() as session:
            if account_key:
                count(session, account_key, source_key)
            else:
                store.add_failure(session, (source_key,), clock.now())
        raise
