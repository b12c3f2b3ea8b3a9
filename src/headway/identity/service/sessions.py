"""Sessions: opened by signing in, kept on the server, ended by time, by their person or by the AI office."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.agents import describe_agent
from headway.identity.entities import NewToken, Person, Resumed, SessionLimits, UserSession
from headway.identity.errors import SessionEnded, SessionExpired, SessionNotFound, SessionUnknown
from headway.identity.service.credentials import new_secret, token_hash
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Fault, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.settings import Settings

START = "hws_"
DEFAULT_LIMITS = SessionLimits()


def session_limits(settings: Settings) -> SessionLimits:
    """Read from the settings how long sessions live; raises Invalid when one is no positive number."""
    pairs = (
        ("HEADWAY_SESSION_IDLE_MINUTES", settings.session_idle_minutes),
        ("HEADWAY_SESSION_DAYS", settings.session_days),
    )
    faults = [Fault(rule="setting", column=name, message=f"{name}: must be at least 1") for name, n in pairs if n < 1]
    if faults:
        raise Invalid("settings are wrong: " + "; ".join(fault.message for fault in faults), faults=faults)
    return SessionLimits(
        idle=timedelta(minutes=settings.session_idle_minutes), longest=timedelta(days=settings.session_days)
    )


def open_session(
    session: Session,
    person: Person,
    *,
    how: str = "password",
    made_by: str | None = None,
    source: str = "",
    agent: str = "",
    limits: SessionLimits = DEFAULT_LIMITS,
    replaces: str | None = None,
) -> NewToken:
    """Open a session for a person who has shown who they are; its secret is new each time.

    Args: how: what they signed in with; made_by: who made the link they signed in with; source: address they came
    from; agent: their User-Agent header; replaces: secret of the session that this device had before, which ends.
    """
    actor, now = Actor(ref=person.ref, name=person.name), clock.now()
    if replaces:
        _close_replaced(session, actor, replaces)
    ends_by = now + limits.longest
    made = UserSession(
        id=new_id("ses"),
        person=person.ref,
        how=how,
        source=source or "unknown",
        agent=describe_agent(agent),
        created_at=now,
        last_used_at=now,
        idle_minutes=int(limits.idle.total_seconds() // 60),
        expires_at=min(now + limits.idle, ends_by),
        ends_by=ends_by,
        ended_at=None,
    )
    _, secret = new_secret(START)
    token = NewToken(
        id=made.id,
        secret=secret,
        hash=token_hash(secret),
        name="sign-in",
        owner=person.ref,
        scopes=None,
        expires_at=made.expires_at,
    )
    store.add_session(session, made, hash_=token.hash)
    payload = {"owner": person.ref, "how": how, "made_by": made_by, "ends_by": ends_by}
    ledger.record(session, actor=actor, type="session.opened", subject=Ref("session", made.id), payload=payload)
    return token


def resume(session: Session, secret: str, *, is_use: bool = True) -> Resumed:
    """Take a session up again by its secret, and note that it was used, at most once a minute.

    Args: is_use: whether a person is at it; what a page asks for by itself keeps no session alive.
    Raises: SessionUnknown; SessionExpired: too long unused, or too old; SessionEnded: by hand, or the account is
    closed. Of the last two ``values['person']`` tells whose it was, so that a page keeps what they had filled in.
    """
    found = store.session_by_hash(session, token_hash(secret)) if secret.startswith(START) else None
    if found is None:
        raise SessionUnknown("this session is not known here", hint="sign in")
    held, person = found
    whose = {"person": held.person, "session": held.id}
    if held.ended_at is not None or not person.is_active:
        raise SessionEnded("this session was ended", hint="sign in again", values=whose)
    now = clock.now()
    if held.expires_at <= now:
        raise SessionExpired("this session has expired", hint="sign in again", values=whose)
    used_at = store.touch_session(session, held, now) if is_use else held.last_used_at
    return Resumed(
        actor=Actor(
            ref=person.ref,
            name=person.name,
            roles=store.role_grants(session, person.ref),
            narrowing=store.narrowing_version(session),
        ),
        session_id=held.id,
        expires_at=min(used_at + timedelta(minutes=held.idle_minutes), held.ends_by),
    )


def get_session(session: Session, session_id: str) -> UserSession:
    """Read one session; raises SessionNotFound."""
    found = store.get_session(session, session_id)
    if found is None:
        raise SessionNotFound(f"there is no session {session_id}", hint="see 'headway session list'")
    return found


def find_session(session: Session, secret: str) -> UserSession:
    """Read the session with this secret; raises SessionUnknown."""
    found = store.session_by_hash(session, token_hash(secret))
    if found is None:
        raise SessionUnknown("this session is not known here", hint="sign in")
    return found[0]


def list_sessions(session: Session, person_id: str) -> tuple[UserSession, ...]:
    """Read a person's sessions that have not ended, the one used last first."""
    return tuple(store.open_sessions(session, person_id, clock.now()))


def close_session(session: Session, actor: Actor, session_id: str) -> UserSession:
    """End a session at once; ending it twice changes nothing. Raises: SessionNotFound."""
    held = get_session(session, session_id)
    if held.ended_at is None:
        store.end_sessions(session, [session_id], clock.now())
        _record_end(session, actor, held)
    return get_session(session, session_id)


def close_sessions(
    session: Session, actor: Actor, person_id: str, *, keep: str | None = None
) -> tuple[UserSession, ...]:
    """End a person's sessions, all or all but one; returns those that this ended."""
    ending = [held for held in list_sessions(session, person_id) if held.id != keep]
    store.end_sessions(session, [held.id for held in ending], clock.now())
    for held in ending:
        _record_end(session, actor, held)
    return tuple(get_session(session, held.id) for held in ending)


def close_sessions_by(session: Session, actor: Actor, how: str) -> None:
    """End every session that was opened in one way, for example with a provider that is removed."""
    ending = store.open_sessions_by(session, how, clock.now())
    store.end_sessions(session, [held.id for held in ending], clock.now())
    for held in ending:
        _record_end(session, actor, held)


def _close_replaced(session: Session, actor: Actor, secret: str) -> None:
    found = store.session_by_hash(session, token_hash(secret))
    if found is not None and found[0].ended_at is None:
        store.end_sessions(session, [found[0].id], clock.now())
        _record_end(session, actor, found[0])


def _record_end(session: Session, actor: Actor, held: UserSession) -> None:
    subject = Ref("session", held.id)
    ledger.record(session, actor=actor, type="session.closed", subject=subject, payload={"owner": held.person})
