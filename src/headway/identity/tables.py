"""Rows of identity. Secrets are never stored, only their hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from headway.kernel.database import Base

SCHEMA = {"schema": "identity"}


class DepartmentRow(Base):
    """A department; its parent never changes, so the tree cannot close into a ring."""

    __tablename__ = "departments"
    __table_args__ = (
        CheckConstraint("(parent is null) = (slug = 'org')", name="one_root"),
        CheckConstraint("parent <> slug", name="not_own_parent"),
        SCHEMA,
    )

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(ForeignKey("identity.departments.slug"))
    region: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class PersonRow(Base):
    """A human being."""

    __tablename__ = "people"
    __table_args__ = (SCHEMA,)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text, unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class RoleRow(Base):
    """A role held by a person or service, until it is taken back."""

    __tablename__ = "roles"
    __table_args__ = (
        Index(
            "uq_roles_held",
            "principal",
            "role",
            text("coalesce(department, '')"),
            "source",
            unique=True,
            postgresql_where=text("revoked_at is null"),
        ),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    principal: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(ForeignKey("identity.departments.slug"))
    source: Mapped[str] = mapped_column(Text, server_default=text("'hand'"))
    granted_by: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class TokenRow(Base):
    """An API token. Rows of the kind ``session`` are of earlier versions, all ended; sessions have a table of their own."""

    __tablename__ = "tokens"
    __table_args__ = (
        CheckConstraint("kind in ('api', 'session')", name="kind"),
        Index("ix_tokens_owner_id", "owner", "id"),
        SCHEMA,
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    hash: Mapped[str] = mapped_column(Text, unique=True)
    prefix: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class SessionRow(Base):
    """A person's session in a browser or at a terminal; ``expires_at`` is its end however busy it is."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_person_id_id", "person_id", "id"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    hash: Mapped[str] = mapped_column(Text, unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity.people.id"))
    how: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    idle_minutes: Mapped[int]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CodeRow(Base):
    """A one-time code: to ``join``, by the set-up (no person) or an invitation, or to ``sign-in`` by a link."""

    __tablename__ = "codes"
    __table_args__ = (CheckConstraint("purpose in ('join', 'sign-in')", name="purpose"), SCHEMA)

    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("identity.people.id"))
    purpose: Mapped[str] = mapped_column(Text, server_default=text("'join'"))
    made_by: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class FailureRow(Base):
    """A failed attempt to sign in or to use a code; ``key`` is a hash of account or address."""

    __tablename__ = "failures"
    __table_args__ = (Index("ix_failures_key_at", "key", "at"), SCHEMA)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ProviderRow(Base):
    """An identity provider; ``secret_name`` says where the client secret is, never what it is."""

    __tablename__ = "providers"
    __table_args__ = (CheckConstraint("source in ('api', 'file')", name="source"), SCHEMA)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    secret_name: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSONB)
    groups_claim: Mapped[str] = mapped_column(Text)
    group_roles: Mapped[list[dict[str, str | None]]] = mapped_column(JSONB)
    creates_people: Mapped[bool]
    mail_domains: Mapped[list[str]] = mapped_column(JSONB)
    trusts_mail: Mapped[bool]
    source: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class OidcStateRow(Base):
    """A sign-in under way at a provider: taken once, by the browser that began it, within ten minutes."""

    __tablename__ = "oidc_states"
    __table_args__ = (SCHEMA,)

    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    provider_id: Mapped[str] = mapped_column(Text)
    binding_hash: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(Text)
    verifier: Mapped[str] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    next: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]


class ExternalAccountRow(Base):
    """Who a person is at a provider."""

    __tablename__ = "external_accounts"
    __table_args__ = (UniqueConstraint("issuer", "person_id"), SCHEMA)

    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    provider_id: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str] = mapped_column(ForeignKey("identity.people.id"))
    linked_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime]


class NarrowingRow(Base):
    """Rules of the organisation's own, which only forbid; the newest version is in force. Never changed, by a trigger."""

    __tablename__ = "narrowings"
    __table_args__ = (CheckConstraint("version > 0", name="counted"), SCHEMA)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)
    policies: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
