"""Rows of identity providers, sign-ins under way and accounts elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from headway.identity.entities import GroupRole, IdentityProvider, ProviderConfig, Role
from headway.identity.tables import ExternalAccountRow, OidcStateRow, ProviderRow

ProviderSource = Literal["api", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcState:
    """A sign-in under way at a provider."""

    provider_id: str
    binding_hash: str
    nonce: str
    verifier: str
    redirect_uri: str
    next: str


def put_provider(session: Session, config: ProviderConfig, *, source: ProviderSource, at: datetime) -> None:
    """Write a provider, in place of the one with its id."""
    row = {
        "id": config.id,
        "label": config.label,
        "issuer": config.issuer,
        "client_id": config.client_id,
        "secret_name": config.secret_name,
        "scopes": list(config.scopes),
        "groups_claim": config.groups_claim,
        "group_roles": [
            {"group": entry.group, "role": entry.role.value, "department": entry.department}
            for entry in config.group_roles
        ],
        "creates_people": config.creates_people,
        "mail_domains": list(config.mail_domains),
        "trusts_mail": config.trusts_mail,
        "source": source,
        "created_at": at,
    }
    changed = {name: value for name, value in row.items() if name not in ("id", "created_at")}
    session.execute(insert(ProviderRow).values(row).on_conflict_do_update(index_elements=["id"], set_=changed))


def providers(session: Session) -> list[IdentityProvider]:
    """Read all providers by label."""
    rows = session.scalars(select(ProviderRow).order_by(ProviderRow.label, ProviderRow.id))
    return [_provider(row) for row in rows]


def get_provider(session: Session, provider_id: str) -> IdentityProvider | None:
    """Read one provider."""
    row = session.get(ProviderRow, provider_id, populate_existing=True)
    return _provider(row) if row else None


def remove_provider(session: Session, provider_id: str) -> None:
    """Remove a provider, the sign-ins under way there, and what links people to it."""
    for table in (OidcStateRow, ExternalAccountRow):
        session.execute(delete(table).where(table.provider_id == provider_id))
    session.execute(delete(ProviderRow).where(ProviderRow.id == provider_id))


def add_state(session: Session, state: OidcState, *, hash_: str, at: datetime, expires_at: datetime) -> None:
    """Write a sign-in under way; forget those that came to nothing."""
    session.execute(delete(OidcStateRow).where(OidcStateRow.expires_at <= at))
    session.execute(
        insert(OidcStateRow).values(
            hash=hash_,
            provider_id=state.provider_id,
            binding_hash=state.binding_hash,
            nonce=state.nonce,
            verifier=state.verifier,
            redirect_uri=state.redirect_uri,
            next=state.next,
            expires_at=expires_at,
        )
    )


def take_state(session: Session, hash_: str, at: datetime) -> OidcState | None:
    """Take a sign-in under way, once; None when there is none, or it took too long."""
    taking = delete(OidcStateRow).where(OidcStateRow.hash == hash_).returning(OidcStateRow)
    row = session.scalars(taking).one_or_none()
    if row is None or row.expires_at <= at:
        return None
    return OidcState(
        provider_id=row.provider_id,
        binding_hash=row.binding_hash,
        nonce=row.nonce,
        verifier=row.verifier,
        redirect_uri=row.redirect_uri,
        next=row.next,
    )


def linked_person(session: Session, issuer: str, subject: str) -> str | None:
    """Read which person an account at a provider belongs to."""
    query = select(ExternalAccountRow.person_id)
    return session.scalar(query.where(ExternalAccountRow.issuer == issuer, ExternalAccountRow.subject == subject))


def add_account(session: Session, provider: IdentityProvider, *, subject: str, person_id: str, at: datetime) -> bool:
    """Link an account at a provider to a person; False when the person has another one there."""
    row = {"issuer": provider.issuer, "subject": subject, "provider_id": provider.id, "person_id": person_id}
    made = insert(ExternalAccountRow).values(row | {"linked_at": at, "last_sign_in_at": at})
    linked = made.on_conflict_do_nothing().returning(ExternalAccountRow.person_id)
    return session.scalar(linked) is not None


def note_sign_in(session: Session, issuer: str, subject: str, at: datetime) -> None:
    """Note that an account at a provider was signed in with."""
    account = ExternalAccountRow.issuer == issuer, ExternalAccountRow.subject == subject
    session.execute(update(ExternalAccountRow).where(*account).values(last_sign_in_at=at))


def _provider(row: ProviderRow) -> IdentityProvider:
    return IdentityProvider(
        id=row.id,
        label=row.label,
        issuer=row.issuer,
        client_id=row.client_id,
        secret_name=row.secret_name,
        scopes=tuple(row.scopes),
        groups_claim=row.groups_claim,
        group_roles=tuple(
            GroupRole(group=str(entry["group"]), role=Role(str(entry["role"])), department=entry["department"])
            for entry in row.group_roles
        ),
        creates_people=row.creates_people,
        mail_domains=tuple(row.mail_domains),
        trusts_mail=row.trusts_mail,
        source=cast(ProviderSource, row.source),
        created_at=row.created_at,
    )
