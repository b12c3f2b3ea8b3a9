"""Signing in with an identity provider: two legs, a state between them, and the person and roles that follow.

Network calls are made outside of any transaction; so these functions take the database, not a session.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from headway import ledger
from headway.identity import store
from headway.identity.adapters import oidc
from headway.identity.claims import Facts, check_domain, has_all, read_claims, roles_of
from headway.identity.entities import Begun, IdentityProvider, Person, Role, SignedIn
from headway.identity.errors import LastAiOffice, OidcRefused
from headway.identity.providers import local_path
from headway.identity.service import throttle
from headway.identity.service.credentials import token_hash
from headway.identity.service.providers import get_provider
from headway.identity.service.roles import grant_role, revoke_role
from headway.identity.service.sessions import open_session, session_limits
from headway.identity.store import OidcState
from headway.kernel import clock
from headway.kernel.auth import SYSTEM, RoleGrant
from headway.kernel.database import Database
from headway.kernel.ids import Ref, new_id
from headway.kernel.settings import Settings, read_secret

LIFE = timedelta(minutes=10)


def begin_oidc(database: Database, provider_id: str, *, redirect_uri: str, next: str = "/") -> Begun:
    """Begin a sign-in at a provider.

    Args: redirect_uri: where the provider sends the browser back to; next: path here to go to afterwards.
    Returns: the address to send the browser to, and the value to keep in a cookie of this browser for ten minutes.
    Raises: ProviderNotFound, ProviderUnavailable.
    """
    with database.session() as session:
        provider = get_provider(session, provider_id)
    metadata = oidc.discover(provider.issuer)
    state, binding, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    under_way = OidcState(
        provider_id=provider_id,
        binding_hash=token_hash(binding),
        nonce=nonce,
        verifier=verifier,
        redirect_uri=redirect_uri,
        next=local_path(next),
    )
    with database.session() as session:
        now = clock.now()
        store.add_state(session, under_way, hash_=token_hash(state), at=now, expires_at=now + LIFE)
    url = oidc.authorization_url(
        provider, metadata, state=state, nonce=nonce, verifier=verifier, redirect_uri=redirect_uri
    )
    return Begun(url=url, binding=binding)


def finish_oidc(
    database: Database,
    provider_id: str,
    *,
    query: Mapping[str, str],
    binding: str,
    source: str,
    settings: Settings,
    agent: str = "",
    replaces: str | None = None,
) -> SignedIn:
    """Finish a sign-in at a provider: check what the browser brought back, find or make the person, set their roles.

    Args: query: the parameters of the address the browser came back to; binding: the value of its cookie.
    Raises: OidcRefused, recorded in the ledger and counted against the source; TooManyAttempts; ProviderUnavailable;
    ProviderNotFound.
    """
    with database.session() as session:
        provider = get_provider(session, provider_id)
        throttle.check_rate(session, throttle.key("source", source), throttle.SOURCE_LIMIT)
    try:
        state = _take_state(database, provider, query, binding)
        facts = _ask(provider, state, query, settings)
        with database.session() as session:
            person = _person(session, provider, facts)
            _set_roles(session, provider, person, facts)
            token = open_session(
                session,
                person,
                how=f"provider:{provider.id}",
                source=source,
                agent=agent,
                limits=session_limits(settings),
                replaces=replaces,
            )
        return SignedIn(token=token, next=state.next)
    except OidcRefused as refused:
        _record_refusal(database, provider, refused, source)
        raise


def oidc_logout_url(database: Database, session_id: str, *, return_to: str) -> str | None:
    """Write the address at which a person signs out at the provider too.

    Returns: None when the session was not opened with a provider, or that offers no such address or is not there.
    """
    with database.session() as session:
        held = store.get_session(session, session_id)
        kind, _, provider_id = held.how.partition(":") if held else ("", "", "")
        provider = store.get_provider(session, provider_id) if kind == "provider" else None
    if provider is None:
        return None
    return oidc.logout_url(provider, oidc.discover(provider.issuer), return_to=return_to)


def _take_state(database: Database, provider: IdentityProvider, query: Mapping[str, str], binding: str) -> OidcState:
    """Take the state, committed, so that it serves once whatever comes of it."""
    with database.session() as session:
        state = store.take_state(session, token_hash(query.get("state", "")), clock.now())
    if state is None or state.provider_id != provider.id:
        raise OidcRefused(
            "this sign-in is not under way: it was finished already, or took longer than ten minutes",
            hint="begin again",
            values={"rule": "state"},
        )
    if not hmac.compare_digest(state.binding_hash, token_hash(binding)):
        raise OidcRefused(
            "this sign-in was begun in another browser", hint="begin again here", values={"rule": "binding"}
        )
    return state


def _ask(provider: IdentityProvider, state: OidcState, query: Mapping[str, str], settings: Settings) -> Facts:
    """Exchange the code and read who the person is there."""
    if "error" in query:
        told = "".join(letter for letter in query["error"][:60] if letter.isalnum() or letter in "_-.")
        raise OidcRefused(f"{provider.label} refused: {told}", hint="begin again", values={"rule": "provider-refused"})
    metadata = oidc.discover(provider.issuer)
    if query.get("iss", metadata.issuer) != metadata.issuer:
        raise OidcRefused("the answer is of another issuer", hint="begin again", values={"rule": "issuer"})
    tokens = oidc.exchange(
        provider,
        metadata,
        secret=read_secret(settings, provider.secret_name) if provider.secret_name else None,
        code=query.get("code", ""),
        verifier=state.verifier,
        redirect_uri=state.redirect_uri,
    )
    claims: dict[str, Any] = oidc.read_id_token(provider, metadata, tokens, nonce=state.nonce)
    wants_groups = bool(provider.group_roles)
    if not has_all(claims, groups_claim=provider.groups_claim, wants_groups=wants_groups):
        claims = {**oidc.read_userinfo(metadata, tokens, subject=str(claims["sub"])), **claims}
    return read_claims(claims, groups_claim=provider.groups_claim)


def _person(session: Session, provider: IdentityProvider, facts: Facts) -> Person:
    """Find the person, link an account there to one, or make one."""
    check_domain(provider, facts)
    store.lock(session, f"identity.oidc.{provider.issuer}.{facts.subject}")
    person_id = store.linked_person(session, provider.issuer, facts.subject)
    if person_id is None:
        person_id = _link(session, provider, facts) or _make(session, provider, facts)
    person = store.get_person(session, person_id)
    if person is None or not person.is_active:
        raise OidcRefused("your account here is closed", hint="ask the AI office", values={"rule": "account-closed"})
    store.note_sign_in(session, provider.issuer, facts.subject, clock.now())
    return person


def _link(session: Session, provider: IdentityProvider, facts: Facts) -> str | None:
    """Link to the person who has the address here, when the provider is trusted for it; None when nobody has it."""
    found = store.account(session, facts.email) if facts.email else None
    if found is None:
        return None
    person = found[0]
    if not (provider.trusts_mail and facts.is_mail_verified):
        why = "is not trusted for mail addresses" if facts.is_mail_verified else "did not verify your address"
        raise OidcRefused(
            f"somebody here has your mail address, and {provider.label} {why}",
            hint="sign in the other way, or ask the AI office",
            values={"rule": "mail-not-trusted"},
        )
    if not store.add_account(session, provider, subject=facts.subject, person_id=person.id, at=clock.now()):
        raise OidcRefused(
            f"your mail address belongs to somebody else at {provider.label}",
            hint="ask the AI office",
            values={"rule": "already-linked"},
        )
    _record(session, provider, "person.linked", person.id, {"provider": provider.id, "by": "mail"})
    return person.id


def _make(session: Session, provider: IdentityProvider, facts: Facts) -> str:
    """Make a person who signs in for the first time."""
    if not provider.creates_people:
        raise OidcRefused(
            "you have no account here", hint="ask the AI office to add you", values={"rule": "no-account"}
        )
    if facts.email is None or not facts.is_mail_verified:
        raise OidcRefused(
            f"{provider.label} did not verify your mail address",
            hint="verify it there, or ask the AI office to add you",
            values={"rule": "mail-not-verified"},
        )
    person_id, now = new_id("per"), clock.now()
    store.add_person(session, id=person_id, name=facts.name, email=facts.email, at=now)
    store.add_account(session, provider, subject=facts.subject, person_id=person_id, at=now)
    payload = {"name": facts.name, "email": facts.email}
    subject = Ref("person", person_id)
    ledger.record(session, actor=SYSTEM, type="person.added", subject=subject, payload=payload, personal=True)
    _record(session, provider, "person.linked", person_id, {"provider": provider.id, "by": "first sign-in"})
    return person_id


def _set_roles(session: Session, provider: IdentityProvider, person: Person, facts: Facts) -> None:
    """Make the roles that come from this provider those that follow from the groups of now; others stay."""
    if facts.groups is None and provider.group_roles:
        raise OidcRefused(
            f"you are in more groups than {provider.label} tells, so your roles here are not known",
            hint="the operator lets the provider send only the groups assigned to this application",
            values={"rule": "groups-unknown"},
        )
    wanted = roles_of(facts.groups or (), provider.group_roles)
    source = f"provider:{provider.id}"
    held = {
        RoleGrant(role=entry.role.value, department=entry.department): entry.id
        for entry in store.roles(session, principal=person.ref, source=source)
    }
    for grant in sorted(wanted - held.keys(), key=str):
        principal, role = Ref("person", person.id), Role(grant.role)
        grant_role(session, SYSTEM, principal=principal, role=role, department=grant.department, source=source)
    for grant in held.keys() - wanted:
        try:
            revoke_role(session, SYSTEM, held[grant])
        except LastAiOffice:
            _record(session, provider, "role.kept", person.id, {"role": grant.role, "why": "last of the AI office"})


def _record(
    session: Session, provider: IdentityProvider, type_: str, person_id: str, payload: Mapping[str, object]
) -> None:
    ledger.record(session, actor=SYSTEM, type=type_, subject=Ref("person", person_id), payload=payload)


def _record_refusal(database: Database, provider: IdentityProvider, refused: OidcRefused, source: str) -> None:
    with database.session() as session:
        store.add_failure(session, (throttle.key("source", source),), clock.now())
        ledger.record_refusal(
            session,
            actor="service:anonymous",
            error=refused,
            action="person:sign-in",
            resource=f"provider:{provider.id}",
        )
