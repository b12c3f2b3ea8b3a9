"""Rules of the organisation's own, and the decision-rights matrix that they are made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0047_narrowings"
down_revision: str | None = "0046_notices"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEEP_NARROWING = """
create function identity.keep_narrowing() returns trigger language plpgsql as $$
begin
  raise exception 'identity.narrowings: a version is never changed; make another one'
    using errcode = 'integrity_constraint_violation';
end $$
"""
KEEP_RIGHTS = """
create function governance.keep_decision_rights() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.confirmed_at is null then
    return new;
  elsif tg_op = 'UPDATE'
     and (new.id, new.version, new.rows, new.reason, new.digest, new.policies, new.adopted_by, new.adopted_at)
       = (old.id, old.version, old.rows, old.reason, old.digest, old.policies, old.adopted_by, old.adopted_at)
     and old.confirmed_at is null and new.confirmed_at is not null then
    return new;
  end if;
  raise exception 'governance.decision_rights: only a confirmation may be added' using errcode = 'integrity_constraint_violation';
end $$
"""
RULES = {
    "two_people": "confirmed_by <> adopted_by",
    "people_only": "adopted_by like 'person:%' and confirmed_by like 'person:%'",
    "confirmed_whole": (
        "(confirmed_by is null) = (confirmed_at is null) and (confirmed_by is null) = (envelope is null) "
        "and (confirmed_by is null) = (key_id is null)"
    ),
}


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "narrowings",
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "policies", "made_by")),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_narrowings"),
        sa.CheckConstraint("version > 0", name=op.f("ck_narrowings_counted")),
        schema="identity",
    )
    op.create_table(
        "decision_rights",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rows", JSONB(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "digest", "policies", "adopted_by")),
        sa.Column("adopted_at", MOMENT, nullable=False),
        sa.Column("confirmed_by", sa.Text()),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("key_id", sa.Text()),
        sa.Column("envelope", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_decision_rights"),
        sa.UniqueConstraint("version", name="uq_decision_rights_version"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_decision_rights_{name}")) for name, rule in RULES.items()),
        schema="governance",
    )
    op.create_table(
        "decision_rights_draft",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("rows", JSONB(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision_rights_draft"),
        sa.CheckConstraint("id = 1", name=op.f("ck_decision_rights_draft_one")),
        schema="governance",
    )
    op.execute(KEEP_NARROWING)
    op.execute(KEEP_RIGHTS)
    op.execute(
        "create trigger keep_narrowing before update or delete on identity.narrowings "
        "for each row execute function identity.keep_narrowing()"
    )
    op.execute(
        "create trigger keep_decision_rights before insert or update or delete on governance.decision_rights "
        "for each row execute function governance.keep_decision_rights()"
    )


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("decision_rights_draft", schema="governance")
    op.drop_table("decision_rights", schema="governance")
    op.drop_table("narrowings", schema="identity")
    op.execute("drop function governance.keep_decision_rights()")
    op.execute("drop function identity.keep_narrowing()")
