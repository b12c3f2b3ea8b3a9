"""Exceptions from the tier high: assessed by one person, accepted by another, for a year at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_tier_exceptions"
down_revision: str | None = "0030_break_glass"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CHECKS = {
    "two_people": "state not in ('accepted', 'ended') or answered_by <> assessed_by",
    "people_only": "assessed_by like 'person:%' and answered_by like 'person:%' and ended_by like 'person:%'",
    "known_state": "state in ('assessed', 'accepted', 'refused', 'ended')",
    "days_in_range": "days between 1 and 365",
    "at_most_as_assessed": "ends_at <= answered_at + days * interval '24 hours'",
    "accepted_until": "(state in ('accepted', 'ended')) = (ends_at is not null)",
    "answered_by_somebody": "(state = 'assessed') = (answered_by is null)",
    "ended_by_somebody": "(state = 'ended') = (ended_by is not null)",
}

# An exception begins as an assessment, is answered once, and ends at most once; nothing that was said is written over.
KEEP = """
create function governance.keep_tier_exception() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.state = 'assessed' then
    return new;
  end if;
  if tg_op = 'UPDATE'
     and (new.id, new.usecase, new.condition, new.reasons, new.days, new.basis, new.assessed_by, new.assessed_at)
       = (old.id, old.usecase, old.condition, old.reasons, old.days, old.basis, old.assessed_by, old.assessed_at)
     and ((old.state = 'assessed' and new.state in ('accepted', 'refused'))
          or (old.state = 'accepted' and new.state = 'ended'
              and (new.answered_by, new.answered_at, new.answer, new.ends_at)
                = (old.answered_by, old.answered_at, old.answer, old.ends_at))) then
    return new;
  end if;
  raise exception 'governance.tier_exceptions: only the answer to an assessment, or an early end, may be written'
    using errcode = 'integrity_constraint_violation';
end $$
"""


def upgrade() -> None:
    """Make the table and what keeps it."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "tier_exceptions",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("id", "usecase", "condition", "reasons", "basis", "state", "assessed_by")
        ),
        *(sa.Column(name, sa.Text()) for name in ("answered_by", "answer", "ended_by", "ended_because")),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("assessed_at", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT) for name in ("answered_at", "ends_at", "ended_at")),
        sa.PrimaryKeyConstraint("id", name="pk_tier_exceptions"),
        sa.ForeignKeyConstraint(["usecase"], ["governance.usecases.slug"], name="fk_tier_exceptions_usecase_usecases"),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_tier_exceptions_{name}")) for name, rule in CHECKS.items()),
        schema="governance",
    )
    op.create_index("ix_tier_exceptions_usecase_id", "tier_exceptions", ["usecase", "id"], schema="governance")
    op.execute(KEEP)
    op.execute(
        "create trigger keep before insert or update or delete on governance.tier_exceptions "
        "for each row execute function governance.keep_tier_exception()"
    )


def downgrade() -> None:
    """Forget exceptions."""
    op.drop_table("tier_exceptions", schema="governance")
    op.execute("drop function governance.keep_tier_exception()")
