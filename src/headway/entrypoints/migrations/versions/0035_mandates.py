"""Programmes with a sponsor, and the mandates that sponsors sign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035_mandates"
down_revision: str | None = "0034_dossiers"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

# A mandate begins as a draft. What it says never changes; it is signed once, by its sponsor, withdrawn once, and of each notice it
# is noted once that people were told.
KEEP_MANDATE = """
create function governance.keep_mandate() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.signed_at is null and new.withdrawn_at is null and new.told_ending_at is null and new.told_lapsed_at is null then
      return new;
    end if;
  elsif tg_op = 'UPDATE'
     and (new.id, new.programme, new.sponsor, new.departments, new.purpose, new.budget_minor, new.currency, new.people,
          new.valid_from, new.valid_until, new.drafted_by, new.drafted_at, new.digest)
       = (old.id, old.programme, old.sponsor, old.departments, old.purpose, old.budget_minor, old.currency, old.people,
          old.valid_from, old.valid_until, old.drafted_by, old.drafted_at, old.digest)
     and ((new.signed_by, new.signed_at, new.key_id, new.envelope)
            is not distinct from (old.signed_by, old.signed_at, old.key_id, old.envelope)
          or (old.signed_at is null and old.withdrawn_at is null and new.withdrawn_at is null
              and (new.signed_at at time zone 'UTC')::date <= new.valid_until))
     and ((new.withdrawn_by, new.withdrawn_at, new.withdrawn_because)
            is not distinct from (old.withdrawn_by, old.withdrawn_at, old.withdrawn_because)
          or old.withdrawn_at is null)
     and (new.told_ending_at is not distinct from old.told_ending_at or old.told_ending_at is null)
     and (new.told_lapsed_at is not distinct from old.told_lapsed_at or old.told_lapsed_at is null) then
    return new;
  end if;
  raise exception 'governance.mandates: only a signature, a withdrawal or a notice may be added to a mandate'
    using errcode = 'integrity_constraint_violation';
end $$
"""
CHECKS = {
    "signed_by_the_sponsor": "signed_by = sponsor",
    "two_people": "drafted_by <> sponsor",
    "people_only": "sponsor like 'person:%' and drafted_by like 'person:%' and withdrawn_by like 'person:%'",
    "begins_before_it_ends": "valid_until >= valid_from",
    "means_count": "budget_minor >= 0 and people >= 0 and people < 'infinity'",
    "known_currency": "currency ~ '^[A-Z]{3}$'",
    "says_enough": "char_length(btrim(purpose)) >= 20",
    "signed_whole": (
        "(signed_by is null) = (signed_at is null) and (signed_by is null) = (envelope is null) "
        "and (signed_by is null) = (key_id is null)"
    ),
    "withdrawn_whole": (
        "(withdrawn_by is null) = (withdrawn_at is null) and (withdrawn_by is null) = (withdrawn_because is null)"
    ),
}


def upgrade() -> None:
    """Make the tables and what keeps them."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "programmes",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "title", "sponsor", "opened_by")),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("opened_at", "updated_at")),
        sa.PrimaryKeyConstraint("slug", name="pk_programmes"),
        sa.CheckConstraint("sponsor like 'person:%'", name=op.f("ck_programmes_people_only")),
        schema="governance",
    )
    op.create_table(
        "programme_departments",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("department", "programme")),
        sa.PrimaryKeyConstraint("department", name="pk_programme_departments"),
        _of_programme("programme_departments"),
        schema="governance",
    )
    _mandates()
    for table in ("programme_departments", "mandates"):
        op.create_index(f"ix_{table}_programme", table, ["programme"], schema="governance")
    op.execute(KEEP_MANDATE)
    op.execute(
        "create trigger keep_mandate before insert or update or delete on governance.mandates "
        "for each row execute function governance.keep_mandate()"
    )


def _mandates() -> None:
    said = ("id", "programme", "sponsor", "purpose", "currency", "drafted_by", "digest")
    later = ("signed_by", "key_id", "withdrawn_by", "withdrawn_because")
    op.create_table(
        "mandates",
        *(sa.Column(name, sa.Text(), nullable=False) for name in said),
        sa.Column("departments", JSONB(), nullable=False),
        sa.Column("budget_minor", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Float(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("valid_from", "valid_until")),
        sa.Column("drafted_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Text()) for name in later),
        sa.Column("envelope", sa.LargeBinary()),
        *(sa.Column(name, MOMENT) for name in ("signed_at", "withdrawn_at", "told_ending_at", "told_lapsed_at")),
        sa.PrimaryKeyConstraint("id", name="pk_mandates"),
        _of_programme("mandates"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_mandates_{name}")) for name, rule in CHECKS.items()),
        schema="governance",
    )
    op.create_index(
        "uq_mandates_draft",
        "mandates",
        ["programme"],
        unique=True,
        schema="governance",
        postgresql_where=sa.text("signed_at is null and withdrawn_at is null"),
    )


def _of_programme(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["programme"], ["governance.programmes.slug"], name=f"fk_{table}_programme_programmes"
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("mandates", "programme_departments", "programmes"):
        op.drop_table(table, schema="governance")
    op.execute("drop function governance.keep_mandate()")
