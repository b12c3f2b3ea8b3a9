"""Changing one's own password."""

from __future__ import annotations

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.adapters import check_password, hash_password
from headway.identity.entities import Person
from headway.identity.errors import NotYours, WrongPassword
from headway.identity.passwords import check_strength
from headway.identity.service.people import get_person
from headway.identity.service.sessions import close_sessions
from headway.kernel.auth import Actor
from headway.kernel.errors import Conflict, Invalid
from headway.kernel.ids import Ref


def change_password(session: Session, actor: Actor, *, old: str, new: str, keep: str | None = None) -> Person:
    """Set one's own password and end one's other sessions; to be called in an ``attempt`` for the actor.

    Args: keep: id of the session that goes on.
    Raises: NotYours: a service has no password; Conflict: the person signs in without one; WrongPassword; WeakPassword.
    """
    if not actor.is_person:
        raise NotYours(f"{actor.ref} has no password", values={"rule": "password-of-owner"})
    person = get_person(session, Ref.parse(actor.ref).slug)
    password_hash = store.password_hash(session, person.id)
    if password_hash is None:
        raise Conflict(
            "you sign in without a password here",
            hint="ask the AI office for a code with which you set one: headway person invite",
        )
    if not check_password(password_hash, old):
        raise WrongPassword("this is not your password", values={"rule": "password-again", "action": "password:change"})
    check_strength(new, person.name, person.email or "")
    if check_password(password_hash, new):
        raise Invalid("this is the password of before", hint="choose another one")
    store.set_password(session, person.id, hash_password(new))
    ledger.record(session, actor=actor, type="password.changed", subject=Ref("person", person.id))
    close_sessions(session, actor, person.id, keep=keep)
    return get_person(session, person.id)
