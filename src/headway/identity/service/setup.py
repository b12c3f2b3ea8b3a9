"""First start: the local owner of the home, and the one-time set-up of the first person of the AI office."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.adapters import hash_password
from headway.identity.entities import HomeSetup, NewToken, Role, SessionLimits
from headway.identity.errors import AlreadySetUp, CodeRefused, PersonExists
from headway.identity.passwords import check_strength, normal_email
from headway.identity.service.credentials import code_hash, new_code
from headway.identity.service.people import get_person
from headway.identity.service.roles import grant_role
from headway.identity.service.sessions import DEFAULT_LIMITS, open_session
from headway.identity.service.tokens import issue
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor
from headway.kernel.ids import Ref, new_id

LOCAL = Ref("person", "local")
LOCAL_ROLES = (Role.ai_office, Role.operator, Role.data_scientist, Role.data_owner)


def setup_home(session: Session, *, renew_token: bool = False, code: str | None = None) -> HomeSetup:
    """Make the local owner when there is none, and a fresh set-up code while nobody has used one.

    Args: renew_token: make a new token for the local owner although there is one, because its file was lost. code: the
        set-up code to take, which somebody knows already; a new one when left out.
    Returns: the owner's token when it was made now, and the code while the set-up is open.
    """
    store.lock(session, "identity.setup")
    is_new = store.add_person(session, id=LOCAL.slug, name="Local owner", email=None, at=clock.now())
    if is_new:
        ledger.record(session, actor=SYSTEM, type="home.prepared", subject=LOCAL)
        for role in LOCAL_ROLES:
            grant_role(session, SYSTEM, principal=LOCAL, role=role)
    token = None
    if is_new or renew_token:
        token = issue(session, Actor(ref=str(LOCAL), name="Local owner"), owner=LOCAL, name="command line").secret
    return HomeSetup(token=token, setup_code=_open_setup(session, code or new_code()))


def _open_setup(session: Session, code: str) -> str | None:
    if store.is_set_up(session):
        return None
    store.add_code(session, hash_=code_hash(code), person_id=None, at=clock.now(), expires_at=None)
    return code


def set_up(
    session: Session,
    *,
    code: str,
    name: str,
    email: str,
    password: str,
    source: str = "",
    agent: str = "",
    limits: SessionLimits = DEFAULT_LIMITS,
) -> NewToken:
    """Make the first person of the AI office and sign them in; works once, with the code of the last start.

    To be called in an ``attempt``, which counts codes that are refused.

    Raises: AlreadySetUp, CodeRefused, PersonExists, Invalid, WeakPassword.
    """
    store.lock(session, "identity.setup")
    if store.is_set_up(session):
        raise AlreadySetUp("the set-up was done", hint="ask the AI office to add you: headway person add")
    used = store.use_code(session, code_hash(code), clock.now())
    if used is None or used.person_id is not None:
        raise CodeRefused(
            "this set-up code is not the one printed at the last start",
            hint="start 'headway up' again and use the address it prints",
            values={"rule": "one-time-code", "action": "setup", "resource": "setup"},
        )
    address = normal_email(email)
    check_strength(password, name, address)
    person_id = new_id("per")
    if not store.add_person(session, id=person_id, name=name.strip() or address, email=address, at=clock.now()):
        raise PersonExists(f"somebody has the address {address} already")
    store.set_password(session, person_id, hash_password(password))
    subject = Ref("person", person_id)
    actor = Actor(ref=str(subject), name=name)
    payload = {"name": name, "email": address}
    ledger.record(session, actor=SYSTEM, type="person.added", subject=subject, payload=payload, personal=True)
    ledger.record(session, actor=actor, type="setup.done", subject=subject)
    grant_role(session, SYSTEM, principal=subject, role=Role.ai_office)
    person = get_person(session, person_id)
    return open_session(session, person, how="set-up", source=source, agent=agent, limits=limits)
