"""Identity providers, sign-ins under way, accounts elsewhere, and where a role comes from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015_identity_providers"
down_revision: str | None = "0014_uploads"
branch_labels = None
depends_on = None

SCHEMA = "identity"
TIME = sa.DateTime(timezone=True)
HELD: list[str | sa.TextClause] = ["principal", "role", sa.text("coalesce(department, '')")]


def upgrade() -> None:
    """Make the tables; roles there are were given by hand."""
    op.execute("set local lock_timeout = '5s'")
    _make_providers()
    _make_states()
    _make_accounts()
    op.add_column(
        "roles", sa.Column("source", sa.Text(), nullable=False, server_default=sa.text("'hand'")), schema=SCHEMA
    )
    _index_roles([*HELD, "source"])


def downgrade() -> None:
    """Drop the tables, and the roles that providers gave."""
    op.execute("delete from identity.roles where source <> 'hand'")
    _index_roles(HELD)
    op.drop_column("roles", "source", schema=SCHEMA)
    for table in ("external_accounts", "oidc_states", "providers"):
        op.drop_table(table, schema=SCHEMA)


def _index_roles(columns: list[str | sa.TextClause]) -> None:
    op.drop_index("uq_roles_held", "roles", schema=SCHEMA)
    op.create_index(
        "uq_roles_held", "roles", columns, unique=True, schema=SCHEMA, postgresql_where=sa.text("revoked_at is null")
    )


def _make_providers() -> None:
    op.create_table(
        "providers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("secret_name", sa.Text(), nullable=True),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("groups_claim", sa.Text(), nullable=False),
        sa.Column("group_roles", JSONB(), nullable=False),
        sa.Column("creates_people", sa.Boolean(), nullable=False),
        sa.Column("mail_domains", JSONB(), nullable=False),
        sa.Column("trusts_mail", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("source in ('api', 'file')", name=op.f("ck_providers_source")),
        sa.PrimaryKeyConstraint("id", name="pk_providers"),
        schema=SCHEMA,
    )


def _make_states() -> None:
    op.create_table(
        "oidc_states",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("binding_hash", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_oidc_states"),
        schema=SCHEMA,
    )


def _make_accounts() -> None:
    op.create_table(
        "external_accounts",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("last_sign_in_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["identity.people.id"], name="fk_external_accounts_person_id_people"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_external_accounts"),
        sa.UniqueConstraint("issuer", "person_id", name="uq_external_accounts_issuer_person_id"),
        schema=SCHEMA,
    )
