"""People: added by the AI office, joining with a one-time code, leaving."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.adapters import hash_password
from headway.identity.entities import Invitation, NewToken, Person, Role, SessionLimits
from headway.identity.errors import CodeRefused, LastAiOffice, PersonExists, PersonNotFound
from headway.identity.passwords import check_strength, normal_email
from headway.identity.service.credentials import code_hash, new_code
from headway.identity.service.sessions import DEFAULT_LIMITS, close_sessions, open_session
from headway.kernel import clock
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.listing import Found, ListQuery
from headway.kernel.paging import MAX_LIMIT, Page

INVITATION = timedelta(days=7)


def add_person(session: Session, actor: Actor, *, name: str, email: str) -> Invitation:
    """Add a person; the code lets them set a password of their own, which nobody else ever knows.

    Raises: Invalid, PersonExists.
    """
    return invite_person(session, actor, enroll_person(session, actor, name=name, email=email).id)


def enroll_person(session: Session, actor: Actor, *, name: str, email: str) -> Person:
    """Add a person without a code, to be invited when it is time.

    Raises: Invalid, PersonExists.
    """
    address = normal_email(email)
    person_id = new_id("per")
    if not store.add_person(session, id=person_id, name=name.strip() or address, email=address, at=clock.now()):
        raise PersonExists(f"somebody has the address {address} already", hint="see 'headway person list'")
    ledger.record(
        session,
        actor=actor,
        type="person.added",
        subject=Ref("person", person_id),
        payload={"name": name, "email": address},
        personal=True,
    )
    return get_person(session, person_id)


def rename_person(session: Session, actor: Actor, person_id: str, *, name: str) -> Person:
    """Change the name that people read. Raises: PersonNotFound, Invalid: the name is empty."""
    before = get_person(session, person_id)
    if not (said := name.strip()):
        raise Invalid("a name cannot be empty")
    if said != before.name:
        store.rename_person(session, person_id, said)
        subject = Ref("person", person_id)
        ledger.record(
            session, actor=actor, type="person.renamed", subject=subject, payload={"name": said}, personal=True
        )
    return get_person(session, person_id)


def invite_person(session: Session, actor: Actor, person_id: str) -> Invitation:
    """Make a new one-time code for a person who has not joined, or who forgot the password."""
    person = get_person(session, person_id)
    if not person.is_active:
        raise Conflict(f"{person.name} is not active")
    if person.email is None:
        raise Conflict(f"{person.name} has no mail address to sign in with")
    code, expires_at = new_code(), clock.now() + INVITATION
    store.add_code(session, hash_=code_hash(code), person_id=person_id, at=clock.now(), expires_at=expires_at)
    ledger.record(session, actor=actor, type="person.invited", subject=Ref("person", person_id))
    return Invitation(person=person, code=code, expires_at=expires_at)


def join(
    session: Session,
    *,
    code: str,
    password: str,
    source: str = "",
    agent: str = "",
    limits: SessionLimits = DEFAULT_LIMITS,
    replaces: str | None = None,
) -> NewToken:
    """Use an invitation: set the password, end the sessions of before and sign in; to be called in an ``attempt``.

    Raises: CodeRefused, WeakPassword.
    """
    used = store.use_code(session, code_hash(code), clock.now())
    person = store.get_person(session, used.person_id) if used and used.person_id else None
    if person is None or not person.is_active:
        raise CodeRefused(
            "this code is wrong, used or expired",
            hint="ask the AI office for a new one: headway person invite",
            values={"rule": "one-time-code", "action": "person:join", "resource": "person"},
        )
    check_strength(password, person.name, person.email or "")
    store.set_password(session, person.id, hash_password(password))
    actor = Actor(ref=person.ref, name=person.name)
    ledger.record(session, actor=actor, type="person.joined", subject=Ref("person", person.id))
    close_sessions(session, actor, person.id)
    return open_session(session, person, how="invitation", source=source, agent=agent, limits=limits, replaces=replaces)


def get_person(session: Session, person_id: str) -> Person:
    """Read one person; raises PersonNotFound."""
    found = store.get_person(session, person_id)
    if found is None:
        raise PersonNotFound(f"there is no person {person_id}", hint="see 'headway person list'")
    return found


def list_people(
    session: Session, *, within: frozenset[str] | None = None, limit: int = 50, cursor: str | None = None
) -> Page[Person]:
    """Read people, oldest first: everybody, or those who hold a role in one of the departments."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.people(session, after=cursor, limit=limit + 1, within=within)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def find_people(session: Session, asked: ListQuery) -> Found[Person]:
    """Search, filter, sort and leaf through people; raises BadListing."""
    return store.find_people(session, asked)


def deactivate_person(session: Session, actor: Actor, person_id: str) -> Person:
    """Close a person's account, revoke their tokens; what they did stays in the records.

    Raises: PersonNotFound; LastAiOffice: nobody else would hold the AI office.
    """
    person = get_person(session, person_id)
    if not person.is_active:
        return person
    store.lock(session, "identity.ai_office")
    holds = any(
        grant.role == Role.ai_office and grant.department is None for grant in store.role_grants(session, person.ref)
    )
    if holds and not store.others_in_ai_office(session, person.ref, None):
        raise LastAiOffice("nobody else holds the AI office", hint="grant it to somebody else first")
    store.deactivate(session, person_id, clock.now())
    ledger.record(session, actor=actor, type="person.deactivated", subject=Ref("person", person_id))
    return get_person(session, person_id)
