"""API tokens: shown once, stored as a hash, narrowed by scopes, ended by time or by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.entities import ROOT, NewToken, Role, Token
from headway.identity.errors import NotYours, TokenNotFound, TokenRefused
from headway.identity.service import sessions
from headway.identity.service.credentials import new_secret, token_hash
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, Actor, RoleGrant
from headway.kernel.errors import Denied, Invalid
from headway.kernel.ids import Ref, new_id
from headway.kernel.paging import MAX_LIMIT, Page

START = "hwy_"
NODE_SCOPES = frozenset({"decide", "outcome"})  # worth something at a node only


def create_token(
    session: Session,
    actor: Actor,
    *,
    owner: Ref | None = None,
    name: str,
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> NewToken:
    """Make a token that acts as ``owner``: the actor themselves (default) or a service, ``service:NAME``.

    Args: scopes: actions (``run:train``), nouns (``run:*``) or a node's ``decide`` and ``outcome``; None: all that the
    owner's roles allow.
    Raises: NotYours: the owner is another person; Denied: the actor's own token has narrower scopes, or the service
    may do more than the actor; Invalid.
    """
    holder = owner or Ref.parse(actor.ref)
    _check_owner(actor, holder)
    wanted = None if scopes is None else tuple(dict.fromkeys(scopes))
    _check_scopes(actor, wanted)
    _check_power(session, actor, holder, wanted)
    if not name.strip():
        raise Invalid("a token needs a name that tells what it is for")
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid("the token would have expired already", values={"expires_at": clock.iso(expires_at)})
    return issue(session, actor, owner=holder, name=name, scopes=wanted, expires_at=expires_at)


def issue(
    session: Session,
    actor: Actor,
    *,
    owner: Ref,
    name: str,
    scopes: tuple[str, ...] | None = None,
    expires_at: datetime | None = None,
) -> NewToken:
    """Make a token after the checks."""
    prefix, secret = new_secret(START)
    token = NewToken(
        id=new_id("tok"),
        secret=secret,
        hash=token_hash(secret),
        name=name,
        owner=str(owner),
        scopes=scopes,
        expires_at=expires_at,
    )
    store.add_token(session, token, prefix=prefix, created_by=actor.ref, at=clock.now())
    ledger.record(
        session,
        actor=actor,
        type="token.created",
        subject=Ref("token", token.id),
        payload={"owner": token.owner, "scopes": scopes, "expires_at": expires_at, "name": name},
    )
    return token


def authenticate(session: Session, token: str) -> Actor:
    """Turn the token that a caller sent into an actor with roles and scopes; a session's secret counts as one.

    Raises: TokenRefused, SessionUnknown, SessionExpired, SessionEnded.
    """
    if token.startswith(sessions.START):
        return sessions.resume(session, token).actor
    found = store.token_by_hash(session, token_hash(token)) if token.startswith(START) else None
    if found is None:
        raise TokenRefused("this token is not known here", hint="make one with 'headway token create'")
    now = clock.now()
    if found.revoked_at is not None:
        raise TokenRefused("this token was revoked", hint="make a new one with 'headway token create'")
    if found.expires_at is not None and found.expires_at <= now:
        raise TokenRefused("this token has expired", hint="sign in again, or make a new one")
    owner = Ref.parse(found.owner)
    name = owner.slug
    if owner.kind == "person":
        person = store.get_person(session, owner.slug)
        if person is None or not person.is_active:
            raise TokenRefused("the owner of this token is no longer active", hint="ask the AI office")
        name = person.name
    store.touch_token(session, found, now)
    return Actor(
        ref=found.owner,
        name=name,
        roles=store.role_grants(session, found.owner),
        scopes=None if found.scopes is None else frozenset(found.scopes),
        narrowing=store.narrowing_version(session),
    )


def get_token(session: Session, token_id: str) -> Token:
    """Read one token; raises TokenNotFound."""
    found = store.get_token(session, token_id)
    if found is None:
        raise TokenNotFound(f"there is no token {token_id}")
    return found


def find_token(session: Session, secret: str) -> Token:
    """Read the token with this secret; raises TokenNotFound."""
    found = store.token_by_hash(session, token_hash(secret))
    if found is None:
        raise TokenNotFound("this token is not known here")
    return found


def owner_of(session: Session, hash_: str) -> str | None:
    """Whose token has this hash, as ``person:ID`` or ``service:NAME``; None when no token made here has it."""
    found = store.token_by_hash(session, hash_)
    if found is not None:
        return str(found.owner)
    held = store.session_by_hash(session, hash_)
    return None if held is None else held[0].person


def dead_tokens(session: Session, hashes: Collection[str]) -> set[str]:
    """Of some tokens' hashes, those that were revoked, have expired, or whose owner is no longer active."""
    now = clock.now()
    return store.dead_hashes(session, hashes, now) | store.closed_hashes(session, hashes, now)


def list_tokens(
    session: Session, *, owner: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[Token]:
    """Read tokens, newest first."""
    limit = max(1, min(limit, MAX_LIMIT))
    found = store.tokens(session, owner=owner, after=cursor, limit=limit + 1)
    return Page(items=tuple(found[:limit]), next=found[limit - 1].id if len(found) > limit else None)


def revoke_token(session: Session, actor: Actor, token_id: str) -> Token:
    """End a token at once; ending it twice changes nothing."""
    token = get_token(session, token_id)
    if token.revoked_at is None:
        store.revoke_token(session, token_id, clock.now())
        subject, payload = Ref("token", token_id), {"owner": token.owner}
        ledger.record(session, actor=actor, type="token.revoked", subject=subject, payload=payload)
    return get_token(session, token_id)


def _check_owner(actor: Actor, owner: Ref) -> None:
    if owner.kind not in ("person", "service") or owner.mark is not None:
        raise Invalid(f"{owner} cannot own a token", hint="write service:NAME")
    if str(owner) == SYSTEM.ref:
        raise NotYours("no token can be made for the platform itself", values={"rule": "headway-itself"})
    if owner.kind == "person" and str(owner) != actor.ref:
        raise NotYours(
            f"a token of {owner} would act as {owner}, so only they can make it",
            hint="let them sign in and run 'headway token create', or make one for a service: --service NAME",
            values={"rule": "token-of-owner", "action": "token:create", "resource": str(owner)},
        )


def _check_power(session: Session, actor: Actor, owner: Ref, wanted: tuple[str, ...] | None) -> None:
    """Refuse a token of a service that may do what the actor may not: it would lend them the service's roles."""
    if str(owner) == actor.ref or (wanted is not None and NODE_SCOPES.issuperset(wanted)):
        return
    parents = store.parents(session)
    over = [held for held in store.role_grants(session, str(owner)) if not _covers(actor.roles, held, parents)]
    if over:
        told = ", ".join(f"{held.role} in {held.department or ROOT}" for held in over)
        raise Denied(
            f"{owner} holds {told}, which you do not",
            hint="let the AI office make this token, or limit it to a node's scopes: --scope decide --scope outcome",
            values={"rule": "service-within-roles", "action": "token:create", "resource": str(owner)},
        )


def _covers(roles: Sequence[RoleGrant], held: RoleGrant, parents: Mapping[str, str | None]) -> bool:
    """Whether somebody with these roles has a role too, or the AI office, there or in a department above."""
    above: set[str | None] = {None}
    place = held.department
    while place is not None:
        above.add(place)
        place = parents.get(place)
    return any(mine.role in (held.role, Role.ai_office) and mine.department in above for mine in roles)


def _check_scopes(actor: Actor, wanted: tuple[str, ...] | None) -> None:
    if actor.scopes is None:
        return
    nouns = {scope.removesuffix(":*") for scope in actor.scopes if scope.endswith(":*")}
    over = [s for s in wanted or ("everything",) if s not in actor.scopes and s.partition(":")[0] not in nouns]
    if over:
        raise Denied(
            f"your token does not have {', '.join(over)} itself",
            hint="use a token whose scopes include what the new one needs",
            values={"rule": "token-scope", "action": "token:create", "resource": actor.ref},
        )
