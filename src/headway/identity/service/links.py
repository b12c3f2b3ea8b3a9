"""One-time sign-in links: asked for at the sign-in page and sent by mail, or handed over by the AI office."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.entities import NewToken, Person, SessionLimits, SignInLink
from headway.identity.errors import CodeRefused, PersonNotFound
from headway.identity.service import throttle
from headway.identity.service.credentials import code_hash, new_code
from headway.identity.service.sessions import DEFAULT_LIMITS, open_session
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.errors import Conflict
from headway.kernel.ids import Ref

LIFE = timedelta(minutes=15)
ACCOUNT_LIMIT, SOURCE_LIMIT = 3, 20
PATH = "/sign-in/link"
LinkPurpose = Literal["mail", "office"]


def make_link(
    session: Session, actor: Actor, who: str, purpose: LinkPurpose = "office", *, outside_url: str = ""
) -> SignInLink:
    """Make a link that signs a person in once, within 15 minutes; it takes the place of an earlier unused one.

    Args: who: id or mail address of the person; purpose: how it reaches them; outside_url: what links begin with. The
    code stands after the ``#``, which browsers send to no server, so it reaches no log.
    Raises: PersonNotFound; Conflict: the person is not active.
    """
    person = _find(session, who)
    if person is None:
        raise PersonNotFound(f"there is no person {who}", hint="see 'headway person list'")
    if not person.is_active:
        raise Conflict(f"{person.name} is not active")
    code, now = new_code(), clock.now()
    store.add_code(
        session,
        hash_=code_hash(code),
        person_id=person.id,
        at=now,
        expires_at=now + LIFE,
        purpose="sign-in",
        made_by=actor.ref,
    )
    subject, payload = Ref("person", person.id), {"purpose": purpose}
    ledger.record(session, actor=actor, type="link.made", subject=subject, payload=payload)
    return SignInLink(person=person, code=code, url=f"{outside_url}{PATH}#{code}", expires_at=now + LIFE)


def request_link(session: Session, *, email: str, source: str, outside_url: str = "") -> SignInLink | None:
    """Make a link for whoever asks at the sign-in page, to be sent to their address by mail.

    Returns: None when nobody active has the address; say the same to both, and commit: requests are counted.
    Raises: TooManyAttempts: 3 requests for the address, or 20 from the source, in 15 minutes.
    """
    address = email.strip().lower()
    keys = throttle.key("link", address), throttle.key("link-source", source)
    store.lock(session, keys[0])
    for key, limit in zip(keys, (ACCOUNT_LIMIT, SOURCE_LIMIT), strict=True):
        throttle.check_rate(session, key, limit, what="links were asked for")
    store.add_failure(session, keys, clock.now())
    found = store.account(session, address)
    if found is None or not found[0].is_active:
        return None
    return make_link(session, SYSTEM, found[0].id, "mail", outside_url=outside_url)


def use_link(
    session: Session,
    *,
    code: str,
    source: str = "",
    agent: str = "",
    limits: SessionLimits = DEFAULT_LIMITS,
    replaces: str | None = None,
) -> NewToken:
    """Sign in with the code of a link; to be called in an ``attempt``, which counts codes that are refused.

    Raises: CodeRefused: wrong, used, expired, or the person is no longer active.
    """
    used = store.use_code(session, code_hash(code), clock.now(), purpose="sign-in")
    person = store.get_person(session, used.person_id) if used and used.person_id else None
    if used is None or person is None or not person.is_active:
        raise CodeRefused(
            "this link is wrong, used or older than 15 minutes",
            hint="ask for a new one",
            values={"rule": "one-time-code", "action": "person:sign-in", "resource": "person"},
        )
    return open_session(
        session,
        person,
        how="link",
        made_by=used.made_by,
        source=source,
        agent=agent,
        limits=limits,
        replaces=replaces,
    )


def _find(session: Session, who: str) -> Person | None:
    if "@" not in who:
        return store.get_person(session, who)
    found = store.account(session, who.strip().lower())
    return found[0] if found else None
